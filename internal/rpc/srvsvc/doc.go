// Package srvsvc is the Server Service Remote Protocol, [MS-SRVS]: the server's
// shares, sessions, open files, name and clock, and the way to change what of
// it an administrator may. It is what "smbclient -L", "net view", "net share",
// "net rpc share" and Windows' consoles call.
//
// Each method is one file; the table of methods, with the role that each needs,
// is in methods.go. What everybody may be told comes from the [Server] that the
// caller supplies; what is for those who have a role in the administration, and
// every change, goes by its [Administration].
//
// [MS-SRVS]: https://learn.microsoft.com/openspecs/windows_protocols/ms-srvs
package srvsvc
