package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendIDBothDirectory writes FILE_ID_BOTH_DIR_INFORMATION. [MS-FSCC] 2.4.22.
func appendIDBothDirectory(w *wire.Writer, e *DirectoryEntry) {
	e.appendCommon(w)
	w.U32(e.EaSize)
	e.appendShortName(w)
	w.Zero(2) // Reserved2
	w.U64(e.FileID)
	w.UTF16(e.FileName)
}

// readIDBothDirectory reads FILE_ID_BOTH_DIR_INFORMATION. [MS-FSCC] 2.4.22.
func readIDBothDirectory(r *wire.Reader, e *DirectoryEntry) {
	length := e.readCommon(r)
	e.EaSize = r.U32()
	e.readShortName(r)
	r.Skip(2) // Reserved2
	e.FileID = r.U64()
	e.FileName = r.UTF16(length)
}
