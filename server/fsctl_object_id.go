package server

import (
	"encoding/binary"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// objectIDSize is the length of the output in bytes.
const objectIDSize = 64

// getObjectID handles FSCTL_CREATE_OR_GET_OBJECT_ID and FSCTL_GET_OBJECT_ID:
// every file has an object id, made of its identity. Explorer's links find
// files by it after a rename. [MS-FSA] 2.1.5.10.1, 2.1.5.10.13.
//
// Deviation: object ids cannot be set or deleted, so the volume does not say
// that it supports them.
func getObjectID(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	if req.MaxOutputResponse < objectIDSize {
		return nil, ntstatus.InvalidParameter
	}
	var volume dtyp.GUID
	binary.LittleEndian.PutUint32(volume[:], a.tree.share.volume.SerialNumber())
	object := a.open.handle.ObjectID()
	id := fscc.NewObjectID(object, volume, object)
	return fscc.AppendInformation(nil, &id), nil
}
