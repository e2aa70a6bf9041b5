package memfs

import (
	"context"
	"io"
	"io/fs"
	"math"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// file is an inode, or a named stream of it, opened for data.
type file struct {
	fs     *FS
	inode  *inode
	pages  *pages // what is read and written; guarded by inode.mu
	mode   vfs.Mode
	closed atomic.Bool
}

func (f *FS) newFile(i *inode, mode vfs.Mode) *file {
	f.acquire(i)
	return &file{fs: f, inode: i, pages: &i.pages, mode: mode}
}

// check says whether the file may be used as want at off.
func (f *file) check(want vfs.Mode, off int64) error {
	switch {
	case f.closed.Load():
		return fs.ErrClosed
	case f.mode&want == 0:
		return fs.ErrPermission
	case off < 0:
		return ntstatus.InvalidParameter
	}
	return nil
}

func (f *file) ReadAt(_ context.Context, p []byte, off int64) (int, error) {
	if err := f.check(vfs.ModeRead, off); err != nil {
		return 0, err
	}
	f.inode.mu.RLock()
	defer f.inode.mu.RUnlock()
	n := f.pages.readAt(p, off)
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (f *file) WriteAt(_ context.Context, p []byte, off int64) (int, error) {
	if err := f.check(vfs.ModeWrite, off); err != nil {
		return 0, err
	}
	if off > math.MaxInt64-int64(len(p)) {
		return 0, ntstatus.InvalidParameter
	}
	if len(p) == 0 {
		return 0, nil
	}
	f.inode.mu.Lock()
	defer f.inode.mu.Unlock()
	if grow := f.pages.growth(off, int64(len(p))); grow > 0 {
		if f.fs.used.Add(grow) > f.fs.Capacity {
			f.fs.used.Add(-grow)
			return 0, ntstatus.DiskFull
		}
	}
	f.pages.writeAt(p, off)
	f.inode.writtenLocked()
	return len(p), nil
}

func (f *file) Truncate(_ context.Context, size int64) error {
	if err := f.check(vfs.ModeWrite, size); err != nil {
		return err
	}
	f.inode.mu.Lock()
	defer f.inode.mu.Unlock()
	before := f.pages.allocated()
	f.pages.truncate(size)
	f.fs.used.Add(f.pages.allocated() - before)
	f.inode.writtenLocked()
	return nil
}

// Sync has nothing to do: there is no storage more stable than this.
func (f *file) Sync(context.Context) error {
	if f.closed.Load() {
		return fs.ErrClosed
	}
	return nil
}

func (f *file) Close() error {
	if f.closed.Swap(true) {
		return fs.ErrClosed
	}
	f.fs.release(f.inode)
	return nil
}

// writtenLocked notes a change of the data. The caller holds i.mu.
func (i *inode) writtenLocked() {
	i.lastWriteTime = time.Now()
	i.changeTime = i.lastWriteTime
}
