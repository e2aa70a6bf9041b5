package client_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

func TestUserSignsInOnceMoreInTheSameSession(t *testing.T) {
	for name, values := range map[string][]string{
		"3.1.1": nil, "sealed": {"client.RequireEncryption", "True"}, "3.0": {"client.Smb2DialectMax", "SMB300"}, "2.0.2": {"client.Smb2DialectMax", "SMB202"},
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
			d := dialer()
			d.Policy = set(t, values...)
			session := dial(t, s, d)
			share, ctx := shareOf(t, session), bounded(t)
			f, err := share.Create(ctx, "f")
			if err != nil {
				t.Fatal(err)
			}
			before := session.Info()
			for range 2 {
				if err := session.Reauthenticate(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := f.Write([]byte("still open")); err != nil || session.Info() != before || len(s.Sessions()) != 1 {
				t.Errorf("%v; %+v, and before %+v", err, session.Info(), before)
			}
		})
	}
}

// expiring is a server to which the sign-in has expired at the n-th READ, once.
func expiring(n int32, status func(q *question)) *rogue {
	var reads atomic.Int32
	return &rogue{cipher: smb2.CipherAES128GCM, handle: func(q *question) bool {
		if q.Command == smb2.CommandRead && reads.Add(1) == n {
			status(q)
			return true
		}
		return false
	}}
}

func TestSignInThatHasExpiredIsRenewed(t *testing.T) {
	for name, values := range map[string][]string{"signed": nil, "sealed": {"client.RequireEncryption", "True"}} {
		t.Run(name, func(t *testing.T) {
			s := expiring(3, func(q *question) { q.fail(ntstatus.NetworkSessionExpired) })
			share := rogueShare(t, s, values...)
			f, err := share.Open(bounded(t), "f")
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if n, err := f.ReadAt(make([]byte, 8<<20), 0); n != 8<<20 || err != nil {
						t.Errorf("%d, %v", n, err)
					}
				})
			}
			wg.Wait()
			if n := s.renewals.Load(); n != 1 {
				t.Errorf("renewed %d times", n)
			}
		})
	}
}

func TestExpiryThatProvesNothingDoesNotRepeatWhatMustNotBeDoneTwice(t *testing.T) {
	creates := 0
	s := &rogue{handle: only(smb2.CommandCreate, func(q *question) {
		creates++
		q.send(encode(q.answer(ntstatus.NetworkSessionExpired), &smb2.ErrorResponse{}))
	})}
	share := rogueShare(t, s)
	_, err := share.OpenFile(bounded(t), "f", client.OpenOptions{Disposition: client.CreateNew})
	if !errors.Is(err, ntstatus.NetworkSessionExpired) || creates != 1 {
		t.Errorf("%v after %d CREATEs", err, creates)
	}
}

func TestRenewalThatProvesTooLittleEndsTheSession(t *testing.T) {
	for name, change := range map[string]func(*rogue){
		"unsigned": func(s *rogue) {
			s.forgeSetup = func(msg []byte) {
				if s.renewals.Load() > 0 {
					clear(msg[smb2.SignatureOffset : smb2.SignatureOffset+16])
					msg[16] &^= byte(smb2.FlagSigned)
				}
			}
		},
		"wrongly signed": func(s *rogue) {
			s.forgeSetup = func(msg []byte) {
				if s.renewals.Load() > 0 {
					msg[smb2.SignatureOffset] ^= 1
				}
			}
		},
		"guest": func(s *rogue) {
			s.tamperSetup = func(final bool, _ *smb2.Header, res *smb2.SessionSetupResponse) {
				if final && s.renewals.Load() > 0 {
					res.SessionFlags = smb2.SessionIsGuest
				}
			}
		},
		"another session": func(s *rogue) {
			s.tamperSetup = func(_ bool, h *smb2.Header, _ *smb2.SessionSetupResponse) {
				if s.renewals.Load() > 0 {
					h.SessionID++
				}
			}
		},
		"expired for ever": func(s *rogue) {
			s.handle = only(smb2.CommandRead, func(q *question) { q.fail(ntstatus.NetworkSessionExpired) })
		},
		"password changed": func(s *rogue) {
			expire := s.handle
			s.handle = func(q *question) bool {
				if q.Command == smb2.CommandRead {
					s.password = "changed"
				}
				return expire(q)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := expiring(1, func(q *question) { q.fail(ntstatus.NetworkSessionExpired) })
			change(s)
			share := rogueShare(t, s)
			f, err := share.Open(bounded(t), "f")
			if err != nil {
				t.Fatal(err)
			}
			if n, err := f.ReadAt(make([]byte, 10), 0); n != 0 || err == nil {
				t.Errorf("%d, %v", n, err)
			}
			if n := s.renewals.Load(); n < 1 || n > 5 {
				t.Errorf("renewed %d times", n)
			}
			if ended := share.Session().Err() != nil; ended != (name != "expired for ever") {
				t.Errorf("ended: %t", ended)
			}
		})
	}
}
