package ntlm

// flags are the NEGOTIATE flags of all three messages. [MS-NLMP] 2.2.2.5.
type flags uint32

// Flags that we set or look at. The others are not echoed.
const (
	flagUnicode         flags = 0x00000001
	flagOEM             flags = 0x00000002
	flagRequestTarget   flags = 0x00000004
	flagSign            flags = 0x00000010
	flagSeal            flags = 0x00000020
	flagNTLM            flags = 0x00000200
	flagAnonymous       flags = 0x00000800
	flagAlwaysSign      flags = 0x00008000
	flagTargetDomain    flags = 0x00010000
	flagTargetServer    flags = 0x00020000
	flagExtendedSession flags = 0x00080000
	flagTargetInfo      flags = 0x00800000
	flagVersion         flags = 0x02000000
	flag128             flags = 0x20000000
	flagKeyExchange     flags = 0x40000000
	flag56              flags = 0x80000000
)

// has reports whether all of want are set.
func (f flags) has(want flags) bool { return f&want == want }
