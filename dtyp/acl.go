package dtyp

import "github.com/signet-smb/signet/internal/wire"

// ACL is an access control list. [MS-DTYP] 2.4.5. An ACL without entries
// grants nothing, other than a nil *ACL in a [SecurityDescriptor].
type ACL struct {
	Revision uint8 // ACLRevision if 0
	ACEs     []ACE
}

// ACL revisions. [MS-DTYP] 2.4.5.
const (
	ACLRevision   uint8 = 2
	ACLRevisionDS uint8 = 4 // with entries for objects of a directory service
)

// aclHeaderSize is in bytes.
const aclHeaderSize = 8

// MaxACLSize is the most bytes of an encoded ACL. Its size is a 16-bit field
// and a multiple of 4.
const MaxACLSize = 0xFFFC

// Size is the length of the encoded ACL in bytes.
func (l *ACL) Size() int {
	n := aclHeaderSize
	for i := range l.ACEs {
		n += l.ACEs[i].Size()
	}
	return n
}

// Append writes l, whose Size must not be above [MaxACLSize].
func (l *ACL) Append(w *wire.Writer) {
	revision := l.Revision
	if revision == 0 {
		revision = ACLRevision
	}
	w.U8(revision)
	w.U8(0)
	w.U16(uint16(l.Size()))
	w.U16(uint16(len(l.ACEs)))
	w.U16(0)
	for i := range l.ACEs {
		l.ACEs[i].append(w)
	}
}

// ReadACL reads an ACL. Room behind the last entry is passed over. After a
// failure, which stays in r, the ACL is not to be used.
func ReadACL(r *wire.Reader) ACL {
	end := r.Offset()
	l := ACL{Revision: r.U8()}
	r.Check(l.Revision >= ACLRevision && l.Revision <= ACLRevisionDS, "AclRevision")
	r.Skip(1)
	size, count := int(r.U16()), int(r.U16())
	r.Skip(2)
	end += size
	left := size - aclHeaderSize
	r.Check(left >= 0 && left <= r.Len() && count <= left/aceMinimum, "AclSize")
	if r.Err() != nil {
		return ACL{}
	}
	l.ACEs = make([]ACE, 0, count)
	for range count {
		l.ACEs = append(l.ACEs, readACE(r, end-r.Offset()))
		if r.Err() != nil {
			return ACL{}
		}
	}
	r.Skip(end - r.Offset())
	return l
}
