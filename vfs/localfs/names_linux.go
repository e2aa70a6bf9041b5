package localfs

import (
	"cmp"
	"container/list"
	"io"
	"io/fs"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// maxCachedNames bounds how many names all directories together have in the
// cache; a name takes about 100 bytes.
//
// Missing: a directory of more entries is read for each name that is not in it.
const maxCachedNames = 1 << 19

// nameCache finds names without regard to case, all of them as clients are
// shown them. It knows the names of the
// directories asked about last, because most questions are about names that do
// not exist, and reading a large directory for each would be slow.
//
// What it knows about a directory holds as long as its times of change do. A
// file system counts those in ticks: a change in the same tick as an earlier
// one leaves the times as they are. So nothing is known of a directory that
// changed just before it was read, until it was read again later.
type nameCache struct {
	limit int // names; immutable

	mu    sync.Mutex
	byID  map[vfs.FileID]*dirNames // guarded by mu
	order list.List                // of *dirNames, used last in front; guarded by mu
	total int                      // names of all directories; guarded by mu
}

// dirNames is what is known about one directory.
type dirNames struct {
	id vfs.FileID // immutable

	// Guarded by nameCache.mu.
	place   *list.Element // in nameCache.order
	users   int           // who use it now; only without any it is thrown out
	counted int           // its part of nameCache.total

	// mu guards what follows. It is held while the directory is read, so that
	// one reader serves all, and while this server changes it.
	mu sync.Mutex
	// Folded to real names; nil if nothing is known. Of names that fold to the
	// same, the first in order of bytes.
	names map[string]string
	twins map[string]bool // folded names that stand for several
	stamp stamp           // of the directory when names were right
	seen  time.Time       // when stamp was seen first
	ours  bool            // stamp is that of a change by this server
	trust trust
	read  time.Time     // when the directory was read last
	cost  time.Duration // how long that took
}

// stamp is the times of change of a directory, which are the same only if it
// did not change, or only within a tick.
type stamp struct{ mtime, ctime unix.StatxTimestamp }

// tick returns by how much times of change advance at least: kernels count in
// at most 10 ms, and file systems without fractions in one or two seconds.
func (s stamp) tick() time.Duration {
	if s.mtime.Nsec == 0 && s.ctime.Nsec == 0 {
		return 2*time.Second + 20*time.Millisecond
	}
	return 20 * time.Millisecond
}

func stampOf(d *node) (stamp, error) {
	var st unix.Statx_t
	err := retry(func() error {
		return unix.Statx(d.handle.fd, "", unix.AT_EMPTY_PATH, unix.STATX_MTIME|unix.STATX_CTIME, &st)
	})
	return stamp{st.Mtime, st.Ctime}, err
}

// trust says what an unchanged stamp proves.
type trust uint8

const (
	// untrusted: nothing. The directory had changed less than a tick before it
	// was read.
	untrusted trust = iota
	// provisional: that only this server changed the directory, unless someone
	// else did at the same time or within a tick of it. Reading a large
	// directory again after each of our own changes would make filling it
	// quadratic, so this is believed for a tick, and then as long as reading
	// again would take more than 1% of the time.
	provisional
	// trusted: that nobody changed the directory.
	trusted
)

// lookup returns the name of the entry of d that differs from name in case
// only, or fs.ErrNotExist. It runs as the user who asks: who may not
// list a directory finds exact names only.
func (c *nameCache) lookup(f *FS, d *node, name string) (string, error) {
	e := c.acquire(d.id)
	defer c.release(e)
	now, err := stampOf(d)
	if err != nil {
		return "", err
	}
	if !e.holds(now) {
		if err := e.scan(f, d, now); isAccess(err) {
			return "", fs.ErrNotExist
		} else if err != nil {
			return "", err
		}
	}
	if real, ok := e.names[vfs.Fold(name)]; ok {
		return real, nil
	}
	return "", fs.ErrNotExist
}

// change runs op, which changes entries of d. If it succeeds, apply makes the
// same change to what is known.
func (c *nameCache) change(d *node, apply func(*dirNames), op func() error) error {
	return c.changeTwo(d, d, func(e, _ *dirNames) { apply(e) }, op)
}

// changeTwo is change for an op that moves an entry between two directories,
// which may be one.
//
// It keeps all others of this server off the directories meanwhile, also those
// of which nothing is known yet: a change that is not noted but falls between
// the two looks at the times of change around another one would be lost.
func (c *nameCache) changeTwo(from, to *node, apply func(from, to *dirNames), op func() error) error {
	var e1, e2 *dirNames
	switch {
	case from.id == to.id:
		e1 = c.acquire(from.id)
		e2 = e1
		defer c.release(e1)
	case compareIDs(from.id, to.id) < 0:
		e1 = c.acquire(from.id)
		defer c.release(e1)
		e2 = c.acquire(to.id)
		defer c.release(e2)
	default:
		e2 = c.acquire(to.id)
		defer c.release(e2)
		e1 = c.acquire(from.id)
		defer c.release(e1)
	}
	e1.check(from)
	if e2 != e1 {
		e2.check(to)
	}
	if err := op(); err != nil {
		return err // nothing changed
	}
	apply(e1, e2)
	e1.changed(from)
	if e2 != e1 {
		e2.changed(to)
	}
	return nil
}

// compareIDs is the order in which directories are locked.
func compareIDs(a, b vfs.FileID) int {
	return cmp.Or(
		cmp.Compare(a.Volume, b.Volume),
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Generation, b.Generation),
	)
}

// forget drops what is known about a directory.
func (c *nameCache) forget(id vfs.FileID) {
	e := c.acquire(id)
	defer c.release(e)
	e.names = nil
}

// acquire returns the entry for a directory, locked, and makes it the one used
// last.
func (c *nameCache) acquire(id vfs.FileID) *dirNames {
	c.mu.Lock()
	e := c.byID[id]
	if e == nil {
		e = &dirNames{id: id, counted: entryWeight}
		if c.byID == nil {
			c.byID = make(map[vfs.FileID]*dirNames)
		}
		c.byID[id] = e
		e.place = c.order.PushFront(e)
		c.total += e.counted
	}
	c.order.MoveToFront(e.place)
	e.users++
	c.mu.Unlock()
	e.mu.Lock()
	return e
}

// release unlocks e, brings the total up to date and throws out what was used
// longest ago until the limit is kept: e itself if it alone is too large.
func (c *nameCache) release(e *dirNames) {
	c.mu.Lock()
	weight := len(e.names) + entryWeight
	c.total += weight - e.counted
	e.counted = weight
	e.users--
	for place := c.order.Back(); place != nil && c.total > c.limit; {
		old := place.Value.(*dirNames)
		place = place.Prev()
		if old.users == 0 {
			delete(c.byID, old.id)
			c.order.Remove(old.place)
			c.total -= old.counted
		}
	}
	c.mu.Unlock()
	e.mu.Unlock()
}

// entryWeight is what a directory counts besides its names: enough to bound
// how many empty ones there are.
const entryWeight = 8

// holds reports whether what is known holds for a directory whose stamp is
// now. The caller holds e.mu.
func (e *dirNames) holds(now stamp) bool {
	if e.names == nil || now != e.stamp {
		return false
	}
	switch e.trust {
	case trusted:
		return true
	case provisional:
		return time.Since(e.seen) < now.tick() || time.Since(e.read) < 100*e.cost
	}
	return false
}

// check drops the names if they do not hold for d any more. The caller holds
// e.mu.
func (e *dirNames) check(d *node) {
	if e.names == nil {
		return
	}
	if now, err := stampOf(d); err != nil || !e.holds(now) {
		e.names = nil
	}
}

// changed notes that this server changed d, and the names likewise if they are
// known. The caller holds e.mu.
func (e *dirNames) changed(d *node) {
	now, err := stampOf(d)
	if err != nil {
		e.names = nil
	}
	e.stamp, e.seen, e.ours, e.trust = now, time.Now(), true, provisional
}

// add notes a new name, if the others are known. The caller holds e.mu.
func (e *dirNames) add(name string) {
	if e.names == nil {
		return
	}
	key := vfs.Fold(name)
	other, ok := e.names[key]
	switch {
	case !ok:
		e.names[key] = name
	case other != name:
		e.twins[key] = true
		e.names[key] = min(name, other)
	}
}

// remove notes that a name is gone. The caller holds e.mu.
func (e *dirNames) remove(name string) {
	key := vfs.Fold(name)
	if e.twins[key] {
		e.names = nil // the others are not known one by one
		return
	}
	delete(e.names, key)
}

// scan reads the directory, whose stamp is now. The caller holds e.mu.
func (e *dirNames) scan(f *FS, d *node, now stamp) error {
	begin := time.Now()
	names, twins, err := readNames(f, d, len(e.names))
	if err != nil {
		return err
	}
	if now != e.stamp || e.seen.IsZero() {
		e.stamp, e.seen, e.ours = now, begin, false
	}
	e.names, e.twins, e.read, e.cost = names, twins, begin, time.Since(begin)
	// The directory is at rest if its last change is more than a tick ago, by
	// the clock, or, should the clock be another machine's, by our having seen
	// it. Users can set the time of a write but not that of a change.
	change := time.Unix(now.ctime.Sec, int64(now.ctime.Nsec))
	switch {
	case begin.Sub(change) >= now.tick(), begin.Sub(e.seen) >= now.tick():
		e.trust = trusted
	case e.ours:
		e.trust = provisional
	default:
		e.trust = untrusted
	}
	return nil
}

// readNames reads the names of d, about as many as expected.
func readNames(f *FS, d *node, expected int) (names map[string]string, twins map[string]bool, err error) {
	fd, err := f.reopen(d.handle.fd, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, nil, err
	}
	defer closeFD(fd)
	e := dirNames{names: make(map[string]string, expected), twins: make(map[string]bool)}
	r := direntReader{fd: fd}
	for {
		name, err := r.next()
		if err == io.EOF {
			return e.names, e.twins, nil
		}
		if err != nil {
			return nil, nil, err
		}
		e.add(shownName(name))
	}
}
