package localfs

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// sideData keeps small named blobs beside a file or directory: what SMB knows
// of it and Unix has no place for. A blob stays with the file when that is
// renamed and goes when that goes. It is safe for concurrent use, but for two
// changes of one file at a time.
type sideData interface {
	// get reads the blob called name into buf and returns its length, or
	// errNoSideData. A blob larger than buf is unix.ERANGE.
	get(at place, name string, buf []byte) (int, error)
	// set makes or replaces a blob, or returns errCannotStore.
	set(at place, name string, blob []byte) error
	// remove removes a blob, or returns errNoSideData.
	remove(at place, name string) error
	// list returns the names of all blobs of a file, in any order.
	list(at place) ([]string, error)
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

// path leads the system calls for extended attributes to the file: they take
// no O_PATH descriptor. It holds our own descriptor and one component.
func (p place) path() string {
	const self = procSelfFD + "/"
	if p.name == "" {
		return self + strconv.Itoa(p.fd)
	}
	return self + strconv.Itoa(p.fd) + "/" + p.name
}

// beside is the two stores of an FS. What is in near counts: far has what near
// has no room for. Reading is done as the process; a change asks first whether
// the user may make it.
type beside struct {
	near sideData // extended attributes
	far  *spill
}

func (b *beside) get(at place, name string, buf []byte) (int, error) {
	n, err := b.near.get(at, name, buf)
	if err != errNoSideData {
		return n, err
	}
	return b.far.get(at, name, buf)
}

func (b *beside) list(at place) ([]string, error) {
	near, err := b.near.list(at)
	if err != nil {
		return nil, err
	}
	far, err := b.far.list(at)
	if err != nil {
		return nil, err
	}
	names := append(near, far...)
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (b *beside) stores(volume uint64) bool { return b.near.stores(volume) || b.far.stores(volume) }

// setSide makes or replaces a blob of the file at that place, which is reached
// without a name. The caller holds its lock of f.sideLocks.
//
// In which order the stores change decides what a crash leaves: never an older
// blob in near than the caller was told is there.
func (f *FS) setSide(as *vfs.Cred, at place, name string, blob []byte) error {
	err := f.do(as, func() error {
		err := f.side.near.set(at, name, blob)
		if err == errCannotStore {
			if refused := mayStore(at.fd, f.uid(as)); refused != nil {
				return refused
			}
		}
		return err
	})
	if err == nil {
		_ = f.side.far.remove(at, name) // if it stays, the near one counts
		return nil
	}
	if err != errCannotStore {
		return err
	}
	if err := f.side.far.set(at, name, blob); err != nil {
		return err
	}
	return noneIsFine(f.do(as, func() error { return f.side.near.remove(at, name) }))
}

// removeSide removes a blob of the file at that place, if there is one. The
// conditions are those of setSide.
func (f *FS) removeSide(as *vfs.Cred, at place, name string) error {
	if err := f.do(as, func() error { return mayStore(at.fd, f.uid(as)) }); err != nil {
		return err
	}
	if err := noneIsFine(f.side.far.remove(at, name)); err != nil {
		return err
	}
	return noneIsFine(f.do(as, func() error { return f.side.near.remove(at, name) }))
}

func noneIsFine(err error) error {
	if err == errNoSideData {
		return nil
	}
	return err
}

// mayStore says whether the user, as whom it runs, may change the side data of
// the file behind fd: by the kernel's rules for users' extended attributes,
// which hold wherever the data are put. See xattr(7).
func mayStore(fd int, uid uint32) error {
	err := retry(func() error {
		return unix.Faccessat2(fd, "", unix.W_OK, unix.AT_EMPTY_PATH|unix.AT_EACCESS)
	})
	if err != nil {
		return err
	}
	st, err := statFD(fd)
	if err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR && st.Mode&unix.S_ISVTX != 0 && st.Uid != uid {
		return fs.ErrPermission
	}
	return nil
}
