package smb2

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/signet-smb/signet/internal/wire"
)

// FuzzDecode reads arbitrary bytes as every message: nothing panics, and what
// was read survives being written and read again.
func FuzzDecode(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.bytes, uint8(rowOf(f, v.message).new().id()))
	}
	f.Fuzz(func(t *testing.T, msg []byte, id uint8) {
		row := &messages[id%uint8(messageCount)]
		m := row.new()
		if Decode(msg, m) != nil {
			return
		}
		first := encode(msg, m)
		if len(first) > row.limit {
			return // references that overlap are encoded apart
		}
		again := row.new()
		if err := Decode(first, again); err != nil {
			t.Fatalf("%s: what was encoded does not decode: %v\n%+v\n% x", row.name, err, m, first)
		}
		if !reflect.DeepEqual(m, again) {
			t.Errorf("%s\nfirst  %+v\nsecond %+v", row.name, m, again)
		}
		if second := encode(msg, again); !bytes.Equal(first, second) {
			t.Errorf("%s\nfirst  % x\nsecond % x", row.name, first, second)
		}
	})
}

// FuzzHeader reads arbitrary bytes as headers: what was read is what is
// written, but for reserved fields.
func FuzzHeader(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.bytes[:HeaderSize])
	}
	f.Add(transformHeaderBytes(f))
	f.Fuzz(func(t *testing.T, msg []byte) {
		Protocol(msg)
		if h, err := DecodeHeader(msg); err == nil {
			var put [HeaderSize]byte
			h.Put(put[:])
			if again, err := DecodeHeader(put[:]); err != nil || again != h {
				t.Errorf("%v\n got %+v\nwant %+v", err, again, h)
			}
		}
		if h, err := DecodeTransformHeader(msg); err == nil {
			var put [TransformHeaderSize]byte
			h.Put(put[:])
			if again, err := DecodeTransformHeader(put[:]); err != nil || again != h {
				t.Errorf("%v\n got %+v\nwant %+v", err, again, h)
			}
		}
	})
}

// FuzzChain splits arbitrary bytes: the elements of a good chain cover it
// without gap or overlap.
func FuzzChain(f *testing.F) {
	all := vectors(f)
	for i, v := range all {
		f.Add(v.bytes)
		f.Add(compound(8, v.bytes, all[(i+1)%len(all)].bytes, all[(i+2)%len(all)].bytes))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		elements, err := split(msg)
		if len(elements) > MaxChainElements {
			t.Fatalf("%d elements", len(elements))
		}
		end := 0
		for i, e := range elements {
			if e.Offset != end || len(e.Message) < HeaderSize {
				t.Fatalf("element %d: %d bytes at %d, want at least %d at %d", i, len(e.Message), e.Offset, HeaderSize, end)
			}
			if !bytes.Equal(e.Message, msg[end:end+len(e.Message)]) {
				t.Fatalf("element %d is not part of the chain", i)
			}
			end += len(e.Message)
		}
		if err == nil && end != len(msg) {
			t.Errorf("%d of %d bytes covered", end, len(msg))
		}
		if err != nil && !isWireError(err) {
			t.Errorf("error %v is no *wire.Error", err)
		}
	})
}

// FuzzNegotiateContexts reads arbitrary bytes as the list of contexts and as
// the data of each typed one.
func FuzzNegotiateContexts(f *testing.F) {
	for _, m := range expected {
		var contexts []NegotiateContext
		switch m := m.(type) {
		case *NegotiateRequest:
			contexts = m.Contexts
		case *NegotiateResponse:
			contexts = m.Contexts
		}
		w := wire.NewWriter(nil)
		appendNegotiateContexts(w, w.Hole(4), contexts)
		f.Add(w.Finish(), uint16(len(contexts)))
		for _, c := range contexts {
			f.Add(c.Data, uint16(1))
		}
	}
	f.Add(CompressionContext(compression).Data, uint16(1))
	f.Add(RDMATransformContext(rdmaTransforms).Data, uint16(1))
	f.Fuzz(func(t *testing.T, b []byte, n uint16) {
		contexts := decodeNegotiateContexts(wire.NewReader(b), 0, n)
		if len(contexts) > MaxNegotiateContexts {
			t.Fatalf("%d contexts", len(contexts))
		}
		for _, c := range append(contexts, NegotiateContext{Data: b}) {
			if p, err := c.PreauthIntegrity(); err == nil {
				sameAgain(t, p, PreauthIntegrityContext(p), NegotiateContext.PreauthIntegrity)
			}
			if e, err := c.Encryption(); err == nil {
				sameAgain(t, e, EncryptionContext(e), NegotiateContext.Encryption)
			}
			if s, err := c.Signing(); err == nil {
				sameAgain(t, s, SigningContext(s), NegotiateContext.Signing)
			}
			if p, err := c.Compression(); err == nil {
				sameAgain(t, p, CompressionContext(p), NegotiateContext.Compression)
			}
			if name, err := c.Netname(); err == nil {
				sameAgain(t, name, NetnameContext(name), NegotiateContext.Netname)
			}
			if flags, err := c.Transport(); err == nil {
				sameAgain(t, flags, TransportContext(flags), NegotiateContext.Transport)
			}
			if p, err := c.RDMATransforms(); err == nil {
				sameAgain(t, p, RDMATransformContext(p), NegotiateContext.RDMATransforms)
			}
		}
	})
}

// sameAgain decodes c and wants value.
func sameAgain[T any](t *testing.T, value T, c NegotiateContext, decode func(NegotiateContext) (T, error)) {
	t.Helper()
	if again, err := decode(c); err != nil || !reflect.DeepEqual(again, value) {
		t.Errorf("%v\n got %+v\nwant %+v", err, again, value)
	}
}

// FuzzValidateNegotiateInfo reads arbitrary bytes as either buffer.
func FuzzValidateNegotiateInfo(f *testing.F) {
	f.Add(expected["ioctl_request.validate"].(*IoctlRequest).Input)
	f.Add(expected["ioctl_response.validate"].(*IoctlResponse).Output)
	f.Fuzz(func(t *testing.T, b []byte) {
		var req, reqAgain ValidateNegotiateInfoRequest
		if req.Decode(b) == nil {
			if err := reqAgain.Decode(req.Append(nil)); err != nil || !reflect.DeepEqual(req, reqAgain) {
				t.Errorf("%v\n got %+v\nwant %+v", err, reqAgain, req)
			}
		}
		var res, resAgain ValidateNegotiateInfoResponse
		if res.Decode(b) == nil {
			if err := resAgain.Decode(res.Append(nil)); err != nil || res != resAgain {
				t.Errorf("%v\n got %+v\nwant %+v", err, resAgain, res)
			}
		}
	})
}

// FuzzSMB1Negotiate reads arbitrary bytes as an SMB1 NEGOTIATE.
func FuzzSMB1Negotiate(f *testing.F) {
	f.Add(smb1Negotiate(dialects41))
	f.Add(smb1Negotiate(append(dialects41[:len(dialects41):len(dialects41)], SMB1DialectWildcard)))
	f.Add(smb1Negotiate(nil))
	f.Fuzz(func(t *testing.T, msg []byte) {
		dialects, err := DecodeSMB1Negotiate(msg)
		if err != nil {
			return
		}
		if len(dialects) > MaxSMB1Dialects {
			t.Fatalf("%d dialects", len(dialects))
		}
		again, err := DecodeSMB1Negotiate(smb1Negotiate(dialects))
		if err != nil || !reflect.DeepEqual(again, dialects) {
			t.Errorf("%v\n got %q\nwant %q", err, again, dialects)
		}
	})
}
