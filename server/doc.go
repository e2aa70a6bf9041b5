// Package server is the SMB2 server: [MS-SMB2] section 3.3.
//
// It owns connections, sessions, tree connects and opens, verifies every
// request before anything acts on it, and hands file work to internal/fsa.
// It is not a codec (internal/smb2), not a file system (vfs), not a policy
// (policy), and knows no cryptography (internal/transform).
//
// # The life of a request
//
// receive.go opens with the list of functions that a request passes, in the
// order of [MS-SMB2] 3.3.5.2; send.go with that of a reply, 3.3.4.1.
//
// # Goroutines
//
// Each connection has one, the read loop, which decrypts, splits compounds
// and admits requests strictly in order. Each message (one request or one
// compound) then has a worker of its own, but for short ones, which the read
// loop runs itself; see reader.go for how it is replaced when they are not
// short after all. Replies are written by the worker that has one when nobody
// else is writing, else by the one that is.
//
// # Names
//
// Types carry the names of the specification's abstract data model in lower
// case: connection, session, channel, treeConnect, open, request.
//
// # Locks
//
// In this order, none held over I/O, callbacks or channel sends:
//
//	exchange.mu          one leg of an authentication at a time; the only one
//	                     held over back-end work (the account look-up),
//	                     the delay of a failure, and until the reply is queued
//	session.renewing     one change of the session's user at a time; held while
//	                     shares are asked who that is on disk
//	Server.changingShares the shares are being replaced; held while tree
//	                     connects are ended
//	Server.telling       clients are told of breaks, one after the other; nobody
//	                     who takes it waits for a client
//	pipe.mu              one message at a time; held while its remote procedure
//	                     calls run, which look at the server
//	Server.mu            GlobalSessionTable, ConnectionList
//	session.mu           state, security, identity, channels, tree connects, opens
//	watchdog.mu          connections whose readers run requests
//	connection.mu        RequestList, AsyncCommandList, window, SessionTable
//	sender.mu, budget.mu, lockSequences.mu, channelSequence.mu, clientTable.mu,
//	quota.mu, repeatLog.mu, logonLimiter.mu  leaves
//
// Server.reclaiming is held while connections are chosen to be closed, above
// Server.mu; nobody who takes it holds another lock.
//
// internal/fsa takes its own locks below all of these.
//
// Labels: [MS-SMB2], [MS-FSCC], [MS-FSA], [MS-ERREF] are the documents of
// those names under https://learn.microsoft.com/openspecs/windows_protocols.
// An <n> behind a label is a numbered note of its appendix on Windows.
package server
