package ccm_test

import (
	"bytes"
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/crypto/ccm"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatalf("bad hex %q: %v", s, err)
	}
	return b
}

// count returns the n bytes first, first+1, ...
func count(first byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

func newCCM(t testing.TB, key []byte, nonceSize, tagSize int) cipher.AEAD {
	t.Helper()
	a, err := ccm.New(key, nonceSize, tagSize)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

type vector struct {
	name           string
	key, nonce     string
	additionalData []byte
	plaintext      []byte
	tagSize        int
	sealed         string // ciphertext and tag
}

// rfc3610 lists the counting packets of RFC 3610, section 8: the plaintext
// continues where the additional data ends.
func rfc3610() []vector {
	const key = "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
	var vs []vector
	for i, v := range []struct {
		nonce       string
		header, end int // end of additional data and of plaintext
		tagSize     int
		sealed      string
	}{
		{"00000003020100a0a1a2a3a4a5", 8, 31, 8, "588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0"},
		{"00000004030201a0a1a2a3a4a5", 8, 32, 8, "72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916"},
		{"00000005040302a0a1a2a3a4a5", 8, 33, 8, "51b1e5f44a197d1da46b0f8e2d282ae871e838bb64da8596574adaa76fbd9fb0c5"},
		{"00000006050403a0a1a2a3a4a5", 12, 31, 8, "a28c6865939a9a79faaa5c4c2a9d4a91cdac8c96c861b9c9e61ef1"},
		{"00000007060504a0a1a2a3a4a5", 12, 32, 8, "dcf1fb7b5d9e23fb9d4e131253658ad86ebdca3e51e83f077d9c2d93"},
		{"00000008070605a0a1a2a3a4a5", 12, 33, 8, "6fc1b011f006568b5171a42d953d469b2570a4bd87405a0443ac91cb94"},
		{"00000009080706a0a1a2a3a4a5", 8, 31, 10, "0135d1b2c95f41d5d1d4fec185d166b8094e999dfed96c048c56602c97acbb7490"},
		{"0000000a090807a0a1a2a3a4a5", 8, 32, 10, "7b75399ac0831dd2f0bbd75879a2fd8f6cae6b6cd9b7db24c17b4433f434963f34b4"},
		{"0000000b0a0908a0a1a2a3a4a5", 8, 33, 10, "82531a60cc24945a4b8279181ab5c84df21ce7f9b73f42e197ea9c07e56b5eb17e5f4e"},
		{"0000000c0b0a09a0a1a2a3a4a5", 12, 31, 10, "07342594157785152b074098330abb141b947b566aa9406b4d999988dd"},
		{"0000000d0c0b0aa0a1a2a3a4a5", 12, 32, 10, "676bb20380b0e301e8ab79590a396da78b834934f53aa2e9107a8b6c022c"},
		{"0000000e0d0c0ba0a1a2a3a4a5", 12, 33, 10, "c0ffa0d6f05bdb67f24d43a4338d2aa4bed7b20e43cd1aa31662e7ad65d6db"},
	} {
		vs = append(vs, vector{
			name: fmt.Sprintf("RFC 3610 packet %d", i+1),
			key:  key, nonce: v.nonce,
			additionalData: count(0, v.header),
			plaintext:      count(byte(v.header), v.end-v.header),
			tagSize:        v.tagSize,
			sealed:         v.sealed,
		})
	}
	return vs
}

// sp80038c lists the examples of NIST SP 800-38C, appendix C.
func sp80038c() []vector {
	const key = "404142434445464748494a4b4c4d4e4f"
	return []vector{
		{
			"SP 800-38C example 1", key, "10111213141516", count(0, 8), count(0x20, 4), 4,
			"7162015b4dac255d",
		},
		{
			"SP 800-38C example 2", key, "1011121314151617", count(0, 16), count(0x20, 16), 6,
			"d2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd",
		},
		{
			"SP 800-38C example 3", key, "101112131415161718191a1b", count(0, 20), count(0x20, 24), 8,
			"e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951",
		},
		{
			"SP 800-38C example 4", key, "101112131415161718191a1b1c", count(0, 65536), count(0x20, 32), 14,
			"69915dad1e84c6376a68c2967e4dab615ae0fd1faec44cc484828529463ccf72b4ac6bec93e8598e7f0dadbcea5b",
		},
	}
}

func TestPublishedVectorsSealAndOpen(t *testing.T) {
	for _, v := range append(rfc3610(), sp80038c()...) {
		nonce, want := unhex(t, v.nonce), unhex(t, v.sealed)
		a := newCCM(t, unhex(t, v.key), len(nonce), v.tagSize)
		sealed := a.Seal(nil, nonce, v.plaintext, v.additionalData)
		if !bytes.Equal(sealed, want) {
			t.Errorf("%s: sealed\n got %x\nwant %x", v.name, sealed, want)
		}
		opened, err := a.Open(nil, nonce, want, v.additionalData)
		if err != nil || !bytes.Equal(opened, v.plaintext) {
			t.Errorf("%s: opened %x, %v; want %x", v.name, opened, err, v.plaintext)
		}
	}
}

// The sizes that SMB uses. Source: computed with OpenSSL 3 through Python's
// cryptography 48; key 00 01 02 ..., nonce 80 81 ... 8a, data by pattern.
func TestSMBSizesGiveTheTagThatOpenSSLGives(t *testing.T) {
	for _, v := range []struct {
		key, plaintext, additionalData int // bytes
		tag                            string
	}{
		{16, 0, 0, "dc2ce09cc8671fb46f58722ca4985ad6"},
		{16, 0, 32, "78ac3cd83d9fe191337dc0086d9ce0ef"},
		{16, 1, 32, "1192201763f9106f936eebf3597b9649"},
		{16, 16, 32, "8d7ecd34a776c5ca51be836a59de5168"},
		{16, 33, 32, "c10099cd59bfefe34512f118c0cdd11b"},
		{16, 64, 65279, "03d90191e09bc48c8f9f2d195695db10"},
		{16, 64, 65280, "6385fb1f8b8a003a6ebce6ba950b49fc"},
		{16, 2100, 70000, "4365ca173ce02e3a0f94db46061e3ad2"},
		{32, 0, 0, "2cf5f5e835b915343af00e3be5c608d0"},
		{32, 0, 32, "4e1b0221582c9bf0106d3a14b2b6f08a"},
		{32, 1, 32, "4f5b9d39ad0f8b60fccf4a164ddcc1c1"},
		{32, 16, 32, "699e094d6f370a7e626d00ec37252e39"},
		{32, 33, 32, "d3e7774b56372fe36ac11a25eae15e76"},
		{32, 64, 65279, "44eeb6fa880d944e1bc293b80dcf4888"},
		{32, 64, 65280, "6a759d08fb72d41b0e8f125ed029a0d0"},
		{32, 2100, 70000, "25e7754ccebce98942cf5f86e81d6d06"},
	} {
		nonce := count(0x80, 11)
		a := newCCM(t, count(0, v.key), 11, 16)
		plain, ad := pattern(v.plaintext), pattern(v.additionalData)
		sealed := a.Seal(nil, nonce, plain, ad)
		if got, want := sealed[v.plaintext:], unhex(t, v.tag); !bytes.Equal(got, want) {
			t.Errorf("key %d, plaintext %d, additional data %d bytes: tag\n got %x\nwant %x",
				v.key, v.plaintext, v.additionalData, got, want)
		}
		opened, err := a.Open(nil, nonce, sealed, ad)
		if err != nil || !bytes.Equal(opened, plain) {
			t.Errorf("key %d, plaintext %d, additional data %d bytes: does not open: %v",
				v.key, v.plaintext, v.additionalData, err)
		}
	}
}

func TestInPlaceGivesWhatSeparateBuffersGive(t *testing.T) {
	a := newCCM(t, count(0, 16), 11, 16)
	nonce, ad := count(0x80, 11), pattern(32)
	for n := range 131 {
		plain := pattern(n)
		want := a.Seal(nil, nonce, plain, ad)
		buf := append(make([]byte, 0, n+16), plain...)
		got := a.Seal(buf[:0], nonce, buf, ad)
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes sealed in place:\n got %x\nwant %x", n, got, want)
		}
		opened, err := a.Open(got[:0], nonce, got, ad)
		if err != nil || !bytes.Equal(opened, plain) {
			t.Fatalf("%d bytes opened in place: got %x, %v", n, opened, err)
		}
	}
}

func TestEveryBitFlipIsRefusedAndLeavesNoPlaintext(t *testing.T) {
	a := newCCM(t, count(0, 16), 11, 16)
	nonce, ad, plain := count(0x80, 11), pattern(32), pattern(50)
	sealed := a.Seal(nil, nonce, plain, ad)
	for _, part := range []struct {
		name string
		b    []byte
	}{{"nonce", nonce}, {"additional data", ad}, {"ciphertext", sealed}} {
		for bit := range len(part.b) * 8 {
			part.b[bit/8] ^= 1 << (bit % 8)
			buf := bytes.Clone(sealed)
			got, err := a.Open(buf[:0], nonce, buf, ad)
			if err == nil {
				t.Errorf("%s with bit %d flipped was accepted: %x", part.name, bit, got)
			}
			if !bytes.Equal(buf[:len(plain)], make([]byte, len(plain))) {
				t.Errorf("%s with bit %d flipped left %x", part.name, bit, buf[:len(plain)])
			}
			part.b[bit/8] ^= 1 << (bit % 8)
		}
	}
	for n := range len(sealed) {
		if _, err := a.Open(nil, nonce, sealed[:n], ad); err == nil {
			t.Errorf("the first %d of %d bytes were accepted", n, len(sealed))
		}
	}
}

func TestWrongSizesAreRefused(t *testing.T) {
	for _, v := range []struct{ key, nonce, tag int }{
		{15, 11, 16}, {0, 11, 16}, {16, 6, 16}, {16, 14, 16}, {16, 11, 2}, {16, 11, 15}, {16, 11, 18},
	} {
		if _, err := ccm.New(make([]byte, v.key), v.nonce, v.tag); err == nil {
			t.Errorf("key %d, nonce %d, tag %d bytes: accepted", v.key, v.nonce, v.tag)
		}
	}
}

func TestMessageTooLongForTheNonceIsRefused(t *testing.T) {
	a := newCCM(t, count(0, 16), 13, 16) // two bytes of length
	nonce := count(0, 13)
	longest := make([]byte, 65535)
	sealed := a.Seal(nil, nonce, longest, nil)
	if _, err := a.Open(nil, nonce, sealed, nil); err != nil {
		t.Errorf("65535 bytes: %v", err)
	}
	if _, err := a.Open(nil, nonce, make([]byte, 65536+16), nil); err == nil {
		t.Error("65536 bytes opened")
	}
	defer func() {
		if recover() == nil {
			t.Error("65536 bytes were sealed")
		}
	}()
	a.Seal(nil, nonce, make([]byte, 65536), nil)
}

func TestConcurrentUseDoesNotMixMessages(t *testing.T) {
	a := newCCM(t, count(0, 16), 11, 16)
	var wg sync.WaitGroup
	for g := range 8 {
		nonce, plain := count(byte(g), 11), pattern(100+333*g)
		want := a.Seal(nil, nonce, plain, nil)
		wg.Go(func() {
			for range 100 {
				if got := a.Seal(nil, nonce, plain, nil); !bytes.Equal(got, want) {
					t.Errorf("%d bytes: sealed differently", len(plain))
					return
				}
				if _, err := a.Open(nil, nonce, want, nil); err != nil {
					t.Errorf("%d bytes: %v", len(plain), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkSeal(b *testing.B) {
	a := newCCM(b, make([]byte, 16), 11, 16)
	nonce, ad := make([]byte, 11), make([]byte, 32)
	for _, n := range []int{128, 65536, 1 << 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			buf := make([]byte, n, n+16)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				a.Seal(buf[:0], nonce, buf, ad)
			}
		})
	}
}
