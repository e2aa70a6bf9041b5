package ntlm

import (
	"crypto/hmac"
	"crypto/md5"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// Lengths of the responses that are not NTLMv2: NTLMv1 and the NTLM2 session
// response have this many bytes, NTLMv2 always has more. [MS-NLMP] 3.2.5.1.2.
const maxV1Response = 24

// response is the NTLMv2_RESPONSE. [MS-NLMP] 2.2.2.8.
type response struct {
	Proof      []byte // NTProofStr, 16 bytes; aliases the message
	Blob       []byte // what Proof covers, "temp" in [MS-NLMP] 3.3.2; aliases the message
	Attributes avPairs
}

// decodeResponse reads an NT response of more than maxV1Response bytes. A
// client challenge that is cut short, of another version, or has no end of
// attributes is an error, whoever the user is.
func decodeResponse(b []byte) (response, error) {
	r := wire.NewReader(b)
	m := response{Proof: r.Bytes(md5.Size)}
	m.Blob = r.Rest()

	c := r.Sub(m.Blob) // NTLMv2_CLIENT_CHALLENGE, 2.2.2.7
	c.Check(c.U8() == 1, "RespType")
	c.Check(c.U8() == 1, "HiRespType")
	c.Skip(2 + 4) // Reserved1, Reserved2
	c.Skip(8)     // TimeStamp
	c.Skip(8)     // ChallengeFromClient
	c.Skip(4)     // Reserved3
	m.Attributes = readAVPairs(c)
	if err := r.Err(); err != nil {
		return response{}, err
	}
	if err := c.Err(); err != nil {
		return response{}, err
	}
	return m, nil
}

// encodeBlob writes the NTLMv2_CLIENT_CHALLENGE and the four zero bytes that
// [MS-NLMP] 3.3.2 puts behind it.
func encodeBlob(now dtyp.FileTime, clientChallenge [8]byte, attributes avPairs) []byte {
	w := wire.NewWriter(nil)
	w.U8(1)
	w.U8(1)
	w.Zero(6)
	w.U64(uint64(now))
	w.Bytes(clientChallenge[:])
	w.Zero(4)
	w.Bytes(attributes.append(nil))
	w.Zero(4)
	return w.Finish()
}

// proof is NTProofStr of [MS-NLMP] 3.3.2: what only the holder of key can
// compute for this challenge.
func proof(key [16]byte, serverChallenge [8]byte, blob []byte) (sum [16]byte) {
	h := hmac.New(md5.New, key[:])
	h.Write(serverChallenge[:])
	h.Write(blob)
	h.Sum(sum[:0])
	return sum
}
