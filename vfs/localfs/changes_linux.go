package localfs

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// readAll reads the queue until it is closed. What this process has done is
// not told, for whoever did it tells that; but directories have to be followed
// whoever made or moved them.
func (w *watching) readAll(q changeQueue) {
	buf := make([]byte, fanMaxRead)
	for {
		events, waited, err := q.read(buf)
		if !w.reads(q) {
			return
		}
		if waited {
			w.settle()
		}
		if err != nil {
			w.missed(err)
			return
		}
		for i := range events {
			w.happened(q, &events[i])
		}
	}
}

// reads says whether q is the queue still, and not closed.
func (w *watching) reads(q changeQueue) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.queue == q
}

// settle notes that the queue was empty: what was found in new directories
// before is not in it any more.
func (w *watching) settle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.news {
		d.found = nil
	}
	w.news = nil
}

// missed tells everybody that more has happened than can be told: err says why
// it will go on so, and nil that it will not.
func (w *watching) missed(err error) {
	var r report
	w.mu.Lock()
	for _, v := range w.watches {
		if v.blind == nil {
			v.blind = err
		}
		r.add(v, vfs.Change{})
	}
	w.mu.Unlock()
	r.tell()
}

// happened follows one event, and tells of it.
func (w *watching) happened(q changeQueue, e *fanEvent) {
	var r report
	w.mu.Lock()
	if w.queue != q {
		w.mu.Unlock()
		return
	}
	var fresh *watchedDir
	switch {
	case e.mask&unix.FAN_Q_OVERFLOW != 0:
		w.mu.Unlock()
		w.overflown()
		return
	case e.mask&unix.FAN_RENAME != 0:
		fresh = w.renamedLocked(e, &r)
	default:
		fresh = w.changedLocked(e, &r)
	}
	w.mu.Unlock()
	r.tell()
	if fresh != nil {
		w.explore(fresh, !e.own && e.mask&unix.FAN_CREATE != 0)
	}
}

// overflown looks again for what directories there are, events having been
// lost, and then tells so: what happens from then on is told again.
func (w *watching) overflown() {
	w.mu.Lock()
	var roots []*watchedDir
	for _, d := range w.dirs {
		d.moveLocked(nil, "")
		if slices.ContainsFunc(d.watches, func(v *watch) bool { return v.tree }) {
			roots = append(roots, d)
		}
	}
	w.mu.Unlock()
	for _, d := range roots {
		w.explore(d, false)
	}
	w.mu.Lock()
	for _, d := range w.dirs {
		w.pruneLocked(d)
	}
	w.mu.Unlock()
	w.missed(nil)
}

// kindOf is of which kinds a change of a name is.
func (e *fanEvent) kindOf() fscc.CompletionFilter {
	if e.mask&unix.FAN_ONDIR != 0 {
		return fscc.NotifyChangeDirName
	}
	return fscc.NotifyChangeFileName
}

// What events of the kernel are, for those who ask for certain changes: it does
// not say which time or attribute was set, nor whether a file became longer.
const (
	fanModified = fscc.NotifyChangeLastWrite | fscc.NotifyChangeSize
	fanAttrib   = fscc.NotifyChangeAttributes | fscc.NotifyChangeLastWrite | fscc.NotifyChangeLastAccess |
		fscc.NotifyChangeCreation | fscc.NotifyChangeEA | fscc.NotifyChangeSecurity
)

// changedLocked follows an event that is no rename, and adds to r what is to be
// told. It returns a directory that is to be explored, or nil. The caller holds
// w.mu.
//
// The kernel makes one event of several that nobody has read yet, and keeps no
// order among them.
func (w *watching) changedLocked(e *fanEvent, r *report) (fresh *watchedDir) {
	d := w.dirs[e.at.dir]
	if d == nil {
		return nil
	}
	disk := e.at.name
	if disk == "" || disk == "." {
		if e.mask&unix.FAN_DELETE_SELF != 0 {
			w.removedLocked(d, e.own, r)
		}
		return nil
	}
	if w.fs.isHiddenName(d, disk) {
		return nil
	}
	came := e.mask&(unix.FAN_CREATE|unix.FAN_MOVED_TO) != 0
	went := e.mask&(unix.FAN_DELETE|unix.FAN_MOVED_FROM) != 0
	if went && e.mask&unix.FAN_ONDIR != 0 {
		if child := d.children[disk]; child != nil {
			w.lostLocked(child)
		}
	}
	there := came
	if came && (went || e.mask&unix.FAN_ONDIR != 0) {
		fresh, there = w.enterLocked(d, disk, e.mask&unix.FAN_ONDIR != 0, r)
	}
	if e.own {
		return fresh
	}
	if came && d.found[disk] {
		delete(d.found, disk)
		came = false
	}
	add := func(is bool, action fscc.NotifyAction, filter fscc.CompletionFilter) {
		if is {
			r.addLocked(d, disk, action, filter)
		}
	}
	replaced := came && there
	add(went && replaced, fscc.NotifyRemoved, e.kindOf())
	add(came, fscc.NotifyAdded, e.kindOf())
	add(e.mask&unix.FAN_MODIFY != 0, fscc.NotifyModified, fanModified)
	add(e.mask&unix.FAN_ATTRIB != 0, fscc.NotifyModified, fanAttrib)
	add(went && !replaced, fscc.NotifyRemoved, e.kindOf())
	return fresh
}

// renamedLocked is changedLocked for a rename.
func (w *watching) renamedLocked(e *fanEvent, r *report) (fresh *watchedDir) {
	oldName, newName := e.moved.from.name, e.moved.to.name
	from, to := w.dirs[e.moved.from.dir], w.dirs[e.moved.to.dir]
	if from != nil && w.fs.isHiddenName(from, oldName) {
		from = nil
	}
	if to != nil && w.fs.isHiddenName(to, newName) {
		to = nil
	}
	if e.mask&unix.FAN_ONDIR != 0 {
		var child *watchedDir
		if from != nil {
			child = from.children[oldName]
		}
		switch {
		case child != nil && to != nil:
			child.moveLocked(to, newName)
			w.pruneLocked(child) // it may have left a tree
		case child != nil:
			w.lostLocked(child)
		case to != nil:
			fresh, _ = w.enterLocked(to, newName, true, r)
		}
	}
	if e.own {
		return fresh
	}
	gone, come := fscc.NotifyRenamedOldName, fscc.NotifyRenamedNewName
	if from == nil || from != to {
		gone, come = fscc.NotifyRemoved, fscc.NotifyAdded
	}
	if from != nil {
		r.addLocked(from, oldName, gone, e.kindOf())
	}
	if to != nil {
		r.addLocked(to, newName, come, e.kindOf())
	}
	return fresh
}

// enterLocked looks at the entry disk of d, which was made or moved there, and
// says whether it is there. A directory that belongs to a tree is added, and
// returned if what is below it is not known yet. The caller holds w.mu.
func (w *watching) enterLocked(d *watchedDir, disk string, directory bool, r *report) (fresh *watchedDir, there bool) {
	fd, err := w.fs.openWatched(d.pathLocked())
	if err != nil {
		return nil, !isGone(err)
	}
	defer unix.Close(fd)
	entry, err := openEntry(fd, disk, 0)
	if err != nil {
		return nil, !isGone(err)
	}
	defer unix.Close(entry)
	st, err := statFD(entry)
	if err != nil || !directory || uint32(st.Mode)&unix.S_IFMT != unix.S_IFDIR ||
		w.fs.protected.hides(idOf(st)) || !d.isTreeLocked() {
		return nil, true
	}
	child, err := w.addLocked(entry, idOf(st))
	if err != nil {
		d.blindLocked(err, r)
		return nil, true
	}
	if child.parent == d && child.name == disk {
		return nil, true
	}
	child.moveLocked(d, disk)
	return child, true
}

// isTreeLocked says whether what is below d is watched.
func (d *watchedDir) isTreeLocked() bool {
	for ; d != nil; d = d.parent {
		if slices.ContainsFunc(d.watches, func(v *watch) bool { return v.tree }) {
			return true
		}
	}
	return false
}

// lostLocked notes that d is no longer where it was.
func (w *watching) lostLocked(d *watchedDir) {
	d.moveLocked(nil, "")
	w.pruneLocked(d)
}

// removedLocked notes that d is there no more.
func (w *watching) removedLocked(d *watchedDir, own bool, r *report) {
	if !own {
		for _, v := range d.watches {
			r.add(v, vfs.Change{Action: fscc.NotifyRemoved, Filter: fscc.NotifyChangeAny})
		}
	}
	w.forgetLocked(d)
}

// isHiddenName reports whether clients do not see the entry disk of d: a name
// that is ours, or one named to Protect.
func (f *FS) isHiddenName(d *watchedDir, disk string) bool {
	return checkName(disk) != nil || f.protected.namesIn(d.id)[disk]
}

// report is what is to be told, by watch. The zero value is empty.
type report struct {
	order   []*watch
	changes map[*watch][]vfs.Change
}

// add adds c for v.
func (r *report) add(v *watch, c vfs.Change) {
	if r.changes == nil {
		r.changes = make(map[*watch][]vfs.Change)
	}
	if _, ok := r.changes[v]; !ok {
		r.order = append(r.order, v)
	}
	r.changes[v] = append(r.changes[v], c)
}

// addLocked adds what happened to the entry disk of d for all who watch that.
// The caller holds watching.mu.
func (r *report) addLocked(d *watchedDir, disk string, action fscc.NotifyAction, filter fscc.CompletionFilter) {
	names := []string{shownName(disk)}
	for p := d; p != nil; p = p.parent {
		for _, v := range p.watches {
			if p != d && !v.tree {
				continue
			}
			path := slices.Clone(names)
			slices.Reverse(path)
			r.add(v, vfs.Change{Action: action, Filter: filter, Path: strings.Join(path, `\`)})
		}
		names = append(names, shownName(p.name))
	}
}

// tell tells everybody. The caller holds no lock.
func (r *report) tell() {
	for _, v := range r.order {
		v.tell(r.changes[v])
	}
}
