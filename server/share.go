package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/vfs"
)

// Share is a tree that clients connect to. [MS-SMB2] 3.3.1.6. The server
// reads it and keeps it; it must not change any more.
type Share struct {
	Name     string // unique without regard to case
	FS       vfs.FS // comparable; closed by whoever made it, once Config.Unmounted says so or after Shutdown
	ReadOnly bool
	Comment  string // tells people what it holds
	MaxUses  uint32 // how many tree connects there may be at a time; 0: as many as come

	// Cred says as whom the back end acts for an identity: who a session is
	// on disk. An error refuses the tree connect. nil: as the process itself.
	Cred func(*auth.Identity) (*vfs.Cred, error)

	// Groups says which SIDs an identity that acts so has besides its own and
	// those that every client has; the first one is its primary group. Who has
	// that of the administrators has their privileges. nil: none.
	Groups func(*auth.Identity, *vfs.Cred) []dtyp.SID

	// Access is the most that an identity is granted in the share: what none
	// of its opens may exceed. 0 refuses the tree connect. nil: everything, to
	// everybody.
	Access func(*auth.Identity) dtyp.AccessMask

	// LeasingMode is how much of it clients may cache.
	LeasingMode LeasingMode

	// EncryptData demands that every message about the share is sealed.
	EncryptData bool
	// RequireSecuritySignature demands that every message about the share is
	// signed or sealed, whatever the server demands of the session. The
	// protocol has no such property.
	RequireSecuritySignature bool
	// RefuseGuests keeps guests out where the server lets them in.
	RefuseGuests bool
	// AccessBasedEnumeration leaves out of listings what the user may not
	// read: DoAccessBasedDirectoryEnumeration.
	AccessBasedEnumeration bool
}

// maximalAccess is the most that any open of the share by id is granted.
// [MS-SMB2] 3.3.5.7.
func (sh *Share) maximalAccess(id *auth.Identity) dtyp.AccessMask {
	most := dtyp.FileAllAccess
	if sh.ReadOnly {
		most = dtyp.FileGenericRead | dtyp.FileGenericExecute
	}
	if sh.Access != nil {
		most &= sh.Access(id)
	}
	return most
}

// mountedShare is a share ready for use. A nil volume is IPC$.
type mountedShare struct {
	*Share
	volume *fsa.Volume
	blind  atomic.Bool    // the log says that others may change what clients cache
	uses   *atomic.Uint32 // CurrentUses: the tree connects; shared with what the share was before it was changed
}

// use counts one tree connect more, unless MaxUses are there. [MS-SMB2] 3.3.5.7.
func (m *mountedShare) use() bool {
	for {
		n := m.uses.Load()
		if m.MaxUses != 0 && n >= m.MaxUses {
			return false
		}
		if m.uses.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// disuse takes back one use.
func (m *mountedShare) disuse() { m.uses.Add(^uint32(0)) }

// ipcShare is the share of named pipes. It exists on every server.
const ipcShare = "IPC$"

// shareTable is the ShareList. Immutable.
type shareTable struct {
	byName map[string]*mountedShare // by folded name
	list   []*mountedShare          // as configured, IPC$ last
	sign   bool                     // one of them demands signing
}

// mountShares makes a table of shares. What old has mounted under the same name
// from the same FS is taken over. On failure old is as it was.
func (s *Server) mountShares(shares []*Share, old *shareTable) (_ *shareTable, err error) {
	t := &shareTable{byName: make(map[string]*mountedShare)}
	ipc := &mountedShare{Share: &Share{Name: ipcShare, Comment: "Remote IPC"}, uses: new(atomic.Uint32)}
	if before := old.byName[vfs.Fold(ipcShare)]; before != nil {
		ipc.uses = before.uses
	}
	t.byName[vfs.Fold(ipcShare)] = ipc
	defer func() {
		if err != nil {
			for _, m := range t.without(old) {
				s.retire(m)
			}
		}
	}()
	for _, sh := range shares {
		key := vfs.Fold(sh.Name)
		if err := checkShareName(sh.Name); err != nil {
			return nil, err
		}
		if _, ok := t.byName[key]; ok {
			return nil, fmt.Errorf("share %q: the name is taken", sh.Name)
		}
		m := &mountedShare{Share: sh, uses: new(atomic.Uint32)}
		if before := old.byName[key]; before != nil && before.FS == sh.FS {
			m.volume, m.uses = before.volume, before.uses
		} else if m.volume, err = s.mount(sh.FS); err != nil {
			return nil, fmt.Errorf("share %q: %w", sh.Name, err)
		}
		t.byName[key] = m
		t.list = append(t.list, m)
		t.sign = t.sign || sh.RequireSecuritySignature
	}
	t.list = append(t.list, ipc)
	return t, nil
}

// mount begins to serve from fs.
func (s *Server) mount(fs vfs.FS) (*fsa.Volume, error) {
	v, err := s.store.Mount(context.Background(), fs)
	if err == nil {
		s.mu.Lock()
		s.mounts[fs]++
		s.mu.Unlock()
	}
	return v, err
}

// retire ends the service of a share once the last request about it is done.
func (s *Server) retire(m *mountedShare) {
	m.volume.Retire(func() {
		s.mu.Lock()
		s.mounts[m.FS]--
		last := s.mounts[m.FS] == 0
		if last {
			delete(s.mounts, m.FS)
		}
		s.mu.Unlock()
		if last && s.unmounted != nil {
			s.unmounted(m.FS)
		}
	})
}

// Uses reports whether a share, or a request about one that is gone, uses fs.
func (s *Server) Uses(fs vfs.FS) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mounts[fs] > 0
}

// SetShares replaces the shares that clients may connect to. A share that was
// there under its name, with the same FS, stays connected, and whatever else is
// different about it holds from the next tree connect on. Of one that is gone,
// or has another FS, all tree connects are ended, which closes what was opened
// in them; its FS stays in use until the last request about it is done. On
// failure nothing has changed.
// [MS-SMB2] 3.3.4.13 to 3.3.4.15.
func (s *Server) SetShares(shares []*Share) error {
	s.changingShares.Lock()
	defer s.changingShares.Unlock()
	if s.isClosed() {
		return ErrServerClosed
	}
	old := s.shares.Load()
	t, err := s.mountShares(shares, old)
	if err != nil {
		return err
	}
	s.shares.Store(t)
	for _, gone := range old.without(t) {
		s.endTrees(gone.volume)
		s.retire(gone)
	}
	return nil
}

// unmountShares ends the service of all shares. No request is running.
func (s *Server) unmountShares() error {
	s.changingShares.Lock()
	defer s.changingShares.Unlock()
	return unmount(s.shares.Swap(&shareTable{}).without(&shareTable{}))
}

// endTrees ends all tree connects to v.
func (s *Server) endTrees(v *fsa.Volume) {
	s.mu.Lock()
	sessions := slices.Collect(maps.Values(s.sessions))
	s.mu.Unlock()
	for _, ss := range sessions {
		for _, t := range ss.treesOf(v) {
			ss.removeTree(t)
		}
	}
}

// checkShareName refuses names that no client could ask for. [MS-SRVS]
// 2.2.4.23 allows 80 characters.
func checkShareName(name string) error {
	if name == "" || len(name) > 80 || strings.ContainsAny(name, "\\/:*?\"<>|\x00") {
		return fmt.Errorf("%q cannot be a share's name: use 1 to 80 characters, none of \\ / : * ? \" < > |", name)
	}
	return nil
}

// ShareUses says how many tree connects there are to the share called name
// without regard to case; 0 if there is none.
func (s *Server) ShareUses(name string) uint32 {
	if m := s.shares.Load().find(name); m != nil {
		return m.uses.Load()
	}
	return 0
}

// find returns the share called name without regard to case, or nil.
func (t *shareTable) find(name string) *mountedShare { return t.byName[vfs.Fold(name)] }

// serves reports whether v is that of the share called name.
func (t *shareTable) serves(name string, v *fsa.Volume) bool {
	m := t.find(name)
	return m != nil && m.volume == v
}

// without returns the shares of t whose volumes other has not. IPC$ has none.
func (t *shareTable) without(other *shareTable) []*mountedShare {
	var list []*mountedShare
	for key, m := range t.byName {
		if o := other.byName[key]; m.volume != nil && (o == nil || o.volume != m.volume) {
			list = append(list, m)
		}
	}
	return list
}

func unmount(shares []*mountedShare) error {
	var errs []error
	for _, m := range shares {
		errs = append(errs, m.volume.Unmount())
	}
	return errors.Join(errs...)
}
