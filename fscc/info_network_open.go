package fscc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// NetworkOpenInformation is FILE_NETWORK_OPEN_INFORMATION. [MS-FSCC] 2.4.34.
type NetworkOpenInformation struct {
	CreationTime   dtyp.FileTime
	LastAccessTime dtyp.FileTime
	LastWriteTime  dtyp.FileTime
	ChangeTime     dtyp.FileTime
	AllocationSize uint64 // bytes
	EndOfFile      uint64 // bytes
	FileAttributes FileAttributes
}

// Append implements [Information].
func (i *NetworkOpenInformation) Append(w *wire.Writer) {
	w.U64(uint64(i.CreationTime))
	w.U64(uint64(i.LastAccessTime))
	w.U64(uint64(i.LastWriteTime))
	w.U64(uint64(i.ChangeTime))
	w.U64(i.AllocationSize)
	w.U64(i.EndOfFile)
	w.U32(uint32(i.FileAttributes))
	w.Zero(4) // Reserved
}

// Decode implements [Information].
func (i *NetworkOpenInformation) Decode(r *wire.Reader) {
	i.CreationTime = dtyp.FileTime(r.U64())
	i.LastAccessTime = dtyp.FileTime(r.U64())
	i.LastWriteTime = dtyp.FileTime(r.U64())
	i.ChangeTime = dtyp.FileTime(r.U64())
	i.AllocationSize = r.U64()
	i.EndOfFile = r.U64()
	i.FileAttributes = FileAttributes(r.U32())
	r.Skip(4) // Reserved
}
