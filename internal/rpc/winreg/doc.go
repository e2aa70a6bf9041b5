// Package winreg is the Windows Remote Registry Protocol, [MS-RRP]: the tree of
// keys and values that "reg query \\server", regedit, "net rpc registry" and
// configuration tools read and write.
//
// There is no registry behind it. What a [Registry] lists are the values that
// exist, and the keys are those that lead to them; a value that is written or
// deleted is handed to the Registry, which knows what it means and who may. So
// keys are neither made nor removed, and no file is loaded or saved.
//
// Each method is one file, or a few that are alike; the table of methods is in
// methods.go. client.go is the other end: it reads and writes values of another
// machine.
//
// [MS-RRP]: https://learn.microsoft.com/openspecs/windows_protocols/ms-rrp
package winreg
