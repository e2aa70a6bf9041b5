// Package doctor says why a connection to an SMB server fails, and which
// setting on which end mends it.
//
// Three tables and one walk make it up. [Causes] are the reasons, each with its
// cure on either end; [Codes] are what people see, from NTSTATUS over Windows'
// own numbers to the errno of mount.cifs, each with the causes that it may
// have; [Lookup] finds them in what somebody has pasted. [Doctor.Examine] walks
// to a server as a client does, step by step, and names the cause of the first
// step that fails. It tells apart what looks alike by asking once more, in
// another way; it never asks with less protection than the policy wants.
//
// No cure is to turn signing off. Where a device cannot sign, the cure is its
// firmware, the gateway, or a rule that ends.
//
// It is no scanner: it speaks to one server, and signs in at most twice,
// so that it locks nobody out.
//
// [MS-SMB2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb2
// [MS-SMB]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb
// [MS-ERREF]: https://learn.microsoft.com/openspecs/windows_protocols/ms-erref
package doctor
