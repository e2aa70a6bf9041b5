package main

import (
	"context"
	"errors"
	"os"
	"slices"

	"golang.org/x/term"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth"
)

// firstAccount is the account that serve creates, or finds, at its start.
type firstAccount struct {
	name     string // what the printed lines sign in as; "" if that is not known
	create   bool
	password password // if create
}

// chooseAccount decides which account serve creates, and asks for its password
// if need be. It changes nothing yet: a password that is made up must not be
// lost because something else fails before it is shown.
//
// An existing account is never changed, so then no password is asked for. If
// no account is named and there are some, none is added.
func (a *app) chooseAccount(ctx context.Context, accounts admin.Accounts, name, passwordFile string) (firstAccount, error) {
	users, err := accounts.List(ctx)
	if err != nil {
		return firstAccount{}, err
	}
	named := name != ""
	if !named {
		name = osUserName()
	}
	if i := slices.IndexFunc(users, func(u admin.User) bool { return auth.Upcase(u.Name) == auth.Upcase(name) }); i >= 0 {
		return firstAccount{name: users[i].Name}, nil
	}
	if !named && len(users) > 0 {
		return firstAccount{name: users[0].Name}, nil
	}
	if name == "" {
		return firstAccount{}, usagef("which account shall sign in? Name it with --user NAME")
	}
	req := passwordRequest{file: passwordFile, mayGenerate: true}
	if named {
		req.prompt, req.confirm = "Password for "+name, true
	}
	p, err := a.choosePassword(ctx, req)
	if errors.Is(err, errNoPassword) {
		err = usagef("no account %q yet and no terminal to ask at: give its password with --password-file FILE, "+
			"or add it first with signet user add %s", name, name)
	}
	return firstAccount{name: name, create: true, password: p}, err
}

// osUserName is the name of who started the program: the user, or as root the
// one who called sudo. It is "" if nobody stands behind root.
func osUserName() string {
	if uid := os.Geteuid(); uid != 0 {
		return currentUserName(uid)
	}
	if name := os.Getenv("SUDO_USER"); name != "root" {
		return name
	}
	return ""
}

// atTerminal reports whether a person reads what is printed and can answer.
func (a *app) atTerminal() bool {
	return term.IsTerminal(int(a.stdin.Fd())) && term.IsTerminal(int(a.stdout.Fd()))
}
