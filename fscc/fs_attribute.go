package fscc

import "github.com/signet-smb/signet/internal/wire"

// FileSystemAttributes are what a file system can do. [MS-FSCC] 2.5.1.
type FileSystemAttributes uint32

// File system attributes. [MS-FSCC] 2.5.1.
const (
	FileCaseSensitiveSearch        FileSystemAttributes = 0x00000001
	FileCasePreservedNames         FileSystemAttributes = 0x00000002
	FileUnicodeOnDisk              FileSystemAttributes = 0x00000004
	FilePersistentACLs             FileSystemAttributes = 0x00000008
	FileFileCompression            FileSystemAttributes = 0x00000010
	FileVolumeQuotas               FileSystemAttributes = 0x00000020
	FileSupportsSparseFiles        FileSystemAttributes = 0x00000040
	FileSupportsReparsePoints      FileSystemAttributes = 0x00000080
	FileSupportsRemoteStorage      FileSystemAttributes = 0x00000100
	FileReturnsCleanupResultInfo   FileSystemAttributes = 0x00000200
	FileSupportsPOSIXUnlinkRename  FileSystemAttributes = 0x00000400
	FileVolumeIsCompressed         FileSystemAttributes = 0x00008000
	FileSupportsObjectIDs          FileSystemAttributes = 0x00010000
	FileSupportsEncryption         FileSystemAttributes = 0x00020000
	FileNamedStreams               FileSystemAttributes = 0x00040000
	FileReadOnlyVolume             FileSystemAttributes = 0x00080000
	FileSequentialWriteOnce        FileSystemAttributes = 0x00100000
	FileSupportsTransactions       FileSystemAttributes = 0x00200000
	FileSupportsHardLinks          FileSystemAttributes = 0x00400000
	FileSupportsExtendedAttributes FileSystemAttributes = 0x00800000
	FileSupportsOpenByFileID       FileSystemAttributes = 0x01000000
	FileSupportsUSNJournal         FileSystemAttributes = 0x02000000
	FileSupportIntegrityStreams    FileSystemAttributes = 0x04000000
	FileSupportsBlockRefcounting   FileSystemAttributes = 0x08000000
	FileSupportsSparseVDL          FileSystemAttributes = 0x10000000
)

// FsAttributeInformation is FILE_FS_ATTRIBUTE_INFORMATION. [MS-FSCC] 2.5.1.
type FsAttributeInformation struct {
	FileSystemAttributes       FileSystemAttributes
	MaximumComponentNameLength uint32 // characters, 1 to 255
	FileSystemName             string
}

// Append implements [Information].
func (i *FsAttributeInformation) Append(w *wire.Writer) {
	w.U32(uint32(i.FileSystemAttributes))
	w.U32(i.MaximumComponentNameLength)
	appendName(w, i.FileSystemName)
}

// Decode implements [Information].
func (i *FsAttributeInformation) Decode(r *wire.Reader) {
	i.FileSystemAttributes = FileSystemAttributes(r.U32())
	i.MaximumComponentNameLength = r.U32()
	i.FileSystemName = readName(r)
}
