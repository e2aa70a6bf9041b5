//go:build linux

package main

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
)

// addition is a rule about an address, and its reason.
func addition(name, address string, sign bool, until *time.Time, reason string) admin.RuleAddition {
	return admin.RuleAddition{Name: name, RuleChange: admin.RuleChange{
		RuleWhomAndWhat: admin.RuleWhomAndWhat{Address: address, RequireSecuritySignature: &sign, Until: until},
		ChangeTerms:     admin.ChangeTerms{Reason: reason},
	}}
}

// mustAdd adds a rule, which has to succeed.
func mustAdd(t *testing.T, c *configService, n admin.RuleAddition) admin.ConfigResult {
	t.Helper()
	r, err := c.AddRule(t.Context(), boss, n)
	if err != nil {
		t.Fatalf("AddRule(%+v): %v", n, err)
	}
	return r
}

// says is what the rules in force say of signing from an address.
func says(c *configService, address string) policy.Word {
	return c.policy.current().Judge(policy.Party{Address: netip.MustParseAddr(address)}, "", time.Now()).Signing.Word
}

func TestAnExceptionNeedsAnEndAReasonAndAnAdministrator(t *testing.T) {
	c, _ := newConfig(t, t.TempDir())
	soon, over := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	for _, r := range []struct {
		what           string
		by             admin.Author
		rule           admin.RuleAddition
		code, property string
		status         int
	}{
		{"no end", boss, addition("x", "10.0.0.7", false, nil, "test"), "InvalidValue", "Until", http.StatusUnprocessableEntity},
		{"an end that is over", boss, addition("x", "10.0.0.7", false, &over, "test"), "InvalidValue", "Until", http.StatusUnprocessableEntity},
		{"no reason", boss, addition("x", "10.0.0.7", false, &soon, " "), "ReasonRequired", "rule.x", http.StatusUnprocessableEntity},
		{"an operator", clerk, addition("x", "10.0.0.7", false, &soon, "test"), "AccessDenied", "", http.StatusForbidden},
		{"a name, not an address", boss, addition("x", "scanner", true, nil, ""), "InvalidValue", "Address", http.StatusUnprocessableEntity},
		{"a warning that is over", boss, admin.RuleAddition{Name: "x", RuleChange: admin.RuleChange{
			RuleWhomAndWhat: admin.RuleWhomAndWhat{Address: "10.0.0.7", EncryptData: new(true), WarnUntil: &over},
		}}, "InvalidValue", "WarnUntil", http.StatusUnprocessableEntity},
	} {
		_, err := c.AddRule(t.Context(), r.by, r.rule)
		if e := expectRefusal(t, r.what, err, r.code, r.status); e.Property != r.property {
			t.Errorf("%s: property %q, want %q", r.what, e.Property, r.property)
		}
	}
	if n := len(c.policy.current().Rules()); n != 0 {
		t.Fatalf("%d rules are in force after refusals", n)
	}
	dry := addition("x", "10.0.0.7", false, &soon, "")
	dry.DryRun = true
	if r, err := c.AddRule(t.Context(), boss, dry); err != nil || !r.Weakens || r.Changed || says(c, "10.0.0.7") != policy.Unsaid {
		t.Errorf("a dry run: %+v, %v", r, err)
	}
	// An operator may require, and nothing else.
	if _, err := c.AddRule(t.Context(), clerk, addition("net", "10.0.0.0/8", true, nil, "")); err != nil {
		t.Errorf("an operator requires: %v", err)
	}
	_, err := c.RemoveRule(t.Context(), clerk, "net", admin.ChangeTerms{Reason: "test"})
	expectRefusal(t, "an operator removes what requires", err, "AccessDenied", http.StatusForbidden)
	mustAdd(t, c, addition("x", "10.0.0.7", false, &soon, "test"))
	if _, err := c.RemoveRule(t.Context(), clerk, "X", admin.ChangeTerms{}); err != nil {
		t.Errorf("an operator removes an exception: %v", err)
	}
	if says(c, "10.0.0.7") != policy.Required {
		t.Error("the exception is in force still")
	}
}

func TestRulesAreInTheJournalLikeProperties(t *testing.T) {
	dir := t.TempDir()
	c, closeIt := newConfig(t, dir)
	soon := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	mustAdd(t, c, addition("net", "10.0.0.0/8", true, nil, ""))
	mustAdd(t, c, addition("scanner", "10.0.0.7", false, &soon, "firmware"))
	seen := uint64(1)
	stale := addition("late", "10.0.0.8", true, nil, "")
	stale.IfRevision = &seen
	_, err := c.AddRule(t.Context(), boss, stale)
	expectRefusal(t, "on top of an old revision", err, "Conflict", http.StatusConflict)
	_, err = c.AddRule(t.Context(), boss, addition("again", "10.0.0.0/8", true, nil, ""))
	expectRefusal(t, "the same of the same", err, "ConflictingValues", http.StatusUnprocessableEntity)
	_, err = c.AddRule(t.Context(), boss, addition("NET", "10.1.0.0/16", true, nil, ""))
	expectRefusal(t, "a name that is taken", err, "AlreadyExists", http.StatusConflict)

	closeIt()
	c, _ = newConfig(t, dir)
	list, err := c.ListRules(t.Context())
	if err != nil || list.Revision != 2 || len(list.Rules) != 2 || list.Rules[0].Name != "scanner" || list.Rules[0].Reason != "firmware" ||
		!list.Rules[0].Weakens || list.Rules[0].Source != "revision 2" || !list.Rules[0].Until.Equal(soon) || len(list.Rules[0].Overlaps) != 1 {
		t.Fatalf("after a restart: %+v, %v", list, err)
	}
	if list, err := c.exceptions(t.Context()); err != nil || len(list) != 1 || !list[0].Until.Equal(soon) || !strings.Contains(list[0].Name, "address 10.0.0.7") {
		t.Errorf("exceptions: %+v, %v", list, err)
	}

	// What would come back by a rollback lowers protection.
	if _, err := c.RemoveRule(t.Context(), boss, "scanner", admin.ChangeTerms{}); err != nil {
		t.Fatal(err)
	}
	_, err = c.Rollback(t.Context(), boss, admin.ConfigRollback{})
	expectRefusal(t, "an exception by a rollback", err, "ReasonRequired", http.StatusUnprocessableEntity)
	if _, err := c.Rollback(t.Context(), boss, admin.ConfigRollback{ChangeTerms: admin.ChangeTerms{Reason: "test"}}); err != nil || says(c, "10.0.0.7") != policy.NotRequired {
		t.Errorf("rolled back: %v, %v", says(c, "10.0.0.7"), err)
	}
	history, err := c.History(t.Context(), 0, 10)
	if err != nil || len(history) != 4 || history[2].Changes[0].Property != "rule.scanner" || !strings.Contains(*history[2].Changes[0].New, `"Address":"10.0.0.7"`) {
		t.Errorf("history %+v, %v", history, err)
	}
	_, err = c.Change(t.Context(), boss, setting("rule.net", "{}", "test"))
	expectRefusal(t, "a rule as a property", err, "UnknownProperty", http.StatusUnprocessableEntity)
}

func TestARuleIsReplacedWholeAndKeepsItsReason(t *testing.T) {
	c, _ := newConfig(t, t.TempDir())
	soon, later := time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	mustAdd(t, c, addition("scanner", "10.0.0.7", false, &later, "firmware"))
	if _, err := c.SetRule(t.Context(), clerk, "scanner", addition("", "10.0.0.7", false, &soon, "").RuleChange); err != nil {
		t.Errorf("a sooner end, by an operator: %v", err)
	}
	if list, _ := c.ListRules(t.Context()); list.Rules[0].Reason != "firmware" {
		t.Errorf("the reason is %q now", list.Rules[0].Reason)
	}
	_, err := c.SetRule(t.Context(), boss, "scanner", addition("", "10.0.0.7", false, &later, "").RuleChange)
	expectRefusal(t, "a later end", err, "ReasonRequired", http.StatusUnprocessableEntity)
	_, err = c.SetRule(t.Context(), boss, "scanner", addition("", "10.0.0.8", false, &soon, "").RuleChange)
	expectRefusal(t, "another device", err, "ReasonRequired", http.StatusUnprocessableEntity)
	_, err = c.SetRule(t.Context(), boss, "nobody", addition("", "10.0.0.8", true, nil, "").RuleChange)
	expectRefusal(t, "no such rule", err, "NotFound", http.StatusNotFound)
	_, err = c.RemoveRule(t.Context(), boss, "nobody", admin.ChangeTerms{})
	expectRefusal(t, "no such rule", err, "NotFound", http.StatusNotFound)

	file := policy.NewValues(policy.Origin{Layer: policy.LayerFile, Name: "signet.yaml"})
	if err := file.AddRule(policy.RuleSpec{Name: "File", Address: "10.0.0.9", EncryptData: new(true)}, ruleFolding); err != nil {
		t.Fatal(err)
	}
	if err := c.policy.setFile([]*policy.Values{file}, nil); err != nil {
		t.Fatal(err)
	}
	_, err = c.RemoveRule(t.Context(), boss, "file", admin.ChangeTerms{})
	expectRefusal(t, "a rule of the file", err, "HeldElsewhere", http.StatusUnprocessableEntity)
	_, err = c.AddRule(t.Context(), boss, addition("file", "10.0.0.9", true, nil, ""))
	expectRefusal(t, "the name of a rule of the file", err, "AlreadyExists", http.StatusConflict)
}

func TestAnExceptionThatIsOverLeavesAndWhatItReplacedComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, closeIt := newConfig(t, t.TempDir())
		defer closeIt()
		ctx, cancel := context.WithCancel(t.Context())
		kept := make(chan struct{})
		go func() { defer close(kept); c.keepDeadlines(ctx) }()
		defer func() { cancel(); <-kept }()
		until := time.Now().Add(48 * time.Hour)
		server := &noncomplyingServer{end: until}
		c.attach(server)

		mustAdd(t, c, addition("scanner", "10.0.0.7", false, &until, "firmware"))
		mustAdd(t, c, addition("printer", "10.0.0.8", true, nil, ""))
		if _, err := c.SetRule(t.Context(), boss, "printer", addition("", "10.0.0.8", false, &until, "test").RuleChange); err != nil {
			t.Fatal(err)
		}
		time.Sleep(48*time.Hour - time.Second)
		synctest.Wait()
		if says(c, "10.0.0.7") != policy.NotRequired || says(c, "10.0.0.8") != policy.NotRequired || len(server.closed()) != 0 {
			t.Fatalf("a second early: %v and %v, closed %v", says(c, "10.0.0.7"), says(c, "10.0.0.8"), server.closed())
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if says(c, "10.0.0.7") != policy.Unsaid || says(c, "10.0.0.8") != policy.Required {
			t.Errorf("at the end: %v and %v, want nothing said, and required again", says(c, "10.0.0.7"), says(c, "10.0.0.8"))
		}
		if list, _ := c.ListRules(t.Context()); len(list.Rules) != 1 || list.Rules[0].Name != "printer" {
			t.Errorf("rules at the end: %+v", list.Rules)
		}
		if !slices.Equal(server.closed(), []admin.SessionID{7}) {
			t.Errorf("closed %v, want the session that lived by an exception", server.closed())
		}
		history, err := c.History(t.Context(), 0, 1)
		if err != nil || len(history) != 1 || history[0].Kind != "Restore" || len(history[0].Changes) != 2 || history[0].Means != "Timer" {
			t.Errorf("history %+v, %v", history, err)
		}

		// What a rollback brings back has no deadline in the store, and ends
		// all the same.
		until = time.Now().Add(time.Hour)
		mustAdd(t, c, addition("short", "10.0.0.9", false, &until, "test"))
		if _, err := c.RemoveRule(t.Context(), boss, "short", admin.ChangeTerms{}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Rollback(t.Context(), boss, admin.ConfigRollback{ChangeTerms: admin.ChangeTerms{Reason: "test"}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if list, _ := c.ListRules(t.Context()); len(list.Rules) != 1 {
			t.Errorf("rules after the end of one that came back: %+v", list.Rules)
		}
	})
}

// noncomplyingServer has two sessions that do not sign: session 7 from end on
// does not comply for it, session 9 never does.
type noncomplyingServer struct {
	holdingServer
	mu    sync.Mutex
	end   time.Time         // guarded by mu
	ended []admin.SessionID // guarded by mu: what was closed
}

func (s *noncomplyingServer) Noncomplying(_ *policy.Snapshot, at time.Time) []admin.SessionID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end.IsZero() || at.Before(s.end) {
		return []admin.SessionID{9}
	}
	return []admin.SessionID{7, 9}
}

func (s *noncomplyingServer) CloseSession(id admin.SessionID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = append(s.ended, id)
	return nil
}

// closed returns the sessions that were closed.
func (s *noncomplyingServer) closed() []admin.SessionID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ended)
}

func TestWhatIsNotConfirmedIsNoRuleAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, closeIt := newConfig(t, t.TempDir())
		defer closeIt()
		rule := addition("net", "10.0.0.0/8", true, nil, "")
		rule.ConfirmWithinSeconds = 600
		mustAdd(t, c, rule)
		time.Sleep(10 * time.Minute)
		if _, err := c.restoreDue(t.Context()); err != nil || says(c, "10.0.0.7") != policy.Unsaid {
			t.Errorf("after the time is over: %v, %v", says(c, "10.0.0.7"), err)
		}
	})
}

func TestAStoredRuleWithoutMeaningIsNamedAndCanBeRemoved(t *testing.T) {
	for _, text := range []string{`{"Name":"x","Address":"10.0.0.7","RequireKerberos":true}`, `{"Name":"x"}`, `junk`} {
		v := policy.NewValues(policy.Origin{Layer: policy.LayerStore})
		if err := readRule(v, text); err == nil {
			t.Errorf("readRule(%s) takes it", text)
		}
	}
}
