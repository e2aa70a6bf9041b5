package ntlm

import (
	"bytes"
	"crypto/rc4"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/signet-smb/signet/auth"
)

// vectors are the values of testdata/vectors/ntlmv2.txt.
type vectors map[string]string

func loadVectors(t testing.TB) vectors {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors/ntlmv2.txt")
	if err != nil {
		t.Fatal(err)
	}
	v := make(vectors)
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			v[key] = value
		}
	}
	return v
}

func (v vectors) bytes(t testing.TB, key string) []byte {
	t.Helper()
	b, err := hex.DecodeString(v[key])
	if err != nil || len(b) == 0 {
		t.Fatalf("vector %s: %q: %v", key, v[key], err)
	}
	return b
}

func (v vectors) key(t testing.TB, key string) [16]byte { return [16]byte(v.bytes(t, key)) }

// check compares a computed value with the vector.
func (v vectors) check(t *testing.T, key string, got []byte) {
	t.Helper()
	if want := v.bytes(t, key); !bytes.Equal(got, want) {
		t.Errorf("%s:\n got %x\nwant %x", key, got, want)
	}
}

func TestKeysAreThoseOfTheSpecification(t *testing.T) {
	v := loadVectors(t)
	hash := HashPassword(v["password"])
	v.check(t, "ntowfv1", hash[:])
	responseKey := hash.responseKey(v["user"], v["domain"])
	v.check(t, "ntowfv2", responseKey[:])

	c, err := decodeChallenge(v.bytes(t, "challenge"))
	if err != nil {
		t.Fatal(err)
	}
	blob := encodeBlob(0, [8]byte(v.bytes(t, "client-challenge")), c.TargetInfo)
	v.check(t, "temp", blob)
	p := proof(responseKey, c.ServerChallenge, blob)
	v.check(t, "proof", p[:])
	base := sessionBaseKey(responseKey, p)
	v.check(t, "session-base-key", base[:])
	random := v.key(t, "random-session-key")
	encrypted := exchangeKey(base, random)
	v.check(t, "encrypted-session-key", encrypted[:])
	if got := exchangeKey(base, encrypted); got != random {
		t.Errorf("decrypted session key %x, want %x", got, random)
	}
	// LMv2 is the same computation over the client challenge; we never send it.
	lm := proof(responseKey, c.ServerChallenge, v.bytes(t, "client-challenge"))
	v.check(t, "lmv2", append(lm[:], v.bytes(t, "client-challenge")...))
}

func TestSignaturesAreThoseOfTheSpecification(t *testing.T) {
	v := loadVectors(t)
	s := session{flags: flagSign | flagSeal | flagExtendedSession | flag128 | flag56, key: v.key(t, "random-session-key")}
	sign := signKey(s.key, clientToServer)
	v.check(t, "signkey", sign[:])
	seal := sealKey(s.flags, s.key, clientToServer)
	v.check(t, "sealkey", seal[:])

	plain := v.bytes(t, "plaintext")
	mic, err := s.sign(clientToServer, plain)
	if err != nil {
		t.Fatal(err)
	}
	v.check(t, "checksum", mic[4:12])

	// The example seals the message under the key state that then encrypts
	// the checksum; the signature alone begins with a fresh one.
	c, err := rc4.NewCipher(seal[:])
	if err != nil {
		t.Fatal(err)
	}
	c.XORKeyStream(plain, plain)
	v.check(t, "ciphertext", plain)
	c.XORKeyStream(mic[4:12], mic[4:12])
	v.check(t, "signature", mic)

	s.flags |= flagKeyExchange
	plain = v.bytes(t, "plaintext")
	mic, err = s.sign(clientToServer, plain)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := rc4.NewCipher(seal[:])
	if err != nil {
		t.Fatal(err)
	}
	fresh.XORKeyStream(mic[4:12], mic[4:12])
	v.check(t, "checksum", mic[4:12])
}

func TestMessagesAreThoseOfTheSpecification(t *testing.T) {
	v := loadVectors(t)
	c, err := decodeChallenge(v.bytes(t, "challenge"))
	if err != nil {
		t.Fatal(err)
	}
	if c.TargetName != "Server" || c.TargetInfo.text(avNbDomainName) != "Domain" || c.TargetInfo.text(avNbComputerName) != "Server" {
		t.Errorf("challenge %+v", c)
	}
	// The version is the one field that we write differently.
	version := []byte{10, 0, 0, 0, 0, 0, 0, 15}
	want := v.bytes(t, "challenge")
	copy(want[48:], version)
	if got := c.encode(); !bytes.Equal(got, want) {
		t.Errorf("encoded challenge\n got %x\nwant %x", got, want)
	}

	m, err := decodeAuthenticate(v.bytes(t, "authenticate"), true)
	if err != nil {
		t.Fatal(err)
	}
	if m.User != v["user"] || m.Domain != v["domain"] || m.Workstation != v["workstation"] {
		t.Errorf("authenticate names %q, %q, %q", m.User, m.Domain, m.Workstation)
	}
	v.check(t, "lmv2", m.LMResponse)
	v.check(t, "encrypted-session-key", m.EncryptedSessionKey)
	r, err := decodeResponse(m.NTResponse)
	if err != nil {
		t.Fatal(err)
	}
	v.check(t, "proof", r.Proof)
	v.check(t, "temp", r.Blob)
}

func TestServerAcceptsTheLogonOfTheSpecification(t *testing.T) {
	v := loadVectors(t)
	accounts := testAccounts{"USER": {Name: "User", NTHash: HashPassword(v["password"])}}
	a := newTestServer(accounts).NewAcceptor().(*acceptor)
	a.stage = wantSecond
	a.flags = 0xe28a8233
	a.challenge = v.bytes(t, "challenge")
	a.serverChallenge = [8]byte(v.bytes(t, "server-challenge"))
	_, done, err := a.Accept(t.Context(), v.bytes(t, "authenticate"))
	if err != nil || !done {
		t.Fatalf("Accept: done %v, %v", done, err)
	}
	v.check(t, "random-session-key", a.SessionKey())
	want := auth.Identity{Kind: auth.User, Account: "User", Domain: "Domain", Workstation: "COMPUTER", Mechanism: "NTLMv2"}
	if got := *a.Identity(); got != want {
		t.Errorf("identity\n got %+v\nwant %+v", got, want)
	}
}
