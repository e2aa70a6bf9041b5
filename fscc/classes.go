package fscc

import "fmt"

// FileInformationClass is an information class of files and directories.
// [MS-FSCC] 2.4. One byte on the SMB2 wire.
type FileInformationClass uint8

// File information classes. [MS-FSCC] 2.4.
const (
	FileDirectoryInformation              FileInformationClass = 0x01
	FileFullDirectoryInformation          FileInformationClass = 0x02
	FileBothDirectoryInformation          FileInformationClass = 0x03
	FileBasicInformation                  FileInformationClass = 0x04
	FileStandardInformation               FileInformationClass = 0x05
	FileInternalInformation               FileInformationClass = 0x06
	FileEaInformation                     FileInformationClass = 0x07
	FileAccessInformation                 FileInformationClass = 0x08
	FileNameInformation                   FileInformationClass = 0x09
	FileRenameInformation                 FileInformationClass = 0x0A
	FileLinkInformation                   FileInformationClass = 0x0B
	FileNamesInformation                  FileInformationClass = 0x0C
	FileDispositionInformation            FileInformationClass = 0x0D
	FilePositionInformation               FileInformationClass = 0x0E
	FileFullEaInformation                 FileInformationClass = 0x0F
	FileModeInformation                   FileInformationClass = 0x10
	FileAlignmentInformation              FileInformationClass = 0x11
	FileAllInformation                    FileInformationClass = 0x12
	FileAllocationInformation             FileInformationClass = 0x13
	FileEndOfFileInformation              FileInformationClass = 0x14
	FileAlternateNameInformation          FileInformationClass = 0x15
	FileStreamInformation                 FileInformationClass = 0x16
	FilePipeInformation                   FileInformationClass = 0x17
	FilePipeLocalInformation              FileInformationClass = 0x18
	FilePipeRemoteInformation             FileInformationClass = 0x19
	FileMailslotQueryInformation          FileInformationClass = 0x1A
	FileMailslotSetInformation            FileInformationClass = 0x1B
	FileCompressionInformation            FileInformationClass = 0x1C
	FileObjectIDInformation               FileInformationClass = 0x1D
	FileMoveClusterInformation            FileInformationClass = 0x1F
	FileQuotaInformation                  FileInformationClass = 0x20
	FileReparsePointInformation           FileInformationClass = 0x21
	FileNetworkOpenInformation            FileInformationClass = 0x22
	FileAttributeTagInformation           FileInformationClass = 0x23
	FileTrackingInformation               FileInformationClass = 0x24
	FileIDBothDirectoryInformation        FileInformationClass = 0x25
	FileIDFullDirectoryInformation        FileInformationClass = 0x26
	FileValidDataLengthInformation        FileInformationClass = 0x27
	FileShortNameInformation              FileInformationClass = 0x28
	FileSfioReserveInformation            FileInformationClass = 0x2C
	FileSfioVolumeInformation             FileInformationClass = 0x2D
	FileHardLinkInformation               FileInformationClass = 0x2E
	FileNormalizedNameInformation         FileInformationClass = 0x30
	FileIDGlobalTxDirectoryInformation    FileInformationClass = 0x32
	FileStandardLinkInformation           FileInformationClass = 0x36
	FileIDInformation                     FileInformationClass = 0x3B
	FileIDExtdDirectoryInformation        FileInformationClass = 0x3C
	FileIDExtdBothDirectoryInformation    FileInformationClass = 0x3F
	FileDispositionInformationEx          FileInformationClass = 0x40
	FileRenameInformationEx               FileInformationClass = 0x41
	FileID64ExtdDirectoryInformation      FileInformationClass = 0x4E
	FileID64ExtdBothDirectoryInformation  FileInformationClass = 0x4F
	FileIDAllExtdDirectoryInformation     FileInformationClass = 0x50
	FileIDAllExtdBothDirectoryInformation FileInformationClass = 0x51
)

// String gives the name in [MS-FSCC] 2.4, or the number of a class that it
// does not list.
func (c FileInformationClass) String() string {
	if row, ok := c.Row(); ok {
		return row.Name
	}
	return fmt.Sprintf("FileInformationClass 0x%02X", uint8(c))
}

// FSInformationClass is an information class of file systems.
// [MS-FSCC] 2.5. One byte on the SMB2 wire.
type FSInformationClass uint8

// File system information classes. [MS-FSCC] 2.5.
const (
	FileFsVolumeInformation      FSInformationClass = 0x01
	FileFsLabelInformation       FSInformationClass = 0x02
	FileFsSizeInformation        FSInformationClass = 0x03
	FileFsDeviceInformation      FSInformationClass = 0x04
	FileFsAttributeInformation   FSInformationClass = 0x05
	FileFsControlInformation     FSInformationClass = 0x06
	FileFsFullSizeInformation    FSInformationClass = 0x07
	FileFsObjectIDInformation    FSInformationClass = 0x08
	FileFsDriverPathInformation  FSInformationClass = 0x09
	FileFsVolumeFlagsInformation FSInformationClass = 0x0A
	FileFsSectorSizeInformation  FSInformationClass = 0x0B
)

// String gives the name in [MS-FSCC] 2.5, or the number of a class that it
// does not list.
func (c FSInformationClass) String() string {
	if row, ok := c.Row(); ok {
		return row.Name
	}
	return fmt.Sprintf("FSInformationClass 0x%02X", uint8(c))
}
