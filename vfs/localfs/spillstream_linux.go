package localfs

import (
	"crypto/rand"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// A stream that has a file of its own in the folder of side data is a blob of
// its file's record, the data of which are the last part of that file's name.
// So the record says which streams there are, and is replaced at once; a file
// that no record mentions is left over, and Sweep removes it.

// streamFile begins the names of such files.
const streamFile = "stream-"

// maxSpillStreams is how many streams of one file may have files of their own.
const maxSpillStreams = 1024

// streamFileName is the name of the file of a stream.
func streamFileName(record, token string) string { return streamFile + record + "-" + token }

// tokenLength is that of rand.Text.
const tokenLength = 26

// streamToken returns what a blob says of the file of a stream.
func streamToken(b *blob) (string, bool) {
	token := string(b.data)
	if _, ok := streamOfSide(b.name); !ok || len(token) != tokenLength {
		return "", false
	}
	return token, !strings.ContainsFunc(token, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < '0' || c > '9') })
}

// token returns the token of a stream, or errNoSideData.
func (s *spillRecord) token(side string) (string, error) {
	if i := s.find(side); i >= 0 {
		if token, ok := streamToken(&s.blobs[i]); ok {
			return token, nil
		}
	}
	return "", errNoSideData
}

// streams describes all streams of a file that have files of their own.
func (s *spill) streams(at place) (list []vfs.Stream, err error) {
	record, err := s.read(at)
	if err != nil {
		return nil, noneIsFine(err)
	}
	for i := range record.blobs {
		token, ok := streamToken(&record.blobs[i])
		if !ok {
			continue
		}
		name, _ := streamOfSide(record.blobs[i].name)
		found, err := s.describe(at, token, name)
		if err == errNoSideData {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, found)
	}
	return list, nil
}

// stream describes one, or returns errNoSideData.
func (s *spill) stream(at place, side, name string) (vfs.Stream, error) {
	record, err := s.read(at)
	if err != nil {
		return vfs.Stream{}, err
	}
	token, err := record.token(side)
	if err != nil {
		return vfs.Stream{}, err
	}
	return s.describe(at, token, name)
}

func (s *spill) describe(at place, token, name string) (vfs.Stream, error) {
	st, err := statAt(s.open(false), streamFileName(recordName(at.id), token))
	if err == unix.ENOENT || err == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		err = errNoSideData
	}
	if err != nil {
		return vfs.Stream{}, err
	}
	return vfs.Stream{Name: name, EndOfFile: st.Size, AllocationSize: st.Blocks * 512}, nil
}

// openStream opens the file of a stream, or returns errNoSideData.
func (s *spill) openStream(at place, side string) (int, error) {
	record, err := s.read(at)
	if err != nil {
		return -1, err
	}
	token, err := record.token(side)
	if err != nil {
		return -1, err
	}
	how := unix.OpenHow{
		Flags:   unix.O_RDWR | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC,
		Resolve: resolve | unix.RESOLVE_NO_XDEV,
	}
	dir, name := s.open(false), streamFileName(recordName(at.id), token)
	fd, err := openat2(dir, name, &how)
	if err == unix.EROFS {
		how.Flags = how.Flags&^unix.O_RDWR | unix.O_RDONLY
		fd, err = openat2(dir, name, &how)
	}
	if err == unix.ENOENT {
		err = errNoSideData
	}
	if err != nil {
		return -1, err
	}
	st, err := statFD(fd)
	if err == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		err = errNoSideData
	}
	if err != nil {
		closeFD(fd)
		return -1, err
	}
	return fd, nil
}

// createStream gives a stream a file of its own that holds content, in the
// place of the one that it has. Before the record mentions it, the file is on
// stable storage.
func (s *spill) createStream(at place, side string, content []byte) (_ int, err error) {
	if at.id.Volume != s.volume || at.id.Generation == 0 {
		return -1, errCannotStore
	}
	dir := s.open(true)
	if dir < 0 {
		return -1, errCannotStore
	}
	record, err := s.read(at)
	if noneIsFine(err) != nil {
		return -1, err
	}
	count := 0
	for i := range record.blobs {
		if _, ok := streamToken(&record.blobs[i]); ok {
			count++
		}
	}
	if count >= maxSpillStreams {
		return -1, errCannotStore
	}
	token := rand.Text()
	name := streamFileName(recordName(at.id), token)
	fd, err := openat2(dir, name, &unix.OpenHow{
		Flags:   unix.O_RDWR | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Mode:    0o600,
		Resolve: resolve | unix.RESOLVE_NO_XDEV,
	})
	switch err {
	case nil:
	case unix.EACCES, unix.EPERM, unix.EROFS, unix.ENOENT:
		return -1, errCannotStore
	default:
		return -1, err
	}
	defer func() {
		if err != nil {
			closeFD(fd)
			_ = unix.Unlinkat(dir, name, 0)
		}
	}()
	if err := s.charge(fd, at); err != nil {
		return -1, err
	}
	if err := writeAll(fd, content); err != nil {
		return -1, err
	}
	if len(content) > 0 {
		if err := retry(func() error { return unix.Fdatasync(fd) }); err != nil {
			return -1, err
		}
	}
	if err := s.set(at, side, []byte(token)); err != nil {
		return -1, err
	}
	if old, e := record.token(side); e == nil {
		_ = unix.Unlinkat(dir, streamFileName(recordName(at.id), old), 0)
	}
	return fd, nil
}

// writeAll writes b from the start of fd.
func writeAll(fd int, b []byte) error {
	for n := 0; n < len(b); {
		k, err := unix.Pwrite(fd, b[n:], int64(n))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return err
		case k == 0:
			return io.ErrShortWrite
		}
		n += k
	}
	return nil
}

// renameStream gives a stream a name that is free.
func (s *spill) renameStream(at place, from, to string) error {
	record, err := s.read(at)
	if err != nil {
		return err
	}
	i := record.find(from)
	if i < 0 {
		return errNoSideData
	}
	record.blobs = slices.DeleteFunc(record.blobs, func(b blob) bool { return b.name == to })
	record.blobs[record.find(from)].name = to
	return s.write(s.open(false), at, &record, false)
}

// removeStream removes a stream with its file, or returns errNoSideData.
func (s *spill) removeStream(at place, side string) error {
	record, err := s.read(at)
	if err != nil {
		return err
	}
	token, err := record.token(side)
	if err != nil {
		return err
	}
	if err := s.remove(at, side); err != nil {
		return err
	}
	_ = unix.Unlinkat(s.open(false), streamFileName(recordName(at.id), token), 0) // else Sweep does
	return nil
}

// discard removes an entry of the folder and, if it is a record, then the
// files of its streams.
func (s *spill) discard(dir int, name string) error {
	var record spillRecord
	if !strings.HasPrefix(name, streamFile) && !strings.HasPrefix(name, newRecord) {
		record, _ = readRecord(dir, name) // what is no record has no streams
	}
	if err := retry(func() error { return unix.Unlinkat(dir, name, 0) }); err != nil {
		return err
	}
	for i := range record.blobs {
		if token, ok := streamToken(&record.blobs[i]); ok { // else Sweep does
			_ = unix.Unlinkat(dir, streamFileName(name, token), 0)
		}
	}
	return nil
}

// isLeftOver says whether the file of a stream, called name, is mentioned by no
// record and has not been for long.
func (s *spill) isLeftOver(dir int, name string) (bool, error) {
	st, err := statAt(dir, name)
	if err != nil || time.Since(timeOf(st.Mtime)) <= abandoned {
		return false, err
	}
	rest := strings.TrimPrefix(name, streamFile)
	at := strings.LastIndexByte(rest, '-')
	if at < 0 {
		return false, nil // perhaps of a newer version
	}
	record, err := readRecord(dir, rest[:at])
	if err == unix.ENOENT {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for i := range record.blobs {
		if token, ok := streamToken(&record.blobs[i]); ok && token == rest[at+1:] {
			return false, nil
		}
	}
	return true, nil
}

// sync brings the record of a file, and the folder's entries, to stable
// storage.
func (s *spill) sync(at place) error {
	dir := s.open(false)
	if dir < 0 {
		return nil
	}
	fd, err := openat2(dir, recordName(at.id), &unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC,
		Resolve: resolve | unix.RESOLVE_NO_XDEV,
	})
	if err == unix.ENOENT {
		return nil
	}
	if err != nil {
		return err
	}
	defer closeFD(fd)
	if err := retry(func() error { return unix.Fsync(fd) }); err != nil {
		return err
	}
	list, err := s.fs.reopen(dir, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer closeFD(list)
	return retry(func() error { return unix.Fsync(list) })
}
