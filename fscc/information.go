package fscc

import (
	"iter"

	"github.com/signet-smb/signet/internal/wire"
)

// Information is the structure of an information class of a file or a file
// system. Its type is named after the class without the leading "File":
// *[BasicInformation] belongs to FileBasicInformation. The buffers of FSCTLs
// and lists of change notifications are read and written in the same way.
//
// Names in a structure are strings; their length fields are computed.
type Information interface {
	// Append writes the structure.
	Append(w *wire.Writer)
	// Decode reads the structure and leaves the cursor behind it. A failure
	// stays in r; then the structure is not to be used.
	Decode(r *wire.Reader)
}

// AppendInformation appends the encoding of info to b.
func AppendInformation(b []byte, info Information) []byte {
	w := wire.NewWriter(b)
	info.Append(w)
	return w.Finish()
}

// DecodeInformation decodes b into info. Bytes behind the structure are
// ignored. The error says which field is malformed, and where; whether b is as
// long as [Row.Size] demands is the caller's question, for the answer to that
// is INFO_LENGTH_MISMATCH.
func DecodeInformation(b []byte, info Information) error {
	r := wire.NewReader(b)
	info.Decode(r)
	return r.Err()
}

// Uses says what an information class is there for. [MS-FSCC] 2.4, 2.5.
type Uses uint8

// Uses of an information class. A class without any is not for the network.
const (
	UseQuery     Uses = 1 << iota // SMB2 QUERY_INFO, [MS-SMB2] 2.2.37
	UseSet                        // SMB2 SET_INFO, [MS-SMB2] 2.2.39
	UseDirectory                  // SMB2 QUERY_DIRECTORY, [MS-SMB2] 2.2.33
)

// Row is what is known about an information class: a row of the tables in
// file_information.go and fs_information.go.
type Row struct {
	Name    string // Microsoft's spelling
	Section string // of [MS-FSCC]; empty for classes that it does not describe
	Uses    Uses

	// Size is the length in bytes of the structure's fixed part; a directory
	// class counts NextEntryOffset. It is the least that a SET_INFO must
	// bring. 0 if the structure is not known here.
	Size int

	// MinimumOutput is the least OutputBufferLength of a QUERY_INFO or
	// QUERY_DIRECTORY in bytes; less is INFO_LENGTH_MISMATCH. It is more than
	// Size where [MS-FSA] 2.1.5.12 and 2.1.5.13 demand room for a character
	// or for alignment.
	MinimumOutput int

	// New makes an empty structure; nil if it is not known here, and for the
	// directory classes, whose structure is [DirectoryEntry].
	New func() Information

	// appendEntry writes all of an entry of a directory class that follows
	// NextEntryOffset, readEntry reads it; nil if the form is not known here.
	appendEntry func(*wire.Writer, *DirectoryEntry)
	readEntry   func(*wire.Reader, *DirectoryEntry)
}

// Row describes class c; ok is false for a class that no document lists.
func (c FileInformationClass) Row() (row Row, ok bool) {
	return lookup(fileInformation[:], int(c))
}

// Row describes class c; ok is false for a class that no document lists.
func (c FSInformationClass) Row() (row Row, ok bool) {
	return lookup(fsInformation[:], int(c))
}

// FileInformationClasses are all file information classes with their rows, in
// numerical order.
func FileInformationClasses() iter.Seq2[FileInformationClass, Row] {
	return rows[FileInformationClass](fileInformation[:])
}

// FSInformationClasses are all file system information classes with their
// rows, in numerical order.
func FSInformationClasses() iter.Seq2[FSInformationClass, Row] {
	return rows[FSInformationClass](fsInformation[:])
}

// lookup is the row at index i of a table with gaps.
func lookup(table []Row, i int) (Row, bool) {
	if i >= len(table) || table[i].Name == "" {
		return Row{}, false
	}
	return table[i], true
}

// rows walks a table with gaps.
func rows[C ~uint8](table []Row) iter.Seq2[C, Row] {
	return func(yield func(C, Row) bool) {
		for i, row := range table {
			if row.Name != "" && !yield(C(i), row) {
				return
			}
		}
	}
}

// appendBool writes a Boolean. [MS-FSCC] 2.1.8.
func appendBool(w *wire.Writer, v bool) {
	if v {
		w.U8(1)
		return
	}
	w.U8(0)
}

// readBool reads a Boolean: anything but 0 is true. [MS-FSCC] 2.1.8.
func readBool(r *wire.Reader) bool { return r.U8() != 0 }

// appendName writes the length of name in bytes, 32 bits, then name.
func appendName(w *wire.Writer, name string) {
	w.U32(uint32(wire.UTF16Len(name)))
	w.UTF16(name)
}

// readName reads what appendName writes.
func readName(r *wire.Reader) string { return r.UTF16(int(r.U32())) }
