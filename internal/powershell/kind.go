package powershell

// Kind is a kind of objects that cmdlets write.
type Kind struct {
	Name      string // PSTypeName
	Operation string // that lists them; "" if none does
	Field     string // of the answer, which has the list
	Schema    string // of an element, in the OpenAPI document
	Key       string // member by which they are asked for
	Members   []Member
	Table     []string // what a table shows, as Windows'
	Missing   []Difference
}

// Kinds returns the kinds of objects. The caller changes nothing in them.
func Kinds() []Kind { return kinds }

// Member is a property of such an object.
type Member struct {
	Name  string
	From  string // the field of the answer; "": the value is always Value
	As    string // String, Boolean, UInt32, UInt64, Id (0x and digits in the answer) or String[]
	Value string // as PowerShell writes it
}

// same is a member that is called as the field is.
func same(name, as string) Member { return Member{Name: name, From: name, As: as} }

// always is a member of which there is but one value.
func always(name, value string) Member { return Member{Name: name, Value: value} }

// kinds are all of them. Members that Windows has come first, in its order.
var kinds = []Kind{
	{
		Name: "Signet.SmbSession", Operation: "list-sessions", Field: "Sessions", Schema: "Session", Key: "SessionId",
		Table: []string{"SessionId", "ClientComputerName", "ClientUserName", "NumOpens"},
		Members: []Member{
			same("ClientComputerName", "String"), same("ClientUserName", "String"), always("ClusterNodeName", "''"), same("Dialect", "String"),
			same("NumOpens", "UInt64"), always("ScopeName", "'*'"), same("SecondsExists", "UInt32"), same("SecondsIdle", "UInt32"),
			same("SessionId", "Id"), always("TransportName", "''"),
			same("Signed", "Boolean"), same("SigningAlgorithm", "String"), same("SigningRequiredBy", "String"), same("Encrypted", "Boolean"),
			same("Cipher", "String"), same("NumChannels", "UInt32"),
		},
	},
	{
		Name: "Signet.SmbConnection", Operation: "list-connections", Field: "Connections", Schema: "Connection", Key: "ServerName",
		Missing: []Difference{
			{"ContinuouslyAvailable", "", "a connection to the server has no share of its own"},
			{"Credential", "", "a connection carries several users or none: Get-SmbSession shows users"},
			{"Encrypted", "", "it is of sessions, of which a connection carries several: Get-SmbSession"},
			{"NumOpens", "", "it is of sessions, of which a connection carries several: Get-SmbSession"},
			{"ShareName", "", "a connection to the server has no share of its own"},
			{"UserName", "", "a connection carries several users or none: Get-SmbSession shows users"},
		},
		Table: []string{"ServerName", "ClientComputerName", "Dialect", "SigningAlgorithm", "NumSessions"},
		Members: []Member{
			same("Dialect", "String"),
			{Name: "ServerName", From: "ServerAddress", As: "String"},
			same("ClientComputerName", "String"), same("SigningAlgorithm", "String"), same("Cipher", "String"), same("NumSessions", "UInt32"), same("SecondsExists", "UInt32"),
		},
	},
	{
		Name: "Signet.SmbOpenFile", Operation: "list-open-files", Field: "OpenFiles", Schema: "OpenFile", Key: "FileId",
		Missing: []Difference{
			{"Encrypted", "", "it is of sessions: Get-SmbSession"},
		},
		Table: []string{"FileId", "SessionId", "Path", "ShareRelativePath", "ClientComputerName", "ClientUserName"},
		Members: []Member{
			same("ClientComputerName", "String"), same("ClientUserName", "String"), always("ClusterNodeName", "''"), always("ContinuouslyAvailable", "$false"),
			same("FileId", "Id"), same("Locks", "UInt32"), same("Path", "String"), same("Permissions", "UInt32"), always("ScopeName", "'*'"), same("SessionId", "Id"), same("ShareRelativePath", "String"),
			same("ShareName", "String"),
		},
	},
	{
		Name: "Signet.SmbShare", Operation: "list-shares", Field: "Shares", Schema: "Share", Key: "Name",
		Missing: []Difference{
			{"PresetPathAcl", "", "access is granted to accounts: Get-SmbShareAccess"},
			{"ShadowCopy", "", "previous versions are not served"},
			{"Temporary", "", "Source says where a share is from: CommandLine lasts as long as the server"},
			{"Volume", "", "volumes have no names as Windows' have"},
		},
		Table: []string{"Name", "ScopeName", "Path", "Description"},
		Members: []Member{
			same("ShareState", "String"), always("AvailabilityType", "'NonClustered'"), always("ShareType", "'FileSystemDirectory'"), same("FolderEnumerationMode", "String"),
			always("CachingMode", "'Manual'"), always("CATimeout", "[uint32]0"), same("ConcurrentUserLimit", "UInt32"), always("ContinuouslyAvailable", "$false"), same("CurrentUsers", "UInt32"), same("Description", "String"),
			same("EncryptData", "Boolean"), same("Name", "String"), same("Path", "String"), always("Scoped", "$false"), always("ScopeName", "'*'"), same("SecurityDescriptor", "String"), always("Special", "$false"),
			always("CompressData", "$false"), same("LeasingMode", "String"), same("RequireSecuritySignature", "Boolean"), same("ReadOnly", "Boolean"), same("RunAs", "String"), same("EnableGuestAccess", "Boolean"),
			same("FullAccess", "String[]"), same("ChangeAccess", "String[]"), same("ReadAccess", "String[]"), same("NoAccess", "String[]"), same("Source", "String"),
		},
	},
	{
		Name:  "Signet.SmbShareAccess",
		Table: []string{"Name", "ScopeName", "AccountName", "AccessControlType", "AccessRight"},
	},
	{
		Name:  "Signet.Connection",
		Table: []string{"Server", "Account", "Role", "Fingerprint"},
	},
	{
		Name:  "Signet.SmbMappingTest",
		Table: []string{"Status", "RemotePath", "Dialect", "Signed", "Encrypted", "Authentication"},
	},
}
