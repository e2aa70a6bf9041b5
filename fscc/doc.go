// Package fscc holds the structures of [MS-FSCC]: file attributes, the
// information classes of files, directories and file systems, the FSCTLs with
// their buffers, and change notifications.
//
// Each information class is a row of a table, which [FileInformationClass.Row]
// and [FSInformationClass.Row] look up, and an [Information] in a file of its
// own: info_*.go and fs_*.go. The directory classes share [DirectoryEntry] and
// have one file each for its wire form, dir_*.go; [DirectoryPacker] and
// [DirectoryEntries] write and read whole lists.
//
// The buffers of FSCTLs are rows of a table too, which [FSCTL.Row] looks up,
// in files of their own: fsctl_*.go. A buffer lives in the package of the
// document that defines it, so those of [MS-SMB2] are in internal/smb2.
//
// A structure keeps the field names of its section, without the length and
// offset fields, which are computed, and the reserved ones, which are written
// as zeros and ignored. Structures are values without locks. Decoded ones hold
// no part of the received message.
//
// What the classes say about a particular file, and who may ask, is not here
// but in the server.
//
// [MS-FSCC]: https://learn.microsoft.com/openspecs/windows_protocols/ms-fscc
// [MS-SMB2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb2
//
// [MS-DFSC]: https://learn.microsoft.com/openspecs/windows_protocols/ms-dfsc
package fscc
