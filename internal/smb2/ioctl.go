package smb2

import (
	"github.com/signet-smb/signet/dtyp"
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

// ValidateNegotiateInfoRequest is the input of FSCTL_VALIDATE_NEGOTIATE_INFO.
// [MS-SMB2] 2.2.31.4.
type ValidateNegotiateInfoRequest struct {
	Capabilities Capabilities
	GUID         dtyp.GUID
	SecurityMode SecurityMode
	Dialects     []Dialect
}

// ValidateNegotiateInfoResponse is its output. [MS-SMB2] 2.2.32.6.
type ValidateNegotiateInfoResponse struct {
	Capabilities Capabilities
	GUID         dtyp.GUID
	SecurityMode SecurityMode
	Dialect      Dialect
}

func (*IoctlRequest) id() messageID  { return messageID{CommandIoctl, request} }
func (*IoctlResponse) id() messageID { return messageID{CommandIoctl, response} }

func (m *IoctlRequest) decode(r *wire.Reader) {
	r.Skip(2)
	m.CtlCode = fscc.FSCTL(r.U32())
	m.FileID.decode(r)
	input := r.Ref(uint64(r.U32()), uint64(r.U32()))
	m.MaxInputResponse = r.U32()
	output := r.Ref(uint64(r.U32()), uint64(r.U32()))
	m.MaxOutputResponse = r.U32()
	m.Flags = IoctlFlags(r.U32())
	r.Skip(4)
	m.Input = r.At(input)
	m.Output = r.At(output)
}

func (m *IoctlRequest) append(w *wire.Writer) {
	w.Zero(2)
	w.U32(uint32(m.CtlCode))
	m.FileID.append(w)
	inputOffset := w.Hole(4)
	w.U32(uint32(len(m.Input)))
	w.U32(m.MaxInputResponse)
	outputOffset := w.Hole(4)
	w.U32(uint32(len(m.Output)))
	w.U32(m.MaxOutputResponse)
	w.U32(uint32(m.Flags))
	w.Zero(4)
	appendIoctlBuffers(w, inputOffset, outputOffset, m.Input, m.Output)
}

func (m *IoctlResponse) decode(r *wire.Reader) {
	r.Skip(2)
	m.CtlCode = fscc.FSCTL(r.U32())
	m.FileID.decode(r)
	input := r.Ref(uint64(r.U32()), uint64(r.U32()))
	output := r.Ref(uint64(r.U32()), uint64(r.U32()))
	m.Flags = IoctlFlags(r.U32())
	r.Skip(4)
	m.Input = r.At(input)
	m.Output = r.At(output)
}

func (m *IoctlResponse) append(w *wire.Writer) {
	w.Zero(2)
	w.U32(uint32(m.CtlCode))
	m.FileID.append(w)
	inputOffset := w.Hole(4)
	w.U32(uint32(len(m.Input)))
	outputOffset := w.Hole(4)
	w.U32(uint32(len(m.Output)))
	w.U32(uint32(m.Flags))
	w.Zero(4)
	appendIoctlBuffers(w, inputOffset, outputOffset, m.Input, m.Output)
}

// appendIoctlBuffers writes both buffers, the second aligned to 8, and their
// places, that of an empty one too: Windows points behind the fixed part.
func appendIoctlBuffers(w *wire.Writer, inputOffset, outputOffset wire.Hole, input, output []byte) {
	w.Fill(inputOffset, w.Offset())
	w.Bytes(input)
	if len(input) > 0 && len(output) > 0 {
		w.Align(8)
	}
	w.Fill(outputOffset, w.Offset())
	w.Bytes(output)
	if len(input)+len(output) == 0 {
		w.Zero(1)
	}
}

// Decode reads the FSCTL's input buffer.
func (m *ValidateNegotiateInfoRequest) Decode(b []byte) error {
	r := wire.NewReader(b)
	m.Capabilities = Capabilities(r.U32())
	r.Copy(m.GUID[:])
	m.SecurityMode = SecurityMode(r.U16())
	n := int(r.U16())
	r.Check(n <= MaxDialects, "DialectCount")
	if r.Err() != nil {
		return r.Err()
	}
	m.Dialects = make([]Dialect, n)
	for i := range m.Dialects {
		m.Dialects[i] = Dialect(r.U16())
	}
	return r.Err()
}

// Append encodes the FSCTL's input buffer.
func (m *ValidateNegotiateInfoRequest) Append(b []byte) []byte {
	w := wire.NewWriter(b)
	w.U32(uint32(m.Capabilities))
	w.Bytes(m.GUID[:])
	w.U16(uint16(m.SecurityMode))
	w.U16(uint16(len(m.Dialects)))
	appendDialects(w, m.Dialects)
	return w.Finish()
}

// Decode reads the FSCTL's output buffer.
func (m *ValidateNegotiateInfoResponse) Decode(b []byte) error {
	r := wire.NewReader(b)
	m.Capabilities = Capabilities(r.U32())
	r.Copy(m.GUID[:])
	m.SecurityMode = SecurityMode(r.U16())
	m.Dialect = Dialect(r.U16())
	return r.Err()
}

// Append encodes the FSCTL's output buffer.
func (m *ValidateNegotiateInfoResponse) Append(b []byte) []byte {
	w := wire.NewWriter(b)
	w.U32(uint32(m.Capabilities))
	w.Bytes(m.GUID[:])
	w.U16(uint16(m.SecurityMode))
	w.U16(uint16(m.Dialect))
	return w.Finish()
}
