package localfs

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// explore adds the directories below d, which is watched as a tree. With news
// what is found there is told: another program has made d just now, and may
// have gone on before d was in the queue.
//
// Directories are added before they are listed, so that none is missed that is
// made meanwhile.
func (w *watching) explore(d *watchedDir, news bool) {
	todo := []*watchedDir{d}
	for len(todo) > 0 {
		d := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		w.mu.Lock()
		if w.queue == nil || !d.isWantedLocked() {
			w.mu.Unlock()
			continue
		}
		from, path := d.pathLocked()
		w.mu.Unlock()
		fd, err := w.fs.openWatched(from, path)
		if err != nil {
			if !isGone(err) {
				w.blinded(d, err)
			}
			continue
		}
		below, err := w.list(d, fd, news)
		unix.Close(fd)
		if err != nil {
			w.blinded(d, err)
			if errors.Is(err, errTooManyWatched) {
				return
			}
		}
		todo = append(todo, below...)
	}
}

// isGone reports that something was removed, or something else is in its place.
func isGone(err error) bool { return err == unix.ENOENT || err == unix.ENOTDIR || err == unix.ELOOP }

// list adds the directories in d, which fd is open on, and returns them.
func (w *watching) list(d *watchedDir, fd int, news bool) (below []*watchedDir, err error) {
	r := direntReader{fd: fd}
	hidden := w.fs.protected.namesIn(d.id)
	var found []string
	defer func() {
		if news {
			w.tellFound(d, found)
		}
	}()
	for {
		disk, err := r.next()
		if errors.Is(err, io.EOF) {
			return below, nil
		}
		if err != nil {
			return below, err
		}
		if hidden[disk] || w.fs.protected.hidesEntry(&r, disk) {
			continue
		}
		found = append(found, disk)
		if r.kind != unix.DT_DIR && r.kind != unix.DT_UNKNOWN {
			continue
		}
		child, err := w.addEntry(d, fd, disk)
		if err != nil {
			return below, err
		}
		if child != nil {
			below = append(below, child)
		}
	}
}

// addEntry adds the entry disk of d, which fd is open on, if it is a directory.
// It returns nil if there is nothing to look for below.
func (w *watching) addEntry(d *watchedDir, fd int, disk string) (*watchedDir, error) {
	entry, err := openEntry(fd, disk, unix.O_DIRECTORY)
	if isGone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer unix.Close(entry)
	st, err := statFD(entry)
	if err != nil {
		return nil, err
	}
	if w.fs.protected.hides(idOf(st)) {
		return nil, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.queue == nil || !d.isWantedLocked() {
		return nil, nil
	}
	child, err := w.addLocked(entry, idOf(st))
	if err != nil {
		return nil, err
	}
	for p := d; p != nil; p = p.parent {
		if p == child { // a second mount of a directory above
			return nil, nil
		}
	}
	if child.parent == d && child.name == disk {
		return nil, nil // somebody else looks below it
	}
	child.moveLocked(d, disk)
	return child, nil
}

// tellFound tells of what was in d, which is new itself.
func (w *watching) tellFound(d *watchedDir, names []string) {
	var r report
	w.mu.Lock()
	for _, disk := range names {
		if d.found == nil {
			d.found = make(map[string]bool)
			w.news = append(w.news, d)
		}
		d.found[disk] = true
		filter := fscc.NotifyChangeFileName
		if d.children[disk] != nil {
			filter = fscc.NotifyChangeDirName
		}
		r.addLocked(d, disk, fscc.NotifyAdded, filter)
	}
	w.mu.Unlock()
	r.tell()
}

// blinded notes why not everything in the trees that d belongs to is told, and
// tells them that they have missed something.
func (w *watching) blinded(d *watchedDir, err error) {
	var r report
	w.mu.Lock()
	d.blindLocked(err, &r)
	w.mu.Unlock()
	r.tell()
}

// blindLocked is blinded that leaves the telling to r. The caller holds
// watching.mu.
func (d *watchedDir) blindLocked(err error, r *report) {
	for ; d != nil; d = d.parent {
		for _, v := range d.watches {
			if v.tree && v.blind == nil {
				v.blind = err
				r.add(v, vfs.Change{})
			}
		}
	}
}
