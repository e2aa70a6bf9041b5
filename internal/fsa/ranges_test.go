package fsa_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// page is the allocation unit of memfs, in bytes.
const page = 32 << 10

// plainFS has files without any of the optional interfaces.
type plainFS struct{ vfs.FS }

type plainFile struct{ vfs.File }

func (f plainFS) Open(ctx context.Context, as *vfs.Cred, n vfs.Node, mode vfs.Mode) (vfs.File, error) {
	file, err := f.FS.Open(ctx, as, n, mode)
	return plainFile{file}, err
}

func (f plainFS) Info(ctx context.Context) (vfs.Info, error) {
	info, err := f.FS.Info(ctx)
	info.StoresSparse = false
	return info, err
}

// plain opens an existing file on a back end without optional interfaces.
func (f *fixture) plain(name string) *fsa.Handle {
	f.Helper()
	v, err := f.store.Mount(f.Context(), plainFS{f.hooks})
	if err != nil {
		f.Fatal(err)
	}
	h, _, err := v.Open(f.Context(), request(name))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		f.close(h)
		if err := v.Unmount(); err != nil {
			f.Error(err)
		}
	})
	return h
}

func TestZeroedRangesReadAsZerosAndKeepTheLength(t *testing.T) {
	for _, kind := range []string{"a back end that gives storage back", "one that does not"} {
		t.Run(kind, func(t *testing.T) {
			f := newFixture(t)
			content := strings.Repeat("x", 3*page)
			h := f.put("f", content)
			if kind == "one that does not" {
				h = f.plain("f")
			}
			want := []byte(content)
			for _, c := range []struct{ off, end uint64 }{
				{5, 10}, {7, 7}, {page - 1, 2*page + 1}, {3*page - 2, 4 * page}, {3 * page, 3*page + 8}, {1 << 40, 1<<63 - 1},
			} {
				if err := h.Zero(t.Context(), c.off, c.end); err != nil {
					t.Errorf("Zero(%d, %d): %v", c.off, c.end, err)
				}
				if c.off < uint64(len(want)) {
					clear(want[c.off:min(uint64(len(want)), c.end)])
				}
			}
			if got := f.content(h); got != string(want) {
				t.Errorf("content of %d bytes differs from the %d wanted", len(got), len(want))
			}
		})
	}
}

func TestRangesThatMeanNothingAreRefused(t *testing.T) {
	f := newFixture(t)
	h := f.put("f", "0123456789")
	f.make(`d\`)
	dir := f.open(request("d"))
	defer f.close(dir)
	for name, err := range map[string]error{
		"zeroing backwards":           h.Zero(t.Context(), 5, 4),
		"zeroing to a negative end":   h.Zero(t.Context(), 5, 1<<63),
		"zeroing a directory":         dir.Zero(t.Context(), 0, 1),
		"sparse directory":            dir.SetSparse(t.Context(), true),
		"ranges from a negative one":  rangesOf(h.AllocatedRanges(t.Context(), fsa.Range{Offset: 1 << 63, Length: 1}, 9)),
		"ranges of a negative length": rangesOf(h.AllocatedRanges(t.Context(), fsa.Range{Length: 1 << 63}, 9)),
		"ranges beyond all files":     rangesOf(h.AllocatedRanges(t.Context(), fsa.Range{Offset: 512, Length: 1<<63 - 1}, 9)),
		"ranges of a directory":       rangesOf(dir.AllocatedRanges(t.Context(), fsa.Range{Length: 1}, 9)),
		"trimming a directory":        trimmed(dir.Trim(t.Context(), []fsa.Range{{Length: 1}})),
	} {
		if err != ntstatus.InvalidParameter {
			t.Errorf("%s: %v, want InvalidParameter", name, err)
		}
	}
	if err := trimmed(h.Trim(t.Context(), []fsa.Range{{Offset: 1<<64 - 2, Length: 1}})); err != ntstatus.IntegerOverflow {
		t.Errorf("trimming at the end of all numbers: %v, want IntegerOverflow", err)
	}
}

func rangesOf(_ []fsa.Range, err error) error { return err }

func trimmed(_ int, err error) error { return err }

func TestAllocatedRangesOfASparseFile(t *testing.T) {
	f := newFixture(t)
	h := f.put("f", strings.Repeat("x", 5*page+100))
	all := []fsa.Range{{0, 5*page + 100}}
	query := func(r fsa.Range, limit int, want []fsa.Range, status error) {
		t.Helper()
		got, err := h.AllocatedRanges(t.Context(), r, limit)
		if !slices.Equal(got, want) || err != status {
			t.Errorf("%+v, at most %d: %+v, %v, want %+v, %v", r, limit, got, err, want, status)
		}
	}
	query(fsa.Range{0, 1 << 40}, 9, all, nil)
	if err := h.Zero(t.Context(), page, 2*page); err != nil {
		t.Fatal(err)
	}
	if err := h.Zero(t.Context(), 3*page, 4*page); err != nil {
		t.Fatal(err)
	}
	query(fsa.Range{0, 1 << 40}, 9, all, nil) // not sparse yet
	if err := h.SetSparse(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	parts := []fsa.Range{{0, page}, {2 * page, page}, {4 * page, page + 100}}
	query(fsa.Range{0, 1 << 40}, 3, parts, nil)
	query(fsa.Range{0, 1 << 40}, 2, parts[:2], ntstatus.BufferOverflow)
	query(fsa.Range{0, 1 << 40}, 0, nil, ntstatus.BufferTooSmall)
	query(fsa.Range{5, 2*page + 1}, 9, []fsa.Range{{5, page - 5}, {2 * page, 6}}, nil)
	query(fsa.Range{page, page}, 0, nil, nil)
	query(fsa.Range{page + 1, 2 * page}, 1, []fsa.Range{{2 * page, page}}, nil)
	query(fsa.Range{0, 0}, 0, nil, nil)
	query(fsa.Range{5*page + 100, 100}, 0, nil, nil)
	if err := h.SetSparse(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	query(fsa.Range{0, 1 << 40}, 9, all, nil)
}

func TestSparseAttributeNeedsRightsAndAPlace(t *testing.T) {
	f := newFixture(t)
	f.put("f", "")
	for right, want := range map[dtyp.AccessMask]error{
		dtyp.FileWriteData: nil, dtyp.FileAppendData: nil, dtyp.FileWriteAttributes: nil,
		dtyp.FileWriteEA: ntstatus.AccessDenied, dtyp.FileReadData: ntstatus.AccessDenied,
	} {
		h := f.open(request("f", access(right)))
		if err := h.SetSparse(t.Context(), true); err != want {
			t.Errorf("with access %#x: %v, want %v", right, err, want)
		}
		f.close(h)
	}
	if err := f.plain("f").SetSparse(t.Context(), true); err != ntstatus.InvalidDeviceRequest {
		t.Errorf("where it is not stored: %v, want InvalidDeviceRequest", err)
	}
	h := f.open(request("f"))
	defer f.close(h)
	hidden := fscc.FileAttributeHidden
	if err := h.SetAttr(t.Context(), vfs.SetAttr{Attributes: &hidden}); err != nil {
		t.Fatal(err)
	}
	const want = fscc.FileAttributeHidden | fscc.FileAttributeSparseFile
	if attr, err := h.Attr(t.Context()); attr.Attributes != want || err != nil {
		t.Errorf("attributes %v, %v, want %v", attr.Attributes, err, want)
	}
}

func TestTrimGivesBackWholePages(t *testing.T) {
	f := newFixture(t)
	h := f.put("f", strings.Repeat("x", 4*page))
	done, err := h.Trim(t.Context(), []fsa.Range{
		{page - 1, page + 2},      // one page and two bytes
		{3*page + 1, 100},         // none
		{3*page - 1, 1 << 40},     // to the end of the file
		{1 << 50, 1 << 50},        // behind it
		{2*page + 4096, 4096 * 2}, // two small ones
	})
	if done != 3 || err != nil {
		t.Errorf("Trim = %d, %v, want 3 ranges", done, err)
	}
	want := []byte(strings.Repeat("x", 4*page))
	clear(want[page : 2*page])
	clear(want[2*page+4096 : 2*page+4096*3])
	clear(want[3*page:])
	if f.content(h) != string(want) {
		t.Error("other bytes than the whole pages were trimmed, or not all")
	}
	if _, err := f.plain("f").Trim(t.Context(), []fsa.Range{{0, page}}); err != ntstatus.InvalidDeviceRequest {
		t.Errorf("where it cannot be done: %v, want InvalidDeviceRequest", err)
	}
}

func TestRangesMindByteRangeLocks(t *testing.T) {
	f := newFixture(t)
	h := f.put("f", strings.Repeat("x", 2*page))
	locker := f.open(request("f"))
	defer f.close(locker)
	if err := locker.TryLock(fsa.LockRequest{Offset: page, Length: 1}); err != nil {
		t.Fatal(err)
	}
	if err := h.Zero(t.Context(), 10, page+1); err != ntstatus.FileLockConflict {
		t.Errorf("Zero: %v, want FileLockConflict", err)
	}
	if err := h.Zero(t.Context(), 10, page); err != nil {
		t.Errorf("Zero before the lock: %v", err)
	}
	if done, err := h.Trim(t.Context(), []fsa.Range{{0, page}, {page, page}}); done != 1 || err != ntstatus.FileLockConflict {
		t.Errorf("Trim = %d, %v, want 1 range and FileLockConflict", done, err)
	}
}
