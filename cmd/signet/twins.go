package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"sync"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/localuser"
	"github.com/signet-smb/signet/vfs"
)

const (
	// twinLife is how long what the system said of a user is believed: a tree
	// connect must not wait for a slow directory each time.
	twinLife = 30 * time.Second
	// maxTwins bounds how many users are remembered.
	maxTwins = 1024
)

// twins finds the Unix twin of an account: the system user as whom a server
// run by root uses files. Safe for concurrent use.
//
// Missing: users of sssd, LDAP and the like. Without cgo only /etc/passwd and
// /etc/group are read.
type twins struct {
	accounts interface {
		Lookup(ctx context.Context, name string) (localuser.Account, error)
	}
	lookUp func(name string) (*vfs.Cred, string, error) // lookUpCred

	mu    sync.Mutex
	known map[string]systemUser // guarded by mu
}

// systemUser is what the system said of a user, and until when that is
// believed.
type systemUser struct {
	cred  *vfs.Cred
	until time.Time
}

func newTwins(accounts *accountStore) *twins {
	return &twins{accounts: accounts.store, lookUp: lookUpCred, known: make(map[string]systemUser)}
}

// credFor is the Cred function of shares. The account is asked each time, so
// that what an administrator changes holds from the next tree connect on.
func (t *twins) credFor(id *auth.Identity) (*vfs.Cred, error) {
	if id.Kind != auth.User {
		return nil, errors.New("guests and anonymous users have no Unix twin")
	}
	acc, err := t.accounts.Lookup(context.Background(), id.Account)
	switch {
	case err != nil:
		return nil, err
	case acc.SID != id.SID:
		return nil, fmt.Errorf("account %q is not the one that signed in (%v)", acc.Name, id.SID)
	case acc.Disabled:
		return nil, fmt.Errorf("account %q is disabled", acc.Name)
	}
	return t.of(acc)
}

// of returns the system user that an account acts as, never root.
func (t *twins) of(acc localuser.Account) (*vfs.Cred, error) {
	name := acc.UnixUser
	switch name {
	case localuser.NoUnixUser:
		return nil, fmt.Errorf("account %q has no Unix twin: it was set to none: signet user set %s --unix NAME gives it one", acc.Name, shellWord(acc.Name))
	case "":
		name = acc.Name
	}
	cred, err := t.user(name)
	if _, unknown := errors.AsType[user.UnknownUserError](err); unknown {
		err = fmt.Errorf("there is no system user %s: signet user set %s --unix NAME names another, serve --run-as NAME one for all", name, shellWord(acc.Name))
	}
	if err == nil && cred.UID == 0 {
		err = errors.New("uid 0: files are never served as root")
	}
	if err != nil {
		return nil, fmt.Errorf("account %q has no Unix twin: %w", acc.Name, err)
	}
	return cred, nil
}

// user returns the system user of that name, as the system knew it at most
// twinLife ago. A name that is unknown is asked for again.
func (t *twins) user(name string) (*vfs.Cred, error) {
	now := time.Now()
	t.mu.Lock()
	found, ok := t.known[name]
	t.mu.Unlock()
	if ok && now.Before(found.until) {
		return found.cred, nil
	}
	cred, _, err := t.lookUp(name)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) >= maxTwins {
		clear(t.known)
	}
	t.known[name] = systemUser{cred: cred, until: now.Add(twinLife)}
	return cred, nil
}

// checkUnixUser refuses a system user that no account can act as.
func checkUnixUser(name string) error {
	if name == "" || name == localuser.NoUnixUser {
		return nil
	}
	cred, _, err := lookUpCred(name)
	if _, unknown := errors.AsType[user.UnknownUserError](err); unknown {
		return fmt.Errorf("there is no system user %s", name)
	}
	if err == nil && cred.UID == 0 {
		return fmt.Errorf("%s is uid 0: files are never served as root", name)
	}
	return err
}
