package localfs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// maxWatched bounds how many directories an FS watches at a time: each costs
// the kernel about 1 KiB, and the process about half of that.
const maxWatched = 16384

// watching is what an FS knows of the directories that are watched for what
// other programs change in them. There is a queue, and a goroutine that reads
// it, from the first watch on: the kernel takes tens of milliseconds to give one
// up.
type watching struct {
	fs    *FS
	limit int // of directories; immutable once used

	// open is how a queue is made, by tests; nil: fanotify, else inotify.
	open func() (changeQueue, error)

	trees atomic.Int32 // how many watches are of trees; changes under mu

	mu      sync.Mutex
	queue   changeQueue // nil until somebody watches, and once closed
	dirs    map[dirKey]*watchedDir
	watches []*watch
	news    []*watchedDir  // those with found
	running sync.WaitGroup // the reader
}

// watchedDir is a directory in the queue. Guarded by watching.mu.
type watchedDir struct {
	key      dirKey
	id       vfs.FileID // immutable
	watches  []*watch   // whose directory it is
	handle   *handle    // held while watches is not empty
	parent   *watchedDir
	name     string // on disk, in parent
	children map[string]*watchedDir

	// found are names that were told because they were in the directory when it
	// was added: the queue may have them once more. Nil after it was empty.
	found map[string]bool
}

// watch implements [vfs.Watch].
type watch struct {
	w    *watching
	dir  *watchedDir // immutable, as those around it
	tree bool
	own  bool // what this process does is told, too; immutable
	tell func([]vfs.Change)

	blind error // guarded by watching.mu
}

var _ vfs.Watcher = (*FS)(nil)

// Watch implements [vfs.Watcher]. Whoever watches sees the names in every
// directory below, as on Windows, whatever the rights there are.
//
// Where the system permits no fanotify, as in containers without CAP_SYS_ADMIN,
// inotify has to do, which does not tell what this process has done from what
// others have ([vfs.OwnWatch]).
//
// Missing: what is written by way of a mapping, which the kernel does not tell.
func (f *FS) Watch(_ context.Context, dir vfs.Node, tree bool, tell func([]vfs.Change)) (vfs.Watch, error) {
	n, err := f.directory(dir)
	if err != nil {
		return nil, err
	}
	v, err := f.watching.begin(f, n, tree, tell)
	if err != nil {
		return nil, err
	}
	if tree {
		f.watching.explore(v.dir, false)
	}
	return v, nil
}

// begin begins to watch n itself.
func (w *watching) begin(f *FS, n *node, tree bool, tell func([]vfs.Change)) (*watch, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.startLocked(f); err != nil {
		return nil, errors.Join(errors.ErrUnsupported, err)
	}
	d, err := w.addLocked(n.handle.fd, n.id)
	if err != nil {
		return nil, err
	}
	if len(d.watches) == 0 {
		d.handle = n.handle.retain()
	}
	v := &watch{w: w, dir: d, tree: tree, tell: tell, own: w.queue.tellsOwn()}
	if tree {
		w.trees.Add(1)
	}
	d.watches = append(d.watches, v)
	w.watches = append(w.watches, v)
	return v, nil
}

// Blind implements [vfs.Watch].
func (v *watch) Blind() error {
	v.w.mu.Lock()
	defer v.w.mu.Unlock()
	return v.blind
}

// Close implements [vfs.Watch].
func (v *watch) Close() error {
	w := v.w
	w.mu.Lock()
	defer w.mu.Unlock()
	d := v.dir
	if v.tree {
		w.trees.Add(-1)
	}
	is := func(other *watch) bool { return other == v }
	w.watches = slices.DeleteFunc(w.watches, is)
	d.watches = slices.DeleteFunc(d.watches, is)
	w.pruneLocked(d)
	if len(d.watches) > 0 {
		return nil
	}
	h := d.handle
	d.handle = nil
	return h.release()
}

// made adds n, a directory that a client has just made in dir, if that is in a
// tree: what others put there is told from now on.
func (w *watching) made(dir *node, disk string, n *node) {
	if w.trees.Load() == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.queue == nil {
		return
	}
	key, err := w.queue.key(dir.handle.fd)
	if err != nil {
		return
	}
	d := w.dirs[key]
	if d == nil || !d.isTreeLocked() {
		return
	}
	// If it fails, so it will when the event of it comes, and that is told.
	if child, err := w.addLocked(n.handle.fd, n.id); err == nil {
		child.moveLocked(d, disk)
	}
}

// startLocked makes the queue if there is none. The caller holds w.mu.
func (w *watching) startLocked(f *FS) error {
	if w.queue != nil {
		return nil
	}
	q, err := w.openQueue(f)
	if err != nil {
		return err
	}
	w.fs, w.queue, w.dirs = f, q, make(map[dirKey]*watchedDir)
	if w.limit == 0 {
		w.limit = maxWatched
	}
	w.running.Go(func() { w.readAll(q) })
	return nil
}

// openQueue makes a queue.
func (w *watching) openQueue(f *FS) (changeQueue, error) {
	if w.open != nil {
		return w.open()
	}
	fan, err := f.openFanotify()
	if err == nil {
		return fan, nil
	}
	in, inErr := openInotify()
	if inErr != nil {
		return nil, errors.Join(err, inErr)
	}
	return in, nil
}

// close closes the queue and waits for the reader. Nobody watches any more.
func (w *watching) close() error {
	w.mu.Lock()
	q := w.queue
	w.queue, w.dirs = nil, nil
	w.mu.Unlock()
	if q == nil {
		return nil
	}
	err := q.close()
	w.running.Wait()
	return err
}

// addLocked adds the directory that fd refers to, if it is not there already.
// The caller holds w.mu, and the kernel is asked under it: it answers at once.
func (w *watching) addLocked(fd int, id vfs.FileID) (*watchedDir, error) {
	key, err := w.queue.key(fd)
	if err != nil {
		return nil, err
	}
	if d := w.dirs[key]; d != nil {
		return d, nil
	}
	if len(w.dirs) >= w.limit {
		return nil, fmt.Errorf("localfs: %d directories are watched already: %w", w.limit, errTooManyWatched)
	}
	if err := w.queue.add(w.fs, fd, key); err != nil {
		return nil, err
	}
	d := &watchedDir{key: key, id: id}
	w.dirs[key] = d
	return d, nil
}

// errTooManyWatched says that a tree is not watched as a whole.
var errTooManyWatched = errors.New("what other programs change in the others is not told")

// moveLocked makes d the entry name of parent, or of nothing known. The caller
// holds w.mu.
func (d *watchedDir) moveLocked(parent *watchedDir, name string) {
	if d.parent != nil && d.parent.children[d.name] == d {
		delete(d.parent.children, d.name)
	}
	d.parent, d.name = parent, name
	if parent == nil {
		return
	}
	if parent.children == nil {
		parent.children = make(map[string]*watchedDir)
	}
	if old := parent.children[name]; old != nil {
		old.parent = nil // it has gone, and its event is on the way
	}
	parent.children[name] = d
}

// isWantedLocked says whether somebody watches d, by itself or as a part of a
// tree. The caller holds w.mu.
func (d *watchedDir) isWantedLocked() bool {
	if len(d.watches) > 0 {
		return true
	}
	for p := d; p != nil; p = p.parent {
		for _, v := range p.watches {
			if v.tree {
				return true
			}
		}
	}
	return false
}

// pruneLocked takes d, and what is below it, from the queue as far as nobody
// wants it any more. The caller holds w.mu.
func (w *watching) pruneLocked(d *watchedDir) {
	for _, c := range d.children {
		w.pruneLocked(c)
	}
	if d.isWantedLocked() {
		return
	}
	// If it cannot be found any more, the kernel forgets it with the queue:
	// events of what is not known here are left out.
	if fd, err := w.fs.openWatched(d.pathLocked()); err == nil {
		w.queue.remove(w.fs, fd, d.key)
		unix.Close(fd)
	}
	w.forgetLocked(d)
}

// forgetLocked takes d from what is known. The caller holds w.mu.
func (w *watching) forgetLocked(d *watchedDir) {
	for _, c := range d.children {
		c.parent = nil
	}
	d.children = nil
	d.moveLocked(nil, "")
	if w.dirs[d.key] == d {
		delete(w.dirs, d.key)
	}
}

// pathLocked returns a directory that is held, and the way from there to d;
// nothing if that is not known. The caller holds w.mu, and gives the handle
// back.
func (d *watchedDir) pathLocked() (*handle, string) {
	var names []string
	for ; d != nil; d = d.parent {
		if d.handle != nil {
			slices.Reverse(names)
			return d.handle.retain(), strings.Join(names, "/")
		}
		names = append(names, d.name)
	}
	return nil, ""
}

// openWatched opens what pathLocked has returned, to list it. It is reached as
// every name is: through no symbolic link.
func (f *FS) openWatched(from *handle, path string) (int, error) {
	if from == nil {
		return -1, unix.ENOENT
	}
	defer from.release()
	if path == "" {
		path = "."
	}
	return openat2(from.fd, path, &unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: resolve,
	})
}
