package smb2

import "github.com/signet-smb/signet/internal/wire"

// QueryOnDiskIDContext asks for an [OnDiskID]. The request has no data.
// [MS-SMB2] 2.2.13.2.9.
func QueryOnDiskIDContext() CreateContext {
	return CreateContext{Name: CreateQueryOnDiskID}
}

// OnDiskID is the data of a response's [CreateQueryOnDiskID].
// [MS-SMB2] 2.2.14.2.9.
type OnDiskID struct {
	DiskFileID uint64 // 64-bit file ID, [MS-FSCC] 2.1.9
	VolumeID   uint64
}

// OnDiskID reads the data of a response's [CreateQueryOnDiskID].
func (c CreateContext) OnDiskID() (OnDiskID, error) {
	return readContext(c, func(r *wire.Reader) OnDiskID {
		id := OnDiskID{DiskFileID: r.U64(), VolumeID: r.U64()}
		r.Skip(16) // Reserved
		return id
	})
}

// OnDiskIDContext encodes id.
func OnDiskIDContext(id OnDiskID) CreateContext {
	return newContext(CreateQueryOnDiskID, func(w *wire.Writer) {
		w.U64(id.DiskFileID)
		w.U64(id.VolumeID)
		w.Zero(16) // Reserved
	})
}
