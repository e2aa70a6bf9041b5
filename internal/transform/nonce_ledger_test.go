package transform

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/invariants"
	"github.com/signet-smb/signet/internal/smb2"
)

// The tests of this package sign and seal with fixed keys; only the one below
// wants the ledger.
func TestMain(m *testing.M) {
	nonces.off = true
	os.Exit(m.Run())
}

// TestNonceUsedTwiceUnderOneKeyPanics shows that the ledger, which watches
// every other test of the tree, is not blind.
func TestNonceUsedTwiceUnderOneKeyPanics(t *testing.T) {
	nonces.off = false
	defer func() { nonces.off = true }()
	message := func(id smb2.MessageID, body byte) []byte {
		msg := make([]byte, smb2.HeaderSize+8)
		h := smb2.Header{Command: smb2.CommandRead, MessageID: id}
		h.Put(msg)
		msg[smb2.HeaderSize] = body
		return msg
	}
	cancel := func(id smb2.MessageID) []byte {
		msg := message(id, 0)
		h := smb2.Header{Command: smb2.CommandCancel, MessageID: id}
		h.Put(msg)
		return msg
	}
	key := make([]byte, 16)
	signer := func(alg smb2.SigningAlgorithm) *Signer {
		s, err := NewSigner(alg, key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	sealer := func(c smb2.Cipher) *Sealer {
		s, err := NewSealer(c, key, 1)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	seal := func(s *Sealer) {
		if _, err := s.Seal(make([]byte, smb2.TransformHeaderSize+8)); err != nil {
			t.Fatal(err)
		}
	}
	sign := func(s *Signer, role Role, messages ...[]byte) {
		for _, m := range messages {
			s.Sign(m, role)
		}
	}
	for _, c := range []struct {
		name  string
		twice bool
		do    func()
	}{
		{"GMAC, two messages with one MessageId", true, func() { sign(signer(smb2.SigningAESGMAC), Client, message(1, 1), message(1, 2)) }},
		{"GMAC, two signers of one key", true, func() {
			sign(signer(smb2.SigningAESGMAC), Server, message(1, 1))
			sign(signer(smb2.SigningAESGMAC), Server, message(1, 2))
		}},
		{"GMAC, two CANCELs of one request that differ", true, func() {
			other := cancel(1)
			other[16] |= byte(smb2.FlagAsyncCommand)
			sign(signer(smb2.SigningAESGMAC), Client, cancel(1), other)
		}},
		{"GMAC, one message sent twice", false, func() { sign(signer(smb2.SigningAESGMAC), Client, message(1, 1), message(1, 1)) }},
		{"GMAC, request, reply and CANCEL", false, func() {
			s := signer(smb2.SigningAESGMAC)
			sign(s, Client, message(1, 1), cancel(1))
			sign(s, Server, message(1, 1))
		}},
		{"GMAC, an attacker's signer", false, func() { sign(signer(smb2.SigningAESGMAC).Unwatched(), Client, message(1, 1), message(1, 2)) }},
		{"CMAC has no nonce", false, func() { sign(signer(smb2.SigningAESCMAC), Client, message(1, 1), message(1, 2)) }},
		{"HMAC has no nonce", false, func() { sign(signer(smb2.SigningHMACSHA256), Client, message(1, 1), message(1, 2)) }},
		{"GCM, one sealer", false, func() { s := sealer(smb2.CipherAES128GCM); seal(s); seal(s) }},
		{"GCM, two sealers of one key", true, func() { seal(sealer(smb2.CipherAES128GCM)); seal(sealer(smb2.CipherAES128GCM)) }},
		{"CCM, two sealers of one key", true, func() { seal(sealer(smb2.CipherAES128CCM)); seal(sealer(smb2.CipherAES128CCM)) }},
		{"GCM, a counter that went back", true, func() { s := sealer(smb2.CipherAES128GCM); seal(s); s.last.Store(0); seal(s) }},
		{"GMAC and GCM with one key and nonce", true, func() {
			sign(signer(smb2.SigningAESGMAC), Client, message(1, 1))
			seal(sealer(smb2.CipherAES128GCM))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rand.Read(key)
			var got any
			func() {
				defer func() { got = recover() }()
				c.do()
			}()
			want := c.twice && invariants.Enabled
			if (got != nil) != want || got != nil && !strings.Contains(fmt.Sprint(got), "used twice") {
				t.Errorf("panic %v, want one: %v", got, want)
			}
		})
	}
}
