//go:build linux

package admin_test

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/admin"
)

// bearing returns a browser that sends a token with each request.
func (r *rig) bearing(token string) *browser {
	b := r.browser()
	b.header.Set("Authorization", "Bearer "+token)
	return b
}

// TestTheTokenForMetricsOpensTheMetricsAlone asks for every operation with it.
func TestTheTokenForMetricsOpensTheMetricsAlone(t *testing.T) {
	r := newRig(t, nil)
	b := r.bearing(metricsToken)
	if resp, body := b.send("GET", "/metrics", ""); resp.StatusCode != 200 || body != "signet_ready 1\n" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("GET /metrics: %d %q %v", resp.StatusCode, body, resp.Header)
	}
	doc, all := operations(t, r.handler)
	for _, op := range all {
		if op.Role == "none" || op.ID == "get-metrics" {
			continue
		}
		before := r.changesMade()
		path, body := doc.request(t, op)
		if code := b.code(op.method, path, body); code != http.StatusUnauthorized {
			t.Errorf("%s with the token for metrics: %d, want 401", op.ID, code)
		}
		if after := r.changesMade(); after != before {
			t.Errorf("%s with the token for metrics changed %s to %s", op.ID, before, after)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		if code := b.code(method, "/metrics", ""); code < 400 {
			t.Errorf("%s /metrics: %d", method, code)
		}
	}
}

func TestAWrongTokenForMetricsIsRefusedAndTold(t *testing.T) {
	r := newRig(t, nil)
	for _, token := range []string{"", metricsToken[1:], metricsToken + "0", strings.ToUpper(metricsToken), "x"} {
		r.events.take()
		if code := r.bearing(token).code("GET", "/metrics", ""); code != http.StatusUnauthorized {
			t.Errorf("with the token %q: %d, want 401", token, code)
		}
		if names := r.events.names(); !slices.Equal(names, []string{"AdministrationRefused"}) {
			t.Errorf("with the token %q: events %v", token, names)
		}
	}
	r.events.take()
	if code := r.browser().code("GET", "/metrics", ""); code != http.StatusUnauthorized {
		t.Errorf("without a token: %d, want 401", code)
	}
	for _, e := range r.events.take() {
		t.Errorf("who has tried nothing was told of: %+v", e)
	}
	if strings.Contains(r.log.String(), metricsToken) {
		t.Error("the token is in the log")
	}
}

func TestAConsoleWithoutATokenTakesNone(t *testing.T) {
	r := newRig(t, nil)
	guard := admin.GuardOf(r.handler, admin.ConsoleConfig{SignIns: r.signIns, Audit: r.events, Logger: slog.New(slog.DiscardHandler)})
	for _, header := range []string{"Bearer ", "Bearer", "", "Bearer " + metricsToken} {
		req := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/metrics", http.NoBody)
		req.Header.Set("Authorization", header)
		if resp := admin.Serve(guard, req, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8445}); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("Authorization: %q: %d, want 401", header, resp.StatusCode)
		}
	}
}

func TestHealthAndReadinessAreToldToEverybodyWithoutDetails(t *testing.T) {
	r := newRig(t, nil)
	b := r.browser()
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if resp, body := b.send("GET", path, ""); resp.StatusCode != 200 || body != want {
			t.Errorf("GET %s: %d %q, want %q", path, resp.StatusCode, body, want)
		}
	}
	r.notReady = errors.New("a disk with a name")
	resp, body := b.send("GET", "/readyz", "")
	if resp.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, "disk") || !strings.Contains(body, `"NotReady"`) {
		t.Errorf("GET /readyz: %d %s", resp.StatusCode, body)
	}
	if !strings.Contains(r.log.String(), "a disk with a name") {
		t.Error("the log does not say why the server is not ready")
	}
	if code := b.code("GET", "/healthz", ""); code != 200 {
		t.Errorf("GET /healthz of a server that is not ready: %d", code)
	}
	b.host = "evil.example"
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if code := b.code("GET", path, ""); code != http.StatusMisdirectedRequest {
			t.Errorf("GET %s of a foreign host: %d, want 421", path, code)
		}
	}
}
