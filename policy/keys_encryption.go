package policy

// Cipher is an encryption algorithm by its number on the wire.
// [MS-SMB2] 2.2.3.1.2.
type Cipher uint16

// Ciphers.
const (
	AES128CCM Cipher = 1
	AES128GCM Cipher = 2
	AES256CCM Cipher = 3
	AES256GCM Cipher = 4
)

// cipherWords are Windows' words for ciphers.
var cipherWords = []word[Cipher]{
	{AES128GCM, "AES_128_GCM"}, {AES128CCM, "AES_128_CCM"}, {AES256GCM, "AES_256_GCM"}, {AES256CCM, "AES_256_CCM"},
}

// EncryptData is the server-wide encryption requirement.
var EncryptData = Define(Key[bool]{
	Name: "server.EncryptData", Default: false, Kind: boolean(), Scope: PerServer, Reload: NextSession,
	Doc:     "Seal every message of every session.",
	Section: "[MS-SMB2] 3.3.1.5 EncryptData",
})

// RejectUnencryptedAccess is whether a client that cannot seal is refused
// where sealing is required.
var RejectUnencryptedAccess = Define(Key[bool]{
	Name: "server.RejectUnencryptedAccess", Default: true, Kind: boolean(), Scope: PerServer, Reload: NextSession,
	Doc:     "Refuse clients that cannot encrypt where encryption is required.",
	Section: "[MS-SMB2] 3.3.1.5 RejectUnencryptedAccess",
	Caution: func(reject bool) string {
		if reject {
			return ""
		}
		return "Not recommended. Where encryption is required, clients that cannot encrypt are let in, and what they read and write can be read on the way."
	},
})

// EncryptionCiphers is the order in which the server prefers ciphers.
var EncryptionCiphers = Define(Key[[]Cipher]{
	Name: "server.EncryptionCiphers", Default: []Cipher{AES128GCM, AES128CCM, AES256GCM, AES256CCM},
	Kind: listOf(cipherWords), Scope: PerServer, Reload: NextConnection,
	Doc:     "Ciphers accepted at dialect 3.1.1, most wanted first.",
	Section: "[MS-SMB2] 3.3.5.4 SMB2_ENCRYPTION_CAPABILITIES",
})
