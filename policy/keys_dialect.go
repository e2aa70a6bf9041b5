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

// dialectWords are Windows' words for dialects.
var dialectWords = []word[Dialect]{
	{DialectNone, "None"}, {SMB202, "SMB202"}, {SMB210, "SMB210"}, {SMB300, "SMB300"}, {SMB302, "SMB302"}, {SMB311, "SMB311"},
}

// ParseDialect reads one of Windows' words for dialects, or the number of one
// without its dots: "SMB21" is SMB210.
func ParseDialect(text string) (Dialect, bool) {
	if d, ok := parseWord(dialectWords, text); ok {
		return d, true
	}
	return parseWord(dialectWords, text+"0")
}

// Smb2DialectMin is the lowest dialect that the server agrees to.
var Smb2DialectMin = Define(Key[Dialect]{
	Name: "server.Smb2DialectMin", Default: DialectNone, Kind: oneOf(dialectWords), Scope: PerServer, Reload: NextConnection,
	Doc:     "Lowest dialect spoken; None is no bound.",
	Section: "[MS-SMB2] 3.3.5.4",
})

// Smb2DialectMax is the highest dialect that the server agrees to.
var Smb2DialectMax = Define(Key[Dialect]{
	Name: "server.Smb2DialectMax", Default: DialectNone, Kind: oneOf(dialectWords), Scope: PerServer, Reload: NextConnection,
	Doc:     "Highest dialect spoken; None is no bound.",
	Section: "[MS-SMB2] 3.3.5.4",
	Caution: func(d Dialect) string {
		if d == DialectNone || d >= SMB311 {
			return ""
		}
		return "Not recommended. Below SMB 3.1.1 it is not certain that a tampered negotiation is noticed, and below SMB 3.0 nothing can be encrypted."
	},
})
