package rpc

import (
	"bytes"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/wire"
)

// bodyAlignment is what the body of a protected call is padded to, in bytes.
// [MS-RPCE] 2.2.2.11.
const bodyAlignment = 16

// shield is how either end protects the calls of a security context. nil is that
// of the transport, which does nothing. [MS-RPCE] 3.3.1.5.2.2.
//
// Signatures cover header, body and sec_trailer, whether or not header signing
// was agreed on: NTLM with extended session security signs all that it is given
// ([MS-NLMP] 3.4.6.1, 3.4.8.1), and clients that never agree on it, such as
// impacket, count on that. A mechanism for which it makes a difference would have
// to be told.
type shield struct {
	provider   provider
	level      Level
	id         uint32          // auth_context_id
	protection auth.Protection // nil at LevelConnect
}

// is reports whether cred is of the kind that x began with. [MS-RPCE] 2.2.2.11.
func (x *shield) is(cred *credentials) bool {
	return x.provider == cred.provider && x.level == cred.level && x.id == cred.context
}

// open verifies a fragment with credentials as its level asks for, and returns
// its body, decrypted and without padding; head is the length of its header.
// After an error the context is of no use: ciphers and counters of both ends
// have parted.
func (x *shield) open(h header, f fragment, head int, cred *credentials, s *segments) (body []byte, err error) {
	switch {
	case x.protection == nil: // the token is one that proves nothing
	case x.level == LevelPrivacy:
		*cred, *s, _ = fragment(bytes.Clone(f)).credentials(h, head) // what was received stays as it is
		err = x.protection.Unseal(s.signed, s.body, cred.token)
	default:
		err = x.protection.Verify(s.signed, cred.token)
	}
	if err != nil {
		return nil, err
	}
	return wire.NewReader(s.body).Bytes(len(s.body) - cred.padding), nil
}

// room is how many bytes of body a fragment of that many bytes has, with a header
// of head bytes, if it is not the last one.
func (x *shield) room(size, head int) int {
	if x == nil || x.protection == nil {
		return (size - head) &^ 7
	}
	return (size - head - trailerSize - x.protection.SignatureSize()) &^ (bodyAlignment - 1)
}

// finish ends a request or response with a header of head bytes: it signs it,
// and encrypts its body.
func (x *shield) finish(p packet, head int) []byte {
	if x == nil || x.protection == nil {
		return p.finish()
	}
	body := p.Offset() - head
	cred := credentials{provider: x.provider, level: x.level, context: x.id, padding: -body & (bodyAlignment - 1)}
	n := x.protection.SignatureSize()
	p.credentials(&cred, make([]byte, n))
	whole := p.finish()

	r := wire.NewReader(whole)
	s := segments{signed: r.Bytes(len(whole) - n)}
	token := r.Rest()
	r = wire.NewReader(whole)
	r.Skip(head)
	s.body = r.Bytes(body + cred.padding)
	if x.level == LevelPrivacy {
		copy(token, x.protection.Seal(s.signed, s.body))
	} else {
		copy(token, x.protection.Sign(s.signed))
	}
	return whole
}
