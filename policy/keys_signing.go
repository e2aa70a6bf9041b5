package policy

// SigningAlgorithm is a signing algorithm by its number on the wire.
// [MS-SMB2] 2.2.3.1.7.
type SigningAlgorithm uint16

// Signing algorithms.
const (
	HMACSHA256 SigningAlgorithm = 0
	AESCMAC    SigningAlgorithm = 1
	AESGMAC    SigningAlgorithm = 2
)

// signingWords name the algorithms in the style of EncryptionCiphers.
var signingWords = []word[SigningAlgorithm]{
	{AESGMAC, "AES_128_GMAC"}, {AESCMAC, "AES_128_CMAC"}, {HMACSHA256, "HMAC_SHA256"},
}

// RequireSecuritySignature is the inbound signing requirement.
var RequireSecuritySignature = Define(Key[bool]{
	Name: "server.RequireSecuritySignature", Default: true, Kind: boolean(), Scope: PerServer, Reload: NextSession,
	Doc:     "Refuse every request of a signed-in user that is neither signed nor sealed.",
	Section: "[MS-SMB2] 3.1.1.1 RequireMessageSigning",
	Caution: func(require bool) string {
		if require {
			return ""
		}
		return "Not recommended. Without signing, files can be altered on the way and sign-ins relayed. Do not turn on SMB1, and do not expect guests to be signed: they have no key."
	},
})

// SigningAlgorithms is the order in which the server prefers algorithms.
// Windows has no name for it.
var SigningAlgorithms = Define(Key[[]SigningAlgorithm]{
	Name: "server.SigningAlgorithms", Default: []SigningAlgorithm{AESGMAC, AESCMAC, HMACSHA256},
	Kind: listOf(signingWords), Scope: PerServer, Reload: NextConnection,
	Doc:     "Signing algorithms accepted at dialect 3.1.1, most wanted first.",
	Section: "[MS-SMB2] 3.3.5.4 SMB2_SIGNING_CAPABILITIES",
})

var _ = notApplicable("server.EnableSecuritySignature", false, boolean(),
	"Sign where the SMB1 client can.", "SMB 2 and 3 ignore it: RequireSecuritySignature alone decides")
