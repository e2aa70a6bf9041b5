package localfs

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// inotify is a queue of the kernel for where fanotify is not permitted, as in
// containers. It does not say which process did something.
//
// Its events have the bits of fanotify's, but that a rename is two, which follow
// each other and have a cookie in common.
type inotify struct {
	file *os.File        // non-blocking; immutable, as conn
	conn syscall.RawConn // of file

	mu   sync.Mutex
	keys map[int32]dirKey // by watch descriptor
	wds  map[dirKey]int32
}

const (
	inotifyEvents = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MODIFY | unix.IN_ATTRIB | unix.IN_MOVED_FROM | unix.IN_MOVED_TO |
		unix.IN_DELETE_SELF | unix.IN_ONLYDIR
	// inotifyTold are the bits of an event that mean the same in one of
	// fanotify.
	inotifyTold = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MODIFY | unix.IN_ATTRIB | unix.IN_MOVED_FROM | unix.IN_MOVED_TO |
		unix.IN_DELETE_SELF | unix.IN_Q_OVERFLOW | unix.IN_ISDIR
)

// errInotify is a kernel that says what this package does not understand.
var errInotify = errors.New("localfs: malformed inotify event")

// openInotify makes a queue.
func openInotify() (*inotify, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("localfs: the system permits no inotify either: %w", err)
	}
	q := &inotify{file: os.NewFile(uintptr(fd), "inotify"), keys: make(map[int32]dirKey), wds: make(map[dirKey]int32)}
	if q.conn, err = q.file.SyscallConn(); err != nil {
		return nil, errors.Join(err, q.file.Close())
	}
	return q, nil
}

// tellsOwn implements changeQueue.
func (q *inotify) tellsOwn() bool { return true }

// key implements changeQueue: the device and the number of the inode.
func (q *inotify) key(fd int) (dirKey, error) {
	st, err := statFD(fd)
	if err != nil {
		return "", err
	}
	b := binary.NativeEndian.AppendUint32(nil, st.Dev_major)
	b = binary.NativeEndian.AppendUint32(b, st.Dev_minor)
	return dirKey(binary.NativeEndian.AppendUint64(b, st.Ino)), nil
}

// add implements changeQueue.
func (q *inotify) add(_ *FS, fd int, key dirKey) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	var wd int
	var err error
	closed := q.conn.Control(func(queue uintptr) {
		// There is no call that takes a descriptor, so /proc is needed.
		err = retry(func() (err error) {
			wd, err = unix.InotifyAddWatch(int(queue), "/proc/self/fd/"+strconv.Itoa(fd), inotifyEvents)
			return err
		})
	})
	if err = cmp.Or(closed, err); err == unix.ENOSPC {
		return fmt.Errorf("localfs: the system watches no more directories for this user (fs.inotify.max_user_watches): %w", errTooManyWatched)
	}
	if err == nil {
		q.keys[int32(wd)], q.wds[key] = key, int32(wd)
	}
	return err
}

// remove implements changeQueue.
func (q *inotify) remove(_ *FS, _ int, key dirKey) {
	q.mu.Lock()
	defer q.mu.Unlock()
	wd, ok := q.wds[key]
	if !ok {
		return
	}
	delete(q.wds, key)
	delete(q.keys, wd)
	_ = q.conn.Control(func(queue uintptr) { _, _ = unix.InotifyRmWatch(int(queue), uint32(wd)) })
}

// read implements changeQueue.
func (q *inotify) read(buf []byte) (events []fanEvent, waited bool, err error) {
	n, waited, err := readQueue(q.conn, buf)
	if err != nil {
		return nil, waited, err
	}
	events, err = q.parse(buf[:n])
	return events, waited, err
}

// parse splits what was read, and makes one event of the two of a rename.
func (q *inotify) parse(b []byte) (events []fanEvent, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var half uint32 // the cookie of the last event, if that is the first half of a rename
	for len(b) > 0 {
		if len(b) < unix.SizeofInotifyEvent {
			return events, errInotify
		}
		wd, mask := int32(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint32(b[4:])
		cookie, before := binary.NativeEndian.Uint32(b[8:]), half
		half = 0
		size := int(binary.NativeEndian.Uint32(b[12:]))
		if size < 0 || size > len(b)-unix.SizeofInotifyEvent {
			return events, errInotify
		}
		name := b[unix.SizeofInotifyEvent:][:size]
		if i := bytes.IndexByte(name, 0); i >= 0 {
			name = name[:i]
		}
		b = b[unix.SizeofInotifyEvent+size:]
		at := dirEntry{dir: q.keys[wd], name: string(name)}
		if mask&unix.IN_IGNORED != 0 { // it is gone, or was removed
			if q.wds[at.dir] == wd {
				delete(q.wds, at.dir)
			}
			delete(q.keys, wd)
			continue
		}
		if mask&unix.IN_MOVED_TO != 0 && before != 0 && cookie == before {
			last := &events[len(events)-1]
			last.moved.from, last.moved.to, last.at = last.at, at, dirEntry{}
			last.mask = last.mask&unix.FAN_ONDIR | unix.FAN_RENAME
			continue
		}
		if mask&unix.IN_MOVED_FROM != 0 {
			half = cookie
		}
		events = append(events, fanEvent{mask: uint64(mask & inotifyTold), at: at})
	}
	return events, nil
}

// close implements changeQueue.
func (q *inotify) close() error { return q.file.Close() }

// TellsOwn implements [vfs.OwnWatch].
func (v *watch) TellsOwn() bool { return v.own }

var _ vfs.OwnWatch = (*watch)(nil)
