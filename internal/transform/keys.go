package transform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"github.com/signet-smb/signet/internal/smb2"
)

// Keys are the keys of a session, or of a channel, of which only Signing
// counts. Immutable once derived, until Wipe.
type Keys struct {
	Signing     [16]byte
	Application [16]byte // what programs above SMB get to see
	// ClientToServer and ServerToClient are the cipher keys of the two
	// directions, 16 or 32 bytes; nil without a cipher.
	ClientToServer []byte
	ServerToClient []byte
}

// Wipe overwrites the keys with zeros. Copies that signers and ciphers have
// made, and that the runtime may have made, stay.
func (k *Keys) Wipe() {
	clear(k.Signing[:])
	clear(k.Application[:])
	clear(k.ClientToServer)
	clear(k.ServerToClient)
}

// keyName is what distinguishes a derived key from its siblings. Label and
// context include a terminating NUL; in dialect 3.1.1 the context is the
// preauthentication integrity hash instead.
type keyName struct {
	label, context string
}

// keyNames are the names of a session's four keys.
type keyNames struct {
	signing, application, clientToServer, serverToClient keyName
}

// [MS-SMB2] 3.3.5.5.3; 3.2.5.3.1 for the client.
var (
	names300 = keyNames{
		signing:        keyName{"SMB2AESCMAC\x00", "SmbSign\x00"},
		application:    keyName{"SMB2APP\x00", "SmbRpc\x00"},
		clientToServer: keyName{"SMB2AESCCM\x00", "ServerIn \x00"}, // the blank is real
		serverToClient: keyName{"SMB2AESCCM\x00", "ServerOut\x00"},
	}
	names311 = keyNames{
		signing:        keyName{label: "SMBSigningKey\x00"},
		application:    keyName{label: "SMBAppKey\x00"},
		clientToServer: keyName{label: "SMBC2SCipherKey\x00"},
		serverToClient: keyName{label: "SMBS2CCipherKey\x00"},
	}
)

// DeriveKeys makes the keys of a session or channel from sessionKey, the key
// of the GSS context in full length, which is not kept. c is the connection's
// cipher, if it has one; preauth counts in dialect 3.1.1 only.
// [MS-SMB2] 3.1.4.2.
//
// All but the cipher keys of AES-256 come from the session key cut, or padded
// with zeros, to 16 bytes. In dialects below 3.0 that is the signing key and
// the application key.
//
// Deviation: [MS-SMB2] 3.1.4.2 would make every key 256 bits long when the
// cipher is AES-256; Windows and Samba do so for the two cipher keys only.
func DeriveKeys(dialect smb2.Dialect, c smb2.Cipher, sessionKey []byte, preauth PreauthHash) *Keys {
	var short [16]byte
	copy(short[:], sessionKey)
	defer clear(short[:])

	k := new(Keys)
	if dialect < smb2.Dialect300 {
		k.Signing, k.Application = short, short
		return k
	}
	names := &names300
	if dialect == smb2.Dialect311 {
		names = &names311
	}
	derive := func(dst, key []byte, n keyName) {
		context := []byte(n.context)
		if dialect == smb2.Dialect311 {
			context = preauth[:]
		}
		deriveKey(dst, key, n.label, context)
	}
	derive(k.Signing[:], short[:], names.signing)
	derive(k.Application[:], short[:], names.application)
	if row := cipherRow(c); row != nil {
		key := short[:]
		if row.KeySize > len(short) {
			key = sessionKey
		}
		k.ClientToServer = make([]byte, row.KeySize)
		k.ServerToClient = make([]byte, row.KeySize)
		derive(k.ClientToServer, key, names.clientToServer)
		derive(k.ServerToClient, key, names.serverToClient)
	}
	return k
}

// deriveKey fills dst, 16 or 32 bytes, by the key derivation function of NIST
// SP 800-108 in counter mode with HMAC-SHA256 and a counter of 32 bits. As
// dst is no longer than one hash there is one round.
func deriveKey(dst, key []byte, label string, context []byte) {
	h := hmac.New(sha256.New, key)
	h.Write([]byte{0, 0, 0, 1})
	h.Write([]byte(label))
	h.Write([]byte{0})
	h.Write(context)
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(dst)*8)))
	sum := h.Sum(make([]byte, 0, sha256.Size))
	copy(dst, sum)
	clear(sum)
}
