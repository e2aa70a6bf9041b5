package localfs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// actor is an identity as the system calls take it. Immutable.
type actor struct {
	uid, gid int
	groups   []int // in order, each once; the group itself is not among them
}

// actorOf returns c as the system calls take it. The kernel looks at the group
// wherever it looks at the supplementary ones, so it need not be one of them:
// most users have no other, and then there is nothing to switch.
func actorOf(c *vfs.Cred) actor {
	a := actor{uid: int(c.UID), gid: int(c.GID)}
	for _, g := range c.Groups {
		if g != c.GID {
			a.groups = append(a.groups, int(g))
		}
	}
	slices.Sort(a.groups)
	a.groups = slices.Compact(a.groups)
	return a
}

// currentActor returns who the process is. It refuses a root process whose
// capabilities do not follow the user it acts as.
func currentActor() (actor, error) {
	groups, err := unix.Getgroups()
	if err != nil {
		return actor{}, err
	}
	slices.Sort(groups)
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
	k := keptIdentity{process: &f.process, cred: c}
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
	k := &keptIdentity{process: &f.process, cred: c}
	acting.Keep(k)
	if err := k.begin(); err != nil {
		return errors.Join(err, acting.End())
	}
	return op()
}

// keptIdentity is an identity that a thread has taken on. It belongs to the
// goroutine that is locked to the thread.
type keptIdentity struct {
	process  *actor
	cred     *vfs.Cred // immutable; its identity is that of the pointer
	regroups bool      // the supplementary groups are others, too
	locked   bool      // the thread, and its identity is another or may be
	begun    bool      // the identity is taken on
}

// begin locks the thread and takes the identity on.
func (k *keptIdentity) begin() error {
	user := actorOf(k.cred)
	k.regroups = !slices.Equal(user.groups, k.process.groups)
	runtime.LockOSThread()
	was, err := assume(&user, k.regroups)
	if was.uid != k.process.uid || was.gid != k.process.gid {
		return fs.ErrPermission // a thread left over; it stays locked
	}
	k.locked = true
	if err != nil {
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
	if _, err := assume(k.process, k.regroups); err != nil {
		return fmt.Errorf("localfs: thread is stuck with another identity: %w", err)
	}
	runtime.UnlockOSThread()
	return nil
}

// assume makes a the identity by which the file system judges the calling
// thread, which is locked, and returns the user and the group that it had. With
// a user other than 0 the kernel takes the capabilities to override permissions
// from the thread, with 0 it gives them back. The order keeps the capability to
// set groups until they are set, if regroup says that they are to be.
func assume(a *actor, regroup bool) (was actor, err error) {
	// These two never fail, they only may do nothing: without the right, and
	// when there is no memory. So it is looked at every time what they did,
	// which is cheap beside doing it.
	if was.gid, err = unix.SetfsgidRetGid(a.gid); err != nil {
		return was, fmt.Errorf("setfsgid: %w", err)
	}
	if regroup {
		// The call of x/sys changes the calling thread only, unlike that of
		// package syscall.
		if err = unix.Setgroups(a.groups); err != nil {
			err = fmt.Errorf("setgroups: %w", err)
		}
	}
	was.uid, _ = unix.SetfsuidRetUid(a.uid)
	switch {
	case err != nil:
		return was, err
	case !isCurrent(a):
		return was, fmt.Errorf("become uid %d, gid %d: %w", a.uid, a.gid, fs.ErrPermission)
	}
	return was, nil
}

// isCurrent reports whether the file system judges the calling thread as a's
// user and group. Setting the user -1 changes nothing and returns who it is.
func isCurrent(a *actor) bool {
	uid, err := unix.SetfsuidRetUid(-1)
	if err != nil || uint32(uid) != uint32(a.uid) {
		return false
	}
	gid, err := unix.SetfsgidRetGid(-1)
	return err == nil && uint32(gid) == uint32(a.gid)
}
