package fscc

// fsInformation is the table of file system information classes, indexed by
// class. Uses are those of [MS-FSCC] 2.5; classes that it calls local have
// none.
//
// Missing: the structures of the rows without Size.
var fsInformation = [...]Row{
	FileFsVolumeInformation: {
		Name: "FileFsVolumeInformation", Section: "2.5.9", Uses: UseQuery, Size: 18, MinimumOutput: 24,
		New: func() Information { return new(FsVolumeInformation) },
	},
	FileFsLabelInformation: {
		Name: "FileFsLabelInformation", Section: "2.5.5", Size: 4,
		New: func() Information { return new(FsLabelInformation) },
	},
	FileFsSizeInformation: {
		Name: "FileFsSizeInformation", Section: "2.5.8", Uses: UseQuery, Size: 24, MinimumOutput: 24,
		New: func() Information { return new(FsSizeInformation) },
	},
	FileFsDeviceInformation: {
		Name: "FileFsDeviceInformation", Section: "2.5.10", Uses: UseQuery, Size: 8, MinimumOutput: 8,
		New: func() Information { return new(FsDeviceInformation) },
	},
	// Deviation: [MS-FSA] 2.1.5.13.5 asks for no more than the 12 bytes in front
	// of the name; Windows and Samba ask for the size that the structure has in
	// C, with the first character and padding (smbtorture's
	// smb2.getinfo.qfs_buffercheck).
	FileFsAttributeInformation: {
		Name: "FileFsAttributeInformation", Section: "2.5.1", Uses: UseQuery, Size: 12, MinimumOutput: 16,
		New: func() Information { return new(FsAttributeInformation) },
	},
	FileFsControlInformation: {
		Name: "FileFsControlInformation", Section: "2.5.2", Uses: UseQuery | UseSet, Size: 48, MinimumOutput: 48,
		New: func() Information { return new(FsControlInformation) },
	},
	FileFsFullSizeInformation: {
		Name: "FileFsFullSizeInformation", Section: "2.5.4", Uses: UseQuery, Size: 32, MinimumOutput: 32,
		New: func() Information { return new(FsFullSizeInformation) },
	},
	FileFsObjectIDInformation: {
		Name: "FileFsObjectIdInformation", Section: "2.5.6", Uses: UseQuery | UseSet, Size: 64, MinimumOutput: 64,
		New: func() Information { return new(ObjectID) },
	},
	FileFsDriverPathInformation:  {Name: "FileFsDriverPathInformation", Section: "2.5.3"},
	FileFsVolumeFlagsInformation: {Name: "FileFsVolumeFlagsInformation", Section: "2.5"},
	FileFsSectorSizeInformation: {
		Name: "FileFsSectorSizeInformation", Section: "2.5.7", Uses: UseQuery, Size: 28, MinimumOutput: 28,
		New: func() Information { return new(FsSectorSizeInformation) },
	},
}
