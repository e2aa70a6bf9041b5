//go:build linux

package admin_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/admin"
)

// onePeer is a peer, and remembers with what it was asked.
type onePeer struct{ asked []string }

func (p *onePeer) Names() []string { return []string{"nas:4445"} }

func (p *onePeer) Settings(_ context.Context, name string, as admin.PeerCredentials) (admin.PeerSettings, error) {
	p.asked = append(p.asked, name+" "+as.User+" "+as.Password)
	switch name {
	case "nas:4445":
		return admin.PeerSettings{Peer: name, At: time.Unix(0, 0).UTC(), Properties: []admin.PeerProperty{{Side: "server", Name: "EncryptData", Value: "True", Source: "k"}}}, nil
	case "refuses":
		return admin.PeerSettings{}, &admin.Error{Code: "PeerRefused", Status: http.StatusBadGateway, Message: "it does not sign"}
	case "burns":
		return admin.PeerSettings{}, fs.ErrInvalid
	}
	return admin.PeerSettings{}, fs.ErrNotExist
}

func TestPeersAreListedAndAskedAndNothingSecretStays(t *testing.T) {
	peers, log := &onePeer{}, &logBuffer{}
	path := serve(t, admin.NewHandler(admin.Config{
		Inspector: fixedStatus{}, Accounts: newMemAccounts(), Shares: &oneShare{}, Peers: peers, Logger: slog.New(slog.NewJSONHandler(log, nil)),
	}))
	if code, body := raw(t, path, "GET", "/api/v1/peers", "", ""); code != 200 || !strings.Contains(body, `{"Peers":[{"Name":"nas:4445"}]}`) {
		t.Errorf("the list: %d %s", code, body)
	}
	for _, c := range []struct {
		peer, body string
		code       int
		want       string
	}{
		{"nas:4445", `{"User":"ann","Password":"hunter2"}`, 200, `"Name":"EncryptData","Value":"True"`},
		{"elsewhere", `{"User":"ann","Password":"hunter2"}`, 404, `"NotFound"`},
		{"refuses", `{"User":"ann","Password":"hunter2"}`, 502, `"PeerRefused"`},
		{"burns", `{"User":"ann","Password":"hunter2"}`, 500, `"InternalError"`},
		{"nas:4445", `{"User":"","Password":"hunter2"}`, 422, `"InvalidValue"`},
		{"nas:4445", `{"User":"ann"}`, 422, `"InvalidValue"`},
		{"nas:4445", `{"User":"ann","Password":"hunter2","Host":"evil"}`, 422, `"InvalidValue"`},
	} {
		code, body := raw(t, path, "POST", "/api/v1/peers/"+c.peer+"/settings", "application/json", c.body)
		if code != c.code || !strings.Contains(body, c.want) || strings.Contains(body, "hunter2") {
			t.Errorf("%s with %s: %d %s, want %d and %s", c.peer, c.body, code, body, c.code, c.want)
		}
	}
	if got := fmt.Sprint(peers.asked); got != "[nas:4445 ann hunter2 elsewhere ann hunter2 refuses ann hunter2 burns ann hunter2]" {
		t.Errorf("asked %s", got)
	}
	if strings.Contains(log.String(), "hunter2") || !strings.Contains(log.String(), `"object":"nas:4445"`) || !strings.Contains(log.String(), `"why":"as ann: 1 settings read"`) {
		t.Errorf("log %s", log)
	}
}

// TestWhoHasAPeerAskedIsAnEvent, with from where, as whom there, and what came of
// it; a name that is no peer is one of a refusal.
func TestWhoHasAPeerAskedIsAnEvent(t *testing.T) {
	events := new(recorded)
	path := serve(t, admin.NewHandler(admin.Config{
		Inspector: fixedStatus{}, Accounts: newMemAccounts(), Shares: &oneShare{}, Peers: new(onePeer), Audit: events, Logger: slog.New(slog.DiscardHandler),
	}))
	for _, peer := range []string{"nas:4445", "refuses", "burns", "elsewhere"} {
		raw(t, path, "POST", "/api/v1/peers/"+peer+"/settings", "application/json", `{"User":"ann","Password":"hunter2"}`)
	}
	var got []string
	for _, e := range events.take() {
		if e.User == "" || e.Means != "Socket" || strings.Contains(fmt.Sprintf("%+v", e), "hunter2") {
			t.Errorf("%+v: want who asked, by way of the socket, and no password", e)
		}
		got = append(got, e.Kind.Name+" "+e.Object+": "+e.Reason)
	}
	want := []string{
		"PeerAsked nas:4445: as ann: 1 settings read",
		"PeerAsked refuses: as ann: it does not sign",
		"PeerAsked burns: as ann: invalid argument",
		"AdministrationRefused read-peer-settings: no peer of this server: elsewhere",
	}
	if !slices.Equal(got, want) {
		t.Errorf("events\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The credentials print without the password.
func TestCredentialsForAPeerPrintWithoutThePassword(t *testing.T) {
	c := admin.PeerCredentials{User: "ann", Password: "hunter2"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, c); strings.Contains(text, "hunter2") {
			t.Errorf("%s prints %s", format, text)
		}
	}
}
