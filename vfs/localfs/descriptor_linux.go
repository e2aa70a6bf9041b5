package localfs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io/fs"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var _ vfs.Security = (*FS)(nil)

// The side data that hold a descriptor. Only a process with CAP_SYS_ADMIN
// writes the first; the second, which a process that is not root has to do
// with, is written by whoever may write the file on the host.
const (
	securityNTACL = "security.NTACL"
	userNTACL     = "user.NTACL"
)

// ntACLName is what this process calls the side data that hold a descriptor.
func (f *FS) ntACLName() string {
	if f.process.uid == 0 {
		return securityNTACL
	}
	return userNTACL
}

// principals is f.Principals, or what stands in for it.
func (f *FS) principals() Principals {
	if f.Principals == nil {
		return UnixPrincipals{}
	}
	return f.Principals
}

// mapsRights says whether descriptors are made the kernel's own rules, too: if
// every user acts as himself. Where all act as one user, the kernel can tell
// nobody from anybody.
func (f *FS) mapsRights() bool { return f.process.uid == 0 && f.As == nil }

// Descriptor implements [vfs.Security].
func (f *FS) Descriptor(ctx context.Context, n vfs.Node) (dtyp.SecurityDescriptor, error) {
	sd, err := f.StoredDescriptor(ctx, n)
	if err != nil {
		return dtyp.SecurityDescriptor{}, err
	}
	if sd != nil {
		return *sd, nil
	}
	m, err := f.node(n)
	if err != nil {
		return dtyp.SecurityDescriptor{}, err
	}
	k, err := f.kernelSays(m)
	if err != nil {
		return dtyp.SecurityDescriptor{}, err
	}
	return f.shownDescriptor(&k), nil
}

// kernelSays asks the kernel about m.
func (f *FS) kernelSays(m *node) (kernelSays, error) {
	st, err := statFD(m.handle.fd)
	if err != nil {
		return kernelSays{}, err
	}
	if !hasSideData(st) {
		return kernelSays{mode: st.Mode, uid: st.Uid, gid: st.Gid, access: aclOfMode(st.Mode)}, nil
	}
	return kernelSaysOf(m.place(), st)
}

// StoredDescriptor implements [vfs.Security].
func (f *FS) StoredDescriptor(ctx context.Context, n vfs.Node) (*dtyp.SecurityDescriptor, error) {
	m, err := f.node(n)
	if err != nil {
		return nil, err
	}
	if m.kind != unix.S_IFREG && m.kind != unix.S_IFDIR {
		return nil, nil
	}
	at := m.place()
	// A change comes in steps: what is read twice alike was not in the middle of
	// one.
	var before []byte
	for try := 0; ; try++ {
		begin := time.Now()
		blob, err := f.readNTACL(at)
		if isAccess(err) && vfs.ActingIn(ctx).Kept() != nil {
			// The thread acts as the user just now, who does not see what is kept
			// aside.
			if err := vfs.ActingIn(ctx).End(); err != nil {
				return nil, err
			}
			blob, err = f.readNTACL(at)
		}
		if err == errNoSideData {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		st, err := statFD(m.handle.fd)
		if err != nil {
			return nil, err
		}
		if sd, ok := f.secured.get(at.id, st, blob); ok {
			return sd, nil
		}
		sd, err := f.judge(at, st, blob)
		if err != nil {
			return nil, err
		}
		const tries = 4 // whoever changes it all the time does not keep others from it
		if sd != nil || bytes.Equal(blob, before) || try == tries {
			f.secured.put(at.id, st, begin, blob, sd)
			return sd, nil
		}
		before = blob
	}
}

// readNTACL reads the side data that hold a descriptor; errNoSideData if there
// are none. What is too long to be one is read as nothing.
func (f *FS) readNTACL(at place) ([]byte, error) {
	const tries = 4 // it may grow between the question how long it is and the next
	for try := 0; ; try++ {
		n, err := f.side.get(at, f.ntACLName(), nil) // most files have none, and this finds that out without memory
		switch {
		case err != nil:
			return nil, err
		case n > maxNTACL:
			return []byte{}, nil
		}
		blob := make([]byte, n)
		if n == 0 {
			return blob, nil
		}
		n, err = f.side.get(at, f.ntACLName(), blob)
		if err == unix.ERANGE && try < tries {
			continue
		}
		return blob[:max(n, 0)], err
	}
}

// judge returns the descriptor that blob holds, if it still counts for the file
// that st describes, or nil. One that is malformed is one that grants nothing.
func (f *FS) judge(at place, st *unix.Statx_t, blob []byte) (*dtyp.SecurityDescriptor, error) {
	a, _ := decodeNTACL(blob)
	if a.version == 0 { // malformed
		return &dtyp.SecurityDescriptor{
			Control: dtyp.DACLPresent,
			Owner:   f.principals().SIDOfUID(st.Uid), Group: f.principals().SIDOfGID(st.Gid),
			DACL: &dtyp.ACL{},
		}, nil
	}
	if a.version < 3 || a.version == 3 && a.hash == [sha256.Size]byte{} {
		return &a.sd, nil // of who does not ask the kernel
	}
	k, err := kernelSaysOf(at, st)
	if err != nil {
		return nil, err
	}
	if a.version == 4 && a.sysHash == k.sysACLHash() {
		return &a.sd, nil
	}
	if made := f.describe(&k); a.hash == hashOfDescriptor(&made) {
		return &a.sd, nil
	}
	return nil, nil
}

// SetDescriptor implements [vfs.Security]. It acts as the process: who may do it
// was decided above.
//
// While the kernel's rules change, the descriptor counts without regard to them:
// whoever looks finds the old one or the new one, and a crash leaves the new
// one.
func (f *FS) SetDescriptor(ctx context.Context, n vfs.Node, sd *dtyp.SecurityDescriptor) error {
	m, err := f.node(n)
	if err != nil {
		return err
	}
	if m.kind != unix.S_IFREG && m.kind != unix.S_IFDIR {
		return fs.ErrPermission
	}
	if err := vfs.ActingIn(ctx).End(); err != nil {
		return err
	}
	lock := &f.sideLocks[m.id.File%uint64(len(f.sideLocks))]
	lock.Lock()
	defer lock.Unlock()
	m.fresh.Store(nil)
	m.seen.Store(nil)
	at := m.place()
	k, err := f.kernelSays(m)
	if err != nil {
		return err
	}
	if f.mapsRights() {
		next := f.rightsOf(sd, &k)
		if !next.equal(&k) {
			if err := f.storeNTACL(at, &ntACL{version: 3, sd: *sd}); err != nil {
				return err
			}
			if err := f.setRights(m, &k, &next); err != nil {
				return err
			}
			if k, err = f.kernelSays(m); err != nil {
				return err
			}
		}
	}
	made := f.describe(&k)
	return f.storeNTACL(at, &ntACL{version: ntACLVersion, sd: *sd, hash: hashOfDescriptor(&made), sysHash: k.sysACLHash()})
}

// storeNTACL stores a as the process, in whichever store takes it. The caller
// holds the file's lock of f.sideLocks.
func (f *FS) storeNTACL(at place, a *ntACL) error {
	blob, err := a.encode()
	if err != nil {
		return ntstatus.InvalidACL
	}
	name := f.ntACLName()
	err = f.side.near.set(at, name, blob)
	switch {
	case err == nil:
		_ = f.side.far.remove(at, name) // if it stays, the near one counts
		return nil
	case err != errCannotStore && !isAccess(err):
		return err
	}
	if err := f.side.far.set(at, name, blob); err != nil {
		if err == errCannotStore {
			return ntstatus.DiskFull
		}
		return err
	}
	err = f.side.near.remove(at, name)
	if isAccess(err) {
		err = nil // who may not write there has not written there
	}
	return noneIsFine(err)
}

// setRights makes the kernel's rules of m, which are now, those of next.
func (f *FS) setRights(m *node, now, next *kernelSays) error {
	at := m.place()
	if next.uid != now.uid || next.gid != now.gid {
		err := retry(func() error {
			return unix.Fchownat(f.procSelf, strconv.Itoa(m.handle.fd), int(next.uid), int(next.gid), 0)
		})
		if err != nil {
			return err
		}
	}
	if next.access.isMinimal() && now.access.isMinimal() {
		var mode uint32
		for i, e := range next.access { // owner, group, others
			mode |= uint32(e.perm) << (6 - 3*i)
		}
		mode |= uint32(now.mode) & keptBits(now.mode)
		err := retry(func() error { return unix.Fchmodat(f.procSelf, strconv.Itoa(m.handle.fd), mode, 0) })
		if err != nil {
			return err
		}
	} else if err := f.setPOSIXACL(at, posixAccessName, next.access); err != nil {
		return err
	}
	switch {
	case slices.Equal(next.byDefault, now.byDefault):
		return nil
	case next.byDefault == nil:
		err := retry(func() error { return unix.Removexattr(at.path(), posixDefaultName) })
		if err == unix.ENODATA || err == unix.EOPNOTSUPP {
			err = nil
		}
		return err
	}
	return f.setPOSIXACL(at, posixDefaultName, next.byDefault)
}

// setPOSIXACL sets one of the attributes. A file system without POSIX ACLs is
// told by the mode alone, which then allows what the file's owner, group and
// others may: never more to anybody than the list does.
func (f *FS) setPOSIXACL(at place, name string, l posixACL) error {
	err := retry(func() error { return unix.Setxattr(at.path(), name, l.encode(), 0) })
	if err != unix.EOPNOTSUPP {
		return err
	}
	if name == posixDefaultName {
		return nil
	}
	var mode uint32
	for _, e := range l {
		switch e.tag {
		case posixUserObj:
			mode |= uint32(e.perm) << 6
		case posixGroupObj:
			mode |= uint32(e.perm&l.mask()) << 3
		case posixOther:
			mode |= uint32(e.perm)
		}
	}
	st, err := statFD(at.fd)
	if err != nil {
		return err
	}
	mode |= uint32(st.Mode) & keptBits(st.Mode)
	return retry(func() error { return unix.Fchmodat(f.procSelf, strconv.Itoa(at.fd), mode, 0) })
}

// keptBits are those of a mode that no descriptor speaks of: what is sticky
// stays so, and a directory that passes its group on goes on with that.
func keptBits(mode uint16) uint32 {
	if mode&unix.S_IFMT == unix.S_IFDIR {
		return unix.S_ISVTX | unix.S_ISGID
	}
	return unix.S_ISVTX
}

// attrNow is attrOf m, of which that is stored. A file with a descriptor is not
// read-only because of its mode.
func (f *FS) attrNow(st *unix.Statx_t, stored dosAttrib, m *node) vfs.Attr {
	a := attrOf(st, stored, m.isDotFile)
	if stored.hasAttributes || a.Attributes&fscc.FileAttributeReadonly == 0 {
		return a
	}
	if _, err := f.side.get(m.place(), f.ntACLName(), nil); err == nil {
		a.Attributes &^= fscc.FileAttributeReadonly
	}
	return a
}

const (
	// maxCachedDescriptors bounds how many files are known to one generation of
	// a descriptorCache.
	maxCachedDescriptors = 1 << 11
	// maxCachedNTACL is the longest value that is kept, in bytes.
	maxCachedNTACL = 4 << 10
)

// descriptorCache remembers what was found of side data that hold a descriptor:
// looking at what the kernel says, and hashing it, takes most of the time. It is
// valid while the side data and the file's time of change are the same, and
// only for changes that are older than a tick of the clock, as an attribCache.
// Safe for concurrent use.
type descriptorCache struct {
	mu       sync.Mutex
	now, old map[vfs.FileID]knownDescriptor // guarded by mu; old is thrown away when now is full
}

// knownDescriptor is what came of blob. Immutable.
type knownDescriptor struct {
	ctime unix.StatxTimestamp
	blob  []byte
	sd    *dtyp.SecurityDescriptor
}

func (c *descriptorCache) get(id vfs.FileID, st *unix.Statx_t, blob []byte) (*dtyp.SecurityDescriptor, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.now[id]
	if !ok {
		if known, ok = c.old[id]; ok {
			c.addLocked(id, known)
		}
	}
	return known.sd, ok && known.ctime == st.Ctime && bytes.Equal(known.blob, blob)
}

// put notes what was found at the time read, after st.
func (c *descriptorCache) put(id vfs.FileID, st *unix.Statx_t, read time.Time, blob []byte, sd *dtyp.SecurityDescriptor) {
	times := stamp{st.Mtime, st.Ctime}
	if len(blob) > maxCachedNTACL || read.Sub(timeOf(st.Ctime)) < times.tick() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.addLocked(id, knownDescriptor{st.Ctime, blob, sd})
}

func (c *descriptorCache) addLocked(id vfs.FileID, known knownDescriptor) {
	if c.now == nil || len(c.now) >= maxCachedDescriptors {
		c.now, c.old = make(map[vfs.FileID]knownDescriptor), c.now
	}
	c.now[id] = known
}
