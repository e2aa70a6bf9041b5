package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// SetInfoRequest is the SMB2 SET_INFO Request. [MS-SMB2] 2.2.39.
type SetInfoRequest struct {
	InfoType              InfoType
	FileInfoClass         uint8 // meaning depends on InfoType
	AdditionalInformation dtyp.SecurityInformation
	FileID                FileID
	Input                 []byte
}

// SetInfoResponse is the SMB2 SET_INFO Response. [MS-SMB2] 2.2.40.
type SetInfoResponse struct{ empty }

func (*SetInfoRequest) id() messageID { return setInfoRequest }

func (m *SetInfoRequest) decode(r *wire.Reader) {
	m.InfoType = InfoType(r.U8())
	m.FileInfoClass = r.U8()
	length := r.U32()
	input := r.Ref(uint64(r.U16()), uint64(length))
	r.Skip(2) // Reserved
	m.AdditionalInformation = dtyp.SecurityInformation(r.U32())
	m.FileID.decode(r)
	m.Input = r.At(input)
}

func (m *SetInfoRequest) append(w *wire.Writer) {
	w.U8(uint8(m.InfoType))
	w.U8(m.FileInfoClass)
	w.U32(uint32(len(m.Input)))
	inputOffset := w.Hole(2)
	w.U16(0) // Reserved
	w.U32(uint32(m.AdditionalInformation))
	m.FileID.append(w)
	w.Fill(inputOffset, w.Offset())
	w.Bytes(m.Input)
}

func (*SetInfoResponse) id() messageID { return setInfoResponse }
