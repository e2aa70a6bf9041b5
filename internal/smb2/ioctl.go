package smb2

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
)

// IoctlFlags is the Flags field of IOCTL. [MS-SMB2] 2.2.31.
type IoctlFlags uint32

// IoctlIsFSCTL must be set: other IOCTLs are not supported. [MS-SMB2] 3.3.5.15.
const IoctlIsFSCTL IoctlFlags = 0x00000001

// IoctlRequest is the SMB2 IOCTL Request. [MS-SMB2] 2.2.31.
type IoctlRequest struct {
	CtlCode           fscc.FSCTL
	FileID            FileID
	MaxInputResponse  uint32 // bytes
	MaxOutputResponse uint32 // bytes
	Flags             IoctlFlags
	Input             []byte
	Output            []byte // sent by no known client
}

// IoctlResponse is the SMB2 IOCTL Response. [MS-SMB2] 2.2.32.
type IoctlResponse struct {
	CtlCode fscc.FSCTL
	FileID  FileID
	Flags   IoctlFlags
	Input   []byte
	Output  []byte
}

func (*IoctlRequest) id() messageID { return ioctlRequest }

func (m *IoctlRequest) decode(r *wire.Reader) {
	r.Skip(2) // Reserved
	m.CtlCode = fscc.FSCTL(r.U32())
	m.FileID.decode(r)
	input := r.Ref(uint64(r.U32()), uint64(r.U32()))
	m.MaxInputResponse = r.U32()
	output := r.Ref(uint64(r.U32()), uint64(r.U32()))
	m.MaxOutputResponse = r.U32()
	m.Flags = IoctlFlags(r.U32())
	r.Skip(4) // Reserved2
	m.Input = r.At(input)
	m.Output = r.At(output)
}

func (m *IoctlRequest) append(w *wire.Writer) {
	w.U16(0) // Reserved
	w.U32(uint32(m.CtlCode))
	m.FileID.append(w)
	inputOffset := w.Hole(4)
	w.U32(uint32(len(m.Input)))
	w.U32(m.MaxInputResponse)
	outputOffset := w.Hole(4)
	w.U32(uint32(len(m.Output)))
	w.U32(m.MaxOutputResponse)
	w.U32(uint32(m.Flags))
	w.U32(0) // Reserved2
	w.Fill(inputOffset, w.Offset())
	w.Fill(outputOffset, w.Offset()) // without output both are equal, <64>
	w.Bytes(m.Input)
	if len(m.Output) > 0 {
		w.Align(8)
		w.Fill(outputOffset, w.Offset())
		w.Bytes(m.Output)
	}
}

func (*IoctlResponse) id() messageID { return ioctlResponse }

func (m *IoctlResponse) decode(r *wire.Reader) {
	r.Skip(2) // Reserved
	m.CtlCode = fscc.FSCTL(r.U32())
	m.FileID.decode(r)
	input := r.Ref(uint64(r.U32()), uint64(r.U32()))
	output := r.Ref(uint64(r.U32()), uint64(r.U32()))
	m.Flags = IoctlFlags(r.U32())
	r.Skip(4) // Reserved2
	m.Input = r.At(input)
	m.Output = r.At(output)
}

func (m *IoctlResponse) append(w *wire.Writer) {
	w.U16(0) // Reserved
	w.U32(uint32(m.CtlCode))
	m.FileID.append(w)
	inputOffset := w.Hole(4)
	w.U32(uint32(len(m.Input)))
	outputOffset := w.Hole(4)
	w.U32(uint32(len(m.Output)))
	w.U32(uint32(m.Flags))
	w.U32(0) // Reserved2
	w.Fill(inputOffset, w.Offset())
	w.Bytes(m.Input)
	w.Align(8)
	w.Fill(outputOffset, w.Offset()) // even without output, <67>
	w.Bytes(m.Output)
}
