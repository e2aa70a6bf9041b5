package server

import (
	"errors"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// flush handles FLUSH. It answers when the data is on stable storage, which
// may take longer than clients wait for: they get an interim response.
// [MS-SMB2] 3.3.5.11.
func flush(a *authenticated) (smb2.Message, error) {
	var req smb2.FlushRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if err := a.open.require(dtyp.FileWriteData | dtyp.FileAppendData); err != nil {
		return nil, err
	}
	if a.open.pipe != nil {
		return &smb2.FlushResponse{}, nil // what was written has been read
	}
	if policy.Get(a.tree.policy, policy.TreatHostAsStableStorage) {
		return &smb2.FlushResponse{}, nil
	}
	if a.isLast() {
		// With too many waiting the answer comes late, without a word before.
		if err := a.pending(); err != nil && !errors.Is(err, ntstatus.InsufficientResources) {
			return nil, err
		}
	}
	if err := a.open.handle.Flush(a.ctx); err != nil {
		return nil, err
	}
	return &smb2.FlushResponse{}, nil
}
