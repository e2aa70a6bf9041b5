package server

import (
	"slices"

	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transport"
)

// farewell returns what tells the client that the server has closed the
// session, to be called when that is done, by the connection that the session
// began on: nothing, unless the client said that it understands.
//
// It is sealed where all of the session is, and not signed else: it asks for
// nothing, and the client finds out by its next request anyway.
// [MS-SMB2] 2.2.44, 4.11.1.
func (ss *session) farewell() (tell func()) {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	c := ss.connection
	sec := ss.channels[c]
	if sec == nil || ss.negotiated.capabilities&smb2.CapNotifications == 0 {
		return func() {}
	}
	return func() { c.notify(ss.id, sec, &smb2.SessionClosedNotification{}) }
}

// notify queues a message that answers no request: sealed if sec seals all of
// its session, and never signed, for the MessageId is no nonce. It waits for no
// client, and reports false if the connection cannot take it.
func (c *connection) notify(id smb2.SessionID, sec *sessionSecurity, m smb2.Message) bool {
	buf := bufpool.Get(headroom + smb2.HeaderSize + replySize(m) + tailroom)
	h := smb2.Header{
		Command: smb2.CommandOf(m), Flags: smb2.FlagServerToRedir, MessageID: smb2.UnsolicitedMessageID, SessionID: id,
	}
	b := buf.B[:headroom+smb2.HeaderSize]
	h.Put(b[headroom:])
	buf.B = slices.Grow(smb2.Append(b, m), tailroom)
	frame := buf.B[smb2.TransformHeaderSize:]
	if sec != nil && sec.encryptData {
		sealed, err := sec.sealer.Seal(buf.B[transport.FrameHeaderSize:])
		if err != nil { // it has sealed all that it ever may: nobody listens
			buf.Release()
			return false
		}
		transport.PutFrameHeader(buf.B, len(sealed))
		frame = buf.B
	} else {
		transport.PutFrameHeader(frame, len(frame)-transport.FrameHeaderSize)
	}
	c.notified(c)
	return c.sender.post(outgoing{buf: buf, frame: frame})
}
