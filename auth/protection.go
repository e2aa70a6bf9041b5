package auth

// Protection protects the messages of a context that is done: in each direction
// they are counted, and must be opened in the order in which they were made. It
// is used by one goroutine at a time.
//
// A message is given with all that its signature covers; sealed is the part of
// it that is encrypted, in place, and shares its memory. GSS_GetMICEx,
// GSS_VerifyMICEx, GSS_WrapEx, GSS_UnwrapEx of [MS-RPCE] 3.3.1.5.2.2.
type Protection interface {
	// SignatureSize is the length of each signature, in bytes.
	SignatureSize() int
	// Sign returns the signature of the next message that we send.
	Sign(message []byte) []byte
	// Verify tells why signature is not that of the peer's next message, or nil.
	Verify(message, signature []byte) error
	// Seal encrypts a part of the next message that we send, and returns the
	// signature of the message as it was before.
	Seal(message, sealed []byte) []byte
	// Unseal decrypts a part of the peer's next message. If it returns an error
	// what sealed holds is nothing.
	Unseal(message, sealed, signature []byte) error
}

// Protector is an [Acceptor] or [Initiator] whose mechanism protects messages.
type Protector interface {
	// Protection begins, once the exchange is done. The error tells why the
	// peers have not agreed on signatures, or on sealing if that is wanted: who
	// proved nothing has no key. Asked once.
	Protection(sealing bool) (Protection, error)
}
