package fscc

import "github.com/signet-smb/signet/internal/wire"

// RenameInformation is FILE_RENAME_INFORMATION_TYPE_2, the form that SMB2
// carries. [MS-FSCC] 2.4.42.2.
type RenameInformation struct {
	ReplaceIfExists bool
	RootDirectory   uint64 // must be 0 on a network
	FileName        string // relative to the share, or to the file for a name that begins with a colon
}

// renameMinimum is the least length of the structure in bytes; shorter names
// are padded.
const renameMinimum = 24

// Append implements [Information].
func (i *RenameInformation) Append(w *wire.Writer) {
	start := w.Offset()
	appendBool(w, i.ReplaceIfExists)
	w.Zero(7) // Reserved
	w.U64(i.RootDirectory)
	appendName(w, i.FileName)
	w.Zero(max(0, start+renameMinimum-w.Offset()))
}

// Decode implements [Information]. Clients that leave the padding away are
// understood.
func (i *RenameInformation) Decode(r *wire.Reader) {
	start := r.Offset()
	i.ReplaceIfExists = readBool(r)
	r.Skip(7) // Reserved
	i.RootDirectory = r.U64()
	i.FileName = readName(r)
	r.Skip(min(max(0, start+renameMinimum-r.Offset()), r.Len()))
}
