package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendBothDirectory writes FILE_BOTH_DIR_INFORMATION. [MS-FSCC] 2.4.8.
func appendBothDirectory(w *wire.Writer, e *DirectoryEntry) {
	e.appendCommon(w)
	w.U32(e.EaSize)
	e.appendShortName(w)
	w.UTF16(e.FileName)
}

// readBothDirectory reads FILE_BOTH_DIR_INFORMATION. [MS-FSCC] 2.4.8.
func readBothDirectory(r *wire.Reader, e *DirectoryEntry) {
	length := e.readCommon(r)
	e.EaSize = r.U32()
	e.readShortName(r)
	e.FileName = r.UTF16(length)
}
