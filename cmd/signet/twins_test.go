package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/user"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/localuser"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/vfs"
)

// memAccounts are accounts by name.
type memAccounts map[string]localuser.Account

func (m memAccounts) Lookup(_ context.Context, name string) (localuser.Account, error) {
	acc, ok := m[name]
	if !ok {
		return acc, fmt.Errorf("account %q: %w", name, fs.ErrNotExist)
	}
	acc.Name = name
	return acc, nil
}

// fakeTwins finds twins among three system users, and counts how often the
// system is asked.
func fakeTwins(accounts memAccounts) (t *twins, asked *int) {
	system := map[string]*vfs.Cred{
		"ann":      {UID: 1000, GID: 100, Groups: []uint32{100, 27}},
		"www-data": {UID: 33, GID: 33},
		"toor":     {UID: 0, GID: 0},
	}
	asked = new(int)
	return &twins{accounts: accounts, known: map[string]systemUser{}, lookUp: func(name string) (*vfs.Cred, string, error) {
		*asked++
		if system[name] == nil {
			return nil, "", user.UnknownUserError(name)
		}
		return system[name], name, nil
	}}, asked
}

func TestATwinIsTheUserOfTheSameNameOrTheOneNamed(t *testing.T) {
	sid := dtyp.NewSID(5, 21, 1, 2, 3, 1000)
	twins, _ := fakeTwins(memAccounts{
		"ann":  {SID: sid},
		"web":  {SID: sid, UnixUser: "www-data"},
		"eve":  {SID: sid},
		"none": {SID: sid, UnixUser: localuser.NoUnixUser},
		"toor": {SID: sid},
		"root": {SID: sid, UnixUser: "toor"},
		"off":  {SID: sid, UnixUser: "ann", Disabled: true},
	})
	for _, c := range []struct {
		id      auth.Identity
		uid     uint32
		refused string // part of the error; "" for none
	}{
		{auth.Identity{Kind: auth.User, Account: "ann", SID: sid}, 1000, ""},
		{auth.Identity{Kind: auth.User, Account: "web", SID: sid}, 33, ""},
		{auth.Identity{Kind: auth.User, Account: "eve", SID: sid}, 0, "signet user set eve --unix"},
		{auth.Identity{Kind: auth.User, Account: "none", SID: sid}, 0, "set to none"},
		{auth.Identity{Kind: auth.User, Account: "toor", SID: sid}, 0, "uid 0"},
		{auth.Identity{Kind: auth.User, Account: "root", SID: sid}, 0, "uid 0"},
		{auth.Identity{Kind: auth.User, Account: "off", SID: sid}, 0, "disabled"},
		{auth.Identity{Kind: auth.User, Account: "gone", SID: sid}, 0, fs.ErrNotExist.Error()},
		{auth.Identity{Kind: auth.User, Account: "ann", SID: dtyp.NewSID(5, 21, 9, 9, 9, 1000)}, 0, "not the one that signed in"},
		{auth.Identity{Kind: auth.Guest, Account: "ann", SID: sid}, 0, "guests"},
		{auth.Identity{Kind: auth.Anonymous}, 0, "anonymous"},
	} {
		cred, err := twins.credFor(&c.id)
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%+v: %+v, %v; want an error with %q", c.id, cred, err, c.refused)
			}
			continue
		}
		if err != nil || cred.UID != c.uid {
			t.Errorf("%+v: %+v, %v; want uid %d", c.id, cred, err, c.uid)
		}
	}
	if cred, _ := twins.credFor(&auth.Identity{Kind: auth.User, Account: "ann", SID: sid}); cred.GID != 100 || !slices.Equal(cred.Groups, []uint32{100, 27}) {
		t.Errorf("ann acts with the groups %d, %v", cred.GID, cred.Groups)
	}
}

func TestTheSystemIsAskedAgainAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		twins, asked := fakeTwins(nil)
		for _, step := range []struct {
			name  string
			after time.Duration
			asked int
		}{
			{"ann", 0, 1},
			{"ann", twinLife - 1, 1},
			{"ann", 1, 2},
			{"eve", 0, 3},
			{"eve", 0, 4}, // what failed is not remembered
		} {
			time.Sleep(step.after)
			_, err := twins.user(step.name)
			if _, unknown := errors.AsType[user.UnknownUserError](err); unknown != (step.name == "eve") {
				t.Errorf("%+v: %v", step, err)
			}
			if *asked != step.asked {
				t.Errorf("%+v: the system was asked %d times", step, *asked)
			}
		}
	})
}
