package rpc_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
)

// Security providers. [MS-RPCE] 2.2.1.1.7.
const (
	bySPNEGO = 9
	byNTLM   = 10
)

// headerSign is PFC_SUPPORT_HEADER_SIGN, upon which NTLM's signatures do not
// depend.
const headerSign = 0x04

// annsTulip is the account ann with the password tulip.
type annsTulip struct{}

func (annsTulip) NTHash(_ context.Context, name string) (ntlm.Account, error) {
	if auth.Upcase(name) != "ANN" {
		return ntlm.Account{}, fs.ErrNotExist
	}
	return ntlm.Account{Name: "ann", NTHash: ntlm.HashPassword("tulip")}, nil
}

// proof is an authentication by real NTLM.
type proof struct{ auth.Acceptor }

func (p proof) Caller(level rpc.Level) *rpc.Caller {
	return &rpc.Caller{Account: p.Identity().Account, Domain: map[bool]string{true: "protected", false: "connect"}[level > rpc.LevelConnect]}
}

func (p proof) Protection(sealing bool) (auth.Protection, error) {
	return p.Acceptor.(auth.Protector).Protection(sealing)
}

// opWho comes behind the operations of testEndpoint: who calls.
const opWho = opBeyond

// opOpen and opUse make a context handle and use it.
const (
	opOpen = opWho + 1 + iota
	opUse
)

// secureEndpoint is testEndpoint, with authentication.
func secureEndpoint(t testing.TB) *rpc.Endpoint {
	t.Helper()
	e := testEndpoint(t)
	n := &ntlm.Server{NetBIOSName: "HOST", Accounts: annsTulip{}}
	s := &spnego.Server{Mechanisms: []spnego.Mechanism{{OID: spnego.NTLMSSP, NewAcceptor: n.NewAcceptor, IsRaw: ntlm.IsMessage}}}
	e.Authenticate = func() rpc.Authentication { return proof{s.NewAcceptor()} }
	e.Interfaces[0].Operations = append(e.Interfaces[0].Operations,
		rpc.Operation{Name: "Who", Handle: func(_ context.Context, call *rpc.Call) error {
			call.Out.Bytes([]byte(call.Caller.Account + "/" + call.Caller.Domain))
			return nil
		}},
		rpc.Operation{Name: "Open", Handle: func(_ context.Context, call *rpc.Call) error {
			h, _ := call.Handles.Add("something")
			call.Out.Handle(h)
			return nil
		}},
		rpc.Operation{Name: "Use", Handle: func(_ context.Context, call *rpc.Call) error {
			s, _, err := rpc.ReadHandle[string](call)
			call.Out.Bytes([]byte(s))
			return err
		}})
	return e
}

// secured is a client that authenticates.
type secured struct {
	*peer
	provider, level uint8
	context         uint32
	flags           uint8 // of the bind
	initiator       auth.Initiator
	protection      auth.Protection
}

func newSecured(t testing.TB, provider, level, flags uint8, password string) *secured {
	t.Helper()
	s := &secured{
		peer: &peer{t, rpc.NewConn(secureEndpoint(t), &rpc.Caller{Account: "transport"})}, provider: provider, level: level, context: 7, flags: flags,
	}
	s.begin(password)
	return s
}

func (s *secured) begin(password string) {
	s.initiator = ntlm.NewInitiator(ntlm.Credentials{User: "ann", Password: password})
	if s.provider == bySPNEGO {
		s.initiator = spnego.NewInitiator(spnego.Offer{OID: spnego.NTLMSSP, Initiator: s.initiator})
	}
}

// trailer is sec_trailer and token.
func (s *secured) trailer(padding uint8, token []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte{s.provider, s.level, padding, 0}, s.context), token...)
}

// leg sends a bind, alter_context or auth3 with the next token.
func (s *secured) leg(kind uint8, token []byte, offers ...rpctest.Offer) {
	s.t.Helper()
	out, _, err := s.initiator.Step(context.Background(), token)
	if err != nil {
		s.t.Fatal(err)
	}
	body := make([]byte, 4)
	if kind != rpctest.Auth3 {
		body = rpctest.BindBody(s.t, 4280, 0, offers...)
	}
	s.Send(rpctest.PDU(rpctest.Header{Kind: kind, Flags: whole | s.flags, CallID: 1, Auth: s.trailer(0, out)}, body))
}

// authenticate goes through all legs, the first in a PDU of a kind.
func (s *secured) authenticate(first uint8) {
	s.t.Helper()
	s.leg(first, nil, ndr20(0))
	a := s.answer()
	if a.Provider != s.provider || a.Level != s.level || a.Security != s.context || a.Flags&headerSign != s.flags&headerSign {
		s.t.Fatalf("answer to the first leg: %+v", a)
	}
	if s.provider == byNTLM {
		s.leg(rpctest.Auth3, a.Token)
		s.silent()
	} else {
		s.leg(rpctest.AlterContext, a.Token, ndr20(0))
		a = s.answer()
		if a.Kind != rpctest.AlterResponse || a.Level != s.level {
			s.t.Fatalf("answer to the last leg: %+v", a)
		}
		if _, done, err := s.initiator.Step(context.Background(), a.Token); !done || err != nil {
			s.t.Fatalf("the client is not done: %v", err)
		}
	}
	if s.level > 2 {
		var err error
		if s.protection, err = s.initiator.(auth.Protector).Protection(s.level == 6); err != nil {
			s.t.Fatal(err)
		}
	}
}

// sealed is a fragment of a call.
func (s *secured) sealed(callID uint32, flags uint8, opnum uint16, stub []byte) []byte {
	s.t.Helper()
	padding := -len(stub) & 15
	body := rpctest.RequestBody(0, opnum, append(bytes.Clone(stub), make([]byte, padding)...))
	if s.protection == nil {
		return rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: flags, CallID: callID}, rpctest.RequestBody(0, opnum, stub))
	}
	pdu := rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: flags, CallID: callID, Auth: s.trailer(uint8(padding), make([]byte, 16))}, body)
	return s.protect(pdu)
}

// protect signs a request without an object, and encrypts it if the level says so.
func (s *secured) protect(pdu []byte) []byte {
	message, part, signature := s.segments(pdu)
	if s.level == 6 {
		copy(signature, s.protection.Seal(message, part))
	} else {
		copy(signature, s.protection.Sign(message))
	}
	return pdu
}

func (s *secured) segments(pdu []byte) (message, part, signature []byte) {
	end := len(pdu) - 16
	part = pdu[24 : end-8]
	return pdu[:end], part, pdu[end:]
}

// result is the answer to a call, all of it.
func (s *secured) result() (stub []byte, status rpc.Fault) {
	s.t.Helper()
	for {
		pdu := s.Receive()
		if pdu == nil {
			s.t.Fatal("no answer")
		}
		if pdu[2] == rpctest.Response && s.protection != nil {
			message, part, signature := s.segments(pdu)
			var err error
			if s.level == 6 {
				err = s.protection.Unseal(message, part, signature)
			} else {
				err = s.protection.Verify(message, signature)
			}
			if err != nil {
				s.t.Fatalf("response %x: %v", pdu, err)
			}
		}
		a := rpctest.Parse(s.t, pdu)
		if a.Kind == rpctest.Fault {
			return nil, rpc.Fault(a.Status)
		}
		if s.protection != nil && (a.Provider != s.provider || a.Level != s.level || a.Security != s.context) {
			s.t.Fatalf("credentials of the response: %+v", a)
		}
		stub = append(stub, a.Stub...)
		if a.Flags&rpctest.Last != 0 {
			return stub, 0
		}
	}
}

// who calls as the server sees it.
func (s *secured) who(callID uint32) string {
	s.t.Helper()
	s.Send(s.sealed(callID, whole, opWho, nil))
	out, status := s.result()
	if status != 0 {
		return status.String()
	}
	return string(ndr.NewReader(out).Bytes(100))
}

func TestCallsAreThoseOfWhoHasAuthenticatedForThem(t *testing.T) {
	for _, provider := range []uint8{byNTLM, bySPNEGO} {
		for level := uint8(2); level <= 6; level++ {
			for _, flags := range []uint8{0, headerSign} {
				s := newSecured(t, provider, level, flags, "tulip")
				if level == 3 {
					s.level = 4 // the same, and answered so
				}
				s.authenticate(rpctest.Bind)
				want := "ann/protected"
				if level == 2 {
					want = "ann/connect"
				}
				if got := s.who(2); got != want {
					t.Errorf("provider %d, level %d, flags %#x: %q, want %q", provider, level, flags, got, want)
				}
				// Both ways longer than a fragment.
				long := array(20000)
				for at := 0; at < len(long); at += 4000 {
					f := uint8(0)
					if at == 0 {
						f = rpctest.First
					}
					if at+4000 >= len(long) {
						f |= rpctest.Last
					}
					s.Send(s.sealed(3, f, opEcho, long[at:min(at+4000, len(long))]))
				}
				if got, status := s.result(); status != 0 || !bytes.Equal(got, long) {
					t.Errorf("provider %d, level %d, flags %#x: %d bytes, %v; want all %d", provider, level, flags, len(got), status, len(long))
				}
				s.closed(false)
			}
		}
	}
}

func TestPrivacyHidesWhatIsCalledWith(t *testing.T) {
	s := newSecured(t, bySPNEGO, 6, headerSign, "tulip")
	s.authenticate(rpctest.Bind)
	secret := append(array(0), "a secret that is told"...)
	secret[0] = 21
	pdu := s.sealed(2, whole, opEcho, secret)
	if bytes.Contains(pdu, secret[4:]) {
		t.Fatalf("the request tells it: %q", pdu)
	}
	s.Send(pdu)
	answer := s.Receive()
	if bytes.Contains(answer, secret[4:]) {
		t.Errorf("the response tells it: %q", answer)
	}
}

func TestAWrongPasswordEndsWithTheFirstCall(t *testing.T) {
	s := newSecured(t, byNTLM, 6, headerSign, "raven")
	s.authenticate(rpctest.Bind)
	if got := s.who(2); got != rpc.FaultAccessDenied.String() {
		t.Errorf("the first call: %s, want %v", got, rpc.FaultAccessDenied)
	}
	s.closed(true)

	s = newSecured(t, bySPNEGO, 6, headerSign, "raven")
	s.leg(rpctest.Bind, nil, ndr20(0))
	s.leg(rpctest.AlterContext, s.answer().Token, ndr20(0))
	if a := s.answer(); a.Kind != rpctest.Fault || rpc.Fault(a.Status) != rpc.FaultAccessDenied {
		t.Errorf("the last leg: %+v, want a fault", a)
	}
	s.closed(true)

	s = newSecured(t, byNTLM, 5, 0, "tulip")
	s.Send(rpctest.PDU(rpctest.Header{Kind: rpctest.Bind, Flags: whole, CallID: 1, Auth: s.trailer(0, []byte("garbage"))}, rpctest.BindBody(t, 4280, 0, ndr20(0))))
	if a := s.answer(); a.Kind != rpctest.BindNak || a.Reason != 9 {
		t.Errorf("a token that is none: %+v, want bind_nak, invalid checksum", a)
	}
	s.closed(true)
}

// TestFragmentsThatAreNotTheClientsAreRefused changes one thing of a call in
// each row. Nothing runs, and the connection ends.
func TestFragmentsThatAreNotTheClientsAreRefused(t *testing.T) {
	at := func(n int) func(*secured, []byte) []byte {
		return func(_ *secured, pdu []byte) []byte {
			pdu[(n+len(pdu))%len(pdu)] ^= 1
			return pdu
		}
	}
	const anyFault = 0
	for _, c := range []struct {
		name   string
		level  uint8
		change func(s *secured, pdu []byte) []byte
		want   rpc.Fault
	}{
		{"the opnum", 5, at(22), rpc.FaultSecurityPackage},
		{"the call's number", 5, at(12), rpc.FaultSecurityPackage},
		{"the opnum, sealed", 6, at(22), rpc.FaultSecurityPackage},
		{"a parameter", 5, at(25), rpc.FaultSecurityPackage},
		{"a parameter, sealed", 6, at(25), rpc.FaultSecurityPackage},
		{"padding", 5, at(-25), rpc.FaultSecurityPackage},
		{"the length of the padding", 5, at(-22), rpc.FaultSecurityPackage},
		{"the signature", 5, at(-9), rpc.FaultSecurityPackage},
		{"the number in it", 6, at(-1), rpc.FaultSecurityPackage},
		{"the level", 5, func(_ *secured, pdu []byte) []byte { pdu[len(pdu)-23] = 2; return pdu }, rpc.FaultProtocol},
		{"the provider", 5, func(_ *secured, pdu []byte) []byte { pdu[len(pdu)-24] = 10; return pdu }, rpc.FaultProtocol},
		{"the security context", 5, at(-20), rpc.FaultAccessDenied},
		{"more padding than body", 5, func(_ *secured, pdu []byte) []byte { pdu[len(pdu)-22] = 255; return pdu }, rpc.FaultProtocol},
		{"a longer token than fragment", 5, func(_ *secured, pdu []byte) []byte { pdu[11] = 0xFF; return pdu }, rpc.FaultProtocol},
		{"a shorter token", 5, func(_ *secured, pdu []byte) []byte { pdu[10] = 8; return pdu }, anyFault},
		{"no credentials", 5, func(s *secured, _ []byte) []byte {
			return rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: whole, CallID: 2}, rpctest.RequestBody(0, opEcho, array(9)))
		}, rpc.FaultAccessDenied},
		{"a signature instead of sealing", 6, func(s *secured, _ []byte) []byte {
			s.begin("tulip")
			s.level = 5
			return s.sealed(2, whole, opEcho, array(9))
		}, rpc.FaultProtocol},
	} {
		for _, flags := range []uint8{0, headerSign} {
			s := newSecured(t, bySPNEGO, c.level, flags, "tulip")
			s.authenticate(rpctest.Bind)
			s.Send(c.change(s, s.sealed(2, whole, opEcho, array(9))))
			a := rpctest.Parse(t, s.Receive())
			if a.Kind != rpctest.Fault || c.want != anyFault && rpc.Fault(a.Status) != c.want {
				t.Errorf("%s, flags %#x: %+v, want fault %v", c.name, flags, a, c.want)
			}
			s.silent()
			s.closed(true)
		}
	}
}

func TestAFragmentCannotComeTwice(t *testing.T) {
	s := newSecured(t, byNTLM, 5, headerSign, "tulip")
	s.authenticate(rpctest.Bind)
	pdu := s.sealed(2, whole, opEcho, array(9))
	s.Send(bytes.Clone(pdu))
	if _, status := s.result(); status != 0 {
		t.Fatal(status)
	}
	s.Send(pdu)
	if _, status := s.result(); status != rpc.FaultSecurityPackage {
		t.Errorf("the second time: %v", status)
	}
	s.closed(true)
}

func TestCallsBeforeTheLastLegAreRefused(t *testing.T) {
	for _, level := range []uint8{2, 6} {
		s := newSecured(t, byNTLM, level, 0, "tulip")
		s.leg(rpctest.Bind, nil, ndr20(0))
		s.answer()
		if got := s.who(2); got != rpc.FaultAccessDenied.String() {
			t.Errorf("level %d: %s, want %v", level, got, rpc.FaultAccessDenied)
		}
		s.closed(true)
	}
}

func TestAnAuthenticationMayFollowAPlainBind(t *testing.T) {
	s := newSecured(t, bySPNEGO, 6, headerSign, "tulip")
	s.bind(ndr20(0))
	if got := s.who(2); got != "transport/" {
		t.Errorf("before: %q", got)
	}
	s.authenticate(rpctest.AlterContext)
	if got := s.who(3); got != "ann/protected" {
		t.Errorf("in the security context: %q", got)
	}
	s.protection = nil
	if got := s.who(4); got != "transport/" {
		t.Errorf("without credentials, as the bind was: %q", got)
	}
	// Nobody has agreed on several.
	s.context++
	s.begin("tulip")
	s.leg(rpctest.AlterContext, nil, ndr20(0))
	if a := s.answer(); a.Kind != rpctest.Fault || rpc.Fault(a.Status) != rpc.FaultProtocol {
		t.Errorf("a second security context: %+v", a)
	}
	s.closed(true)
}

// multiplexing asks for several security contexts.
func multiplexing() rpctest.Offer {
	return rpctest.Offer{ID: 1, UUID: testUUID, Version: testVersion, Transfer: []rpctest.Syntax{{UUID: "6cb71c2c-9812-4540-0300-000000000000", Version: 1}}}
}

func TestSecurityContextsAreKeptApartAndCounted(t *testing.T) {
	s := newSecured(t, bySPNEGO, 6, headerSign, "tulip")
	if a := s.bind(ndr20(0), multiplexing()); a.Results[1].Reason != 3 {
		t.Fatalf("features: %+v", a)
	}
	s.Send(s.sealed(2, whole, opOpen, nil))
	handle, _ := s.result()
	if len(handle) != 20 {
		t.Fatalf("handle %x", handle)
	}
	var contexts []secured
	for n := range 8 {
		s.context = uint32(100 + n)
		s.begin("tulip")
		s.authenticate(rpctest.AlterContext)
		contexts = append(contexts, *s)
	}
	for n := range contexts {
		c := &contexts[n]
		if got := c.who(uint32(10 + n)); got != "ann/protected" {
			t.Errorf("context %d: %q", n, got)
		}
		c.Send(c.sealed(uint32(20+n), whole, opUse, handle))
		if _, status := c.result(); status != rpc.FaultContextMismatch {
			t.Errorf("context %d uses the handle of another: %v", n, status)
		}
	}
	s.protection = nil
	s.Send(s.sealed(30, whole, opUse, handle))
	if _, status := s.result(); status != 0 {
		t.Errorf("the handle's own context: %v", status)
	}
	s.context++
	s.begin("tulip")
	s.leg(rpctest.AlterContext, nil, ndr20(0))
	if a := s.answer(); a.Kind != rpctest.Fault || rpc.Fault(a.Status) != rpc.FaultProtocol {
		t.Errorf("context 9: %+v", a)
	}
	s.closed(true)
}

func TestFragmentsOfOneCallAreOfOneSecurityContext(t *testing.T) {
	s := newSecured(t, bySPNEGO, 5, headerSign, "tulip")
	s.bind(ndr20(0))
	s.authenticate(rpctest.AlterContext)
	s.Send(s.sealed(2, rpctest.First, opEcho, array(60)[:32]))
	s.request(2, rpctest.Last, 0, opEcho, array(60)[32:])
	if _, status := s.result(); status != rpc.FaultProtocol {
		t.Errorf("a fragment without credentials behind one with: %v", status)
	}
	s.closed(true)
}

func TestAuthenticationsEndAfterSomeLegs(t *testing.T) {
	e := testEndpoint(t)
	e.Authenticate = func() rpc.Authentication { return endless{} }
	s := &secured{peer: &peer{t, rpc.NewConn(e, &rpc.Caller{})}, provider: byNTLM, level: 6}
	kind := uint8(rpctest.Bind)
	for leg := range 9 {
		s.Send(rpctest.PDU(rpctest.Header{Kind: kind, Flags: whole, CallID: 1, Auth: s.trailer(0, []byte("more"))}, rpctest.BindBody(t, 4280, 0, ndr20(0))))
		kind = rpctest.AlterContext
		if a := s.answer(); (a.Kind == rpctest.Fault) != (leg == 8) {
			t.Fatalf("leg %d: %+v", leg, a)
		}
	}
	s.closed(true)
}

// endless is an authentication that always wants more.
type endless struct{}

func (endless) Accept(context.Context, []byte) ([]byte, bool, error) { return []byte("x"), false, nil }
func (endless) Caller(rpc.Level) *rpc.Caller                         { return nil }
func (endless) Protection(bool) (auth.Protection, error)             { return nil, errors.New("none") }

func TestBigEndianClientsAreUnderstood(t *testing.T) {
	p := newPeer(t)
	const bind = `05 00 0b 03 00000000 0048 0000 00000001  10b8 10b8 00000000 01 00 0000  0000 01 00
		01234567 89ab cdef 0123 456789abcdef 00020003  8a885d04 1ceb 11c9 9fe8 08002b104860 00000002`
	p.Send(unhex(t, bind))
	if a := p.answer(); a.Kind != rpctest.BindAck || a.CallID != 1 || a.Results[0].Result != 0 || a.Receive != 4280 {
		t.Fatalf("bind: %+v", a)
	}
	p.Send(unhex(t, `05 00 00 03 00000000 0020 0000 00000002  00000008 0000 0000  00000003 616263 00`))
	if a := p.answer(); a.Kind != rpctest.Response || a.CallID != 2 || string(a.Stub) != "\x03\x00\x00\x00abc" {
		t.Errorf("call: %+v", a)
	}
}
