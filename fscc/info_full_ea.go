package fscc

import (
	"bytes"
	"strings"

	"github.com/signet-smb/signet/internal/wire"
)

// FullEaInformation is a list of FILE_FULL_EA_INFORMATION: the extended
// attributes of a file, or those to set. Also the data of a create context.
// [MS-FSCC] 2.4.16, [MS-SMB2] 2.2.13.2.1.
type FullEaInformation struct {
	EAs []EA
}

// EA is an extended attribute. [MS-FSCC] 2.4.16.
type EA struct {
	Flags EAFlags
	Name  string // bytes, not UTF-16; at most 254, see ValidName
	Value []byte // at most 65535 bytes; empty deletes the attribute
}

// EAFlags are the flags of an extended attribute. [MS-FSCC] 2.4.16.
type EAFlags uint8

// NeedEA says that who does not know extended attributes cannot make sense of
// the file. [MS-FSCC] 2.4.16.
const NeedEA EAFlags = 0x80

// eaAlignment is what the elements of a list are aligned to, in bytes.
const eaAlignment = 4

// maxEAs is the most extended attributes that are read of one file: more than
// the 64 KiB that Windows allows one would hold.
const maxEAs = 1 << 13

// maxEAName is the most bytes of a name. [MS-FSCC] 2.4.16.
const maxEAName = 254

// ValidName reports whether the name may be that of an extended attribute;
// INVALID_EA_NAME is the answer to others. [MS-FSCC] 2.4.16.
func (e *EA) ValidName() bool {
	if e.Name == "" || len(e.Name) > maxEAName {
		return false
	}
	for i := range len(e.Name) {
		if c := e.Name[i]; c < 0x20 || strings.IndexByte(`\/:*?"<>|,+=[];`, c) >= 0 {
			return false
		}
	}
	return true
}

// MaxEASize is the most bytes that the extended attributes of a file take
// together, counted as [EA.Size] does. [MS-FSA] 2.1.5.15.6.
const MaxEASize = 64<<10 - 5

// Size is what the attribute counts in the length of all together, in bytes:
// the old form of OS/2, whatever form is on the wire.
func (e *EA) Size() int { return EASize(len(e.Name), len(e.Value)) }

// EASize is the Size of an attribute of which the lengths are known, in bytes.
func EASize(name, value int) int {
	const header = 1 + 1 + 2 // flags and both lengths
	return header + name + 1 + value
}

// Append implements [Information].
func (i *FullEaInformation) Append(w *wire.Writer) {
	appendList(w, len(i.EAs), eaAlignment, func(n int) {
		e := &i.EAs[n]
		w.U8(uint8(e.Flags))
		w.U8(uint8(len(e.Name)))
		w.U16(uint16(len(e.Value)))
		w.Bytes([]byte(e.Name))
		w.U8(0) // terminator
		w.Bytes(e.Value)
	})
}

// Decode implements [Information]. It reads all that remains.
func (i *FullEaInformation) Decode(r *wire.Reader) {
	i.EAs = nil
	for e := range r.List(eaAlignment, maxEAs) {
		flags := EAFlags(e.U8())
		name, value := int(e.U8()), int(e.U16())
		ea := EA{Flags: flags, Name: readEAName(e, name)}
		if value > 0 {
			ea.Value = bytes.Clone(e.Bytes(value))
		}
		i.EAs = append(i.EAs, ea)
	}
}

// readEAName reads a name of n bytes and its terminator.
func readEAName(r *wire.Reader, n int) string {
	name := string(r.Bytes(n))
	r.Check(r.U8() == 0, "EaName")
	return name
}
