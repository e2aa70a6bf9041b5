//go:build linux

package admin_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/signet-smb/signet/admin"
)

// raw sends one request as this process and returns status and body.
func raw(t *testing.T, path, method, target, contentType, body string) (int, string) {
	t.Helper()
	c := http.Client{Transport: &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dialer(path)(ctx) },
		DisableKeepAlives: true,
	}}
	req, err := http.NewRequestWithContext(t.Context(), method, "http://signet"+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

func TestEveryErrorHasTheOneShapeAndRepeatsNoSecret(t *testing.T) {
	handler, _, log := setUp(t, admin.Status{})
	path := serve(t, handler)
	long := strings.Repeat("hunter2", 200)
	tests := []struct {
		name, method, target, contentType, body string
		status                                  int
		code                                    string
	}{
		{"unknown path", "GET", "/api/v1/nothing", "", "", 404, "NotFound"},
		{"wrong method", "DELETE", "/api/v1/status", "", "", 405, "MethodNotAllowed"},
		{"unknown property", "POST", "/api/v1/users", "application/json", `{"Name":"a","Password":"hunter2","Rôle":"x"}`, 422, "InvalidValue"},
		{"missing property", "POST", "/api/v1/users", "application/json", `{"Password":"hunter2"}`, 422, "InvalidValue"},
		{"wrong type", "POST", "/api/v1/users", "application/json", `{"Name":"a","Password":["hunter2"]}`, 422, "InvalidValue"},
		{"too long a password", "POST", "/api/v1/users", "application/json", `{"Name":"a","Password":"` + long + `"}`, 422, "InvalidValue"},
		{"not JSON", "POST", "/api/v1/users", "application/json", `{"Name":"a","Password":"hunter2"`, 400, "InvalidRequest"},
		{"another format", "POST", "/api/v1/users", "application/xml", `<hunter2/>`, 415, "UnsupportedMediaType"},
		{"too large a body", "POST", "/api/v1/users", "application/json", `{"Name":"` + strings.Repeat("hunter2", 10000) + `"}`, 413, "TooLarge"},
		{"unknown query", "GET", "/api/v1/status?x=1", "", "", 422, "InvalidValue"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, body := raw(t, path, tt.method, tt.target, tt.contentType, tt.body)
			var e admin.Error
			if err := json.Unmarshal([]byte(body), &e); err != nil {
				t.Fatalf("%s %s: body is no error document (%v): %s", tt.method, tt.target, err, body)
			}
			if status != tt.status || e.Status != tt.status || e.Code != tt.code || e.Message == "" {
				t.Errorf("%s %s: HTTP %d, %+v; want %d %s", tt.method, tt.target, status, e, tt.status, tt.code)
			}
			if strings.Contains(body, "hunter2") || strings.Contains(log.String(), "hunter2") {
				t.Errorf("the password came back: %s\nlog: %s", body, log)
			}
		})
	}
}

func TestOpenAPIDescribesEveryOperationWithOurError(t *testing.T) {
	handler, _, _ := setUp(t, admin.Status{})
	code, body := raw(t, serve(t, handler), "GET", "/openapi.json", "", "")
	if code != 200 {
		t.Fatalf("GET /openapi.json = %d %s", code, body)
	}
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]any
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range map[string][]string{
		"/api/v1/status":                {"get"},
		"/api/v1/users":                 {"get", "post"},
		"/api/v1/users/{name}":          {"delete"},
		"/api/v1/users/{name}/password": {"put"},
	} {
		for _, m := range methods {
			if doc.Paths[path][m] == nil {
				t.Errorf("openapi.json lacks %s %s", m, path)
			}
		}
	}
	for _, p := range []string{"Code", "Status", "Property", "Allowed", "Hint"} {
		if doc.Components.Schemas["Error"].Properties[p] == nil {
			t.Errorf("the schema of errors lacks %s: %s", p, body)
		}
	}
}
