// Package samr is the Security Account Manager remote protocol, [MS-SAMR], as
// far as it shows: the domains, accounts and groups of this machine, as
// "rpcclient", "net rpc user" and account pickers ask for them.
//
// There are two domains: the machine, whose users are the accounts and whose
// one group is None, and BUILTIN with its aliases. Nothing is changed, and no
// password is told or taken: accounts are made by the administration.
//
// Accounts are shown to who has a role in the administration, as Windows shows
// them to administrators only.
//
// The table of methods is in methods.go.
//
// [MS-SAMR]: https://learn.microsoft.com/openspecs/windows_protocols/ms-samr
package samr
