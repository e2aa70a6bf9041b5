package localfs

import (
	"context"
	"encoding/binary"
	"io"
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// direntBufferSize is how much of a directory is read at once, in bytes.
const direntBufferSize = 32 << 10

// dir is one enumeration.
type dir struct {
	fs     *FS
	reader direntReader
	hidden map[string]bool // names on disk that are left out; mostly nil
	closed bool
}

// OpenDir implements [vfs.FS]. The right to list is checked here; what follows
// uses the descriptor.
func (f *FS) OpenDir(_ context.Context, as *vfs.Cred, n vfs.Node) (vfs.Dir, error) {
	m, err := f.directory(n)
	if err != nil {
		return nil, err
	}
	var fd int
	err = f.do(as, func() (err error) {
		fd, err = f.reopen(m.handle.fd, unix.O_RDONLY|unix.O_DIRECTORY)
		return err
	})
	if err != nil {
		return nil, err
	}
	f.references.Add(1)
	return &dir{fs: f, reader: direntReader{fd: fd}, hidden: f.protected.namesIn(m.id)}, nil
}

func (d *dir) Next(context.Context) (string, error) {
	if d.closed {
		return "", fs.ErrClosed
	}
	for {
		disk, err := d.reader.next()
		if err != nil {
			return "", err
		}
		if !d.hidden[disk] && !d.fs.protected.hidesEntry(&d.reader, disk) {
			return shownName(disk), nil
		}
	}
}

func (d *dir) Attr(ctx context.Context, name string) (vfs.Attr, error) {
	if d.closed {
		return vfs.Attr{}, fs.ErrClosed
	}
	disk, err := diskName(name)
	if err != nil {
		return vfs.Attr{}, err
	}
	st, err := statAt(d.reader.fd, disk)
	if err != nil {
		return vfs.Attr{}, err
	}
	id := idOf(st)
	if d.hidden[disk] || d.fs.protected.hides(id) {
		return vfs.Attr{}, fs.ErrNotExist
	}
	return d.fs.attr(ctx, st, place{id, d.reader.fd, disk}, func() bool { return isDotFile(disk) }), nil
}

func (d *dir) Rewind(context.Context) error {
	if d.closed {
		return fs.ErrClosed
	}
	d.reader.rest = nil
	_, err := unix.Seek(d.reader.fd, 0, io.SeekStart)
	return err
}

func (d *dir) Close() error {
	if d.closed {
		return fs.ErrClosed
	}
	d.closed = true
	d.fs.references.Add(-1)
	return closeFD(d.reader.fd)
}

// direntReader reads the names in a directory.
type direntReader struct {
	fd     int
	buffer []byte
	rest   []byte // of buffer, not returned yet
	inode  uint64 // of the entry returned last; of a mount point that below it
	kind   byte   // of that entry: DT_DIR and the like
}

// next returns the next name on disk but "." and "..", or io.EOF.
func (r *direntReader) next() (string, error) {
	for {
		if len(r.rest) == 0 {
			if err := r.fill(); err != nil {
				return "", err
			}
		}
		// struct linux_dirent64: inode and offset of 8 bytes, record length of
		// 2, type of 1, then the name with a NUL and padding.
		const recordLength, kind, name = 16, 18, 19
		if len(r.rest) < name {
			return "", ntstatus.FileCorruptError
		}
		size := int(binary.NativeEndian.Uint16(r.rest[recordLength:]))
		if size < name || size > len(r.rest) {
			return "", ntstatus.FileCorruptError
		}
		r.inode = binary.NativeEndian.Uint64(r.rest)
		r.kind = r.rest[kind]
		entry := r.rest[name:size]
		r.rest = r.rest[size:]
		for i, c := range entry {
			if c == 0 {
				entry = entry[:i]
				break
			}
		}
		if s := string(entry); checkName(s) == nil {
			return s, nil
		}
	}
}

func (r *direntReader) fill() error {
	if r.buffer == nil {
		r.buffer = make([]byte, direntBufferSize)
	}
	var n int
	err := retry(func() (err error) {
		n, err = unix.Getdents(r.fd, r.buffer)
		return err
	})
	switch {
	case err == unix.ENOENT: // removed: nothing is in it
		return io.EOF
	case err != nil:
		return err
	case n == 0:
		return io.EOF
	}
	r.rest = r.buffer[:n]
	return nil
}
