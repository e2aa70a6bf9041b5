package fscc

import (
	"strings"

	"github.com/signet-smb/signet/internal/wire"
)

// GetDFSReferral is REQ_GET_DFS_REFERRAL: the input of
// FSCTL_DFS_GET_REFERRALS. [MS-DFSC] 2.2.2.
type GetDFSReferral struct {
	MaxReferralLevel uint16 // newest version of the answer that is understood
	RequestFileName  string // \server\share\path, or empty
}

// Append implements [Information].
func (i *GetDFSReferral) Append(w *wire.Writer) {
	w.U16(i.MaxReferralLevel)
	w.UTF16(i.RequestFileName)
	w.U16(0) // terminator
}

// Decode implements [Information]. A name without terminator ends with the
// buffer.
func (i *GetDFSReferral) Decode(r *wire.Reader) {
	i.MaxReferralLevel = r.U16()
	i.RequestFileName, _, _ = strings.Cut(r.UTF16(r.Len()), "\x00")
}
