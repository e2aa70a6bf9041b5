// Package client reaches files on SMB 2 and 3 servers: MS-SMB2, the client's
// side.
//
// A [Dialer] signs in and gives a [Session]; that connects to a [Share]; in it
// are names, and [File]s to open. A Session has one connection, or with
// client.EnableMultiChannel several, on which any number of operations may be
// under way; all four types are safe for concurrent use. Many small operations
// at a time take turns with a second session of the same user, and those that
// wait leave in one message: see [Dialer.Lanes]. Nothing is cached: what is asked is asked of the server. A
// [DFS] finds shares by paths of DFS namespaces.
//
// When its connection is lost, a session that [Dialer.Dial] has made gets
// another one: see [Reconnect]. What a program holds (Session, Share, File)
// stays; what is on the wire (session, treeConnect, open) belongs to one
// connection and is immutable, so that no number of an old one can travel in a
// new one. An operation takes what is on the wire now, tries, and where that is
// safe tries again.
//
// What the client insists on are the client.* properties of package policy. By
// default a server that does not sign is refused, and so is one that takes the
// user for a guest. What an answer must prove follows from the state of the
// session, never from what the answer says of itself; the first one that does
// not prove it ends the connection.
//
// The user proves itself by NTLM with [Credentials], or by Kerberos, which a
// program brings along as [Dialer.Kerberos]: then NTLM comes second, if at all,
// never after the server has refused a ticket, and never unsaid
// ([SessionInfo].NTLMReason, an event, the log).
//
// Errors are *[Error]s. They wrap the server's [ntstatus.Status], which
// [errors.Is] compares with io/fs's errors; a *[Refusal], where a policy said
// no; a *[ConnectionError], where the connection has ended, which tells whether
// what was asked for may have been done; a *[LostError], where a file was not
// kept; a *[NameError], where a server has sent a name that leads out of its
// directory; a *[SymlinkError], where a link leads out of the share.
//
// Every method that talks to the server takes a context, but for those that an
// interface of the standard library gives no room for one: see
// [File.WithContext]. When it ends, the server is told, and the method returns
// at once. Without any deadline nothing hangs either: a server that is silent
// for client.SessionTimeout is given up.
//
// Inside, a connection has three goroutines: a read loop that verifies answers
// and gives them to who waits, a write loop for what the socket does not take
// at once, and a watchdog. A session that outlives its connections has one that
// watches over them, and one more while it connects again. Locks in their
// order: DFS.turn, shared.mu (the position of a File), shared.renew,
// trees.renew, session.renewing, besides.turn, lanes.mu, Session.mu, opens.mu,
// channels.mu, connection.mu. Nothing is waited for under the last five; the
// gates before them are waited for no longer than a context.
//
// [MS-SMB2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb2
// [MS-FSCC]: https://learn.microsoft.com/openspecs/windows_protocols/ms-fscc
package client
