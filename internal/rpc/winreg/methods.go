package winreg

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
)

// UUID identifies the interface. [MS-RRP] 1.9.
const UUID = "338cd001-2244-31f1-aaaa-900038001003"

// version is 1.0.
const version = 1

// Syntax identifies the interface to a server.
func Syntax() rpc.Syntax {
	uuid, err := dtyp.ParseGUID(UUID)
	if err != nil {
		panic(err)
	}
	return rpc.Syntax{UUID: uuid, Version: version}
}

// methods is the interface's methods with what they need.
type methods struct {
	registry Registry
}

// New returns the interface, showing r.
func New(r Registry) *rpc.Interface {
	return &rpc.Interface{UUID: Syntax().UUID, Version: version, Name: "winreg", Operations: (&methods{r}).table()}
}

// table lists the methods by opnum. [MS-RRP] 3.1.5.
//
// Rows without a handler are not offered: performance data, and the methods
// that load, save and replace keys from files of the server.
func (m *methods) table() []rpc.Operation {
	return []rpc.Operation{
		0:  {Name: "OpenClassesRoot", Section: "3.1.5.1", Needs: rpc.Viewer, Handle: open(emptyHive)},
		1:  {Name: "OpenCurrentUser", Section: "3.1.5.2", Needs: rpc.Viewer, Handle: open(emptyHive)},
		2:  {Name: "OpenLocalMachine", Section: "3.1.5.3", Needs: rpc.Viewer, Handle: open(localMachine)},
		3:  {Name: "OpenPerformanceData", Section: "3.1.5.4"},
		4:  {Name: "OpenUsers", Section: "3.1.5.5", Needs: rpc.Viewer, Handle: open(emptyHive)},
		5:  {Name: "BaseRegCloseKey", Section: "3.1.5.6", Needs: rpc.User, Handle: baseRegCloseKey},
		6:  {Name: "BaseRegCreateKey", Section: "3.1.5.7", Needs: rpc.Viewer, Handle: m.baseRegCreateKey},
		7:  {Name: "BaseRegDeleteKey", Section: "3.1.5.8", Needs: rpc.Administrator, Handle: baseRegDeleteKey},
		8:  {Name: "BaseRegDeleteValue", Section: "3.1.5.9", Needs: rpc.Administrator, Handle: m.baseRegDeleteValue},
		9:  {Name: "BaseRegEnumKey", Section: "3.1.5.10", Needs: rpc.Viewer, Handle: m.baseRegEnumKey},
		10: {Name: "BaseRegEnumValue", Section: "3.1.5.11", Needs: rpc.Viewer, Handle: m.baseRegEnumValue},
		11: {Name: "BaseRegFlushKey", Section: "3.1.5.12", Needs: rpc.Viewer, Handle: baseRegFlushKey},
		12: {Name: "BaseRegGetKeySecurity", Section: "3.1.5.13", Needs: rpc.Viewer, Handle: baseRegGetKeySecurity},
		13: {Name: "BaseRegLoadKey", Section: "3.1.5.14"},
		15: {Name: "BaseRegOpenKey", Section: "3.1.5.15", Needs: rpc.Viewer, Handle: m.baseRegOpenKey},
		16: {Name: "BaseRegQueryInfoKey", Section: "3.1.5.16", Needs: rpc.Viewer, Handle: m.baseRegQueryInfoKey},
		17: {Name: "BaseRegQueryValue", Section: "3.1.5.17", Needs: rpc.Viewer, Handle: m.baseRegQueryValue},
		18: {Name: "BaseRegReplaceKey", Section: "3.1.5.18"},
		19: {Name: "BaseRegRestoreKey", Section: "3.1.5.19"},
		20: {Name: "BaseRegSaveKey", Section: "3.1.5.20"},
		21: {Name: "BaseRegSetKeySecurity", Section: "3.1.5.21"},
		22: {Name: "BaseRegSetValue", Section: "3.1.5.22", Needs: rpc.Administrator, Handle: m.baseRegSetValue},
		23: {Name: "BaseRegUnLoadKey", Section: "3.1.5.23"},
		26: {Name: "BaseRegGetVersion", Section: "3.1.5.24", Needs: rpc.Viewer, Handle: baseRegGetVersion},
		27: {Name: "OpenCurrentConfig", Section: "3.1.5.25", Needs: rpc.Viewer, Handle: open(emptyHive)},
		29: {Name: "BaseRegQueryMultipleValues", Section: "3.1.5.26", Needs: rpc.Viewer, Handle: m.baseRegQueryMultipleValues},
		31: {Name: "BaseRegSaveKeyEx", Section: "3.1.5.27"},
		32: {Name: "OpenPerformanceText", Section: "3.1.5.28"},
		33: {Name: "OpenPerformanceNlsText", Section: "3.1.5.29"},
		34: {Name: "BaseRegQueryMultipleValues2", Section: "3.1.5.30", Needs: rpc.Viewer, Handle: m.baseRegQueryMultipleValues2},
		35: {Name: "BaseRegDeleteKeyEx", Section: "3.1.5.31", Needs: rpc.Administrator, Handle: baseRegDeleteKey},
	}
}

// readKey reads the handle that most methods begin with.
func readKey(call *rpc.Call) (*key, error) {
	k, _, err := rpc.ReadHandle[*key](call)
	return k, err
}

// finish answers with a status alone.
func finish(call *rpc.Call, s status) error {
	call.Out.U32(uint32(s))
	return call.In.Err()
}

// appendText writes an RRP_UNICODE_STRING that is a parameter, with the NUL
// that it ends with; absent it is empty.
func appendText(w *ndr.Writer, s string, present bool) {
	if !present {
		w.U16(0)
		w.U16(0)
		w.Pointer(false)
		return
	}
	w.Text(s + "\x00")
	w.TextReferent(s + "\x00")
}

// appendHandle answers with a handle, and a status.
func appendHandle(call *rpc.Call, k *key, result status) error {
	handle := rpc.Handle{}
	if result == success {
		var ok bool
		if handle, ok = call.Handles.Add(k); !ok {
			result = tooManyHandles
		}
	}
	call.Out.Handle(handle)
	call.Out.U32(uint32(result))
	return nil
}
