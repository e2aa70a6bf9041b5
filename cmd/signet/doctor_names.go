package main

import (
	"context"
	"os"
	"time"

	"github.com/signet-smb/signet/internal/doctor"
)

// nameJSON is one name in the answer of signet doctor names --json.
type nameJSON struct {
	Name      string   `json:"Name"`
	Addresses []string `json:"Addresses"`
	Canonical string   `json:"CanonicalName,omitempty"`
	Service   string   `json:"ServicePrincipalName,omitempty"` // what a client asks Kerberos for
	Kerberos  string   `json:"Kerberos"`                       // Possible or Never
	Why       string   `json:"Why"`
	Plan      string   `json:"Plan,omitempty"`
}

// examineNames says of each name, or of those of this machine, what signing in
// by it leads to.
func (a *app) examineNames(ctx context.Context, names []string, timeout time.Duration) error {
	if len(names) == 0 {
		host, err := os.Hostname()
		if err != nil {
			return err
		}
		names = []string{host, host + ".local"}
	}
	out := make([]nameJSON, 0, len(names))
	look := false
	for _, name := range names {
		bounded, cancel := context.WithTimeout(ctx, timeout)
		n := doctor.Name(bounded, nil, name)
		cancel()
		look = look || !n.Kerberos || n.Plan != ""
		row := nameJSON{Name: n.Name, Addresses: n.Addresses, Canonical: n.Canonical, Service: n.Service, Kerberos: "Never", Why: n.Why, Plan: n.Plan}
		if n.Kerberos {
			row.Kerberos = "Possible"
		}
		out = append(out, row)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := a.printNames(out); err != nil {
		return err
	}
	if look {
		return &exitError{code: exitLook}
	}
	return nil
}

func (a *app) printNames(names []nameJSON) error {
	if a.json {
		return a.printJSON(names)
	}
	t := a.newTable("NAME", "KERBEROS", "SERVICE", "WHY", "PLAN")
	for _, n := range names {
		t.row(n.Name, n.Kerberos, n.Service, n.Why, n.Plan)
	}
	return t.flush()
}
