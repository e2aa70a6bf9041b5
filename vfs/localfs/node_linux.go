package localfs

import (
	"bytes"
	"context"
	"io/fs"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

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
	doomed atomic.Bool                  // an entry that led here was removed: look after what is kept aside
	seen   atomic.Pointer[unix.Statx_t] // as it was when n was made, until LookupAttr
	fresh  atomic.Pointer[freshFile]    // nil but for a file that we made

	// Whether the last name known begins with a dot, in the lowest bit, and
	// FS.renames as it was then.
	dot atomic.Uint64
}

// newNode takes over one use of h, which it gives back if it fails. name is
// that by which the file was reached.
func (f *FS) newNode(h *handle, name string) (*node, error) {
	st, err := statFD(h.fd)
	if err != nil {
		h.release()
		return nil, err
	}
	f.references.Add(1)
	n := &node{fs: f, handle: h, id: idOf(st), kind: uint32(st.Mode) & unix.S_IFMT}
	n.seen.Store(st)
	n.dot.Store(dotBits(f.renames.Load(), name))
	return n, nil
}

// freshFile is a file that we made a moment ago: what is beside it is known
// without asking, namely what we stored. Immutable.
type freshFile struct {
	stamp  stamp
	stored dosAttrib // and nothing else
	at     time.Time // when stamp was read
}

// noteFresh notes that only stored is beside n, which we made, and which is now
// as st says.
func (n *node) noteFresh(st *unix.Statx_t, stored dosAttrib) {
	n.fresh.Store(&freshFile{stamp{st.Mtime, st.Ctime}, stored, time.Now()})
}

// freshlyStored returns what is stored beside n, which is now as st says, if
// we made the file and nobody came in between: its time of change would have
// moved, if not within a tick, and no tick has passed.
func (n *node) freshlyStored(st *unix.Statx_t) (dosAttrib, bool) {
	made := n.fresh.Load()
	if made == nil || made.stamp.ctime != st.Ctime || time.Since(made.at) >= made.stamp.tick() {
		return dosAttrib{}, false
	}
	if n.fs.side.far.has(n.place()) { // which moves no time
		return dosAttrib{}, false
	}
	return made.stored, true
}

func (n *node) ID() vfs.FileID { return n.id }

func (n *node) Attr(ctx context.Context) (vfs.Attr, error) {
	if n.closed.Load() {
		return vfs.Attr{}, fs.ErrClosed
	}
	st, err := statFD(n.handle.fd)
	if err != nil {
		return vfs.Attr{}, err
	}
	return n.fs.attr(ctx, st, n.place(), n.isDotFile), nil
}

// IsDir implements [vfs.Looked].
func (n *node) IsDir() bool { return n.kind == unix.S_IFDIR }

// LookupAttr implements [vfs.Looked].
func (n *node) LookupAttr(ctx context.Context) (vfs.Attr, bool) {
	st := n.seen.Swap(nil)
	if st == nil || n.closed.Load() {
		return vfs.Attr{}, false
	}
	if stored, ok := n.freshlyStored(st); ok {
		return attrOf(st, stored, n.isDotFile), true
	}
	return n.fs.attr(ctx, st, n.place(), n.isDotFile), true
}

// place is where the side data of n are.
func (n *node) place() place { return place{id: n.id, fd: n.handle.fd} }

// isDotFile reports whether the name of n begins with a dot. The name is looked
// up again only if files were renamed through this server; what others do to
// open files is seen by whoever opens them next.
func (n *node) isDotFile() bool {
	if n.handle == n.fs.root {
		return false // the name of a share is another
	}
	known, renames := n.dot.Load(), n.fs.renames.Load()
	if known>>1 != renames {
		known = dotBits(renames, n.fs.nameOf(n.handle.fd))
		n.dot.Store(known)
	}
	return known&1 != 0
}

func dotBits(renames uint64, name string) uint64 {
	if isDotFile(name) {
		return renames<<1 | 1
	}
	return renames << 1
}

// isDotFile says which names mean "hidden" on Unix.
func isDotFile(name string) bool { return strings.HasPrefix(name, ".") }

// nameOf asks the kernel for the last name of what fd refers to; "" if it
// cannot tell.
func (f *FS) nameOf(fd int) string {
	path := make([]byte, unix.PathMax)
	var n int
	err := retry(func() (err error) {
		n, err = unix.Readlinkat(f.procSelf, strconv.Itoa(fd), path)
		return err
	})
	if err != nil {
		return ""
	}
	return string(path[bytes.LastIndexByte(path[:n], '/')+1 : n])
}

func (n *node) Close() error {
	if n.closed.Swap(true) {
		return fs.ErrClosed
	}
	n.fs.references.Add(-1)
	if n.doomed.Load() {
		n.fs.side.far.drop(n.id, n.handle.fd)
	}
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
