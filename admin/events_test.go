//go:build linux

package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/event/journal"
)

// hostileUser is a name as an attacker would choose it.
const hostileUser = "a\r\nid: 9\r\ndata: {}\n\n\x1b[2J\u202e=HYPERLINK(\"x\")"

// withEvents returns a handler over a journal, of a server that runs or not.
func withEvents(t *testing.T, running bool) (http.Handler, *journal.Journal) {
	t.Helper()
	j, err := journal.Open(t.Context(), filepath.Join(t.TempDir(), "events.db"), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	c := admin.Config{Version: "test", Inspector: fixedStatus{}, Accounts: newMemAccounts(), Events: j}
	if running {
		c.Reload = func(context.Context) error { return nil }
	}
	return admin.NewHandler(c), j
}

// record records events and waits until they can be read.
func record(j *journal.Journal, events ...event.Event) {
	for _, e := range events {
		changed := j.Changed()
		j.Record(e)
		<-changed
	}
}

// listed returns the names of the events that f wants, as a client gets them.
func listed(t *testing.T, c *admin.Client, f admin.EventFilter) (names []string) {
	t.Helper()
	if err := c.Events(t.Context(), f, func(e *admin.Event) error {
		names = append(names, e.Name)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestEventsAreListedByWhatIsWanted(t *testing.T) {
	handler, j := withEvents(t, false)
	record(j,
		event.Event{Kind: event.AuthenticationFailed, Client: "192.0.2.1:1", User: "ann"},
		event.Event{Kind: event.BadSignature, Client: "192.0.2.2:1", User: "b&b ü", Command: "READ"},
		event.Event{Kind: event.ShareAccessDenied, Client: "192.0.2.2:1", User: "ann", Time: time.Now().Add(-time.Hour)})
	client := admin.OverSocket(dialer(serve(t, handler)))
	defer client.Close()
	tests := []struct {
		f    admin.EventFilter
		want string
	}{
		{admin.EventFilter{}, "AuthenticationFailed BadSignature ShareAccessDenied"},
		{admin.EventFilter{ID: "551"}, "AuthenticationFailed"},
		{admin.EventFilter{Channel: "Signet"}, "BadSignature"},
		{admin.EventFilter{User: "b&b ü"}, "BadSignature"},
		{admin.EventFilter{Client: "192.0.2.2"}, "BadSignature ShareAccessDenied"},
		{admin.EventFilter{Since: time.Now().Add(-time.Minute)}, "AuthenticationFailed BadSignature"},
		{admin.EventFilter{After: 1, User: "ann"}, "ShareAccessDenied"},
	}
	for _, tt := range tests {
		if got := strings.Join(listed(t, client, tt.f), " "); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.f, got, tt.want)
		}
	}
	err := client.Events(t.Context(), admin.EventFilter{ID: "4711"}, func(*admin.Event) error { return nil })
	wantCode(t, err, "InvalidValue", 422)
	s, err := client.Status(t.Context())
	if err != nil || s.BadSignatures != 1 || s.LastBadSignature == nil || s.LastBadSignature.Command != "READ" || len(s.Events) != 3 {
		t.Errorf("Status = %+v, %v; want one bad signature, of READ, and three kinds", s, err)
	}
}

// More events than one reply holds come all, once, in their order.
func TestEventsComeInPages(t *testing.T) {
	handler, j := withEvents(t, false)
	for i := range 1500 {
		j.Record(event.Event{Kind: event.AuthenticationFailed, Client: fmt.Sprintf("192.0.%d.%d:1", i>>8, i&0xFF), User: "ann"})
	}
	for {
		changed := j.Changed()
		if j.Head().Sequence >= 1500 {
			break
		}
		<-changed
	}
	client := admin.InProcess(handler)
	next := uint64(1)
	if err := client.Events(t.Context(), admin.EventFilter{}, func(e *admin.Event) error {
		if e.Sequence != next {
			return fmt.Errorf("event %d came where %d was expected", e.Sequence, next)
		}
		next++
		return nil
	}); err != nil || next != 1501 {
		t.Errorf("%d events, %v", next-1, err)
	}
}

func TestEventsAreFollowedUntilTheServerStops(t *testing.T) {
	handler, j := withEvents(t, true)
	record(j, event.Event{Kind: event.SMB1Refused, Client: "192.0.2.9:1"})
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(shortTempDir(t), "s"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	s := admin.NewServer(handler, slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()

	clients := 0 // each event is of another, so that each is a record
	for _, f := range []struct {
		name   string
		filter admin.EventFilter
		want   []string
	}{
		{"from now on", admin.EventFilter{}, []string{"BadSignature"}},
		{"behind the first", admin.EventFilter{After: 1}, []string{"BadSignature", "BadSignature"}},
	} {
		client := admin.OverSocket(dialer(l.Addr().String()))
		got := make(chan *admin.Event)
		followed := make(chan error, 1)
		enough := errors.New("enough")
		// Recorded until one arrives: when the stream has begun nobody tells.
		stop := make(chan struct{})
		recording := make(chan struct{})
		go func() {
			defer close(recording)
			for {
				clients++
				record(j, event.Event{Kind: event.BadSignature, Client: fmt.Sprintf("192.0.%d.%d:1", clients>>8, clients&0xFF), User: hostileUser})
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
		go func() {
			n := 0
			followed <- client.FollowEvents(t.Context(), f.filter, func(e *admin.Event) error {
				got <- e
				if n++; n == len(f.want) {
					return enough
				}
				return nil
			})
		}()
		for _, want := range f.want {
			if e := <-got; e.Name != want || e.User != hostileUser {
				t.Errorf("%s: got %+v, want %s of the user as he called himself", f.name, e, want)
			}
		}
		close(stop)
		<-recording
		if err := <-followed; !errors.Is(err, enough) {
			t.Errorf("%s: %v", f.name, err)
		}
		client.Close()
	}

	client := admin.OverSocket(dialer(l.Addr().String()))
	defer client.Close()
	followed, first := make(chan error, 1), make(chan struct{}, 1)
	go func() {
		followed <- client.FollowEvents(t.Context(), admin.EventFilter{Since: time.Now().Add(-time.Hour)}, func(*admin.Event) error {
			select {
			case first <- struct{}{}:
			default:
			}
			return nil
		})
	}()
	<-first
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil || ctx.Err() != nil {
		t.Errorf("Shutdown = %v, %v: a stream held it up", err, ctx.Err())
	}
	if err := <-followed; err != nil {
		t.Errorf("FollowEvents = %v, want nil: the server has stopped", err)
	}
	<-served
}

func TestNothingIsFollowedWhereNoServerRuns(t *testing.T) {
	handler, _ := withEvents(t, false)
	err := admin.InProcess(handler).FollowEvents(t.Context(), admin.EventFilter{}, func(*admin.Event) error { return nil })
	wantCode(t, err, "NotRunning", 409)
}

func TestTheLogIsVerifiedOverTheAPI(t *testing.T) {
	handler, j := withEvents(t, false)
	record(j, event.Event{Kind: event.BadSignature, Client: "192.0.2.1:1"})
	client := admin.OverSocket(dialer(serve(t, handler)))
	defer client.Close()
	if v, err := client.VerifyEvents(t.Context(), nil); err != nil || !v.Consistent() || v.Anchored != 0 || v.Last != 1 {
		t.Errorf("without anchors: %+v, %v", v, err)
	}
	head := j.Head()
	if v, err := client.VerifyEvents(t.Context(), []journal.Head{head}); err != nil || !v.Consistent() || v.Anchored != 1 {
		t.Errorf("with the head: %+v, %v", v, err)
	}
	head.Sequence = 2
	if v, err := client.VerifyEvents(t.Context(), []journal.Head{head}); err != nil || v.Consistent() || v.Problems[0].What != journal.CutTail {
		t.Errorf("with a head that is not there: %+v, %v", v, err)
	}
	// As many as one request takes are within the limit of its length.
	many := make([]journal.Head, admin.MaxAnchors)
	for i := range many {
		many[i] = j.Head()
	}
	if v, err := client.VerifyEvents(t.Context(), many); err != nil || v.Anchors != admin.MaxAnchors {
		t.Errorf("%d anchors: %v", len(many), err)
	}
	wantCode(t, errOf(client.VerifyEvents(t.Context(), append(many, many[0]))), "InvalidValue", 422)
}

func TestEventsAreDescribed(t *testing.T) {
	handler, _ := withEvents(t, true)
	code, body := raw(t, serve(t, handler), "GET", "/openapi.json", "", "")
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil || code != 200 {
		t.Fatal(code, err)
	}
	for path, method := range map[string]string{"/api/v1/events": "get", "/api/v1/events/stream": "get", "/api/v1/events/verify": "post"} {
		if doc.Paths[path][method] == nil {
			t.Errorf("openapi.json lacks %s %s", method, path)
		}
	}
}
