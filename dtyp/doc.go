// Package dtyp holds the data types of [MS-DTYP] that SMB messages are made
// of: GUID, FILETIME, SID, access masks, security descriptors.
//
// Types are values: comparable where that makes sense, immutable by
// convention. Encodings are little-endian. Inside this module they are read
// and written through the cursors of internal/wire; for others they implement
// encoding.BinaryAppender and encoding.BinaryUnmarshaler. A security descriptor
// also has the text form of SDDL: [SecurityDescriptor.SDDL], [ParseSDDL].
//
// [MS-DTYP]: https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp
package dtyp
