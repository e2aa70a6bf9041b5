package fscc

import "github.com/signet-smb/signet/internal/wire"

// PipeWait is the input of FSCTL_PIPE_WAIT. [MS-FSCC] 2.3.49.
type PipeWait struct {
	Timeout          uint64 // units of 100 ms, says the section; used if TimeoutSpecified
	TimeoutSpecified bool   // else the wait has no end
	Name             string // of the pipe, without \pipe\
}

// Append implements [Information].
func (i *PipeWait) Append(w *wire.Writer) {
	w.U64(i.Timeout)
	w.U32(uint32(wire.UTF16Len(i.Name)))
	appendBool(w, i.TimeoutSpecified)
	w.Zero(1) // Padding
	w.UTF16(i.Name)
}

// Decode implements [Information].
func (i *PipeWait) Decode(r *wire.Reader) {
	i.Timeout = r.U64()
	length := int(r.U32())
	i.TimeoutSpecified = readBool(r)
	r.Skip(1) // Padding
	i.Name = r.UTF16(length)
}
