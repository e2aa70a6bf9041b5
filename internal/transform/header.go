package transform

import (
	"encoding/binary"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/wire"
)

// HeaderSize is the length of the SMB2 TRANSFORM_HEADER in bytes.
// [MS-SMB2] 2.2.41.
const HeaderSize = 52

// Offsets into the header. Its authenticated part begins with Nonce and
// reaches to the end.
const (
	signatureOffset     = 4
	authenticatedOffset = 20
)

// encrypted is the one value of Flags, called EncryptionAlgorithm before
// dialect 3.1.1.
const encrypted = 0x0001

// transformHeader is the SMB2 TRANSFORM_HEADER. [MS-SMB2] 2.2.41.
type transformHeader struct {
	signature    [SignatureSize]byte
	nonce        [16]byte
	originalSize uint32 // bytes of plaintext
	flags        uint16
	sessionID    smb2.SessionID
}

// decodeTransformHeader reads and checks the header of the sealed message
// msg. The error is a *[wire.Error].
func decodeTransformHeader(msg []byte) (transformHeader, error) {
	r := wire.NewReader(msg)
	var h transformHeader
	r.Check(smb2.ProtocolID(r.U32()) == smb2.ProtocolTransform, "ProtocolId")
	r.Copy(h.signature[:])
	r.Copy(h.nonce[:])
	h.originalSize = r.U32()
	r.Skip(2)
	h.flags = r.U16()
	r.Check(h.flags == encrypted, "transform Flags")
	h.sessionID = smb2.SessionID(r.U64())
	r.Check(uint64(r.Len()) == uint64(h.originalSize), "OriginalMessageSize")
	return h, r.Err()
}

// put writes h to the first [HeaderSize] bytes of msg, which must be there.
func (h *transformHeader) put(msg []byte) {
	b := (*[HeaderSize]byte)(msg)
	binary.LittleEndian.PutUint32(b[0:], uint32(smb2.ProtocolTransform))
	copy(b[4:], h.signature[:])
	copy(b[20:], h.nonce[:])
	binary.LittleEndian.PutUint32(b[36:], h.originalSize)
	binary.LittleEndian.PutUint16(b[40:], 0)
	binary.LittleEndian.PutUint16(b[42:], h.flags)
	binary.LittleEndian.PutUint64(b[44:], uint64(h.sessionID))
}
