package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendIDFullDirectory writes FILE_ID_FULL_DIR_INFORMATION. [MS-FSCC] 2.4.24.
func appendIDFullDirectory(w *wire.Writer, e *DirectoryEntry) {
	e.appendCommon(w)
	w.U32(e.EaSize)
	w.Zero(4) // Reserved
	w.U64(e.FileID)
	w.UTF16(e.FileName)
}

// readIDFullDirectory reads FILE_ID_FULL_DIR_INFORMATION. [MS-FSCC] 2.4.24.
func readIDFullDirectory(r *wire.Reader, e *DirectoryEntry) {
	length := e.readCommon(r)
	e.EaSize = r.U32()
	r.Skip(4) // Reserved
	e.FileID = r.U64()
	e.FileName = r.UTF16(length)
}
