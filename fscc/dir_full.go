package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendFullDirectory writes FILE_FULL_DIR_INFORMATION. [MS-FSCC] 2.4.15.
func appendFullDirectory(w *wire.Writer, e *DirectoryEntry) {
	e.appendCommon(w)
	w.U32(e.EaSize)
	w.UTF16(e.FileName)
}

// readFullDirectory reads FILE_FULL_DIR_INFORMATION. [MS-FSCC] 2.4.15.
func readFullDirectory(r *wire.Reader, e *DirectoryEntry) {
	length := e.readCommon(r)
	e.EaSize = r.U32()
	e.FileName = r.UTF16(length)
}
