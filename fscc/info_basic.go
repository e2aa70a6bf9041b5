package fscc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// Values of a time in a set that are no moments. [MS-FSCC] 2.4.7.
const (
	TimeUnchanged dtyp.FileTime = 0                  // leave the time as it is
	TimeFrozen    dtyp.FileTime = 0xFFFFFFFFFFFFFFFF // -1: leave it, also when this handle is used
	TimeThawed    dtyp.FileTime = 0xFFFFFFFFFFFFFFFE // -2: end what TimeFrozen began
)

// BasicInformation is FILE_BASIC_INFORMATION. In a set, each time may be one of
// [TimeUnchanged], [TimeFrozen] and [TimeThawed], and FileAttributes of 0 leave
// the attributes as they are. [MS-FSCC] 2.4.7.
type BasicInformation struct {
	CreationTime   dtyp.FileTime
	LastAccessTime dtyp.FileTime
	LastWriteTime  dtyp.FileTime
	ChangeTime     dtyp.FileTime
	FileAttributes FileAttributes
}

// Append implements [Information].
func (i *BasicInformation) Append(w *wire.Writer) {
	w.U64(uint64(i.CreationTime))
	w.U64(uint64(i.LastAccessTime))
	w.U64(uint64(i.LastWriteTime))
	w.U64(uint64(i.ChangeTime))
	w.U32(uint32(i.FileAttributes))
	w.Zero(4) // Reserved
}

// Decode implements [Information].
func (i *BasicInformation) Decode(r *wire.Reader) {
	i.CreationTime = dtyp.FileTime(r.U64())
	i.LastAccessTime = dtyp.FileTime(r.U64())
	i.LastWriteTime = dtyp.FileTime(r.U64())
	i.ChangeTime = dtyp.FileTime(r.U64())
	i.FileAttributes = FileAttributes(r.U32())
	r.Skip(4) // Reserved
}
