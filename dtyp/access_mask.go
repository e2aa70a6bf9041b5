package dtyp

// AccessMask is a set of rights on an object. [MS-DTYP] 2.4.3, and for files
// [MS-SMB2] 2.2.13.1.
type AccessMask uint32

// Rights of files, pipes and printers. [MS-SMB2] 2.2.13.1.1.
const (
	FileReadData        AccessMask = 0x00000001
	FileWriteData       AccessMask = 0x00000002
	FileAppendData      AccessMask = 0x00000004
	FileReadEA          AccessMask = 0x00000008
	FileWriteEA         AccessMask = 0x00000010
	FileExecute         AccessMask = 0x00000020
	FileDeleteChild     AccessMask = 0x00000040
	FileReadAttributes  AccessMask = 0x00000080
	FileWriteAttributes AccessMask = 0x00000100

	Delete               AccessMask = 0x00010000
	ReadControl          AccessMask = 0x00020000
	WriteDAC             AccessMask = 0x00040000
	WriteOwner           AccessMask = 0x00080000
	Synchronize          AccessMask = 0x00100000
	AccessSystemSecurity AccessMask = 0x01000000
	MaximumAllowed       AccessMask = 0x02000000
	GenericAll           AccessMask = 0x10000000
	GenericExecute       AccessMask = 0x20000000
	GenericWrite         AccessMask = 0x40000000
	GenericRead          AccessMask = 0x80000000
)

// Rights of directories that share their bit with a right of files.
// [MS-SMB2] 2.2.13.1.2.
const (
	FileListDirectory   = FileReadData
	FileAddFile         = FileWriteData
	FileAddSubdirectory = FileAppendData
	FileTraverse        = FileExecute
)

// What the generic rights mean for a file. [MS-SMB2] 2.2.13.1.
const (
	FileAllAccess      AccessMask = 0x001F01FF
	FileGenericRead    AccessMask = 0x00120089
	FileGenericWrite   AccessMask = 0x00120116
	FileGenericExecute AccessMask = 0x001200A0
)

// MapGeneric replaces the generic rights by those they stand for on a file.
func (m AccessMask) MapGeneric() AccessMask {
	for _, g := range [...]struct{ generic, means AccessMask }{
		{GenericAll, FileAllAccess},
		{GenericExecute, FileGenericExecute},
		{GenericWrite, FileGenericWrite},
		{GenericRead, FileGenericRead},
	} {
		if m&g.generic != 0 {
			m = m&^g.generic | g.means
		}
	}
	return m
}

// Has reports whether every right of want is in m.
func (m AccessMask) Has(want AccessMask) bool { return m&want == want }

// HasAny reports whether some right of want is in m.
func (m AccessMask) HasAny(want AccessMask) bool { return m&want != 0 }

// SecurityInformation says which parts of a security descriptor are meant.
// [MS-DTYP] 2.4.7.
type SecurityInformation uint32

// Parts of a security descriptor. [MS-DTYP] 2.4.7.
const (
	OwnerSecurityInformation SecurityInformation = 0x00000001
	GroupSecurityInformation SecurityInformation = 0x00000002
	DACLSecurityInformation  SecurityInformation = 0x00000004
	SACLSecurityInformation  SecurityInformation = 0x00000008
	LabelSecurityInformation SecurityInformation = 0x00000010
)
