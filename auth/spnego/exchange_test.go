package spnego

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/ntstatus"
)

// oneAccount is the account ann with the password tulip.
type oneAccount struct{}

func (oneAccount) NTHash(_ context.Context, name string) (ntlm.Account, error) {
	if auth.Upcase(name) != "ANN" {
		return ntlm.Account{}, fmt.Errorf("account: %w", fs.ErrNotExist)
	}
	return ntlm.Account{Name: "ann", NTHash: ntlm.HashPassword("tulip")}, nil
}

// newTestServer speaks NTLM, with SPNEGO or without.
func newTestServer() *Server {
	n := &ntlm.Server{NetBIOSName: "HOST", Accounts: oneAccount{}}
	return &Server{Mechanisms: []Mechanism{{
		OID: NTLMSSP, Name: "NTLM", NewAcceptor: n.NewAcceptor, IsRaw: ntlm.IsMessage,
	}}}
}

var (
	ann       = ntlm.Credentials{User: "ann", Domain: "HOST", Password: "tulip"}
	anonymous = ntlm.Credentials{}
)

func offerNTLM(c ntlm.Credentials) Offer { return Offer{NTLMSSP, ntlm.NewInitiator(c)} }

// optimist is a client's mechanism that sends a first token and never gets an
// answer.
type optimist string

func (o optimist) Step(context.Context, []byte) ([]byte, bool, error) { return []byte(o), false, nil }
func (optimist) SessionKey() []byte                                   { return nil }

// ticket is a mechanism of the shape of Kerberos, in which the server has the
// last word. It implements both sides.
type ticket struct {
	server bool
	steps  int
	mute   bool // cannot sign
}

func (k *ticket) Step(_ context.Context, token []byte) ([]byte, bool, error) {
	k.steps++
	if k.steps == 1 {
		return []byte("AP-REQ"), false, nil
	}
	if string(token) != "AP-REP" {
		return nil, false, fmt.Errorf("token %q, want AP-REP", token)
	}
	return nil, true, nil
}

func (k *ticket) Accept(_ context.Context, token []byte) ([]byte, bool, error) {
	if string(token) != "AP-REQ" {
		return nil, false, ntstatus.LogonFailure
	}
	return []byte("AP-REP"), true, nil
}

func (k *ticket) Identity() *auth.Identity { return &auth.Identity{Kind: auth.User, Account: "ann"} }
func (k *ticket) SessionKey() []byte       { return []byte("0123456789abcdef") }

func (k *ticket) mic(server bool, message []byte) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%v %x", server, message))
	return sum[:8]
}

func (k *ticket) GetMIC(message []byte) ([]byte, error) {
	if k.mute {
		return nil, errors.New("mute")
	}
	return k.mic(k.server, message), nil
}

func (k *ticket) VerifyMIC(message, mic []byte) error {
	if k.mute || !bytes.Equal(mic, k.mic(!k.server, message)) {
		return errors.New("wrong MIC")
	}
	return nil
}

// leg is one token on the wire.
type leg struct {
	fromClient bool
	token      []byte
}

// outcome is how an exchange ended.
type outcome struct {
	legs                 []leg
	server               auth.Acceptor
	client               auth.Initiator
	serverDone           bool
	serverErr, clientErr error
}

// run carries tokens between client and server, through change if that is not
// nil, until both are done or one fails. change gets the number of the leg.
func run(t testing.TB, client auth.Initiator, server auth.Acceptor, change func(n int, token []byte) []byte) outcome {
	t.Helper()
	o := outcome{client: client, server: server}
	var token []byte
	wire := func(fromClient bool) {
		if change != nil {
			token = change(len(o.legs), token)
		}
		o.legs = append(o.legs, leg{fromClient, token})
	}
	for range 10 {
		var clientDone bool
		token, clientDone, o.clientErr = client.Step(t.Context(), token)
		if o.clientErr != nil || clientDone && token == nil {
			return o
		}
		wire(true)
		token, o.serverDone, o.serverErr = server.Accept(t.Context(), token)
		if o.serverErr != nil || o.serverDone && token == nil {
			return o
		}
		wire(false)
	}
	t.Fatal("the exchange does not end")
	return o
}

// ok checks that both sides are done and have one key.
func (o outcome) ok(t *testing.T, what string, legs int) {
	t.Helper()
	if o.clientErr != nil || o.serverErr != nil || !o.serverDone {
		t.Errorf("%s: client %v, server %v, done %v", what, o.clientErr, o.serverErr, o.serverDone)
		return
	}
	if key := o.client.SessionKey(); len(key) != 16 || !bytes.Equal(key, o.server.SessionKey()) {
		t.Errorf("%s: client's key %x, server's %x", what, key, o.server.SessionKey())
	}
	if len(o.legs) != legs {
		t.Errorf("%s: %d legs, want %d", what, len(o.legs), legs)
	}
}

// refused checks that the server has refused with want, and is through.
func (o outcome) refused(t *testing.T, what string, want ntstatus.Status) {
	t.Helper()
	if got, _ := errors.AsType[ntstatus.Status](o.serverErr); got != want || o.serverDone {
		t.Errorf("%s: %v, done %v, want %v", what, o.serverErr, o.serverDone, want)
	}
	if o.server.Identity() != nil || o.server.SessionKey() != nil {
		t.Errorf("%s: refused, but with an identity or a key", what)
	}
	if _, _, err := o.server.Accept(context.Background(), o.legs[0].token); !errors.Is(err, ntstatus.InvalidParameter) {
		t.Errorf("%s: the exchange goes on: %v", what, err)
	}
}

func (o outcome) resp(t *testing.T, n int) negTokenResp {
	t.Helper()
	if n >= len(o.legs) {
		t.Fatalf("only %d legs; client %v, server %v", len(o.legs), o.clientErr, o.serverErr)
	}
	m, err := decodeResp(o.legs[n].token)
	if err != nil {
		t.Fatalf("leg %d: %v", n, err)
	}
	return m
}

func TestNTLMFirstIsSignedByBoth(t *testing.T) {
	o := run(t, NewInitiator(offerNTLM(ann)), newTestServer().NewAcceptor(), nil)
	o.ok(t, "NTLM", 4)
	if m := o.resp(t, 1); m.State != acceptIncomplete || m.SupportedMech != NTLMSSP || !ntlm.IsMessage(m.ResponseToken) || m.MechListMIC != nil {
		t.Errorf("first reply %+v", m)
	}
	if m := o.resp(t, 2); len(m.MechListMIC) != 16 {
		t.Errorf("AUTHENTICATE without mechListMIC: %+v", m)
	}
	if m := o.resp(t, 3); m.State != acceptCompleted || m.SupportedMech != "" || len(m.MechListMIC) != 16 || m.ResponseToken != nil {
		t.Errorf("last reply %+v", m)
	}
	if id := o.server.Identity(); id.Account != "ann" || id.Mechanism != "NTLMv2" {
		t.Errorf("identity %+v", id)
	}
}

// editResp decodes leg n, lets f change it, and encodes it again.
func editResp(t testing.TB, leg int, f func(m *negTokenResp)) func(int, []byte) []byte {
	return func(n int, token []byte) []byte {
		if n != leg {
			return token
		}
		m, err := decodeResp(token)
		if err != nil {
			t.Fatal(err)
		}
		f(&m)
		token, err = m.encode()
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
}

func TestServerSignsOnlyIfTheClientDoes(t *testing.T) {
	o := run(t, NewInitiator(offerNTLM(ann)), newTestServer().NewAcceptor(),
		editResp(t, 2, func(m *negTokenResp) { m.MechListMIC = nil }))
	o.ok(t, "client without MIC", 4)
	if m := o.resp(t, 3); m.State != acceptCompleted || m.MechListMIC != nil {
		t.Errorf("last reply %+v, want no MIC", m)
	}
}

func TestOptimisticTokensOfOthersArePassedOver(t *testing.T) {
	for what, first := range map[string]Offer{
		"Kerberos":    {Kerberos, optimist("\x60\x06\x01\x02\x03")},
		"MS Kerberos": {MSKerberos, optimist("\x60\x06\x01\x02\x03")},
		"NEGOEX":      {NEGOEX, optimist("NEGOEXTS garbage")},
	} {
		o := run(t, NewInitiator(first, offerNTLM(ann)), newTestServer().NewAcceptor(), nil)
		o.ok(t, what, 6)
		if m := o.resp(t, 1); m.State != requestMIC || m.SupportedMech != NTLMSSP || m.ResponseToken != nil {
			t.Errorf("%s: first reply %+v, want request-mic with NTLMSSP and no token", what, m)
		}
		if m := o.resp(t, 3); m.State != acceptIncomplete || m.SupportedMech != "" || !ntlm.IsMessage(m.ResponseToken) {
			t.Errorf("%s: second reply %+v", what, m)
		}
		if m := o.resp(t, 5); m.State != acceptCompleted || len(m.MechListMIC) != 16 {
			t.Errorf("%s: last reply %+v", what, m)
		}
	}
	four := NewInitiator(Offer{MSKerberos, optimist("a")}, Offer{Kerberos, optimist("b")}, Offer{NEGOEX, optimist("c")}, offerNTLM(ann))
	run(t, four, newTestServer().NewAcceptor(), nil).ok(t, "the list of Windows", 6)
}

func TestSecondChoiceMustBeSigned(t *testing.T) {
	client := func() auth.Initiator { return NewInitiator(Offer{Kerberos, optimist("AP-REQ")}, offerNTLM(ann)) }
	o := run(t, client(), newTestServer().NewAcceptor(), editResp(t, 4, func(m *negTokenResp) { m.MechListMIC = nil }))
	o.refused(t, "MIC taken away", ntstatus.LogonFailure)
	f, ok := errors.AsType[*auth.Failure](o.serverErr)
	if !ok || f.Account != "ann" {
		t.Errorf("the failure does not name the account: %#v", o.serverErr)
	}
	for i := range 16 {
		o = run(t, client(), newTestServer().NewAcceptor(), editResp(t, 4, func(m *negTokenResp) {
			m.MechListMIC = bytes.Clone(m.MechListMIC)
			m.MechListMIC[i] ^= 1
		}))
		o.refused(t, fmt.Sprintf("byte %d of the MIC changed", i), ntstatus.LogonFailure)
	}
	o = run(t, client(), newTestServer().NewAcceptor(), editResp(t, 4, func(m *negTokenResp) { m.MechListMIC = []byte{} }))
	o.refused(t, "empty MIC", ntstatus.LogonFailure)
	o = run(t, client(), newTestServer().NewAcceptor(), editResp(t, 5, func(m *negTokenResp) { m.MechListMIC = nil }))
	if !errors.Is(o.clientErr, errMIC) || o.client.SessionKey() != nil {
		t.Errorf("the client accepts a server that does not sign: %v", o.clientErr)
	}
	o = run(t, client(), newTestServer().NewAcceptor(), editResp(t, 5, func(m *negTokenResp) { m.MechListMIC[5] ^= 1 }))
	if !errors.Is(o.clientErr, errMIC) || o.client.SessionKey() != nil {
		t.Errorf("the client accepts a wrong signature: %v", o.clientErr)
	}
}

func TestWrongMICIsRefusedEvenIfNoneIsNeeded(t *testing.T) {
	o := run(t, NewInitiator(offerNTLM(ann)), newTestServer().NewAcceptor(),
		editResp(t, 2, func(m *negTokenResp) { m.MechListMIC[4] ^= 1 }))
	o.refused(t, "wrong MIC", ntstatus.LogonFailure)
}

func TestChangedListOfMechanismsIsFound(t *testing.T) {
	// Somebody takes the stronger mechanism out of the client's list.
	o := run(t, NewInitiator(Offer{Kerberos, optimist("AP-REQ")}, offerNTLM(ann)), newTestServer().NewAcceptor(),
		func(n int, token []byte) []byte {
			if n != 0 {
				return token
			}
			token, err := negTokenInit{MechTypes: []OID{NTLMSSP}}.encode()
			if err != nil {
				t.Fatal(err)
			}
			return token
		})
	o.refused(t, "Kerberos taken out", ntstatus.LogonFailure)
	// Or puts its own behind it.
	o = run(t, NewInitiator(offerNTLM(ann)), newTestServer().NewAcceptor(), func(n int, token []byte) []byte {
		if n != 0 {
			return token
		}
		m, err := decodeInit(token)
		if err != nil {
			t.Fatal(err)
		}
		m.MechTypes = append(m.MechTypes, NEGOEX)
		if token, err = m.encode(); err != nil {
			t.Fatal(err)
		}
		return token
	})
	o.refused(t, "NEGOEX put in", ntstatus.LogonFailure)
}

func TestListWithoutTokenIsAnswered(t *testing.T) {
	a := newTestServer().NewAcceptor()
	token, err := negTokenInit{MechTypes: []OID{NTLMSSP, Kerberos}}.encode()
	if err != nil {
		t.Fatal(err)
	}
	out, done, err := a.Accept(t.Context(), token)
	if err != nil || done {
		t.Fatalf("done %v, %v", done, err)
	}
	if m, err := decodeResp(out); err != nil || m.State != acceptIncomplete || m.SupportedMech != NTLMSSP || m.ResponseToken != nil {
		t.Errorf("reply %+v, %v", m, err)
	}
}

func TestRawNTLMIsAnsweredRaw(t *testing.T) {
	// The client of Linux sends NTLM without SPNEGO.
	o := run(t, ntlm.NewInitiator(ann), newTestServer().NewAcceptor(), nil)
	o.ok(t, "raw NTLM", 3)
	if !ntlm.IsMessage(o.legs[1].token) {
		t.Errorf("reply %x, want an NTLM message", o.legs[1].token)
	}
	wrong := ann
	wrong.Password = "raven"
	o = run(t, ntlm.NewInitiator(wrong), newTestServer().NewAcceptor(), nil)
	o.refused(t, "raw, wrong password", ntstatus.LogonFailure)

	server := newTestServer()
	server.Mechanisms[0].IsRaw = nil
	o = run(t, ntlm.NewInitiator(ann), server.NewAcceptor(), nil)
	o.refused(t, "raw where it is not allowed", ntstatus.InvalidParameter)
}

// v1 is a client that answers with a response of the length of NTLMv1.
type v1 struct{ auth.Initiator }

func (c v1) Step(ctx context.Context, token []byte) ([]byte, bool, error) {
	out, done, err := c.Initiator.Step(ctx, token)
	if done {
		out = bytes.Clone(out)
		out[20], out[21] = 24, 0 // NtChallengeResponseLen
	}
	return out, done, err
}

func TestWrongLogonsAreRefusedAlike(t *testing.T) {
	for what, offer := range map[string]Offer{
		"wrong password": offerNTLM(ntlm.Credentials{User: "ann", Password: "raven"}),
		"unknown user":   offerNTLM(ntlm.Credentials{User: "eve", Password: "tulip"}),
		"NTLMv1":         {NTLMSSP, v1{ntlm.NewInitiator(ann)}},
	} {
		var reply []byte
		client := NewInitiator(offer)
		a := newTestServer().NewAcceptor()
		out, _, err := client.Step(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if out, _, err = a.Accept(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		if out, _, err = client.Step(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		reply, done, err := a.Accept(t.Context(), out)
		if !errors.Is(err, ntstatus.LogonFailure) || done || a.Identity() != nil || a.SessionKey() != nil {
			t.Errorf("%s: done %v, %v", what, done, err)
		}
		if m, err := decodeResp(reply); err != nil || fmt.Sprint(m) != fmt.Sprint(negTokenResp{State: rejected}) {
			t.Errorf("%s: reply %+v, %v, want a bare reject", what, m, err)
		}
		if _, _, err := client.Step(t.Context(), reply); !errors.Is(err, errRejected) {
			t.Errorf("%s: the client: %v", what, err)
		}
	}
}

func TestAnonymousNeedsNoSignature(t *testing.T) {
	run(t, NewInitiator(offerNTLM(anonymous)), newTestServer().NewAcceptor(), nil).ok(t, "anonymous", 4)
	run(t, ntlm.NewInitiator(anonymous), newTestServer().NewAcceptor(), nil).ok(t, "raw anonymous", 3)
	client := NewInitiator(Offer{Kerberos, optimist("AP-REQ")}, offerNTLM(anonymous))
	o := run(t, client, newTestServer().NewAcceptor(), editResp(t, 4, func(m *negTokenResp) { m.MechListMIC = nil }))
	if o.serverErr != nil || !o.serverDone || o.server.Identity().Kind != auth.Anonymous {
		t.Errorf("anonymous by second choice, unsigned: done %v, %v", o.serverDone, o.serverErr)
	}
}

// ticketServer prefers a mechanism of the shape of Kerberos.
func ticketServer() *Server {
	s := newTestServer()
	s.Mechanisms = append([]Mechanism{{
		OID: Kerberos, Name: "ticket", NewAcceptor: func() auth.Acceptor { return &ticket{server: true} },
	}}, s.Mechanisms...)
	return s
}

func TestServerMayHaveTheLastWord(t *testing.T) {
	o := run(t, NewInitiator(Offer{Kerberos, &ticket{}}), ticketServer().NewAcceptor(), nil)
	o.ok(t, "first choice", 2)
	if m := o.resp(t, 1); m.State != acceptCompleted || string(m.ResponseToken) != "AP-REP" || m.SupportedMech != Kerberos || m.MechListMIC != nil {
		t.Errorf("reply %+v", m)
	}

	// By second choice both sign, the server first.
	second := func() auth.Initiator { return NewInitiator(Offer{NEGOEX, optimist("x")}, Offer{Kerberos, &ticket{}}) }
	o = run(t, second(), ticketServer().NewAcceptor(), nil)
	o.ok(t, "second choice", 6)
	if m := o.resp(t, 3); m.State != acceptIncomplete || m.MechListMIC == nil || string(m.ResponseToken) != "AP-REP" {
		t.Errorf("reply %+v", m)
	}
	if m := o.resp(t, 5); m.State != acceptCompleted || m.MechListMIC != nil {
		t.Errorf("last reply %+v", m)
	}
	o = run(t, second(), ticketServer().NewAcceptor(), editResp(t, 4, func(m *negTokenResp) { m.MechListMIC = nil }))
	o.refused(t, "client does not sign", ntstatus.LogonFailure)
	o = run(t, second(), ticketServer().NewAcceptor(), editResp(t, 4, func(m *negTokenResp) { m.MechListMIC = []byte("something else") }))
	o.refused(t, "client signs something else", ntstatus.LogonFailure)
	o = run(t, second(), ticketServer().NewAcceptor(), editResp(t, 3, func(m *negTokenResp) { m.MechListMIC = []byte("something else") }))
	if !errors.Is(o.clientErr, errMIC) {
		t.Errorf("the client accepts a wrong signature: %v", o.clientErr)
	}

	mute := ticketServer()
	mute.Mechanisms[0].NewAcceptor = func() auth.Acceptor { return &ticket{server: true, mute: true} }
	o = run(t, second(), mute.NewAcceptor(), nil)
	o.refused(t, "a mechanism that cannot sign", ntstatus.LogonFailure)
}

func TestIdentifierOfTheClientIsTheOneAnswered(t *testing.T) {
	s := ticketServer()
	s.Mechanisms = append(s.Mechanisms, s.Mechanisms[0])
	s.Mechanisms[2].OID = MSKerberos
	o := run(t, NewInitiator(Offer{MSKerberos, &ticket{}}, Offer{Kerberos, optimist("x")}), s.NewAcceptor(), nil)
	o.ok(t, "MS Kerberos", 2)
	if m := o.resp(t, 1); m.SupportedMech != MSKerberos {
		t.Errorf("answered %v, want %v", m.SupportedMech, MSKerberos)
	}
}

func TestTokensThatAreNoneAreInvalid(t *testing.T) {
	init := run(t, NewInitiator(offerNTLM(ann)), newTestServer().NewAcceptor(), nil)
	for what, tokens := range map[string][][]byte{
		"nothing":                {nil},
		"garbage":                {[]byte("garbage")},
		"NegTokenResp first":     {init.legs[2].token},
		"NegTokenInit twice":     {init.legs[0].token, init.legs[0].token},
		"raw in the middle":      {init.legs[0].token, []byte("NTLMSSP\x00\x03\x00\x00\x00")},
		"too long":               {append(bytes.Clone(init.legs[0].token), make([]byte, maxToken)...)},
		"a token behind the end": {init.legs[0].token, []byte("garbage"), init.legs[2].token},
		"empty NTLM token":       {init.legs[0].token, {0xa1, 0x02, 0x30, 0x00}},
	} {
		a := newTestServer().NewAcceptor()
		var err error
		for n, token := range tokens {
			var done bool
			if _, done, err = a.Accept(t.Context(), token); done || err == nil && n == len(tokens)-1 {
				t.Errorf("%s: token %d: done %v, %v", what, n, done, err)
			}
		}
		if !errors.Is(err, ntstatus.InvalidParameter) {
			t.Errorf("%s: %v, want InvalidParameter", what, err)
		}
	}
	o := run(t, NewInitiator(Offer{Kerberos, optimist("AP-REQ")}, Offer{NEGOEX, optimist("x")}), newTestServer().NewAcceptor(), nil)
	o.refused(t, "nothing in common", ntstatus.InvalidParameter)
}

func TestClientThatGivesUpIsBelieved(t *testing.T) {
	o := run(t, NewInitiator(offerNTLM(ann)), newTestServer().NewAcceptor(), editResp(t, 2, func(m *negTokenResp) { m.State = rejected }))
	o.refused(t, "reject", ntstatus.LogonFailure)
}

func TestExchangesEndAfterSomeLegs(t *testing.T) {
	s := &Server{Mechanisms: []Mechanism{{OID: NTLMSSP, NewAcceptor: func() auth.Acceptor { return endless{} }}}}
	a := s.NewAcceptor()
	token, err := negTokenInit{MechTypes: []OID{NTLMSSP}, MechToken: []byte("x")}.encode()
	if err != nil {
		t.Fatal(err)
	}
	for n := range maxLegs {
		if _, _, err := a.Accept(t.Context(), token); err != nil {
			t.Fatalf("leg %d: %v", n, err)
		}
		if token, err = (negTokenResp{State: stateAbsent, ResponseToken: []byte("x")}).encode(); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := a.Accept(t.Context(), token); !errors.Is(err, ntstatus.InvalidParameter) {
		t.Errorf("leg %d: %v, want InvalidParameter", maxLegs, err)
	}
}

// endless is a mechanism that always wants more.
type endless struct{}

func (endless) Accept(context.Context, []byte) ([]byte, bool, error) { return []byte("x"), false, nil }
func (endless) Identity() *auth.Identity                             { return nil }
func (endless) SessionKey() []byte                                   { return nil }

func TestClientRefusesServersThatMisbehave(t *testing.T) {
	for what, change := range map[string]func(int, []byte) []byte{
		"garbage":                      func(n int, token []byte) []byte { return []byte("garbage") },
		"another mechanism":            editResp(t, 1, func(m *negTokenResp) { m.SupportedMech = NEGOEX }),
		"rejected":                     editResp(t, 1, func(m *negTokenResp) { m.State = rejected }),
		"accepted before any password": editResp(t, 1, func(m *negTokenResp) { m.State, m.ResponseToken = acceptCompleted, nil }),
		"a token behind the end":       editResp(t, 3, func(m *negTokenResp) { m.ResponseToken = []byte("x") }),
		"wrong signature":              editResp(t, 3, func(m *negTokenResp) { m.MechListMIC[4] ^= 1 }),
		"signature asked for, not sent": func(n int, token []byte) []byte {
			token = editResp(t, 1, func(m *negTokenResp) { m.State = requestMIC })(n, token)
			return editResp(t, 3, func(m *negTokenResp) { m.MechListMIC = nil })(n, token)
		},
	} {
		o := run(t, NewInitiator(offerNTLM(ann)), newTestServer().NewAcceptor(), func(n int, token []byte) []byte {
			if n%2 == 0 {
				return token
			}
			return change(n, token)
		})
		if o.clientErr == nil || o.client.SessionKey() != nil {
			t.Errorf("%s: the client accepts it", what)
		}
		if _, _, err := o.client.Step(t.Context(), nil); err == nil {
			t.Errorf("%s: the client goes on", what)
		}
	}
	if _, _, err := NewInitiator().Step(t.Context(), nil); err == nil {
		t.Error("a client without mechanisms begins")
	}
}

func TestEmptyLastTokenOfOldServersIsAccepted(t *testing.T) {
	o := run(t, NewInitiator(offerNTLM(ann)), newTestServer().NewAcceptor(), func(n int, token []byte) []byte {
		if n == 3 {
			return []byte{}
		}
		return token
	})
	o.ok(t, "empty last token", 4)
	o = run(t, NewInitiator(Offer{Kerberos, optimist("x")}, offerNTLM(ann)), newTestServer().NewAcceptor(), func(n int, token []byte) []byte {
		if n == 5 {
			return []byte{}
		}
		return token
	})
	if !errors.Is(o.clientErr, errMIC) {
		t.Errorf("empty last token where a signature is needed: %v", o.clientErr)
	}
}

// FuzzSPNEGO feeds three tokens to a server and to a client. Neither may
// panic; nobody but an anonymous client gets in, for challenges are random.
func FuzzSPNEGO(f *testing.F) {
	for _, client := range []auth.Initiator{
		NewInitiator(offerNTLM(ann)),
		NewInitiator(offerNTLM(anonymous)),
		NewInitiator(Offer{Kerberos, optimist("AP-REQ")}, offerNTLM(ann)),
		NewInitiator(Offer{NEGOEX, optimist("x")}, offerNTLM(anonymous)),
		ntlm.NewInitiator(ann),
		ntlm.NewInitiator(anonymous),
	} {
		o := run(f, client, newTestServer().NewAcceptor(), nil)
		tokens := make([][]byte, 6)
		for n, l := range o.legs {
			tokens[n] = l.token
		}
		f.Add(tokens[0], tokens[2], tokens[4])
		f.Add(tokens[1], tokens[3], tokens[5])
	}
	for _, r := range loadRecords(f) {
		f.Add(r.client[0], r.client[1], r.server[0])
	}
	f.Add(loadVector(f), []byte{}, []byte{})
	server := newTestServer()
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		acceptor := server.NewAcceptor()
		client := NewInitiator(Offer{Kerberos, optimist("AP-REQ")}, offerNTLM(ann))
		if _, _, err := client.Step(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		for _, token := range [][]byte{a, b, c} {
			out, done, err := acceptor.Accept(t.Context(), token)
			if done && (err != nil || acceptor.Identity().Kind != auth.Anonymous) {
				t.Fatalf("done with %v as %+v", err, acceptor.Identity())
			}
			if done != (acceptor.Identity() != nil) && err == nil {
				t.Fatalf("done %v with identity %+v", done, acceptor.Identity())
			}
			if err == nil && !done && len(out) == 0 {
				t.Fatal("neither a token, nor done, nor an error")
			}
			if err != nil {
				if _, ok := errors.AsType[ntstatus.Status](err); !ok {
					t.Fatalf("no status in %v", err)
				}
			}
			if _, done, err := client.Step(t.Context(), token); done {
				t.Fatalf("the client takes a stranger for its server: %v", err)
			}
		}
		if m, err := decodeInit(a); err == nil {
			again, err := m.encode()
			if err != nil {
				t.Fatal(err)
			}
			if d, err := decodeInit(again); err != nil || fmt.Sprint(d.MechTypes, d.MechToken) != fmt.Sprint(m.MechTypes, m.MechToken) {
				t.Fatalf("%+v decodes to %+v, %v", m, d, err)
			}
		}
		if m, err := decodeResp(a); err == nil {
			again, err := m.encode()
			if err != nil {
				t.Fatal(err)
			}
			if d, err := decodeResp(again); err != nil || fmt.Sprint(d) != fmt.Sprint(m) {
				t.Fatalf("%+v decodes to %+v, %v", m, d, err)
			}
		}
	})
}
