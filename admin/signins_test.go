//go:build linux

package admin_test

import (
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/admin"
)

// inBubble is a rig whose console is called directly, so that time can be let
// go by.
func inBubble(t *testing.T) (*rig, http.Handler) {
	t.Helper()
	r := &rig{t: t, accounts: newAdministrators(), config: &recordedConfig{}, shares: &oneShare{}, activity: &fixedActivity{}, events: &recorded{}, addr: "127.0.0.1:8445"}
	log := slog.New(slog.DiscardHandler)
	r.signIns = admin.NewSignIns(r.accounts, r.events, log)
	r.handler = admin.NewHandler(admin.Config{
		Inspector: fixedStatus{}, Accounts: r.accounts, Shares: r.shares, Configuration: r.config, Activity: r.activity,
		SignIns: r.signIns, Audit: r.events, Logger: log,
	})
	r.signIns.Reached("http://"+r.addr, "")
	return r, admin.GuardOf(r.handler, admin.ConsoleConfig{SignIns: r.signIns, Audit: r.events, Logger: log})
}

// direct is a browser that hands its requests to a handler.
func (r *rig) direct(handler http.Handler) *browser {
	b := &browser{rig: r, header: http.Header{}}
	b.http.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
		return admin.Serve(handler, req, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8445}), nil
	})
	return b
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestASignInEndsWhenNobodyUsesItAndInAnyCase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, handler := inBubble(t)
		defer r.signIns.Close()
		idle, busy := r.direct(handler), r.direct(handler)
		for _, b := range []*browser{idle, busy} {
			if code, body := b.signIn("admin", "admin"); code != 200 {
				t.Fatalf("%d %s", code, body)
			}
		}
		for at := time.Duration(0); at < admin.AbsoluteTime-admin.IdleTime/2; at += admin.IdleTime / 2 {
			if code := busy.code("GET", "/api/v1/status", ""); code != 200 {
				t.Fatalf("after %v of use: %d", at, code)
			}
			time.Sleep(admin.IdleTime / 2)
		}
		synctest.Wait()
		if code := idle.code("GET", "/api/v1/status", ""); code != 401 {
			t.Errorf("the one that nobody used: %d, want 401", code)
		}
		if list, err := admin.InProcess(r.handler).SignIns(t.Context()); err != nil || len(list.SignIns) != 1 {
			t.Errorf("signed in: %+v, %v; want the one in use", list, err)
		}
		time.Sleep(admin.IdleTime)
		if code := busy.code("GET", "/api/v1/status", ""); code != 401 {
			t.Errorf("after %v in all: %d, want 401", admin.AbsoluteTime, code)
		}
	})
}

func TestALinkIsNotGoodForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, handler := inBubble(t)
		defer r.signIns.Close()
		for _, tt := range []struct {
			wait time.Duration
			want int
		}{{admin.LinkTime - time.Second, 200}, {admin.LinkTime, 401}} {
			l, err := admin.InProcess(r.handler).SignInLink(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(tt.wait)
			_, token, _ := strings.Cut(l.URL, "#token=")
			if code, body := r.direct(handler).begin(admin.SignInRequest{Token: token}); code != tt.want {
				t.Errorf("after %v: %d %s, want %d", tt.wait, code, body, tt.want)
			}
		}
	})
}

// Protection is lowered by who has signed in lately: somebody else may sit
// there by now.
func TestALongSignInIsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, handler := inBubble(t)
		defer r.signIns.Close()
		b := r.direct(handler)
		if code, body := b.signIn("admin", "admin"); code != 200 {
			t.Fatalf("%d %s", code, body)
		}
		for _, want := range []bool{false, true} {
			if code := b.code("PATCH", "/api/v1/config", `{"Set":{"server.EncryptData":"False"}}`); code != 200 {
				t.Fatal(code)
			}
			if by, _ := r.config.last(); by.Stale != want || !by.Administrator || by.Account() != "admin" || !strings.HasPrefix(by.By(), "TCP ") {
				t.Errorf("the change was made by %+v, want stale %v", by, want)
			}
			time.Sleep(admin.FreshTime)
		}
	})
}

func TestGuessesComeBackWithTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, handler := inBubble(t)
		defer r.signIns.Close()
		b := r.direct(handler)
		looked := func() int {
			before := r.accounts.verifications()
			for range 50 {
				b.signIn("admin", "guess")
			}
			return r.accounts.verifications() - before
		}
		if n := looked(); n != admin.GuessesAtOnce {
			t.Errorf("%d guesses at once, want %d", n, admin.GuessesAtOnce)
		}
		time.Sleep(3 * admin.GuessesEvery)
		if n := looked(); n != 3 {
			t.Errorf("%d guesses after the time of three", n)
		}
		total := 0
		for range 30 {
			time.Sleep(2 * time.Second)
			total += looked()
		}
		// Each failure makes the next one cost more: far fewer than 30 a minute.
		if total == 0 || total > 20 {
			t.Errorf("%d guesses in a minute, want few", total)
		}
		time.Sleep(time.Hour)
		if code, body := b.signIn("admin", "admin"); code != 200 {
			t.Errorf("the right password, an hour later: %d %s", code, body)
		}
	})
}

func TestNobodySignsInWhereTheServerStops(t *testing.T) {
	r := newRig(t, nil)
	b := r.as("admin")
	r.signIns.Close()
	if code := b.code("GET", "/api/v1/status", ""); code != 401 {
		t.Errorf("after the end: %d, want 401", code)
	}
	if code, _ := b.signIn("admin", "admin"); code != 409 {
		t.Errorf("a sign-in after the end: %d, want 409", code)
	}
}
