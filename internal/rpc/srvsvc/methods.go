package srvsvc

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
)

// UUID identifies the interface. [MS-SRVS] 1.9.
const UUID = "4b324fc8-1670-01d3-1278-5a47bf6ee188"

// version is 3.0.
const version = 3

// methods is the interface's methods with what they need.
type methods struct {
	server Server
	admin  Administration
}

// New returns the interface, telling of s. With a nil a, nobody is
// an administrator.
func New(s Server, a Administration) *rpc.Interface {
	if a == nil {
		a = nobody{}
	}
	uuid, err := dtyp.ParseGUID(UUID)
	if err != nil {
		panic(err)
	}
	return &rpc.Interface{UUID: uuid, Version: version, Name: "srvsvc", Operations: (&methods{s, a}).table()}
}

// table lists the methods by opnum. [MS-SRVS] 3.1.4.
//
// Rows without a role are for everybody who got the pipe open, which anonymous
// users do if the policy says so. A row with refused is a method that returns
// nothing but a status, so that a refusal can be said in it. Missing: the rows
// with nil. They have results, and a client can only be told that the method is
// not there.
func (m *methods) table() []rpc.Operation {
	return []rpc.Operation{
		0:  {Name: "Opnum0NotUsedOnWire", Section: "3.1.4", Handle: refused},
		1:  {Name: "Opnum1NotUsedOnWire", Section: "3.1.4", Handle: refused},
		2:  {Name: "Opnum2NotUsedOnWire", Section: "3.1.4", Handle: refused},
		3:  {Name: "Opnum3NotUsedOnWire", Section: "3.1.4", Handle: refused},
		4:  {Name: "Opnum4NotUsedOnWire", Section: "3.1.4", Handle: refused},
		5:  {Name: "Opnum5NotUsedOnWire", Section: "3.1.4", Handle: refused},
		6:  {Name: "Opnum6NotUsedOnWire", Section: "3.1.4", Handle: refused},
		7:  {Name: "Opnum7NotUsedOnWire", Section: "3.1.4", Handle: refused},
		8:  {Name: "NetrConnectionEnum", Section: "3.1.4.1", Needs: rpc.Viewer, Handle: m.netrConnectionEnum},
		9:  {Name: "NetrFileEnum", Section: "3.1.4.2", Needs: rpc.Viewer, Handle: m.netrFileEnum},
		10: {Name: "NetrFileGetInfo", Section: "3.1.4.3", Needs: rpc.Viewer, Handle: m.netrFileGetInfo},
		11: {Name: "NetrFileClose", Section: "3.1.4.4", Needs: rpc.Operator, Handle: m.netrFileClose},
		12: {Name: "NetrSessionEnum", Section: "3.1.4.5", Needs: rpc.Viewer, Handle: m.netrSessionEnum},
		13: {Name: "NetrSessionDel", Section: "3.1.4.6", Needs: rpc.Operator, Handle: m.netrSessionDel},
		14: {Name: "NetrShareAdd", Section: "3.1.4.7", Needs: rpc.Administrator, Handle: m.netrShareAdd},
		15: {Name: "NetrShareEnum", Section: "3.1.4.8", Handle: m.netrShareEnum},
		16: {Name: "NetrShareGetInfo", Section: "3.1.4.10", Handle: m.netrShareGetInfo},
		17: {Name: "NetrShareSetInfo", Section: "3.1.4.11", Needs: rpc.Administrator, Handle: m.netrShareSetInfo},
		18: {Name: "NetrShareDel", Section: "3.1.4.12", Needs: rpc.Administrator, Handle: m.netrShareDel},
		19: {Name: "NetrShareDelSticky", Section: "3.1.4.13", Needs: rpc.Administrator, Handle: m.netrShareDel},
		20: {Name: "NetrShareCheck", Section: "3.1.4.16", Handle: netrShareCheck},
		21: {Name: "NetrServerGetInfo", Section: "3.1.4.17", Handle: m.netrServerGetInfo},
		22: {Name: "NetrServerSetInfo", Section: "3.1.4.18", Needs: rpc.Administrator, Handle: m.netrServerSetInfo},
		23: {Name: "NetrServerDiskEnum", Section: "3.1.4.19", Needs: rpc.User, Handle: m.netrServerDiskEnum},
		24: {Name: "NetrServerStatisticsGet", Section: "3.1.4.20"},
		25: {Name: "NetrServerTransportAdd", Section: "3.1.4.22", Handle: refused},
		26: {Name: "NetrServerTransportEnum", Section: "3.1.4.24"},
		27: {Name: "NetrServerTransportDel", Section: "3.1.4.25", Handle: refused},
		28: {Name: "NetrRemoteTOD", Section: "3.1.4.21", Handle: m.netrRemoteTOD},
		29: {Name: "Opnum29NotUsedOnWire", Section: "3.1.4"},
		30: {Name: "NetprPathType", Section: "3.1.4.29", Needs: rpc.User, Handle: netprPathType},
		31: {Name: "NetprPathCanonicalize", Section: "3.1.4.30"},
		32: {Name: "NetprPathCompare", Section: "3.1.4.31", Handle: refused},
		33: {Name: "NetprNameValidate", Section: "3.1.4.32", Needs: rpc.User, Handle: netprNameValidate},
		34: {Name: "NetprNameCanonicalize", Section: "3.1.4.33"},
		35: {Name: "NetprNameCompare", Section: "3.1.4.34", Handle: refused},
		36: {Name: "NetrShareEnumSticky", Section: "3.1.4.9", Handle: m.netrShareEnumSticky},
		37: {Name: "NetrShareDelStart", Section: "3.1.4.14"},
		38: {Name: "NetrShareDelCommit", Section: "3.1.4.15"},
		39: {Name: "NetrpGetFileSecurity", Section: "3.1.4.27"},
		40: {Name: "NetrpSetFileSecurity", Section: "3.1.4.28", Handle: refused},
		41: {Name: "NetrServerTransportAddEx", Section: "3.1.4.23", Handle: refused},
		42: {Name: "Opnum42NotUsedOnWire", Section: "3.1.4"},
		43: {Name: "NetrDfsGetVersion", Section: "3.1.4.35"},
		44: {Name: "NetrDfsCreateLocalPartition", Section: "3.1.4.36"},
		45: {Name: "NetrDfsDeleteLocalPartition", Section: "3.1.4.37", Handle: refused},
		46: {Name: "NetrDfsSetLocalVolumeState", Section: "3.1.4.38", Handle: refused},
		47: {Name: "Opnum47NotUsedOnWire", Section: "3.1.4"},
		48: {Name: "NetrDfsCreateExitPoint", Section: "3.1.4.39"},
		49: {Name: "NetrDfsDeleteExitPoint", Section: "3.1.4.41", Handle: refused},
		50: {Name: "NetrDfsModifyPrefix", Section: "3.1.4.40", Handle: refused},
		51: {Name: "NetrDfsFixLocalVolume", Section: "3.1.4.42"},
		52: {Name: "NetrDfsManagerReportSiteInfo", Section: "3.1.4.43"},
		53: {Name: "NetrServerTransportDelEx", Section: "3.1.4.26", Handle: refused},
		54: {Name: "NetrServerAliasAdd", Section: "3.1.4.44", Handle: refused},
		55: {Name: "NetrServerAliasEnum", Section: "3.1.4.45"},
		56: {Name: "NetrServerAliasDel", Section: "3.1.4.46", Handle: refused},
		57: {Name: "NetrShareDelEx", Section: "3.1.4.47", Handle: refused},
	}
}

// refused answers a method that is known and not offered.
func refused(_ context.Context, call *rpc.Call) error {
	call.Out.U32(uint32(notSupported))
	return nil
}

const (
	// maxServerName is the most characters of a ServerName parameter that are
	// read; from 1,024 on it is an invalid parameter.
	maxServerName = 4096
	// maxShareName is the most characters of a NetName parameter. [MS-SRVS]
	// allows 80.
	maxShareName = 256
)

// serverName reads the ServerName parameter that all methods begin with.
func serverName(call *rpc.Call) (name string, ok bool) { return call.In.UniqueString(maxServerName) }
