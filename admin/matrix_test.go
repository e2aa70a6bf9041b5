//go:build linux

package admin_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/event"
)

// matrix is what became of each operation, by way and role: whether it was let
// through. The key is the operation and where it is.
type matrix map[string]map[string]bool

// note takes down the answer to an operation.
func (m matrix) note(op *apiOperation, way string, role admin.Role, code int) {
	name := fmt.Sprintf("%s<br>`%s %s`", op.ID, op.method, op.path)
	if m[name] == nil {
		m[name] = make(map[string]bool)
	}
	done := code != http.StatusForbidden && (code != http.StatusUnauthorized || op.ID == "sign-in")
	m[name][way+" "+role.String()] = done
}

// String is the matrix as a table.
func (m matrix) String() string {
	var b strings.Builder
	b.WriteString("\n| operation | TCP: nobody | viewer | operator | admin | socket: others | operator | admin |\n|---|---|---|---|---|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(m)) {
		b.WriteString("| " + name)
		for _, column := range []string{"tcp none", "tcp viewer", "tcp operator", "tcp admin", "socket none", "socket operator", "socket admin"} {
			b.WriteString(" | " + map[bool]string{true: "yes", false: "-"}[m[name][column]])
		}
		b.WriteString(" |\n")
	}
	return b.String() + "\n"
}

// TestNoOperationIsDoneForAnotherSite asks for every operation as an
// administrator whom another site's page, or another name for this host, has
// behind it: nothing is done, and each is told.
func TestNoOperationIsDoneForAnotherSite(t *testing.T) {
	for _, foreign := range []struct {
		name, host, header, value string
		want                      int
	}{
		{name: "Host", host: "evil.example", want: http.StatusMisdirectedRequest},
		{name: "Host with our port", host: "evil.example:8445", want: http.StatusMisdirectedRequest},
		{name: "Origin", header: "Origin", value: "https://evil.example", want: http.StatusForbidden},
		{name: "Origin null", header: "Origin", value: "null", want: http.StatusForbidden},
		{name: "cross-site", header: "Sec-Fetch-Site", value: "cross-site", want: http.StatusForbidden},
		{name: "same-site", header: "Sec-Fetch-Site", value: "same-site", want: http.StatusForbidden},
	} {
		r := newRig(t, nil) // an address may not ask that much of one
		doc, all := operations(t, r.handler)
		b := r.as("admin")
		b.host = foreign.host
		if foreign.header != "" {
			b.header.Set(foreign.header, foreign.value)
		}
		for _, op := range all {
			r.events.take()
			before := r.changesMade()
			path, body := doc.request(t, op)
			code := r.first(b.request(op.method, path, body), b)
			if code != foreign.want {
				t.Errorf("%s with a foreign %s: %d, want %d", op.ID, foreign.name, code, foreign.want)
			}
			if after := r.changesMade(); after != before {
				t.Errorf("%s with a foreign %s changed %s to %s", op.ID, foreign.name, before, after)
			}
			if told := r.events.take(); len(told) != 1 || told[0].Kind != event.AdministrationRefused || told[0].Client == "" || told[0].Means != "TCP" {
				t.Errorf("%s with a foreign %s: told %+v, want one refusal with where from", op.ID, foreign.name, told)
			}
		}
	}
}

// TestAViewerAndAnOperatorChangeNothingThatWasDecided: whatever the table of
// roles may say, what these may do changes nothing that stays, but for what is
// here by hand.
func TestAViewerAndAnOperatorChangeNothingThatWasDecided(t *testing.T) {
	harmless := map[string]string{
		"sign-out": "viewer", "what-if": "viewer", "sign-in": "none",
		"close-session": "operator", "close-open-file": "operator", "reload": "operator", "verify-events": "operator", "make-sign-in-link": "operator",
	}
	_, all := operations(t, newRig(t, nil).handler)
	for _, op := range all {
		if op.method != http.MethodGet && op.Role != "admin" && harmless[op.ID] != op.Role {
			t.Errorf("%s %s (%s) is for the role %q: show that it changes nothing, and add it here", op.method, op.path, op.ID, op.Role)
		}
	}
}
