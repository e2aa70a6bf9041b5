package localfs

import (
	"context"
	"encoding/binary"
	"math"
	"math/bits"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

var _ vfs.Quotas = (*FS)(nil)

// Space implements [vfs.Quotas]: what the file system has, less what it keeps
// for root, and within the quotas of the user and of the user's own group. A
// project's quota, where the folder belongs to one, is what ext4 and XFS report
// as the size of the file system.
//
// Missing: quotas of other groups, to which files in set-group-ID directories
// count; quotas of other servers (NFS), and those of btrfs.
func (f *FS) Space(_ context.Context, as *vfs.Cred) (vfs.Space, error) {
	var st unix.Statfs_t
	if err := retry(func() error { return unix.Fstatfs(f.root.fd, &st) }); err != nil {
		return vfs.Space{}, err
	}
	space, _ := spaceOf(&st)
	if _, err := f.who(as); err != nil {
		return vfs.Space{}, err
	}
	uid, gid := f.uid(as), uint32(f.process.gid)
	if as == nil {
		as = f.As
	}
	if as != nil {
		gid = as.GID
	}
	now := time.Now()
	for _, owner := range []quotaOwner{{usrQuota, uid}, {grpQuota, gid}} {
		if q, ok := f.quotaOf(f.root.fd, owner); ok {
			space = q.limit(space, now)
		}
	}
	return space, nil
}

// spaceOf returns the space of a file system, and its block size in bytes.
func spaceOf(st *unix.Statfs_t) (vfs.Space, uint64) {
	size := uint64(st.Frsize)
	if size == 0 {
		size = uint64(st.Bsize)
	}
	return vfs.Space{Total: st.Blocks * size, Available: st.Bavail * size, Free: st.Bfree * size}, size
}

// quotaOwner is whose quota: a user's or a group's, by number.
type quotaOwner struct {
	kind uint32 // usrQuota or grpQuota
	id   uint32
}

// The kinds of <linux/quota.h>.
const (
	usrQuota = 0
	grpQuota = 1
)

// quota is how much space someone may have, in bytes; a limit of 0 is none.
type quota struct {
	hard, soft, used uint64
	grace            time.Time // when the soft limit becomes hard, if used is above it
}

// limit returns what of space is left within q.
func (q quota) limit(space vfs.Space, now time.Time) vfs.Space {
	most := q.hard
	if most == 0 || q.soft > 0 && q.used > q.soft && !q.grace.IsZero() && now.After(q.grace) {
		most = q.soft
	}
	if most == 0 {
		return space
	}
	left := uint64(0)
	if most > q.used {
		left = most - q.used
	}
	space.Total = min(space.Total, most)
	space.Available = min(space.Available, left)
	return space
}

// readQuota asks the kernel for a quota on the file system of fd. There is none
// to be had if it says no for any reason. The process may always ask for its
// own, and root for everyone's.
func readQuota(fd int, owner quotaOwner) (quota, bool) {
	const (
		getQuota   = 0x800007 // Q_GETQUOTA
		blockUnit  = 1024     // of limits, QIF_DQBLKSIZE
		validSpace = 1 | 2    // QIF_BLIMITS, QIF_SPACE
	)
	var b [72]byte // struct if_dqblk
	command := getQuota<<8 | owner.kind
	_, _, errno := unix.Syscall6(unix.SYS_QUOTACTL_FD, uintptr(fd), uintptr(command), uintptr(owner.id),
		uintptr(unsafe.Pointer(&b)), 0, 0)
	if errno != 0 || binary.NativeEndian.Uint32(b[64:])&validSpace != validSpace {
		return quota{}, false
	}
	q := quota{
		hard: saturate(binary.NativeEndian.Uint64(b[0:]), blockUnit),
		soft: saturate(binary.NativeEndian.Uint64(b[8:]), blockUnit),
		used: binary.NativeEndian.Uint64(b[16:]),
	}
	if grace := binary.NativeEndian.Uint64(b[48:]); grace > 0 && grace < math.MaxInt64 {
		q.grace = time.Unix(int64(grace), 0)
	}
	return q, true
}

// saturate multiplies.
func saturate(n, unit uint64) uint64 {
	if high, low := bits.Mul64(n, unit); high == 0 {
		return low
	}
	return math.MaxUint64
}
