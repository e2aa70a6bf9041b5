package transform

import (
	"encoding/binary"

	"github.com/signet-smb/signet/internal/smb2"
)

// Role is a side of a connection: who sends a message.
type Role uint8

// Roles.
const (
	Client Role = iota
	Server
)

func (r Role) String() string {
	if r == Server {
		return "server"
	}
	return "client"
}

// Bits of the AES-GMAC nonce behind the MessageId. [MS-SMB2] 3.1.4.1.
const (
	nonceFromServer = 1 << 0
	nonceCancel     = 1 << 1
)

// signingNonce is the AES-GMAC nonce of the message with header h. CANCEL
// reuses the MessageId of the request it cancels: hence its bit.
func signingNonce(h *smb2.Header, sender Role) [12]byte {
	switch {
	case sender == Server:
		return nonce(uint64(h.MessageID), nonceFromServer)
	case h.Command == smb2.CommandCancel:
		return nonce(uint64(h.MessageID), nonceCancel)
	default:
		return nonce(uint64(h.MessageID), 0)
	}
}

// sealingNonce is the AEAD nonce of the number-th message sealed with a key.
// AES-CCM uses the first 11 bytes. [MS-SMB2] 2.2.41.
func sealingNonce(number uint64) [12]byte { return nonce(number, 0) }

// nonce makes every nonce of this package, so that their uniqueness under one
// key can be watched in one place.
func nonce(number uint64, bits uint32) (n [12]byte) {
	binary.LittleEndian.PutUint64(n[:], number)
	binary.LittleEndian.PutUint32(n[8:], bits)
	return n
}
