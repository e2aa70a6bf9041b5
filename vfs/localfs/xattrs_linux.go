package localfs

import (
	"bytes"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// xattrs is the sideData in extended attributes, the names of which are the
// names of the blobs.
//
// A blob "user.…" is read by who may read the file, and written by who may
// write it; in a sticky directory only the owner writes that of the directory
// itself. See xattr(7).
type xattrs struct {
	without sync.Map // volumes that have none, uint64 → true
}

// maxXattrName is the longest name that Linux has, in bytes.
const maxXattrName = 255

func (x *xattrs) get(at place, name string, buf []byte) (n int, err error) {
	if !x.stores(at.id.Volume) || len(name) > maxXattrName {
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
		x.lack(at, name)
		return 0, errNoSideData
	case unix.ENODATA:
		return 0, errNoSideData
	}
	return 0, err
}

// set returns errCannotStore where there are no extended attributes, and where
// this one does not fit. A quota that is used up is an error: another place
// would only go round it.
func (x *xattrs) set(at place, name string, blob []byte) error {
	if !x.stores(at.id.Volume) || len(name) > maxXattrName {
		return errCannotStore
	}
	path, write := at.path(), unix.Setxattr
	if at.name != "" {
		write = unix.Lsetxattr
	}
	err := retry(func() error { return write(path, name, blob, 0) })
	switch err {
	case unix.EOPNOTSUPP:
		x.lack(at, name)
		return errCannotStore
	case unix.ENOSPC, unix.E2BIG: // too many, too large
		return errCannotStore
	}
	return err
}

func (x *xattrs) remove(at place, name string) error {
	if !x.stores(at.id.Volume) || len(name) > maxXattrName {
		return errNoSideData
	}
	path, remove := at.path(), unix.Removexattr
	if at.name != "" {
		remove = unix.Lremovexattr
	}
	err := retry(func() error { return remove(path, name) })
	switch err {
	case unix.ENODATA, unix.EOPNOTSUPP:
		return errNoSideData
	}
	return err
}

// maxXattrNames is the most that the kernel lists of one file, in bytes.
const maxXattrNames = 64 << 10

func (x *xattrs) list(at place) (names []string, err error) {
	if !x.stores(at.id.Volume) {
		return nil, nil
	}
	var short [512]byte // on the stack: most files have few
	buf := short[:]
	n, err := listXattrs(at, buf)
	if err == unix.ERANGE {
		buf = make([]byte, maxXattrNames)
		n, err = listXattrs(at, buf)
	}
	switch err {
	case nil:
	case unix.EOPNOTSUPP:
		return nil, nil
	default:
		return nil, err
	}
	for name := range bytes.SplitSeq(buf[:n], []byte{0}) {
		if len(name) > 0 {
			names = append(names, string(name))
		}
	}
	return names, nil
}

// listXattrs reads the names of a file's attributes, each with a NUL behind it.
func listXattrs(at place, buf []byte) (n int, err error) {
	path := at.path()
	for {
		if at.name == "" {
			n, err = unix.Listxattr(path, buf)
		} else {
			n, err = unix.Llistxattr(path, buf)
		}
		if err != unix.EINTR {
			return n, err
		}
	}
}

// lack notes that the volume has no extended attributes. Some have those of
// users only.
func (x *xattrs) lack(at place, name string) {
	if strings.HasPrefix(name, eaPrefix) {
		x.without.Store(at.id.Volume, true)
	}
}

func (x *xattrs) stores(volume uint64) bool {
	_, without := x.without.Load(volume)
	return !without
}
