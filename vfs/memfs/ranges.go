package memfs

import (
	"context"
	"io"
	"math"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var (
	_ vfs.ZeroRanger      = (*file)(nil)
	_ vfs.AllocatedRanger = (*file)(nil)
)

// ZeroRange implements [vfs.ZeroRanger]: pages that lie within the range are
// given back.
func (f *file) ZeroRange(_ context.Context, off, n int64) error {
	if err := f.check(vfs.ModeWrite, off); err != nil {
		return err
	}
	if n < 0 || off > math.MaxInt64-n {
		return ntstatus.InvalidParameter
	}
	f.inode.mu.Lock()
	defer f.inode.mu.Unlock()
	before := f.pages.allocated()
	f.pages.zero(off, off+n)
	f.fs.used.Add(f.pages.allocated() - before)
	f.inode.writtenLocked()
	return nil
}

// NextAllocated implements [vfs.AllocatedRanger].
func (f *file) NextAllocated(_ context.Context, off int64) (start, end int64, err error) {
	if err := f.check(vfs.ModeRead|vfs.ModeWrite, off); err != nil {
		return 0, 0, err
	}
	f.inode.mu.RLock()
	defer f.inode.mu.RUnlock()
	start, end = f.pages.next(off)
	if start == end {
		return 0, 0, io.EOF
	}
	return start, end, nil
}

// zero makes the bytes from off to end read as zeros.
func (p *pages) zero(off, end int64) {
	for k, page := range p.page {
		switch start := k * pageSize; {
		case end <= start, off-start >= pageSize:
		case off <= start && end-start >= pageSize:
			delete(p.page, k)
		default:
			clear(page[max(0, off-start):min(pageSize, end-start)])
		}
	}
}

// next returns the first run of pages at or behind off, clipped to the file;
// start and end are equal if there is none.
func (p *pages) next(off int64) (start, end int64) {
	if off >= p.size {
		return 0, 0
	}
	first := int64(math.MaxInt64)
	for k := range p.page {
		if k >= off/pageSize {
			first = min(first, k)
		}
	}
	if first > (p.size-1)/pageSize {
		return 0, 0
	}
	last := first
	for p.page[last+1] != nil {
		last++
	}
	start = max(off, first*pageSize)
	end = p.size
	if (p.size-1)/pageSize > last {
		end = (last + 1) * pageSize
	}
	return start, end
}
