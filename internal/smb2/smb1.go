package smb2

import (
	"bytes"

	"github.com/signet-smb/signet/internal/wire"
)

// smb1CommandNegotiate is SMB_COM_NEGOTIATE. [MS-CIFS] 2.2.2.1.
const smb1CommandNegotiate = 0x72

// DecodeSMB1Negotiate reads the dialect strings of an SMB1 NEGOTIATE request:
// all that is ever understood of SMB1, to lead its sender up to SMB2. Any
// other message is a *[wire.Error]. [MS-SMB2] 3.3.5.3, [MS-CIFS] 2.2.4.52.1.
func DecodeSMB1Negotiate(msg []byte) ([]string, error) {
	r := wire.NewReader(msg)
	r.Check(ProtocolID(r.U32()) == ProtocolSMB1, "SMB1 protocol")
	r.Check(r.U8() == smb1CommandNegotiate, "SMB1 command")
	r.Skip(27) // the rest of the header
	r.Check(r.U8() == 0, "SMB1 WordCount")
	data := r.Bytes(int(r.U16()))
	if r.Err() != nil {
		return nil, r.Err()
	}
	var dialects []string
	for len(data) > 0 {
		// Each is a byte 0x02 and a string that ends in a zero byte.
		rest, isDialect := bytes.CutPrefix(data, []byte{2})
		name, rest, ended := bytes.Cut(rest, []byte{0})
		if !isDialect || !ended || len(dialects) == MaxSMB1Dialects {
			return nil, &wire.Error{Field: "SMB1 dialects", Offset: len(msg) - len(data)}
		}
		dialects = append(dialects, string(name))
		data = rest
	}
	return dialects, nil
}
