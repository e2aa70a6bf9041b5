package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
	"github.com/signet-smb/signet/vfs"
)

// Import implements admin.Configuration.
func (c *configService) Import(ctx context.Context, by admin.Author, in admin.ConfigImport) (admin.ImportResult, error) {
	// The catalog first: that is the order in which a reload takes both.
	c.shares.changing.Lock()
	defer c.shares.changing.Unlock()
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.decisionsAt(ctx, in.IfRevision)
	if err != nil {
		return admin.ImportResult{}, err
	}
	e, err := editOf(in, d)
	if err == nil {
		err = c.addRulesLocked(ctx, e, in.Rules)
	}
	if err != nil {
		return admin.ImportResult{}, err
	}
	var imported []admin.ImportedShare
	if e.Shares, imported, err = c.shares.newOnesLocked(ctx, in.Shares); err != nil {
		return admin.ImportResult{}, refusedShare(err)
	}
	p, err := c.planLocked(d, e)
	if err != nil {
		return admin.ImportResult{}, err
	}
	// What lowers protection comes first.
	slices.SortStableFunc(p.result.Effects, func(a, b admin.ConfigEffect) int {
		return cmp.Compare(min(len(b.Caution), 1), min(len(a.Caution), 1))
	})
	if len(in.Lost) > 0 {
		p.result.Weakens = true
		p.weakest = cmp.Or(p.weakest, in.Lost[0])
		p.caution = cmp.Or(p.caution, "Not recommended. What protected there does not protect here.")
	}
	if p.result.Weakens && !in.AllowWeaken && !in.DryRun {
		return admin.ImportResult{}, &admin.Error{
			Code: "WeakensProtection", Status: http.StatusUnprocessableEntity, Property: p.weakest,
			Message: fmt.Sprintf("this lowers protection (%s); nothing was changed: --allow-weaken takes it all the same, --dry-run shows all of it", p.weakest),
			Hint:    p.caution,
		}
	}
	res, err := c.carryOutLocked(ctx, by, d, e, in.ChangeTerms, p)
	if err != nil || in.DryRun {
		return admin.ImportResult{ConfigResult: res, Shares: imported}, err
	}
	if len(e.Shares) > 0 {
		err = c.shares.apply(ctx)
	}
	return admin.ImportResult{ConfigResult: res, Shares: imported}, err
}

// addRulesLocked enters the rules of an import. The error is a refusal of one of
// them. The caller holds policy.changing.
func (c *configService) addRulesLocked(ctx context.Context, e store.Edit, rules []admin.ImportRule) error {
	for _, r := range rules {
		spec := policy.RuleSpec{
			Name: r.Name, Share: r.Share, Address: r.Address, Account: r.Account,
			RequireSecuritySignature: r.RequireSecuritySignature, EncryptData: r.EncryptData,
			WarnUntil: wholeSeconds(r.WarnUntil), Until: wholeSeconds(r.Until), Reason: strings.TrimSpace(r.Reason),
		}
		key := policy.RuleProperty(spec.Name)
		if _, twice := e.Set[key]; twice {
			return invalid422("Name", fmt.Sprintf("the rule %q is there twice", spec.Name), "")
		}
		if other := c.ruleElsewhere(spec.Name); other != nil {
			return invalid422("Name", fmt.Sprintf("rule %s is of the %s already", other.Name, other.Origin), "")
		}
		if err := c.checkRule(ctx, &spec, policy.RuleSpec{}); err != nil {
			return err
		}
		text, err := encodeRule(spec)
		if err != nil {
			return propertyRefusal("InvalidValue", err)
		}
		e.Set[key] = &text
	}
	return nil
}

// editOf is what an import asks of the store, without rules and shares.
func editOf(in admin.ConfigImport, d store.Decisions) (store.Edit, error) {
	e := store.Edit{Kind: store.Changed, Set: make(map[string]*string)}
	for name, text := range in.Set {
		if err := addTo(e.Set, name, &text, d); err != nil {
			return e, err
		}
	}
	if in.GroupPolicy != nil {
		if err := addGroupPolicy(e.Set, in.GroupPolicy, d); err != nil {
			return e, err
		}
	}
	now := time.Now()
	if in.Until != nil {
		if e.Until = *in.Until; !e.Until.After(now) {
			return e, invalid422("Until", fmt.Sprintf("%s is over", e.Until.UTC().Format(time.RFC3339)), "")
		}
	}
	if in.ConfirmWithinSeconds > 0 {
		e.ConfirmBy = now.Add(time.Duration(in.ConfirmWithinSeconds) * time.Second)
	}
	return e, nil
}

// newOnesLocked returns the shares of an import that are to be stored, and what
// becomes of all. The error is a refusal of one of them. The caller holds
// changing.
func (c *catalog) newOnesLocked(ctx context.Context, wanted []admin.ImportShare) ([]store.Share, []admin.ImportedShare, error) {
	stored, err := c.store.Shares(ctx)
	if err != nil {
		return nil, nil, err
	}
	taken := make(map[string]bool)
	for _, sh := range stored {
		taken[vfs.Fold(sh.Name)] = true
	}
	seen := make(map[string]bool)
	var shares []store.Share
	var imported []admin.ImportedShare
	for _, n := range wanted {
		key := vfs.Fold(n.Name)
		if seen[key] {
			return nil, nil, invalid("Name", fmt.Errorf("the share %q is there twice", n.Name))
		}
		seen[key] = true
		imported = append(imported, admin.ImportedShare{Name: n.Name, Added: !taken[key]})
		if taken[key] {
			continue
		}
		sh, err := c.shareOf(ctx, n)
		if err == nil {
			err = c.check(specOf(sh))
		}
		if err != nil {
			return nil, nil, err
		}
		shares = append(shares, sh)
	}
	return shares, imported, nil
}

// shareOf makes of a share that is asked for one to be stored. The error is a
// refusal.
func (c *catalog) shareOf(ctx context.Context, n admin.ImportShare) (store.Share, error) {
	sh := store.Share{
		Name: n.Name, Path: n.Path, ReadOnly: n.ReadOnly, RunAs: n.RunAs, Restricted: n.Restricted,
		EncryptData: n.EncryptData, RequireSecuritySignature: n.RequireSecuritySignature,
		FolderEnumerationMode: store.Enumeration(cmp.Or(n.FolderEnumerationMode, string(store.Unrestricted))),
		LeasingMode:           store.Leasing(cmp.Or(n.LeasingMode, string(store.FullLeasing))),
		RefuseGuests:          n.EnableGuestAccess != nil && !*n.EnableGuestAccess,
		Description:           n.Description, ConcurrentUserLimit: n.ConcurrentUserLimit,
	}
	for _, list := range []struct {
		access   store.Access
		accounts []string
	}{{store.Full, n.FullAccess}, {store.Change, n.ChangeAccess}, {store.Read, n.ReadAccess}, {store.None, n.NoAccess}} {
		for _, name := range list.accounts {
			account, err := c.accountName(ctx, name)
			if err != nil {
				return store.Share{}, err
			}
			sh.Restricted = true
			sh.Grants = append(sh.Grants, store.Grant{Account: account, Access: list.access})
		}
	}
	switch {
	case n.SecurityDescriptor == "":
		return sh, nil
	case sh.Restricted:
		return store.Share{}, invalid("SecurityDescriptor", errors.New("give it, or lists of accounts, not both"))
	}
	who, err := c.accounts.grantees(ctx)
	if err != nil {
		return store.Share{}, err
	}
	access, err := who.accessOf(n.SecurityDescriptor, nil)
	if err != nil {
		return store.Share{}, err
	}
	sh.Restricted, sh.Grants = access.Restricted, access.Grants
	return sh, nil
}

// refusedShare gives a refusal of a share its status.
func refusedShare(err error) error {
	if refused, ok := errors.AsType[*admin.Error](err); ok && refused.Status == 0 {
		refused.Status = http.StatusUnprocessableEntity
		refused.Hint = strings.TrimSpace(refused.Hint + " nothing was changed")
	}
	return err
}
