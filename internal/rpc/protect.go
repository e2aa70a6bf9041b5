package rpc

import (
	"bytes"

	"github.com/signet-smb/signet/internal/wire"
)

// bodyAlignment is what the body of a protected call is padded to, in bytes.
// [MS-RPCE] 2.2.2.11.
const bodyAlignment = 16

// open checks and decrypts a fragment of a call and returns its parameters; head
// is the length of its header. s is the security context in which it is called,
// nil for that of the transport. [MS-RPCE] 3.3.1.5.2.2.
//
// A fault means that the connection cannot go on: ciphers and counters of both
// ends have parted.
func (c *Conn) open(h header, f fragment, head int) (s *security, id uint32, stub []byte, fault Fault) {
	if h.authLength == 0 {
		s, id, fault = c.unsigned()
		r := wire.NewReader(f)
		r.Skip(head)
		return s, id, r.Rest(), fault
	}
	cred, parts, ok := f.credentials(h, head)
	if !ok {
		return nil, 0, nil, FaultProtocol
	}
	s = c.security[cred.context]
	switch {
	case s == nil:
		return nil, 0, nil, FaultAccessDenied
	case s.failed:
		return nil, 0, nil, FaultAccessDenied
	case s.caller == nil || !s.is(&cred):
		return nil, 0, nil, FaultProtocol
	}
	if err := c.unprotect(s, h, f, head, &cred, &parts); err != nil {
		return nil, 0, nil, FaultSecurityPackage
	}
	return s, cred.context, wire.NewReader(parts.body).Bytes(len(parts.body) - cred.padding), 0
}

// unsigned is the security context of a call without credentials: the
// transport's, if no other was agreed on with the bind, or the only one, if that
// asks for none with each call. [MS-RPCE] 3.3.1.5.4.
func (c *Conn) unsigned() (s *security, id uint32, fault Fault) {
	if !c.secureBind {
		return nil, 0, 0
	}
	if len(c.security) == 1 {
		for id, s := range c.security {
			if s.level == LevelConnect && s.caller != nil {
				return s, id, 0
			}
		}
	}
	return nil, 0, FaultAccessDenied
}

// unprotect verifies what a fragment's level asks for, and decrypts its body.
func (c *Conn) unprotect(s *security, h header, f fragment, head int, cred *credentials, parts *segments) error {
	switch {
	case !s.level.protected():
		return nil // the token is one that proves nothing
	case s.level == LevelPrivacy:
		// What was received stays as it is.
		*cred, *parts, _ = fragment(bytes.Clone(f)).credentials(h, head)
		return s.protection.Unseal(c.covered(parts), parts.body, cred.token)
	}
	return s.protection.Verify(c.covered(parts), cred.token)
}

// covered is what the signature of a fragment covers.
func (c *Conn) covered(parts *segments) []byte {
	if c.signsHeaders {
		return parts.signed
	}
	return parts.body
}

// room is how many bytes of results a response of s can carry.
func (c *Conn) room(s *security) int {
	if s == nil || s.protection == nil {
		return (c.fragment - responseHeaderSize) &^ 7
	}
	return (c.fragment - responseHeaderSize - trailerSize - s.protection.SignatureSize()) &^ (bodyAlignment - 1)
}

// seal ends a response of the security context s, called id: it signs it, and
// encrypts what is behind its header.
func (c *Conn) seal(p packet, s *security, id uint32) []byte {
	if s == nil || s.protection == nil {
		return p.finish()
	}
	body := p.Offset() - responseHeaderSize
	cred := credentials{provider: s.provider, level: s.level, context: id, padding: -body & (bodyAlignment - 1)}
	n := s.protection.SignatureSize()
	p.credentials(&cred, make([]byte, n))
	whole := p.finish()

	r := wire.NewReader(whole)
	parts := segments{signed: r.Bytes(len(whole) - n)}
	token := r.Rest()
	r = wire.NewReader(whole)
	r.Skip(responseHeaderSize)
	parts.body = r.Bytes(body + cred.padding)
	if s.level == LevelPrivacy {
		copy(token, s.protection.Seal(c.covered(&parts), parts.body))
	} else {
		copy(token, s.protection.Sign(c.covered(&parts)))
	}
	return whole
}
