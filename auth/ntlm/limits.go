package ntlm

// Limits on what a peer may send.
const (
	// maxMessage bounds one message in bytes; it is the limit on a logon token.
	maxMessage = 64 << 10
	// maxName bounds a user, domain or workstation name in bytes. A user
	// principal name has at most 1,024 characters, everything else fewer.
	maxName = 2 << 10
	// maxAVPairs bounds the attribute list. Eleven kinds are defined.
	maxAVPairs = 32
)
