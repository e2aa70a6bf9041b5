package localfs

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var _ vfs.Streams = (*FS)(nil)

// A stream is an extended attribute as Samba's vfs_streams_xattr has it: its
// content with one byte behind it, for an empty value would be none. One that
// is larger, or finds no room there, is a file of its own in the folder of
// side data (spillstream_linux.go), and stays one.
const (
	streamPrefix = "user.DosStream."
	streamSuffix = ":$DATA"

	maxStreamXattr = 64 << 10 // bytes with the one behind, XATTR_SIZE_MAX
	maxStreamName  = 255      // UTF-16 code units
)

// sideOfStream is the name under which a stream is kept.
func sideOfStream(name string) string { return streamPrefix + name + streamSuffix }

// streamOfSide returns the name of the stream that is kept under that name, if
// one is that clients can be shown.
func streamOfSide(side string) (string, bool) {
	name, ok := strings.CutPrefix(side, streamPrefix)
	if ok {
		name, ok = strings.CutSuffix(name, streamSuffix)
	}
	return name, ok && validStreamName(name)
}

func validStreamName(name string) bool {
	if name == "" || !utf8.ValidString(name) || strings.ContainsAny(name, "\x00/\\:") {
		return false
	}
	units := 0
	for _, c := range name {
		if units++; c > 0xFFFF {
			units++
		}
	}
	return units <= maxStreamName
}

// withStreams is node for an n that can have streams, by whose name.
func (f *FS) withStreams(n vfs.Node, names ...string) (*node, error) {
	m, err := f.node(n)
	if err != nil {
		return nil, err
	}
	if m.kind != unix.S_IFREG && m.kind != unix.S_IFDIR {
		return nil, fs.ErrPermission
	}
	for _, name := range names {
		if !validStreamName(name) {
			return nil, ntstatus.ObjectNameInvalid
		}
	}
	return m, nil
}

// Streams implements [vfs.Streams]. They are read as the process: whoever may
// see a file may see which streams it has.
func (f *FS) Streams(_ context.Context, n vfs.Node) ([]vfs.Stream, error) {
	m, err := f.withStreams(n)
	if err != nil {
		return nil, err
	}
	at := m.place()
	list, err := f.side.far.streams(at)
	if err != nil {
		return nil, err
	}
	names, err := f.side.near.list(at)
	if err != nil {
		return nil, err
	}
	for _, side := range names {
		name, ok := streamOfSide(side)
		if !ok {
			continue
		}
		size, err := f.side.near.get(at, side, nil)
		if err == errNoSideData {
			continue // removed this moment
		}
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(s vfs.Stream) bool { return s.Name == name })
		list = append(list, nearStream(name, size))
	}
	slices.SortFunc(list, func(a, b vfs.Stream) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// nearStream describes a stream that is kept in size bytes of an attribute.
func nearStream(name string, size int) vfs.Stream {
	length := uint64(max(size, 1) - 1)
	return vfs.Stream{Name: name, EndOfFile: length, AllocationSize: (length + 7) &^ 7}
}

// LookupStream implements [vfs.Streams].
func (f *FS) LookupStream(_ context.Context, n vfs.Node, name string) (vfs.Stream, error) {
	m, err := f.withStreams(n, name)
	if err != nil {
		return vfs.Stream{}, err
	}
	at := m.place()
	found, err := f.stream(at, name)
	if err != errNoSideData {
		return found, err
	}
	names, err := f.side.list(at)
	if err != nil {
		return vfs.Stream{}, err
	}
	folded := vfs.Fold(name)
	for _, side := range names {
		if other, ok := streamOfSide(side); ok && vfs.Fold(other) == folded {
			return present(f.stream(at, other))
		}
	}
	return vfs.Stream{}, fs.ErrNotExist
}

// stream describes the stream called exactly name, or returns errNoSideData.
func (f *FS) stream(at place, name string) (vfs.Stream, error) {
	side := sideOfStream(name)
	size, err := f.side.near.get(at, side, nil)
	if err == errNoSideData {
		return f.side.far.stream(at, side, name)
	}
	return nearStream(name, size), err
}

// present turns errNoSideData into what the contract calls it.
func present(s vfs.Stream, err error) (vfs.Stream, error) {
	if err == errNoSideData {
		err = fs.ErrNotExist
	}
	return s, err
}

// CreateStream implements [vfs.Streams].
func (f *FS) CreateStream(_ context.Context, as *vfs.Cred, n vfs.Node, name string) error {
	m, err := f.withStreams(n, name)
	if err != nil {
		return err
	}
	defer f.lockSide(m.id)()
	at := m.place()
	if _, err := f.stream(at, name); err != errNoSideData {
		if err == nil {
			err = fs.ErrExist
		}
		return err
	}
	fd, err := f.setStream(as, at, sideOfStream(name), nil)
	if fd >= 0 {
		closeFD(fd)
	}
	return err
}

// lockSide takes the lock of a file's side data and returns what gives it back.
func (f *FS) lockSide(id vfs.FileID) (unlock func()) {
	lock := &f.sideLocks[id.File%uint64(len(f.sideLocks))]
	lock.Lock()
	return lock.Unlock
}

// setStream makes content that of a stream kept near or not there yet. It
// returns the descriptor of the file in which the stream is from now on, or -1
// if that is an attribute. The caller holds the lock of the file's side data.
func (f *FS) setStream(as *vfs.Cred, at place, side string, content []byte) (int, error) {
	near := func() error {
		if len(content) >= maxStreamXattr {
			return errCannotStore
		}
		return f.side.near.set(at, side, append(content, 0))
	}
	err := f.do(as, func() error {
		err := near()
		if err == errCannotStore {
			if refused := mayStore(at.fd, f.uid(as)); refused != nil {
				return refused
			}
		}
		return err
	})
	if err != errCannotStore {
		return -1, err
	}
	return f.expandStream(as, at, side, content)
}

// expandStream makes content that of a stream that gets a file of its own, and
// returns the descriptor of that, or -1. as may write the stream; the caller
// holds the lock of the file's side data.
func (f *FS) expandStream(as *vfs.Cred, at place, side string, content []byte) (int, error) {
	fd, err := f.side.far.createStream(at, side, content)
	if err == errCannotStore {
		err = ntstatus.DiskFull
	}
	if err == nil {
		// In this order a crash leaves the content of before, or this one.
		err = noneIsFine(f.do(as, func() error { return f.side.near.remove(at, side) }))
		if err != nil {
			closeFD(fd)
		}
	}
	if err != nil {
		return -1, err
	}
	return fd, nil
}

// RenameStream implements [vfs.Streams].
func (f *FS) RenameStream(_ context.Context, as *vfs.Cred, n vfs.Node, name, newName string, replace bool) error {
	m, err := f.withStreams(n, name, newName)
	if err != nil {
		return err
	}
	defer f.lockSide(m.id)()
	at := m.place()
	if _, err := present(f.stream(at, name)); err != nil || name == newName {
		return err
	}
	_, err = f.stream(at, newName)
	switch {
	case err == nil && !replace:
		return fs.ErrExist
	case err == nil:
		err = f.removeStream(as, at, sideOfStream(newName))
	case err == errNoSideData:
		err = f.do(as, func() error { return mayStore(at.fd, f.uid(as)) })
	}
	if err != nil {
		return err
	}
	fd, err := f.moveStream(as, at, sideOfStream(name), sideOfStream(newName))
	if err != nil {
		return err
	}
	f.streams.renamed(m.id, name, newName, fd)
	return nil
}

// moveStream gives a stream a name that is free. It returns the descriptor of
// the file in which it is kept from now on and was not before, or -1.
func (f *FS) moveStream(as *vfs.Cred, at place, from, to string) (int, error) {
	content, err := f.nearContent(at, from)
	if err == errNoSideData {
		return -1, f.side.far.renameStream(at, from, to)
	}
	if err != nil {
		return -1, err
	}
	fd, err := f.setStream(as, at, to, content)
	if err != nil {
		return -1, err
	}
	return fd, noneIsFine(f.do(as, func() error { return f.side.near.remove(at, from) }))
}

// nearContent returns the content of a stream that is kept in an attribute,
// with room for one byte more, or errNoSideData.
func (f *FS) nearContent(at place, side string) ([]byte, error) {
	for {
		size, err := f.side.near.get(at, side, nil)
		if err != nil {
			return nil, err
		}
		value := make([]byte, size+1)
		got, err := f.side.near.get(at, side, value[:size+1])
		if err == unix.ERANGE {
			continue // grew this moment
		}
		return value[:max(got, 1)-1], err
	}
}

// RemoveStream implements [vfs.Streams]. Who may write the file removes its
// streams, as it is with extended attributes.
func (f *FS) RemoveStream(_ context.Context, as *vfs.Cred, n vfs.Node, name string) error {
	m, err := f.withStreams(n, name)
	if err != nil {
		return err
	}
	defer f.lockSide(m.id)()
	at := m.place()
	if _, err := present(f.stream(at, name)); err != nil {
		return err
	}
	return f.removeStream(as, at, sideOfStream(name))
}

// removeStream removes a stream that is there. The caller holds the lock of
// the file's side data.
func (f *FS) removeStream(as *vfs.Cred, at place, side string) error {
	if err := f.do(as, func() error { return mayStore(at.fd, f.uid(as)) }); err != nil {
		return err
	}
	if err := noneIsFine(f.side.far.removeStream(at, side)); err != nil {
		return err
	}
	return noneIsFine(f.do(as, func() error { return f.side.near.remove(at, side) }))
}
