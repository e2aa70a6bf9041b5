package fscc

import (
	"bytes"

	"github.com/signet-smb/signet/internal/wire"
)

// PipePeek is the output of FSCTL_PIPE_PEEK; it has no input.
// [MS-FSCC] 2.3.46.
type PipePeek struct {
	NamedPipeState    PipeState // PipeConnected or PipeClosing
	ReadDataAvailable uint32    // bytes
	NumberOfMessages  uint32    // 0 of a byte stream, as the next
	MessageLength     uint32    // bytes of the first message
	Data              []byte    // as much as there was room for
}

// Append implements [Information].
func (i *PipePeek) Append(w *wire.Writer) {
	w.U32(uint32(i.NamedPipeState))
	w.U32(i.ReadDataAvailable)
	w.U32(i.NumberOfMessages)
	w.U32(i.MessageLength)
	w.Bytes(i.Data)
}

// Decode implements [Information]. It reads all that remains.
func (i *PipePeek) Decode(r *wire.Reader) {
	i.NamedPipeState = PipeState(r.U32())
	i.ReadDataAvailable = r.U32()
	i.NumberOfMessages = r.U32()
	i.MessageLength = r.U32()
	i.Data = readRest(r)
}

// readRest is a copy of all that remains; nil if that is nothing.
func readRest(r *wire.Reader) []byte {
	if r.Len() == 0 {
		return nil
	}
	return bytes.Clone(r.Rest())
}
