package policy

// Dialect is a dialect revision by its number on the wire; 0 is Windows'
// "None": no bound. [MS-SMB2] 2.2.3.
type Dialect uint16

// Dialects.
const (
	DialectNone Dialect = 0
	SMB202      Dialect = 0x0202
	SMB210      Dialect = 0x0210
	SMB300      Dialect = 0x0300
	SMB302      Dialect = 0x0302
	SMB311      Dialect = 0x0311
)

// Smb2DialectMin is the lowest dialect that the server agrees to.
var Smb2DialectMin = Define(Key[Dialect]{
	Name: "server.Smb2DialectMin", Default: DialectNone, Scope: PerServer, Reload: NextConnection,
	Doc:     "Lowest dialect spoken; None is no bound.",
	Section: "[MS-SMB2] 3.3.5.4",
})

// Smb2DialectMax is the highest dialect that the server agrees to.
var Smb2DialectMax = Define(Key[Dialect]{
	Name: "server.Smb2DialectMax", Default: DialectNone, Scope: PerServer, Reload: NextConnection,
	Doc:     "Highest dialect spoken; None is no bound.",
	Section: "[MS-SMB2] 3.3.5.4",
})
