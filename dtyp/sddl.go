package dtyp

import (
	"errors"
	"fmt"
	"strings"
)

// nullACL is how Windows writes a list that is present and null: everyone may
// do everything. The grammar of [MS-DTYP] 2.5.1.1 has no form for it, and "D:"
// alone is an empty list, the very opposite.
const nullACL = "NO_ACCESS_CONTROL"

// SDDL gives the text form of sd, as Windows writes it: parts in the order
// O:, G:, D:, S:, names for the SIDs, rights and flags that have one.
// [MS-DTYP] 2.5.1.
//
// The text has no form for the defaulted bits of Control and a few others
// that Windows does not write either; they are left out. What matters to
// access is never left out: an entry that cannot be written is an error.
//
// Missing: the expressions of conditional entries, and the claims of resource
// attributes. [MS-DTYP] 2.4.4.17, 2.4.10.1.
func (sd SecurityDescriptor) SDDL() (string, error) {
	var b strings.Builder
	if !sd.Owner.IsZero() {
		b.WriteString("O:" + sddlOfSID(sd.Owner))
	}
	if !sd.Group.IsZero() {
		b.WriteString("G:" + sddlOfSID(sd.Group))
	}
	for _, l := range sddlLists {
		acl := *l.of(&sd)
		if acl == nil && sd.Control&l.present == 0 {
			continue
		}
		b.WriteByte(l.tag)
		b.WriteByte(':')
		for _, f := range l.flags {
			if sd.Control&f.bit != 0 {
				b.WriteString(f.name)
			}
		}
		if acl == nil {
			b.WriteString(nullACL)
			continue
		}
		for i := range acl.ACEs {
			text, err := acl.ACEs[i].sddl()
			if err != nil {
				return "", fmt.Errorf("dtyp: entry %d of %c: %w", i, l.tag, err)
			}
			b.WriteString(text)
		}
	}
	return b.String(), nil
}

// sddlList is a list of a descriptor in SDDL.
type sddlList struct {
	tag     byte
	of      func(*SecurityDescriptor) **ACL
	present SecurityDescriptorControl
	flags   [3]sddlFlag[SecurityDescriptorControl]
}

// sddlFlag is a bit with a name.
type sddlFlag[T ~uint8 | ~uint16 | ~uint32] struct {
	name string
	bit  T
}

// sddlLists are the lists in the order in which they are written.
var sddlLists = [...]sddlList{
	{'D', func(sd *SecurityDescriptor) **ACL { return &sd.DACL }, DACLPresent, [3]sddlFlag[SecurityDescriptorControl]{
		{"P", DACLProtected}, {"AR", DACLComputedInheritRequired}, {"AI", DACLAutoInherited},
	}},
	{'S', func(sd *SecurityDescriptor) **ACL { return &sd.SACL }, SACLPresent, [3]sddlFlag[SecurityDescriptorControl]{
		{"P", SACLProtected}, {"AR", SACLComputedInheritRequired}, {"AI", SACLAutoInherited},
	}},
}

// sddl gives the text of an ACE with its parentheses.
func (a *ACE) sddl() (string, error) {
	row := a.Type.row()
	switch {
	case row.sddl == "":
		return "", fmt.Errorf("SDDL has no name for type 0x%02X", uint8(a.Type))
	case row.data:
		return "", fmt.Errorf("the data of an entry of type %s cannot be written as text", row.sddl)
	case a.SID.IsZero():
		return "", errors.New("no SID")
	case a.ObjectFlags&^(ObjectTypePresent|InheritedObjectTypePresent) != 0:
		return "", fmt.Errorf("SDDL has no name for object flags 0x%08X", uint32(a.ObjectFlags))
	}
	flags, left := sddlOfBits(sddlACEFlags[:], a.Flags)
	if left != 0 {
		return "", fmt.Errorf("SDDL has no name for flags 0x%02X", uint8(left))
	}
	var object, inherited string
	if a.ObjectFlags&ObjectTypePresent != 0 {
		object = a.ObjectType.String()
	}
	if a.ObjectFlags&InheritedObjectTypePresent != 0 {
		inherited = a.InheritedObjectType.String()
	}
	return fmt.Sprintf("(%s;%s;%s;%s;%s;%s)", row.sddl, flags, sddlOfMask(a.Type, a.Mask), object, inherited, sddlOfSID(a.SID)), nil
}

// sddlOfMask gives the name of m if it has one, else those of its bits if all
// have one, else a number.
func sddlOfMask(t ACEType, m AccessMask) string {
	names := sddlRights[:]
	if t == SystemMandatoryLabelACE {
		names = sddlLabelRights[:]
	} else {
		for _, n := range sddlFileRights {
			if m == n.bit {
				return n.name
			}
		}
	}
	if text, left := sddlOfBits(names, m); left == 0 {
		return text
	}
	return fmt.Sprintf("0x%x", uint32(m))
}

// sddlOfBits writes the names of the bits of v, and says which have none.
func sddlOfBits[T ~uint8 | ~uint16 | ~uint32](names []sddlFlag[T], v T) (text string, left T) {
	for _, n := range names {
		if v&n.bit != 0 {
			text += n.name
			v &^= n.bit
		}
	}
	return text, v
}

// sddlOfSID gives the alias of s if it has one.
func sddlOfSID(s SID) string {
	for _, a := range sddlSIDs {
		if a.sid == s {
			return a.name
		}
	}
	return s.String()
}
