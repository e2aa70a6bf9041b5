package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendIDAllExtdDirectory writes FILE_ID_ALL_EXTD_DIR_INFORMATION.
// [MS-FSCC] 2.4.21.
func appendIDAllExtdDirectory(w *wire.Writer, e *DirectoryEntry) {
	e.appendCommon(w)
	w.U32(e.EaSize)
	w.U32(e.ReparseTag)
	w.U64(e.FileID)
	w.Bytes(e.FileID128[:])
	w.UTF16(e.FileName)
}

// readIDAllExtdDirectory reads FILE_ID_ALL_EXTD_DIR_INFORMATION.
// [MS-FSCC] 2.4.21.
func readIDAllExtdDirectory(r *wire.Reader, e *DirectoryEntry) {
	length := e.readCommon(r)
	e.EaSize = r.U32()
	e.ReparseTag = r.U32()
	e.FileID = r.U64()
	r.Copy(e.FileID128[:])
	e.FileName = r.UTF16(length)
}
