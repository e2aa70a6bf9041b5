package fscc

import "github.com/signet-smb/signet/internal/wire"

// PipeReadMode is how data is read from a pipe. [MS-FSCC] 2.4.37.
type PipeReadMode uint32

// Read modes. [MS-FSCC] 2.4.37.
const (
	PipeByteStreamMode PipeReadMode = 0
	PipeMessageMode    PipeReadMode = 1
)

// PipeCompletionMode is whether operations on a pipe wait. [MS-FSCC] 2.4.37.
type PipeCompletionMode uint32

// Completion modes. [MS-FSCC] 2.4.37.
const (
	PipeQueueOperation    PipeCompletionMode = 0 // they do
	PipeCompleteOperation PipeCompletionMode = 1
)

// PipeInformation is FILE_PIPE_INFORMATION. [MS-FSCC] 2.4.37.
type PipeInformation struct {
	ReadMode       PipeReadMode
	CompletionMode PipeCompletionMode
}

// Append implements [Information].
func (i *PipeInformation) Append(w *wire.Writer) {
	w.U32(uint32(i.ReadMode))
	w.U32(uint32(i.CompletionMode))
}

// Decode implements [Information].
func (i *PipeInformation) Decode(r *wire.Reader) {
	i.ReadMode = PipeReadMode(r.U32())
	i.CompletionMode = PipeCompletionMode(r.U32())
}
