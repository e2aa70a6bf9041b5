package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendDirectory writes FILE_DIRECTORY_INFORMATION. [MS-FSCC] 2.4.10.
func appendDirectory(w *wire.Writer, e *DirectoryEntry) {
	e.appendCommon(w)
	w.UTF16(e.FileName)
}

// readDirectory reads FILE_DIRECTORY_INFORMATION. [MS-FSCC] 2.4.10.
func readDirectory(r *wire.Reader, e *DirectoryEntry) {
	length := e.readCommon(r)
	e.FileName = r.UTF16(length)
}
