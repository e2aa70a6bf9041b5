package main

import (
	"context"
	"errors"

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
	return admin.User{Name: acc.Name, Enabled: !acc.Disabled, UnixUser: acc.UnixUser}
}

// Add implements admin.Accounts.
func (s *accountStore) Add(ctx context.Context, u admin.NewUser) error {
	if err := checkUnixUser(u.UnixUser); err != nil {
		return refuseUnixUser(err)
	}
	_, err := s.store.Add(ctx, localuser.NewAccount{Name: u.Name, Password: u.Password, UnixUser: u.UnixUser})
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
	}
	return err
}

func refuseUnixUser(err error) error {
	return &admin.Error{Code: "InvalidValue", Property: "UnixUser", Message: err.Error()}
}
