// Package srvsvc is the Server Service Remote Protocol, [MS-SRVS], as far as
// clients need it to look at a server: its shares, its name, its clock. It is
// what "smbclient -L", "net view" and Explorer's list of shares call.
//
// Each method is one file; the table of methods is in methods.go. What is told
// comes from the [Server] that the caller supplies.
//
// It changes nothing: shares are made by the administration, not by RPC.
//
// [MS-SRVS]: https://learn.microsoft.com/openspecs/windows_protocols/ms-srvs
package srvsvc
