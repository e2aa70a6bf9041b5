package dtyp

import (
	"errors"

	"github.com/signet-smb/signet/internal/wire"
)

// SecurityDescriptorControl is the Control field. [MS-DTYP] 2.4.6.
type SecurityDescriptorControl uint16

// Control bits. [MS-DTYP] 2.4.6.
const (
	OwnerDefaulted              SecurityDescriptorControl = 0x0001
	GroupDefaulted              SecurityDescriptorControl = 0x0002
	DACLPresent                 SecurityDescriptorControl = 0x0004
	DACLDefaulted               SecurityDescriptorControl = 0x0008
	SACLPresent                 SecurityDescriptorControl = 0x0010
	SACLDefaulted               SecurityDescriptorControl = 0x0020
	DACLTrusted                 SecurityDescriptorControl = 0x0040
	ServerSecurity              SecurityDescriptorControl = 0x0080
	DACLComputedInheritRequired SecurityDescriptorControl = 0x0100
	SACLComputedInheritRequired SecurityDescriptorControl = 0x0200
	DACLAutoInherited           SecurityDescriptorControl = 0x0400
	SACLAutoInherited           SecurityDescriptorControl = 0x0800
	DACLProtected               SecurityDescriptorControl = 0x1000
	SACLProtected               SecurityDescriptorControl = 0x2000
	ResourceManagerControlValid SecurityDescriptorControl = 0x4000
	SelfRelative                SecurityDescriptorControl = 0x8000
)

// The control bits that speak about one of the lists.
const (
	controlOfDACL = DACLPresent | DACLDefaulted | DACLTrusted |
		DACLComputedInheritRequired | DACLAutoInherited | DACLProtected
	controlOfSACL = SACLPresent | SACLDefaulted |
		SACLComputedInheritRequired | SACLAutoInherited | SACLProtected
)

// SecurityDescriptor is a security descriptor in its self-relative form.
// [MS-DTYP] 2.4.6.
//
// Three DACLs are easily confused. Without DACLPresent there is none. With
// DACLPresent and a nil DACL, everyone may do everything. With an empty DACL,
// nobody may do anything.
type SecurityDescriptor struct {
	Control SecurityDescriptorControl // SelfRelative, and DACLPresent and SACLPresent of lists that are not nil, are set by Append
	Owner   SID                       // zero: none
	Group   SID                       // zero: none
	SACL    *ACL
	DACL    *ACL
}

// Only is sd without the parts that are not in parts, as a query for parts is
// answered. The lists are shared with sd.
func (sd SecurityDescriptor) Only(parts SecurityInformation) SecurityDescriptor {
	if parts&OwnerSecurityInformation == 0 {
		sd.Owner = SID{}
		sd.Control &^= OwnerDefaulted
	}
	if parts&GroupSecurityInformation == 0 {
		sd.Group = SID{}
		sd.Control &^= GroupDefaulted
	}
	if parts&DACLSecurityInformation == 0 {
		sd.DACL = nil
		sd.Control &^= controlOfDACL
	}
	if parts&SACLSecurityInformation == 0 {
		sd.SACL = nil
		sd.Control &^= controlOfSACL
	}
	return sd
}

// Append writes sd, its parts in the order that Windows gives them. Neither
// list may be larger than [MaxACLSize].
func (sd *SecurityDescriptor) Append(w *wire.Writer) {
	control := sd.Control&^ResourceManagerControlValid | SelfRelative
	if sd.SACL != nil {
		control |= SACLPresent
	}
	if sd.DACL != nil {
		control |= DACLPresent
	}
	start := w.Offset()
	w.U8(1) // Revision
	w.U8(0) // Sbz1
	w.U16(uint16(control))
	owner, group, sacl, dacl := w.Hole(4), w.Hole(4), w.Hole(4), w.Hole(4)
	if sd.SACL != nil {
		w.Fill(sacl, w.Offset()-start)
		sd.SACL.Append(w)
	}
	if sd.DACL != nil {
		w.Fill(dacl, w.Offset()-start)
		sd.DACL.Append(w)
	}
	if !sd.Owner.IsZero() {
		w.Fill(owner, w.Offset()-start)
		sd.Owner.Append(w)
	}
	if !sd.Group.IsZero() {
		w.Fill(group, w.Offset()-start)
		sd.Group.Append(w)
	}
}

// ReadSecurityDescriptor reads all that remains in r as one descriptor, to
// whose start its offsets count. Parts may lie in any order and may overlap.
// After a failure, which stays in r, the descriptor is not to be used.
func ReadSecurityDescriptor(r *wire.Reader) SecurityDescriptor {
	at := r.Offset()
	sub := r.Sub(r.Rest())
	sd := readSecurityDescriptor(sub)
	r.Merge(sub, at)
	return sd
}

// readSecurityDescriptor is ReadSecurityDescriptor for a cursor that covers
// the descriptor and nothing else.
func readSecurityDescriptor(r *wire.Reader) SecurityDescriptor {
	var sd SecurityDescriptor
	r.Check(r.U8() == 1, "security descriptor revision")
	r.Skip(1) // Sbz1
	sd.Control = SecurityDescriptorControl(r.U16())
	r.Check(sd.Control&SelfRelative != 0, "security descriptor Control")
	owner, group, sacl, dacl := r.U32(), r.U32(), r.U32(), r.U32()
	sd.Owner = readPart(r, owner, ReadSID)
	sd.Group = readPart(r, group, ReadSID)
	if sacl != 0 && sd.Control&SACLPresent != 0 {
		l := readPart(r, sacl, ReadACL)
		sd.SACL = &l
	}
	if dacl != 0 && sd.Control&DACLPresent != 0 {
		l := readPart(r, dacl, ReadACL)
		sd.DACL = &l
	}
	return sd
}

// readPart reads the part of a descriptor that lies at off; 0 is no part.
func readPart[T any](r *wire.Reader, off uint32, read func(*wire.Reader) T) (part T) {
	if off == 0 {
		return part
	}
	sub := r.Sub(r.Tail(uint64(off)))
	part = read(sub)
	r.Merge(sub, int(off))
	return part
}

// AppendBinary implements [encoding.BinaryAppender]. A list that is too large
// is an error.
func (sd SecurityDescriptor) AppendBinary(b []byte) ([]byte, error) {
	for _, l := range []*ACL{sd.SACL, sd.DACL} {
		if l != nil && l.Size() > MaxACLSize {
			return b, errors.New("dtyp: access control list too large")
		}
	}
	w := wire.NewWriter(b)
	sd.Append(w)
	return w.Finish(), nil
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. sd aliases b.
func (sd *SecurityDescriptor) UnmarshalBinary(b []byte) error {
	r := wire.NewReader(b)
	v := ReadSecurityDescriptor(r)
	if err := r.Err(); err != nil {
		return err
	}
	*sd = v
	return nil
}
