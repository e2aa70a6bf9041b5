package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

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

// Decode reads the input of the FSCTL. The error is a *[wire.Error]; the
// server drops the connection then, [MS-SMB2] 3.3.5.15.12.
func (v *ValidateNegotiateInfoRequest) Decode(b []byte) error {
	r := wire.NewReader(b)
	v.Capabilities = Capabilities(r.U32())
	r.Copy(v.GUID[:])
	v.SecurityMode = SecurityMode(r.U16())
	v.Dialects = decodeDialects(r, r.U16())
	return r.Err()
}

// Append encodes the input of the FSCTL behind b.
func (v *ValidateNegotiateInfoRequest) Append(b []byte) []byte {
	w := wire.NewWriter(b)
	w.U32(uint32(v.Capabilities))
	w.Bytes(v.GUID[:])
	w.U16(uint16(v.SecurityMode))
	w.U16(uint16(len(v.Dialects)))
	appendDialects(w, v.Dialects)
	return w.Finish()
}

// Decode reads the output of the FSCTL. The error is a *[wire.Error]; the
// client drops the connection then, [MS-SMB2] 3.2.5.14.12.
func (v *ValidateNegotiateInfoResponse) Decode(b []byte) error {
	r := wire.NewReader(b)
	v.Capabilities = Capabilities(r.U32())
	r.Copy(v.GUID[:])
	v.SecurityMode = SecurityMode(r.U16())
	v.Dialect = Dialect(r.U16())
	return r.Err()
}

// Append encodes the output of the FSCTL behind b.
func (v *ValidateNegotiateInfoResponse) Append(b []byte) []byte {
	w := wire.NewWriter(b)
	w.U32(uint32(v.Capabilities))
	w.Bytes(v.GUID[:])
	w.U16(uint16(v.SecurityMode))
	w.U16(uint16(v.Dialect))
	return w.Finish()
}
