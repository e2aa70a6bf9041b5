package smb2

// Limits on what a message may make the decoder allocate. All other parts
// alias the received bytes.
const (
	// MaxDialects bounds Dialects: five exist, and clients of the future may
	// offer more.
	MaxDialects = 64
	// MaxNegotiateContexts bounds a NegotiateContextList: eight types exist.
	MaxNegotiateContexts = 64
	// MaxAlgorithms bounds the list in a negotiate context.
	MaxAlgorithms = 64
	// MaxCreateContexts bounds a create context list: about fifteen exist.
	MaxCreateContexts = 64
	// MaxLocks bounds a LOCK request, as Windows does with its 64 KiB messages.
	MaxLocks = 2700
	// MaxChainElements bounds a compound: a chain costs memory per element
	// beyond its bytes, and no client is known to send more than a dozen.
	MaxChainElements = 512
	// MaxSMB1Dialects bounds the list of an SMB1 NEGOTIATE.
	MaxSMB1Dialects = 64
)
