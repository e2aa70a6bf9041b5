package rpc

import (
	"bytes"
	"testing"

	"github.com/signet-smb/signet/internal/wire"
)

// FuzzCredentials splits any fragment. The parts are those of the fragment, in
// its order and nothing else.
func FuzzCredentials(f *testing.F) {
	p := newPacket(packetRequest, flagsWhole, 7)
	p.U32(5)
	p.U16(0)
	p.U16(1)
	p.Bytes([]byte("hello"))
	p.credentials(&credentials{provider: providerNTLM, level: LevelPrivacy, context: 9, padding: 11}, bytes.Repeat([]byte{1}, 16))
	f.Add(p.finish(), 24)
	f.Add(appendFault(1, 0, 0, FaultProtocol), 16)
	f.Add([]byte("\x05\x00\x0b\x03\x00\x00\x00\x00\x00\x20\x00\x08\x00\x00\x00\x01\x0a\x05\x00\x00\x00\x00\x00\x01NTLMSSP\x00"), 16)
	f.Fuzz(func(t *testing.T, pdu []byte, head int) {
		r := wire.NewReader(pdu)
		h := decodeHeader(r)
		if r.Err() != nil || !h.understood() || int(h.length) > len(pdu) || head < headerSize || head > 64 {
			return
		}
		pdu = pdu[:h.length]
		cred, s, ok := fragment(pdu).credentials(h, head)
		if !ok {
			return
		}
		if len(cred.token) != int(h.authLength) || cred.padding > len(s.body) || len(s.signed) != head+len(s.body)+trailerSize {
			t.Fatalf("%x: %+v, %+v", pdu, cred, s)
		}
		if whole := append(bytes.Clone(s.signed), cred.token...); !bytes.Equal(whole, pdu) {
			t.Fatalf("the parts of %x are those of %x", pdu, whole)
		}
	})
}

// FuzzVerification looks for a trailer in any stub: what is found begins with its
// signature, and the parameters are what stands in front.
func FuzzVerification(f *testing.F) {
	w := wire.NewWriter(nil)
	w.Bytes([]byte("parameters.."))
	w.Bytes([]byte(verificationSignature))
	w.U16(verifyContext)
	w.U16(40)
	w.Zero(40)
	w.U16(verifyHeader | verifyMustProcess)
	w.U16(16)
	w.Zero(16)
	w.U16(verifyBitmask | verifyEnd)
	w.U16(4)
	w.U32(clientSignsHeaders)
	f.Add(w.Finish())
	f.Add([]byte(verificationSignature + "\x00\x40\x00\x00"))
	f.Add([]byte(verificationSignature))
	f.Fuzz(func(t *testing.T, stub []byte) {
		parameters, v, found, ok := splitVerification(stub)
		if !bytes.HasPrefix(stub, parameters) || !found && (len(parameters) != len(stub) || !ok) {
			t.Fatalf("%x: parameters %x, found %v, ok %v", stub, parameters, found, ok)
		}
		if found && (len(parameters)%4 != 0 || !bytes.HasPrefix(stub[len(parameters):], []byte(verificationSignature))) {
			t.Fatalf("%x: a trailer behind %d bytes", stub, len(parameters))
		}
		if ok && v.bitmask != nil && len(stub)-len(parameters) < 16 {
			t.Fatalf("%x: %+v out of nothing", stub, v)
		}
	})
}
