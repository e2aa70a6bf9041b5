package client

import (
	"context"
	"errors"
	"iter"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// directoryClasses are the classes that listings are asked for in; servers that
// do not know the first are asked for the next.
var directoryClasses = []fscc.FileInformationClass{fscc.FileIDBothDirectoryInformation, fscc.FileBothDirectoryInformation}

// ReadDir lists the directory called name, without "." and "..", in the order
// of the server. Memory is needed for a part of it only, however long it is;
// ctx bounds how long that takes.
//
// A name that no file can have is not an entry: a nil *FileInfo and an error
// that wraps a *[NameError] come in its place, and the listing goes on. Any
// other error ends it. [MS-SMB2] 3.2.4.17.
func (sh *Share) ReadDir(ctx context.Context, name string) iter.Seq2[*FileInfo, error] {
	return sh.Find(ctx, name, "*")
}

// Find is [Share.ReadDir] for the names that match pattern, of the wildcards *
// and ?, in the server's opinion.
func (sh *Share) Find(ctx context.Context, name, pattern string) iter.Seq2[*FileInfo, error] {
	return func(yield func(*FileInfo, error) bool) {
		f, err := sh.open(ctx, name, OpenOptions{
			Access: dtyp.FileListDirectory | dtyp.FileReadAttributes | dtyp.Synchronize, Options: fscc.OptionDirectoryFile,
		})
		if err != nil {
			yield(nil, fail("list", name, err))
			return
		}
		defer f.Close()
		f.list(ctx, pattern, func(i *FileInfo, err error) bool { return yield(i, fail("list", name, err)) })
	}
}

// ReadDir lists the open directory from its beginning, as [Share.ReadDir]
// does.
func (f *File) ReadDir(ctx context.Context) iter.Seq2[*FileInfo, error] {
	return func(yield func(*FileInfo, error) bool) {
		f.list(ctx, "*", func(i *FileInfo, err error) bool { return yield(i, fail("list", f.shared.name, err)) })
	}
}

// list gives the entries to yield, or the error that ends the list.
func (f *File) list(ctx context.Context, pattern string, yield func(*FileInfo, error) bool) {
	s := f.shared
	if err := s.check(); err != nil {
		yield(nil, err)
		return
	}
	classes := directoryClasses
	flags := smb2.RestartScans
	for {
		r, err := s.do(ctx, &smb2.QueryDirectoryRequest{
			FileInformationClass: classes[0], Flags: flags, FileName: pattern, OutputBufferLength: maxOutput,
		})
		switch {
		case errors.Is(err, ntstatus.NoMoreFiles) || errors.Is(err, ntstatus.NoSuchFile) && flags != 0:
			return // [MS-SMB2] 3.3.5.18: nothing more, or nothing at all
		case (errors.Is(err, ntstatus.InvalidInfoClass) || errors.Is(err, ntstatus.NotSupported)) && flags != 0 && len(classes) > 1:
			classes = classes[1:]
			continue
		case err != nil:
			yield(nil, err)
			return
		}
		goOn := f.page(&r, classes[0], yield)
		r.release()
		if !goOn {
			return
		}
		flags = 0
	}
}

// page gives the entries of one answer to yield, and reports whether to go on.
func (f *File) page(r *reply, class fscc.FileInformationClass, yield func(*FileInfo, error) bool) bool {
	var res smb2.QueryDirectoryResponse
	err := r.decode(&res)
	if err == nil && len(res.Output) > maxOutput {
		err = violation("3.2.5.15", "%d bytes for a listing of %d", len(res.Output), maxOutput)
	}
	if err == nil && len(res.Output) == 0 {
		err = violation("3.2.5.15", "a listing that goes on without entries")
	}
	if err != nil {
		yield(nil, r.broken(err))
		return false
	}
	for e, err := range fscc.DirectoryEntries(class, res.Output) {
		if err != nil {
			yield(nil, r.broken(violation("3.2.5.15", "%v", err)))
			return false
		}
		if e.FileName == "." || e.FileName == ".." {
			continue
		}
		if err := checkName(e.FileName); err != nil {
			if !yield(nil, err) {
				return false
			}
			continue
		}
		if !yield(entryInfo(&e), nil) {
			return false
		}
	}
	return true
}

// entryInfo makes a FileInfo of an entry whose name is good.
func entryInfo(e *fscc.DirectoryEntry) *FileInfo {
	return &FileInfo{
		name:           e.FileName,
		FileAttributes: e.FileAttributes,
		CreationTime:   timeOf(e.CreationTime),
		LastAccessTime: timeOf(e.LastAccessTime),
		LastWriteTime:  timeOf(e.LastWriteTime),
		ChangeTime:     timeOf(e.ChangeTime),
		EndOfFile:      e.EndOfFile,
		AllocationSize: e.AllocationSize,
		FileID:         e.FileID,
		EaSize:         e.EaSize,
		ReparseTag:     e.ReparseTag,
		ShortName:      e.ShortName,
	}
}
