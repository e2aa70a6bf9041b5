// Package transport carries whole messages over a byte stream: the Direct TCP
// transport of [MS-SMB2] 2.1. Four bytes precede each message: a zero byte and
// the message's length, 24 bits, most significant byte first.
//
// It knows nothing of what a message says. Both ends use it; the same
// interface will serve QUIC, which frames alike.
//
// # Memory
//
// A stranger names a length, so the length buys nothing by itself: it is
// compared with the owner's limit before memory is taken, an idle connection
// holds no buffer, and a large frame's buffer grows only as its bytes arrive:
// sixteenfold of what has come, beginning with 64 KiB, or 4 KiB if the owner
// is thrifty. The owner is told of every byte, see [Owner].
//
// # Time
//
// How long a connection may be idle between frames is its owner's business: it
// calls Close. Once a frame has begun, the transport itself wants progress,
// see [StallTimeout]; likewise while writing. For that it uses the deadlines
// of the net.Conn, so nobody else may.
//
// # Sockets on Linux
//
// The net.Conn of a TCP connection is closed, its descriptor lives on in a
// socket. Who reads it lingers in the kernel while its peer is busy and
// processors are to spare (crowd), and parks in Go's poller otherwise.
// docs/adr/0008.
//
// [MS-SMB2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb2
package transport
