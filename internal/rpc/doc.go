// Package rpc is connection-oriented DCE/RPC, version 5.0, as it runs over
// named pipes: binding, fragments, calls, faults; both ends of it.
//
// The server's end, a [Conn], is a state machine without goroutines, sockets or locks: the pipe
// that owns it writes into it what the client sent and reads from it what the
// client is to get. Interfaces are tables of operations ([Interface]); those
// of a server are packages below this one. Parameters are read and written with
// internal/rpc/ndr. Each operation names the [Role] that it needs, which is
// compared before its parameters are read; context handles are the connection's
// own ([Handles]).
//
// The client's end, a [Client], writes into a pipe and reads from it; what it
// reads is as little trusted as what a server reads.
//
// It knows one transfer syntax, NDR20, which is read in both orders of bytes and
// written in little-endian.
//
// Over SMB the session authenticates, signs and seals. A client may do all that
// once more for its calls ([Authentication], [BindAs]): a connection has a small
// number of security contexts, each with its caller, and its handles are its own.
// What is protected, and how, is in protect.go for both ends; who may call what
// is the [Endpoint]'s to say.
//
// Bounds: a fragment of at most 64 KiB, a call's parameters of at most
// [MaxStub] bytes in 1,024 fragments, as much again of one call's results, and
// 64 KiB of answers that wait to be read before nothing more is taken.
//
// Documents: [C706] is the Open Group's "DCE 1.1: Remote Procedure Call";
// [MS-RPCE] changes it, and says what Windows does.
//
// [C706]: https://publications.opengroup.org/c706
// [MS-RPCE]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rpce
package rpc
