package client

import (
	"io/fs"
	"math"
	"time"

	"github.com/signet-smb/signet/fscc"
)

// FileInfo describes a file, as the server said last. It implements
// [fs.FileInfo] and [fs.DirEntry]'s methods but Info. Immutable.
type FileInfo struct {
	name string

	FileAttributes fscc.FileAttributes
	CreationTime   time.Time
	LastAccessTime time.Time
	LastWriteTime  time.Time
	ChangeTime     time.Time
	EndOfFile      uint64 // bytes
	AllocationSize uint64 // bytes
	FileID         uint64 // 64-bit file ID; 0 if the server tells none
	NumberOfLinks  uint32 // 0 where it is not told: in a listing, and by [Share.Stat]
	EaSize         uint32 // bytes of all extended attributes; likewise
	ReparseTag     uint32 // 0 unless it is a reparse point
	ShortName      string // 8.3 name; "" if there is none
}

// Reparse tags of what is shown as a symbolic link. [MS-FSCC] 2.1.2.1.
const (
	reparseTagSymlink    = 0xA000000C
	reparseTagMountPoint = 0xA0000003
)

// Name is the last component of the file's name.
func (i *FileInfo) Name() string { return i.name }

// Size is the length of the file's unnamed stream in bytes.
func (i *FileInfo) Size() int64 { return int64(min(i.EndOfFile, math.MaxInt64)) }

// ModTime is the time of the last write.
func (i *FileInfo) ModTime() time.Time { return i.LastWriteTime }

// IsDir reports whether it is a directory, and no link to one.
func (i *FileInfo) IsDir() bool { return i.Mode().IsDir() }

// Sys is the *FileInfo itself.
func (i *FileInfo) Sys() any { return i }

// Type is the part of Mode that says what kind of file it is.
func (i *FileInfo) Type() fs.FileMode { return i.Mode().Type() }

// Info is the FileInfo itself.
func (i *FileInfo) Info() (fs.FileInfo, error) { return i, nil }

// Mode is what the attributes say in Unix's terms: who may do what is in the
// security descriptor.
func (i *FileInfo) Mode() fs.FileMode {
	mode := fs.FileMode(0o644)
	if i.FileAttributes&fscc.FileAttributeReadonly != 0 {
		mode = 0o444
	}
	switch {
	case i.ReparseTag == reparseTagSymlink || i.ReparseTag == reparseTagMountPoint:
		return fs.ModeSymlink | 0o777
	case i.FileAttributes&fscc.FileAttributeDirectory != 0:
		return fs.ModeDir | mode | 0o111
	}
	return mode
}

// String gives the line of a listing.
func (i *FileInfo) String() string { return fs.FormatFileInfo(i) }
