package fsa

import (
	"encoding/binary"

	"github.com/signet-smb/signet/dtyp"
)

// ObjectID returns an identity of the file that is unique on its volume, also
// in time if the back end can tell a reused inode number. [MS-FSA] 2.1.1.3.
func (h *Handle) ObjectID() (id dtyp.GUID) {
	binary.LittleEndian.PutUint64(id[:8], h.FileID())
	binary.LittleEndian.PutUint64(id[8:], h.file.id.Generation)
	return id
}
