package localfs

import (
	"context"
	"io/fs"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// handle is a descriptor with a count of those who use it.
type handle struct {
	fd   int // O_PATH; immutable
	uses atomic.Int32
}

// newHandle takes over fd. The caller has the first use.
func newHandle(fd int) *handle {
	h := &handle{fd: fd}
	h.uses.Store(1)
	return h
}

// retain is for who has a use already.
func (h *handle) retain() *handle {
	h.uses.Add(1)
	return h
}

// release closes the descriptor with the last use.
func (h *handle) release() error {
	if h.uses.Add(-1) > 0 {
		return nil
	}
	return closeFD(h.fd)
}

// closeFD closes fd. Linux has released it even if a signal came in between.
func closeFD(fd int) error {
	if err := unix.Close(fd); err != unix.EINTR {
		return err
	}
	return nil
}

// node is a reference to a file of any kind.
type node struct {
	fs     *FS
	handle *handle
	id     vfs.FileID
	kind   uint32 // S_IFMT of the mode; immutable, like all of these
	closed atomic.Bool
}

// newNode takes over one use of h, which it gives back if it fails.
func (f *FS) newNode(h *handle) (*node, error) {
	st, err := statFD(h.fd)
	if err != nil {
		h.release()
		return nil, err
	}
	f.references.Add(1)
	return &node{fs: f, handle: h, id: idOf(st), kind: uint32(st.Mode) & unix.S_IFMT}, nil
}

func (n *node) ID() vfs.FileID { return n.id }

func (n *node) Attr(context.Context) (vfs.Attr, error) {
	if n.closed.Load() {
		return vfs.Attr{}, fs.ErrClosed
	}
	st, err := statFD(n.handle.fd)
	if err != nil {
		return vfs.Attr{}, err
	}
	return attrOf(st), nil
}

func (n *node) Close() error {
	if n.closed.Swap(true) {
		return fs.ErrClosed
	}
	n.fs.references.Add(-1)
	return n.handle.release()
}

// node returns what n is. n must be an open Node of f.
func (f *FS) node(n vfs.Node) (*node, error) {
	m, ok := n.(*node)
	if !ok || m.fs != f {
		return nil, ntstatus.InvalidParameter
	}
	if m.closed.Load() {
		return nil, fs.ErrClosed
	}
	return m, nil
}

// directory is node for an n that has to be a directory.
func (f *FS) directory(n vfs.Node) (*node, error) {
	m, err := f.node(n)
	if err != nil {
		return nil, err
	}
	if m.kind != unix.S_IFDIR {
		return nil, ntstatus.NotADirectory
	}
	return m, nil
}

// statFD returns the attributes of what fd refers to.
func statFD(fd int) (*unix.Statx_t, error) { return statx(fd, "", unix.AT_EMPTY_PATH) }

// statAt returns the attributes of the entry name of the directory fd.
func statAt(fd int, name string) (*unix.Statx_t, error) {
	return statx(fd, name, unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT)
}

func statx(fd int, name string, flags int) (*unix.Statx_t, error) {
	var st unix.Statx_t
	err := retry(func() error {
		return unix.Statx(fd, name, flags, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &st)
	})
	return &st, err
}

// idOf makes the identity of a file. The time of birth tells a file from an
// older one that had the same inode number, where the file system keeps it.
func idOf(st *unix.Statx_t) vfs.FileID {
	id := vfs.FileID{Volume: unix.Mkdev(st.Dev_major, st.Dev_minor), File: st.Ino}
	if st.Mask&unix.STATX_BTIME != 0 {
		id.Generation = uint64(st.Btime.Sec)*1e9 + uint64(st.Btime.Nsec)
	}
	return id
}

// attrOf puts the attributes of a file in the words of vfs.
//
// Missing: DOS attributes, creation times and security descriptors kept beside
// the file. Read-only is the one attribute that a mode can tell.
func attrOf(st *unix.Statx_t) vfs.Attr {
	a := vfs.Attr{
		ID:             idOf(st),
		LastAccessTime: timeOf(st.Atime),
		LastWriteTime:  timeOf(st.Mtime),
		ChangeTime:     timeOf(st.Ctime),
		AllocationSize: st.Blocks * 512,
		NumberOfLinks:  st.Nlink,
	}
	if st.Mask&unix.STATX_BTIME != 0 {
		a.CreationTime = timeOf(st.Btime)
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		a.Attributes = fscc.FileAttributeDirectory
		a.NumberOfLinks = min(st.Nlink, 1) // "." and ".." of sub-directories are no links to a client
	case unix.S_IFREG:
		a.EndOfFile = st.Size
		if st.Mode&0o222 == 0 {
			a.Attributes = fscc.FileAttributeReadonly
		}
	default:
		a.Special = true
	}
	return a
}

func timeOf(t unix.StatxTimestamp) time.Time { return time.Unix(t.Sec, int64(t.Nsec)) }
