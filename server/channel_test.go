package server_test

import (
	"bytes"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

func TestASessionLivesAsLongAsOneOfItsChannels(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	id := first.Open("f")
	second := bound(t, s, first)
	first.Close()
	eventually(t, "one channel", func() bool { return s.Sessions()[0].NumChannels == 1 })
	if got, want := s.Sessions()[0].ClientComputerName, s.Connections()[0].ClientComputerName; got != want {
		t.Errorf("the session is shown as that of %s, want %s", got, want)
	}
	second.Write(id, 0, "still open")
	// What the session began with binds further channels, after its first
	// connection is gone.
	third := bound(t, s, first, func(p *smbtest.Peer) { p.ClientGUID = second.ClientGUID })
	second.Close()
	eventually(t, "one channel", func() bool { return s.Sessions()[0].NumChannels == 1 })
	if got := third.Read(id, 0, 100); got != "still open" {
		t.Errorf("the third channel reads %q", got)
	}
	third.Close()
	eventually(t, "no session", func() bool { return len(s.Sessions()) == 0 && len(s.Connections()) == 0 })
}

func TestALostChannelCancelsItsOwnRequestsOnly(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	holder := s.Login()
	held := holder.Open("f")
	holder.MustDo(lockOf(held, rangeOf(tryExclusive, 0, 10)), nil)
	first := s.Login()
	wanted := first.Open("f")
	second := bound(t, s, first)
	mid, _ := pendingLock(t, first, wanted)
	pendingLock(t, second, wanted)
	second.Close()
	eventually(t, "one channel", func() bool {
		for _, ss := range s.Sessions() {
			if ss.SessionID == uint64(first.SessionID) {
				return ss.NumChannels == 1
			}
		}
		return false
	})
	holder.CloseFile(held)
	expectLocked(t, first, mid, ntstatus.Success)
	// The lost channel's lock is not taken: one unlock frees the range.
	first.MustDo(lockOf(wanted, rangeOf(unlock, 0, 10)), nil)
	third := s.Login()
	third.MustDo(lockOf(third.Open("f"), rangeOf(tryExclusive, 0, 10)), nil)
}

func TestCancelIsOfTheChannelThatItComesBy(t *testing.T) {
	for _, async := range []bool{false, true} {
		s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
		holder, first, held, wanted := twoSessions(t, s)
		second := bound(t, s, first)
		mid, pending := pendingLock(t, first, wanted)
		second.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Header: naming(async, mid, pending)})
		barrier(t, second)
		second.CloseFile(second.Open("other"))
		holder.CloseFile(held)
		expectLocked(t, first, mid, ntstatus.Success)
	}
}

func TestLogoffOnOneChannelEndsTheSessionOnAll(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	holder, first, _, wanted := twoSessions(t, s)
	second := bound(t, s, first)
	third := further(s, first) // in the middle of its binding
	third.Join(first)
	expectStatus(t, "first leg", third, element(third.BindRequest(firstToken(t, smbtest.User))), ntstatus.MoreProcessingRequired)
	mid, _ := pendingLock(t, first, wanted)
	second.MustDo(&smb2.LogoffRequest{}, nil)
	expectLocked(t, first, mid, ntstatus.RangeNotLocked)
	for _, p := range []*smbtest.Peer{first, second} {
		expectStatus(t, "CREATE", p, element(smbtest.CreateFile("no")), ntstatus.UserSessionDeleted)
	}
	expectStatus(t, "second leg", third, element(third.BindRequest(nil)), ntstatus.UserSessionDeleted)
	holder.CloseFile(holder.Open("yes"))
}

func TestReauthenticationOnAnyChannelChangesNoKey(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	id := first.Open("f")
	second := bound(t, s, first)
	for _, p := range []*smbtest.Peer{second, first, second} {
		keys := p.Keys
		if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success || !r.Signed || p.Keys != keys {
			t.Fatalf("re-authentication: %v, signed %v", r.Header.Status, r.Signed)
		}
		first.Write(id, 0, "same key")
		second.Write(id, 0, "same key")
	}
	bound(t, s, first).Write(id, 0, "bound with the same key")
}

// TestFailedReauthenticationOnAChannelEndsTheSessionOnAll restates
// smbtorture's smb2.session.bind_invalid_auth.
func TestFailedReauthenticationOnAChannelEndsTheSessionOnAll(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	second := bound(t, s, first)
	if r := second.SessionSetup(smbtest.InitiatorFor(smbtest.User, "wrong")); r.Header.Status != ntstatus.LogonFailure {
		t.Fatalf("re-authentication with a wrong password: %v", r.Header.Status)
	}
	for _, p := range []*smbtest.Peer{first, second} {
		expectStatus(t, "CREATE", p, element(smbtest.CreateFile("no")), ntstatus.UserSessionDeleted)
	}
	if n := len(s.Sessions()); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestUnsignedReauthenticationOfAChannelIsRefused(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	second := bound(t, s, first)
	expectStatus(t, "unsigned SESSION_SETUP", second, smbtest.Element{
		Message:  &smb2.SessionSetupRequest{SecurityMode: second.Mode, SecurityBuffer: firstToken(t, smbtest.User)},
		Unsigned: true,
	}, ntstatus.AccessDenied)
	second.CloseFile(second.Open("f"))
	first.CloseFile(first.Open("f"))
}

func TestAChannelWhoseClientDemandsSigningMakesTheSessionRequireIt(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: policy.With(relaxed(), policy.EnableMultiChannel, true, inTest)})
	first := s.Login(casual)
	unsigned := smbtest.Element{Message: smbtest.CreateFile("f"), Unsigned: true}
	expectStatus(t, "unsigned while nobody demands it", first, unsigned, ntstatus.Success)
	second := bound(t, s, first, func(p *smbtest.Peer) { p.Mode = smb2.SigningEnabled | smb2.SigningRequired })
	expectStatus(t, "unsigned on the channel that demands it", second, unsigned, ntstatus.AccessDenied)
	expectStatus(t, "unsigned on the other", first, unsigned, ntstatus.AccessDenied)
	second.Close()
	eventually(t, "one channel", func() bool { return s.Sessions()[0].NumChannels == 1 })
	expectStatus(t, "unsigned when that channel is gone", first, unsigned, ntstatus.AccessDenied)
}

func TestSealedChannelsNeverUseANonceTwice(t *testing.T) {
	for _, cipher := range []smb2.Cipher{smb2.CipherAES128GCM, smb2.CipherAES256CCM} {
		t.Run(cipher.String(), func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: policy.With(multi(), policy.EncryptData, true, inTest)})
			first := s.Dial()
			first.Ciphers = []smb2.Cipher{cipher}
			first.Negotiate()
			first.SessionSetup(smbtest.Initiator())
			first.Seal = true
			if r := first.TreeConnect(smbtest.ShareName); r.Header.Status != ntstatus.Success {
				t.Fatal(r.Header.Status)
			}
			second := bound(t, s, first)
			expectStatus(t, "signed instead of sealed", second, element(smbtest.CreateFile("no")), ntstatus.AccessDenied)
			second.Seal = true
			seen := make(map[string]bool)
			for range 10 {
				for _, p := range []*smbtest.Peer{first, second} {
					p.Send(element(&smb2.EchoRequest{}))
					msg, ok := p.ReceiveRaw()
					if !ok {
						t.Fatal("the connection was closed")
					}
					h, err := smb2.DecodeTransformHeader(msg)
					if err != nil {
						t.Fatal(err)
					}
					if nonce := string(h.Nonce[:]); seen[nonce] {
						t.Fatalf("nonce % x was used twice", nonce)
					} else {
						seen[nonce] = true
					}
				}
			}
			if len(seen) != 20 || seen[string(bytes.Repeat([]byte{0}, 16))] {
				t.Errorf("%d nonces", len(seen))
			}
		})
	}
}

// TestChannelsMayRace ends a session, or a channel, while others are bound.
func TestChannelsMayRace(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi(), Quiet: true})
	for round := range 40 {
		first := s.Login()
		first.Open("f")
		second, third := further(s, first), further(s, first)
		init := smbtest.Initiator()
		second.SessionSetup(smbtest.Initiator()) // for credits
		second.Join(first)
		r := second.Do(second.BindRequest(nextToken(t, init, nil)))
		var res smb2.SessionSetupResponse
		r.Decode(t, &res)
		token := nextToken(t, init, res.SecurityBuffer)
		third.Join(first)
		second.Lenient, third.Lenient = true, true

		second.Send(element(second.BindRequest(token)))
		third.Send(element(third.BindRequest(firstToken(t, smbtest.User))))
		switch round % 4 {
		case 0:
			first.Do(&smb2.LogoffRequest{})
		case 1:
			first.Close()
		case 2:
			first.SessionSetup(smbtest.InitiatorFor(smbtest.User, "wrong"))
		case 3:
			second.Send(element(second.BindRequest(token))) // twice at once
		}
		for _, p := range []*smbtest.Peer{second, third} {
			if r := receiveOne(t, p); r.Header.Status == ntstatus.InternalError {
				t.Errorf("round %d: %v", round, r.Header.Status)
			}
		}
		first.Close()
		second.Close()
		third.Close()
	}
	eventually(t, "no session", func() bool { return len(s.Sessions()) == 0 && len(s.Connections()) == 0 })
}
