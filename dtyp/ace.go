package dtyp

import "github.com/signet-smb/signet/internal/wire"

// ACEFlags is the AceFlags field: who inherits the ACE, and what an audit
// entry records. [MS-DTYP] 2.4.4.1.
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

// ObjectACEFlags is the Flags field of an object ACE: which of its GUIDs it
// has. [MS-DTYP] 2.4.4.3.
type ObjectACEFlags uint32

// Flags of an object ACE. [MS-DTYP] 2.4.4.3.
const (
	ObjectTypePresent          ObjectACEFlags = 0x1
	InheritedObjectTypePresent ObjectACEFlags = 0x2
)

// ACE is an access control entry. [MS-DTYP] 2.4.4. Which fields it has, its
// type says; the others are zero.
type ACE struct {
	Type  ACEType
	Flags ACEFlags
	Mask  AccessMask
	SID   SID

	// The parts of an object ACE. A GUID whose flag is not set is zero, which
	// is not the same as a GUID that is present and zero.
	ObjectFlags         ObjectACEFlags
	ObjectType          GUID
	InheritedObjectType GUID

	// Data is the application data of a callback ACE, of which conditional
	// ACEs are one kind, and the claim of a resource attribute; of a type
	// without a name here, all that is behind the header, at least 4 bytes.
	// A multiple of 4 bytes. Aliases the message.
	Data []byte
}

// Sizes in bytes. An ACE of any type has a mask behind its header.
const (
	aceHeaderSize = 4
	aceMinimum    = aceHeaderSize + 4
)

// Size is the length of the encoded ACE in bytes.
func (a *ACE) Size() int {
	row := a.Type.row()
	if !row.known {
		return aceHeaderSize + len(a.Data)
	}
	n := aceHeaderSize + 4 + a.SID.Size()
	if row.object {
		n += 4
		for _, flag := range [...]ObjectACEFlags{ObjectTypePresent, InheritedObjectTypePresent} {
			if a.ObjectFlags&flag != 0 {
				n += len(GUID{})
			}
		}
	}
	if row.data {
		n += len(a.Data)
	}
	return n
}

func (a *ACE) append(w *wire.Writer) {
	w.U8(uint8(a.Type))
	w.U8(uint8(a.Flags))
	w.U16(uint16(a.Size()))
	row := a.Type.row()
	if !row.known {
		w.Bytes(a.Data)
		return
	}
	w.U32(uint32(a.Mask))
	if row.object {
		w.U32(uint32(a.ObjectFlags))
		if a.ObjectFlags&ObjectTypePresent != 0 {
			w.Bytes(a.ObjectType[:])
		}
		if a.ObjectFlags&InheritedObjectTypePresent != 0 {
			w.Bytes(a.InheritedObjectType[:])
		}
	}
	a.SID.Append(w)
	if row.data {
		w.Bytes(a.Data)
	}
}

// readACE reads an ACE of at most limit bytes.
func readACE(r *wire.Reader, limit int) ACE {
	start := r.Offset()
	a := ACE{Type: ACEType(r.U8()), Flags: ACEFlags(r.U8())}
	size := int(r.U16())
	r.Check(size >= aceMinimum && size%4 == 0 && size <= limit, "AceSize")
	row := a.Type.row()
	if !row.known {
		a.Data = r.Bytes(size - aceHeaderSize)
		return a
	}
	a.Mask = AccessMask(r.U32())
	if row.object {
		a.ObjectFlags = ObjectACEFlags(r.U32())
		if a.ObjectFlags&ObjectTypePresent != 0 {
			r.Copy(a.ObjectType[:])
		}
		if a.ObjectFlags&InheritedObjectTypePresent != 0 {
			r.Copy(a.InheritedObjectType[:])
		}
	}
	a.SID = ReadSID(r)
	left := size - (r.Offset() - start)
	r.Check(left >= 0, "AceSize")
	if row.data && left > 0 {
		a.Data = r.Bytes(left)
		return a
	}
	r.Skip(left) // 2.4.4.1: not interpreted
	return a
}
