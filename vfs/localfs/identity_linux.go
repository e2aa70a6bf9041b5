package localfs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// actor is an identity as the system calls take it. Immutable.
type actor struct {
	uid, gid int
	groups   []int
}

// currentActor returns who the process is. It refuses a root process whose
// capabilities do not follow the user it acts as.
func currentActor() (actor, error) {
	groups, err := unix.Getgroups()
	if err != nil {
		return actor{}, err
	}
	a := actor{uid: unix.Geteuid(), gid: unix.Getegid(), groups: groups}
	if a.uid != 0 {
		return a, nil
	}
	const noSetuidFixup = 1 << 2 // SECBIT_NO_SETUID_FIXUP of <linux/securebits.h>
	bits, err := unix.PrctlRetInt(unix.PR_GET_SECUREBITS, 0, 0, 0, 0)
	if err != nil {
		return actor{}, err
	}
	if bits&noSetuidFixup != 0 {
		return actor{}, errors.New("secure bit no-setuid-fixup is set: every user would have root's rights to files")
	}
	return a, nil
}

// noID is the user and group that means "no change" to system calls.
const noID = 1<<32 - 1

// who returns the identity to take on for as: nil if it is that of the
// process. It returns fs.ErrPermission for one that must not or cannot act.
func (f *FS) who(as *vfs.Cred) (*vfs.Cred, error) {
	if as == nil {
		as = f.As
	}
	if f.process.uid != 0 {
		if as == nil || int(as.UID) == f.process.uid && int(as.GID) == f.process.gid {
			return nil, nil
		}
		return nil, fs.ErrPermission
	}
	// Nothing is ever served as uid 0, not even to the process itself.
	if as == nil || as.UID == 0 || as.UID == noID || as.GID == noID {
		return nil, fs.ErrPermission
	}
	return as, nil
}

// uid returns the user that a call with as acts as. who has allowed it.
func (f *FS) uid(as *vfs.Cred) uint32 {
	if as == nil {
		as = f.As
	}
	if as == nil {
		return uint32(f.process.uid)
	}
	return as.UID
}

// do runs op, which consists of system calls and does not block for long, as
// the identity as.
//
// The identity is one of the thread, so op holds its thread. If the thread
// cannot be given its own identity back, it stays with this goroutine for
// good: every later do of the goroutine fails, no other goroutine meets the
// thread, and the two end together.
func (f *FS) do(as *vfs.Cred, op func() error) (err error) {
	c, err := f.who(as)
	if err != nil {
		return err
	}
	if c == nil {
		return op()
	}
	k := &keptIdentity{process: f.process, cred: c}
	// Deferred, because a panic is recovered far above, in this goroutine.
	defer func() { err = cmp.Or(k.End(), err) }()
	if err := k.begin(); err != nil {
		return err
	}
	return op()
}

// doActing is do for the calls that may have a [vfs.Acting] in their context:
// there the identity is kept.
func (f *FS) doActing(ctx context.Context, as *vfs.Cred, op func() error) error {
	acting := vfs.ActingIn(ctx)
	if acting == nil {
		return f.do(as, op)
	}
	c, err := f.who(as)
	if err != nil {
		return err
	}
	if c == nil {
		return op()
	}
	if k, ok := acting.Kept().(*keptIdentity); ok && k.cred == c && k.begun {
		return op()
	}
	if err := acting.End(); err != nil {
		return err
	}
	k := &keptIdentity{process: f.process, cred: c}
	acting.Keep(k)
	if err := k.begin(); err != nil {
		return errors.Join(err, acting.End())
	}
	return op()
}

// keptIdentity is an identity that a thread has taken on. It belongs to the
// goroutine that is locked to the thread.
type keptIdentity struct {
	process actor
	cred    *vfs.Cred // immutable; its identity is that of the pointer
	locked  bool      // the thread, and its identity is another or may be
	begun   bool      // the identity is taken on
}

// begin locks the thread and takes the identity on.
func (k *keptIdentity) begin() error {
	groups := make([]int, len(k.cred.Groups))
	for i, g := range k.cred.Groups {
		groups[i] = int(g)
	}
	runtime.LockOSThread()
	if !isCurrent(k.process) {
		return fs.ErrPermission // a thread left over; it stays locked
	}
	k.locked = true
	if err := assume(actor{uid: int(k.cred.UID), gid: int(k.cred.GID), groups: groups}); err != nil {
		return err
	}
	k.begun = true
	return nil
}

// End implements [vfs.Kept]: it gives the thread its own identity back.
func (k *keptIdentity) End() error {
	if !k.locked {
		return nil
	}
	k.locked, k.begun = false, false
	if err := assume(k.process); err != nil {
		return fmt.Errorf("localfs: thread is stuck with another identity: %w", err)
	}
	runtime.UnlockOSThread()
	return nil
}

// assume makes a the identity by which the file system judges the calling
// thread, which is locked. With a user other than 0 the kernel takes the
// capabilities to override permissions from the thread, with 0 it gives them
// back. The order keeps the capability to set groups until they are set.
func assume(a actor) error {
	// The call of x/sys changes the calling thread only, unlike that of
	// package syscall.
	if err := unix.Setgroups(a.groups); err != nil {
		return fmt.Errorf("setgroups: %w", err)
	}
	// These two never fail, they only may do nothing.
	if _, err := unix.SetfsgidRetGid(a.gid); err != nil {
		return fmt.Errorf("setfsgid: %w", err)
	}
	if _, err := unix.SetfsuidRetUid(a.uid); err != nil {
		return fmt.Errorf("setfsuid: %w", err)
	}
	if !isCurrent(a) {
		return fmt.Errorf("become uid %d, gid %d: %w", a.uid, a.gid, fs.ErrPermission)
	}
	return nil
}

// isCurrent reports whether the file system judges the calling thread as a's
// user and group. Setting the user -1 changes nothing and returns who it is.
func isCurrent(a actor) bool {
	uid, err := unix.SetfsuidRetUid(-1)
	if err != nil || uint32(uid) != uint32(a.uid) {
		return false
	}
	gid, err := unix.SetfsgidRetGid(-1)
	return err == nil && uint32(gid) == uint32(a.gid)
}
