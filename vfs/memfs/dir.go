package memfs

import (
	"context"
	"io"
	"io/fs"
	"maps"
	"slices"

	"github.com/signet-smb/signet/vfs"
)

// dir is one enumeration: a sorted copy of the names, taken at the beginning.
type dir struct {
	fs     *FS
	inode  *inode
	names  []string // those not returned yet
	closed bool
}

// OpenDir implements [vfs.FS].
func (f *FS) OpenDir(_ context.Context, _ *vfs.Cred, n vfs.Node) (vfs.Dir, error) {
	i, err := f.directory(n)
	if err != nil {
		return nil, err
	}
	f.acquire(i)
	d := &dir{fs: f, inode: i}
	d.fill()
	return d, nil
}

func (d *dir) fill() {
	d.fs.mu.RLock()
	defer d.fs.mu.RUnlock()
	d.names = slices.Sorted(maps.Keys(d.inode.entries))
}

func (d *dir) Next(context.Context) (string, error) {
	if d.closed {
		return "", fs.ErrClosed
	}
	if len(d.names) == 0 {
		return "", io.EOF
	}
	name := d.names[0]
	d.names = d.names[1:]
	return name, nil
}

func (d *dir) Attr(_ context.Context, name string) (vfs.Attr, error) {
	if d.closed {
		return vfs.Attr{}, fs.ErrClosed
	}
	d.fs.mu.RLock()
	defer d.fs.mu.RUnlock()
	i, ok := d.inode.entries[name]
	if !ok {
		return vfs.Attr{}, fs.ErrNotExist
	}
	return i.attr(i.links), nil
}

func (d *dir) Rewind(context.Context) error {
	if d.closed {
		return fs.ErrClosed
	}
	d.fill()
	return nil
}

func (d *dir) Close() error {
	if d.closed {
		return fs.ErrClosed
	}
	d.closed = true
	d.fs.release(d.inode)
	return nil
}
