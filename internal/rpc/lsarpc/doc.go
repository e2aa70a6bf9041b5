// Package lsarpc is the Local Security Authority's remote protocol, as far as
// it names things: the translation of SIDs and names of [MS-LSAT], and of
// [MS-LSAD] what says which machine this is. It is what Explorer's Security tab,
// smbcacls and rpcclient ask so that they can show names.
//
// It changes nothing, and knows no secret, trust or privilege; methods about
// those are not offered. Who has signed in with an account may ask.
//
// The table of methods is in methods.go.
//
// [MS-LSAT]: https://learn.microsoft.com/openspecs/windows_protocols/ms-lsat
// [MS-LSAD]: https://learn.microsoft.com/openspecs/windows_protocols/ms-lsad
package lsarpc
