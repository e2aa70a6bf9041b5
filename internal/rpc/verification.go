package rpc

import (
	"bytes"

	"github.com/signet-smb/signet/internal/wire"
)

// The verification trailer: by it a client repeats, where signatures cover it,
// what stood in places that no signature covers. [MS-RPCE] 2.2.2.13.

// verificationSignature begins it.
const verificationSignature = "\x8a\xe3\x13\x71\x02\xf4\x36\x71"

// maxVerification is how far from the end of the parameters it is looked for,
// in bytes; the three commands that there are take 88.
const maxVerification = 1024

// Commands. [MS-RPCE] 2.2.2.13.
const (
	verifyBitmask = 1
	verifyContext = 2
	verifyHeader  = 3

	verifyKind        = 0x3FFF
	verifyEnd         = 0x4000
	verifyMustProcess = 0x8000
)

// clientSignsHeaders is a bit of the bitmask: the client's bind offered it.
const clientSignsHeaders = 1

// verification is what a trailer says.
type verification struct {
	bitmask *uint32
	context *verifiedContext
	header  *verifiedHeader
}

// verifiedContext is rpc_sec_vt_pcontext. [MS-RPCE] 2.2.2.13.4.
type verifiedContext struct{ abstract, transfer Syntax }

// verifiedHeader is rpc_sec_vt_header2. [MS-RPCE] 2.2.2.13.3.
type verifiedHeader struct {
	kind           packetType
	representation uint8
	callID         uint32
	context, opnum uint16
}

// splitVerification finds the trailer behind a call's parameters. found is
// false if there is none, and then parameters is all of stub; ok is false for
// one that cannot be read, or must be and is not known.
//
// It is looked for before the parameters are read, from the end backwards, so
// that nothing is done for a call whose trailer is wrong.
func splitVerification(stub []byte) (parameters []byte, v verification, found, ok bool) {
	at := len(stub) - len(verificationSignature)
	for at &^= 3; at >= max(0, len(stub)-maxVerification); at -= 4 {
		r := wire.NewReader(stub)
		parameters = r.Bytes(at)
		if bytes.Equal(r.Bytes(len(verificationSignature)), []byte(verificationSignature)) {
			v, ok = decodeVerification(r)
			return parameters, v, true, ok
		}
	}
	return stub, v, false, true
}

// decodeVerification reads the commands; each comes once at most.
func decodeVerification(r *wire.Reader) (v verification, ok bool) {
	for range maxVerification / 4 {
		command, n := r.U16(), int(r.U16())
		c := r.Sub(r.Bytes(n))
		if r.Err() != nil {
			return v, false
		}
		switch command & verifyKind {
		case verifyBitmask:
			r.Check(v.bitmask == nil && n == 4, "bitmask")
			v.bitmask = new(c.U32())
		case verifyContext:
			r.Check(v.context == nil && n == 40, "presentation context")
			v.context = &verifiedContext{decodeSyntax(reader{c, false}), decodeSyntax(reader{c, false})}
		case verifyHeader:
			r.Check(v.header == nil && n == 16, "header")
			h := &verifiedHeader{kind: packetType(c.U8())}
			c.Skip(3)
			h.representation = c.U8()
			c.Skip(3)
			h.callID, h.context, h.opnum = c.U32(), c.U16(), c.U16()
			v.header = h
		default:
			r.Check(command&verifyMustProcess == 0, "command")
		}
		if r.Err() != nil || c.Err() != nil {
			return v, false
		}
		if command&verifyEnd != 0 {
			return v, true
		}
	}
	return v, false
}

// verify reports whether a trailer agrees with what came in the call.
func (c *Conn) verify(v *verification, a *assembly) bool {
	if v.bitmask != nil && *v.bitmask&clientSignsHeaders != 0 && !c.signsHeaders && c.secureBind {
		return false // somebody took the flag out of the bind
	}
	if h := v.header; h != nil && (h.kind != packetRequest || h.representation != a.representation ||
		h.callID != a.id || h.context != a.context || h.opnum != a.opnum) {
		return false
	}
	i := c.contexts[a.context]
	return v.context == nil || i != nil && i.serves(v.context.abstract) && v.context.transfer == ndr20
}

// verified strips a call's stub of its verification trailer; ok is false if the
// call must not run.
func (c *Conn) verified(a *assembly, stub []byte) (parameters []byte, ok bool) {
	parameters, v, found, ok := splitVerification(stub)
	if !found {
		return stub, true
	}
	return parameters, ok && c.verify(&v, a)
}
