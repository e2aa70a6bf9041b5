package localfs

import (
	"context"
	"io"
	"io/fs"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// openStreams are the named streams that somebody has open through this FS.
type openStreams struct {
	mu    sync.Mutex
	byKey map[streamKey]*openStream // guarded by mu
}

// streamKey is a stream by its file and its exact name. Comparable.
type streamKey struct {
	file vfs.FileID
	name string
}

// openStream is what all who have a stream open share. Where the stream is
// kept may change while it is open, and so may its name. The lock of the
// file's side data comes before mu.
type openStream struct {
	fs         *FS
	base       *handle // of the file; held
	id         vfs.FileID
	durability *durability
	users      int // guarded by openStreams.mu

	mu   sync.Mutex
	name string // guarded by mu
	fd   int    // of the stream's own file; -1 while it is an attribute; guarded by mu, and never replaced
}

// OpenStream implements [vfs.Streams]. The right to read or to write the file
// is looked at once, as when a file is opened.
func (f *FS) OpenStream(_ context.Context, as *vfs.Cred, n vfs.Node, name string, mode vfs.Mode) (vfs.File, error) {
	m, err := f.withStreams(n, name)
	if err != nil {
		return nil, err
	}
	var rights uint32
	if mode&vfs.ModeRead != 0 {
		rights |= unix.R_OK
	}
	if mode&vfs.ModeWrite != 0 {
		rights |= unix.W_OK
	}
	if rights == 0 {
		return nil, ntstatus.InvalidParameter
	}
	err = f.do(as, func() error {
		return retry(func() error {
			return unix.Faccessat2(m.handle.fd, "", rights, unix.AT_EMPTY_PATH|unix.AT_EACCESS)
		})
	})
	if err != nil {
		return nil, err
	}
	if _, err := present(f.stream(m.place(), name)); err != nil {
		return nil, err
	}
	f.references.Add(1)
	return &streamHandle{openStream: f.streams.open(m, name), as: as, mode: mode}, nil
}

// open returns the stream with one user more.
func (o *openStreams) open(m *node, name string) *openStream {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := streamKey{m.id, name}
	s := o.byKey[key]
	if s == nil {
		s = &openStream{
			fs: m.fs, base: m.handle.retain(), id: m.id, durability: m.fs.files.opened(m.id, nil), name: name, fd: -1,
		}
		if o.byKey == nil {
			o.byKey = make(map[streamKey]*openStream)
		}
		o.byKey[key] = s
	}
	s.users++
	return s
}

// close counts a user of s less.
func (o *openStreams) close(s *openStream) error {
	o.mu.Lock()
	s.users--
	last := s.users == 0
	if last {
		delete(o.byKey, streamKey{s.id, s.name})
	}
	o.mu.Unlock()
	if !last {
		return nil
	}
	s.fs.files.closed(s.durability)
	err := s.base.release()
	if s.fd >= 0 {
		err = closeFD(s.fd)
	}
	return err
}

// renamed notes that a stream has another name, and the file in which it is
// kept from now on, unless that is -1. It takes fd over.
func (o *openStreams) renamed(id vfs.FileID, name, newName string, fd int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := streamKey{id, name}
	s := o.byKey[key]
	if s == nil {
		if fd >= 0 {
			closeFD(fd)
		}
		return
	}
	delete(o.byKey, key)
	o.byKey[streamKey{id, newName}] = s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.name = newName
	if fd >= 0 {
		s.fd = fd
	}
}

func (s *openStream) place() place { return place{id: s.id, fd: s.base.fd} }

// own returns the descriptor of the stream's own file, or -1.
func (s *openStream) own() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fd
}

// loadLocked returns the content of a stream that is an attribute, or the
// descriptor of its own file. The caller holds the lock of the side data.
func (s *openStream) loadLocked() (content []byte, fd int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd >= 0 {
		return nil, s.fd, nil
	}
	side := sideOfStream(s.name)
	content, err = s.fs.nearContent(s.place(), side)
	if err != errNoSideData {
		return content, -1, err
	}
	fd, err = s.fs.side.far.openStream(s.place(), side)
	if err == errNoSideData {
		return nil, -1, fs.ErrNotExist // removed by another program
	}
	if err == nil {
		s.fd = fd
	}
	return nil, fd, err
}

// storeLocked makes content that of a stream that was an attribute until now.
// The caller holds the lock of the side data.
func (s *openStream) storeLocked(as *vfs.Cred, content []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fd, err := s.fs.setStream(as, s.place(), sideOfStream(s.name), content)
	if err == nil && fd >= 0 {
		s.fd = fd
	}
	return err
}

// streamHandle is a stream opened for data.
type streamHandle struct {
	*openStream
	as     *vfs.Cred
	mode   vfs.Mode
	closed atomic.Bool
}

// check says whether the stream may be used as want at off.
func (h *streamHandle) check(want vfs.Mode, off int64) error {
	switch {
	case h.closed.Load():
		return fs.ErrClosed
	case h.mode&want == 0:
		return fs.ErrPermission
	case off < 0:
		return ntstatus.InvalidParameter
	}
	return nil
}

func (h *streamHandle) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if err := h.check(vfs.ModeRead, off); err != nil {
		return 0, err
	}
	fd := h.own()
	if fd < 0 {
		unlock := h.fs.lockSide(h.id)
		content, own, err := h.loadLocked()
		unlock()
		if err != nil {
			return 0, err
		}
		if own < 0 {
			if off >= int64(len(content)) {
				if len(p) == 0 {
					return 0, nil
				}
				return 0, io.EOF
			}
			return copy(p, content[off:]), nil
		}
		fd = own
	}
	return h.file(fd).ReadAt(ctx, p, off)
}

// file lends the methods of a file to the stream's own one. It is not closed.
func (h *streamHandle) file(fd int) *file { return &file{fs: h.fs, fd: fd} }

func (h *streamHandle) WriteAt(ctx context.Context, p []byte, off int64) (int, error) {
	if err := h.check(vfs.ModeWrite, off); err != nil || len(p) == 0 {
		return 0, err
	}
	fd, err := h.change(off+int64(len(p)), func(content []byte) []byte {
		if short := int(off) + len(p) - len(content); short > 0 {
			content = append(content, make([]byte, short)...)
		}
		copy(content[off:], p)
		return content
	})
	if err != nil {
		return 0, err
	}
	n := len(p)
	if fd >= 0 {
		n, err = h.file(fd).WriteAt(ctx, p, off)
	}
	h.touch()
	return n, err
}

func (h *streamHandle) Truncate(ctx context.Context, size int64) error {
	if err := h.check(vfs.ModeWrite, size); err != nil {
		return err
	}
	fd, err := h.change(size, func(content []byte) []byte {
		if short := int(size) - len(content); short > 0 {
			return append(content, make([]byte, short)...)
		}
		return content[:size]
	})
	if err == nil && fd >= 0 {
		err = h.file(fd).Truncate(ctx, size)
	}
	if err == nil {
		h.touch()
	}
	return err
}

// change changes a stream that is an attribute and need not have more than end
// bytes for it. If it has a file of its own, or gets one, nothing is changed
// and the descriptor of that is returned, else -1.
func (h *streamHandle) change(end int64, edit func([]byte) []byte) (int, error) {
	if fd := h.own(); fd >= 0 {
		return fd, nil
	}
	defer h.fs.lockSide(h.id)()
	content, fd, err := h.loadLocked()
	if err != nil || fd >= 0 {
		return fd, err
	}
	if end < maxStreamXattr {
		return -1, h.storeLocked(h.as, edit(content))
	}
	// Too long to be an attribute: what there is moves, whatever its length.
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fd, err = h.fs.expandStream(h.as, h.place(), sideOfStream(h.name), content)
	return h.fd, err
}

// touch notes that the file was written to. Only its owner and root may say so
// of that time alone; for others the time of change has to do.
func (h *streamHandle) touch() {
	_ = unix.UtimesNanoAt(h.fs.procSelf, strconv.Itoa(h.base.fd),
		[]unix.Timespec{{Nsec: unix.UTIME_OMIT}, {Nsec: unix.UTIME_NOW}}, 0)
}

// Sync brings the file of the stream, what leads to it and the file that the
// stream belongs to to stable storage.
func (h *streamHandle) Sync(context.Context) error {
	if h.closed.Load() {
		return fs.ErrClosed
	}
	base, err := h.fs.reopen(h.base.fd, unix.O_RDONLY)
	if isAccess(err) {
		base, err = h.fs.reopen(h.base.fd, unix.O_WRONLY)
	}
	if err != nil {
		return err
	}
	defer closeFD(base)
	d, fd := h.durability, h.own()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed != nil {
		return d.failed
	}
	if fd >= 0 {
		err = retry(func() error { return unix.Fdatasync(fd) })
		if err == nil {
			err = h.fs.side.far.sync(h.place())
		}
	}
	if err == nil {
		err = retry(func() error { return unix.Fsync(base) })
	}
	d.failed = err
	return err
}

func (h *streamHandle) Close() error {
	if h.closed.Swap(true) {
		return fs.ErrClosed
	}
	h.fs.references.Add(-1)
	return h.fs.streams.close(h.openStream)
}
