package localuser_test

import (
	"errors"
	"testing"

	"github.com/signet-smb/signet/auth/localuser"
)

// A guess costs what it is meant to cost, whatever a test of the rest does.
func TestAVerifierIsSlowToGuessAt(t *testing.T) {
	s, path := newStore(t)
	if _, err := s.Add(t.Context(), localuser.NewAccount{Name: "ann", Password: "tulip", Role: localuser.Viewer}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = openStore(t, path)
	if _, err := s.VerifyPassword(t.Context(), "ann", "tulip"); err != nil {
		t.Error(err)
	}
	if localuser.Iterations < 600_000 {
		t.Errorf("%d iterations, want 600,000", localuser.Iterations)
	}
}

func TestOnlyAnEnabledAccountWithARoleAndItsPasswordIsAnAdministrator(t *testing.T) {
	s, path := newStore(t)
	s.GuessEasily()
	ctx := t.Context()
	if a, err := s.Add(ctx, localuser.NewAccount{Name: "ann", Password: "tulip", Role: localuser.Operator}); err != nil || a.Role != localuser.Operator || !a.Verifiable {
		t.Fatalf("Add = %+v, %v", a, err)
	}
	add(t, s, "bob", "raven")
	verify := func(name, password, reason string) {
		t.Helper()
		a, err := s.VerifyPassword(ctx, name, password)
		refused, isRefusal := errors.AsType[*localuser.NoAdministratorError](err)
		switch {
		case reason == "" && (err != nil || a.Role == localuser.NoRole):
			t.Errorf("VerifyPassword(%q, %q) = %+v, %v; want the account", name, password, a, err)
		case reason != "" && (!isRefusal || refused.Reason != reason):
			t.Errorf("VerifyPassword(%q, %q) = %+v, %v; want the reason %q", name, password, a, err, reason)
		}
	}
	update := func(name string, c localuser.Change) {
		t.Helper()
		if err := s.Update(ctx, name, c); err != nil {
			t.Fatal(err)
		}
	}
	const older = "the password is older than the account's role: signet user passwd sets another"
	verify("ANN", "tulip", "")
	verify("ann", "Tulip", "wrong password")
	verify("ann", "", "wrong password")
	verify("bob", "raven", "the account has no role")
	verify("nobody", "tulip", "no such account")
	verify("", "tulip", "no such account")

	update("bob", localuser.Change{Role: new(localuser.Viewer)})
	verify("bob", "raven", older)
	if err := s.SetPassword(ctx, "bob", "cobalt"); err != nil {
		t.Fatal(err)
	}
	verify("bob", "cobalt", "")
	verify("bob", "raven", "wrong password")
	update("bob", localuser.Change{Disabled: new(true)})
	verify("bob", "cobalt", "the account is disabled")
	update("bob", localuser.Change{Disabled: new(false), Role: new(localuser.NoRole)})
	verify("bob", "cobalt", "the account has no role")
	update("bob", localuser.Change{Role: new(localuser.Administrator)})
	verify("bob", "cobalt", older)

	if err := s.Update(ctx, "bob", localuser.Change{Role: new(localuser.Role("root"))}); !errors.Is(err, localuser.ErrRole) {
		t.Errorf("Update to a role that is none = %v, want ErrRole", err)
	}
	if _, err := s.Add(ctx, localuser.NewAccount{Name: "eve", Password: "x", Role: "root"}); !errors.Is(err, localuser.ErrRole) {
		t.Errorf("Add with a role that is none = %v, want ErrRole", err)
	}
	// What one account was verified by does not verify another.
	edit(t, path, `UPDATE account SET verifier = (SELECT verifier FROM account WHERE folded = 'ANN') WHERE folded = 'BOB'`)
	if a, err := s.VerifyPassword(ctx, "bob", "tulip"); err == nil {
		t.Errorf("with ann's verifier bob is %+v", a)
	}
}
