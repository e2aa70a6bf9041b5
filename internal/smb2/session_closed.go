package smb2

import "github.com/signet-smb/signet/internal/wire"

// notifySessionClosed is the NotificationType of a [SessionClosedNotification].
// There is no other. [MS-SMB2] 2.2.44.1.
const notifySessionClosed = 0

// SessionClosedNotification tells the client that the server has closed the
// session that the header names; its MessageId is [UnsolicitedMessageID].
// Clients that take it say so by [CapNotifications]. [MS-SMB2] 2.2.44.
type SessionClosedNotification struct{}

func (*SessionClosedNotification) id() messageID { return sessionClosedNotification }

func (*SessionClosedNotification) decode(r *wire.Reader) {
	r.Skip(2) // Reserved
	r.Check(r.U32() == notifySessionClosed, "NotificationType")
	r.Skip(4) // Reserved of SMB2_NOTIFY_SESSION_CLOSED
}

func (*SessionClosedNotification) append(w *wire.Writer) {
	w.U16(0) // Reserved
	w.U32(notifySessionClosed)
	w.U32(0) // Reserved of SMB2_NOTIFY_SESSION_CLOSED
}
