//go:build linux

package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
	"github.com/signet-smb/signet/vfs"
)

const signing = "server.RequireSecuritySignature"

// boss may lower protection, clerk may not.
var (
	boss  = admin.Author{Caller: admin.Caller{UID: 0, Means: "CLI"}, Administrator: true}
	clerk = admin.Author{Caller: admin.Caller{UID: 65534, Means: "Socket"}}
)

// newConfig opens a configuration on the store in dir, and returns with it what
// closes it: at the end of the test at the latest.
func newConfig(t *testing.T, dir string) (c *configService, closeIt func()) {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(dir, storeFile), vfs.Fold, auth.Upcase)
	if err != nil {
		t.Fatal(err)
	}
	closeIt = func() { s.Close() }
	t.Cleanup(closeIt)
	c, err = openConfig(t.Context(), s, newPolicyInForce(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c, closeIt
}

// setting is a change of one property.
func setting(name, value, reason string) admin.ConfigChange {
	return admin.ConfigChange{Set: map[string]string{name: value}, ChangeTerms: admin.ChangeTerms{Reason: reason}}
}

// mustChange makes a change that has to succeed.
func mustChange(t *testing.T, c *configService, change admin.ConfigChange) admin.ConfigResult {
	t.Helper()
	r, err := c.Change(t.Context(), boss, change)
	if err != nil {
		t.Fatalf("Change(%+v): %v", change, err)
	}
	return r
}

// required reports whether signing is required now.
func required(c *configService) bool {
	return policy.Get(c.policy.current(), policy.RequireSecuritySignature)
}

// expectRefusal fails the test unless err is a refusal with that code and status.
func expectRefusal(t *testing.T, what string, err error, code string, status int) *admin.Error {
	t.Helper()
	e, ok := errors.AsType[*admin.Error](err)
	if !ok || e.Code != code || e.Status != status {
		t.Fatalf("%s: %#v, want %s, %d", what, err, code, status)
	}
	return e
}

func TestWhatMakesNoSenseIsRefusedAndChangesNothing(t *testing.T) {
	c, _ := newConfig(t, t.TempDir())
	mustChange(t, c, setting("server.Smb2DialectMax", "SMB302", "test"))
	for _, r := range []struct {
		change   map[string]string
		code     string
		property string
	}{
		{map[string]string{signing: "perhaps"}, "InvalidValue", signing},
		{map[string]string{"server.RequireSecuritySignatur": "True"}, "UnknownProperty", "server.RequireSecuritySignatur"},
		{map[string]string{"server.Smb2CreditsMax": "127"}, "InvalidValue", "server.Smb2CreditsMax"},
		{map[string]string{"server.EncryptionCiphers": "ROT13"}, "InvalidValue", "server.EncryptionCiphers"},
		{map[string]string{"server.Smb2DialectMin": "SMB311"}, "ConflictingValues", "server.Smb2DialectMin"},
		{map[string]string{"server.EncryptData": "True", signing: ""}, "InvalidValue", signing},
		{nil, "InvalidValue", "Set"},
	} {
		_, err := c.Change(t.Context(), boss, admin.ConfigChange{Set: r.change, ChangeTerms: admin.ChangeTerms{Reason: "test"}})
		if e := expectRefusal(t, r.property, err, r.code, http.StatusUnprocessableEntity); e.Property != r.property {
			t.Errorf("%v: property %q, want %q", r.change, e.Property, r.property)
		}
	}
	if d, err := c.store.Decisions(t.Context()); err != nil || d.Revision != 1 || len(d.Values) != 1 {
		t.Errorf("the store is at %+v, %v; want revision 1", d, err)
	}
	if policy.Get(c.policy.current(), policy.EncryptData) {
		t.Error("half of a change is in force")
	}
}

func TestLoweringProtectionNeedsAnAdministratorAndAReason(t *testing.T) {
	c, _ := newConfig(t, t.TempDir())
	weak := setting(signing, "False", "")
	_, err := c.Change(t.Context(), boss, weak)
	e := expectRefusal(t, "without a reason", err, "ReasonRequired", http.StatusUnprocessableEntity)
	if !strings.Contains(e.Hint, "altered on the way") {
		t.Errorf("the caution is not in %q", e.Hint)
	}
	weak.Reason = "test"
	_, err = c.Change(t.Context(), clerk, weak)
	expectRefusal(t, "an operator", err, "AccessDenied", http.StatusForbidden)
	if !required(c) {
		t.Fatal("a refused change is in force")
	}

	weak.DryRun = true
	if r, err := c.Change(t.Context(), clerk, weak); err != nil || !r.Weakens || r.Changed || len(r.Effects) != 1 ||
		r.Effects[0].Before != "True" || r.Effects[0].After != "False" || r.Effects[0].Caution == "" || !required(c) {
		t.Errorf("a dry run: %+v, %v", r, err)
	}

	// What lowers nothing an operator may change, and undo only if that lowers
	// nothing either.
	if _, err := c.Change(t.Context(), clerk, setting("server.EncryptData", "True", "")); err != nil {
		t.Errorf("an operator requires encryption: %v", err)
	}
	_, err = c.Change(t.Context(), clerk, admin.ConfigChange{Reset: []string{"server.EncryptData"}, ChangeTerms: admin.ChangeTerms{Reason: "test"}})
	expectRefusal(t, "an operator takes encryption back", err, "AccessDenied", http.StatusForbidden)
	_, err = c.Rollback(t.Context(), clerk, admin.ConfigRollback{ChangeTerms: admin.ChangeTerms{Reason: "test"}})
	expectRefusal(t, "an operator rolls encryption back", err, "AccessDenied", http.StatusForbidden)
}

func TestTheLoserOfTwoWritersIsTold(t *testing.T) {
	c, _ := newConfig(t, t.TempDir())
	seen := uint64(0)
	first, second := setting("server.EncryptData", "True", ""), setting("server.Smb2CreditsMax", "512", "")
	first.IfRevision, second.IfRevision = &seen, &seen
	mustChange(t, c, first)
	_, err := c.Change(t.Context(), boss, second)
	expectRefusal(t, "the second", err, "Conflict", http.StatusConflict)
	if policy.Get(c.policy.current(), policy.Smb2CreditsMax) != 8192 {
		t.Error("the loser's change is in force")
	}
	if (&app{started: true}).exitCode(err) != exitConflict {
		t.Errorf("exit code %d, want 5", (&app{started: true}).exitCode(err))
	}
}

func TestAHigherLayerHoldsWhatTheStoreSaysToo(t *testing.T) {
	c, _ := newConfig(t, t.TempDir())
	group := policy.NewValues(policy.Origin{Layer: policy.LayerGroupPolicy, Name: "Default Domain Policy"})
	if err := group.Set("server.EncryptData", "True"); err != nil {
		t.Fatal(err)
	}
	c.policy.changing.Lock()
	l := c.policy.layers
	l.above = []*policy.Values{group}
	err := c.policy.publishLocked(l)
	c.policy.changing.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	r := mustChange(t, c, setting("server.EncryptData", "False", ""))
	if !r.Changed || len(r.Effects) != 1 || r.Effects[0].HeldBy != "group policy Default Domain Policy" || r.Effects[0].After != "True" {
		t.Errorf("the change: %+v, want it stored and held by the group policy", r)
	}
	e, err := c.Explain(t.Context(), "server.encryptdata")
	want := []admin.LayerValue{{Layer: "GroupPolicy", Source: "Default Domain Policy", Value: "True"}, {Layer: "Store", Source: "revision 1", Value: "False"}, {Layer: "Profile", Source: "signet", Value: "False"}}
	if err != nil || !slices.Equal(e.Layers, want) || e.Changed == nil || e.Changed.Number != 1 {
		t.Errorf("Explain: %+v, %v; want layers %+v, changed by revision 1", e, err, want)
	}
}

func TestRollbackGoesBackOneStepOrToARevision(t *testing.T) {
	c, _ := newConfig(t, t.TempDir())
	mustChange(t, c, setting("server.EncryptData", "True", ""))
	mustChange(t, c, setting(signing, "False", "test"))
	mustChange(t, c, setting("server.Smb2CreditsMax", "512", ""))
	if r, err := c.Rollback(t.Context(), boss, admin.ConfigRollback{}); err != nil || r.Revision != 4 || policy.Get(c.policy.current(), policy.Smb2CreditsMax) != 8192 || required(c) {
		t.Errorf("one step back: %+v, %v", r, err)
	}
	first := uint64(1)
	if r, err := c.Rollback(t.Context(), boss, admin.ConfigRollback{Revision: &first}); err != nil || r.Revision != 5 || !required(c) || !policy.Get(c.policy.current(), policy.EncryptData) {
		t.Errorf("back to 1: %+v, %v", r, err)
	}
	second := uint64(2)
	_, err := c.Rollback(t.Context(), boss, admin.ConfigRollback{Revision: &second})
	expectRefusal(t, "back to 2, without a reason", err, "ReasonRequired", http.StatusUnprocessableEntity)
	none := uint64(9)
	_, err = c.Rollback(t.Context(), boss, admin.ConfigRollback{Revision: &none})
	expectRefusal(t, "back to 9", err, "InvalidValue", http.StatusUnprocessableEntity)
}

func TestAValueForATimeGoesBackWhenItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, closeIt := newConfig(t, t.TempDir())
		defer closeIt()
		ctx, cancel := context.WithCancel(t.Context())
		kept := make(chan struct{})
		go func() { defer close(kept); c.keepDeadlines(ctx) }()
		defer func() { cancel(); <-kept }()

		until := time.Now().Add(48 * time.Hour)
		weak := setting(signing, "False", "old scanner")
		weak.Until = &until
		mustChange(t, c, weak)
		time.Sleep(48*time.Hour - time.Second)
		synctest.Wait()
		if required(c) {
			t.Fatal("it went back a second early")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if !required(c) {
			t.Fatal("it did not go back in time")
		}
		history, err := c.History(t.Context(), 0, 10)
		if err != nil || len(history) != 2 || history[0].Kind != "Restore" || history[0].By != "signet" || history[0].Means != "Timer" ||
			history[0].Changes[0].New != nil || !history[0].At.Equal(until.UTC().Truncate(time.Millisecond)) {
			t.Errorf("history %+v, %v", history, err)
		}

		// Confirmed, it stays; with an end, until that.
		until = time.Now().Add(time.Hour)
		weak.Until, weak.ConfirmWithinSeconds = &until, 600
		mustChange(t, c, weak)
		if _, err := c.Confirm(t.Context(), clerk, admin.ConfigConfirmation{}); err == nil {
			t.Error("an operator confirms what lowers protection")
		}
		if _, err := c.Confirm(t.Context(), boss, admin.ConfigConfirmation{}); err != nil {
			t.Error(err)
		}
		time.Sleep(59 * time.Minute)
		synctest.Wait()
		if required(c) {
			t.Error("it went back although it was confirmed")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if !required(c) {
			t.Error("it did not go back at its end")
		}
		_, err = c.Confirm(t.Context(), boss, admin.ConfigConfirmation{})
		expectRefusal(t, "a confirmation of nothing", err, "NothingToConfirm", http.StatusConflict)
	})
}

func TestWhatWasDueWhileNobodyWasThereGoesBackAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		c, closeIt := newConfig(t, dir)
		weak := setting(signing, "False", "test")
		weak.ConfirmWithinSeconds = 600
		mustChange(t, c, weak)
		mustChange(t, c, setting("server.EncryptData", "True", ""))
		closeIt() // as a crash would leave it: nothing is written at the end
		time.Sleep(10 * time.Minute)
		c, closeIt = newConfig(t, dir)
		defer closeIt()
		if !required(c) || !policy.Get(c.policy.current(), policy.EncryptData) {
			t.Error("signing is not required again, or what was for good is gone")
		}
	})
}

func TestAStoredValueWithoutMeaningIsNamedAndCanBeReset(t *testing.T) {
	dir := t.TempDir()
	c, closeIt := newConfig(t, dir)
	junk := "12"
	if _, err := c.store.Commit(t.Context(), 0, store.Edit{Kind: store.Changed, At: time.Now(), Set: map[string]*string{"server.FromTheFuture": &junk}}); err != nil {
		t.Fatal(err)
	}
	closeIt()
	s, err := store.Open(t.Context(), filepath.Join(dir, storeFile), vfs.Fold, auth.Upcase)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err = openConfig(t.Context(), s, newPolicyInForce(), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "signet config reset server FromTheFuture") {
		t.Fatalf("openConfig = %v, want an error that says how to mend it", err)
	}
	if _, err := c.Change(t.Context(), boss, admin.ConfigChange{Reset: []string{"server.FromTheFuture"}}); err != nil {
		t.Error(err)
	}
}

func TestTheJournalIsToldOfEachRevisionOnceItIsInForce(t *testing.T) {
	c, _ := newConfig(t, t.TempDir())
	var told []uint64
	c.changed = func(_ context.Context, r store.Revision) {
		if required(c) == (r.Number == 1) {
			t.Errorf("told of revision %d before it is in force", r.Number)
		}
		told = append(told, r.Number)
	}
	mustChange(t, c, setting(signing, "False", "test"))
	mustChange(t, c, setting(signing, "False", "test"))
	mustChange(t, c, setting(signing, "True", ""))
	if !slices.Equal(told, []uint64{1, 2}) {
		t.Errorf("told of %v, want 1 and 2", told)
	}
}

func TestAProfileIsAppliedBelowWhatIsSet(t *testing.T) {
	dir := t.TempDir()
	c, closeIt := newConfig(t, dir)
	mustChange(t, c, setting("server.EncryptData", "True", ""))
	_, err := c.Change(t.Context(), boss, setting("profile", "windows-server-2022", ""))
	expectRefusal(t, "a profile that does not require signing", err, "ReasonRequired", http.StatusUnprocessableEntity)
	_, err = c.Change(t.Context(), boss, setting("profile", "windows-95", "test"))
	expectRefusal(t, "no profile", err, "InvalidValue", http.StatusUnprocessableEntity)

	r := mustChange(t, c, setting("profile", "Windows-Server-2022", "test"))
	signs := slices.IndexFunc(r.Effects, func(e admin.ConfigEffect) bool { return e.Property == signing })
	if !r.Weakens || r.Effects[0].Property != "profile" || r.Effects[0].Before != "signet" || r.Effects[0].After != "windows-server-2022" ||
		signs < 0 || r.Effects[signs].After != "False" || r.Effects[signs].Caution == "" {
		t.Errorf("the change: %+v", r)
	}
	closeIt()
	c, _ = newConfig(t, dir)
	if s := c.policy.current(); required(c) || s.ProfileOf() != "windows-server-2022" || !policy.Get(s, policy.EncryptData) {
		t.Errorf("after a restart signing is required (%t), the profile is %s, EncryptData %t", required(c), s.ProfileOf(), policy.Get(s, policy.EncryptData))
	}
	if _, err := c.Rollback(t.Context(), boss, admin.ConfigRollback{}); err != nil || !required(c) {
		t.Errorf("Rollback: %v, signing is required: %t", err, required(c))
	}
}
