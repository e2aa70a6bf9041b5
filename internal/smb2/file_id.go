package smb2

import "github.com/signet-smb/signet/internal/wire"

// FileID is SMB2_FILEID. [MS-SMB2] 2.2.14.1.
type FileID struct {
	Persistent uint64
	Volatile   uint64
}

// RelatedFileID, all bits set, names the open of the element before in a
// chain of related requests. [MS-SMB2] 3.3.5.2.7.2.
var RelatedFileID = FileID{0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF}

func (f *FileID) decode(r *wire.Reader) {
	f.Persistent = r.U64()
	f.Volatile = r.U64()
}

func (f FileID) append(w *wire.Writer) {
	w.U64(f.Persistent)
	w.U64(f.Volatile)
}
