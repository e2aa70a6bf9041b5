package localfs

import (
	"errors"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// sideData keeps small named blobs beside a file or directory: what SMB knows
// of it and Unix has no place for. A blob stays with the file when that is
// renamed and goes when that goes. It is safe for concurrent use.
//
// Missing: a second store, a folder of our own at the root keyed by the
// identity of files, for blobs that are too large for extended attributes and
// for file systems that have none.
type sideData interface {
	// get reads the blob called name into buf and returns its length, or
	// errNoSideData. A blob larger than buf is unix.ERANGE.
	get(at place, name string, buf []byte) (int, error)
	// set makes or replaces a blob, or returns errCannotStore.
	set(at place, name string, blob []byte) error
	// remove removes a blob, or returns errNoSideData.
	remove(at place, name string) error
	// stores says whether it is worth trying on that volume: false only if
	// set has no chance.
	stores(volume uint64) bool
}

var (
	errNoSideData  = errors.New("localfs: no such side data")
	errCannotStore = errors.New("localfs: no place for side data")
)

// place is a regular file or directory by which its side data are found.
type place struct {
	id   vfs.FileID
	fd   int    // O_PATH of the file itself; or, with a name, of its directory
	name string // on disk
}

// xattrs is the sideData in extended attributes, the names of which are the
// names of the blobs.
//
// A blob "user.…" is read by who may read the file, and written by who may
// write it; in a sticky directory only the owner writes that of the directory
// itself. See xattr(7).
type xattrs struct {
	without sync.Map // volumes that have none, uint64 → true
}

func (x *xattrs) get(at place, name string, buf []byte) (n int, err error) {
	if !x.stores(at.id.Volume) {
		return 0, errNoSideData
	}
	path, read := at.path(), unix.Getxattr
	if at.name != "" {
		read = unix.Lgetxattr
	}
	err = retry(func() error {
		n, err = read(path, name, buf)
		return err
	})
	switch err {
	case nil:
		return n, nil
	case unix.EOPNOTSUPP:
		x.without.Store(at.id.Volume, true)
		return 0, errNoSideData
	case unix.ENODATA:
		return 0, errNoSideData
	}
	return 0, err
}

func (x *xattrs) set(at place, name string, blob []byte) error {
	if !x.stores(at.id.Volume) {
		return errCannotStore
	}
	path, write := at.path(), unix.Setxattr
	if at.name != "" {
		write = unix.Lsetxattr
	}
	err := retry(func() error { return write(path, name, blob, 0) })
	if err == unix.EOPNOTSUPP {
		x.without.Store(at.id.Volume, true)
		return errCannotStore
	}
	return err
}

func (x *xattrs) remove(at place, name string) error {
	path, remove := at.path(), unix.Removexattr
	if at.name != "" {
		remove = unix.Lremovexattr
	}
	err := retry(func() error { return remove(path, name) })
	if err == unix.ENODATA || err == unix.EOPNOTSUPP {
		return errNoSideData
	}
	return err
}

func (x *xattrs) stores(volume uint64) bool {
	_, without := x.without.Load(volume)
	return !without
}

// path leads the system calls for extended attributes to the file: they take
// no O_PATH descriptor. It holds our own descriptor and one component.
func (p place) path() string {
	const self = procSelfFD + "/"
	if p.name == "" {
		return self + strconv.Itoa(p.fd)
	}
	return self + strconv.Itoa(p.fd) + "/" + p.name
}
