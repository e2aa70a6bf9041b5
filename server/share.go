package server

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/vfs"
)

// Share is a tree that clients connect to. [MS-SMB2] 3.3.1.6. The server
// reads it and keeps it; it must not change any more.
type Share struct {
	Name     string // unique without regard to case
	FS       vfs.FS // closed by whoever made it, after Shutdown
	ReadOnly bool
	Comment  string // tells people what it holds

	// Cred says as whom the back end acts for an identity: who a session is
	// on disk. An error refuses the tree connect. nil: as the process itself.
	Cred func(*auth.Identity) (*vfs.Cred, error)
}

// maximalAccess is the most that any open of the share is granted.
func (sh *Share) maximalAccess() dtyp.AccessMask {
	if sh.ReadOnly {
		return dtyp.FileGenericRead | dtyp.FileGenericExecute
	}
	return dtyp.FileAllAccess
}

// mountedShare is a share ready for use. A nil volume is IPC$.
type mountedShare struct {
	*Share
	volume *fsa.Volume
}

// ipcShare is the share of named pipes. It exists on every server.
const ipcShare = "IPC$"

// shareTable is the ShareList. Immutable.
type shareTable struct {
	byName map[string]*mountedShare // by folded name
	list   []*mountedShare          // as configured, IPC$ last
}

func (s *Server) mountShares(shares []*Share) (*shareTable, error) {
	t := &shareTable{byName: make(map[string]*mountedShare)}
	ipc := &mountedShare{Share: &Share{Name: ipcShare, Comment: "Remote IPC"}}
	t.byName[vfs.Fold(ipcShare)] = ipc
	for _, sh := range shares {
		key := vfs.Fold(sh.Name)
		if err := checkShareName(sh.Name); err != nil {
			return nil, errors.Join(err, t.unmount())
		}
		if _, ok := t.byName[key]; ok {
			return nil, errors.Join(fmt.Errorf("share %q: the name is taken", sh.Name), t.unmount())
		}
		v, err := s.store.Mount(context.Background(), sh.FS)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("share %q: %w", sh.Name, err), t.unmount())
		}
		m := &mountedShare{Share: sh, volume: v}
		t.byName[key] = m
		t.list = append(t.list, m)
	}
	t.list = append(t.list, ipc)
	return t, nil
}

// checkShareName refuses names that no client could ask for. [MS-SRVS]
// 2.2.4.23 allows 80 characters.
func checkShareName(name string) error {
	if name == "" || len(name) > 80 || strings.ContainsAny(name, "\\/:*?\"<>|\x00") {
		return fmt.Errorf("%q cannot be a share's name: use 1 to 80 characters, none of \\ / : * ? \" < > |", name)
	}
	return nil
}

// find returns the share called name without regard to case, or nil.
func (t *shareTable) find(name string) *mountedShare { return t.byName[vfs.Fold(name)] }

func (t *shareTable) unmount() error {
	var errs []error
	for _, m := range t.byName {
		if m.volume != nil {
			errs = append(errs, m.volume.Unmount())
		}
	}
	return errors.Join(errs...)
}
