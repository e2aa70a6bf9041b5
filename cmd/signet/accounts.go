package main

import (
	"context"
	"errors"
	"io/fs"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth/localuser"
	"github.com/signet-smb/signet/internal/statedir"
)

// accountStore is the store of accounts as package admin wants to see it.
type accountStore struct {
	store *localuser.Store
	// forget takes away what was granted to an account in shares. Set before
	// use.
	forget func(ctx context.Context, account string) error
}

// openAccounts opens the store in dir, or makes it. The caller holds the
// directory's lock, and calls Close.
func openAccounts(ctx context.Context, dir *statedir.Dir, location statedir.KeyLocation) (*accountStore, error) {
	load := localuser.LoadKey
	if location.Given {
		load = localuser.ReadKey
	}
	key, err := load(location.Path)
	if err != nil {
		return nil, err
	}
	defer clear(key[:])
	accounts, err := localuser.Open(ctx, dir.SecretsDB(), key)
	if err != nil {
		return nil, err
	}
	return &accountStore{store: accounts}, nil
}

// Close closes the store.
func (s *accountStore) Close() error { return s.store.Close() }

// List implements admin.Accounts.
func (s *accountStore) List(ctx context.Context) ([]admin.User, error) {
	accounts, err := s.store.List(ctx)
	if err != nil {
		return nil, err
	}
	users := make([]admin.User, len(accounts))
	for i, acc := range accounts {
		users[i] = userOf(acc)
	}
	return users, nil
}

func userOf(acc localuser.Account) admin.User {
	return admin.User{
		Name: acc.Name, Enabled: !acc.Disabled, UnixUser: acc.UnixUser,
		Role: roleOf(acc), NeedsPassword: acc.Role != localuser.NoRole && !acc.Verifiable,
	}
}

// Add implements admin.Accounts.
func (s *accountStore) Add(ctx context.Context, u admin.NewUser) error {
	if err := checkUnixUser(u.UnixUser); err != nil {
		return refuseUnixUser(err)
	}
	_, err := s.store.Add(ctx, localuser.NewAccount{Name: u.Name, Password: u.Password, UnixUser: u.UnixUser, Role: storedRole(u.Role)})
	return refusal(err)
}

// Update implements admin.Accounts.
func (s *accountStore) Update(ctx context.Context, name string, c admin.UserChange) (admin.User, error) {
	change := localuser.Change{UnixUser: c.UnixUser}
	if c.UnixUser != nil {
		if err := checkUnixUser(*c.UnixUser); err != nil {
			return admin.User{}, refuseUnixUser(err)
		}
	}
	if c.Enabled != nil {
		change.Disabled = new(!*c.Enabled)
	}
	if c.Role != nil {
		change.Role = new(storedRole(*c.Role))
	}
	if err := s.store.Update(ctx, name, change); err != nil {
		return admin.User{}, refusal(err)
	}
	acc, err := s.store.Lookup(ctx, name)
	return userOf(acc), err
}

// twinless says why an account cannot use a share of a server that runs as
// root; nil if it can.
func (s *accountStore) twinless(ctx context.Context, name string) error {
	acc, err := s.store.Lookup(ctx, name)
	if err == nil {
		_, err = newTwins(s).of(acc)
	}
	return err
}

// SetPassword implements admin.Accounts.
func (s *accountStore) SetPassword(ctx context.Context, name, password string) error {
	return refusal(s.store.SetPassword(ctx, name, password))
}

// Remove implements admin.Accounts.
func (s *accountStore) Remove(ctx context.Context, name string) error {
	// First what was granted to it: another account of the name, made at any
	// time from now on, must not inherit it.
	if _, err := s.store.Lookup(ctx, name); err != nil {
		return err
	}
	if err := s.forget(ctx, name); err != nil {
		return err
	}
	return s.store.Remove(ctx, name)
}

// refusal tells which property a refused value was meant for.
func refusal(err error) error {
	switch {
	case errors.Is(err, localuser.ErrName):
		return &admin.Error{Code: "InvalidValue", Property: "Name", Message: err.Error()}
	case errors.Is(err, localuser.ErrPassword):
		return &admin.Error{Code: "InvalidValue", Property: "Password", Message: err.Error()}
	case errors.Is(err, localuser.ErrUnixUser):
		return refuseUnixUser(err)
	case errors.Is(err, localuser.ErrRole):
		return &admin.Error{Code: "InvalidValue", Property: "Role", Message: err.Error()}
	}
	return err
}

func refuseUnixUser(err error) error {
	return &admin.Error{Code: "InvalidValue", Property: "UnixUser", Message: err.Error()}
}

// storedRole is a role as the store of accounts has it.
func storedRole(r admin.Role) localuser.Role {
	if r == admin.Nobody {
		return localuser.NoRole
	}
	return localuser.Role(r.String())
}

// roleOf is the role of an account, whether it may sign in or not.
func roleOf(acc localuser.Account) admin.Role {
	if acc.Role == localuser.NoRole {
		return admin.Nobody
	}
	r, err := admin.ParseRole(string(acc.Role))
	if err != nil { // a later version's
		return admin.Nobody
	}
	return r
}

// VerifyPassword implements admin.Administrators.
func (s *accountStore) VerifyPassword(ctx context.Context, name, password string) (admin.Standing, error) {
	acc, err := s.store.VerifyPassword(ctx, name, password)
	if refused, ok := errors.AsType[*localuser.NoAdministratorError](err); ok {
		return admin.Standing{}, &admin.NotAdministratorError{Reason: refused.Reason}
	}
	return standingOf(acc), err
}

// Standing implements admin.Administrators.
func (s *accountStore) Standing(ctx context.Context, name string) (admin.Standing, error) {
	acc, err := s.store.Lookup(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return admin.Standing{}, nil
	}
	return standingOf(acc), err
}

func standingOf(acc localuser.Account) admin.Standing {
	if acc.Disabled {
		return admin.Standing{}
	}
	return admin.Standing{Account: acc.Name, Role: roleOf(acc), PasswordSet: acc.PasswordSet}
}
