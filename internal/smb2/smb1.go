package smb2

import "github.com/signet-smb/signet/internal/wire"

// The dialect strings by which an SMB1 NEGOTIATE asks for SMB2.
// [MS-SMB2] 3.3.5.3.
const (
	SMB1Dialect202      = "SMB 2.002"
	SMB1DialectWildcard = "SMB 2.???"
)

// DecodeSMB1Negotiate reads the dialect strings of an SMB_COM_NEGOTIATE
// request, all that is understood of SMB1, in the order they are sent. Bytes
// of other characters than ASCII are kept as they are. The error is a
// *[wire.Error]. [MS-CIFS] 2.2.4.52.1.
func DecodeSMB1Negotiate(msg []byte) (dialects []string, err error) {
	const (
		commandNegotiate = 0x72
		bufferFormat     = 0x02 // what follows is a dialect string
	)
	r := wire.NewReader(msg)
	r.Check(ProtocolID(r.U32()) == ProtocolSMB1, "Protocol")
	r.Check(r.U8() == commandNegotiate, "Command")
	r.Skip(27) // the rest of the SMB1 header, [MS-CIFS] 2.2.3.1
	r.Check(r.U8() == 0, "WordCount")
	end := int(r.U16())
	r.Check(end <= r.Len(), "ByteCount")
	end += r.Offset()
	for r.Err() == nil && r.Offset() < end {
		r.Check(len(dialects) < MaxSMB1Dialects, "Dialects: too many")
		r.Check(r.U8() == bufferFormat, "BufferFormat")
		var name []byte
		for c := r.U8(); c != 0; c = r.U8() {
			name = append(name, c)
		}
		r.Check(r.Offset() <= end, "DialectString")
		dialects = append(dialects, string(name))
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return dialects, nil
}

// SMB1Signs reports whether the client of an SMB1 message says that it signs.
// [MS-CIFS] 2.2.3.1, [MS-SMB] 2.2.3.1 Flags2.
func SMB1Signs(msg []byte) bool {
	const signs = 0x0004 | 0x0010 // SECURITY_SIGNATURE, SECURITY_SIGNATURE_REQUIRED
	r := wire.NewReader(msg)
	r.Skip(10)
	return r.U16()&signs != 0
}
