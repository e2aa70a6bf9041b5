package ntlm

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// testAccounts are accounts by their upper-case names.
type testAccounts map[string]Account

func (a testAccounts) NTHash(_ context.Context, name string) (Account, error) {
	if account, ok := a[auth.Upcase(name)]; ok {
		return account, nil
	}
	return Account{}, fmt.Errorf("account: %w", fs.ErrNotExist)
}

var annSID = dtyp.NewSID(5, 21, 1, 2, 3, 1000)

// ann is the one account that logs on; bob is disabled.
func defaultAccounts() testAccounts {
	return testAccounts{
		"ANN": {Name: "Ann", SID: annSID, NTHash: HashPassword("tulip")},
		"BOB": {Name: "bob", SID: dtyp.NewSID(5, 21, 1, 2, 3, 1001), NTHash: HashPassword("raven"), Disabled: true},
	}
}

func newTestServer(accounts Accounts) *Server {
	return &Server{
		NetBIOSName: "HOST", NetBIOSDomain: "WORKGROUP", DNSName: "host.example", DNSDomain: "example",
		Accounts: accounts,
		Now:      func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) },
	}
}

// exchange is one logon, whose messages a test may change on their way.
type exchange struct {
	client *initiator
	server *acceptor
	// what crossed the wire
	negotiate, challenge, authenticate []byte
	done                               bool
	err                                error // of the server
}

// hooks change messages on their way; nil leaves them alone.
type hooks struct {
	negotiate, challenge, authenticate func([]byte) []byte
}

func apply(f func([]byte) []byte, msg []byte) []byte {
	msg = bytes.Clone(msg)
	if f == nil {
		return msg
	}
	return f(msg)
}

// logon runs one exchange. A client that refuses fails the test.
func logon(t testing.TB, server *Server, c Credentials, h hooks) *exchange {
	t.Helper()
	x := &exchange{client: NewInitiator(c).(*initiator), server: server.NewAcceptor().(*acceptor)}
	out, done, err := x.client.Step(t.Context(), nil)
	if err != nil || done {
		t.Fatalf("NEGOTIATE: done %v, %v", done, err)
	}
	x.negotiate = apply(h.negotiate, out)
	out, done, err = x.server.Accept(t.Context(), x.negotiate)
	if err != nil || done {
		t.Fatalf("CHALLENGE: done %v, %v", done, err)
	}
	x.challenge = apply(h.challenge, out)
	out, done, err = x.client.Step(t.Context(), x.challenge)
	if err != nil || !done {
		t.Fatalf("AUTHENTICATE: done %v, %v", done, err)
	}
	x.authenticate = apply(h.authenticate, out)
	out, x.done, x.err = x.server.Accept(t.Context(), x.authenticate)
	if len(out) != 0 {
		t.Errorf("token %x behind AUTHENTICATE", out)
	}
	return x
}

// refused checks that the server ended x with status and kept nothing of it.
func (x *exchange) refused(t *testing.T, what string, want ntstatus.Status) {
	t.Helper()
	got, _ := errors.AsType[ntstatus.Status](x.err)
	if x.done || got != want {
		t.Errorf("%s: done %v, %v, want %v", what, x.done, x.err, want)
	}
	if x.server.Identity() != nil || x.server.SessionKey() != nil {
		t.Errorf("%s: refused, but with an identity or a key", what)
	}
}

func TestLogonGivesBothSidesTheSameKey(t *testing.T) {
	ann := HashPassword("tulip")
	for _, c := range []Credentials{
		{User: "ann", Password: "tulip"},
		{User: "ANN", Password: "tulip"},
		{User: "ann", Password: "tulip", Domain: "HOST"},
		{User: "ann", Password: "tulip", Domain: "."},
		{User: "ann", Password: "tulip", Domain: "WORKGROUP", Workstation: "CLIENT"},
		{User: "ann", Password: "tulip", Domain: "Ünknown"},
		{User: `HOST\ann`, Password: "tulip"},
		{User: `.\ann`, Password: "tulip"},
		{User: "ann@host", Password: "tulip"},
		{User: "ann@host.example", Password: "tulip", TargetSPN: "cifs/host.example"},
		{User: "ann", Hash: &ann},
	} {
		x := logon(t, newTestServer(defaultAccounts()), c, hooks{})
		if x.err != nil || !x.done {
			t.Errorf("%v: done %v, %v", c, x.done, x.err)
			continue
		}
		key := x.client.SessionKey()
		if len(key) != 16 || !bytes.Equal(key, x.server.SessionKey()) || bytes.Equal(key, make([]byte, 16)) {
			t.Errorf("%v: client's key %x, server's %x", c, key, x.server.SessionKey())
		}
		want := auth.Identity{
			Kind: auth.User, Account: "Ann", SID: annSID, Domain: c.Domain,
			Workstation: c.Workstation, TargetName: c.TargetSPN, HasTarget: true, Mechanism: "NTLMv2",
		}
		if got := *x.server.Identity(); got != want {
			t.Errorf("%v: identity\n got %+v\nwant %+v", c, got, want)
		}
		message := []byte("the list of mechanisms")
		mic, err := x.client.GetMIC(message)
		if err != nil || x.server.VerifyMIC(message, mic) != nil {
			t.Errorf("%v: the client's signature: %v, %v", c, err, x.server.VerifyMIC(message, mic))
		}
		if x.client.VerifyMIC(message, mic) == nil {
			t.Errorf("%v: the client takes its own signature for the server's", c)
		}
		mic, err = x.server.GetMIC(message)
		if err != nil || x.client.VerifyMIC(message, mic) != nil {
			t.Errorf("%v: the server's signature: %v, %v", c, err, x.client.VerifyMIC(message, mic))
		}
		if x.server.VerifyMIC(message[1:], mic) == nil || x.client.VerifyMIC(message[1:], mic) == nil {
			t.Errorf("%v: the signature of another message is accepted", c)
		}
	}
}

func TestKeyIsMadeOfTheNamesAsSent(t *testing.T) {
	// A client that sends one domain and computes with another has not proved
	// that it knows the password.
	x := logon(t, newTestServer(defaultAccounts()), Credentials{User: "ann", Password: "tulip", Domain: "HOST"}, hooks{
		authenticate: func(msg []byte) []byte {
			return bytes.Replace(msg, []byte("H\x00O\x00S\x00T\x00"), []byte("P\x00O\x00S\x00T\x00"), 1)
		},
	})
	x.refused(t, "changed domain", ntstatus.LogonFailure)
}

func TestWrongLogonsAreRefusedAlike(t *testing.T) {
	for what, c := range map[string]Credentials{
		"wrong password":                  {User: "ann", Password: "Tulip"},
		"unknown user":                    {User: "eve", Password: "tulip"},
		"unknown user with hash of zeros": {User: "eve", Hash: new(NTHash)},
		"wrong password when disabled":    {User: "bob", Password: "tulip"},
		"no user":                         {User: "", Password: "tulip"},
		"domain in front of nothing":      {User: `ann\`, Password: "tulip"},
	} {
		logon(t, newTestServer(defaultAccounts()), c, hooks{}).refused(t, what, ntstatus.LogonFailure)
	}
}

func TestDisabledAccountIsToldToItsOwnerOnly(t *testing.T) {
	x := logon(t, newTestServer(defaultAccounts()), Credentials{User: "bob", Password: "raven"}, hooks{})
	x.refused(t, "right password", ntstatus.AccountDisabled)
}

func TestFailureTellsAdministratorsWhoAndWhy(t *testing.T) {
	x := logon(t, newTestServer(defaultAccounts()), Credentials{User: "e\nve", Domain: "D", Workstation: "W", Password: "tulip"}, hooks{})
	f, ok := errors.AsType[*auth.Failure](x.err)
	if !ok || f.Account != "e\nve" || f.Domain != "D" || f.Workstation != "W" || f.Reason == "" {
		t.Errorf("%#v", x.err)
	}
	if text := x.err.Error(); strings.Contains(text, "\n") || !strings.Contains(text, "STATUS_LOGON_FAILURE") {
		t.Errorf("text %q: want the status, and no line end of the peer's", text)
	}
}

func TestFailingLookUpIsNoWrongPassword(t *testing.T) {
	broken := errors.New("disk on fire")
	x := logon(t, newTestServer(brokenAccounts{broken}), Credentials{User: "ann", Password: "tulip"}, hooks{})
	x.refused(t, "broken store", ntstatus.InternalError)
	if !errors.Is(x.err, broken) {
		t.Errorf("%v does not wrap its cause", x.err)
	}
}

type brokenAccounts struct{ err error }

func (b brokenAccounts) NTHash(context.Context, string) (Account, error) { return Account{}, b.err }

// editAuthenticate decodes AUTHENTICATE, lets f change it, and encodes it with
// the MIC it had.
func editAuthenticate(t testing.TB, f func(m *authenticate)) func([]byte) []byte {
	return func(msg []byte) []byte {
		m, err := decodeAuthenticate(msg, true)
		if err != nil {
			t.Fatal(err)
		}
		f(&m)
		return m.encode()
	}
}

func TestResponsesOlderThanNTLMv2AreRefused(t *testing.T) {
	for what, f := range map[string]func(m *authenticate){
		"NTLMv1": func(m *authenticate) { m.NTResponse = make([]byte, 24) },
		"NTLM2 session response": func(m *authenticate) {
			m.NTResponse = make([]byte, 24)
			m.LMResponse = append(make([]byte, 8), make([]byte, 16)...)
		},
		"LM only":                func(m *authenticate) { m.NTResponse = nil; m.LMResponse = bytes.Repeat([]byte{1}, 24) },
		"LMv2 only":              func(m *authenticate) { m.NTResponse = nil },
		"a short one":            func(m *authenticate) { m.NTResponse = []byte{1} },
		"none":                   func(m *authenticate) { m.NTResponse, m.LMResponse = nil, nil },
		"LM without a user":      func(m *authenticate) { m.User, m.NTResponse = "", nil },
		"LM byte without a user": func(m *authenticate) { m.User, m.NTResponse, m.LMResponse = "", nil, []byte{1} },
	} {
		for _, user := range []string{"ann", "eve"} {
			x := logon(t, newTestServer(defaultAccounts()), Credentials{User: user, Password: "tulip"}, hooks{authenticate: editAuthenticate(t, f)})
			x.refused(t, what+" of "+user, ntstatus.LogonFailure)
		}
	}
}

// TestMisbuiltClientChallengeIsAnInvalidParameter restates
// smb2.session.ntlmssp_bug14932 of smbtorture.
func TestMisbuiltClientChallengeIsAnInvalidParameter(t *testing.T) {
	for what, f := range map[string]func(m *authenticate){
		"95 bytes, attributes cut short": func(m *authenticate) {
			m.NTResponse = m.NTResponse[:95]
		},
		"no end of attributes": func(m *authenticate) {
			m.NTResponse = append(m.NTResponse[:44:44], 1, 0, 2, 0, 'A', 0)
		},
		"25 bytes":      func(m *authenticate) { m.NTResponse = m.NTResponse[:25] },
		"no attributes": func(m *authenticate) { m.NTResponse = m.NTResponse[:44] },
		"RespType 2":    func(m *authenticate) { m.NTResponse = bytes.Clone(m.NTResponse); m.NTResponse[16] = 2 },
		"HiRespType 2":  func(m *authenticate) { m.NTResponse = bytes.Clone(m.NTResponse); m.NTResponse[17] = 2 },
		"1000 attributes": func(m *authenticate) {
			m.NTResponse = append(m.NTResponse[:44:44], bytes.Repeat([]byte{1, 0, 0, 0}, 1000)...)
			m.NTResponse = append(m.NTResponse, 0, 0, 0, 0)
		},
	} {
		for _, user := range []string{"ann", "eve"} {
			x := logon(t, newTestServer(defaultAccounts()), Credentials{User: user, Password: "tulip"}, hooks{authenticate: editAuthenticate(t, f)})
			x.refused(t, what+" of "+user, ntstatus.InvalidParameter)
		}
	}
}

func TestMalformedSessionKeyIsAnInvalidParameter(t *testing.T) {
	for _, key := range [][]byte{nil, make([]byte, 15), make([]byte, 17)} {
		for _, user := range []string{"ann", "eve", ""} {
			c := Credentials{User: user, Password: "tulip"}
			if user == "" {
				c = Credentials{}
			}
			x := logon(t, newTestServer(defaultAccounts()), c, hooks{
				authenticate: editAuthenticate(t, func(m *authenticate) { m.EncryptedSessionKey = key }),
			})
			x.refused(t, fmt.Sprintf("%d bytes of %q", len(key), user), ntstatus.InvalidParameter)
		}
	}
}

func TestEveryBitOfTheMessagesIsUnderTheMIC(t *testing.T) {
	server := newTestServer(defaultAccounts())
	c := Credentials{User: "ann", Domain: "HOST", Password: "tulip", Workstation: "CLIENT", TargetSPN: "cifs/host"}
	size := len(logon(t, server, c, hooks{}).authenticate)
	for i := range size {
		for bit := range 8 {
			x := logon(t, server, c, hooks{authenticate: func(msg []byte) []byte { msg[i] ^= 1 << bit; return msg }})
			if x.err == nil {
				t.Errorf("AUTHENTICATE with bit %d of byte %d of %d changed is accepted", bit, i, size)
			}
		}
	}
	for i := range 32 {
		if i >= 12 && i < 16 {
			continue // the flags, which the server's answer depends on: below
		}
		msg := logon(t, server, c, hooks{}).negotiate
		if i >= len(msg) || i < 12 {
			continue
		}
		x := logon(t, server, c, hooks{negotiate: func(msg []byte) []byte { msg[i] ^= 1; return msg }})
		x.refused(t, fmt.Sprintf("NEGOTIATE with byte %d changed", i), ntstatus.LogonFailure)
	}
	x := logon(t, server, c, hooks{negotiate: func(msg []byte) []byte { msg[12] ^= byte(flagSeal); return msg }})
	x.refused(t, "NEGOTIATE without SEAL", ntstatus.LogonFailure)
	// A byte of the CHALLENGE that nobody looks at: its version.
	x = logon(t, server, c, hooks{challenge: func(msg []byte) []byte { msg[50] ^= 1; return msg }})
	x.refused(t, "CHALLENGE with another version", ntstatus.LogonFailure)
}

func TestMICCannotBeTakenAway(t *testing.T) {
	c := Credentials{User: "ann", Password: "tulip"}
	server := newTestServer(defaultAccounts())
	x := logon(t, server, c, hooks{authenticate: editAuthenticate(t, func(m *authenticate) { m.MIC = nil })})
	x.refused(t, "MIC of zeros", ntstatus.LogonFailure)

	// A client that sees no time in the challenge promises none and sends none.
	if x = logon(t, server, c, hooks{challenge: withoutTimestamp(t)}); x.err != nil {
		t.Errorf("a client without MIC: %v", x.err)
	}
}

func TestLayoutWithoutVersionAndMICIsAccepted(t *testing.T) {
	// Windows 2000 puts its payload where Version and MIC stand.
	old := func(msg []byte) []byte {
		m, err := decodeAuthenticate(msg, true)
		if err != nil {
			t.Fatal(err)
		}
		w := wire.NewWriter(nil)
		p := payload{base: 64}
		writeHeader(w, typeAuthenticate)
		for _, part := range [][]byte{
			m.LMResponse, m.NTResponse, encodeName(m.Domain, true),
			encodeName(m.User, true), encodeName(m.Workstation, true), m.EncryptedSessionKey,
		} {
			p.field(w, part)
		}
		w.U32(uint32(m.Flags))
		w.Bytes(p.parts)
		return w.Finish()
	}
	server := newTestServer(defaultAccounts())
	c := Credentials{User: "ann", Domain: "HOST", Password: "tulip"}
	x := logon(t, server, c, hooks{challenge: withoutTimestamp(t), authenticate: old})
	if x.err != nil || !bytes.Equal(x.client.SessionKey(), x.server.SessionKey()) {
		t.Errorf("without MIC: %v", x.err)
	}
	x = logon(t, server, c, hooks{authenticate: old})
	x.refused(t, "a MIC is promised, and payload stands there", ntstatus.LogonFailure)
}

// withoutTimestamp takes the time out of CHALLENGE, so that the client sends
// no MIC.
func withoutTimestamp(t testing.TB) func([]byte) []byte {
	return func(msg []byte) []byte {
		m, err := decodeChallenge(msg)
		if err != nil {
			t.Fatal(err)
		}
		m.TargetInfo = m.TargetInfo[:len(m.TargetInfo)-1]
		return m.encode()
	}
}

func TestAnonymousIsItsOwnOutcome(t *testing.T) {
	x := logon(t, newTestServer(defaultAccounts()), Credentials{Workstation: "CLIENT"}, hooks{})
	if x.err != nil || !x.done {
		t.Fatalf("done %v, %v", x.done, x.err)
	}
	want := auth.Identity{Kind: auth.Anonymous, SID: dtyp.SIDAnonymous, Workstation: "CLIENT", Mechanism: "NTLMv2"}
	if got := *x.server.Identity(); got != want {
		t.Errorf("identity\n got %+v\nwant %+v", got, want)
	}
	// The key is exchanged under a base key of zeros.
	if key := x.client.SessionKey(); len(key) != 16 || !bytes.Equal(key, x.server.SessionKey()) {
		t.Errorf("client's key %x, server's %x", key, x.server.SessionKey())
	}
	// Without key exchange it is those zeros.
	x = logon(t, newTestServer(defaultAccounts()), Credentials{}, hooks{
		authenticate: editAuthenticate(t, func(m *authenticate) { m.Flags &^= flagKeyExchange; m.LMResponse = nil }),
	})
	if x.err != nil || !bytes.Equal(x.server.SessionKey(), make([]byte, 16)) {
		t.Errorf("without key exchange: key %x, %v, want zeros", x.server.SessionKey(), x.err)
	}
}

func TestChallengeIsThatOfAWindowsServer(t *testing.T) {
	x := logon(t, newTestServer(defaultAccounts()), Credentials{User: "ann", Password: "tulip"}, hooks{})
	c, err := decodeChallenge(x.challenge)
	if err != nil {
		t.Fatal(err)
	}
	if want := flags(0xe28a8235); c.Flags != want {
		t.Errorf("flags %#08x, want %#08x", uint32(c.Flags), uint32(want))
	}
	if c.TargetName != "HOST" {
		t.Errorf("target name %q, want HOST", c.TargetName)
	}
	var ids []avID
	for _, p := range c.TargetInfo {
		ids = append(ids, p.ID)
	}
	if got, want := fmt.Sprint(ids), fmt.Sprint([]avID{2, 1, 4, 3, 7}); got != want {
		t.Errorf("attributes %v, want %v", got, want)
	}
	for id, want := range map[avID]string{
		avNbDomainName: "WORKGROUP", avNbComputerName: "HOST", avDNSDomainName: "example", avDNSComputerName: "host.example",
	} {
		if got := c.TargetInfo.text(id); got != want {
			t.Errorf("attribute %d = %q, want %q", id, got, want)
		}
	}
	if got := binary.LittleEndian.Uint64(c.TargetInfo.find(avTimestamp)); dtyp.FileTime(got) != dtyp.FileTimeOf(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("time %d", got)
	}
	if version := x.challenge[48:56]; version[0] != 10 || version[7] != 15 {
		t.Errorf("version %x", version)
	}

	bare := (&Server{NetBIOSName: "HOST"}).NewAcceptor()
	out, _, err := bare.Accept(t.Context(), negotiate{Flags: flagOEM}.encode())
	if err != nil {
		t.Fatal(err)
	}
	c, err = decodeChallenge(out)
	if err != nil || c.TargetName != "HOST" || c.TargetInfo.text(avNbDomainName) != "HOST" || c.Flags.has(flagUnicode) || c.Flags&(flag128|flag56|flagSign) != 0 {
		t.Errorf("a client with nothing but OEM gets %+v, %v", c, err)
	}
}

func TestChallengesAreNotRepeated(t *testing.T) {
	server := newTestServer(defaultAccounts())
	seen := make(map[[8]byte]bool)
	for range 100 {
		a := server.NewAcceptor().(*acceptor)
		if _, _, err := a.Accept(t.Context(), negotiate{Flags: requested}.encode()); err != nil {
			t.Fatal(err)
		}
		seen[a.serverChallenge] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d challenges in 100 exchanges", len(seen))
	}
}

func TestRecordedLogonIsOfNoUseAgain(t *testing.T) {
	server := newTestServer(defaultAccounts())
	old := logon(t, server, Credentials{User: "ann", Password: "tulip"}, hooks{})
	x := logon(t, server, Credentials{User: "ann", Password: "tulip"}, hooks{authenticate: func([]byte) []byte { return old.authenticate }})
	x.refused(t, "recorded AUTHENTICATE", ntstatus.LogonFailure)
}

func TestMessagesOutOfOrderAreInvalid(t *testing.T) {
	x := logon(t, newTestServer(defaultAccounts()), Credentials{User: "ann", Password: "tulip"}, hooks{})
	for what, run := range map[string]func() error{
		"AUTHENTICATE first": func() error { return second(newTestServer(nil).NewAcceptor().Accept(t.Context(), x.authenticate)) },
		"AUTHENTICATE twice": func() error { return second(x.server.Accept(t.Context(), x.authenticate)) },
		"nothing":            func() error { return second(newTestServer(nil).NewAcceptor().Accept(t.Context(), nil)) },
		"no character set": func() error {
			return second(newTestServer(nil).NewAcceptor().Accept(t.Context(), negotiate{}.encode()))
		},
		"CHALLENGE to server": func() error { return second(newTestServer(nil).NewAcceptor().Accept(t.Context(), x.challenge)) },
		"message too long": func() error {
			return second(newTestServer(nil).NewAcceptor().Accept(t.Context(), append(bytes.Clone(x.negotiate), make([]byte, maxMessage)...)))
		},
		"name too long": func() error {
			y := logon(t, newTestServer(defaultAccounts()), Credentials{User: "ann", Password: "tulip"}, hooks{
				authenticate: editAuthenticate(t, func(m *authenticate) { m.User = strings.Repeat("n", maxName) }),
			})
			return y.err
		},
		"NEGOTIATE twice": func() error {
			a := newTestServer(nil).NewAcceptor()
			if _, _, err := a.Accept(t.Context(), x.negotiate); err != nil {
				t.Error(err)
			}
			return second(a.Accept(t.Context(), x.negotiate))
		},
	} {
		if err := run(); !errors.Is(err, ntstatus.InvalidParameter) {
			t.Errorf("%s: %v, want InvalidParameter", what, err)
		}
	}
}

func second(_ []byte, done bool, err error) error {
	if done {
		return errors.New("done")
	}
	return err
}

func TestShortNegotiateOfOldClientsIsAccepted(t *testing.T) {
	msg := negotiate{Flags: requested}.encode()[:16]
	if _, _, err := newTestServer(nil).NewAcceptor().Accept(t.Context(), msg); err != nil {
		t.Error(err)
	}
}

func TestClientRefusesWeakChallenges(t *testing.T) {
	for what, f := range map[string]func(c *challenge){
		"no signing":                   func(c *challenge) { c.Flags &^= flagSign },
		"no extended session security": func(c *challenge) { c.Flags &^= flagExtendedSession },
		"56 bits":                      func(c *challenge) { c.Flags &^= flag128 },
		"no key exchange":              func(c *challenge) { c.Flags &^= flagKeyExchange },
		"no attributes":                func(c *challenge) { c.TargetInfo = nil },
		"no computer name":             func(c *challenge) { c.TargetInfo[1].ID = avDNSDomainName },
	} {
		x := logon(t, newTestServer(defaultAccounts()), Credentials{User: "ann", Password: "tulip"}, hooks{})
		c, err := decodeChallenge(x.challenge)
		if err != nil {
			t.Fatal(err)
		}
		f(&c)
		client := NewInitiator(Credentials{User: "ann", Password: "tulip"})
		if _, _, err := client.Step(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		out, done, err := client.Step(t.Context(), c.encode())
		if err == nil || done || out != nil || client.SessionKey() != nil {
			t.Errorf("%s: %x, done %v, %v", what, out, done, err)
		}
	}
}

func TestOEMClientLogsOn(t *testing.T) {
	// A client without UTF-16, which ours is not: made by hand.
	server := newTestServer(testAccounts{"ÄNN": {Name: "Änn", NTHash: HashPassword("tulip")}})
	a := server.NewAcceptor().(*acceptor)
	if _, _, err := a.Accept(t.Context(), negotiate{Flags: flagOEM}.encode()); err != nil {
		t.Fatal(err)
	}
	blob := encodeBlob(0, [8]byte{}, nil)
	p := proof(HashPassword("tulip").responseKey("änn", "host"), a.serverChallenge, blob)
	m := authenticate{User: "änn", Domain: "host", NTResponse: append(p[:], blob...), Flags: flagOEM}
	_, done, err := a.Accept(t.Context(), m.encode())
	if err != nil || !done || a.Identity().Account != "Änn" {
		t.Errorf("done %v, %v, %+v", done, err, a.Identity())
	}
	if _, err := a.GetMIC(nil); err == nil {
		t.Error("signed without having agreed on signatures")
	}
	if a.VerifyMIC(nil, make([]byte, 16)) == nil {
		t.Error("a signature is accepted without having agreed on signatures")
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	h := HashPassword("tulip")
	account := Account{Name: "ann", NTHash: h}
	c := Credentials{User: "ann", Domain: "HOST", Password: "tulip", Hash: &h}
	raw := fmt.Sprintf("%x", h[:])
	decimal := strings.Trim(fmt.Sprint(h[:]), "[]")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "hash", h, "account", account, "credentials", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "hash", h, "account", account, "credentials", c)
	j, err := json.Marshal([]any{h, account, c, &c})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{log.String(), string(j)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
		texts = append(texts, fmt.Sprintf(verb, h), fmt.Sprintf(verb, account), fmt.Sprintf(verb, &account),
			fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c))
	}
	for _, text := range texts {
		if strings.Contains(strings.ToLower(text), raw) || strings.Contains(text, decimal) ||
			strings.Contains(text, strings.ReplaceAll(decimal, " ", ",")) || strings.Contains(text, "tulip") {
			t.Errorf("printed: %s", text)
		}
	}
}
