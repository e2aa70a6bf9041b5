package smb2

import (
	"github.com/signet-smb/signet/internal/wire"
)

// SymbolicLink says which link a CREATE has met, in the data of an
// [ErrorResponse] with STATUS_STOPPED_ON_SYMLINK. [MS-SMB2] 2.2.2.2.1.
type SymbolicLink struct {
	UnparsedPathLength uint16 // bytes of the path, in UTF-16, that come behind the link
	Relative           bool   // SubstituteName begins in the directory of the link
	SubstituteName     string // where the link leads: `..\dir`, or `\??\UNC\server\share\dir`
	PrintName          string // the same for people
}

// Numbers of a symbolic link's error. [MS-SMB2] 2.2.2.2.1.
const (
	symLinkErrorTag   = 0x4C4D5953 // "SYML"
	reparseTagSymlink = 0xA000000C
	symLinkFixed      = 12 // SubstituteNameOffset to Flags, in bytes
	symLinkRelative   = 0x00000001
)

// SymbolicLink reads Data, behind an error context if there is one. The error
// is a *[wire.Error].
func (m *ErrorResponse) SymbolicLink() (l SymbolicLink, err error) {
	r := wire.NewReader(m.Data)
	if m.ContextCount > 0 { // [MS-SMB2] 2.2.2.1
		n := r.U32()
		r.Check(r.U32() == 0, "ErrorId")
		r.Check(uint64(n) <= uint64(r.Len()), "ErrorDataLength")
		if r.Err() != nil {
			return l, r.Err()
		}
		r = wire.NewReader(r.Bytes(int(n)))
	}
	r.Skip(4) // SymLinkLength: servers count it in several ways
	r.Check(r.U32() == symLinkErrorTag, "SymLinkErrorTag")
	r.Check(r.U32() == reparseTagSymlink, "ReparseTag")
	r.Check(r.U16() >= symLinkFixed, "ReparseDataLength")
	l.UnparsedPathLength = r.U16()
	substitute := r.Ref(uint64(r.U16()), uint64(r.U16()))
	name := r.Ref(uint64(r.U16()), uint64(r.U16()))
	l.Relative = r.U32()&symLinkRelative != 0
	path := r.Sub(r.Rest())
	l.SubstituteName, l.PrintName = path.UTF16At(substitute), path.UTF16At(name)
	r.Merge(path, 0)
	return l, r.Err()
}

// Append encodes l as the Data of an [ErrorResponse], behind an error context
// if context is set, behind b.
func (l *SymbolicLink) Append(b []byte, context bool) []byte {
	w := wire.NewWriter(b)
	substitute, name := wire.UTF16Len(l.SubstituteName), wire.UTF16Len(l.PrintName)
	size := symLinkFixed + substitute + name
	if context {
		w.U32(uint32(16 + size))
		w.U32(0) // ErrorId
	}
	w.U32(uint32(12 + size))
	w.U32(symLinkErrorTag)
	w.U32(reparseTagSymlink)
	w.U16(uint16(size))
	w.U16(l.UnparsedPathLength)
	w.U16(0) // SubstituteNameOffset
	w.U16(uint16(substitute))
	w.U16(uint16(substitute)) // PrintNameOffset
	w.U16(uint16(name))
	if l.Relative {
		w.U32(symLinkRelative)
	} else {
		w.U32(0)
	}
	w.UTF16(l.SubstituteName)
	w.UTF16(l.PrintName)
	return w.Finish()
}
