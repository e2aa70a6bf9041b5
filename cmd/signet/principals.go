package main

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/localfs"
)

const (
	// principalsLife is how long what the accounts and their twins are is
	// believed.
	principalsLife = 30 * time.Second
	// principalsPause is the least time between two looks, however many SIDs
	// are unknown.
	principalsPause = time.Second
)

// principals says which SIDs the host's users have whom accounts act as, so that
// a file of ann's twin is ann's. Safe for concurrent use.
type principals struct {
	accounts *accountStore
	twins    *twins
	log      *slog.Logger

	mu    sync.Mutex
	known *twinSIDs // guarded by mu; each is immutable
}

var _ localfs.Principals = (*principals)(nil)

// twinSIDs is what was known at one moment. Immutable.
type twinSIDs struct {
	at     time.Time
	ofUID  map[uint32]dtyp.SID
	ofSID  map[dtyp.SID]uint32
	admins []uint32 // twins of administrators
}

// look returns what is known. With anew, it must not be older than
// principalsPause.
func (p *principals) look(anew bool) *twinSIDs {
	p.mu.Lock()
	defer p.mu.Unlock()
	life := principalsLife
	if anew {
		life = principalsPause
	}
	now := time.Now()
	if p.known != nil && now.Sub(p.known.at) < life {
		return p.known
	}
	t := &twinSIDs{at: now, ofUID: make(map[uint32]dtyp.SID), ofSID: make(map[dtyp.SID]uint32)}
	accounts, err := p.accounts.store.List(context.Background())
	if err != nil {
		p.log.Warn("accounts not read, owners are shown as the system's users", "err", err)
	}
	for _, acc := range accounts {
		cred, err := p.twins.of(acc)
		if err != nil {
			continue // it owns nothing
		}
		t.ofSID[acc.SID] = cred.UID
		if _, taken := t.ofUID[cred.UID]; !taken {
			t.ofUID[cred.UID] = acc.SID
		}
		if roleOf(acc) == admin.Administrator {
			t.admins = append(t.admins, cred.UID)
		}
	}
	p.known = t
	return t
}

// SIDOfUID implements localfs.Principals.
func (p *principals) SIDOfUID(uid uint32) dtyp.SID {
	if sid, ok := p.look(false).ofUID[uid]; ok {
		return sid
	}
	return dtyp.SIDOfUID(uid)
}

// SIDOfGID implements localfs.Principals: no account is a group.
func (p *principals) SIDOfGID(gid uint32) dtyp.SID { return dtyp.SIDOfGID(gid) }

// Unix implements localfs.Principals.
func (p *principals) Unix(sid dtyp.SID) (uids, gids []uint32) {
	if sid == dtyp.SIDBuiltinAdministrators {
		return p.look(false).admins, nil
	}
	if sid.Parent() != p.accounts.store.MachineSID() {
		return localfs.UnixPrincipals{}.Unix(sid)
	}
	uid, ok := p.look(false).ofSID[sid]
	if !ok && sid.RID() != directory.GroupNone {
		uid, ok = p.look(true).ofSID[sid] // of an account that was just made
	}
	if ok {
		uids = []uint32{uid}
	}
	return uids, nil
}

// groupsOf is the Groups function of shares: the group that every account of the
// machine is in, which is its primary one; what it is on the host; and what
// follows from its role.
func (p *principals) groupsOf(id *auth.Identity, cred *vfs.Cred) (sids []dtyp.SID) {
	machine := p.accounts.store.MachineSID()
	if id.Kind == auth.User && id.SID.Parent() == machine {
		sids = append(sids, machine.Child(directory.GroupNone))
	}
	if cred == nil {
		cred = processCred()
	}
	sids = append(sids, dtyp.SIDOfUID(cred.UID), p.SIDOfUID(cred.UID), dtyp.SIDOfGID(cred.GID))
	for _, gid := range cred.Groups {
		sids = append(sids, dtyp.SIDOfGID(gid))
	}
	if id.Kind != auth.User {
		return sids
	}
	acc, err := p.accounts.store.Lookup(context.Background(), id.Account)
	if err == nil && acc.SID == id.SID && !acc.Disabled && roleOf(acc) == admin.Administrator {
		sids = append(sids, dtyp.SIDBuiltinAdministrators)
	}
	return sids
}

// processCred is who this process is.
func processCred() *vfs.Cred {
	c := &vfs.Cred{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}
	groups, _ := os.Getgroups() // an error leaves rights out
	for _, g := range groups {
		c.Groups = append(c.Groups, uint32(g))
	}
	return c
}
