//go:build linux

package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/rolestest"
)

// apiOperation is an operation as the OpenAPI document describes it.
type apiOperation struct {
	ID         string `json:"operationId"`
	Role       string `json:"x-signet-role"`
	Way        string `json:"x-signet-way"`
	Parameters []struct {
		Name     string
		In       string
		Required bool
		Schema   schema
	}
	RequestBody *struct {
		Content map[string]struct{ Schema schema }
	}

	method, path string
}

// schema is as much of a JSON schema as makes a value of it.
type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Enum       []any
	Pattern    string
	Required   []string
	Properties map[string]schema
}

// document is the OpenAPI document.
type document struct {
	Paths      map[string]map[string]*apiOperation
	Components struct{ Schemas map[string]schema }
}

// operations reads the document of a handler.
func operations(t *testing.T, handler http.Handler) (*document, []*apiOperation) {
	t.Helper()
	w := httptest.NewRecorder()
	admin.AsCaller(handler, admin.Self()).ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", http.NoBody))
	var doc document
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatalf("%d: %v", w.Code, err)
	}
	var all []*apiOperation
	for path, methods := range doc.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), path
			all = append(all, op)
		}
	}
	slices.SortFunc(all, func(a, b *apiOperation) int { return strings.Compare(a.ID, b.ID) })
	return &doc, all
}

// value makes a value that fits s.
func (d *document) value(s schema) any {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = d.Components.Schemas[name]
	}
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case strings.Contains(s.Pattern, "0x"):
		return "0x0000000000000001"
	case s.Pattern != "":
		return "0123456789abcdef"
	}
	switch s.Type {
	case "object":
		object := make(map[string]any)
		for _, name := range s.Required {
			object[name] = d.value(s.Properties[name])
		}
		return object
	case "integer", "number":
		return 1
	case "boolean":
		return true
	case "array":
		return []any{}
	}
	return "x"
}

// request makes a request that the operation takes.
func (d *document) request(t *testing.T, op *apiOperation) (path, body string) {
	t.Helper()
	path = op.path
	for _, p := range op.Parameters {
		if p.In == "path" {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", fmt.Sprint(d.value(p.Schema)))
		}
	}
	if op.RequestBody != nil {
		data, err := json.Marshal(d.value(op.RequestBody.Content["application/json"].Schema))
		if err != nil {
			t.Fatal(err)
		}
		body = string(data)
	}
	return path, body
}

// TestEveryOperationIsDoneByWhoHasItsRoleAlone asks for every operation of the
// OpenAPI document, by every role and every way, with a request that it takes.
// An operation that was registered without a role fails it.
func TestEveryOperationIsDoneByWhoHasItsRoleAlone(t *testing.T) {
	euid := uint32(os.Geteuid())
	roles := []struct {
		role  admin.Role
		local admin.Caller // the kernel knows no viewers: nobody
	}{
		{admin.Nobody, admin.Caller{UID: strangerUID, Means: "Socket"}},
		{admin.Viewer, admin.Caller{UID: strangerUID, Means: "Socket"}},
		{admin.Operator, admin.Caller{UID: operatorUID, Means: "Socket"}},
		{admin.Administrator, admin.Caller{UID: euid, Means: "Socket"}},
	}
	asked, matrix := 0, make(matrix)
	for _, by := range roles {
		r := newRig(t, nil)
		r.signIns.Reached("http://"+r.addr, "")
		doc, all := operations(t, r.handler)
		if len(all) < 30 {
			t.Fatalf("%d operations: the document was misread", len(all))
		}
		b := r.browser()
		for _, op := range all {
			needed, err := admin.ParseRole(op.Role)
			if err != nil {
				t.Errorf("%s says for no role that it is for it: %v (admin.operation)", op.ID, err)
				continue
			}
			path, body := doc.request(t, op)
			if by.role != admin.Nobody && b.code("GET", "/api/v1/sign-in", "") != 200 {
				b = r.as(by.role.String()) // an operation may have ended it
			}
			r.events.take()
			before := r.changesMade()

			// Over TCP.
			want := 0
			switch {
			case by.role == admin.Nobody && op.Way != "socket" && needed == admin.Nobody:
			case by.role == admin.Nobody:
				want = http.StatusUnauthorized
			case op.Way == "socket", by.role < needed:
				want = http.StatusForbidden
			}
			code := r.first(b.request(op.method, path, body), b)
			r.judge(t, op, by.role, "tcp", code, want, before)
			matrix.note(op, "tcp", by.role, code)

			// Over the socket.
			before = r.changesMade()
			granted := map[bool]admin.Role{true: by.role, false: admin.Nobody}[by.role >= admin.Operator]
			want = 0
			if granted == admin.Nobody || granted < needed || op.Way == "tcp" {
				want = http.StatusForbidden
			}
			ctx, cancel := context.WithCancel(t.Context())
			req := httptest.NewRequestWithContext(ctx, op.method, path, strings.NewReader(body))
			req.Header.Set("Content-Type", "application/json")
			if strings.HasSuffix(op.path, "/stream") {
				cancel() // it would not end
			}
			w := httptest.NewRecorder()
			admin.AsCaller(r.handler, by.local).ServeHTTP(w, req)
			cancel()
			r.judge(t, op, by.role, "socket", w.Code, want, before)
			matrix.note(op, "socket", granted, w.Code)
			asked += 2
		}
	}
	t.Logf("%d requests\n%s", asked, matrix)
	rolestest.Check(t, "api", matrix.String())
}

// first sends a request and returns the status of the reply; what follows of a
// stream is not waited for.
func (r *rig) first(req *http.Request, b *browser) int {
	r.t.Helper()
	resp, err := b.http.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// behind stands in changesMade before what was asked of what is behind the API,
// whether it changed anything or not.
const behind = " asked: "

// changesMade is what is behind the API, and which changes came through to it.
func (r *rig) changesMade() string {
	_, config := r.config.last()
	return fmt.Sprint(r.accounts.names(), r.shares.share, r.activity.closed) + behind + fmt.Sprint(config, r.shares.asked)
}

// judgeChange wants that a change of what is behind the API was told, with who
// and by which way. Those of the configuration are told by who makes them.
func (r *rig) judgeChange(t *testing.T, op *apiOperation, what, before string) {
	t.Helper()
	kept, _, _ := strings.Cut(r.changesMade(), behind)
	if was, _, _ := strings.Cut(before, behind); kept == was {
		return
	}
	told := slices.ContainsFunc(r.events.take(), func(e event.Event) bool {
		return e.Kind.Channel == event.OwnAdministration && e.Kind != event.AdministrationRefused && e.User != "" && e.Means != ""
	})
	if !told {
		t.Errorf("%s changed %s to %s, and nobody was told by whom", what, before, r.changesMade())
	}
}

// judge compares the answer to an operation with what the table says. want is
// 0 where it is done, whatever comes of that.
func (r *rig) judge(t *testing.T, op *apiOperation, role admin.Role, way string, got, want int, before string) {
	t.Helper()
	refused := got == http.StatusUnauthorized || got == http.StatusForbidden
	what := fmt.Sprintf("%s (%s) by %v over %s", op.ID, op.Role, role, way)
	switch {
	case op.ID == "sign-in" && want == 0:
		if got != http.StatusUnauthorized { // the request's password is wrong
			t.Errorf("%s: %d, want that it is tried, and 401", what, got)
		}
	case want == 0 && refused, want == 0 && got == http.StatusUnprocessableEntity, want != 0 && got != want:
		t.Errorf("%s: %d, want %d (0: done)", what, got, want)
	}
	if want == 0 {
		r.judgeChange(t, op, what, before)
		return
	}
	if after := r.changesMade(); after != before {
		t.Errorf("%s was refused, and changed %s to %s", what, before, after)
	}
	told := slices.ContainsFunc(r.events.take(), func(e event.Event) bool { return e.Kind == event.AdministrationRefused })
	if !told && (want != http.StatusUnauthorized || role != admin.Nobody) {
		t.Errorf("%s was refused, and nobody was told", what)
	}
}

// A viewer reads, and an operator ends what goes on; neither changes anything
// that was decided. By hand, beside the table.
func TestWhatRolesAreFor(t *testing.T) {
	_, all := operations(t, newRig(t, nil).handler)
	operators := []string{"close-open-file", "close-session", "list-sign-ins", "make-sign-in-link", "reload", "verify-events"}
	for _, op := range all {
		want := "admin"
		switch {
		case op.ID == "sign-in", op.ID == "get-health", op.ID == "get-readiness":
			want = "none"
		case slices.Contains(operators, op.ID):
			want = "operator"
		case op.method == "GET", op.ID == "sign-out", op.ID == "what-if":
			want = "viewer"
		}
		if op.Role != want {
			t.Errorf("%s is for %q, want %q", op.ID, op.Role, want)
		}
	}
}
