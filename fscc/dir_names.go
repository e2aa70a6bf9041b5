package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendNames writes FILE_NAMES_INFORMATION. [MS-FSCC] 2.4.33.
func appendNames(w *wire.Writer, e *DirectoryEntry) {
	w.U32(e.FileIndex)
	appendName(w, e.FileName)
}

// readNames reads FILE_NAMES_INFORMATION. [MS-FSCC] 2.4.33.
func readNames(r *wire.Reader, e *DirectoryEntry) {
	e.FileIndex = r.U32()
	e.FileName = readName(r)
}
