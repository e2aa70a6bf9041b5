package localfs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// spillName is the name of the folder at the root of a share in which side
// data are kept that have no other place. No client sees or makes an entry of
// that name, in any directory and any case: what is the root of one share may
// be below that of another.
const spillName = ".signet-sidedata"

// isSpillName reports whether a file system may take name for spillName.
func isSpillName(name string) bool {
	return len(name) >= len(spillName) && name[0] == '.' && strings.EqualFold(name, spillName)
}

// spill is the sideData in a folder of the process's own: one record for each
// file that needs one, under a name made of the file's identity. So a rename
// of the file changes nothing, and whoever knows the identity has the record.
//
// The folder belongs to the process and is nobody else's to enter; if what is
// there is anything else, it is not used. It is made when the first record is.
// A record belongs to the owner of its file, so that it counts to the quota of
// who caused it. Only files on the file system of the root have one: elsewhere
// identities are other, and so is who decides on space.
//
// Missing: files of a file system that does not know when a file was made have
// no record, for a new file might be taken for one that is gone.
//
// Deviation: folders that are served by several shares, as themselves or as a
// part of another, have a spill for each root that differs.
type spill struct {
	fs     *FS
	volume uint64

	dir  atomic.Pointer[handle] // once there; never replaced
	mu   sync.Mutex             // guards what follows
	next time.Time              // when to look for the folder again
}

// lookAgain is how long a folder that was not there is believed not to be:
// another share of the same folder may have made it.
const lookAgain = time.Second

// open returns the descriptor of the folder, or -1 if there is none that can be
// used, having tried to make it if asked.
func (s *spill) open(create bool) int {
	if h := s.dir.Load(); h != nil {
		return h.fd
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.dir.Load(); h != nil {
		return h.fd
	}
	if !create && time.Now().Before(s.next) {
		return -1
	}
	s.next = time.Now().Add(lookAgain)
	fd, err := openEntry(s.fs.root.fd, spillName, unix.O_DIRECTORY)
	if err == unix.ENOENT && create {
		err = retry(func() error { return unix.Mkdirat(s.fs.root.fd, spillName, 0o700) })
		if err != nil && err != unix.EEXIST {
			return -1
		}
		fd, err = openEntry(s.fs.root.fd, spillName, unix.O_DIRECTORY)
	}
	if err != nil {
		return -1
	}
	st, err := statFD(fd)
	if err != nil || !s.isOurs(st) {
		closeFD(fd)
		return -1
	}
	id := idOf(st)
	s.fs.protected.spill.Store(&inode{id.Volume, id.File})
	s.dir.Store(newHandle(fd))
	return fd
}

// isOurs reports whether nobody else can have written what is in the folder.
func (s *spill) isOurs(st *unix.Statx_t) bool {
	return int(st.Uid) == s.fs.process.uid && st.Mode&0o077 == 0 && idOf(st).Volume == s.volume
}

func (s *spill) close() error {
	if h := s.dir.Load(); h != nil {
		return h.release()
	}
	return nil
}

func (s *spill) stores(volume uint64) bool {
	if volume != s.volume {
		return false
	}
	if s.open(false) >= 0 {
		return true
	}
	// What is there is not ours, or nothing is and it could be made.
	st, err := statFD(s.fs.root.fd)
	if err != nil || idOf(st).Generation == 0 {
		return false
	}
	if _, err := statAt(s.fs.root.fd, spillName); err != unix.ENOENT {
		return false
	}
	return retry(func() error {
		return unix.Faccessat2(s.fs.root.fd, "", unix.W_OK|unix.X_OK, unix.AT_EMPTY_PATH|unix.AT_EACCESS)
	}) == nil
}

// has reports whether there is a record for the file, whosever.
func (s *spill) has(at place) bool {
	dir := s.open(false)
	if dir < 0 || at.id.Volume != s.volume {
		return false
	}
	return retry(func() error {
		return unix.Faccessat(dir, recordName(at.id), unix.F_OK, 0)
	}) == nil
}

func (s *spill) get(at place, name string, buf []byte) (int, error) {
	record, err := s.read(at)
	if err != nil {
		return 0, err
	}
	i := record.find(name)
	switch {
	case i < 0:
		return 0, errNoSideData
	case len(buf) == 0: // as with getxattr(2)
		return len(record.blobs[i].data), nil
	case len(record.blobs[i].data) > len(buf):
		return 0, unix.ERANGE
	}
	return copy(buf, record.blobs[i].data), nil
}

func (s *spill) list(at place) ([]string, error) {
	record, err := s.read(at)
	if err != nil {
		return nil, noneIsFine(err)
	}
	names := make([]string, len(record.blobs))
	for i, b := range record.blobs {
		names[i] = b.name
	}
	return names, nil
}

func (s *spill) set(at place, name string, data []byte) error {
	if at.id.Volume != s.volume || at.id.Generation == 0 {
		return errCannotStore
	}
	dir := s.open(true)
	if dir < 0 {
		return errCannotStore
	}
	record, err := s.read(at)
	if noneIsFine(err) != nil {
		return err
	}
	isNew := err == errNoSideData
	if isNew {
		record.handle = handleOf(at)
	}
	if i := record.find(name); i >= 0 {
		record.blobs[i].data = data
	} else {
		record.blobs = append(record.blobs, blob{name, data})
	}
	return s.write(dir, at, &record, isNew)
}

func (s *spill) remove(at place, name string) error {
	record, err := s.read(at)
	if err != nil {
		return err
	}
	i := record.find(name)
	if i < 0 {
		return errNoSideData
	}
	record.blobs = slices.Delete(record.blobs, i, i+1)
	dir := s.open(false)
	if len(record.blobs) == 0 {
		return retry(func() error { return unix.Unlinkat(dir, recordName(at.id), 0) })
	}
	return s.write(dir, at, &record, false)
}

// drop removes the record of the file behind fd, and its streams, if no name leads to that file
// any more. The caller holds the file, so its identity is not given to another
// meanwhile. A record that cannot be removed is left to Sweep.
func (s *spill) drop(id vfs.FileID, fd int) {
	dir := s.open(false)
	if dir < 0 || id.Volume != s.volume {
		return
	}
	if st, err := statFD(fd); err == nil && st.Nlink == 0 {
		_ = s.discard(dir, recordName(id))
	}
}

// recordName is the name of a file's record.
func recordName(id vfs.FileID) string { return fmt.Sprintf("%x-%x", id.File, id.Generation) }

// newRecord begins the names of records that are being written.
const newRecord = "new-"

// read returns the record of a file, or errNoSideData. A record that is not
// whole, or that of another file, is none.
func (s *spill) read(at place) (spillRecord, error) {
	dir := s.open(false)
	if dir < 0 || at.id.Volume != s.volume || at.id.Generation == 0 {
		return spillRecord{}, errNoSideData
	}
	record, err := readRecord(dir, recordName(at.id))
	switch {
	case err == unix.ENOENT, err == errSpillRecord:
		return spillRecord{}, errNoSideData
	case err != nil:
		return spillRecord{}, err
	case record.handle != (fileHandle{}) && record.handle != handleOf(at):
		return spillRecord{}, errNoSideData
	}
	return record, nil
}

// readRecord reads one record of the folder dir.
func readRecord(dir int, name string) (spillRecord, error) {
	fd, err := openat2(dir, name, &unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC,
		Resolve: resolve | unix.RESOLVE_NO_XDEV,
	})
	if err != nil {
		return spillRecord{}, err
	}
	defer closeFD(fd)
	st, err := statFD(fd)
	if err != nil {
		return spillRecord{}, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG || st.Size > maxSpillRecord {
		return spillRecord{}, errSpillRecord
	}
	b := make([]byte, st.Size)
	for n := 0; n < len(b); {
		k, err := unix.Pread(fd, b[n:], int64(n))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return spillRecord{}, err
		case k == 0:
			return spillRecord{}, errSpillRecord
		}
		n += k
	}
	return decodeSpillRecord(b)
}

// write puts a record in its place at once: a reader finds the old one or the
// new one. What replaces another is on stable storage before it does, so that
// a crash does not take both.
func (s *spill) write(dir int, at place, record *spillRecord, isNew bool) (err error) {
	b, err := record.encode()
	if err != nil {
		return err
	}
	temporary := newRecord + rand.Text()
	fd, err := openat2(dir, temporary, &unix.OpenHow{
		Flags:   unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Mode:    0o600,
		Resolve: resolve | unix.RESOLVE_NO_XDEV,
	})
	switch err {
	case nil:
	case unix.EACCES, unix.EPERM, unix.EROFS, unix.ENOENT:
		return errCannotStore
	default:
		return err
	}
	defer func() {
		closeFD(fd)
		if err != nil {
			_ = unix.Unlinkat(dir, temporary, 0)
		}
	}()
	if err := s.charge(fd, at); err != nil {
		return err
	}
	if err := writeAll(fd, b); err != nil {
		return err
	}
	if !isNew {
		if err := retry(func() error { return unix.Fdatasync(fd) }); err != nil {
			return err
		}
	}
	return retry(func() error { return unix.Renameat(dir, temporary, dir, recordName(at.id)) })
}

// charge gives the record fd to the owner of its file, as far as the process
// can give files away. Nobody reaches it for that: the folder is closed.
func (s *spill) charge(fd int, at place) error {
	if s.fs.process.uid != 0 {
		return nil
	}
	st, err := statOf(at)
	if err != nil {
		return err
	}
	err = retry(func() error { return unix.Fchown(fd, int(st.Uid), int(st.Gid)) })
	if err == unix.EDQUOT {
		return err
	}
	return nil // where nobody may own anything else, there are no quotas either
}

func statOf(at place) (*unix.Statx_t, error) {
	if at.name == "" {
		return statFD(at.fd)
	}
	return statAt(at.fd, at.name)
}

// handleOf returns what the kernel knows the file by; none where it cannot say.
func handleOf(at place) fileHandle {
	flags := 0
	if at.name == "" {
		flags = unix.AT_EMPTY_PATH
	}
	h, _, err := unix.NameToHandleAt(at.fd, at.name, flags)
	if err != nil {
		return fileHandle{}
	}
	return fileHandle{h.Type(), string(h.Bytes())}
}

// abandoned is how old a record that is being written has to be, if whoever
// wrote it has died of something.
const abandoned = time.Hour

// Sweep removes what is kept aside for files that are gone: of a crash between
// the removal of a file and that of its record, and of files that others
// removed. It takes as long as there are records, keeps nothing in memory, and
// may be interrupted or run beside any other call. Only what the kernel says
// can never be found again is removed.
//
// Missing: a process that may not ask the kernel for a file by its handle
// (CAP_DAC_READ_SEARCH) removes nothing, for it cannot know.
func (f *FS) Sweep(ctx context.Context) (removed int, err error) {
	s := f.side.far
	dir := s.open(false)
	if dir < 0 {
		return 0, nil
	}
	list, err := f.reopen(dir, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return 0, fmt.Errorf("localfs: sweep side data: %w", err)
	}
	defer closeFD(list)
	r := direntReader{fd: list}
	for {
		if err := context.Cause(ctx); err != nil {
			return removed, err
		}
		name, err := r.next()
		if err == io.EOF {
			return removed, nil
		}
		if err != nil {
			return removed, fmt.Errorf("localfs: sweep side data: %w", err)
		}
		gone, err := s.isGarbage(list, name)
		if errors.Is(err, unix.EPERM) || err == unix.EROFS {
			return removed, nil
		}
		if err == nil && gone {
			err = s.discard(dir, name)
			if err == unix.EROFS {
				return removed, nil
			}
		}
		if err == nil && gone {
			removed++
		}
	}
}

// isGarbage says whether the entry name of the folder will never be used again.
func (s *spill) isGarbage(dir int, name string) (bool, error) {
	if strings.HasPrefix(name, newRecord) {
		st, err := statAt(dir, name)
		return err == nil && time.Since(timeOf(st.Mtime)) > abandoned, err
	}
	if strings.HasPrefix(name, streamFile) {
		return s.isLeftOver(dir, name)
	}
	record, err := readRecord(dir, name)
	if err != nil || record.handle == (fileHandle{}) {
		return false, err // perhaps of a newer version
	}
	// Any descriptor of the file system will do, dir's too.
	h := unix.NewFileHandle(record.handle.kind, []byte(record.handle.bytes))
	var fd int
	err = retry(func() (err error) {
		fd, err = unix.OpenByHandleAt(dir, h, unix.O_PATH|unix.O_CLOEXEC)
		return err
	})
	switch err {
	case nil:
		closeFD(fd)
		return false, nil
	case unix.ESTALE:
		return true, nil
	}
	return false, err
}
