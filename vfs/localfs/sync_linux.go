package localfs

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// openFiles knows the durability of every file that is open through this FS,
// and of those whose fsync once failed.
type openFiles struct {
	mu   sync.Mutex
	byID map[vfs.FileID]*durability // guarded by mu
}

// durability is what all Files of one file share about its way to the disk.
type durability struct {
	id    vfs.FileID // immutable
	files int        // open Files; guarded by openFiles.mu

	mu sync.Mutex // held over fsync, so that one Sync never overtakes another's failure
	// The error of an fsync. The kernel reports one once and then forgets the
	// pages: a later success would be a lie, so it is kept. Guarded by mu.
	failed error
	// The directory whose entry for the file may not be on disk yet, or nil.
	// Guarded by mu.
	parent *handle
}

// opened counts a new File. parent is the directory in which the file was just
// made, else nil.
func (o *openFiles) opened(id vfs.FileID, parent *handle) *durability {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.byID[id]
	if d == nil {
		d = &durability{id: id}
		if o.byID == nil {
			o.byID = make(map[vfs.FileID]*durability)
		}
		o.byID[id] = d
	}
	d.files++
	if parent != nil {
		// Nobody else has d: the file is new.
		d.setParent(parent)
	}
	return d
}

// closed counts a File less. A failure outlives the last one: whoever opens
// the file again must not be told that all is well. It ends with the FS.
func (o *openFiles) closed(d *durability) {
	d.mu.Lock()
	failed := d.failed != nil
	d.mu.Unlock()
	o.mu.Lock()
	d.files--
	last := d.files == 0
	if last && !failed {
		delete(o.byID, d.id)
	}
	o.mu.Unlock()
	if last {
		d.setParent(nil)
	}
}

// moved notes that an entry was renamed to name in dir. It costs a system call
// only while files are open.
func (o *openFiles) moved(dir *node, name string) {
	o.mu.Lock()
	open := len(o.byID)
	o.mu.Unlock()
	if open == 0 {
		return
	}
	st, err := statAt(dir.handle.fd, name)
	if err != nil {
		return // gone again: no entry to be kept
	}
	o.mu.Lock()
	d := o.byID[idOf(st)]
	if d != nil {
		d.files++ // so that it does not go while the lock is not held
	}
	o.mu.Unlock()
	if d != nil {
		d.setParent(dir.handle)
		o.closed(d)
	}
}

// setParent replaces the parent by another, or nil.
func (d *durability) setParent(parent *handle) {
	if parent != nil {
		parent.retain()
	}
	d.mu.Lock()
	old := d.parent
	d.parent = parent
	d.mu.Unlock()
	if old != nil {
		old.release()
	}
}

// sync brings the data of fd, a File of d, to stable storage, and the file's
// entry if it is younger than the last sync.
//
// Missing: the entry of a file that was made, closed without a sync and opened
// again is left to the file system. Journalling ones write it with the file.
func (f *FS) sync(d *durability, fd int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed != nil {
		return d.failed
	}
	if err := retry(func() error { return unix.Fdatasync(fd) }); err != nil {
		d.failed = err
		return err
	}
	if d.parent == nil {
		return nil
	}
	if err := f.syncDirectory(d, fd); err != nil {
		return err
	}
	d.parent.release()
	d.parent = nil
	return nil
}

// syncDirectory writes the entries of d.parent. The caller holds d.mu.
//
// The directory is opened as the process, whoever wrote the file: a user who
// may write a directory need not be able to read it, and nothing is read.
func (f *FS) syncDirectory(d *durability, fd int) error {
	dir, err := f.reopen(d.parent.fd, unix.O_RDONLY|unix.O_DIRECTORY)
	switch {
	case err == nil:
		defer closeFD(dir)
		err = retry(func() error { return unix.Fsync(dir) })
		if err == nil {
			return nil
		}
		if err != unix.EINVAL {
			d.failed = err
			return err
		}
	case !isAccess(err):
		return err // nothing was tried yet, so the next Sync may
	}
	// No way to sync this directory alone: the whole file system then.
	if err := retry(func() error { return unix.Syncfs(fd) }); err != nil {
		d.failed = err
		return err
	}
	return nil
}
