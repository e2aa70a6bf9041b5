package server_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
	"github.com/signet-smb/signet/internal/rpc/srvsvc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// asPipe is a pipe of a peer's as the real client wants it.
type asPipe struct {
	smbPipe
	head []byte
}

func (c *asPipe) Write(_ context.Context, pdu []byte) error {
	c.Send(bytes.Clone(pdu))
	return nil
}

func (c *asPipe) Read(_ context.Context, limit int) ([]byte, error) {
	if len(c.head) == 0 {
		c.head = c.Receive()
	}
	n := min(limit, len(c.head))
	b := c.head[:n:n]
	c.head = c.head[n:]
	return b, nil
}

// newPipe opens srvsvc in a peer's session.
func newPipe(t *testing.T, p *smbtest.Peer) *asPipe {
	t.Helper()
	return &asPipe{smbPipe: smbPipe{t: t, p: p, id: openPipe(t, p), room: 4280}}
}

// ntlmFor begins an authentication by SPNEGO.
func ntlmFor(user, password, spn string) auth.Initiator {
	return spnego.NewInitiator(spnego.Offer{OID: spnego.NTLMSSP, Initiator: ntlm.NewInitiator(ntlm.Credentials{
		User: user, Domain: "WORKGROUP", Password: password, TargetSPN: spn,
	})})
}

// callsAs binds to srvsvc with sealed calls.
func callsAs(t *testing.T, p *smbtest.Peer, initiator auth.Initiator) (*rpc.Client, error) {
	t.Helper()
	id, err := dtyp.ParseGUID(srvsvc.UUID)
	if err != nil {
		t.Fatal(err)
	}
	return rpc.BindAs(t.Context(), newPipe(t, p), rpc.Syntax{UUID: id, Version: 3}, initiator)
}

// administers reports whether calls that need the role admin get as far as their
// parameters.
func administers(t *testing.T, c *rpc.Client) bool {
	t.Helper()
	const netrShareDel = 18
	_, err := c.Call(t.Context(), netrShareDel, nil)
	if !errors.Is(err, rpc.FaultBadStub) && !errors.Is(err, rpc.FaultAccessDenied) {
		t.Fatalf("NetrShareDel: %v", err)
	}
	return errors.Is(err, rpc.FaultBadStub)
}

// rolesOf is all procedures, for users with the roles in the table.
func rolesOf(roles map[string]rpc.Role) server.Procedures {
	return server.Procedures{Role: func(_ context.Context, who *auth.Identity) rpc.Role { return roles[who.Account] }}
}

// TestNobodyGainsByTheAuthenticationOfCalls: what calls may do is what both
// accounts may. So it is of no use to relay an administrator's proof into a
// session of one's own.
func TestNobodyGainsByTheAuthenticationOfCalls(t *testing.T) {
	for _, c := range []struct {
		session, calls rpc.Role
		want           bool
	}{
		{rpc.Administrator, rpc.Administrator, true},
		{rpc.User, rpc.Administrator, false},
		{rpc.Operator, rpc.Administrator, false},
		{rpc.Administrator, rpc.User, false},
	} {
		var events recorder
		s := smbtest.StartServer(t, smbtest.Options{
			Procedures: rolesOf(map[string]rpc.Role{smbtest.User: c.session, smbtest.OtherUser: c.calls}), Events: &events,
		})
		client, err := callsAs(t, inIPC(t, s), ntlmFor(smbtest.OtherUser, smbtest.Password, ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := administers(t, client); got != c.want {
			t.Errorf("session of %v, calls of %v: administers: %v, want %v", c.session, c.calls, got, c.want)
		}
		for _, e := range events.all() {
			if e.Kind == event.AdministrationRefused && e.User != smbtest.OtherUser {
				t.Errorf("refused, and told of %q, want who calls, %q", e.User, smbtest.OtherUser)
			}
		}
	}
}

func TestCallsByNTLMAdministerOnlyIfThatIsAllowed(t *testing.T) {
	for _, allowed := range []bool{true, false} {
		s := smbtest.StartServer(t, smbtest.Options{
			Policy: set(policy.AllowRemoteAdminOverNTLM, allowed), Procedures: rolesOf(map[string]rpc.Role{smbtest.User: rpc.Administrator}),
		})
		client, err := callsAs(t, inIPC(t, s), ntlmFor(smbtest.User, smbtest.Password, ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := administers(t, client); got != allowed {
			t.Errorf("AllowRemoteAdminOverNTLM %v: administers: %v", allowed, got)
		}
	}
}

// TestCallsAtLevelConnectDoNotAdminister: nothing shows that who calls has the
// key of who was authenticated.
func TestCallsAtLevelConnectDoNotAdminister(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Procedures: rolesOf(map[string]rpc.Role{smbtest.User: rpc.Administrator})})
	p := newPipe(t, inIPC(t, s))
	initiator := ntlmFor(smbtest.User, smbtest.Password, "")
	var token []byte
	kind := uint8(rpctest.Bind)
	for {
		out, done, err := initiator.Step(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			break
		}
		trailer := append(binary.LittleEndian.AppendUint32([]byte{9, 2, 0, 0}, 5), out...)
		p.Send(rpctest.PDU(rpctest.Header{Kind: kind, Flags: rpctest.First | rpctest.Last, CallID: 1, Auth: trailer}, rpctest.BindBody(t, 4280, 0, rpctest.Offer{
			UUID: srvsvc.UUID, Version: 3, Transfer: []rpctest.Syntax{{UUID: rpctest.NDR20, Version: 2}},
		})))
		token, kind = rpctest.Parse(t, p.Receive()).Token, rpctest.AlterContext
	}
	call := func(opnum uint16) rpctest.Answer {
		p.Send(rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: rpctest.First | rpctest.Last, CallID: 2}, rpctest.RequestBody(0, opnum, nil)))
		return rpctest.Parse(t, p.Receive())
	}
	const netrShareDel, netrRemoteTOD = 18, 28
	if a := call(netrShareDel); rpc.Fault(a.Status) != rpc.FaultAccessDenied {
		t.Errorf("NetrShareDel: %+v, want access denied", a)
	}
	if a := call(netrRemoteTOD); rpc.Fault(a.Status) != rpc.FaultBadStub {
		t.Errorf("NetrRemoteTOD: %+v, want to get as far as its parameters", a)
	}
}

// TestAnUnprotectedSessionDoesNotAdministerBySealedCalls: [policy.RequireSecuritySignature]
// off, and a message that is neither signed nor sealed.
func TestAnUnprotectedSessionDoesNotAdministerBySealedCalls(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed(), Procedures: rolesOf(map[string]rpc.Role{smbtest.User: rpc.Administrator})})
	p := s.Login(casual)
	p.TreeConnect("IPC$")
	pipe := newPipe(t, p)
	id, err := dtyp.ParseGUID(srvsvc.UUID)
	if err != nil {
		t.Fatal(err)
	}
	client, err := rpc.BindAs(t.Context(), pipe, rpc.Syntax{UUID: id, Version: 3}, ntlmFor(smbtest.User, smbtest.Password, ""))
	if err != nil {
		t.Fatal(err)
	}
	if !administers(t, client) {
		t.Fatal("a signed session does not administer")
	}
	cancel := rpctest.PDU(rpctest.Header{Kind: rpctest.CoCancel, Flags: rpctest.First | rpctest.Last, CallID: 1}, nil)
	expectStatus(t, "unsigned WRITE", p, smbtest.Element{Message: &smb2.WriteRequest{FileID: pipe.id, Data: cancel}, Unsigned: true}, ntstatus.Success)
	if administers(t, client) {
		t.Error("behind an unsigned message it administers")
	}
}

func TestAuthenticationsOfCallsThatFailAreTold(t *testing.T) {
	for what, c := range map[string]struct {
		initiator auth.Initiator
		policy    *policy.Snapshot
		user      string
	}{
		"wrong password": {ntlmFor(smbtest.User, "wrong", ""), nil, smbtest.User},
		"unknown name":   {ntlmFor("eve", smbtest.Password, ""), nil, "eve"},
		"nobody":         {ntlmFor("", "", ""), nil, ""},
		"another server": {ntlmFor(smbtest.User, smbtest.Password, "cifs/other"), set(policy.SmbServerNameHardeningLevel, policy.NameHardeningIfSent), smbtest.User},
	} {
		var events recorder
		s := smbtest.StartServer(t, smbtest.Options{Policy: c.policy, Events: &events, Quiet: true})
		_, err := callsAs(t, inIPC(t, s), c.initiator)
		if !errors.Is(err, rpc.FaultAccessDenied) {
			t.Errorf("%s: %v, want access denied", what, err)
		}
		all := events.all()
		if n := len(all); n != 1 || all[0].Kind != event.AuthenticationFailed || all[0].User != c.user || all[0].Means != "RPC" || all[0].Object != "srvsvc" {
			t.Errorf("%s: told %+v", what, all)
		}
	}
}

func TestGuessesAtCallsAreAnsweredLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Delay: true, Quiet: true, Policy: set(policy.InvalidAuthenticationDelayTimeInMs, uint32(2000))})
		p := inIPC(t, s)
		start := time.Now()
		if _, err := callsAs(t, p, ntlmFor(smbtest.User, "wrong", "")); !errors.Is(err, rpc.FaultAccessDenied) {
			t.Errorf("wrong password: %v", err)
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("a wrong password took %v, want 2 s", took)
		}
		start = time.Now()
		if _, err := callsAs(t, p, ntlmFor(smbtest.User, smbtest.Password, "")); err != nil {
			t.Errorf("right password: %v", err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the right password took %v, want no time", took)
		}
		p.Close()
	})
}
