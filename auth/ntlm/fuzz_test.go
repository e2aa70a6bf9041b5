package ntlm

import (
	"bytes"
	"errors"
	"testing"
	"testing/iotest"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/ntstatus"
)

// zeros is a source of challenges that are all the same.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// FuzzNTLM feeds two tokens to a server. It must not panic, must name a status
// for every refusal, and must not let anybody in but anonymous clients and
// those who know a password: the seeds' challenge differs from the target's.
func FuzzNTLM(f *testing.F) {
	server := newTestServer(defaultAccounts())
	for _, c := range []Credentials{
		{User: "ann", Domain: "HOST", Password: "tulip", Workstation: "CLIENT", TargetSPN: "cifs/host"},
		{User: "bob", Password: "wrong"},
		{},
	} {
		x := logon(f, server, c, hooks{})
		f.Add(x.negotiate, x.authenticate)
		f.Add(x.challenge, x.challenge)
		f.Add(x.authenticate, x.negotiate)
		x = logon(f, server, c, hooks{challenge: withoutTimestamp(f)})
		f.Add(x.negotiate[:16], x.authenticate)
	}
	v := loadVectors(f)
	f.Add(negotiate{Flags: flagOEM}.encode(), v.bytes(f, "authenticate"))

	target := newTestServer(defaultAccounts())
	target.Rand = zeros{}
	f.Fuzz(func(t *testing.T, first, last []byte) {
		check := func(err error) {
			if err == nil {
				return
			}
			if s, ok := errors.AsType[ntstatus.Status](err); !ok || s != ntstatus.InvalidParameter && s != ntstatus.LogonFailure {
				t.Fatalf("refused with %v", err)
			}
			_ = err.Error()
		}
		a := target.NewAcceptor().(*acceptor)
		_, _, err := a.Accept(t.Context(), first)
		check(err)
		_, done, err := a.Accept(t.Context(), last)
		check(err)
		if done && a.Identity().Kind != auth.Anonymous {
			t.Fatalf("logged on as %+v", a.Identity())
		}
		if done != (err == nil) || done != (len(a.SessionKey()) == 16) {
			t.Fatalf("done %v, %v, key %x", done, err, a.SessionKey())
		}

		// The same bytes to a client.
		client := NewInitiator(Credentials{User: "ann", Password: "tulip"})
		if _, _, err := client.Step(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		_, done, err = client.Step(t.Context(), last)
		if done != (err == nil) || done != (client.SessionKey() != nil) {
			t.Fatalf("client done %v, %v", done, err)
		}

		// What decodes is encoded and decoded to the same.
		if c, err := decodeChallenge(last); err == nil {
			again := c.encode()
			d, err := decodeChallenge(again)
			if err != nil || !bytes.Equal(d.encode(), again) {
				t.Fatalf("challenge %x: %v", again, err)
			}
		}
		if m, err := decodeAuthenticate(last, true); err == nil {
			m.Flags |= flagUnicode
			again := m.encode()
			d, err := decodeAuthenticate(again, true)
			if err != nil || !bytes.Equal(d.encode(), again) {
				t.Fatalf("authenticate %x: %v", again, err)
			}
		}
	})
}

func TestTruncatedMessagesAreRefused(t *testing.T) {
	x := logon(t, newTestServer(defaultAccounts()), Credentials{User: "ann", Domain: "HOST", Password: "tulip", Workstation: "C"}, hooks{})
	for n := range x.negotiate[:16] {
		if _, err := decodeNegotiate(x.negotiate[:n]); err == nil {
			t.Errorf("NEGOTIATE of %d bytes decodes", n)
		}
	}
	for n := range x.challenge {
		if _, err := decodeChallenge(x.challenge[:n]); err == nil {
			t.Errorf("CHALLENGE of %d bytes of %d decodes", n, len(x.challenge))
		}
	}
	for n := range x.authenticate {
		if _, err := decodeAuthenticate(x.authenticate[:n], true); err == nil {
			t.Errorf("AUTHENTICATE of %d bytes of %d decodes", n, len(x.authenticate))
		}
	}
}

func TestFailingRandomSourceEndsTheExchange(t *testing.T) {
	broken := errors.New("no entropy")
	server := newTestServer(defaultAccounts())
	server.Rand = iotest.ErrReader(broken)
	if _, _, err := server.NewAcceptor().Accept(t.Context(), negotiate{Flags: requested}.encode()); !errors.Is(err, broken) {
		t.Errorf("server: %v, want the cause", err)
	}
	x := logon(t, newTestServer(defaultAccounts()), Credentials{User: "ann", Password: "tulip"}, hooks{})
	client := NewInitiator(Credentials{User: "ann", Password: "tulip"}).(*initiator)
	client.rand = iotest.ErrReader(broken)
	if _, _, err := client.Step(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := client.Step(t.Context(), x.challenge); !errors.Is(err, broken) || client.SessionKey() != nil {
		t.Errorf("client: %v, want the cause", err)
	}
}

func BenchmarkLogon(b *testing.B) {
	server := newTestServer(defaultAccounts())
	for name, user := range map[string]string{"known": "ann", "unknown": "eve"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				logon(b, server, Credentials{User: user, Password: "tulip"}, hooks{})
			}
		})
	}
}
