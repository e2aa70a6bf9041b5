package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/event/history"
	"github.com/signet-smb/signet/internal/statedir"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
)

// configService is what administrators have decided: the store's layer of the
// policy, its journal, and its deadlines. It implements admin.Configuration.
// Safe for concurrent use.
//
// Every change goes the same way under policyInForce.changing: look at the
// store, see what would follow, refuse or commit, publish. So a revision is in
// force when its author hears of it, and before the next one is looked at.
type configService struct {
	store  *store.Store
	policy *policyInForce
	log    *slog.Logger
	// server is asked which sessions comply no more, and closes them; nil if
	// none runs. Set before the service is used by others.
	server smbServer
	// shares is where imported shares go, and what knows the demands of those
	// that are served. Set before an import, and with history.
	shares *catalog
	// changed is told of each revision once it is in force; nil: nobody is.
	changed func(context.Context, store.Revision)
	// history has what was seen of clients; nil: no server runs. Set before the
	// service is used by others.
	history *history.History
	// publish writes what the store and group policy say to where clients read
	// it; nil: nowhere.
	publish     func(decided []*policy.Values) error
	unpublished error // why clients do not see it; guarded by policy.changing
	// accountName returns the name of an account as it is stored; nil: every
	// name is taken for one. Set before the service is used by others.
	accountName func(context.Context, string) (string, error)
	// wake holds a token when there may be another deadline.
	wake chan struct{}
}

// openConfig puts what the store says in force, less what should have gone back
// by now. The error names what is stored and has no meaning.
func openConfig(ctx context.Context, s *store.Store, p *policyInForce, log *slog.Logger) (*configService, error) {
	c := &configService{store: s, policy: p, log: log, wake: make(chan struct{}, 1)}
	d, err := s.Decisions(ctx)
	if err != nil {
		return nil, err
	}
	c.policy.changing.Lock()
	l := c.policy.layers
	err = l.takeStore(d)
	err = errors.Join(err, c.policy.publishLocked(l))
	c.policy.changing.Unlock()
	if err != nil {
		return c, err
	}
	_, err = c.restoreDue(ctx)
	return c, err
}

// valuesOf returns what administrators have set in the store, one for each
// revision. What has no
// meaning is left out, and named by the error.
func valuesOf(d store.Decisions) ([]*policy.Values, error) {
	values := make(map[uint64]*policy.Values)
	var profile []*policy.Values
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(d.Values)) {
		held := d.Values[name]
		if _, other := cutGroupPolicy(name); other {
			continue
		}
		if name == profileProperty {
			v, err := policy.Profile(held.Text)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w: signet config profile apply signet", storeFile, err))
				continue
			}
			profile = append(profile, v)
			continue
		}
		v := values[held.Revision]
		if v == nil {
			v = policy.NewValues(policy.Origin{Layer: policy.LayerStore, Name: fmt.Sprintf("revision %d", held.Revision)})
			values[held.Revision] = v
		}
		if policy.IsRuleProperty(name) {
			if err := readRule(v, held.Text); err != nil {
				errs = append(errs, fmt.Errorf("%s: %s: %w: signet rule remove %s", storeFile, name, err, ruleName(name)))
			}
			continue
		}
		if err := v.Set(name, held.Text); err != nil {
			side, property, _ := strings.Cut(name, ".")
			errs = append(errs, fmt.Errorf("%s: %w: signet config reset %s %s", storeFile, err, side, property))
		}
	}
	return slices.AppendSeq(profile, maps.Values(values)), errors.Join(errs...)
}

// profileProperty is the name under which the store says which profile is below
// all layers.
const profileProperty = "profile"

// addProfile enters that the store is to name the profile called text; nil:
// none.
func addProfile(set map[string]*string, text *string) error {
	if text != nil {
		if _, err := policy.Profile(*text); err != nil {
			return propertyRefusal("InvalidValue", err)
		}
		for _, p := range policy.Profiles() {
			if strings.EqualFold(p.Name, *text) {
				text = &p.Name
				break
			}
		}
	}
	set[profileProperty] = text
	return nil
}

// attach makes server the one whose sessions are looked at.
func (c *configService) attach(server smbServer) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	c.server = server
}

// Change implements admin.Configuration.
func (c *configService) Change(ctx context.Context, by admin.Author, change admin.ConfigChange) (admin.ConfigResult, error) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.decisionsAt(ctx, change.IfRevision)
	if err != nil {
		return admin.ConfigResult{}, err
	}
	e, err := editTo(change.Set, change.Reset, d)
	if err != nil {
		return admin.ConfigResult{}, err
	}
	if len(e.Set) == 0 {
		return admin.ConfigResult{}, invalid422("Set", "nothing to change: Set and Reset are empty", "")
	}
	now := time.Now()
	if change.Until != nil {
		if e.Until = *change.Until; !e.Until.After(now) {
			return admin.ConfigResult{}, invalid422("Until", fmt.Sprintf("%s is over", e.Until.UTC().Format(time.RFC3339)), "")
		}
	}
	if change.ConfirmWithinSeconds > 0 {
		e.ConfirmBy = now.Add(time.Duration(change.ConfirmWithinSeconds) * time.Second)
	}
	return c.makeLocked(ctx, by, d, e, change.ChangeTerms)
}

// editTo is a change that sets some properties and resets others.
func editTo(set map[string]string, reset []string, d store.Decisions) (store.Edit, error) {
	e := store.Edit{Kind: store.Changed, Set: make(map[string]*string)}
	for name, text := range set {
		if err := addTo(e.Set, name, &text, d); err != nil {
			return e, err
		}
	}
	for _, name := range reset {
		if err := addTo(e.Set, name, nil, d); err != nil {
			return e, err
		}
	}
	return e, nil
}

// Rollback implements admin.Configuration.
func (c *configService) Rollback(ctx context.Context, by admin.Author, to admin.ConfigRollback) (admin.ConfigResult, error) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.decisionsAt(ctx, to.IfRevision)
	if err != nil {
		return admin.ConfigResult{}, err
	}
	target, err := c.rollbackTarget(ctx, to.Revision)
	if err != nil {
		return admin.ConfigResult{}, err
	}
	values, err := c.store.ValuesAt(ctx, target)
	if err != nil {
		return admin.ConfigResult{}, configRefusal(err)
	}
	e := store.Edit{Kind: store.RolledBack, Set: make(map[string]*string)}
	for name, text := range values {
		if d.Values[name].Text != text || d.Deadline(name) != nil {
			e.Set[name] = &text
		}
	}
	for name := range d.Values {
		if _, ok := values[name]; !ok {
			e.Set[name] = nil
		}
	}
	return c.makeLocked(ctx, by, d, e, to.ChangeTerms)
}

// rollbackTarget returns the revision to go back to: the one asked for, or the
// one before the last that changed anything.
func (c *configService) rollbackTarget(ctx context.Context, asked *uint64) (uint64, error) {
	if asked != nil {
		return *asked, nil
	}
	for before := uint64(0); ; {
		page, err := c.store.Revisions(ctx, before, 100)
		if err != nil {
			return 0, err
		}
		if len(page) == 0 {
			return 0, invalid422("Revision", "nothing was ever changed", "")
		}
		for _, r := range page {
			if len(r.Changes) > 0 {
				return r.Number - 1, nil
			}
			before = r.Number
		}
	}
}

// Confirm implements admin.Configuration.
func (c *configService) Confirm(ctx context.Context, by admin.Author, how admin.ConfigConfirmation) (admin.Revision, error) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.decisionsAt(ctx, how.IfRevision)
	if err != nil {
		return admin.Revision{}, err
	}
	if !by.Administrator {
		return admin.Revision{}, errAdministratorsOnly
	}
	rev, err := c.store.Commit(ctx, d.Revision, store.Edit{
		Kind: store.Confirmed, At: time.Now(), By: authorOf(by, how.Reason), Confirm: true,
	})
	if err != nil {
		return admin.Revision{}, configRefusal(err)
	}
	if rev.Number == d.Revision {
		return admin.Revision{}, &admin.Error{
			Code: "NothingToConfirm", Status: http.StatusConflict, Message: "nothing waits to be confirmed",
			Hint: "it may have gone back already: signet config history",
		}
	}
	c.tell(ctx, rev)
	return showRevision(rev), nil
}

// errAdministratorsOnly refuses operators.
var errAdministratorsOnly = &admin.Error{
	Code: "AccessDenied", Status: http.StatusForbidden, Message: "only an administrator may lower protection, or confirm it",
}

// errSignInAgain refuses who has signed in so long ago that somebody else may
// sit there by now.
var errSignInAgain = &admin.Error{
	Code: "SignInAgain", Status: http.StatusForbidden, Message: "this lowers protection: sign in again first", Hint: "a sign-in is good for that for ten minutes",
}

// decisionsAt returns what the store says, if it is at the revision wanted; nil
// is any.
func (c *configService) decisionsAt(ctx context.Context, wanted *uint64) (store.Decisions, error) {
	d, err := c.store.Decisions(ctx)
	if err == nil && wanted != nil && *wanted != d.Revision {
		err = configRefusal(&store.ConflictError{Wanted: *wanted, Current: d.Revision})
	}
	return d, err
}

// addTo enters what the store is to say of the property called name, as Windows
// would write both. What the store says, it can be told to say no more, even
// if it has no meaning.
func addTo(set map[string]*string, name string, text *string, d store.Decisions) error {
	if name == profileProperty {
		return addProfile(set, text)
	}
	definition, err := policy.Find(name)
	if err != nil {
		if _, other := cutGroupPolicy(name); other {
			return propertyRefusal("UnknownProperty", err)
		}
		if _, held := d.Values[name]; held && text == nil {
			set[name] = nil
			return nil
		}
		return propertyRefusal("UnknownProperty", err)
	}
	if _, twice := set[definition.Name]; twice {
		return invalid422(definition.Name, definition.Name+" is there twice", "")
	}
	if text == nil {
		set[definition.Name] = nil
		return nil
	}
	value, err := definition.Parse(*text)
	if err != nil {
		return propertyRefusal("InvalidValue", err)
	}
	written := definition.Format(value)
	set[definition.Name] = &written
	return nil
}

// makeLocked makes a revision of e under the given terms, or says what would
// follow. The caller holds policy.changing.
func (c *configService) makeLocked(ctx context.Context, by admin.Author, d store.Decisions, e store.Edit, terms admin.ChangeTerms) (admin.ConfigResult, error) {
	p, err := c.planLocked(d, e)
	if err != nil {
		return admin.ConfigResult{}, err
	}
	return c.carryOutLocked(ctx, by, d, e, terms, p)
}

// carryOutLocked makes the revision that p is the plan of, if it may be made.
// The caller holds policy.changing.
func (c *configService) carryOutLocked(ctx context.Context, by admin.Author, d store.Decisions, e store.Edit, terms admin.ChangeTerms, p configPlan) (admin.ConfigResult, error) {
	if terms.DryRun {
		return p.result, nil
	}
	if p.result.Weakens && !by.Administrator {
		return admin.ConfigResult{}, errAdministratorsOnly
	}
	if p.result.Weakens && by.Stale {
		return admin.ConfigResult{}, errSignInAgain
	}
	if p.result.Weakens && strings.TrimSpace(terms.Reason) == "" {
		return admin.ConfigResult{}, &admin.Error{
			Code: "ReasonRequired", Status: http.StatusUnprocessableEntity, Property: p.weakest,
			Message: "this lowers protection, and needs a reason (--reason TEXT; --dry-run shows what would follow)", Hint: p.caution,
		}
	}
	e.At, e.By, e.Now = time.Now(), authorOf(by, terms.Reason), terms.Now
	rev, err := c.store.Commit(ctx, d.Revision, e)
	if err != nil {
		return admin.ConfigResult{}, configRefusal(err)
	}
	p.result.Revision, p.result.Changed = rev.Number, rev.Number != d.Revision
	if !p.result.Changed {
		return p.result, nil
	}
	if err := c.reloadLocked(ctx); err != nil {
		return admin.ConfigResult{}, err
	}
	if c.unpublished != nil {
		p.result.Unpublished = c.unpublished.Error()
	}
	if terms.Now {
		c.closeLocked(ctx, p.result.Sessions)
	}
	c.tell(ctx, rev)
	return p.result, nil
}

// reloadLocked puts in force what the store says. The caller holds
// policy.changing.
func (c *configService) reloadLocked(ctx context.Context) error {
	d, err := c.store.Decisions(ctx)
	if err != nil {
		return err
	}
	l := c.policy.layers
	unread := l.takeStore(d)
	if unread != nil {
		c.log.ErrorContext(ctx, "a stored value has no meaning", "err", unread)
	}
	if err := c.policy.publishLocked(l); err != nil {
		return err
	}
	c.policy.warn(ctx, c.log)
	c.publishLocked(ctx)
	return nil
}

// publishTo lets clients read what the store says, from now on.
func (c *configService) publishTo(ctx context.Context, dir *statedir.Dir) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	machine := c.policy.layers.machine
	c.publish = func(decided []*policy.Values) error { return publishClientPolicy(dir, machine, decided) }
	c.publishLocked(ctx)
}

// publishLocked publishes what was decided for clients, and notes in
// unpublished whether that failed. The caller holds policy.changing.
func (c *configService) publishLocked(ctx context.Context) {
	if c.publish == nil {
		return
	}
	l := &c.policy.layers
	if c.unpublished = c.publish(slices.Concat(l.store, l.group)); c.unpublished != nil {
		c.log.WarnContext(ctx, "clients do not see what is decided for them", "err", c.unpublished)
	}
}

// closeLocked closes sessions that comply no more, all at once: a client that
// does not read what it is told holds up nobody else. One that is gone already
// is not missed.
func (c *configService) closeLocked(ctx context.Context, sessions []admin.SessionID) {
	var closing sync.WaitGroup
	for _, id := range sessions {
		closing.Go(func() {
			if err := c.server.CloseSession(id); err == nil {
				c.log.InfoContext(ctx, "session closed: it complied no more", "id", id.String())
			}
		})
	}
	closing.Wait()
}

// exceptions lists what lowers protection for a time.
func (c *configService) exceptions(ctx context.Context) ([]admin.Exception, error) {
	d, err := c.store.Decisions(ctx)
	if err != nil {
		return nil, err
	}
	var list []admin.Exception
	for _, s := range c.policy.current().Settings() {
		if l := d.Deadline(storedName(s)); l != nil && s.Caution != "" {
			list = append(list, admin.Exception{Name: s.Name + " : " + s.Value, Until: timeOrNil(l.Due())})
		}
	}
	for _, r := range c.policy.current().Rules() {
		if r.Exempts() && !r.Ended(time.Now()) {
			list = append(list, admin.Exception{Name: "rule " + r.Name + ", " + r.Whom() + ": " + exemptionText(r), Until: timeOrNil(*r.Until)})
		}
	}
	return list, nil
}

// tell says that a revision is in force: to the log, to the one who asked to be
// told, and to who waits for deadlines.
func (c *configService) tell(ctx context.Context, rev store.Revision) {
	for _, p := range showRevision(rev).Changes {
		c.log.InfoContext(ctx, "configuration changed", "revision", rev.Number, "kind", string(rev.Kind), "property", inLayer(p.Property, p.Layer),
			"old", textOr(p.Old, ""), "new", textOr(p.New, ""), "by", rev.By.Account, "means", rev.By.Means, "reason", rev.By.Reason)
	}
	if len(rev.Changes) == 0 {
		c.log.InfoContext(ctx, "configuration confirmed", "revision", rev.Number, "by", rev.By.Account, "means", rev.By.Means, "reason", rev.By.Reason)
	}
	if c.changed != nil {
		c.changed(ctx, rev)
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// textOr returns the text, or otherwise if there is none.
func textOr(text *string, otherwise string) string {
	if text == nil {
		return otherwise
	}
	return *text
}

// authorOf names who makes a change, for the journal.
func authorOf(by admin.Author, reason string) store.Author {
	return store.Author{Account: by.Account(), Means: by.By(), Reason: strings.TrimSpace(reason)}
}

// configRefusal makes the answer to what the store refuses; other errors stay.
func configRefusal(err error) error {
	if _, ok := errors.AsType[*store.ConflictError](err); ok {
		return &admin.Error{
			Code: "Conflict", Status: http.StatusConflict, Message: err.Error(),
			Hint: "look at it again, signet config history, and decide again",
		}
	}
	if errors.Is(err, store.ErrNoRevision) {
		return &admin.Error{
			Code: "InvalidValue", Status: http.StatusUnprocessableEntity, Property: "Revision", Message: err.Error(), Hint: "signet config history shows them",
		}
	}
	return err
}

// propertyRefusal makes the answer to a *policy.PropertyError; other errors
// stay.
func propertyRefusal(code string, err error) error {
	refused, ok := errors.AsType[*policy.PropertyError](err)
	if !ok {
		return err
	}
	e := &admin.Error{
		Code: code, Status: http.StatusUnprocessableEntity, Message: refused.Error(),
		Property: refused.Property, Allowed: refused.Allowed, Hint: "signet config get --all shows the properties",
	}
	if code != "UnknownProperty" {
		e.Hint = "nothing was changed"
	}
	return e
}

// invalid422 refuses a request that makes no sense.
func invalid422(property, message, hint string) error {
	return &admin.Error{Code: "InvalidValue", Status: http.StatusUnprocessableEntity, Property: property, Message: message, Hint: hint}
}
