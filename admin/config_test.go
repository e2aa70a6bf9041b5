//go:build linux

package admin_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/admin"
)

// recordedConfig is a Configuration that takes every change, and keeps who made
// it.
type recordedConfig struct {
	mu      sync.Mutex
	authors []admin.Author
	refuse  error // the answer to every change; nil: it is taken
}

func (c *recordedConfig) record(by admin.Author) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.authors = append(c.authors, by)
	return c.refuse
}

// last returns who made the last change.
func (c *recordedConfig) last() (by admin.Author, changes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.authors) == 0 {
		return by, 0
	}
	return c.authors[len(c.authors)-1], len(c.authors)
}

func (c *recordedConfig) Properties(context.Context) (admin.PropertyList, error) {
	return admin.PropertyList{}, nil
}

func (c *recordedConfig) Explain(context.Context, string) (admin.Explanation, error) {
	return admin.Explanation{}, errors.New("disk is gone")
}

func (c *recordedConfig) Change(_ context.Context, by admin.Author, _ admin.ConfigChange) (admin.ConfigResult, error) {
	return admin.ConfigResult{Revision: 1}, c.record(by)
}

func (c *recordedConfig) Import(_ context.Context, by admin.Author, _ admin.ConfigImport) (admin.ImportResult, error) {
	return admin.ImportResult{}, c.record(by)
}

func (c *recordedConfig) Rollback(_ context.Context, by admin.Author, _ admin.ConfigRollback) (admin.ConfigResult, error) {
	return admin.ConfigResult{}, c.record(by)
}

func (c *recordedConfig) Confirm(_ context.Context, by admin.Author, _ admin.ConfigConfirmation) (admin.Revision, error) {
	return admin.Revision{}, c.record(by)
}

func (c *recordedConfig) History(context.Context, uint64, int) ([]admin.Revision, error) {
	return nil, nil
}

func (c *recordedConfig) ValuesAt(context.Context, uint64) (admin.RevisionValues, error) {
	return admin.RevisionValues{}, nil
}

// Rules of a recordedConfig: there is one, and every change is taken.
func (c *recordedConfig) ListRules(context.Context) (admin.RuleList, error) {
	return admin.RuleList{Revision: 3, Rules: []admin.Rule{{Name: "lab", State: "InForce", Layer: "Store"}}}, nil
}

func (c *recordedConfig) AddRule(_ context.Context, by admin.Author, n admin.RuleAddition) (admin.ConfigResult, error) {
	return admin.ConfigResult{Overlaps: []string{n.Name, n.Address, n.Reason}}, c.record(by)
}

func (c *recordedConfig) SetRule(_ context.Context, by admin.Author, name string, change admin.RuleChange) (admin.ConfigResult, error) {
	return admin.ConfigResult{Overlaps: []string{name, change.Share}}, c.record(by)
}

func (c *recordedConfig) RemoveRule(_ context.Context, by admin.Author, name string, terms admin.ChangeTerms) (admin.ConfigResult, error) {
	r := admin.ConfigResult{Overlaps: []string{name, terms.Reason}}
	if terms.IfRevision != nil {
		r.Revision = *terms.IfRevision
	}
	return r, c.record(by)
}

// serveConfig serves a configuration; uid 65534 is an operator.
func serveConfig(t *testing.T, c *recordedConfig) (path string, accounts *memAccounts) {
	t.Helper()
	accounts = newMemAccounts()
	return serve(t, admin.NewHandler(admin.Config{
		Inspector: fixedStatus{}, Accounts: accounts, Configuration: c, Rules: c, Logger: slog.New(slog.DiscardHandler),
		IsOperator: func(c admin.Caller) bool { return c.UID == 65534 },
		Reload:     func(context.Context) error { return nil },
	})), accounts
}

func TestAnOperatorSeesEverythingAndChangesNothing(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	config := &recordedConfig{}
	path, accounts := serveConfig(t, config)
	if err := errors.Join(os.Chmod(filepath.Dir(path), 0o755), os.Chmod(path, 0o666)); err != nil {
		t.Fatal(err)
	}
	const user = `{"Name":"eve","Password":"x"}`
	for _, c := range []struct {
		request, body string
		status        string
	}{
		{"GET /api/v1/status", "", "200"},
		{"GET /api/v1/users", "", "200"},
		{"GET /api/v1/config", "", "200"},
		{"GET /api/v1/config/history", "", "200"},
		{"GET /openapi.json", "", "200"},
		{"POST /api/v1/reload", "", "204"},
		{"DELETE /api/v1/sessions/0x0000000000000001", "", "404"},
		{"PATCH /api/v1/config", `{"Set":{"server.EncryptData":"True"}}`, "403"},
		{"GET /api/v1/rules", "", "200"},
		{"POST /api/v1/rules", `{"Name":"lab","Address":"10.0.0.0/8","EncryptData":true}`, "403"},
		{"PUT /api/v1/rules/lab", `{"Share":"docs","EncryptData":true}`, "403"},
		{"DELETE /api/v1/rules/lab", "", "403"},
		{"POST /api/v1/users", user, "403"},
		{"PUT /api/v1/users/ann/password", `{"Password":"x"}`, "403"},
		{"POST /api/v1/shares", `{"Name":"root","Path":"/"}`, "403"},
		{"DELETE /api/v1/shares/docs", "", "403"},
	} {
		if out := callWith(t, path, 65534, c.request, c.body); !strings.HasPrefix(out, "HTTP/1.1 "+c.status+" ") {
			t.Errorf("%s: %s, want %s", c.request, out, c.status)
		}
	}
	if by, n := config.last(); n != 0 {
		t.Errorf("an operator made a change: %+v (of %d)", by, n)
	}
	if names := accounts.names(); len(names) != 0 {
		t.Errorf("an operator made accounts: %v", names)
	}
	callWith(t, path, 0, "PATCH /api/v1/config", `{"Set":{"server.EncryptData":"True"}}`)
	if by, n := config.last(); n != 1 || by.UID != 0 || !by.Administrator || by.Stale || by.Means != "Socket" {
		t.Errorf("the change was made by %+v (of %d), want root, an administrator", by, n)
	}
	if out := callWith(t, path, 65533, "GET /api/v1/config", ""); !strings.HasPrefix(out, "HTTP/1.1 403 ") {
		t.Errorf("uid 65533 got %s, want 403", out)
	}
}

func TestAConfigurationAnswersInTheShapeOfAllErrors(t *testing.T) {
	config := &recordedConfig{refuse: &admin.Error{Code: "Conflict", Status: http.StatusConflict, Message: "too late"}}
	path, _ := serveConfig(t, config)
	client := admin.OverSocket(dialer(path))
	defer client.Close()
	_, err := client.ChangeConfig(t.Context(), admin.ConfigChange{Set: map[string]string{"server.EncryptData": "True"}})
	if e, ok := errors.AsType[*admin.Error](err); !ok || e.Code != "Conflict" || e.Status != http.StatusConflict {
		t.Errorf("ChangeConfig: %#v, want Conflict", err)
	}
	_, err = client.ExplainConfig(t.Context(), "server.EncryptData")
	if e, ok := errors.AsType[*admin.Error](err); !ok || e.Code != "InternalError" || e.Status != http.StatusInternalServerError {
		t.Errorf("ExplainConfig: %#v, want InternalError", err)
	}
	_, err = client.ChangeConfig(t.Context(), admin.ConfigChange{ConfirmWithinSeconds: -1})
	if e, ok := errors.AsType[*admin.Error](err); !ok || e.Code != "InvalidValue" || e.Property != "ConfirmWithinSeconds" {
		t.Errorf("ChangeConfig within -1 s: %#v, want InvalidValue", err)
	}
	list, err := client.Config(t.Context())
	if err != nil || list.Properties == nil {
		t.Errorf("Config: %+v, %v; want an empty list, not null", list, err)
	}
	out := callWith(t, path, uint32(os.Geteuid()), "GET /openapi.json", "")
	for _, want := range []string{`"/api/v1/config"`, `"/api/v1/config/rollback"`, `"/api/v1/config/confirm"`, `"/api/v1/config/history"`, `"/api/v1/config/explain/{property}"`} {
		if !strings.Contains(out, want) {
			t.Errorf("/openapi.json does not hold %s", want)
		}
	}
}

func TestRulesAreAskedForAndChanged(t *testing.T) {
	path, _ := serveConfig(t, &recordedConfig{})
	client := admin.OverSocket(dialer(path))
	defer client.Close()
	list, err := client.Rules(t.Context())
	if err != nil || list.Revision != 3 || len(list.Rules) != 1 || list.Rules[0].Overlaps == nil {
		t.Errorf("Rules: %+v, %v", list, err)
	}
	change := admin.RuleChange{RuleWhomAndWhat: admin.RuleWhomAndWhat{Address: "10.0.0.7", Share: "docs"}, ChangeTerms: admin.ChangeTerms{Reason: "a & b"}}
	if r, err := client.AddRule(t.Context(), admin.RuleAddition{Name: "lab", RuleChange: change}); err != nil || strings.Join(r.Overlaps, "|") != "lab|10.0.0.7|a & b" {
		t.Errorf("AddRule: %+v, %v", r, err)
	}
	if r, err := client.SetRule(t.Context(), "lab", change); err != nil || strings.Join(r.Overlaps, "|") != "lab|docs" {
		t.Errorf("SetRule: %+v, %v", r, err)
	}
	r, err := client.RemoveRule(t.Context(), "lab", admin.ChangeTerms{Reason: "a & b", IfRevision: new(uint64(7)), Now: true, DryRun: true})
	if err != nil || strings.Join(r.Overlaps, "|") != "lab|a & b" || r.Revision != 7 {
		t.Errorf("RemoveRule: %+v, %v", r, err)
	}
	if r, err := client.RemoveRule(t.Context(), "lab", admin.ChangeTerms{}); err != nil || r.Revision != 0 {
		t.Errorf("RemoveRule of any revision: %+v, %v", r, err)
	}
	_, err = client.AddRule(t.Context(), admin.RuleAddition{RuleChange: change})
	if e, ok := errors.AsType[*admin.Error](err); !ok || e.Status != http.StatusUnprocessableEntity || e.Property != "Name" {
		t.Errorf("AddRule without a name: %#v, want a refusal of Name", err)
	}
}
