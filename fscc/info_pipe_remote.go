package fscc

import "github.com/signet-smb/signet/internal/wire"

// PipeRemoteInformation is FILE_PIPE_REMOTE_INFORMATION. [MS-FSCC] 2.4.39.
type PipeRemoteInformation struct {
	CollectDataTime        uint64 // units of 100 ns
	MaximumCollectionCount uint32 // bytes
}

// Append implements [Information].
func (i *PipeRemoteInformation) Append(w *wire.Writer) {
	w.U64(i.CollectDataTime)
	w.U32(i.MaximumCollectionCount)
}

// Decode implements [Information].
func (i *PipeRemoteInformation) Decode(r *wire.Reader) {
	i.CollectDataTime = r.U64()
	i.MaximumCollectionCount = r.U32()
}
