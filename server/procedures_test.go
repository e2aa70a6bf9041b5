package server_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/rolestest"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/lsarpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
	"github.com/signet-smb/signet/internal/rpc/samr"
	"github.com/signet-smb/signet/internal/rpc/srvsvc"
	"github.com/signet-smb/signet/internal/rpc/winreg"
	"github.com/signet-smb/signet/internal/rpc/wkssvc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// noAccounts is a directory without anybody in it.
type noAccounts struct{}

func (noAccounts) MachineSID() dtyp.SID                              { return dtyp.NewSID(5, 21, 1, 2, 3) }
func (noAccounts) List(context.Context) ([]directory.Account, error) { return nil, nil }
func (noAccounts) UnixName(dtyp.SID) string                          { return "" }
func (noAccounts) UnixSID(string, bool) dtyp.SID                     { return dtyp.SID{} }

// emptyRegistry is a registry without a value.
type emptyRegistry struct{}

func (emptyRegistry) Values(context.Context, *rpc.Caller) ([]winreg.Value, error) { return nil, nil }
func (emptyRegistry) Set(context.Context, *rpc.Caller, winreg.Value) error        { return nil }
func (emptyRegistry) Reset(context.Context, *rpc.Caller, string, string) error    { return nil }

// withRole is all procedures, for a user whose role is what role holds.
func withRole(role *atomic.Uint32) server.Procedures {
	return server.Procedures{
		Role:     func(context.Context, *auth.Identity) rpc.Role { return rpc.Role(role.Load()) },
		Accounts: noAccounts{}, Registry: emptyRegistry{},
	}
}

// pipesByName is what interface is on which pipe.
var pipesByName = map[string]struct {
	uuid    string
	version uint32
	table   []rpc.Operation
}{
	"srvsvc": {srvsvc.UUID, 3, srvsvc.New(nil, nil).Operations},
	"wkssvc": {wkssvc.UUID, 1, wkssvc.New(nil).Operations},
	"lsarpc": {lsarpc.UUID, 0, lsarpc.New(nil).Operations},
	"samr":   {samr.UUID, 1, samr.New(nil).Operations},
	"winreg": {winreg.UUID, 1, winreg.New(nil).Operations},
}

// lowest is the lowest role that may call each operation, by hand; of those
// that are not here, nobody's.
var lowest = map[string]string{
	"srvsvc": `user: NetrShareEnum NetrShareEnumSticky NetrShareGetInfo NetrShareCheck NetrServerGetInfo NetrRemoteTOD NetrServerDiskEnum NetprPathType NetprNameValidate
		viewer: NetrConnectionEnum NetrFileEnum NetrFileGetInfo NetrSessionEnum
		operator: NetrFileClose NetrSessionDel
		admin: NetrShareAdd NetrShareSetInfo NetrShareDel NetrShareDelSticky NetrServerSetInfo`,
	"wkssvc": `user: NetrWkstaGetInfo NetrWkstaTransportEnum NetrGetJoinInformation
		viewer: NetrWkstaUserEnum`,
	"lsarpc": `user: LsarClose LsarOpenPolicy LsarOpenPolicy2 LsarOpenPolicy3 LsarQueryInformationPolicy LsarQueryInformationPolicy2 LsarGetUserName
			LsarLookupSids LsarLookupSids2 LsarLookupSids3 LsarLookupNames LsarLookupNames2 LsarLookupNames3 LsarLookupNames4`,
	"samr": `user: SamrCloseHandle SamrGetDomainPasswordInformation
		viewer: SamrConnect SamrConnect2 SamrConnect4 SamrConnect5 SamrLookupDomainInSamServer SamrEnumerateDomainsInSamServer SamrOpenDomain
			SamrQueryInformationDomain SamrQueryInformationDomain2 SamrEnumerateGroupsInDomain SamrEnumerateUsersInDomain SamrEnumerateAliasesInDomain
			SamrGetAliasMembership SamrLookupNamesInDomain SamrLookupIdsInDomain SamrOpenGroup SamrQueryInformationGroup SamrGetMembersInGroup
			SamrOpenAlias SamrQueryInformationAlias SamrGetMembersInAlias SamrOpenUser SamrQueryInformationUser SamrQueryInformationUser2
			SamrGetGroupsForUser SamrQueryDisplayInformation SamrQueryDisplayInformation2 SamrQueryDisplayInformation3 SamrRidToSid
			SamrQuerySecurityObject SamrGetUserDomainPasswordInformation`,
	"winreg": `user: BaseRegCloseKey
		viewer: OpenClassesRoot OpenCurrentUser OpenLocalMachine OpenUsers OpenCurrentConfig BaseRegCreateKey BaseRegEnumKey BaseRegEnumValue
			BaseRegFlushKey BaseRegGetKeySecurity BaseRegOpenKey BaseRegQueryInfoKey BaseRegQueryValue BaseRegGetVersion
			BaseRegQueryMultipleValues BaseRegQueryMultipleValues2
		admin: BaseRegDeleteKey BaseRegDeleteKeyEx BaseRegDeleteValue BaseRegSetValue`,
}

// rolesByWord are the roles in the words of lowest.
var rolesByWord = map[string]rpc.Role{"user:": rpc.User, "viewer:": rpc.Viewer, "operator:": rpc.Operator, "admin:": rpc.Administrator}

// lowestOf reads lowest.
func lowestOf(pipe string) map[string]rpc.Role {
	roles := make(map[string]rpc.Role)
	var role rpc.Role
	for word := range strings.FieldsSeq(lowest[pipe]) {
		if r, ok := rolesByWord[word]; ok {
			role = r
		} else {
			roles[word] = role
		}
	}
	return roles
}

// TestEachRemoteProcedureNeedsItsRole calls every operation of every pipe in
// every role, without parameters: what is refused is refused before they are
// read, and told with who and from where.
func TestEachRemoteProcedureNeedsItsRole(t *testing.T) {
	var role atomic.Uint32
	var events recorder
	var found strings.Builder
	found.WriteString("\n| operation | no role | viewer | operator | admin |\n|---|---|---|---|---|\n")
	s := smbtest.StartServer(t, smbtest.Options{Procedures: withRole(&role), Events: &events, Quiet: true})
	for _, pipe := range slices.Sorted(maps.Keys(pipesByName)) {
		i := pipesByName[pipe]
		p := inIPC(t, s)
		needs := lowestOf(pipe)
		client := dialPipe(t, p, pipe)
		for opnum, o := range i.table {
			if o.Handle == nil {
				continue
			}
			lowest, known := needs[o.Name]
			if !known && !isRefusedToAll(t, client, uint16(opnum)) {
				t.Errorf("%s.%s is offered, and stands in no row of the test", pipe, o.Name)
			}
			if !known {
				continue
			}
			fmt.Fprintf(&found, "| %s.%s (%d)", pipe, o.Name, opnum)
			for _, r := range []rpc.Role{rpc.User, rpc.Viewer, rpc.Operator, rpc.Administrator} {
				role.Store(uint32(r))
				before := len(events.all())
				_, fault := client.Call(uint16(opnum), nil)
				refused := rpc.Fault(fault) == rpc.FaultAccessDenied
				fmt.Fprintf(&found, " | %s", map[bool]string{true: "-", false: "yes"}[refused])
				if refused != (r < lowest) {
					t.Errorf("%s.%s as %v: fault %v, want refused: %v", pipe, o.Name, r, rpc.Fault(fault), r < lowest)
				}
				if !refused {
					continue
				}
				all := events.all()
				if len(all) != before+1 || all[before].Kind != event.AdministrationRefused || all[before].User != smbtest.User ||
					all[before].Object != pipe+"."+o.Name || !strings.HasPrefix(all[before].Client, "127.0.0.1:") || all[before].Means != "RPC" {
					t.Errorf("%s.%s refused to %v: told %+v", pipe, o.Name, r, all[before:])
				}
			}
			found.WriteString(" |\n")
			delete(needs, o.Name)
		}
		for name := range needs {
			t.Errorf("%s.%s is not offered", pipe, name)
		}
		p.Close()
	}
	t.Log(found.String())
	rolestest.Check(t, "procedures", found.String()+"\n")
}

// isRefusedToAll reports whether an operation answers ERROR_NOT_SUPPORTED and
// nothing else.
func isRefusedToAll(t *testing.T, c *rpctest.Client, opnum uint16) bool {
	t.Helper()
	stub, fault := c.Call(opnum, nil)
	r := ndr.NewReader(stub)
	return fault == 0 && r.U32() == 50 && r.Len() == 0
}

// dialPipe opens a pipe and binds to its interface.
func dialPipe(t *testing.T, p *smbtest.Peer, name string) *rpctest.Client {
	t.Helper()
	var res smb2.CreateResponse
	p.MustDo(createPipe(name), &res)
	i := pipesByName[name]
	return rpctest.Dial(t, &smbPipe{t: t, p: p, id: res.FileID, room: 4280}, i.uuid, i.version)
}

// canAdminister reports whether a call that needs the role admin gets as far as
// its parameters.
func canAdminister(t *testing.T, c *rpctest.Client) bool {
	t.Helper()
	const netrShareDel = 18
	_, fault := c.Call(netrShareDel, nil)
	if f := rpc.Fault(fault); f != rpc.FaultBadStub && f != rpc.FaultAccessDenied {
		t.Fatalf("NetrShareDel: fault %v", f)
	}
	return rpc.Fault(fault) == rpc.FaultBadStub
}

func TestServerProperty_AllowRemoteAdminOverNTLM(t *testing.T) {
	var role atomic.Uint32
	role.Store(uint32(rpc.Administrator))
	for _, allowed := range []bool{true, false} {
		s := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.AllowRemoteAdminOverNTLM, allowed), Procedures: withRole(&role)})
		if got := canAdminister(t, dialPipe(t, inIPC(t, s), "srvsvc")); got != allowed {
			t.Errorf("AllowRemoteAdminOverNTLM %v: administered by NTLM: %v", allowed, got)
		}
	}
}

// TestWhatIsNeitherSignedNorSealedDoesNotAdminister: the session has keys, and
// nothing requires that it uses them; from the first unsigned message on its
// pipe has no role.
func TestWhatIsNeitherSignedNorSealedDoesNotAdminister(t *testing.T) {
	var role atomic.Uint32
	role.Store(uint32(rpc.Administrator))
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed(), Procedures: withRole(&role)})
	p := s.Login(casual)
	p.TreeConnect("IPC$")
	var res smb2.CreateResponse
	p.MustDo(createPipe("srvsvc"), &res)
	client := rpctest.Dial(t, &smbPipe{t: t, p: p, id: res.FileID, room: 4280}, srvsvc.UUID, 3)
	if !canAdminister(t, client) {
		t.Fatal("a signed session does not administer")
	}
	cancel := rpctest.PDU(rpctest.Header{Kind: rpctest.CoCancel, Flags: rpctest.First | rpctest.Last, CallID: 1}, nil)
	expectStatus(t, "unsigned WRITE", p, smbtest.Element{Message: &smb2.WriteRequest{FileID: res.FileID, Data: cancel}, Unsigned: true}, ntstatus.Success)
	if canAdminister(t, client) {
		t.Error("a pipe that an unsigned message was written to administers")
	}
}
