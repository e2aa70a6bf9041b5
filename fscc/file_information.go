package fscc

// fileInformation is the table of file information classes, indexed by class.
// Uses are those of [MS-FSCC] 2.4; classes that it calls local have none.
//
// Missing: the structures of the rows without Size.
var fileInformation = [...]Row{
	FileDirectoryInformation: {
		Name: "FileDirectoryInformation", Section: "2.4.10", Uses: UseDirectory, Size: 64, MinimumOutput: 64,
		appendEntry: appendDirectory, readEntry: readDirectory,
	},
	FileFullDirectoryInformation: {
		Name: "FileFullDirectoryInformation", Section: "2.4.15", Uses: UseDirectory, Size: 68, MinimumOutput: 68,
		appendEntry: appendFullDirectory, readEntry: readFullDirectory,
	},
	FileBothDirectoryInformation: {
		Name: "FileBothDirectoryInformation", Section: "2.4.8", Uses: UseDirectory, Size: 94, MinimumOutput: 94,
		appendEntry: appendBothDirectory, readEntry: readBothDirectory,
	},
	FileBasicInformation: {
		Name: "FileBasicInformation", Section: "2.4.7", Uses: UseQuery | UseSet, Size: 40, MinimumOutput: 40,
		New: func() Information { return new(BasicInformation) },
	},
	FileStandardInformation: {
		Name: "FileStandardInformation", Section: "2.4.47", Uses: UseQuery, Size: 24, MinimumOutput: 24,
		New: func() Information { return new(StandardInformation) },
	},
	FileInternalInformation: {
		Name: "FileInternalInformation", Section: "2.4.27", Uses: UseQuery, Size: 8, MinimumOutput: 8,
		New: func() Information { return new(InternalInformation) },
	},
	FileEaInformation: {
		Name: "FileEaInformation", Section: "2.4.13", Uses: UseQuery, Size: 4, MinimumOutput: 4,
		New: func() Information { return new(EaInformation) },
	},
	FileAccessInformation: {
		Name: "FileAccessInformation", Section: "2.4.1", Uses: UseQuery, Size: 4, MinimumOutput: 4,
		New: func() Information { return new(AccessInformation) },
	},
	FileNameInformation: {
		Name: "FileNameInformation", Section: "2.4.32", Size: 4, MinimumOutput: 8,
		New: func() Information { return new(NameInformation) },
	},
	FileRenameInformation: {
		Name: "FileRenameInformation", Section: "2.4.42.2", Uses: UseSet, Size: 20,
		New: func() Information { return new(RenameInformation) },
	},
	FileLinkInformation: {
		Name: "FileLinkInformation", Section: "2.4.28.2", Uses: UseSet, Size: 20,
		New: func() Information { return new(LinkInformation) },
	},
	FileNamesInformation: {
		Name: "FileNamesInformation", Section: "2.4.33", Uses: UseDirectory, Size: 12, MinimumOutput: 12,
		appendEntry: appendNames, readEntry: readNames,
	},
	FileDispositionInformation: {
		Name: "FileDispositionInformation", Section: "2.4.11", Uses: UseSet, Size: 1,
		New: func() Information { return new(DispositionInformation) },
	},
	FilePositionInformation: {
		Name: "FilePositionInformation", Section: "2.4.40", Uses: UseQuery | UseSet, Size: 8, MinimumOutput: 8,
		New: func() Information { return new(PositionInformation) },
	},
	FileFullEaInformation: {
		Name: "FileFullEaInformation", Section: "2.4.16", Uses: UseQuery | UseSet, Size: 8, MinimumOutput: 8,
		New: func() Information { return new(FullEaInformation) },
	},
	FileModeInformation: {
		Name: "FileModeInformation", Section: "2.4.31", Uses: UseQuery | UseSet, Size: 4, MinimumOutput: 4,
		New: func() Information { return new(ModeInformation) },
	},
	FileAlignmentInformation: {
		Name: "FileAlignmentInformation", Section: "2.4.3", Uses: UseQuery, Size: 4, MinimumOutput: 4,
		New: func() Information { return new(AlignmentInformation) },
	},
	FileAllInformation: {
		Name: "FileAllInformation", Section: "2.4.2", Uses: UseQuery, Size: 100, MinimumOutput: 104,
		New: func() Information { return new(AllInformation) },
	},
	FileAllocationInformation: {
		Name: "FileAllocationInformation", Section: "2.4.4", Uses: UseSet, Size: 8,
		New: func() Information { return new(AllocationInformation) },
	},
	FileEndOfFileInformation: {
		Name: "FileEndOfFileInformation", Section: "2.4.14", Uses: UseSet, Size: 8,
		New: func() Information { return new(EndOfFileInformation) },
	},
	FileAlternateNameInformation: {
		Name: "FileAlternateNameInformation", Section: "2.4.5", Uses: UseQuery, Size: 4, MinimumOutput: 8,
		New: func() Information { return new(NameInformation) },
	},
	FileStreamInformation: {
		Name: "FileStreamInformation", Section: "2.4.49", Uses: UseQuery, Size: 24, MinimumOutput: 32,
		New: func() Information { return new(StreamInformation) },
	},
	FilePipeInformation: {
		Name: "FilePipeInformation", Section: "2.4.37", Uses: UseQuery | UseSet, Size: 8, MinimumOutput: 8,
		New: func() Information { return new(PipeInformation) },
	},
	FilePipeLocalInformation: {
		Name: "FilePipeLocalInformation", Section: "2.4.38", Uses: UseQuery, Size: 40, MinimumOutput: 40,
		New: func() Information { return new(PipeLocalInformation) },
	},
	FilePipeRemoteInformation: {
		Name: "FilePipeRemoteInformation", Section: "2.4.39", Uses: UseQuery, Size: 12, MinimumOutput: 12,
		New: func() Information { return new(PipeRemoteInformation) },
	},
	FileMailslotQueryInformation: {Name: "FileMailslotQueryInformation", Section: "2.4.29"},
	FileMailslotSetInformation:   {Name: "FileMailslotSetInformation", Section: "2.4.30"},
	FileCompressionInformation: {
		Name: "FileCompressionInformation", Section: "2.4.9", Uses: UseQuery, Size: 16, MinimumOutput: 16,
		New: func() Information { return new(CompressionInformation) },
	},
	FileObjectIDInformation: {
		Name: "FileObjectIdInformation", Section: "2.4.36", Size: 72, MinimumOutput: 72,
		New: func() Information { return new(ObjectIDInformation) },
	},
	FileMoveClusterInformation: {Name: "FileMoveClusterInformation", Section: "2.4"},
	FileQuotaInformation: {
		Name: "FileQuotaInformation", Section: "2.4.41", Uses: UseQuery | UseSet, Size: 40, MinimumOutput: 40,
		New: func() Information { return new(QuotaInformation) },
	},
	FileReparsePointInformation: {Name: "FileReparsePointInformation", Section: "2.4.44"},
	FileNetworkOpenInformation: {
		Name: "FileNetworkOpenInformation", Section: "2.4.34", Uses: UseQuery, Size: 56, MinimumOutput: 56,
		New: func() Information { return new(NetworkOpenInformation) },
	},
	FileAttributeTagInformation: {
		Name: "FileAttributeTagInformation", Section: "2.4.6", Uses: UseQuery, Size: 8, MinimumOutput: 8,
		New: func() Information { return new(AttributeTagInformation) },
	},
	FileTrackingInformation: {Name: "FileTrackingInformation", Section: "2.4"},
	FileIDBothDirectoryInformation: {
		Name: "FileIdBothDirectoryInformation", Section: "2.4.22", Uses: UseDirectory, Size: 104, MinimumOutput: 104,
		appendEntry: appendIDBothDirectory, readEntry: readIDBothDirectory,
	},
	FileIDFullDirectoryInformation: {
		Name: "FileIdFullDirectoryInformation", Section: "2.4.24", Uses: UseDirectory, Size: 80, MinimumOutput: 80,
		appendEntry: appendIDFullDirectory, readEntry: readIDFullDirectory,
	},
	FileValidDataLengthInformation: {
		Name: "FileValidDataLengthInformation", Section: "2.4.50", Uses: UseSet, Size: 8,
		New: func() Information { return new(ValidDataLengthInformation) },
	},
	FileShortNameInformation: {
		Name: "FileShortNameInformation", Section: "2.4.46", Uses: UseSet, Size: 4,
		New: func() Information { return new(NameInformation) },
	},
	FileSfioReserveInformation: {Name: "FileSfioReserveInformation", Section: "2.4.45"},
	FileSfioVolumeInformation:  {Name: "FileSfioVolumeInformation", Section: "2.4"},
	FileHardLinkInformation:    {Name: "FileHardLinkInformation", Section: "2.4.17"},
	FileNormalizedNameInformation: {
		Name: "FileNormalizedNameInformation", Section: "2.4.35", Uses: UseQuery, Size: 4, MinimumOutput: 8,
		New: func() Information { return new(NameInformation) },
	},
	FileIDGlobalTxDirectoryInformation: {Name: "FileIdGlobalTxDirectoryInformation", Section: "2.4.25"},
	FileStandardLinkInformation: {
		Name: "FileStandardLinkInformation", Section: "2.4.48", Size: 12, MinimumOutput: 12,
		New: func() Information { return new(StandardLinkInformation) },
	},
	FileIDInformation: {
		Name: "FileIdInformation", Section: "2.4.26", Uses: UseQuery, Size: 24, MinimumOutput: 24,
		New: func() Information { return new(IDInformation) },
	},
	FileIDExtdDirectoryInformation: {
		Name: "FileIdExtdDirectoryInformation", Section: "2.4.23", Uses: UseDirectory, Size: 88, MinimumOutput: 88,
		appendEntry: appendIDExtdDirectory, readEntry: readIDExtdDirectory,
	},
	FileIDExtdBothDirectoryInformation: {Name: "FileIdExtdBothDirectoryInformation"},
	FileDispositionInformationEx: {
		Name: "FileDispositionInformationEx", Section: "2.4.12", Uses: UseSet, Size: 4,
		New: func() Information { return new(DispositionInformationEx) },
	},
	FileRenameInformationEx: {
		Name: "FileRenameInformationEx", Section: "2.4.43", Uses: UseSet, Size: 20,
		New: func() Information { return new(RenameInformationEx) },
	},
	FileID64ExtdDirectoryInformation: {
		Name: "FileId64ExtdDirectoryInformation", Section: "2.4.19", Uses: UseDirectory, Size: 80, MinimumOutput: 80,
		appendEntry: appendID64ExtdDirectory, readEntry: readID64ExtdDirectory,
	},
	FileID64ExtdBothDirectoryInformation: {
		Name: "FileId64ExtdBothDirectoryInformation", Section: "2.4.18", Uses: UseDirectory, Size: 106, MinimumOutput: 106,
		appendEntry: appendID64ExtdBothDirectory, readEntry: readID64ExtdBothDirectory,
	},
	FileIDAllExtdDirectoryInformation: {
		Name: "FileIdAllExtdDirectoryInformation", Section: "2.4.21", Uses: UseDirectory, Size: 96, MinimumOutput: 96,
		appendEntry: appendIDAllExtdDirectory, readEntry: readIDAllExtdDirectory,
	},
	FileIDAllExtdBothDirectoryInformation: {
		Name: "FileIdAllExtdBothDirectoryInformation", Section: "2.4.20", Uses: UseDirectory, Size: 122, MinimumOutput: 122,
		appendEntry: appendIDAllExtdBothDirectory, readEntry: readIDAllExtdBothDirectory,
	},
}
