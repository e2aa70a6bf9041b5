package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendIDExtdDirectory writes FILE_ID_EXTD_DIR_INFORMATION. [MS-FSCC] 2.4.23.
func appendIDExtdDirectory(w *wire.Writer, e *DirectoryEntry) {
	e.appendCommon(w)
	w.U32(e.EaSize)
	w.U32(e.ReparseTag)
	w.Bytes(e.FileID128[:])
	w.UTF16(e.FileName)
}

// readIDExtdDirectory reads FILE_ID_EXTD_DIR_INFORMATION. [MS-FSCC] 2.4.23.
func readIDExtdDirectory(r *wire.Reader, e *DirectoryEntry) {
	length := e.readCommon(r)
	e.EaSize = r.U32()
	e.ReparseTag = r.U32()
	r.Copy(e.FileID128[:])
	e.FileName = r.UTF16(length)
}
