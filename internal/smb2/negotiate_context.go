package smb2

import "github.com/signet-smb/signet/internal/wire"

// ContextType is the type of a negotiate context. [MS-SMB2] 2.2.3.1.
type ContextType uint16

// Negotiate context types. [MS-SMB2] 2.2.3.1.
const (
	ContextPreauthIntegrity ContextType = 0x0001
	ContextEncryption       ContextType = 0x0002
	ContextCompression      ContextType = 0x0003
	ContextNetname          ContextType = 0x0005
	ContextTransport        ContextType = 0x0006
	ContextRDMATransform    ContextType = 0x0007
	ContextSigning          ContextType = 0x0008
)

// NegotiateContext is one element of a NegotiateContextList, its data still
// encoded. [MS-SMB2] 2.2.3.1.
type NegotiateContext struct {
	Type ContextType
	Data []byte
}

// HashAlgorithm is a preauthentication integrity hash. [MS-SMB2] 2.2.3.1.1.
type HashAlgorithm uint16

// HashSHA512 is the only hash defined.
const HashSHA512 HashAlgorithm = 0x0001

// Cipher is an encryption algorithm. [MS-SMB2] 2.2.3.1.2.
type Cipher uint16

// Ciphers; 0 in a response means that there is none in common.
const (
	CipherNone      Cipher = 0x0000
	CipherAES128CCM Cipher = 0x0001
	CipherAES128GCM Cipher = 0x0002
	CipherAES256CCM Cipher = 0x0003
	CipherAES256GCM Cipher = 0x0004
)

// SigningAlgorithm is a signing algorithm. [MS-SMB2] 2.2.3.1.7.
type SigningAlgorithm uint16

// Signing algorithms.
const (
	SigningHMACSHA256 SigningAlgorithm = 0x0000
	SigningAESCMAC    SigningAlgorithm = 0x0001
	SigningAESGMAC    SigningAlgorithm = 0x0002
)

// PreauthIntegrityCapabilities is the data of
// SMB2_PREAUTH_INTEGRITY_CAPABILITIES. [MS-SMB2] 2.2.3.1.1.
type PreauthIntegrityCapabilities struct {
	HashAlgorithms []HashAlgorithm // most wanted first; one in a response
	Salt           []byte
}

// EncryptionCapabilities is the data of SMB2_ENCRYPTION_CAPABILITIES.
// [MS-SMB2] 2.2.3.1.2.
type EncryptionCapabilities struct {
	Ciphers []Cipher // most wanted first; one in a response
}

// SigningCapabilities is the data of SMB2_SIGNING_CAPABILITIES.
// [MS-SMB2] 2.2.3.1.7.
type SigningCapabilities struct {
	Algorithms []SigningAlgorithm // most wanted first; one in a response
}

// decodeNegotiateContexts reads a NegotiateContextList of count elements that
// begins offset bytes from the start of the header. [MS-SMB2] 2.2.3.1.
func decodeNegotiateContexts(r *wire.Reader, offset uint32, count uint16) []NegotiateContext {
	if count == 0 || r.Err() != nil {
		return nil
	}
	r.Check(count <= MaxNegotiateContexts, "NegotiateContextCount")
	r.Check(uint64(offset) >= uint64(r.Offset()), "NegotiateContextOffset")
	r.Skip(int(offset) - r.Offset())
	var contexts []NegotiateContext
	for range count {
		r.Align(8)
		ctx := NegotiateContext{Type: ContextType(r.U16())}
		n := r.U16()
		r.Skip(4)
		ctx.Data = r.Bytes(int(n))
		if r.Err() != nil {
			return nil
		}
		contexts = append(contexts, ctx)
	}
	return contexts
}

// appendNegotiateContexts writes the list at the next multiple of 8 and that
// place into offset.
func appendNegotiateContexts(w *wire.Writer, offset wire.Hole, contexts []NegotiateContext) {
	if len(contexts) == 0 {
		return
	}
	w.Align(8)
	w.Fill(offset, w.Offset())
	for _, ctx := range contexts {
		w.Align(8)
		w.U16(uint16(ctx.Type))
		w.U16(uint16(len(ctx.Data)))
		w.Zero(4)
		w.Bytes(ctx.Data)
	}
}

// PreauthIntegrity decodes the data of a ContextPreauthIntegrity. Too short
// data, and an empty list, are a *[wire.Error].
func (c NegotiateContext) PreauthIntegrity() (PreauthIntegrityCapabilities, error) {
	r := wire.NewReader(c.Data)
	n, salt := int(r.U16()), int(r.U16())
	caps := PreauthIntegrityCapabilities{HashAlgorithms: decodeAlgorithms[HashAlgorithm](r, n)}
	caps.Salt = r.Bytes(salt)
	return caps, r.Err()
}

// PreauthIntegrityContext encodes caps.
func PreauthIntegrityContext(caps PreauthIntegrityCapabilities) NegotiateContext {
	w := wire.NewWriter(nil)
	w.U16(uint16(len(caps.HashAlgorithms)))
	w.U16(uint16(len(caps.Salt)))
	appendAlgorithms(w, caps.HashAlgorithms)
	w.Bytes(caps.Salt)
	return NegotiateContext{ContextPreauthIntegrity, w.Finish()}
}

// Encryption decodes the data of a ContextEncryption. Errors are those of
// [NegotiateContext.PreauthIntegrity].
func (c NegotiateContext) Encryption() (EncryptionCapabilities, error) {
	r := wire.NewReader(c.Data)
	caps := EncryptionCapabilities{Ciphers: decodeAlgorithms[Cipher](r, int(r.U16()))}
	return caps, r.Err()
}

// EncryptionContext encodes caps.
func EncryptionContext(caps EncryptionCapabilities) NegotiateContext {
	w := wire.NewWriter(nil)
	w.U16(uint16(len(caps.Ciphers)))
	appendAlgorithms(w, caps.Ciphers)
	return NegotiateContext{ContextEncryption, w.Finish()}
}

// Signing decodes the data of a ContextSigning. Errors are those of
// [NegotiateContext.PreauthIntegrity].
func (c NegotiateContext) Signing() (SigningCapabilities, error) {
	r := wire.NewReader(c.Data)
	caps := SigningCapabilities{Algorithms: decodeAlgorithms[SigningAlgorithm](r, int(r.U16()))}
	return caps, r.Err()
}

// SigningContext encodes caps.
func SigningContext(caps SigningCapabilities) NegotiateContext {
	w := wire.NewWriter(nil)
	w.U16(uint16(len(caps.Algorithms)))
	appendAlgorithms(w, caps.Algorithms)
	return NegotiateContext{ContextSigning, w.Finish()}
}

// decodeAlgorithms reads n 16-bit algorithm numbers, at least one.
func decodeAlgorithms[A ~uint16](r *wire.Reader, n int) []A {
	r.Check(n > 0 && n <= MaxAlgorithms, "algorithm count")
	if r.Err() != nil {
		return nil
	}
	list := make([]A, n)
	for i := range list {
		list[i] = A(r.U16())
	}
	return list
}

func appendAlgorithms[A ~uint16](w *wire.Writer, list []A) {
	for _, a := range list {
		w.U16(uint16(a))
	}
}
