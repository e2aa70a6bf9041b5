package rpc

import (
	"github.com/signet-smb/signet/internal/wire"
)

// trailerSize is the length of a sec_trailer, in bytes.
const trailerSize = 8

// credentials are what stands at the end of a fragment: sec_trailer and the
// token behind it, which aliases the fragment. [MS-RPCE] 2.2.2.11.
type credentials struct {
	provider provider
	level    Level
	padding  int // bytes at the end of the body that are none of it
	context  uint32
	token    []byte
}

// fragment is a whole PDU as it was received.
type fragment []byte

// segments are the parts of a fragment with credentials, which alias it.
// [MS-RPCE] 2.2.2.1.
type segments struct {
	signed []byte // all before the token: header, body, sec_trailer
	body   []byte // padding included
}

// credentials splits f; head is the length of its header with all that is
// before the body. ok is false if its lengths are at odds with each other.
func (f fragment) credentials(h header, head int) (cred credentials, s segments, ok bool) {
	end := int(h.length) - int(h.authLength) - trailerSize
	if h.authLength == 0 || end < head {
		return cred, s, false
	}
	s.signed = wire.NewReader(f).Bytes(end + trailerSize)
	r := reader{wire.NewReader(f), h.bigEndian()}
	r.Skip(head)
	s.body = r.Bytes(end - head)
	cred.provider, cred.level = provider(r.U8()), Level(r.U8())
	cred.padding = int(r.U8())
	r.Skip(1)
	cred.context = r.U32()
	cred.token = r.Bytes(int(h.authLength))
	if cred.level == levelCall {
		cred.level = LevelPacket // [MS-RPCE] 2.2.1.1.8
	}
	return cred, s, r.Err() == nil && cred.padding <= len(s.body)
}

// refusal is why these credentials cannot begin anything; ok is true if they
// can. Types and levels that do not exist are told apart from those that are not
// offered, as Windows does. [MS-RPCE] 3.3.3.5.3.
func (cred *credentials) refusal(offered bool) (reason nakReason, ok bool) {
	switch {
	case !cred.level.known():
		return nakNotSpecified, false
	case !offered || cred.provider != providerSPNEGO && cred.provider != providerNTLM:
		return nakAuthNotRecognized, false
	}
	return 0, true
}

// credentials ends a PDU with a sec_trailer and a token; padding are the bytes
// in front of it that are none of the body.
func (p *packet) credentials(cred *credentials, token []byte) {
	p.Zero(cred.padding)
	p.U8(uint8(cred.provider))
	p.U8(uint8(cred.level))
	p.U8(uint8(cred.padding))
	p.U8(0)
	p.U32(cred.context)
	p.Bytes(token)
	p.Fill(p.authLength, len(token))
}
