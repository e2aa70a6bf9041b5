package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
)

// useAccounts has rules name only accounts that there are, and go with them:
// another account of the name must not inherit an exception.
func (c *configService) useAccounts(accounts *accountStore) {
	c.accountName = func(ctx context.Context, name string) (string, error) {
		acc, err := accounts.store.Lookup(ctx, name)
		if errors.Is(err, fs.ErrNotExist) {
			return "", invalid422("Account", fmt.Sprintf("no account %q", name), "signet user list shows them")
		}
		return acc.Name, err
	}
	grants := accounts.forget
	accounts.forget = func(ctx context.Context, account string) error {
		if err := c.forgetAccount(ctx, account); err != nil {
			return err
		}
		return grants(ctx, account)
	}
}

// forgetAccount removes the stored rules about an account, which is about to go.
func (c *configService) forgetAccount(ctx context.Context, account string) error {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	e := store.Edit{
		Kind: store.Changed, At: time.Now(), Set: make(map[string]*string),
		By: store.Author{Account: "signet", Means: "Socket", Reason: fmt.Sprintf("account %s was removed", account)},
	}
	for _, r := range c.policy.current().Rules() {
		if r.Origin.Layer == policy.LayerStore && r.Account != "" && auth.Upcase(r.Account) == auth.Upcase(account) {
			e.Set[policy.RuleProperty(r.Name)] = nil
		}
	}
	if len(e.Set) == 0 {
		return nil
	}
	d, err := c.store.Decisions(ctx)
	if err != nil {
		return err
	}
	rev, err := c.store.Commit(ctx, d.Revision, e)
	if err != nil {
		return err
	}
	if err := c.reloadLocked(ctx); err != nil {
		return err
	}
	c.tell(ctx, rev)
	return nil
}

// ListRules implements admin.Rules.
func (c *configService) ListRules(ctx context.Context) (admin.RuleList, error) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.store.Decisions(ctx)
	if err != nil {
		return admin.RuleList{}, err
	}
	list := admin.RuleList{Revision: d.Revision}
	s := c.policy.current()
	for _, r := range s.Rules() {
		list.Rules = append(list.Rules, showRule(s, r, time.Now()))
	}
	return list, nil
}

// showRule makes of a rule in s what the API says of it.
func showRule(s *policy.Snapshot, r *policy.Rule, now time.Time) admin.Rule {
	shown := admin.Rule{
		Name: r.Name, Reason: r.Reason, State: "InForce", Weakens: r.Exempts(),
		Layer: layerWord(r.Origin.Layer), Source: r.Origin.Name,
		RuleWhomAndWhat: admin.RuleWhomAndWhat{
			Share: r.Share, Address: r.Address, Account: r.Account,
			RequireSecuritySignature: r.RequireSecuritySignature, EncryptData: r.EncryptData,
			WarnUntil: r.WarnUntil, Until: r.Until,
		},
	}
	if r.Origin.Layer == policy.LayerStore {
		shown.Overlaps = s.Overlaps(r.Name, now)
	}
	switch {
	case r.Ended(now):
		shown.State, shown.Weakens = "Ended", false
	case r.Warns(now):
		shown.State = "Warning"
	}
	return shown
}

// AddRule implements admin.Rules.
func (c *configService) AddRule(ctx context.Context, by admin.Author, n admin.RuleAddition) (admin.ConfigResult, error) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.decisionsAt(ctx, n.IfRevision)
	if err != nil {
		return admin.ConfigResult{}, err
	}
	_, stored := d.Values[policy.RuleProperty(n.Name)]
	if stored || c.ruleElsewhere(n.Name) != nil {
		return admin.ConfigResult{}, &admin.Error{
			Code: "AlreadyExists", Status: http.StatusConflict, Property: "Name",
			Message: fmt.Sprintf("a rule %q exists already", n.Name), Hint: "signet rule set changes it",
		}
	}
	return c.makeRuleLocked(ctx, by, d, n.Name, policy.RuleSpec{}, n.RuleChange)
}

// ruleElsewhere returns the rule of that name of another layer than the store's,
// or nil. The caller holds policy.changing.
func (c *configService) ruleElsewhere(name string) *policy.Rule {
	for _, r := range c.policy.current().Rules() {
		if r.Origin.Layer != policy.LayerStore && strings.EqualFold(r.Name, name) {
			return r
		}
	}
	return nil
}

// noRule refuses what is asked of a rule that is not in the store. The caller
// holds policy.changing.
func (c *configService) noRule(name string) error {
	if r := c.ruleElsewhere(name); r != nil {
		return &admin.Error{
			Code: "HeldElsewhere", Status: http.StatusUnprocessableEntity, Property: "Name",
			Message: fmt.Sprintf("rule %s is not stored: it is of the %s", r.Name, r.Origin), Hint: "change it there",
		}
	}
	return &admin.Error{
		Code: "NotFound", Status: http.StatusNotFound, Property: "Name",
		Message: fmt.Sprintf("no rule %q is stored", name), Hint: "signet rule list shows them",
	}
}

// SetRule implements admin.Rules.
func (c *configService) SetRule(ctx context.Context, by admin.Author, name string, change admin.RuleChange) (admin.ConfigResult, error) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.decisionsAt(ctx, change.IfRevision)
	if err != nil {
		return admin.ConfigResult{}, err
	}
	held, ok := d.Values[policy.RuleProperty(name)]
	if !ok {
		return admin.ConfigResult{}, c.noRule(name)
	}
	old, err := decodeRule(held.Text)
	if err != nil { // one without meaning: it is replaced whole
		old = policy.RuleSpec{Name: name}
	}
	return c.makeRuleLocked(ctx, by, d, old.Name, old, change)
}

// RemoveRule implements admin.Rules.
func (c *configService) RemoveRule(ctx context.Context, by admin.Author, name string, terms admin.ChangeTerms) (admin.ConfigResult, error) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.decisionsAt(ctx, terms.IfRevision)
	if err != nil {
		return admin.ConfigResult{}, err
	}
	key := policy.RuleProperty(name)
	if _, ok := d.Values[key]; !ok {
		return admin.ConfigResult{}, c.noRule(name)
	}
	return c.makeLocked(ctx, by, d, store.Edit{Kind: store.Changed, Set: map[string]*string{key: nil}}, terms)
}

// makeRuleLocked makes a revision in which the rule called name, which said old,
// says what change says. The caller holds policy.changing.
func (c *configService) makeRuleLocked(ctx context.Context, by admin.Author, d store.Decisions, name string, old policy.RuleSpec, change admin.RuleChange) (admin.ConfigResult, error) {
	spec := policy.RuleSpec{
		Name: name, Share: change.Share, Address: change.Address, Account: change.Account,
		RequireSecuritySignature: change.RequireSecuritySignature, EncryptData: change.EncryptData,
		WarnUntil: wholeSeconds(change.WarnUntil), Until: wholeSeconds(change.Until), Reason: strings.TrimSpace(change.Reason),
	}
	switch {
	case spec.Reason == "" && old.Reason != "":
		spec.Reason = old.Reason
	case spec.Reason == "" && spec.Exempts():
		spec.Reason = "-" // never stored: makeLocked asks for one
	}
	if err := c.checkRule(ctx, &spec, old); err != nil {
		return admin.ConfigResult{}, err
	}
	text, err := encodeRule(spec)
	if err != nil {
		return admin.ConfigResult{}, propertyRefusal("InvalidValue", err)
	}
	e := store.Edit{Kind: store.Changed, Set: map[string]*string{policy.RuleProperty(name): &text}}
	if spec.Until != nil {
		e.Until = *spec.Until
	}
	if change.ConfirmWithinSeconds > 0 {
		e.ConfirmBy = time.Now().Add(time.Duration(change.ConfirmWithinSeconds) * time.Second)
	}
	res, err := c.makeLocked(ctx, by, d, e, change.ChangeTerms)
	if err == nil && spec.Share != "" && c.server != nil && !c.server.Serves(spec.Share) {
		res.Overlaps = append(res.Overlaps, fmt.Sprintf("no share %q is served now", spec.Share))
	}
	return res, err
}

// wholeSeconds is a time as rules have it; nil stays.
func wholeSeconds(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC().Truncate(time.Second))
}

// checkRule refuses what is wrong with a rule now, whatever it is by itself, and
// spells its account as it is stored.
func (c *configService) checkRule(ctx context.Context, spec *policy.RuleSpec, old policy.RuleSpec) (err error) {
	now := time.Now()
	if spec.Share != "" {
		if err := checkShareName(spec.Share); err != nil {
			return invalid422("Share", err.Error(), "")
		}
	}
	if spec.Account != "" && spec.Account != old.Account && c.accountName != nil {
		if spec.Account, err = c.accountName(ctx, spec.Account); err != nil {
			return err
		}
	}
	if spec.Ended(now) {
		return invalid422("Until", timeText(spec.Until)+" is over", "")
	}
	if spec.WarnUntil != nil && !spec.Warns(now) && (old.WarnUntil == nil || !old.WarnUntil.Equal(*spec.WarnUntil)) {
		return invalid422("WarnUntil", timeText(spec.WarnUntil)+" is over: without WarnUntil the rule refuses at once", "")
	}
	return nil
}

// addRuleSettings describes the rules that e is about, as they are in s, as if
// they were properties.
func addRuleSettings(settings map[string]policy.Setting, e store.Edit, s *policy.Snapshot) {
	for name := range e.Set {
		if policy.IsRuleProperty(name) {
			settings[name] = policy.Setting{Name: name, Value: "none", Reload: policy.NextSession}
		}
	}
	for _, r := range s.Rules() {
		name := policy.RuleProperty(r.Name)
		if _, ok := e.Set[name]; !ok || r.Origin.Layer != policy.LayerStore {
			continue
		}
		setting := policy.Setting{Name: name, Value: r.String(), Origin: r.Origin, Reload: policy.NextSession}
		if r.Share != "" {
			setting.Reload = policy.NextTreeConnect
		}
		settings[name] = setting
	}
}

// overlapsOf says where the rules that e is about meet others in s.
func overlapsOf(e store.Edit, s *policy.Snapshot) (list []string) {
	for name, text := range e.Set {
		if text != nil && policy.IsRuleProperty(name) {
			list = append(list, s.Overlaps(ruleName(name), time.Now())...)
		}
	}
	slices.Sort(list)
	return list
}

// overLocked returns the sessions that complied by an exception that e ends and
// comply no more. after are all that do not comply then. The caller holds
// policy.changing.
func (c *configService) overLocked(e store.Edit, after []admin.SessionID) []admin.SessionID {
	s := c.policy.current()
	last := e.At
	exempt := false
	for _, r := range s.Rules() {
		if _, ends := e.Set[policy.RuleProperty(r.Name)]; ends && r.Origin.Layer == policy.LayerStore && r.Exempts() {
			exempt = true
			if r.Until.Before(last) {
				last = *r.Until
			}
		}
	}
	if !exempt || c.server == nil {
		return nil
	}
	before := c.server.Noncomplying(s, last.Add(-time.Nanosecond))
	return slices.DeleteFunc(slices.Clone(after), func(id admin.SessionID) bool { return slices.Contains(before, id) })
}

// exemptionText says in words what an exception lifts.
func exemptionText(r *policy.Rule) string {
	var parts []string
	if r.RequireSecuritySignature != nil && !*r.RequireSecuritySignature {
		parts = append(parts, "signing not required")
	}
	if r.EncryptData != nil && !*r.EncryptData {
		parts = append(parts, "encryption not required")
	}
	return strings.Join(parts, ", ")
}

// pendingRules lists the rules that only warn so far.
func (c *configService) pendingRules(now time.Time) (list []admin.Pending) {
	for _, r := range c.policy.current().Rules() {
		if r.Warns(now) && !r.Ended(now) {
			list = append(list, admin.Pending{Name: r.Name + ", " + r.Whom(), From: r.WarnUntil.UTC()})
		}
	}
	return list
}

// rulesAbout lists the rules that say something else of a property, to some.
func (c *configService) rulesAbout(property string, now time.Time) (list []admin.Rule) {
	s := c.policy.current()
	for _, r := range s.Rules() {
		if property == "server.RequireSecuritySignature" && r.RequireSecuritySignature != nil ||
			property == "server.EncryptData" && r.EncryptData != nil {
			shown := showRule(s, r, now)
			shown.Overlaps = append([]string{}, shown.Overlaps...)
			list = append(list, shown)
		}
	}
	return list
}
