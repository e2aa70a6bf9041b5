package fscc

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
	FileCompressionInformation            FileInformationClass = 0x1C
	FileObjectIDInformation               FileInformationClass = 0x1D
	FileQuotaInformation                  FileInformationClass = 0x20
	FileReparsePointInformation           FileInformationClass = 0x21
	FileNetworkOpenInformation            FileInformationClass = 0x22
	FileAttributeTagInformation           FileInformationClass = 0x23
	FileIDBothDirectoryInformation        FileInformationClass = 0x25
	FileIDFullDirectoryInformation        FileInformationClass = 0x26
	FileValidDataLengthInformation        FileInformationClass = 0x27
	FileShortNameInformation              FileInformationClass = 0x28
	FileNormalizedNameInformation         FileInformationClass = 0x30
	FileIDGlobalTxDirectoryInformation    FileInformationClass = 0x32
	FileStandardLinkInformation           FileInformationClass = 0x36
	FileIDInformation                     FileInformationClass = 0x3B
	FileIDExtdDirectoryInformation        FileInformationClass = 0x3C
	FileIDExtdBothDirectoryInformation    FileInformationClass = 0x3F
	FileDispositionInformationEx          FileInformationClass = 0x40
	FileID64ExtdDirectoryInformation      FileInformationClass = 0x4E
	FileID64ExtdBothDirectoryInformation  FileInformationClass = 0x4F
	FileIDAllExtdDirectoryInformation     FileInformationClass = 0x50
	FileIDAllExtdBothDirectoryInformation FileInformationClass = 0x51
)

// FSInformationClass is an information class of file systems.
// [MS-FSCC] 2.5. One byte on the SMB2 wire.
type FSInformationClass uint8

// File system information classes. [MS-FSCC] 2.5.
const (
	FileFsVolumeInformation     FSInformationClass = 0x01
	FileFsLabelInformation      FSInformationClass = 0x02
	FileFsSizeInformation       FSInformationClass = 0x03
	FileFsDeviceInformation     FSInformationClass = 0x04
	FileFsAttributeInformation  FSInformationClass = 0x05
	FileFsControlInformation    FSInformationClass = 0x06
	FileFsFullSizeInformation   FSInformationClass = 0x07
	FileFsObjectIDInformation   FSInformationClass = 0x08
	FileFsSectorSizeInformation FSInformationClass = 0x0B
)

// FSCTL is a file system control code. [MS-FSCC] 2.3.
type FSCTL uint32

// FSCTL codes that clients send in their first exchanges. [MS-FSCC] 2.3,
// [MS-SMB2] 2.2.31.
const (
	FSCTLDFSGetReferrals           FSCTL = 0x00060194
	FSCTLDFSGetReferralsEx         FSCTL = 0x000601B0
	FSCTLPipePeek                  FSCTL = 0x0011400C
	FSCTLPipeWait                  FSCTL = 0x00110018
	FSCTLPipeTransceive            FSCTL = 0x0011C017
	FSCTLSrvCopychunk              FSCTL = 0x001440F2
	FSCTLSrvCopychunkWrite         FSCTL = 0x001480F2
	FSCTLSrvEnumerateSnapshots     FSCTL = 0x00144064
	FSCTLSrvRequestResumeKey       FSCTL = 0x00140078
	FSCTLLMRRequestResiliency      FSCTL = 0x001401D4
	FSCTLQueryNetworkInterfaceInfo FSCTL = 0x001401FC
	FSCTLValidateNegotiateInfo     FSCTL = 0x00140204
	FSCTLGetReparsePoint           FSCTL = 0x000900A8
	FSCTLCreateOrGetObjectID       FSCTL = 0x000900C0
	FSCTLSetSparse                 FSCTL = 0x000900C4
	FSCTLSetZeroData               FSCTL = 0x000980C8
	FSCTLQueryAllocatedRanges      FSCTL = 0x000940CF
	FSCTLFileLevelTrim             FSCTL = 0x00098208
)
