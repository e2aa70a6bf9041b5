package fscc

import "github.com/signet-smb/signet/internal/wire"

// PipeType is what a pipe carries. [MS-FSCC] 2.4.38.
type PipeType uint32

// Pipe types. [MS-FSCC] 2.4.38.
const (
	PipeByteStreamType PipeType = 0
	PipeMessageType    PipeType = 1
)

// PipeConfiguration is which way data flows in a pipe. [MS-FSCC] 2.4.38.
type PipeConfiguration uint32

// Pipe configurations. [MS-FSCC] 2.4.38.
const (
	PipeInbound    PipeConfiguration = 0 // from client to server only
	PipeOutbound   PipeConfiguration = 1
	PipeFullDuplex PipeConfiguration = 2
)

// PipeState is whether a pipe is connected. [MS-FSCC] 2.4.38, 2.3.46.
type PipeState uint32

// Pipe states. [MS-FSCC] 2.4.38.
const (
	PipeDisconnected PipeState = 1
	PipeListening    PipeState = 2
	PipeConnected    PipeState = 3
	PipeClosing      PipeState = 4
)

// PipeEnd is an end of a pipe. [MS-FSCC] 2.4.38.
type PipeEnd uint32

// Ends of a pipe. [MS-FSCC] 2.4.38.
const (
	PipeClientEnd PipeEnd = 0
	PipeServerEnd PipeEnd = 1
)

// PipeLocalInformation is FILE_PIPE_LOCAL_INFORMATION. Quotas and data are in
// bytes. [MS-FSCC] 2.4.38.
type PipeLocalInformation struct {
	NamedPipeType          PipeType
	NamedPipeConfiguration PipeConfiguration
	MaximumInstances       uint32
	CurrentInstances       uint32
	InboundQuota           uint32
	ReadDataAvailable      uint32
	OutboundQuota          uint32
	WriteQuotaAvailable    uint32
	NamedPipeState         PipeState
	NamedPipeEnd           PipeEnd
}

// Append implements [Information].
func (i *PipeLocalInformation) Append(w *wire.Writer) {
	w.U32(uint32(i.NamedPipeType))
	w.U32(uint32(i.NamedPipeConfiguration))
	w.U32(i.MaximumInstances)
	w.U32(i.CurrentInstances)
	w.U32(i.InboundQuota)
	w.U32(i.ReadDataAvailable)
	w.U32(i.OutboundQuota)
	w.U32(i.WriteQuotaAvailable)
	w.U32(uint32(i.NamedPipeState))
	w.U32(uint32(i.NamedPipeEnd))
}

// Decode implements [Information].
func (i *PipeLocalInformation) Decode(r *wire.Reader) {
	i.NamedPipeType = PipeType(r.U32())
	i.NamedPipeConfiguration = PipeConfiguration(r.U32())
	i.MaximumInstances = r.U32()
	i.CurrentInstances = r.U32()
	i.InboundQuota = r.U32()
	i.ReadDataAvailable = r.U32()
	i.OutboundQuota = r.U32()
	i.WriteQuotaAvailable = r.U32()
	i.NamedPipeState = PipeState(r.U32())
	i.NamedPipeEnd = PipeEnd(r.U32())
}
