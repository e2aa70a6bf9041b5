package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/statedir"
	"github.com/signet-smb/signet/policy/store"
	"github.com/signet-smb/signet/vfs"
)

// storeFile is the name of the store of shares in the state directory.
const storeFile = "signet.db"

// Where a share is from, as admin.Share says it.
const (
	fromCommandLine = "CommandLine"
	fromFile        = "File"
	fromStore       = "Store"
)

// catalog knows all shares, and sees to it that a running server serves them.
// It implements admin.Shares. Safe for concurrent use.
type catalog struct {
	store    *store.Store
	accounts *accountStore
	state    string // the state directory, which is not shared
	log      *slog.Logger

	changing sync.Mutex        // held over a change of the store and of the server; guards what follows
	readOnly bool              // --read-only: whatever else is said of a share
	given    []shareSpec       // on the command line of serve; then the store's are not served
	file     string            // the configuration file; "" if there is none
	fromFile []shareSpec       // what it says
	listen   []string          // the addresses it says, of which only those at the start count
	admin    adminFlags        // what it says of the administration, likewise
	policy   *policyInForce    // what the server works by
	server   smbServer         // nil if none runs
	inForce  map[string]string // of each share to serve, by folded name, where it is from
}

// openCatalog opens the store in dir, or makes it. The caller holds the
// directory's lock, and calls Close.
func openCatalog(ctx context.Context, dir *statedir.Dir, accounts *accountStore, log *slog.Logger) (*catalog, error) {
	s, err := store.Open(ctx, dir.File(storeFile), vfs.Fold, auth.Upcase)
	if err != nil {
		return nil, err
	}
	c := &catalog{store: s, accounts: accounts, state: dir.Path(), log: log}
	accounts.forget = c.forget
	return c, nil
}

// Close closes the store.
func (c *catalog) Close() error { return c.store.Close() }

// specs returns the shares to serve: those of the command line, or else those
// of the store, and those of the file whose names are free. What cannot be
// served of the store is left out, with a warning: it must not take the others
// with it.
func (c *catalog) specs(ctx context.Context) ([]shareSpec, error) {
	candidates := slices.Clone(c.given)
	if len(c.given) == 0 {
		stored, err := c.store.Shares(ctx)
		if err != nil {
			return nil, err
		}
		for _, sh := range stored {
			spec := specOf(sh)
			if err := c.check(spec); err != nil {
				c.log.WarnContext(ctx, "share not served", "share", sh.Name, "err", err)
				continue
			}
			candidates = append(candidates, spec)
		}
	}
	var specs []shareSpec
	c.inForce = make(map[string]string)
	for _, spec := range append(candidates, c.fromFile...) {
		key := vfs.Fold(spec.name)
		if c.inForce[key] != "" {
			continue
		}
		c.inForce[key] = spec.source
		spec.readOnly = spec.readOnly || c.readOnly
		specs = append(specs, spec)
	}
	return specs, nil
}

// reload reads the file again and hands the shares to the server. On failure
// nothing has changed.
func (c *catalog) reload(ctx context.Context) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	if c.file == "" {
		return c.apply(ctx)
	}
	config, err := readConfig(c.file)
	if err == nil {
		err = c.checkAll(config.shares)
	}
	if err != nil {
		return err
	}
	err = c.policy.setFile(config.layers(), func() error {
		before := c.fromFile
		c.fromFile = config.shares
		err := c.apply(ctx)
		if err != nil {
			c.fromFile = before
		}
		return err
	})
	if err != nil {
		return err
	}
	c.policy.warn(ctx, c.log)
	if config.admin != c.admin {
		c.log.WarnContext(ctx, "another administration holds from the next start on", "admin", config.admin.addr)
	}
	if !slices.Equal(config.listen, c.listen) {
		c.log.WarnContext(ctx, "other addresses hold from the next start on", "listen", config.listen)
	}
	return nil
}

// checkAll refuses shares of which one cannot be served.
func (c *catalog) checkAll(specs []shareSpec) error {
	for _, spec := range specs {
		if err := c.check(spec); err != nil {
			return usagef("share %q: %w", spec.name, err)
		}
	}
	return nil
}

// apply hands the shares to the server, if one runs. The caller holds
// changing.
func (c *catalog) apply(ctx context.Context) error {
	if c.server == nil {
		return nil
	}
	specs, err := c.specs(ctx)
	if err != nil {
		return err
	}
	return c.server.SetShares(specs)
}

func specOf(sh store.Share) shareSpec {
	return shareSpec{
		name: sh.Name, path: sh.Path, readOnly: sh.ReadOnly, runAs: sh.RunAs,
		restricted: sh.Restricted, grants: sh.Grants, source: fromStore,
		encryptData: sh.EncryptData, requireSignature: sh.RequireSecuritySignature, enumeration: sh.FolderEnumerationMode, leasing: sh.LeasingMode,
		refuseGuests: sh.RefuseGuests, description: sh.Description, userLimit: sh.ConcurrentUserLimit,
	}
}

// check refuses what cannot be served.
func (c *catalog) check(spec shareSpec) error {
	if err := checkShareName(spec.name); err != nil {
		return invalid("Name", err)
	}
	fi, err := os.Stat(spec.path)
	switch {
	case !filepath.IsAbs(spec.path):
		return invalid("Path", fmt.Errorf("%s is not absolute", spec.path))
	case errors.Is(err, fs.ErrNotExist):
		return invalid("Path", fmt.Errorf("there is no folder %s", spec.path))
	case err != nil:
		return invalid("Path", err)
	case !fi.IsDir():
		return invalid("Path", fmt.Errorf("%s is not a folder", spec.path))
	}
	if err := refuseState([]shareSpec{spec}, c.state); err != nil {
		return invalid("Path", err)
	}
	if _, err := resolveActor(spec.runAs); err != nil {
		return invalid("RunAs", err)
	}
	if err := checkDescription(spec.description); err != nil {
		return invalid("Description", err)
	}
	return nil
}

// invalid is a refusal of the value of a property.
func invalid(property string, err error) error {
	return &admin.Error{Code: "InvalidValue", Property: property, Message: err.Error()}
}

// attach makes server the one that serves the shares from now on.
func (c *catalog) attach(server smbServer) {
	c.changing.Lock()
	defer c.changing.Unlock()
	c.server = server
}

// change makes a change of the store and hands the shares to the server.
func (c *catalog) change(ctx context.Context, f func() error) error {
	if err := f(); err != nil {
		return err
	}
	return c.apply(ctx)
}

// List implements admin.Shares: those of the command line, of the file, and of
// the store, served or not.
func (c *catalog) List(ctx context.Context) ([]admin.Share, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	stored, err := c.store.Shares(ctx)
	if err != nil {
		return nil, err
	}
	who, err := c.accounts.grantees(ctx)
	if err != nil {
		return nil, err
	}
	specs := slices.Concat(c.given, c.fromFile)
	for _, sh := range stored {
		specs = append(specs, specOf(sh))
	}
	list := make([]admin.Share, len(specs))
	for i, spec := range specs {
		if list[i], err = c.show(spec, who); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// show makes of a share what the API says of it. The caller holds changing.
func (c *catalog) show(spec shareSpec, who *grantees) (admin.Share, error) {
	s := admin.Share{
		Name: spec.name, Path: spec.path, ReadOnly: spec.readOnly, RunAs: spec.runAs,
		EncryptData: spec.encryptData, RequireSecuritySignature: spec.requireSignature,
		FolderEnumerationMode: string(cmp.Or(spec.enumeration, store.Unrestricted)), EnableGuestAccess: !spec.refuseGuests,
		LeasingMode: string(cmp.Or(spec.leasing, store.FullLeasing)),
		ShareState:  "Offline", Source: spec.source, Description: spec.description, ConcurrentUserLimit: spec.userLimit,
	}
	if c.server != nil && c.inForce[vfs.Fold(spec.name)] == spec.source && c.server.Serves(spec.name) {
		s.ShareState = "Online"
		s.CurrentUsers = c.server.ShareUses(spec.name)
		s.ReadOnly = s.ReadOnly || c.readOnly
	}
	if !spec.restricted {
		s.FullAccess = []string{store.Everyone}
	}
	for _, g := range spec.grants {
		list := map[store.Access]*[]string{
			store.Full: &s.FullAccess, store.Change: &s.ChangeAccess, store.Read: &s.ReadAccess, store.None: &s.NoAccess,
		}[g.Access]
		*list = append(*list, g.Account)
	}
	var err error
	s.SecurityDescriptor, err = who.describe(&s)
	return s, err
}

// Add implements admin.Shares.
func (c *catalog) Add(ctx context.Context, n admin.NewShare) (admin.Share, error) {
	sh, err := c.shareOf(ctx, admin.ImportShare{NewShare: n})
	if err != nil {
		return admin.Share{}, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	if err := c.check(specOf(sh)); err != nil {
		return admin.Share{}, err
	}
	err = c.change(ctx, func() error { return c.store.AddShare(ctx, sh) })
	return c.stored(ctx, sh.Name, err)
}

// accountName returns the name of an account as it is stored; of one that is
// not, a refusal.
func (c *catalog) accountName(ctx context.Context, name string) (string, error) {
	if auth.Upcase(name) == auth.Upcase(store.Everyone) {
		return store.Everyone, nil
	}
	acc, err := c.accounts.store.Lookup(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", invalid("Account", fmt.Errorf("no account %q", name))
	}
	return acc.Name, err
}

// stored returns the share of that name as it is now, or err. The caller holds
// changing.
func (c *catalog) stored(ctx context.Context, name string, err error) (admin.Share, error) {
	if err != nil {
		return admin.Share{}, err
	}
	list, err := c.store.Shares(ctx)
	if err != nil {
		return admin.Share{}, err
	}
	who, err := c.accounts.grantees(ctx)
	if err != nil {
		return admin.Share{}, err
	}
	for _, sh := range list {
		if vfs.Fold(sh.Name) == vfs.Fold(name) {
			return c.show(specOf(sh), who)
		}
	}
	return admin.Share{}, fs.ErrNotExist
}

// Update implements admin.Shares.
func (c *catalog) Update(ctx context.Context, name string, change admin.ShareChange) (admin.Share, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	list, err := c.store.Shares(ctx)
	if err != nil {
		return admin.Share{}, err
	}
	stored := store.ShareChange{
		Path: change.Path, ReadOnly: change.ReadOnly, RunAs: change.RunAs,
		EncryptData: change.EncryptData, RequireSecuritySignature: change.RequireSecuritySignature,
		FolderEnumerationMode: (*store.Enumeration)(change.FolderEnumerationMode),
		LeasingMode:           (*store.Leasing)(change.LeasingMode),
		Description:           change.Description, ConcurrentUserLimit: change.ConcurrentUserLimit,
	}
	if change.EnableGuestAccess != nil {
		stored.RefuseGuests = new(!*change.EnableGuestAccess)
	}
	for _, sh := range list {
		if vfs.Fold(sh.Name) != vfs.Fold(name) {
			continue
		}
		if change.Path != nil {
			sh.Path = *change.Path
		}
		if change.RunAs != nil {
			sh.RunAs = *change.RunAs
		}
		if change.Description != nil {
			sh.Description = *change.Description
		}
		if err := c.check(specOf(sh)); err != nil {
			return admin.Share{}, err
		}
		if change.SecurityDescriptor != nil {
			if stored.Access, err = c.accessChange(ctx, sh, *change.SecurityDescriptor); err != nil {
				return admin.Share{}, err
			}
		}
	}
	err = c.change(ctx, func() error { return c.store.UpdateShare(ctx, name, stored) })
	return c.stored(ctx, name, err)
}

// accessChange is what a descriptor in SDDL makes of who may use a share, nil if
// nothing else. The caller holds changing.
func (c *catalog) accessChange(ctx context.Context, sh store.Share, sddl string) (*store.ShareAccess, error) {
	who, err := c.accounts.grantees(ctx)
	if err != nil {
		return nil, err
	}
	shown, err := c.show(specOf(sh), who)
	if err != nil {
		return nil, err
	}
	return who.accessOf(sddl, &shown)
}

// Remove implements admin.Shares.
func (c *catalog) Remove(ctx context.Context, name string) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	return c.change(ctx, func() error { return c.store.RemoveShare(ctx, name) })
}

// Grant implements admin.Shares.
func (c *catalog) Grant(ctx context.Context, name, account, access string) (admin.Share, error) {
	account, err := c.accountName(ctx, account)
	if err != nil {
		return admin.Share{}, err
	}
	c.changing.Lock()
	defer c.changing.Unlock()
	err = c.change(ctx, func() error {
		return c.store.Grant(ctx, name, store.Grant{Account: account, Access: store.Access(access)})
	})
	return c.stored(ctx, name, err)
}

// forget takes away all that was granted to an account, which is about to go.
func (c *catalog) forget(ctx context.Context, account string) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	return c.change(ctx, func() error { return c.store.RevokeAll(ctx, account) })
}

// Revoke implements admin.Shares.
func (c *catalog) Revoke(ctx context.Context, name, account string) (admin.Share, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	err := c.change(ctx, func() error { return c.store.Revoke(ctx, name, account) })
	if errors.Is(err, store.ErrNoGrant) {
		err = invalid("Account", fmt.Errorf("account %q has no access of its own to %q: signet share list shows who has", account, name))
	}
	return c.stored(ctx, name, err)
}
