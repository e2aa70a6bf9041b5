// Package dtyp holds the data types of [MS-DTYP] that SMB messages are made
// of: GUID, FILETIME, SID, access masks, security descriptors.
//
// Types are values: comparable where that makes sense, immutable by
// convention. Encodings are little-endian.
//
// [MS-DTYP]: https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp
package dtyp
