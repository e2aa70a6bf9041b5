package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// InfoType is what QUERY_INFO and SET_INFO are about. [MS-SMB2] 2.2.37.
type InfoType uint8

// Info types.
const (
	InfoFile       InfoType = 0x01
	InfoFileSystem InfoType = 0x02
	InfoSecurity   InfoType = 0x03
	InfoQuota      InfoType = 0x04
)

// QueryInfoFlags is the Flags field of QUERY_INFO. [MS-SMB2] 2.2.37.
type QueryInfoFlags uint32

// Flags of a query of FileFullEaInformation. [MS-SMB2] 2.2.37.
const (
	QueryRestartScan       QueryInfoFlags = 0x00000001
	QueryReturnSingleEntry QueryInfoFlags = 0x00000002
	QueryIndexSpecified    QueryInfoFlags = 0x00000004 // AdditionalInformation is an index, from 1
)

// QueryInfoRequest is the SMB2 QUERY_INFO Request. [MS-SMB2] 2.2.37.
type QueryInfoRequest struct {
	InfoType              InfoType
	FileInfoClass         uint8  // meaning depends on InfoType
	OutputBufferLength    uint32 // bytes
	AdditionalInformation dtyp.SecurityInformation
	Flags                 QueryInfoFlags
	FileID                FileID
	Input                 []byte
}

// QueryInfoResponse is the SMB2 QUERY_INFO Response. [MS-SMB2] 2.2.38.
type QueryInfoResponse struct {
	Output []byte
}

func (*QueryInfoRequest) id() messageID { return queryInfoRequest }

func (m *QueryInfoRequest) decode(r *wire.Reader) {
	m.InfoType = InfoType(r.U8())
	m.FileInfoClass = r.U8()
	m.OutputBufferLength = r.U32()
	offset := r.U16()
	r.Skip(2) // Reserved
	input := r.Ref(uint64(offset), uint64(r.U32()))
	m.AdditionalInformation = dtyp.SecurityInformation(r.U32())
	m.Flags = QueryInfoFlags(r.U32())
	m.FileID.decode(r)
	m.Input = r.At(input)
}

func (m *QueryInfoRequest) append(w *wire.Writer) {
	w.U8(uint8(m.InfoType))
	w.U8(m.FileInfoClass)
	w.U32(m.OutputBufferLength)
	inputOffset := w.Hole(2)
	w.U16(0) // Reserved
	w.U32(uint32(len(m.Input)))
	w.U32(uint32(m.AdditionalInformation))
	w.U32(uint32(m.Flags))
	m.FileID.append(w)
	w.Fill(inputOffset, w.Offset()) // even when empty, <79>
	w.Bytes(m.Input)
}

func (*QueryInfoResponse) id() messageID { return queryInfoResponse }

func (m *QueryInfoResponse) decode(r *wire.Reader) { m.Output = decodeOutput(r) }
func (m *QueryInfoResponse) append(w *wire.Writer) { appendOutput(w, m.Output) }
