package transform

import "crypto/sha512"

// PreauthHash is a preauthentication integrity hash value: a chain of SHA-512
// over the messages of NEGOTIATE and SESSION_SETUP. The zero value is its
// start. Not safe for concurrent use; a session's chain begins as a copy of
// its connection's. [MS-SMB2] 3.3.5.4, 3.3.5.5.
type PreauthHash [sha512.Size]byte

// Update appends msg, as it travels, signature included.
func (h *PreauthHash) Update(msg []byte) {
	d := sha512.New()
	d.Write(h[:])
	d.Write(msg)
	d.Sum(h[:0])
}
