package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendID64ExtdDirectory writes FILE_ID_64_EXTD_DIR_INFORMATION.
// [MS-FSCC] 2.4.19.
func appendID64ExtdDirectory(w *wire.Writer, e *DirectoryEntry) {
	e.appendCommon(w)
	w.U32(e.EaSize)
	w.U32(e.ReparseTag)
	w.U64(e.FileID)
	w.UTF16(e.FileName)
}

// readID64ExtdDirectory reads FILE_ID_64_EXTD_DIR_INFORMATION.
// [MS-FSCC] 2.4.19.
func readID64ExtdDirectory(r *wire.Reader, e *DirectoryEntry) {
	length := e.readCommon(r)
	e.EaSize = r.U32()
	e.ReparseTag = r.U32()
	e.FileID = r.U64()
	e.FileName = r.UTF16(length)
}
