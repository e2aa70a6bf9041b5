package fscc

import "github.com/signet-smb/signet/internal/wire"

// SymbolicLink is a Symbolic Link Reparse Data Buffer, or a Mount Point one,
// from SubstituteNameOffset on. [MS-FSCC] 2.1.2.4, 2.1.2.5.
type SymbolicLink struct {
	MountPoint     bool   // a mount point, which has no Flags
	SubstituteName string // the target
	PrintName      string // the target as shown to people
	Flags          SymlinkFlags
}

// SymlinkFlags say what the target of a link is relative to. Also in the
// error of an open that meets a link. [MS-FSCC] 2.1.2.4.
type SymlinkFlags uint32

// SymlinkFlagRelative says that the target is relative to the directory of
// the link. [MS-FSCC] 2.1.2.4.
const SymlinkFlagRelative SymlinkFlags = 0x00000001

// SymbolicLink reads the link in i; ok is false if i is none. The error is a
// *wire.Error, its offset in bytes from the start of DataBuffer.
func (i *ReparseData) SymbolicLink() (link SymbolicLink, ok bool, err error) {
	switch i.ReparseTag {
	case ReparseTagSymlink:
	case ReparseTagMountPoint:
		link.MountPoint = true
	default:
		return SymbolicLink{}, false, nil
	}
	r := wire.NewReader(i.DataBuffer)
	substitute := r.Ref(uint64(r.U16()), uint64(r.U16()))
	printed := r.Ref(uint64(r.U16()), uint64(r.U16()))
	if !link.MountPoint {
		link.Flags = SymlinkFlags(r.U32())
	}
	at := r.Offset()
	names := r.Sub(r.Rest()) // offsets count from here
	link.SubstituteName = names.UTF16At(substitute)
	link.PrintName = names.UTF16At(printed)
	r.Merge(names, at)
	if err := r.Err(); err != nil {
		return SymbolicLink{}, true, err
	}
	return link, true, nil
}

// ReparseData encodes l, the substitute name first.
func (l SymbolicLink) ReparseData() ReparseData {
	w := wire.NewWriter(nil)
	substitute, printed := wire.UTF16Len(l.SubstituteName), wire.UTF16Len(l.PrintName)
	w.U16(0)
	w.U16(uint16(substitute))
	w.U16(uint16(substitute))
	w.U16(uint16(printed))
	tag := ReparseTagMountPoint
	if !l.MountPoint {
		tag = ReparseTagSymlink
		w.U32(uint32(l.Flags))
	}
	w.UTF16(l.SubstituteName)
	w.UTF16(l.PrintName)
	return ReparseData{ReparseTag: tag, DataBuffer: w.Finish()}
}
