package fscc

import "github.com/signet-smb/signet/internal/wire"

// LinkInformation is FILE_LINK_INFORMATION_TYPE_2, the form that SMB2
// carries. [MS-FSCC] 2.4.28.2.
type LinkInformation struct {
	ReplaceIfExists bool
	RootDirectory   uint64 // must be 0 on a network
	FileName        string // relative to the share
}

// Append implements [Information].
func (i *LinkInformation) Append(w *wire.Writer) {
	appendBool(w, i.ReplaceIfExists)
	w.Zero(7) // Reserved
	w.U64(i.RootDirectory)
	appendName(w, i.FileName)
}

// Decode implements [Information].
func (i *LinkInformation) Decode(r *wire.Reader) {
	i.ReplaceIfExists = readBool(r)
	r.Skip(7) // Reserved
	i.RootDirectory = r.U64()
	i.FileName = readName(r)
}
