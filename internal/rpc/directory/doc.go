// Package directory answers who a SID is and which SID a name has, for the
// protocols that clients ask: [MS-LSAT] and [MS-SAMR].
//
// There are four kinds of principals: the accounts of this machine, children of
// its SID; the groups that Windows has built in; the well-known SIDs of
// [MS-DTYP] 2.4.2.4; and Unix users and groups that have no SID of their own,
// S-1-22-1-uid and S-1-22-2-gid.
//
// It knows names and SIDs, no secret, and changes nothing.
//
// [MS-LSAT]: https://learn.microsoft.com/openspecs/windows_protocols/ms-lsat
// [MS-SAMR]: https://learn.microsoft.com/openspecs/windows_protocols/ms-samr
// [MS-DTYP]: https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp
package directory
