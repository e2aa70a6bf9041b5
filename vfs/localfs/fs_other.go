//go:build !linux

package localfs

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/signet-smb/signet/vfs"
)

// FS is a served folder.
type FS struct {
	vfs.FS

	// As acts where a call names nobody.
	As *vfs.Cred

	// Principals tells which SIDs the users and groups of the host have.
	Principals Principals
}

// Open would serve the folder dir. It returns errors.ErrUnsupported.
//
// Missing: a resolver on os.Root for systems without openat2.
func Open(dir string) (*FS, error) {
	return nil, fmt.Errorf("localfs: open %s: not supported here yet (%s): %w", dir, runtime.GOOS, errors.ErrUnsupported)
}

// Protect hides files of the host from all who use f.
func (f *FS) Protect(...string) error { return errors.ErrUnsupported }

// Sweep removes what is kept aside for files that are gone.
func (f *FS) Sweep(context.Context) (int, error) { return 0, errors.ErrUnsupported }

// Close gives the folder back.
func (f *FS) Close() error { return nil }

// OpenReferences returns how many Nodes, Files and Dirs are not closed yet.
func (f *FS) OpenReferences() int { return 0 }
