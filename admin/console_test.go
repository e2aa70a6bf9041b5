//go:build linux

package admin_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/event"
)

// administrators are accounts that may sign in, each with its name as the
// password, and a store of accounts for the API.
type administrators struct {
	*memAccounts
	mu       sync.Mutex
	standing map[string]admin.Standing
	verified int // how often a password was looked at
}

func newAdministrators() *administrators {
	a := &administrators{memAccounts: newMemAccounts(), standing: make(map[string]admin.Standing)}
	for _, role := range []admin.Role{admin.Viewer, admin.Operator, admin.Administrator} {
		a.set(role.String(), role)
	}
	return a
}

// set gives an account a role, and a password set now.
func (a *administrators) set(name string, role admin.Role) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.standing[name] = admin.Standing{Account: name, Role: role, PasswordSet: time.Now()}
}

func (a *administrators) VerifyPassword(_ context.Context, name, password string) (admin.Standing, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.verified++
	s := a.standing[name]
	if s.Role == admin.Nobody || password != name {
		return admin.Standing{}, &admin.NotAdministratorError{Reason: "wrong password of " + name}
	}
	return s, nil
}

func (a *administrators) Standing(_ context.Context, name string) (admin.Standing, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.standing[name], nil
}

// verifications returns how often a password was looked at.
func (a *administrators) verifications() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.verified
}

// recorded is a Recorder that remembers.
type recorded struct {
	mu     sync.Mutex
	events []event.Event
}

func (r *recorded) Record(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorded) RecordAll(_ context.Context, events ...event.Event) error {
	for _, e := range events {
		r.Record(e)
	}
	return nil
}

// take returns the events since it was called last.
func (r *recorded) take() []event.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// names returns the kinds of the events since take.
func (r *recorded) names() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, e := range r.events {
		names = append(names, e.Kind.Name)
	}
	return names
}

// rig is the API behind a console on a port of this host.
type rig struct {
	t        *testing.T
	handler  http.Handler
	accounts *administrators
	config   *recordedConfig
	shares   *oneShare
	activity *fixedActivity
	events   *recorded
	signIns  *admin.SignIns
	console  *admin.Console
	addr     string
	secure   bool
	notReady error
	log      *logBuffer
}

// newRig serves the API over TCP until the test ends, with TLS if that is
// given. uid operatorUID is an operator.
func newRig(t *testing.T, secure *tls.Config) *rig {
	t.Helper()
	r := &rig{
		t: t, accounts: newAdministrators(), config: &recordedConfig{}, shares: &oneShare{}, activity: &fixedActivity{},
		events: &recorded{}, secure: secure != nil, log: &logBuffer{},
	}
	log := slog.New(slog.NewJSONHandler(r.log, nil))
	r.signIns = admin.NewSignIns(r.accounts, r.events, log)
	r.handler = admin.NewHandler(admin.Config{
		Version: "test", Inspector: fixedStatus{}, Accounts: r.accounts, Shares: r.shares, Configuration: r.config, Activity: r.activity,
		SignIns: r.signIns, Audit: r.events, Logger: log,
		IsOperator: func(c admin.Caller) bool { return c.UID == operatorUID },
		Reload:     func(context.Context) error { return nil },
		Metrics:    http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "signet_ready 1\n") }),
		Ready:      func(context.Context) error { return r.notReady },
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = l.Addr().String()
	r.console = admin.NewConsole(r.handler, admin.ConsoleConfig{SignIns: r.signIns, TLS: secure, Names: []string{"nas.example"}, MetricsToken: metricsToken, Audit: r.events, Logger: log})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := r.console.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve = %v, want http.ErrServerClosed", err)
		}
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := r.console.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		wg.Wait()
	})
	return r
}

// metricsToken is the token for metrics of a rig.
const metricsToken = "0123456789abcdef0123456789abcdef"

// operatorUID is the operator of a rig, strangerUID nobody.
const (
	operatorUID = 4_000_000_001
	strangerUID = 4_000_000_002
)

// browser is one that has a cookie, or none yet.
type browser struct {
	rig    *rig
	http   http.Client
	cookie *http.Cookie
	token  string // of the page
	header http.Header
	host   string
}

func (r *rig) browser() *browser {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableCompression: true}
	r.t.Cleanup(transport.CloseIdleConnections)
	return &browser{rig: r, http: http.Client{Transport: transport}, header: http.Header{}}
}

// as returns a browser in which an account has signed in.
func (r *rig) as(account string) *browser {
	r.t.Helper()
	b := r.browser()
	if code, body := b.signIn(account, account); code != http.StatusOK {
		r.t.Fatalf("signing in as %s: %d %s", account, code, body)
	}
	return b
}

// signIn tries a password, and keeps what comes of it.
func (b *browser) signIn(name, password string) (int, string) {
	b.rig.t.Helper()
	return b.begin(admin.SignInRequest{Name: name, Password: password})
}

// begin signs in.
func (b *browser) begin(request admin.SignInRequest) (int, string) {
	b.rig.t.Helper()
	data, err := json.Marshal(request)
	if err != nil {
		b.rig.t.Fatal(err)
	}
	resp, body := b.send("POST", "/api/v1/sign-in", string(data))
	var in admin.NewSignIn
	if resp.StatusCode == http.StatusOK {
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			b.rig.t.Fatal(err)
		}
		b.token = in.Token
		b.cookie = resp.Cookies()[0]
	}
	return resp.StatusCode, body
}

// request makes a request as a page of this site would send it.
func (b *browser) request(method, path, body string) *http.Request {
	b.rig.t.Helper()
	scheme := "http"
	if b.rig.secure {
		scheme = "https"
	}
	req, err := http.NewRequestWithContext(b.rig.t.Context(), method, scheme+"://"+b.rig.addr+path, strings.NewReader(body))
	if err != nil {
		b.rig.t.Fatal(err)
	}
	if req.Host = b.rig.addr; b.host != "" {
		req.Host = b.host
	}
	if method != "GET" {
		req.Header.Set("Origin", scheme+"://"+req.Host)
		req.Header.Set("X-Signet-Token", b.token)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, values := range b.header {
		if req.Header.Del(name); values[0] != "" {
			req.Header[name] = values
		}
	}
	if b.cookie != nil {
		req.AddCookie(b.cookie)
	}
	return req
}

// send sends a request and returns the reply with its body.
func (b *browser) send(method, path, body string) (*http.Response, string) {
	b.rig.t.Helper()
	return b.do(b.request(method, path, body))
}

func (b *browser) do(req *http.Request) (*http.Response, string) {
	b.rig.t.Helper()
	resp, err := b.http.Do(req)
	if err != nil {
		b.rig.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.rig.t.Fatal(err)
	}
	return resp, string(data)
}

// code is the status of the reply to a request.
func (b *browser) code(method, path, body string) int {
	b.rig.t.Helper()
	resp, _ := b.send(method, path, body)
	return resp.StatusCode
}

func TestAnAdministratorSignsInAndOut(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("TLS %v", secure), func(t *testing.T) {
			var config *tls.Config
			if secure {
				config = selfSigned(t)
			}
			r := newRig(t, config)
			b := r.browser()
			if code := b.code("GET", "/api/v1/status", ""); code != 401 {
				t.Errorf("before the sign-in: %d, want 401", code)
			}
			if code, body := b.signIn("admin", "admin"); code != 200 {
				t.Fatalf("sign-in: %d %s", code, body)
			}
			c := b.cookie
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.Secure != secure || strings.HasPrefix(c.Name, "__Host-") != secure || len(c.Value) != 64 {
				t.Errorf("the cookie is %+v", c)
			}
			resp, body := b.send("GET", "/api/v1/sign-in", "")
			var who admin.SignIn
			if err := json.Unmarshal([]byte(body), &who); err != nil || who.Account != "admin" || who.Role != admin.Administrator || who.ID == "" {
				t.Errorf("GET sign-in: %s", body)
			}
			if strings.Contains(body, b.token) || strings.Contains(body, c.Value) {
				t.Errorf("a secret is told twice: %s", body)
			}
			for name, want := range map[string]string{
				"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "X-Frame-Options": "DENY",
			} {
				if got := resp.Header.Get(name); !strings.Contains(got, want) {
					t.Errorf("%s: %q, want %s", name, got, want)
				}
			}
			// Signing in again changes the cookie, and ends the old sign-in.
			if code, body := b.signIn("admin", "admin"); code != 200 || b.cookie.Value == c.Value {
				t.Errorf("again: %d %s, the cookie changed: %v", code, body, b.cookie.Value != c.Value)
			}
			old := r.browser()
			old.cookie = c
			if code := old.code("GET", "/api/v1/status", ""); code != 401 {
				t.Errorf("with the old cookie: %d, want 401", code)
			}
			last := b.cookie
			if code := b.code("DELETE", "/api/v1/sign-in", ""); code != 204 {
				t.Errorf("sign-out: %d", code)
			}
			b.cookie = last
			if code := b.code("GET", "/api/v1/status", ""); code != 401 {
				t.Errorf("after the sign-out: %d, want 401", code)
			}
			want := []string{"AdministratorSignedIn", "AdministratorSignedIn", "AdministratorSignedOut", "AdministrationRefused", "AdministratorSignedOut", "AdministrationRefused"}
			if got := r.events.names(); !slices.Equal(got, want) {
				t.Errorf("events %v, want %v", got, want)
			}
			for _, e := range r.events.take() {
				if e.Client == "" || e.Means != "TCP" || e.Kind != event.AdministrationRefused && e.User != "admin" {
					t.Errorf("event %+v lacks who or from where", e)
				}
			}
		})
	}
}

func TestALinkSignsInOnceAsWhoMadeIt(t *testing.T) {
	r := newRig(t, nil)
	local := admin.InProcess(r.handler)
	if _, err := local.SignInLink(t.Context()); err == nil {
		t.Error("a link was made though nothing is served")
	}
	r.signIns.Reached("http://"+r.addr, "")
	l, err := local.SignInLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(l.URL, "/#token=")
	b := r.browser()
	if code, body := b.begin(admin.SignInRequest{Token: token}); code != 200 || !strings.Contains(body, `"Role":"admin"`) {
		t.Fatalf("by the link: %d %s", code, body)
	}
	if code := b.code("GET", "/api/v1/status", ""); code != 200 {
		t.Errorf("GET status: %d", code)
	}
	for _, again := range []string{token, "", strings.Repeat("0", 64), "x"} {
		if code, body := r.browser().begin(admin.SignInRequest{Token: again}); code != 401 {
			t.Errorf("with the token %q: %d %s, want 401", again, code, body)
		}
	}
	list, err := local.SignIns(t.Context())
	if err != nil || len(list.SignIns) != 1 || list.SignIns[0].Role != admin.Administrator {
		t.Fatalf("SignIns = %+v, %v", list, err)
	}
	if err := local.EndSignIn(t.Context(), list.SignIns[0].ID); err != nil {
		t.Error(err)
	}
	if code := b.code("GET", "/api/v1/status", ""); code != 401 {
		t.Errorf("after somebody signed it out: %d, want 401", code)
	}
	wantCode(t, local.EndSignIn(t.Context(), list.SignIns[0].ID), "NotFound", 404)
	for _, e := range r.events.take() {
		if strings.Contains(fmt.Sprint(e), token) {
			t.Errorf("the token of a link is in the event %+v", e)
		}
	}
	if strings.Contains(r.log.String(), token) {
		t.Errorf("the token of a link is in the log")
	}
}

func TestWhoLosesItsStandingIsSignedOut(t *testing.T) {
	for what, change := range map[string]func(*administrators){
		"the role":     func(a *administrators) { a.set("admin", admin.Viewer) },
		"the password": func(a *administrators) { a.set("admin", admin.Administrator) },
		"the account":  func(a *administrators) { a.set("admin", admin.Nobody) },
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t, nil)
			b := r.as("admin")
			change(r.accounts)
			if code := b.code("GET", "/api/v1/status", ""); code != 401 {
				t.Errorf("after %s changed: %d, want 401", what, code)
			}
			if list, err := admin.InProcess(r.handler).SignIns(t.Context()); err != nil || len(list.SignIns) != 0 {
				t.Errorf("SignIns = %+v, %v; want none", list, err)
			}
		})
	}
}

func TestGuessesAreLimitedAndTellNothing(t *testing.T) {
	r := newRig(t, nil)
	b := r.browser()
	var bodies []string
	for i := range admin.GuessesAtOnce {
		name := []string{"admin", "nobody", "viewer"}[i%3]
		code, body := b.signIn(name, "guess")
		if code != 401 {
			t.Fatalf("guess %d: %d %s, want 401", i, code, body)
		}
		bodies = append(bodies, body)
	}
	if len(slices.Compact(bodies)) != 1 {
		t.Errorf("the answers differ: %q", bodies)
	}
	before := r.accounts.verifications()
	refused := 0
	for range 20 {
		if code, _ := b.signIn("admin", "admin"); code == 429 {
			refused++
		}
	}
	// However slow this machine is, 20 tries do not take 40 s.
	if looked := r.accounts.verifications() - before; looked > 10 || refused < 10 {
		t.Errorf("%d of 20 further tries were looked at, %d refused", looked, refused)
	}
	// Who is kept out by what others try has the link.
	r.signIns.Reached("http://"+r.addr, "")
	l, err := admin.InProcess(r.handler).SignInLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(l.URL, "#token=")
	if code, body := r.browser().begin(admin.SignInRequest{Token: token}); code != 200 {
		t.Errorf("by a link: %d %s", code, body)
	}
	for _, e := range r.events.take() {
		if e.Kind == event.AdministratorSignInFailed && (e.Client == "" || e.User == "" || e.Reason == "") {
			t.Errorf("event %+v", e)
		}
	}
}

// Everything that a page of another site, a wrong name of the host or a forged
// cookie can do is refused, is told once each, and changes nothing.
func TestForgedRequestsAreRefused(t *testing.T) {
	const change = `{"Set":{"server.EncryptData":"True"}}`
	r := newRig(t, nil)
	good := r.as("admin")
	tests := []struct {
		name string
		make func(b *browser)
		code int
	}{
		{"no token", func(b *browser) { b.header.Set("X-Signet-Token", "") }, 403},
		{"the cookie as token", func(b *browser) { b.token = b.cookie.Value }, 403},
		{"another's token", func(b *browser) { b.token = strings.Repeat("0", 64) }, 403},
		{"a forged cookie", func(b *browser) { c := *b.cookie; c.Value = strings.Repeat("f", 64); b.cookie = &c }, 401},
		{"a long cookie", func(b *browser) { c := *b.cookie; c.Value = strings.Repeat("f", 8000); b.cookie = &c }, 401},
		{"the token as cookie", func(b *browser) { c := *b.cookie; c.Value = b.token; b.cookie = &c }, 401},
		{"another origin", func(b *browser) { b.header.Set("Origin", "http://evil.example") }, 403},
		{"another port's origin", func(b *browser) { b.header.Set("Origin", "http://127.0.0.1:1") }, 403},
		{"the origin null", func(b *browser) { b.header.Set("Origin", "null") }, 403},
		{"another site", func(b *browser) { b.header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		{"the same site's other host", func(b *browser) { b.header.Set("Sec-Fetch-Site", "same-site") }, 403},
		{"no page at all", func(b *browser) { b.header.Set("Sec-Fetch-Site", "none") }, 403},
		{"a form", func(b *browser) { b.header.Set("Content-Type", "application/x-www-form-urlencoded") }, 415},
		{"a text", func(b *browser) { b.header.Set("Content-Type", "text/plain") }, 415},
		{"a kind of JSON", func(b *browser) { b.header.Set("Content-Type", "application/problem+json") }, 415},
		{"nothing known", func(b *browser) { b.header.Set("Content-Type", "") }, 415},
		{"a foreign host", func(b *browser) { b.host = "evil.example" }, 421},
		{"a foreign host with the port", func(b *browser) { b.host = "evil.example:8445" }, 421},
		{"an address elsewhere", func(b *browser) { b.host = "192.0.2.1" }, 421},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := r.browser()
			b.cookie, b.token = good.cookie, good.token
			tt.make(b)
			r.events.take()
			resp, body := b.send("PATCH", "/api/v1/config", change)
			var e admin.Error
			if err := json.Unmarshal([]byte(body), &e); resp.StatusCode != tt.code || err != nil || e.Code == "" {
				t.Errorf("%d %s, want %d and an error document", resp.StatusCode, body, tt.code)
			}
			events := r.events.take()
			if len(events) != 1 || events[0].Kind != event.AdministrationRefused || events[0].Client == "" || events[0].Object == "" || events[0].Reason == "" {
				t.Errorf("events %+v, want one refusal", events)
			}
		})
	}
	if _, n := r.config.last(); n != 0 {
		t.Errorf("%d changes were made", n)
	}
	if code := good.code("PATCH", "/api/v1/config", change); code != 200 {
		t.Errorf("as it should be: %d, want 200: the test would be blind", code)
	}
	for _, host := range []string{"nas.example", "NAS.example:8445", "localhost:8445", "[::1]", "127.0.0.1"} {
		b := r.browser()
		b.cookie, b.host = good.cookie, host
		if code := b.code("GET", "/api/v1/status", ""); code != 200 {
			t.Errorf("the own host %s: %d, want 200", host, code)
		}
	}
	if strings.Contains(r.log.String(), good.cookie.Value) || strings.Contains(r.log.String(), good.token) {
		t.Errorf("the log holds a secret")
	}
}

func TestLongBodiesAreRefused(t *testing.T) {
	r := newRig(t, nil)
	b := r.as("admin")
	r.events.take()
	body := `{"Reason":"` + strings.Repeat("x", 10<<20) + `"}`
	for _, announced := range []bool{true, false} {
		for _, path := range []string{"PATCH /api/v1/config", "POST /api/v1/events/verify", "POST /api/v1/sign-in"} {
			method, path, _ := strings.Cut(path, " ")
			r.events.take()
			req := b.request(method, path, body)
			if !announced {
				req.Body, req.ContentLength, req.GetBody = io.NopCloser(strings.NewReader(body)), -1, nil
			}
			// The server may close before all of it was sent.
			resp, err := b.http.Do(req)
			if names := r.events.names(); !slices.Equal(names, []string{"AdministrationRefused"}) {
				t.Errorf("%s, length announced %v: events %v, want one refusal", path, announced, names)
			}
			if err != nil {
				t.Logf("%s, length announced %v: %v", path, announced, err)
				continue
			}
			data, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			want := 411
			if announced {
				want = 413
			}
			if resp.StatusCode != want {
				t.Errorf("%s of 10 MiB, length announced %v: %d %.200s, want %d", path, announced, resp.StatusCode, data, want)
			}
		}
	}
	if _, n := r.config.last(); n != 0 {
		t.Errorf("%d changes were made", n)
	}
	if code := b.code("GET", "/api/v1/status", ""); code != 200 {
		t.Errorf("afterwards: %d, want 200", code)
	}
}

func TestStreamsAreBoundedAndEndWithTheSignIn(t *testing.T) {
	r := newRig(t, nil)
	b := r.as("viewer")
	type open struct {
		resp  *http.Response
		first chan string
		ended chan error
	}
	follow := func(path string) *open {
		t.Helper()
		resp, err := b.http.Do(b.request("GET", path, ""))
		if err != nil {
			t.Fatal(err)
		}
		o := &open{resp, make(chan string, 1), make(chan error, 1)}
		go func() {
			data := make([]byte, 4096)
			n, err := resp.Body.Read(data)
			o.first <- string(data[:n])
			if err == nil {
				_, err = io.Copy(io.Discard, resp.Body)
			}
			resp.Body.Close()
			o.ended <- err
		}()
		return o
	}
	var streams []*open
	for range admin.MaxStreamsEach {
		o := follow("/api/v1/sessions/stream")
		if o.resp.StatusCode != 200 || o.resp.Header.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("stream: %s", o.resp.Status)
		}
		if first := <-o.first; !strings.HasPrefix(first, "data: {\"Sessions\":[{") || !strings.HasSuffix(first, "\n\n") {
			t.Errorf("the first of the stream is %q", first)
		}
		streams = append(streams, o)
	}
	if o := follow("/api/v1/events/stream"); o.resp.StatusCode != 429 {
		t.Errorf("one more: %s, want 429", o.resp.Status)
	}
	if code := b.code("DELETE", "/api/v1/sign-in", ""); code != 204 {
		t.Errorf("sign-out: %d", code)
	}
	for _, o := range streams {
		if err := <-o.ended; err != nil {
			t.Errorf("a stream ended with %v, want its end", err)
		}
	}
	b = r.as("viewer")
	if o := follow("/api/v1/events/stream"); o.resp.StatusCode != 200 {
		t.Errorf("after the sign-out: %s, want 200: they were not given back", o.resp.Status)
	}
}

func TestTheOldestSignInOfAnAccountMakesRoom(t *testing.T) {
	r := newRig(t, nil)
	first := r.as("viewer")
	other := r.as("admin")
	for range admin.MaxSignInsEach {
		r.as("viewer")
	}
	if code := first.code("GET", "/api/v1/status", ""); code != 401 {
		t.Errorf("the oldest: %d, want 401", code)
	}
	if code := other.code("GET", "/api/v1/status", ""); code != 200 {
		t.Errorf("another account's: %d, want 200", code)
	}
}

func TestWhatIsDoneIsTold(t *testing.T) {
	r := newRig(t, nil)
	b := r.as("admin")
	r.events.take()
	tests := []struct {
		method, path, body string
		want               string // kind, share and object, property, old, new
	}{
		{"POST", "/api/v1/shares", `{"Name":"docs","Path":"/srv"}`, "ShareChanged docs   Path=/srv"},
		{"PATCH", "/api/v1/shares/docs", `{"ReadOnly":true}`, "ShareChanged docs ReadOnly False True"},
		{"DELETE", "/api/v1/shares/docs", "", "ShareChanged docs  Path=/srv ReadOnly=True "},
		{"POST", "/api/v1/users", `{"Name":"eve","Password":"hunter2"}`, "AccountChanged eve   Enabled=True"},
		{"PATCH", "/api/v1/users/eve", `{"Role":"viewer"}`, "AccountChanged eve Role none viewer"},
		{"PUT", "/api/v1/users/eve/password", `{"Password":"hunter2"}`, "AccountChanged eve Password  "},
		{"DELETE", "/api/v1/users/eve", "", "AccountChanged eve  Enabled=True Role=viewer "},
		{"DELETE", "/api/v1/sessions/0xfedcba9876543210", "", "ActivityEnded session 0xfedcba9876543210   "},
		{"POST", "/api/v1/reload", "", "ConfigurationReloaded    "},
	}
	for _, tt := range tests {
		if code := b.code(tt.method, tt.path, tt.body); code/100 != 2 {
			t.Fatalf("%s %s: %d", tt.method, tt.path, code)
		}
		events := r.events.take()
		if len(events) != 1 {
			t.Errorf("%s %s: events %+v, want one", tt.method, tt.path, events)
			continue
		}
		e := events[0]
		text := func(s *string) string {
			if s == nil {
				return ""
			}
			return *s
		}
		got := strings.Join([]string{e.Kind.Name, e.Share + e.Object, e.Property, text(e.Old), text(e.New)}, " ")
		if got != tt.want || e.User != "admin" || !strings.HasPrefix(e.Client, "127.0.0.1:") || e.Means != "TCP" {
			t.Errorf("%s %s: %q by %s from %s, want %q", tt.method, tt.path, got, e.User, e.Client, tt.want)
		}
		if strings.Contains(fmt.Sprintf("%+v", e), "hunter2") {
			t.Errorf("%s %s: the event holds the password: %+v", tt.method, tt.path, e)
		}
	}
}

func TestWhatIsNotOfTheAPIIsNotThere(t *testing.T) {
	r := newRig(t, nil)
	b := r.browser()
	if resp, body := b.send("GET", "/", ""); resp.StatusCode != 200 || !strings.Contains(body, "/openapi.json") {
		t.Errorf("GET /: %s %s", resp.Status, body)
	}
	for path, want := range map[string]int{"/x": 404, "/favicon.ico": 404, "/openapi.json": 401, "/schemas/User.json": 401, "/api/v1/nothing": 401, "/api/../x": 401} {
		if code := b.code("GET", path, ""); code != want {
			t.Errorf("GET %s: %d, want %d", path, code, want)
		}
	}
	if resp, body := r.as("viewer").send("GET", "/openapi.json", ""); resp.StatusCode != 200 || !bytes.HasPrefix([]byte(body), []byte("{")) {
		t.Errorf("a viewer's GET /openapi.json: %s", resp.Status)
	}
}
