package wkssvc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
)

// UUID identifies the interface. [MS-WKST] 1.9.
const UUID = "6bffd098-a112-3610-9833-46c3f87e345a"

const version = 1

// Workstation is what the interface tells of. Safe for concurrent use.
type Workstation interface {
	// Name is the machine's own name, without backslashes.
	Name() string
}

// methods is the interface's methods with what they need.
type methods struct {
	workstation Workstation
}

// New returns the interface, telling of w.
func New(w Workstation) *rpc.Interface {
	uuid, err := dtyp.ParseGUID(UUID)
	if err != nil {
		panic(err)
	}
	return &rpc.Interface{UUID: uuid, Version: version, Name: "wkssvc", Operations: (&methods{w}).table()}
}

// table lists the methods by opnum. [MS-WKST] 3.2.4.
//
// Missing: what is not in it. A client is told that those methods are not
// there: they are about drives that the machine itself has connected, and about
// joining domains.
func (m *methods) table() []rpc.Operation {
	return []rpc.Operation{
		0:  {Name: "NetrWkstaGetInfo", Section: "3.2.4.1", Needs: rpc.User, Handle: m.netrWkstaGetInfo},
		2:  {Name: "NetrWkstaUserEnum", Section: "3.2.4.3", Needs: rpc.Viewer, Handle: netrWkstaUserEnum},
		5:  {Name: "NetrWkstaTransportEnum", Section: "3.2.4.4", Needs: rpc.User, Handle: m.netrWkstaTransportEnum},
		20: {Name: "NetrGetJoinInformation", Section: "3.2.4.15", Needs: rpc.User, Handle: netrGetJoinInformation},
	}
}

// Statuses that the methods return. [MS-WKST] 2.2.
const (
	success      = 0
	accessDenied = 5
	invalidLevel = 124
)

const (
	maxServerName = 4096
	maxText       = 1024
)

// workgroup is what a machine that is in no domain says that it is in.
const workgroup = "WORKGROUP"
