package ntlm

import (
	"bytes"
	"testing"

	"github.com/signet-smb/signet/auth"
)

// TestSealedMessagesAreThoseOfTheSpecification is [MS-NLMP] 4.2.4.4.
func TestSealedMessagesAreThoseOfTheSpecification(t *testing.T) {
	v := loadVectors(t)
	s := &session{
		flags: flagSign | flagSeal | flagExtendedSession | flag128 | flag56 | flagKeyExchange,
		key:   v.key(t, "random-session-key"),
	}
	client, err := s.protect(clientToServer, serverToClient, true)
	if err != nil {
		t.Fatal(err)
	}
	message := v.bytes(t, "plaintext")
	signature := client.Seal(message, message)
	v.check(t, "ciphertext", message)
	v.check(t, "signature", signature)

	server, err := s.protect(serverToClient, clientToServer, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Unseal(message, message, signature); err != nil {
		t.Fatal(err)
	}
	v.check(t, "plaintext", message)
}

// exchanged is both sides' protection after an exchange of c.
func exchanged(t *testing.T, c Credentials) (client, server auth.Protector) {
	t.Helper()
	i, a := NewInitiator(c), newTestServer(testAccounts{"ANN": {Name: "ann", NTHash: HashPassword("tulip")}}).NewAcceptor()
	var token []byte
	for range 2 {
		var err error
		if token, _, err = i.Step(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if token, _, err = a.Accept(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	return i.(auth.Protector), a.(auth.Protector)
}

func TestMessagesAreProtectedInSequence(t *testing.T) {
	i, a := exchanged(t, Credentials{User: "ann", Password: "tulip"})
	client, err := i.Protection(true)
	if err != nil {
		t.Fatal(err)
	}
	server, err := a.Protection(true)
	if err != nil {
		t.Fatal(err)
	}
	var seen [][]byte
	for n := range 5 {
		for _, side := range []struct{ from, to auth.Protection }{{client, server}, {server, client}} {
			m := []byte("head, the sealed part, tail")
			part := m[6:21]
			var sig []byte
			if n%2 == 0 {
				sig = side.from.Seal(m, part)
				if bytes.Contains(m, []byte("sealed")) || !bytes.HasPrefix(m, []byte("head, ")) || !bytes.HasSuffix(m, []byte(", tail")) {
					t.Fatalf("sealed: %q", m)
				}
				err = side.to.Unseal(m, part, sig)
			} else {
				sig = side.from.Sign(m)
				err = side.to.Verify(m, sig)
			}
			if err != nil || string(m) != "head, the sealed part, tail" || len(sig) != side.from.SignatureSize() {
				t.Fatalf("message %d: %q, %v", n, m, err)
			}
			for _, old := range seen {
				if bytes.Equal(old, sig) {
					t.Errorf("message %d: a signature for the second time", n)
				}
			}
			seen = append(seen, sig)
		}
	}
}

func TestMessagesThatWereAlteredReplayedOrReflectedAreRefused(t *testing.T) {
	for what, try := range map[string]func(client, server auth.Protection) error{
		"altered": func(client, server auth.Protection) error {
			return server.Verify([]byte("b"), client.Sign([]byte("a")))
		},
		"altered and sealed": func(client, server auth.Protection) error {
			m := []byte("abc")
			sig := client.Seal(m, m)
			m[1] ^= 1
			return server.Unseal(m, m, sig)
		},
		"altered outside the sealed part": func(client, server auth.Protection) error {
			m := []byte("abc")
			sig := client.Seal(m, m[1:])
			m[0] ^= 1
			return server.Unseal(m, m[1:], sig)
		},
		"again": func(client, server auth.Protection) error {
			sig := client.Sign([]byte("a"))
			if err := server.Verify([]byte("a"), sig); err != nil {
				return nil
			}
			return server.Verify([]byte("a"), sig)
		},
		"one left out": func(client, server auth.Protection) error {
			client.Sign([]byte("a"))
			return server.Verify([]byte("a"), client.Sign([]byte("a")))
		},
		"sent back": func(client, _ auth.Protection) error {
			return client.Verify([]byte("a"), client.Sign([]byte("a")))
		},
		"cut": func(client, server auth.Protection) error {
			return server.Verify([]byte("a"), client.Sign([]byte("a"))[:15])
		},
		"without a signature": func(_, server auth.Protection) error { return server.Verify([]byte("a"), nil) },
		"constant signature": func(_, server auth.Protection) error {
			return server.Verify([]byte("a"), []byte{1, 15: 0})
		},
	} {
		i, a := exchanged(t, Credentials{User: "ann", Password: "tulip"})
		client, err := i.Protection(true)
		if err != nil {
			t.Fatal(err)
		}
		server, err := a.Protection(true)
		if err != nil {
			t.Fatal(err)
		}
		if err := try(client, server); err == nil {
			t.Errorf("%s: it is taken", what)
		}
	}
}

func TestNobodyIsProtectedWithAKeyThatAllKnow(t *testing.T) {
	i, a := exchanged(t, Credentials{})
	if _, err := i.Protection(true); err == nil {
		t.Error("the client protects what it sends as nobody")
	}
	if _, err := a.Protection(true); err == nil {
		t.Error("the server protects what nobody sends")
	}
	all := flagExtendedSession | flagSign | flagSeal | flag128 | flagKeyExchange
	for _, missing := range []flags{flagExtendedSession, flagSign, flagSeal, flag128} {
		if _, err := (&session{flags: all &^ missing}).protect(clientToServer, serverToClient, true); err == nil {
			t.Errorf("without flag %#x: protected", uint32(missing))
		}
	}
	if _, err := (&session{flags: all &^ flagSeal}).protect(clientToServer, serverToClient, false); err != nil {
		t.Errorf("without sealing, which nobody wants: %v", err)
	}
	if _, err := NewInitiator(Credentials{User: "ann", Password: "tulip"}).(auth.Protector).Protection(true); err == nil {
		t.Error("protected before the exchange")
	}
}

func TestMessagesAreCountedOnFromTheSignatureOfTheMechanisms(t *testing.T) {
	i, a := exchanged(t, Credentials{User: "ann", Password: "tulip"})
	mic, err := i.(*initiator).GetMIC([]byte("list"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.(*acceptor).VerifyMIC([]byte("list"), mic); err != nil {
		t.Fatal(err)
	}
	client, err := i.Protection(true)
	if err != nil {
		t.Fatal(err)
	}
	server, err := a.Protection(true)
	if err != nil {
		t.Fatal(err)
	}
	// The number is behind the checksum. The server has signed nothing yet.
	sig := client.Sign([]byte("a"))
	if got := sig[12]; got != 1 {
		t.Errorf("the first message behind the MIC has number %d, want 1", got)
	}
	if err := server.Verify([]byte("a"), sig); err != nil {
		t.Error(err)
	}
	if got := server.Sign([]byte("a"))[12]; got != 0 {
		t.Errorf("the first message of who signed nothing has number %d, want 0", got)
	}
}
