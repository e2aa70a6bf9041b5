package dtyp

import "github.com/signet-smb/signet/internal/wire"

// ACEType is the AceType field. [MS-DTYP] 2.4.4.1.
type ACEType uint8

// ACE types whose parts are known here. [MS-DTYP] 2.4.4.1.
const (
	AccessAllowedACE        ACEType = 0x00
	AccessDeniedACE         ACEType = 0x01
	SystemAuditACE          ACEType = 0x02
	SystemMandatoryLabelACE ACEType = 0x11
)

// hasSID reports whether an ACE of type t is a mask and a SID, nothing else.
func (t ACEType) hasSID() bool {
	return t <= SystemAuditACE || t == SystemMandatoryLabelACE
}

// ACEFlags is the AceFlags field: who inherits the ACE. [MS-DTYP] 2.4.4.1.
type ACEFlags uint8

// ACE flags. [MS-DTYP] 2.4.4.1.
const (
	ObjectInheritACE        ACEFlags = 0x01
	ContainerInheritACE     ACEFlags = 0x02
	NoPropagateInheritACE   ACEFlags = 0x04
	InheritOnlyACE          ACEFlags = 0x08
	InheritedACE            ACEFlags = 0x10
	SuccessfulAccessACEFlag ACEFlags = 0x40
	FailedAccessACEFlag     ACEFlags = 0x80
)

// ACE is an access control entry. [MS-DTYP] 2.4.4.
type ACE struct {
	Type  ACEType
	Flags ACEFlags
	Mask  AccessMask // of the types named here
	SID   SID        // of the types named here
	Data  []byte     // of any other type: all behind the header, a multiple of 4 bytes, at least 4; aliases the message
}

// Sizes in bytes. An ACE of any type has a mask behind its header.
const (
	aceHeaderSize = 4
	aceMinimum    = aceHeaderSize + 4
	aclHeaderSize = 8
)

// Size is the length of the encoded ACE in bytes.
func (a *ACE) Size() int {
	if a.Type.hasSID() {
		return aceHeaderSize + 4 + a.SID.Size()
	}
	return aceHeaderSize + len(a.Data)
}

func (a *ACE) append(w *wire.Writer) {
	w.U8(uint8(a.Type))
	w.U8(uint8(a.Flags))
	w.U16(uint16(a.Size()))
	if !a.Type.hasSID() {
		w.Bytes(a.Data)
		return
	}
	w.U32(uint32(a.Mask))
	a.SID.Append(w)
}

// readACE reads an ACE of at most limit bytes.
func readACE(r *wire.Reader, limit int) ACE {
	start := r.Offset()
	a := ACE{Type: ACEType(r.U8()), Flags: ACEFlags(r.U8())}
	size := int(r.U16())
	r.Check(size >= aceMinimum && size%4 == 0 && size <= limit, "AceSize")
	if !a.Type.hasSID() {
		a.Data = r.Bytes(size - aceHeaderSize)
		return a
	}
	a.Mask = AccessMask(r.U32())
	a.SID = ReadSID(r)
	used := r.Offset() - start
	r.Check(used <= size, "AceSize")
	r.Skip(size - used) // 2.4.4.1: not interpreted
	return a
}

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
