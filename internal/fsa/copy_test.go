package fsa_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// put creates or opens a file that holds content.
func (f *fixture) put(name, content string) *fsa.Handle {
	f.Helper()
	h := f.open(request(name, disposition(fscc.DispositionOverwriteIf)))
	f.Cleanup(func() { f.close(h) })
	if _, err := h.WriteAt(f.Context(), []byte(content), 0, false); err != nil {
		f.Fatal(err)
	}
	return h
}

// content reads all of a file.
func (f *fixture) content(h *fsa.Handle) string {
	f.Helper()
	attr, err := h.Attr(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	p := make([]byte, attr.EndOfFile)
	n, err := h.ReadAt(f.Context(), p, 0)
	if err != nil && len(p) > 0 {
		f.Fatal(err)
	}
	return string(p[:n])
}

// halfwayFS has files that copy ranges, but never all of one at once.
type halfwayFS struct {
	vfs.FS
	copied *int64
}

func (f halfwayFS) Open(ctx context.Context, as *vfs.Cred, n vfs.Node, mode vfs.Mode) (vfs.File, error) {
	file, err := f.FS.Open(ctx, as, n, mode)
	return halfwayFile{file, f.copied}, err
}

type halfwayFile struct {
	vfs.File
	copied *int64
}

func (f halfwayFile) CopyRange(ctx context.Context, off int64, dst vfs.File, dstOff, n int64) (int64, error) {
	p := make([]byte, n/2)
	k, err := f.ReadAt(ctx, p, off)
	if err != nil {
		return 0, err
	}
	*f.copied += int64(k)
	k, err = dst.WriteAt(ctx, p[:k], dstOff)
	return int64(k), err
}

func TestCopyFinishesWhatTheBackEndBegins(t *testing.T) {
	f := newFixture(t)
	f.put("src", "0123456789")
	f.make("dst")
	copied := int64(0)
	v, err := f.store.Mount(t.Context(), halfwayFS{f.hooks, &copied})
	if err != nil {
		t.Fatal(err)
	}
	open := func(name string) *fsa.Handle {
		h, _, err := v.Open(t.Context(), request(name))
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	src, dst := open("src"), open("dst")
	done, err := dst.CopyFrom(t.Context(), src, []fsa.Chunk{{SourceOffset: 1, TargetOffset: 2, Length: 8}})
	if want := (fsa.Copied{Chunks: 1, Bytes: 8}); done != want || err != nil {
		t.Errorf("CopyFrom = %+v, %v, want %+v", done, err, want)
	}
	if got := f.content(dst); got != "\x00\x0012345678" || copied != 4 {
		t.Errorf("content %q, %d bytes by the back end, want %q, 4", got, copied, "\x00\x0012345678")
	}
	f.close(src)
	f.close(dst)
	if err := v.Unmount(); err != nil {
		t.Error(err)
	}
}

func TestOverlappingRangesAreCopiedAsTheyWere(t *testing.T) {
	f := newFixture(t)
	var b strings.Builder
	for i := range 300_000 { // several pieces
		b.WriteByte(byte('a' + i*i%23))
	}
	const n = 200_000
	for name, c := range map[string]struct{ from, to int }{
		"upwards": {0, 70_000}, "by one upwards": {0, 1}, "downwards": {70_000, 0}, "by one downwards": {1, 0}, "in place": {5, 5},
	} {
		t.Run(name, func(t *testing.T) {
			h := f.put("f", b.String())
			other := f.open(request("f")) // through another open of the same file
			defer f.close(other)
			want := []byte(b.String())
			copy(want[c.to:], b.String()[c.from:c.from+n])
			done, err := h.CopyFrom(t.Context(), other, []fsa.Chunk{
				{SourceOffset: uint64(c.from), TargetOffset: uint64(c.to), Length: n},
			})
			if done.Chunks != 1 || err != nil {
				t.Fatalf("CopyFrom = %+v, %v", done, err)
			}
			if !bytes.Equal([]byte(f.content(h)), want) {
				t.Error("the copy is not what was there before")
			}
		})
	}
}

func TestCopyStopsAtTheChunkThatFails(t *testing.T) {
	f := newFixture(t)
	src, dst := f.put("src", "0123456789"), f.put("dst", "")
	for name, c := range map[string]struct {
		chunk fsa.Chunk
		want  error
	}{
		"beyond the end":         {fsa.Chunk{SourceOffset: 8, Length: 3}, ntstatus.InvalidViewSize},
		"far beyond the end":     {fsa.Chunk{SourceOffset: 1 << 40, Length: 1}, ntstatus.InvalidViewSize},
		"source past all files":  {fsa.Chunk{SourceOffset: 1<<63 - 1, Length: 1}, ntstatus.InvalidParameter},
		"target past all files":  {fsa.Chunk{TargetOffset: 1<<63 - 1, Length: 1}, ntstatus.InvalidParameter},
		"negative target offset": {fsa.Chunk{TargetOffset: 1 << 63, Length: 1}, ntstatus.InvalidParameter},
	} {
		t.Run(name, func(t *testing.T) {
			chunks := []fsa.Chunk{{Length: 4}, {SourceOffset: 4, TargetOffset: fsa.EndOfFile, Length: 2}, c.chunk, {Length: 1}}
			if err := dst.SetEndOfFile(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			done, err := dst.CopyFrom(t.Context(), src, chunks)
			if want := (fsa.Copied{Chunks: 2, Bytes: 6}); done != want || err != c.want {
				t.Errorf("CopyFrom = %+v, %v, want %+v, %v", done, err, want, c.want)
			}
			if got := f.content(dst); got != "012345" {
				t.Errorf("content %q, want %q", got, "012345")
			}
		})
	}
}

func TestCopyNeedsTheRightsOfReadAndWrite(t *testing.T) {
	f := newFixture(t)
	f.put("src", "0123456789")
	f.put("dst", "abc")
	for _, c := range []struct {
		name     string
		from, to dtyp.AccessMask
		off      uint64
		want     error
	}{
		{"nothing to read", dtyp.FileReadAttributes, dtyp.FileWriteData, 0, ntstatus.AccessDenied},
		{"a source for writing", dtyp.FileWriteData, dtyp.FileWriteData, 0, ntstatus.AccessDenied},
		{"a target for reading", dtyp.FileReadData, dtyp.FileReadData, 0, ntstatus.AccessDenied},
		{"appending to the middle", dtyp.FileReadData, dtyp.FileAppendData, 2, ntstatus.AccessDenied},
		{"appending to the end", dtyp.FileReadData, dtyp.FileAppendData, 3, nil},
		{"appending wherever the end is", dtyp.FileReadData, dtyp.FileAppendData, fsa.EndOfFile, nil},
		{"a source for executing", dtyp.FileExecute, dtyp.FileWriteData, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, dst := f.open(request("src", access(c.from))), f.open(request("dst", access(c.to)))
			defer f.close(src)
			defer f.close(dst)
			_, err := dst.CopyFrom(t.Context(), src, []fsa.Chunk{{TargetOffset: c.off, Length: 2}})
			if err != c.want {
				t.Errorf("CopyFrom: %v, want %v", err, c.want)
			}
		})
	}
}

func TestCopyMindsByteRangeLocks(t *testing.T) {
	f := newFixture(t)
	src, dst := f.put("src", "0123456789"), f.put("dst", "abcdefghij")
	for name, c := range map[string]struct {
		file      string
		exclusive bool
		want      error
	}{
		"exclusive on the source": {"src", true, ntstatus.FileLockConflict},
		"shared on the source":    {"src", false, nil},
		"exclusive on the target": {"dst", true, ntstatus.FileLockConflict},
		"shared on the target":    {"dst", false, ntstatus.FileLockConflict},
	} {
		t.Run(name, func(t *testing.T) {
			locker := f.open(request(c.file))
			defer f.close(locker)
			if err := locker.TryLock(fsa.LockRequest{Offset: 4, Length: 1, Exclusive: c.exclusive}); err != nil {
				t.Fatal(err)
			}
			done, err := dst.CopyFrom(t.Context(), src, []fsa.Chunk{{Length: 4}, {SourceOffset: 4, TargetOffset: 4, Length: 4}})
			if err != c.want || done.Chunks < 1 {
				t.Errorf("CopyFrom = %+v, %v, want the first chunk and %v", done, err, c.want)
			}
		})
	}
}

func TestCopyEndsWithItsContext(t *testing.T) {
	f := newFixture(t)
	src, dst := f.put("src", "0123456789"), f.put("dst", "")
	why := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if done, err := dst.CopyFrom(ctx, src, []fsa.Chunk{{Length: 4}}); done != (fsa.Copied{}) || err != why {
		t.Errorf("CopyFrom = %+v, %v, want nothing, %v", done, err, why)
	}
}
