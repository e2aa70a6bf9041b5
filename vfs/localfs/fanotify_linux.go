package localfs

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// fanotify is a queue of the kernel with what happens in the directories that
// were added to it. Unlike inotify it says which process did it, which is how
// what clients do through this server is told from what others do.
//
// Linux permits it to everybody from 5.13 on, and before to a process with
// CAP_SYS_ADMIN from 5.9 on; sandboxes may forbid it.
type fanotify struct {
	file *os.File        // non-blocking; immutable, as all of these
	conn syscall.RawConn // of file
	mask uint64          // of events
	self int32           // our process
}

// The events that are asked for. Renames are one event from Linux 5.17 on, and
// two unrelated ones before.
const (
	fanEvents = unix.FAN_CREATE | unix.FAN_DELETE | unix.FAN_MODIFY | unix.FAN_ATTRIB |
		unix.FAN_DELETE_SELF | unix.FAN_ONDIR | unix.FAN_EVENT_ON_CHILD
	fanRenames = unix.FAN_RENAME
	fanMoves   = unix.FAN_MOVED_FROM | unix.FAN_MOVED_TO
)

// openFanotify makes a queue to which root, an O_PATH descriptor of a
// directory, can be added.
func (f *FS) openFanotify() (*fanotify, error) {
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK|unix.FAN_REPORT_DFID_NAME, unix.O_RDONLY)
	if err != nil {
		return nil, fmt.Errorf("localfs: the system permits no fanotify, which tells what other programs change: %w", err)
	}
	q := &fanotify{file: os.NewFile(uintptr(fd), "fanotify"), self: int32(os.Getpid()), mask: fanEvents | fanRenames}
	if q.conn, err = q.file.SyscallConn(); err != nil {
		return nil, errors.Join(err, q.file.Close())
	}
	err = f.mark(q, f.root.fd, unix.FAN_MARK_ADD)
	if err == unix.EINVAL {
		q.mask = fanEvents | fanMoves
		err = f.mark(q, f.root.fd, unix.FAN_MARK_ADD)
	}
	// Whether it works is all that was asked.
	if err == nil {
		err = f.mark(q, f.root.fd, unix.FAN_MARK_REMOVE)
	}
	if err != nil {
		q.file.Close()
		return nil, fmt.Errorf("localfs: fanotify, which tells what other programs change, does not work on this file system: %w", err)
	}
	return q, nil
}

// mark adds the directory that fd, an O_PATH descriptor, refers to, or removes
// it.
func (f *FS) mark(q *fanotify, fd int, flags uint) error {
	var err error
	closed := q.conn.Control(func(queue uintptr) {
		err = retry(func() error {
			return unix.FanotifyMark(int(queue), flags|unix.FAN_MARK_ONLYDIR, q.mask, f.procSelf, strconv.Itoa(fd))
		})
	})
	return cmp.Or(closed, err)
}

// changeQueue is a queue of the kernel with what happens in the directories that
// were added to it.
type changeQueue interface {
	// key returns what events name the directory fd by.
	key(fd int) (dirKey, error)
	// add adds the directory that fd, an O_PATH descriptor, refers to.
	add(f *FS, fd int, key dirKey) error
	// remove undoes add, as far as that is possible.
	remove(f *FS, fd int, key dirKey)
	// read returns the next events, and whether there were none left before it
	// waited. It ends with close.
	read(buf []byte) (events []fanEvent, waited bool, err error)
	// tellsOwn says whether events of this process cannot be told from others.
	tellsOwn() bool
	close() error
}

// dirKey is what an event names a directory by: of fanotify, the file system and
// the handle that it has there.
type dirKey string

// add implements changeQueue.
func (q *fanotify) add(f *FS, fd int, _ dirKey) error { return f.mark(q, fd, unix.FAN_MARK_ADD) }

// remove implements changeQueue.
func (q *fanotify) remove(f *FS, fd int, _ dirKey) { _ = f.mark(q, fd, unix.FAN_MARK_REMOVE) }

// tellsOwn implements changeQueue.
func (q *fanotify) tellsOwn() bool { return false }

// key implements changeQueue.
func (q *fanotify) key(fd int) (dirKey, error) {
	var st unix.Statfs_t
	if err := retry(func() error { return unix.Fstatfs(fd, &st) }); err != nil {
		return "", err
	}
	h, _, err := unix.NameToHandleAt(fd, "", unix.AT_EMPTY_PATH)
	if err != nil {
		return "", err
	}
	b := binary.NativeEndian.AppendUint32(nil, uint32(st.Fsid.Val[0]))
	b = binary.NativeEndian.AppendUint32(b, uint32(st.Fsid.Val[1]))
	b = binary.NativeEndian.AppendUint32(b, uint32(h.Size()))
	b = binary.NativeEndian.AppendUint32(b, uint32(h.Type()))
	return dirKey(append(b, h.Bytes()...)), nil
}

// dirEntry is an entry of a directory as an event names it.
type dirEntry struct {
	dir  dirKey
	name string // on disk; "." is the directory itself
}

// fanEvent is one event.
type fanEvent struct {
	mask  uint64
	own   bool     // this process did it
	at    dirEntry // unless it is a rename
	moved struct { // of a rename; without a name where the directory is not one of those added
		from, to dirEntry
	}
}

// The layout of what is read, <linux/fanotify.h>, in bytes.
const (
	fanMetadataSize = unix.FAN_EVENT_METADATA_LEN
	fanInfoHeader   = 4 // type, padding, length
	fanHandleAt     = fanInfoHeader + 8
	fanMaxRead      = 64 << 10
)

// errFanotify is a kernel that says what this package does not understand.
var errFanotify = errors.New("localfs: malformed fanotify event")

// read implements changeQueue.
func (q *fanotify) read(buf []byte) (events []fanEvent, waited bool, err error) {
	n, waited, err := readQueue(q.conn, buf)
	if err != nil {
		return nil, waited, err
	}
	events, err = q.parse(buf[:n])
	return events, waited, err
}

// readQueue reads from a queue of the kernel, and says whether there was nothing
// before it waited.
func readQueue(conn syscall.RawConn, buf []byte) (n int, waited bool, err error) {
	closed := conn.Read(func(fd uintptr) bool {
		err = retry(func() (err error) {
			n, err = unix.Read(int(fd), buf)
			return err
		})
		if err == unix.EAGAIN {
			waited = true
			return false
		}
		return true
	})
	return n, waited, cmp.Or(closed, err)
}

// parse splits what was read.
func (q *fanotify) parse(b []byte) (events []fanEvent, err error) {
	for len(b) > 0 {
		if len(b) < fanMetadataSize || b[4] != unix.FANOTIFY_METADATA_VERSION {
			return events, errFanotify
		}
		size, head := int(binary.NativeEndian.Uint32(b)), int(binary.NativeEndian.Uint16(b[6:]))
		if head < fanMetadataSize || size < head || size > len(b) {
			return events, errFanotify
		}
		e := fanEvent{
			mask: binary.NativeEndian.Uint64(b[8:]),
			own:  int32(binary.NativeEndian.Uint32(b[20:])) == q.self,
		}
		if err := e.parseInfo(b[head:size]); err != nil {
			return events, err
		}
		events = append(events, e)
		b = b[size:]
	}
	return events, nil
}

// parseInfo reads the records that follow an event.
func (e *fanEvent) parseInfo(b []byte) error {
	for len(b) > 0 {
		if len(b) < fanInfoHeader {
			return errFanotify
		}
		size := int(binary.NativeEndian.Uint16(b[2:]))
		if size < fanInfoHeader || size > len(b) {
			return errFanotify
		}
		var to *dirEntry
		switch b[0] {
		case unix.FAN_EVENT_INFO_TYPE_DFID_NAME, unix.FAN_EVENT_INFO_TYPE_DFID:
			to = &e.at
		case unix.FAN_EVENT_INFO_TYPE_OLD_DFID_NAME:
			to = &e.moved.from
		case unix.FAN_EVENT_INFO_TYPE_NEW_DFID_NAME:
			to = &e.moved.to
		}
		if to != nil {
			if err := to.parse(b[fanInfoHeader:size]); err != nil {
				return err
			}
		}
		b = b[size:]
	}
	return nil
}

// parse reads the identity of a file system, a handle and a name.
func (d *dirEntry) parse(b []byte) error {
	const fixed = fanHandleAt - fanInfoHeader + 8
	if len(b) < fixed {
		return errFanotify
	}
	handle := int(binary.NativeEndian.Uint32(b[fixed-8:]))
	if handle < 0 || handle > len(b)-fixed {
		return errFanotify
	}
	d.dir = dirKey(b[:fixed+handle])
	name := b[fixed+handle:]
	if i := bytes.IndexByte(name, 0); i >= 0 {
		name = name[:i]
	}
	d.name = string(name)
	return nil
}

// close implements changeQueue.
func (q *fanotify) close() error { return q.file.Close() }
