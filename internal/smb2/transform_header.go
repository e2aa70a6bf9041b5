package smb2

import (
	"encoding/binary"

	"github.com/signet-smb/signet/internal/wire"
)

// TransformHeaderSize is the length of the header of a sealed message in
// bytes. [MS-SMB2] 2.2.41.
const TransformHeaderSize = 52

// TransformEncrypted is the only value of Flags (dialect 3.1.1), and the only
// EncryptionAlgorithm (dialects 3.0 and 3.0.2).
const TransformEncrypted uint16 = 0x0001

// TransformHeader is the SMB2 TRANSFORM_HEADER, which precedes a sealed
// message. [MS-SMB2] 2.2.41.
type TransformHeader struct {
	Signature           [16]byte // the authentication tag of the cipher
	Nonce               [16]byte // 11 bytes for CCM, 12 for GCM, then zeros
	OriginalMessageSize uint32   // bytes of the message before sealing
	Flags               uint16
	SessionID           SessionID
}

// DecodeTransformHeader reads the transform header at the start of msg.
// ProtocolId must be right; the error is a *[wire.Error]. Flags and
// OriginalMessageSize are 3.3.5.2.1.1's to check.
func DecodeTransformHeader(msg []byte) (TransformHeader, error) {
	r := wire.NewReader(msg)
	var h TransformHeader
	r.Check(ProtocolID(r.U32()) == ProtocolTransform, "ProtocolId")
	r.Copy(h.Signature[:])
	r.Copy(h.Nonce[:])
	h.OriginalMessageSize = r.U32()
	r.Skip(2) // Reserved
	h.Flags = r.U16()
	h.SessionID = SessionID(r.U64())
	return h, r.Err()
}

// Put writes h into the first [TransformHeaderSize] bytes of msg, which must
// be there.
func (h *TransformHeader) Put(msg []byte) {
	b := (*[TransformHeaderSize]byte)(msg)
	binary.LittleEndian.PutUint32(b[0:], uint32(ProtocolTransform))
	copy(b[4:], h.Signature[:])
	copy(b[20:], h.Nonce[:])
	binary.LittleEndian.PutUint32(b[36:], h.OriginalMessageSize)
	binary.LittleEndian.PutUint16(b[40:], 0) // Reserved
	binary.LittleEndian.PutUint16(b[42:], h.Flags)
	binary.LittleEndian.PutUint64(b[44:], uint64(h.SessionID))
}
