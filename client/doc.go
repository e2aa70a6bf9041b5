// Package client reaches files on SMB 2 and 3 servers: MS-SMB2, the client's
// side.
//
// A [Dialer] signs in and gives a [Session]; that connects to a [Share]; in it
// are names, and [File]s to open. A Session is one connection, on which any
// number of operations may be under way at a time; all four types are safe for
// concurrent use. Nothing is cached: what is asked is asked of the server.
//
// What the client insists on are the client.* properties of package policy. By
// default a server that does not sign is refused, and so is one that takes the
// user for a guest. What an answer must prove follows from the state of the
// session, never from what the answer says of itself; the first one that does
// not prove it ends the connection.
//
// Errors are *[Error]s. They wrap the server's [ntstatus.Status], which
// [errors.Is] compares with io/fs's errors; a *[Refusal], where a policy said
// no; a *[ConnectionError], where the connection has ended; a *[NameError],
// where a server has sent a name that leads out of its directory.
//
// Every method that talks to the server takes a context, but for those that an
// interface of the standard library gives no room for one: see
// [File.WithContext]. When it ends, the server is told, and the method returns
// at once. Without any deadline nothing hangs either: a server that is silent
// for client.SessionTimeout is given up.
//
// Inside, a connection has three goroutines: a read loop that verifies answers
// and gives them to who waits, a write loop for what the socket does not take
// at once, and a watchdog. connection.mu
// guards what they share, and nothing is waited for while it is held;
// shared.mu, the position of a File, is taken before it.
//
// [MS-SMB2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb2
// [MS-FSCC]: https://learn.microsoft.com/openspecs/windows_protocols/ms-fscc
package client
