package lsarpc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/ntstatus"
)

// UUID identifies the interface. [MS-LSAT] 1.9.
const UUID = "12345778-1234-abcd-ef00-0123456789ab"

const version = 0

// methods is the interface's methods with what they need.
type methods struct {
	directory *directory.Directory
}

// New returns the interface, telling of d.
func New(d *directory.Directory) *rpc.Interface {
	uuid, err := dtyp.ParseGUID(UUID)
	if err != nil {
		panic(err)
	}
	return &rpc.Interface{UUID: uuid, Version: version, Name: "lsarpc", Operations: (&methods{d}).table()}
}

// table lists the methods by opnum. [MS-LSAT] 3.1.4, [MS-LSAD] 3.1.4.
//
// Missing: what is not in it. A client is told that those methods are not
// there; all are about privileges, secrets and trusts, of which there are none.
func (m *methods) table() []rpc.Operation {
	return []rpc.Operation{
		0:   {Name: "LsarClose", Section: "[MS-LSAD] 3.1.4.9.4", Needs: rpc.User, Handle: lsarClose},
		6:   {Name: "LsarOpenPolicy", Section: "[MS-LSAD] 3.1.4.4.2", Needs: rpc.User, Handle: lsarOpenPolicy},
		7:   {Name: "LsarQueryInformationPolicy", Section: "[MS-LSAD] 3.1.4.4.4", Needs: rpc.User, Handle: m.lsarQueryInformationPolicy},
		14:  {Name: "LsarLookupNames", Section: "3.1.4.8", Needs: rpc.User, Handle: m.lookupNames(names1)},
		15:  {Name: "LsarLookupSids", Section: "3.1.4.11", Needs: rpc.User, Handle: m.lookupSids(sids1)},
		44:  {Name: "LsarOpenPolicy2", Section: "[MS-LSAD] 3.1.4.4.1", Needs: rpc.User, Handle: lsarOpenPolicy2},
		45:  {Name: "LsarGetUserName", Section: "3.1.4.4", Needs: rpc.User, Handle: m.lsarGetUserName},
		46:  {Name: "LsarQueryInformationPolicy2", Section: "[MS-LSAD] 3.1.4.4.3", Needs: rpc.User, Handle: m.lsarQueryInformationPolicy},
		57:  {Name: "LsarLookupSids2", Section: "3.1.4.10", Needs: rpc.User, Handle: m.lookupSids(sids2)},
		58:  {Name: "LsarLookupNames2", Section: "3.1.4.7", Needs: rpc.User, Handle: m.lookupNames(names2)},
		68:  {Name: "LsarLookupNames3", Section: "3.1.4.6", Needs: rpc.User, Handle: m.lookupNames(names3)},
		76:  {Name: "LsarLookupSids3", Section: "3.1.4.9", Needs: rpc.User, Handle: m.lookupSids(sids3)},
		77:  {Name: "LsarLookupNames4", Section: "3.1.4.5", Needs: rpc.User, Handle: m.lookupNames(names4)},
		130: {Name: "LsarOpenPolicy3", Section: "[MS-LSAD] 3.1.4.4.9", Needs: rpc.User, Handle: lsarOpenPolicy3},
	}
}

const (
	// maxSystemName is the most characters of a SystemName that are read; it
	// means nothing.
	maxSystemName = 4096
	// maxNames and maxSIDs are how many of them one call may ask for.
	// [MS-LSAT] 2.2.7, 2.2.18.
	maxNames = 1000
	maxSIDs  = 20480
	// maxNameLength is the most characters of a name that is looked for.
	maxNameLength = 1024
)

// finish answers with a status.
func finish(call *rpc.Call, s ntstatus.Status) error {
	call.Out.U32(uint32(s))
	return call.In.Err()
}
