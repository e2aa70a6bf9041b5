package server_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// tookLogOn is how long a log-on takes, with the right password or a wrong one.
func tookLogOn(t *testing.T, s *smbtest.Server, password string) time.Duration {
	t.Helper()
	p := negotiatedPeer(s)
	defer p.Close()
	want := ntstatus.LogonFailure
	if password == smbtest.Password {
		want = ntstatus.Success
	}
	start := time.Now()
	if got := logOn(t, p, smbtest.InitiatorFor(smbtest.User, password)); got != want {
		t.Errorf("log-on: %v, want %v", got, want)
	}
	return time.Since(start)
}

func TestServerProperty_InvalidAuthenticationDelayTimeInMs(t *testing.T) {
	for _, delay := range []uint32{0, 100, 2000} {
		synctest.Test(t, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Delay: true, Policy: set(policy.InvalidAuthenticationDelayTimeInMs, delay)})
			if got, want := tookLogOn(t, s, "wrong"), time.Duration(delay)*time.Millisecond; got != want {
				t.Errorf("a wrong password took %v, want %v", got, want)
			}
			if got := tookLogOn(t, s, smbtest.Password); got != 0 {
				t.Errorf("the right password took %v, want no time", got)
			}
		})
	}
}

func TestServerProperty_EnableAuthRateLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Delay: true, Policy: set(policy.EnableAuthRateLimiter, false)})
		if got := tookLogOn(t, s, "wrong"); got != 0 {
			t.Errorf("a wrong password took %v, want no time", got)
		}
	})
}

// TestParallelConnectionsBuyNoMoreTries guesses on many connections of one
// client for a minute.
func TestParallelConnectionsBuyNoMoreTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		snapshot := policy.With(policy.Default(), policy.PendingClientTimeoutInSeconds, 3600, inTest)
		s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Delay: true, Quiet: true, Policy: snapshot})
		var answers atomic.Int32
		var guessing sync.WaitGroup
		end := time.Now().Add(time.Minute)
		for range 72 { // an answer comes within 18 seconds, before a peer gives up
			p := negotiatedPeer(s)
			guessing.Go(func() {
				for time.Now().Before(end) {
					p.ForgetSession()
					p.SessionSetup(smbtest.InitiatorFor(smbtest.User, "guess"))
					answers.Add(1)
				}
			})
		}
		time.Sleep(time.Until(end))
		// Eight at once, each good for one try in two seconds.
		if n := answers.Load(); n == 0 || n > 8*30 {
			t.Errorf("%d guesses were answered within a minute, want at most %d", n, 8*30)
		}
		guessing.Wait()
	})
}

func TestGuessesFromOneAddressDelayNobodyElse(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Delay: true, Quiet: true, Policy: set(policy.InvalidAuthenticationDelayTimeInMs, 10000)})
	dialFrom(t, s, "127.0.0.2") // or skip
	// Eight at once: who waited behind all of them would wait for 50 seconds.
	for range 40 {
		p := negotiatedPeer(s)
		logon := p.Logon(smbtest.InitiatorFor(smbtest.User, "guess"))
		logon.Leg(smbtest.Element{Message: &smb2.SessionSetupRequest{}})
		logon.Send(smbtest.Element{Message: &smb2.SessionSetupRequest{}})
	}
	// The server gives somebody 30 seconds to sign in.
	loginFrom(t, s, "127.0.0.2")
}
