package client

import (
	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
)

// cancel asks the server to end k early; asyncID is what an interim response
// has named it. There is no answer but that to k. A CANCEL costs nothing, and
// bears the MessageId of what it cancels. [MS-SMB2] 3.2.4.24.
func (c *connection) cancel(k *call, asyncID smb2.AsyncID) {
	buf := bufpool.Get(headRoom + smb2.HeaderSize + 64)
	out := append(buf.B[:headRoom], make([]byte, smb2.HeaderSize)...)
	out = smb2.Append(out, &smb2.CancelRequest{})
	h := smb2.Header{Command: smb2.CommandCancel, MessageID: k.id}
	if asyncID != 0 {
		h.Flags |= smb2.FlagAsyncCommand
		h.AsyncID = asyncID
	}
	if k.session != nil {
		h.SessionID = k.session.id
	}
	h.Put(out[headRoom:])
	if k.protect.sign {
		k.session.keys.Load().Signer.Sign(out[headRoom:], transform.Client)
	}
	buf.B = c.frame(out, request{session: k.session, protect: k.protect})
	c.enqueue(buf, nil)
}
