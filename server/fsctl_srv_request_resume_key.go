package server

import (
	"encoding/binary"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// resumeKeyResponseSize is the length of the output in bytes.
const resumeKeyResponseSize = 32

// requestResumeKey handles FSCTL_SRV_REQUEST_RESUME_KEY. [MS-SMB2] 3.3.5.15.5.
func requestResumeKey(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	if req.MaxOutputResponse < resumeKeyResponseSize {
		return nil, ntstatus.InvalidParameter
	}
	res := smb2.SrvRequestResumeKeyResponse{ResumeKey: a.open.resumeKey()}
	return res.Append(nil), nil
}

// resumeKey names o as the source of copies: its FileId. It is no secret, for
// it is good in the session of o only.
func (o *open) resumeKey() (key smb2.ResumeKey) {
	binary.LittleEndian.PutUint64(key[:8], o.id.Persistent)
	binary.LittleEndian.PutUint64(key[8:16], o.id.Volatile)
	return key
}

// acquireResumed returns a counted reference to the open of the session that
// key names, or nil. The caller releases it.
func (ss *session) acquireResumed(key smb2.ResumeKey) *open {
	o := ss.acquireOpen(smb2.FileID{
		Persistent: binary.LittleEndian.Uint64(key[:8]),
		Volatile:   binary.LittleEndian.Uint64(key[8:16]),
	})
	if o != nil && o.resumeKey() != key {
		o.release()
		return nil
	}
	return o
}
