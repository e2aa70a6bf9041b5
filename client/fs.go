package client

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// FS is a share, or a directory in it, as the standard library's file systems
// go: names are as [fs.ValidPath] wants them. It also writes. Safe for
// concurrent use.
type FS struct {
	share *Share
	ctx   context.Context
	root  string // with slashes; "." is the share's root
}

var _ interface {
	fs.FS
	fs.ReadDirFS
	fs.StatFS
	fs.ReadFileFS
	fs.SubFS
} = (*FS)(nil)

// FS gives the share as a file system, all of whose calls end with ctx.
func (sh *Share) FS(ctx context.Context) *FS { return &FS{share: sh, ctx: ctx, root: "."} }

// name is where name is in the share.
func (f *FS) name(op, name string) (string, error) {
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00") {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return path.Join(f.root, name), nil
}

// pathError is err as packages that use file systems expect it.
func pathError(op, name string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		err = e.Err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// Open opens the file or directory called name for reading.
func (f *FS) Open(name string) (fs.File, error) {
	full, err := f.name("open", name)
	if err != nil {
		return nil, err
	}
	file, err := f.share.open(f.ctx, full, OpenOptions{})
	if err != nil {
		return nil, pathError("open", name, err)
	}
	if file.info.IsDir() {
		return &fsDir{fsFile: fsFile{file.WithContext(f.ctx), name}}, nil
	}
	return &fsFile{file.WithContext(f.ctx), name}, nil
}

// Stat describes the file or directory called name.
func (f *FS) Stat(name string) (fs.FileInfo, error) {
	full, err := f.name("stat", name)
	if err != nil {
		return nil, err
	}
	i, err := f.share.stat(f.ctx, full)
	if err != nil {
		return nil, pathError("stat", name, err)
	}
	i.name = path.Base(name)
	return i, nil
}

// ReadDir lists the directory called name, sorted.
func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	full, err := f.name("readdir", name)
	if err != nil {
		return nil, err
	}
	var list []fs.DirEntry
	for i, err := range f.share.ReadDir(f.ctx, full) {
		if err != nil {
			return list, pathError("readdir", name, err)
		}
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, nil
}

// ReadFile returns what the file called name holds.
func (f *FS) ReadFile(name string) ([]byte, error) {
	full, err := f.name("read", name)
	if err != nil {
		return nil, err
	}
	data, err := f.share.readFile(f.ctx, full)
	return data, pathError("read", name, err)
}

// Sub gives the directory dir as a file system.
func (f *FS) Sub(dir string) (fs.FS, error) {
	full, err := f.name("sub", dir)
	if err != nil {
		return nil, err
	}
	return &FS{share: f.share, ctx: f.ctx, root: full}, nil
}

// Create makes the file called name, or empties it, and opens it for reading
// and writing.
func (f *FS) Create(name string) (*File, error) {
	full, err := f.name("create", name)
	if err != nil {
		return nil, err
	}
	file, err := f.share.Create(f.ctx, full)
	if err != nil {
		return nil, pathError("create", name, err)
	}
	return file.WithContext(f.ctx), nil
}

// WriteFile makes the file called name hold data and nothing else. perm says
// whether it becomes read-only.
func (f *FS) WriteFile(name string, data []byte, perm fs.FileMode) error {
	full, err := f.name("write", name)
	if err != nil {
		return err
	}
	if err = f.share.WriteFile(f.ctx, full, data); err == nil && perm&0o200 == 0 {
		err = f.share.SetAttributes(f.ctx, full, fscc.FileAttributeReadonly)
	}
	return pathError("write", name, err)
}

// Mkdir makes a directory. perm is not used: it inherits who may do what.
func (f *FS) Mkdir(name string, _ fs.FileMode) error {
	return f.do("mkdir", name, func(full string) error { return f.share.Mkdir(f.ctx, full) })
}

// MkdirAll makes a directory and those above it that are missing.
func (f *FS) MkdirAll(name string, perm fs.FileMode) error {
	if !fs.ValidPath(name) {
		return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		return nil
	}
	err := f.Mkdir(name, perm)
	switch {
	case errors.Is(err, fs.ErrExist):
		if i, e := f.Stat(name); e == nil && i.IsDir() {
			return nil
		}
		return err
	case errors.Is(err, fs.ErrNotExist):
		if err := f.MkdirAll(path.Dir(name), perm); err != nil {
			return err
		}
		return f.Mkdir(name, perm)
	}
	return err
}

// Remove deletes the file or empty directory called name.
func (f *FS) Remove(name string) error {
	return f.do("remove", name, func(full string) error { return f.share.remove(f.ctx, full, 0) })
}

// Rename gives the file or directory called name the name to; what has that
// name is replaced, if it is a file.
func (f *FS) Rename(name, to string) error {
	target, err := f.name("rename", to)
	if err != nil {
		return err
	}
	return f.do("rename", name, func(full string) error { return f.share.Rename(f.ctx, full, target, true) })
}

// Truncate sets the length in bytes of the file called name.
func (f *FS) Truncate(name string, size int64) error {
	return f.do("truncate", name, func(full string) error { return f.share.Truncate(f.ctx, full, size) })
}

// Chtimes sets the times of the last access and the last write; a zero one
// stays as it is.
func (f *FS) Chtimes(name string, access, write time.Time) error {
	return f.do("chtimes", name, func(full string) error {
		return f.share.Chtimes(f.ctx, full, Times{LastAccess: access, LastWrite: write})
	})
}

// do runs an operation on one name.
func (f *FS) do(op, name string, run func(full string) error) error {
	full, err := f.name(op, name)
	if err != nil {
		return err
	}
	return pathError(op, name, run(full))
}

// OpenFile opens name with NT's options.
func (f *FS) OpenFile(name string, o OpenOptions) (*File, error) {
	full, err := f.name("open", name)
	if err != nil {
		return nil, err
	}
	file, err := f.share.open(f.ctx, full, o)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	return file.WithContext(f.ctx), nil
}

// OpenAppend opens the file called name for writing at its end, and makes it if
// it is missing.
func (f *FS) OpenAppend(name string) (*File, error) {
	file, err := f.OpenFile(name, OpenOptions{Access: dtyp.GenericRead | dtyp.GenericWrite, Disposition: OpenOrCreate, Options: fscc.OptionNonDirectoryFile})
	if err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekEnd); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// fsFile is a [File] as [fs.File] has it.
type fsFile struct {
	*File
	name string
}

// Stat implements [fs.File].
func (f *fsFile) Stat() (fs.FileInfo, error) {
	i, err := f.File.Stat(f.ctx)
	if err != nil {
		return nil, pathError("stat", f.name, err)
	}
	i.name = path.Base(f.name)
	return i, nil
}

// Read implements [fs.File].
func (f *fsFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, pathError("read", f.name, err)
}

// Close implements [fs.File].
func (f *fsFile) Close() error { return pathError("close", f.name, f.File.Close()) }

// fsDir is a directory as [fs.ReadDirFile] has it. Not safe for concurrent
// use.
type fsDir struct {
	fsFile
	entries []fs.DirEntry // not given yet
	listed  bool
}

// Read implements [fs.File].
func (d *fsDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: errors.New("it is a directory")}
}

// ReadDir implements [fs.ReadDirFile].
func (d *fsDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.listed {
		for i, err := range d.File.ReadDir(d.ctx) {
			if err != nil {
				return nil, pathError("readdir", d.name, err)
			}
			d.entries = append(d.entries, i)
		}
		d.listed = true
	}
	if n <= 0 {
		n = len(d.entries)
	} else if len(d.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.entries))
	list := d.entries[:n]
	d.entries = d.entries[n:]
	return list, nil
}
