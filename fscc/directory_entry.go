package fscc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// DirectoryEntry is one entry of a directory listing: all that any of the
// directory classes can say about a file. Each class sends some of it, as its
// dir_*.go file says.
type DirectoryEntry struct {
	FileIndex      uint32 // 0: positions in a directory are not fixed
	CreationTime   dtyp.FileTime
	LastAccessTime dtyp.FileTime
	LastWriteTime  dtyp.FileTime
	ChangeTime     dtyp.FileTime
	EndOfFile      uint64 // bytes
	AllocationSize uint64 // bytes
	FileAttributes FileAttributes
	EaSize         uint32   // bytes; in classes without ReparseTag, that if FileAttributeReparsePoint is set
	ReparseTag     uint32   // 2.1.2.1; 0 unless FileAttributeReparsePoint is set
	ShortName      string   // 8.3 name, at most 12 UTF-16 code units; "" if there is none
	FileID         uint64   // 64-bit file ID, 2.1.9
	FileID128      [16]byte // 128-bit file ID, 2.1.10; zero if the file system has none
	FileName       string
}

// appendCommon writes FileIndex to FileNameLength, with which all classes but
// FileNamesInformation begin.
func (e *DirectoryEntry) appendCommon(w *wire.Writer) {
	w.U32(e.FileIndex)
	w.U64(uint64(e.CreationTime))
	w.U64(uint64(e.LastAccessTime))
	w.U64(uint64(e.LastWriteTime))
	w.U64(uint64(e.ChangeTime))
	w.U64(e.EndOfFile)
	w.U64(e.AllocationSize)
	w.U32(uint32(e.FileAttributes))
	w.U32(uint32(wire.UTF16Len(e.FileName)))
}

// readCommon reads what appendCommon writes and returns FileNameLength in
// bytes.
func (e *DirectoryEntry) readCommon(r *wire.Reader) (nameLength int) {
	e.FileIndex = r.U32()
	e.CreationTime = dtyp.FileTime(r.U64())
	e.LastAccessTime = dtyp.FileTime(r.U64())
	e.LastWriteTime = dtyp.FileTime(r.U64())
	e.ChangeTime = dtyp.FileTime(r.U64())
	e.EndOfFile = r.U64()
	e.AllocationSize = r.U64()
	e.FileAttributes = FileAttributes(r.U32())
	return int(r.U32())
}

// shortNameSize is the room for ShortName in bytes.
const shortNameSize = 24

// appendShortName writes ShortNameLength, a reserved byte and ShortName. A
// name that does not fit is none: it would not be an 8.3 name.
func (e *DirectoryEntry) appendShortName(w *wire.Writer) {
	short := e.ShortName
	n := wire.UTF16Len(short)
	if n > shortNameSize {
		short, n = "", 0
	}
	w.U8(uint8(n))
	w.Zero(1) // Reserved
	w.UTF16(short)
	w.Zero(shortNameSize - n)
}

// readShortName reads what appendShortName writes.
func (e *DirectoryEntry) readShortName(r *wire.Reader) {
	n := int(r.U8())
	r.Check(n <= shortNameSize, "ShortNameLength")
	r.Skip(1) // Reserved
	e.ShortName = r.UTF16(n)
	r.Skip(shortNameSize - n)
}
