package smb2

// Limits on what is read from a peer. Within them, every list and string that
// Decode allocates is small beside the message that announced it; longer ones
// are malformed. What is encoded must keep them too: callers see to it.
const (
	// MaxDialects bounds the dialects of a NEGOTIATE. Five are defined; the
	// rest is room for test suites that offer made-up ones.
	MaxDialects = 64

	// MaxNegotiateContexts bounds a NegotiateContextList. Eight types are
	// defined, and none may usefully come twice.
	MaxNegotiateContexts = 32

	// MaxAlgorithms bounds the hashes, ciphers or signing algorithms of one
	// negotiate context; at most four are defined of each.
	MaxAlgorithms = 64

	// MaxCreateContexts bounds the create contexts of one CREATE. Sixteen tags
	// are defined and Apple adds one; clients send a handful.
	MaxCreateContexts = 64

	// MaxLocks bounds the elements of one LOCK: as many as the 64 KiB of one
	// credit hold.
	MaxLocks = 64 << 10 / lockElementSize

	// MaxCopychunks bounds the chunks of one server-side copy. Windows and
	// Samba take 256; a request with more must still be read, for the answer
	// tells how many are allowed.
	MaxCopychunks = 1 << 14

	// MaxNetworkInterfaces bounds the addresses that a server tells of itself:
	// twice what 64 KiB hold.
	MaxNetworkInterfaces = 1 << 10

	// MaxSecurityBuffer bounds a GSS token in bytes: what its 16-bit length
	// can announce. A Kerberos ticket for a member of a thousand groups fits.
	MaxSecurityBuffer = 64<<10 - 1

	// MaxChainElements bounds the messages of one compound: every element
	// costs the server a request beyond its bytes, and no client is known to
	// chain more than a dozen.
	MaxChainElements = 128

	// MaxSMB1Dialects bounds the dialect strings of an SMB1 NEGOTIATE. Known
	// lists have about a dozen.
	MaxSMB1Dialects = 64
)

// Limits on the length of a message in bytes, SMB2 header and padding
// included: the limit column of the message table.
const (
	// maxFixed is for messages without a variable part. The slack is for
	// padding and for peers that send more than they should: Windows 7 added
	// 24 bytes to OPLOCK_BREAK.
	maxFixed = 1 << 10

	// maxLogon is for what comes before authentication: a security buffer of
	// 64 KiB, the fixed part and the negotiate contexts.
	maxLogon = 68 << 10

	// maxNames is for messages whose variable part is names and lists: a name
	// of 64 KiB, and a security descriptor and extended attributes of as much.
	maxNames = 256 << 10

	// maxData is for file data and other buffers of negotiated size: what the
	// 24-bit length of the transport can announce. [MS-SMB2] 2.1.
	maxData = 1<<24 - 1
)
