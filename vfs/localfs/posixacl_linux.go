package localfs

import (
	"crypto/sha256"
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/internal/wire"
)

// Names of the extended attributes by which the kernel tells and takes ACLs.
// See acl(5).
const (
	posixAccessName  = "system.posix_acl_access"
	posixDefaultName = "system.posix_acl_default"
)

// posixTag says whom an entry of a POSIX ACL is about, as <linux/posix_acl.h>
// numbers it.
type posixTag uint16

const (
	posixUserObj  posixTag = 0x01 // the owner
	posixUser     posixTag = 0x02
	posixGroupObj posixTag = 0x04 // the owning group
	posixGroup    posixTag = 0x08
	posixMask     posixTag = 0x10
	posixOther    posixTag = 0x20
)

// posixEntry is an entry of a POSIX ACL. perm is unix.R_OK, W_OK and X_OK.
type posixEntry struct {
	tag  posixTag
	perm uint16
	id   uint32 // of a posixUser or posixGroup
}

// posixACL is a POSIX ACL, its entries in the kernel's order: by tag, then by
// id.
type posixACL []posixEntry

const (
	posixACLVersion = 2
	posixNoID       = 1<<32 - 1
	// maxPOSIXEntries is more than the kernel's file systems keep.
	maxPOSIXEntries = 8 << 10
	maxPOSIXACL     = 4 + 8*maxPOSIXEntries // bytes
)

var errPOSIXACL = errors.New("localfs: malformed POSIX ACL")

// decodePOSIXACL reads the value of one of the attributes.
func decodePOSIXACL(b []byte) (posixACL, error) {
	r := wire.NewReader(b)
	r.Check(r.U32() == posixACLVersion, "version")
	r.Check(r.Len()%8 == 0 && len(b) <= maxPOSIXACL, "length")
	if r.Err() != nil {
		return nil, errPOSIXACL
	}
	acl := make(posixACL, 0, r.Len()/8)
	for r.Len() > 0 {
		acl = append(acl, posixEntry{tag: posixTag(r.U16()), perm: r.U16(), id: r.U32()})
	}
	return acl, nil
}

// encode makes the value of an attribute.
func (l posixACL) encode() []byte {
	w := wire.NewWriter(make([]byte, 0, 4+8*len(l)))
	w.U32(posixACLVersion)
	for _, e := range l {
		w.U16(uint16(e.tag))
		w.U16(e.perm)
		if e.tag != posixUser && e.tag != posixGroup {
			e.id = posixNoID
		}
		w.U32(e.id)
	}
	return w.Finish()
}

// aclOfMode is the POSIX ACL of a file that has none but its mode.
func aclOfMode(mode uint16) posixACL {
	return posixACL{
		{tag: posixUserObj, perm: mode >> 6 & 7},
		{tag: posixGroupObj, perm: mode >> 3 & 7},
		{tag: posixOther, perm: mode & 7},
	}
}

// isMinimal reports whether a mode says all of l.
func (l posixACL) isMinimal() bool {
	return !slices.ContainsFunc(l, func(e posixEntry) bool { return e.tag&(posixUser|posixGroup|posixMask) != 0 })
}

// mask returns what entries of groups and named users are limited to.
func (l posixACL) mask() uint16 {
	for _, e := range l {
		if e.tag == posixMask {
			return e.perm
		}
	}
	return 7
}

// kernelSays is what the kernel decides by who may use a file.
type kernelSays struct {
	mode      uint16 // with the kind of file
	uid, gid  uint32
	access    posixACL
	byDefault posixACL // of a directory: what new entries get; nil: none
}

// kernelSaysOf asks the kernel about the file at that place, which st describes.
func kernelSaysOf(at place, st *unix.Statx_t) (k kernelSays, err error) {
	k = kernelSays{mode: st.Mode, uid: st.Uid, gid: st.Gid}
	if k.access, err = readPOSIXACL(at, posixAccessName); err != nil {
		return k, err
	}
	if k.access == nil {
		k.access = aclOfMode(st.Mode)
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		k.byDefault, err = readPOSIXACL(at, posixDefaultName)
	}
	return k, err
}

// readPOSIXACL reads one of the attributes; nil if the file has none.
func readPOSIXACL(at place, name string) (posixACL, error) {
	var short [512]byte // lists are short
	buf := short[:]
	n, err := getPOSIXACL(at, name, buf)
	if err == unix.ERANGE {
		buf = make([]byte, maxPOSIXACL)
		n, err = getPOSIXACL(at, name, buf)
	}
	switch err {
	case nil:
		return decodePOSIXACL(buf[:n])
	case unix.ENODATA, unix.EOPNOTSUPP:
		return nil, nil
	}
	return nil, err
}

func getPOSIXACL(at place, name string, buf []byte) (n int, err error) {
	path := at.path()
	err = retry(func() error {
		n, err = unix.Getxattr(path, name, buf)
		return err
	})
	return n, err
}

// sambaTags are Samba's numbers for whom an entry is about.
var sambaTags = map[posixTag]uint16{
	posixUser: 1, posixUserObj: 2, posixGroup: 3, posixGroupObj: 4, posixOther: 5, posixMask: 6,
}

// sysACLHash is the hash by which Samba knows what the kernel said of a file: of
// the lists, owner, group and mode in NDR.
func (k *kernelSays) sysACLHash() [sha256.Size]byte {
	const referent = 0x00020000
	w := wire.NewWriter(make([]byte, 0, 256))
	directory := k.mode&unix.S_IFMT == unix.S_IFDIR
	w.U32(referent)
	if directory {
		w.U32(referent + 4)
	} else {
		w.U32(0)
	}
	w.U64(uint64(k.uid))
	w.U64(uint64(k.gid))
	w.U32(uint32(k.mode))
	k.access.appendNDR(w)
	if directory {
		k.byDefault.appendNDR(w)
	}
	return sha256.Sum256(w.Finish())
}

func (l posixACL) appendNDR(w *wire.Writer) {
	w.U32(uint32(len(l)))
	w.Align(8)
	w.U32(uint32(len(l)))
	w.U32(0)
	for _, e := range l {
		w.Align(8)
		w.U16(sambaTags[e.tag])
		w.U16(sambaTags[e.tag])
		if e.tag == posixUser || e.tag == posixGroup {
			w.Align(8)
			w.U64(uint64(e.id))
		}
		w.Align(4)
		w.U32(uint32(e.perm))
	}
}
