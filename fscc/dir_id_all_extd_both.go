package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendIDAllExtdBothDirectory writes FILE_ID_ALL_EXTD_BOTH_DIR_INFORMATION.
// [MS-FSCC] 2.4.20.
func appendIDAllExtdBothDirectory(w *wire.Writer, e *DirectoryEntry) {
	e.appendCommon(w)
	w.U32(e.EaSize)
	w.U32(e.ReparseTag)
	w.U64(e.FileID)
	w.Bytes(e.FileID128[:])
	e.appendShortName(w)
	w.UTF16(e.FileName)
}

// readIDAllExtdBothDirectory reads FILE_ID_ALL_EXTD_BOTH_DIR_INFORMATION.
// [MS-FSCC] 2.4.20.
func readIDAllExtdBothDirectory(r *wire.Reader, e *DirectoryEntry) {
	length := e.readCommon(r)
	e.EaSize = r.U32()
	e.ReparseTag = r.U32()
	e.FileID = r.U64()
	r.Copy(e.FileID128[:])
	e.readShortName(r)
	e.FileName = r.UTF16(length)
}
