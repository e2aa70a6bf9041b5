package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendID64ExtdBothDirectory writes FILE_ID_64_EXTD_BOTH_DIR_INFORMATION.
// [MS-FSCC] 2.4.18.
func appendID64ExtdBothDirectory(w *wire.Writer, e *DirectoryEntry) {
	e.appendCommon(w)
	w.U32(e.EaSize)
	w.U32(e.ReparseTag)
	w.U64(e.FileID)
	e.appendShortName(w)
	w.UTF16(e.FileName)
}

// readID64ExtdBothDirectory reads FILE_ID_64_EXTD_BOTH_DIR_INFORMATION.
// [MS-FSCC] 2.4.18.
func readID64ExtdBothDirectory(r *wire.Reader, e *DirectoryEntry) {
	length := e.readCommon(r)
	e.EaSize = r.U32()
	e.ReparseTag = r.U32()
	e.FileID = r.U64()
	e.readShortName(r)
	e.FileName = r.UTF16(length)
}
