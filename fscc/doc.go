// Package fscc holds the structures of [MS-FSCC]: file attributes, the
// information classes of files, directories and file systems, and the FSCTL
// codes with their buffers. Each information class is a row of a table, one
// class or FSCTL per file.
//
// [MS-FSCC]: https://learn.microsoft.com/openspecs/windows_protocols/ms-fscc
package fscc
