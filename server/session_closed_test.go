package server_test

import (
	"slices"
	"testing"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// byHand is where the values of these tests are from.
var byHand = policy.Origin{Layer: policy.LayerCommandLine, Name: "test"}

// signedIn returns a peer with a session, of the dialect and with the
// capabilities and the mode given.
func signedIn(t *testing.T, s *smbtest.Server, dialect smb2.Dialect, more smb2.Capabilities, mode smb2.SecurityMode) *smbtest.Peer {
	t.Helper()
	p := s.Dial()
	p.Dialects, p.Mode = []smb2.Dialect{dialect}, mode
	p.Capabilities |= more
	p.Negotiate()
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
		t.Fatalf("log-on: %v", r.Header.Status)
	}
	return p
}

func TestAClientThatTakesNotificationsIsToldThatItsSessionIsClosed(t *testing.T) {
	for name, c := range map[string]struct {
		dialect smb2.Dialect
		claims  smb2.Capabilities
		encrypt bool
		told    bool
	}{
		"3.1.1":                    {smb2.Dialect311, smb2.CapNotifications, false, true},
		"3.1.1 sealed":             {smb2.Dialect311, smb2.CapNotifications, true, true},
		"3.1.1 that does not know": {smb2.Dialect311, 0, false, false},
		"3.0.2":                    {smb2.Dialect302, smb2.CapNotifications, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: policy.With(policy.Default(), policy.EncryptData, c.encrypt, byHand)})
			p := signedIn(t, s, c.dialect, c.claims, smb2.SigningEnabled)
			p.Seal = c.encrypt
			id := p.SessionID
			if err := s.CloseSession(uint64(id)); err != nil {
				t.Fatal(err)
			}
			if !c.told {
				// The next thing that comes is the answer to a request.
				p.Seal = false
				p.Signer = nil
				if r := p.Do(&smb2.EchoRequest{}); r.Header.Command != smb2.CommandEcho {
					t.Errorf("%v came unasked", r.Header.Command)
				}
				return
			}
			replies, ok := p.Receive()
			if !ok || len(replies) != 1 {
				t.Fatalf("received %+v, %t; want a notification", replies, ok)
			}
			h := replies[0].Header
			if h.Command != smb2.CommandServerToClientNotification || h.MessageID != smb2.UnsolicitedMessageID ||
				h.SessionID != id || h.Flags != smb2.FlagServerToRedir || replies[0].Sealed != c.encrypt {
				t.Errorf("received %+v, sealed %t; want SERVER_TO_CLIENT_NOTIFICATION of session %v, not signed, sealed %t", h, replies[0].Sealed, id, c.encrypt)
			}
			replies[0].Decode(t, new(smb2.SessionClosedNotification))
		})
	}
}

func TestNoncomplyingSessionsAreThoseThatCouldNotBeSetUpAgain(t *testing.T) {
	lax := policy.With(policy.Default(), policy.RequireSecuritySignature, false, byHand)
	s := smbtest.StartServer(t, smbtest.Options{Policy: lax})
	plain := signedIn(t, s, smb2.Dialect311, 0, smb2.SigningEnabled).SessionID
	signs := signedIn(t, s, smb2.Dialect311, 0, smb2.SigningEnabled|smb2.SigningRequired).SessionID
	old := signedIn(t, s, smb2.Dialect210, 0, smb2.SigningEnabled|smb2.SigningRequired).SessionID

	for name, c := range map[string]struct {
		policy *policy.Snapshot
		want   []smb2.SessionID
	}{
		"as it is":           {lax, nil},
		"signing":            {policy.Default(), []smb2.SessionID{plain}},
		"encryption":         {policy.With(lax, policy.EncryptData, true, byHand), []smb2.SessionID{plain, signs, old}},
		"encryption if able": {policy.With(policy.With(lax, policy.EncryptData, true, byHand), policy.RejectUnencryptedAccess, false, byHand), []smb2.SessionID{plain, signs}},
		"SMB 3":              {policy.With(lax, policy.Smb2DialectMin, policy.SMB300, byHand), []smb2.SessionID{old}},
		"SMB 2":              {policy.With(lax, policy.Smb2DialectMax, policy.SMB210, byHand), []smb2.SessionID{plain, signs}},
		"another cipher":     {policy.With(lax, policy.EncryptionCiphers, []policy.Cipher{policy.AES256CCM}, byHand), []smb2.SessionID{plain, signs}},
		"another algorithm":  {policy.With(lax, policy.SigningAlgorithms, []policy.SigningAlgorithm{policy.HMACSHA256}, byHand), []smb2.SessionID{plain, signs}},
	} {
		var want []uint64
		for _, id := range c.want {
			want = append(want, uint64(id))
		}
		slices.Sort(want)
		if got := s.Noncomplying(c.policy, time.Now()); !slices.Equal(got, want) {
			t.Errorf("%s: %#x, want %#x", name, got, want)
		}
	}
}
