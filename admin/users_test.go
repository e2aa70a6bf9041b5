//go:build linux

package admin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/signet-smb/signet/admin"
)

// Both ways to the API must behave alike.
func TestUsersComeAndGoOverTheSocketAndInProcess(t *testing.T) {
	for _, way := range []string{"socket", "in process"} {
		t.Run(way, func(t *testing.T) {
			handler, accounts, log := setUp(t, admin.Status{})
			var client *admin.Client
			if way == "socket" {
				client = admin.OverSocket(dialer(serve(t, handler)))
			} else {
				client = admin.InProcess(handler)
			}
			defer client.Close()
			ctx := t.Context()

			if u, err := client.AddUser(ctx, admin.NewUser{Name: "ann", Password: "tulip-raven"}); err != nil || u.Name != "ann" || !u.Enabled {
				t.Fatalf("AddUser(ann) = %+v, %v", u, err)
			}
			wantCode(t, errOf(client.AddUser(ctx, admin.NewUser{Name: "ann", Password: "again"})), "AlreadyExists", 409)
			wantCode(t, errOf(client.AddUser(ctx, admin.NewUser{Name: "a/b", Password: "secret-one"})), "InvalidValue", 422)
			wantCode(t, errOf(client.AddUser(ctx, admin.NewUser{Name: "bob", Password: ""})), "InvalidValue", 422)
			wantCode(t, client.SetPassword(ctx, "nobody", "x"), "NotFound", 404)
			if err := client.SetPassword(ctx, "ann", "cobalt-48"); err != nil {
				t.Fatalf("SetPassword(ann) = %v", err)
			}
			if got := accounts.password("ann"); got != "cobalt-48" {
				t.Errorf("stored password = %q, want the new one", got)
			}
			if u, err := client.Users(ctx); err != nil || len(u.Users) != 1 || u.Users[0].Name != "ann" {
				t.Errorf("Users = %+v, %v; want ann alone", u, err)
			}
			want := admin.User{Name: "ann", UnixUser: "daemon"}
			if u, err := client.UpdateUser(ctx, "ann", admin.UserChange{Enabled: new(false), UnixUser: new("daemon")}); err != nil || *u != want {
				t.Errorf("UpdateUser = %+v, %v; want %+v", u, err, want)
			}
			if u, err := client.UpdateUser(ctx, "ann", admin.UserChange{}); err != nil || *u != want {
				t.Errorf("UpdateUser with nothing to change = %+v, %v; want %+v", u, err, want)
			}
			wantCode(t, errOf(client.UpdateUser(ctx, "nobody", admin.UserChange{Enabled: new(true)})), "NotFound", 404)
			if err := client.RemoveUser(ctx, "ann"); err != nil {
				t.Errorf("RemoveUser(ann) = %v", err)
			}
			wantCode(t, client.RemoveUser(ctx, "ann"), "NotFound", 404)
			hash := strings.Repeat("0123456789abcdef", 2)
			imported := admin.UserImport{Accounts: []admin.ImportedUser{{Name: "eve", NTHash: hash, Enabled: true}}}
			for _, taken := range []bool{true, false} {
				if r, err := client.ImportUsers(ctx, imported); err != nil || len(r.Accounts) != 1 || r.Accounts[0] != (admin.UserImportOutcome{Name: "eve", Taken: taken}) {
					t.Errorf("ImportUsers = %+v, %v; want eve, taken %v", r, err, taken)
				}
			}
			imported.Accounts[0].NTHash = hash + "0"
			wantCode(t, errOf(client.ImportUsers(ctx, imported)), "InvalidValue", 422)
			imported.Accounts[0] = admin.ImportedUser{Name: "a/b", NTHash: hash}
			wantCode(t, errOf(client.ImportUsers(ctx, imported)), "InvalidValue", 422)
			if err := client.RemoveUser(ctx, "eve"); err != nil {
				t.Errorf("RemoveUser(eve) = %v", err)
			}
			if strings.Contains(log.String(), hash) {
				t.Errorf("the log holds a hash:\n%s", log)
			}
			if err := client.RemoveUser(ctx, ".."); err == nil {
				t.Error("RemoveUser(..) succeeded: the router's redirection was taken for success")
			}
			for _, secret := range []string{"tulip-raven", "cobalt-48", "secret-one"} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("the log holds the password %q:\n%s", secret, log)
				}
			}
			for _, change := range []string{"user added", "user imported", "user changed", "password changed", "user removed"} {
				if !strings.Contains(log.String(), change) {
					t.Errorf("the log does not say %q:\n%s", change, log)
				}
			}
		})
	}
}

func errOf[T any](_ T, err error) error { return err }

func wantCode(t *testing.T, err error, code string, status int) {
	t.Helper()
	e, ok := errors.AsType[*admin.Error](err)
	if !ok || e.Code != code || e.Status != status {
		t.Errorf("got error %#v, want code %s, status %d", err, code, status)
	}
}

func TestNamesThatNeedEscapingReachTheStoreWhole(t *testing.T) {
	handler, accounts, _ := setUp(t, admin.Status{})
	client := admin.InProcess(handler)
	for _, name := range []string{"ann lee", "50%", "a?b#c", "ünï"} {
		if _, err := client.AddUser(t.Context(), admin.NewUser{Name: name, Password: "p"}); err != nil {
			t.Fatalf("AddUser(%q) = %v", name, err)
		}
		if err := client.SetPassword(t.Context(), name, "q"); err != nil {
			t.Errorf("SetPassword(%q) = %v", name, err)
		}
		if accounts.password(name) != "q" {
			t.Errorf("SetPassword(%q) changed another account: %v", name, accounts.names())
		}
		if err := client.RemoveUser(t.Context(), name); err != nil {
			t.Errorf("RemoveUser(%q) = %v", name, err)
		}
	}
}
