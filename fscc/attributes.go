package fscc

// FileAttributes are the attributes of a file. [MS-FSCC] 2.6.
type FileAttributes uint32

// File attributes. [MS-FSCC] 2.6.
const (
	FileAttributeReadonly           FileAttributes = 0x00000001
	FileAttributeHidden             FileAttributes = 0x00000002
	FileAttributeSystem             FileAttributes = 0x00000004
	FileAttributeDirectory          FileAttributes = 0x00000010
	FileAttributeArchive            FileAttributes = 0x00000020
	FileAttributeNormal             FileAttributes = 0x00000080
	FileAttributeTemporary          FileAttributes = 0x00000100
	FileAttributeSparseFile         FileAttributes = 0x00000200
	FileAttributeReparsePoint       FileAttributes = 0x00000400
	FileAttributeCompressed         FileAttributes = 0x00000800
	FileAttributeOffline            FileAttributes = 0x00001000
	FileAttributeNotContentIndexed  FileAttributes = 0x00002000
	FileAttributeEncrypted          FileAttributes = 0x00004000
	FileAttributeIntegrityStream    FileAttributes = 0x00008000
	FileAttributeNoScrubData        FileAttributes = 0x00020000
	FileAttributeRecallOnOpen       FileAttributes = 0x00040000
	FileAttributePinned             FileAttributes = 0x00080000
	FileAttributeUnpinned           FileAttributes = 0x00100000
	FileAttributeRecallOnDataAccess FileAttributes = 0x00400000
)
