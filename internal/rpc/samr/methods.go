package samr

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/ntstatus"
)

// UUID identifies the interface. [MS-SAMR] 1.9.
const UUID = "12345778-1234-abcd-ef00-0123456789ac"

const version = 1

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
	return &rpc.Interface{UUID: uuid, Version: version, Name: "samr", Operations: (&methods{d}).table()}
}

// table lists the methods by opnum. [MS-SAMR] 3.1.5.
//
// Those that change something are not in it, passwords included.
func (m *methods) table() []rpc.Operation {
	list := []rpc.Operation{
		0:  {Name: "SamrConnect", Section: "3.1.5.1.4", Handle: samrConnect},
		1:  {Name: "SamrCloseHandle", Section: "3.1.5.13.1", Needs: rpc.User, Handle: samrCloseHandle},
		3:  {Name: "SamrQuerySecurityObject", Section: "3.1.5.12.2", Handle: samrQuerySecurityObject},
		5:  {Name: "SamrLookupDomainInSamServer", Section: "3.1.5.11.1", Handle: m.samrLookupDomain},
		6:  {Name: "SamrEnumerateDomainsInSamServer", Section: "3.1.5.2.1", Handle: m.samrEnumerateDomains},
		7:  {Name: "SamrOpenDomain", Section: "3.1.5.1.5", Handle: m.samrOpenDomain},
		8:  {Name: "SamrQueryInformationDomain", Section: "3.1.5.5.2", Handle: m.samrQueryInformationDomain},
		11: {Name: "SamrEnumerateGroupsInDomain", Section: "3.1.5.2.2", Handle: m.enumerate(group)},
		13: {Name: "SamrEnumerateUsersInDomain", Section: "3.1.5.2.4", Handle: m.enumerate(user)},
		15: {Name: "SamrEnumerateAliasesInDomain", Section: "3.1.5.2.3", Handle: m.enumerate(alias)},
		16: {Name: "SamrGetAliasMembership", Section: "3.1.5.9.2", Handle: m.samrGetAliasMembership},
		17: {Name: "SamrLookupNamesInDomain", Section: "3.1.5.11.2", Handle: m.samrLookupNames},
		18: {Name: "SamrLookupIdsInDomain", Section: "3.1.5.11.3", Handle: m.samrLookupIDs},
		19: {Name: "SamrOpenGroup", Section: "3.1.5.1.7", Handle: m.open(group)},
		20: {Name: "SamrQueryInformationGroup", Section: "3.1.5.5.3", Handle: m.samrQueryInformationGroup},
		25: {Name: "SamrGetMembersInGroup", Section: "3.1.5.8.3", Handle: m.samrGetMembersInGroup},
		27: {Name: "SamrOpenAlias", Section: "3.1.5.1.8", Handle: m.open(alias)},
		28: {Name: "SamrQueryInformationAlias", Section: "3.1.5.5.4", Handle: m.samrQueryInformationAlias},
		33: {Name: "SamrGetMembersInAlias", Section: "3.1.5.8.6", Handle: m.samrGetMembersInAlias},
		34: {Name: "SamrOpenUser", Section: "3.1.5.1.9", Handle: m.open(user)},
		36: {Name: "SamrQueryInformationUser", Section: "3.1.5.5.6", Handle: m.samrQueryInformationUser},
		39: {Name: "SamrGetGroupsForUser", Section: "3.1.5.9.1", Handle: samrGetGroupsForUser},
		40: {Name: "SamrQueryDisplayInformation", Section: "3.1.5.3.3", Handle: m.samrQueryDisplayInformation},
		44: {Name: "SamrGetUserDomainPasswordInformation", Section: "3.1.5.13.3", Handle: samrGetUserDomainPasswordInformation},
		46: {Name: "SamrQueryInformationDomain2", Section: "3.1.5.5.1", Handle: m.samrQueryInformationDomain},
		47: {Name: "SamrQueryInformationUser2", Section: "3.1.5.5.5", Handle: m.samrQueryInformationUser},
		48: {Name: "SamrQueryDisplayInformation2", Section: "3.1.5.3.2", Handle: m.samrQueryDisplayInformation},
		51: {Name: "SamrQueryDisplayInformation3", Section: "3.1.5.3.1", Handle: m.samrQueryDisplayInformation},
		56: {Name: "SamrGetDomainPasswordInformation", Section: "3.1.5.13.4", Needs: rpc.User, Handle: samrGetDomainPasswordInformation},
		57: {Name: "SamrConnect2", Section: "3.1.5.1.3", Handle: samrConnect2},
		62: {Name: "SamrConnect4", Section: "3.1.5.1.2", Handle: samrConnect4},
		64: {Name: "SamrConnect5", Section: "3.1.5.1.1", Handle: samrConnect5},
		65: {Name: "SamrRidToSid", Section: "3.1.5.13.5", Handle: m.samrRidToSid},
	}
	for i := range list {
		if list[i].Handle != nil && list[i].Needs == rpc.Anybody {
			list[i].Needs = rpc.Viewer
		}
	}
	return list
}

const (
	maxServerName = 4096
	maxName       = 1024 // characters of a name that is looked for
	maxAsked      = 1000 // names or identifiers of one call, [MS-SAMR] 3.1.5.11.2
	maxAnswer     = 256 << 10
)

// finish answers with a status.
func finish(call *rpc.Call, s ntstatus.Status) error {
	call.Out.U32(uint32(s))
	return call.In.Err()
}

// numbers appends a SAMPR_ULONG_ARRAY.
func numbers(w *ndr.Writer, list []uint32) {
	w.U32(uint32(len(list)))
	w.Pointer(len(list) > 0)
	if len(list) > 0 {
		w.Count(len(list))
		for _, n := range list {
			w.U32(n)
		}
	}
}

// time64 appends an OLD_LARGE_INTEGER, which is aligned to 4.
func time64(w *ndr.Writer, v int64) {
	w.U32(uint32(v))
	w.U32(uint32(v >> 32))
}

// never is the time that does not come.
const never = 0x7FFF_FFFF_FFFF_FFFF

// view looks at the directory.
func (m *methods) view(ctx context.Context) (*directory.View, error) { return m.directory.View(ctx) }
