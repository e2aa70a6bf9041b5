package smb2

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
)

// Two contexts, and their bytes by hand after [MS-SMB2] 2.2.3.1.3 and
// 2.2.3.1.6.
var (
	compression    = CompressionCapabilities{CompressionChained, []CompressionAlgorithm{CompressionPatternV1, CompressionLZ77, CompressionLZ4}}
	rdmaTransforms = RDMATransformCapabilities{[]RDMATransform{RDMATransformEncryption, RDMATransformSigning}}

	contextVectors = map[ContextType]NegotiateContext{
		ContextCompression:   {ContextCompression, []byte{3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 2, 0, 5, 0}},
		ContextRDMATransform: {ContextRDMATransform, []byte{2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0}},
	}
)

// contextOf finds a context of the vector for a 3.1.1 request.
func contextOf(t *testing.T, typ ContextType) NegotiateContext {
	t.Helper()
	var m NegotiateRequest
	if err := Decode(vectorNamed(t, "negotiate_request.311"), &m); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(m.Contexts, func(c NegotiateContext) bool { return c.Type == typ })
	if i < 0 {
		t.Fatalf("no context of type 0x%04X", uint16(typ))
	}
	return m.Contexts[i]
}

func TestNegotiateContextsHaveTheirLayout(t *testing.T) {
	preauth := PreauthIntegrityCapabilities{[]HashAlgorithm{HashSHA512}, ramp(32, 0x20)}
	encryption := EncryptionCapabilities{[]Cipher{CipherAES128GCM, CipherAES128CCM, CipherAES256GCM, CipherAES256CCM}}
	signing := SigningCapabilities{[]SigningAlgorithm{SigningAESGMAC, SigningAESCMAC, SigningHMACSHA256}}
	for _, tt := range []struct {
		typ     ContextType
		decode  func(NegotiateContext) (any, error)
		want    any
		encoded NegotiateContext
	}{
		{ContextPreauthIntegrity, func(c NegotiateContext) (any, error) { return c.PreauthIntegrity() }, preauth, PreauthIntegrityContext(preauth)},
		{ContextEncryption, func(c NegotiateContext) (any, error) { return c.Encryption() }, encryption, EncryptionContext(encryption)},
		{ContextSigning, func(c NegotiateContext) (any, error) { return c.Signing() }, signing, SigningContext(signing)},
		{ContextCompression, func(c NegotiateContext) (any, error) { return c.Compression() }, compression, CompressionContext(compression)},
		{ContextRDMATransform, func(c NegotiateContext) (any, error) { return c.RDMATransforms() }, rdmaTransforms, RDMATransformContext(rdmaTransforms)},
	} {
		c, ok := contextVectors[tt.typ]
		if !ok {
			c = contextOf(t, tt.typ)
		}
		got, err := tt.decode(c)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("type 0x%04X, % x: %v\n got %+v\nwant %+v", uint16(tt.typ), c.Data, err, got, tt.want)
		}
		if tt.encoded.Type != c.Type || !bytes.Equal(tt.encoded.Data, c.Data) {
			t.Errorf("type 0x%04X encoded:\n got %+v\nwant %+v", uint16(tt.typ), tt.encoded, c)
		}
		for n := range c.Data {
			if _, err := tt.decode(NegotiateContext{c.Type, c.Data[:n:n]}); !isWireError(err) {
				t.Errorf("type 0x%04X cut to %d bytes: error %v, want a *wire.Error", uint16(tt.typ), n, err)
			}
		}
		if _, err := tt.decode(NegotiateContext{c.Type, append(slices.Clone(c.Data), 1, 2, 3)}); err != nil {
			t.Errorf("type 0x%04X with 3 bytes more: %v", uint16(tt.typ), err)
		}
		if _, err := tt.decode(NegotiateContext{c.Type, make([]byte, 64)}); !isWireError(err) {
			t.Errorf("type 0x%04X with an empty list: error %v, want a *wire.Error", uint16(tt.typ), err)
		}
		many := append([]byte{MaxAlgorithms + 1, 0}, make([]byte, 6+2*(MaxAlgorithms+1))...)
		if _, err := tt.decode(NegotiateContext{c.Type, many}); !isWireError(err) {
			t.Errorf("type 0x%04X with %d algorithms: error %v, want a *wire.Error", uint16(tt.typ), MaxAlgorithms+1, err)
		}
	}
}

func TestPreauthIntegrityWithoutSaltHasNone(t *testing.T) {
	c := PreauthIntegrityContext(PreauthIntegrityCapabilities{HashAlgorithms: []HashAlgorithm{HashSHA512}})
	if want := []byte{1, 0, 0, 0, 1, 0}; !bytes.Equal(c.Data, want) {
		t.Errorf("got % x, want % x", c.Data, want)
	}
	got, err := c.PreauthIntegrity()
	if err != nil || got.Salt != nil || !slices.Equal(got.HashAlgorithms, []HashAlgorithm{HashSHA512}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNetnameAndTransportHaveTheirLayout(t *testing.T) {
	c := contextOf(t, ContextNetname)
	if name, err := c.Netname(); name != "smb2server" || err != nil {
		t.Errorf("Netname of % x: %q, %v", c.Data, name, err)
	}
	if got := NetnameContext("smb2server"); got.Type != c.Type || !bytes.Equal(got.Data, c.Data) {
		t.Errorf("NetnameContext\n got %+v\nwant %+v", got, c)
	}
	if name, err := (NegotiateContext{Type: ContextNetname}).Netname(); name != "" || err != nil {
		t.Errorf("Netname of nothing: %q, %v", name, err)
	}
	if name, err := (NegotiateContext{ContextNetname, c.Data[:3]}).Netname(); !isWireError(err) {
		t.Errorf("Netname of 3 bytes: %q, %v", name, err)
	}

	c = contextOf(t, ContextTransport)
	if flags, err := c.Transport(); flags != AcceptTransportLevelSecurity || err != nil {
		t.Errorf("Transport of % x: %v, %v", c.Data, flags, err)
	}
	if got := TransportContext(AcceptTransportLevelSecurity); got.Type != c.Type || !bytes.Equal(got.Data, c.Data) {
		t.Errorf("TransportContext\n got %+v\nwant %+v", got, c)
	}
	for n := range c.Data {
		if _, err := (NegotiateContext{c.Type, c.Data[:n:n]}).Transport(); !isWireError(err) {
			t.Errorf("Transport of %d bytes: error %v, want a *wire.Error", n, err)
		}
	}
}

func TestAlgorithmsAreSpelledAsTheSpecificationDoes(t *testing.T) {
	for want, got := range map[string]string{
		"NONE": CompressionNone.String(), "LZNT1": CompressionLZNT1.String(), "LZ77": CompressionLZ77.String(),
		"LZ77+Huffman": CompressionLZ77Huffman.String(), "Pattern_V1": CompressionPatternV1.String(), "LZ4": CompressionLZ4.String(),
		"CompressionAlgorithm(0x0006)": CompressionAlgorithm(6).String(),
		"ENCRYPTION":                   RDMATransformEncryption.String(), "SIGNING": RDMATransformSigning.String(),
		"RDMATransform(0xFFFF)": RDMATransform(0xFFFF).String(),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
