package smb2

import "github.com/signet-smb/signet/internal/wire"

// SrvRequestResumeKeyResponse is the output of FSCTL_SRV_REQUEST_RESUME_KEY;
// it has no input. [MS-SMB2] 2.2.32.3.
type SrvRequestResumeKeyResponse struct {
	ResumeKey ResumeKey
}

// Decode reads the output of the FSCTL. The error is a *[wire.Error].
func (k *SrvRequestResumeKeyResponse) Decode(b []byte) error {
	r := wire.NewReader(b)
	r.Copy(k.ResumeKey[:])
	r.Skip(4) // ContextLength, unused
	return r.Err()
}

// Append encodes the output of the FSCTL behind b: 32 bytes, as
// [MS-SMB2] 3.3.5.15.5 wants.
func (k *SrvRequestResumeKeyResponse) Append(b []byte) []byte {
	w := wire.NewWriter(b)
	w.Bytes(k.ResumeKey[:])
	w.U32(0) // ContextLength
	w.U32(0) // Context, <69>
	return w.Finish()
}
