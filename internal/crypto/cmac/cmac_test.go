package cmac_test

import (
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/crypto/cmac"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatalf("bad hex %q: %v", s, err)
	}
	return b
}

// message is the 64-byte message that RFC 4493 and SP 800-38B take prefixes
// of.
const message = "6bc1bee22e409f96e93d7e117393172a" +
	"ae2d8a571e03ac9c9eb76fac45af8e51" +
	"30c81c46a35ce411e5fbc1191a0a52ef" +
	"f69f2445df4f9b17ad2b417be66c3710"

// Source: RFC 4493 section 4 (the 128-bit key); NIST SP 800-38B examples,
// AES-192 and AES-256.
var vectors = []struct {
	key string
	n   int // bytes of message
	mac string
}{
	{"2b7e151628aed2a6abf7158809cf4f3c", 0, "bb1d6929e95937287fa37d129b756746"},
	{"2b7e151628aed2a6abf7158809cf4f3c", 16, "070a16b46b4d4144f79bdd9dd04a287c"},
	{"2b7e151628aed2a6abf7158809cf4f3c", 40, "dfa66747de9ae63030ca32611497c827"},
	{"2b7e151628aed2a6abf7158809cf4f3c", 64, "51f0bebf7e3b9d92fc49741779363cfe"},
	{"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", 0, "d17ddf46adaacde531cac483de7a9367"},
	{"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", 16, "9e99a7bf31e710900662f65e617c5184"},
	{"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", 40, "8a1de5be2eb31aad089a82e6ee908b0e"},
	{"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", 64, "a1d5df0eed790f794d77589659f39a11"},
	{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", 0, "028962f61b7bf89efc6b551f4667d983"},
	{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", 16, "28a7023f452e8f82bd4bf28d8c37c35c"},
	{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", 40, "aaf3d8f1de5640c232f5b169b9c911e6"},
	{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", 64, "e1992190549f6ed5696a2c056c315410"},
}

func TestPublishedVectorsGiveTheirMAC(t *testing.T) {
	msg := unhex(t, message)
	for _, v := range vectors {
		m, err := cmac.New(unhex(t, v.key))
		if err != nil {
			t.Fatal(err)
		}
		var got [cmac.Size]byte
		m.Sum(&got, msg[:v.n])
		if want := unhex(t, v.mac); !bytes.Equal(got[:], want) {
			t.Errorf("key %s, %d bytes:\n got %x\nwant %x", v.key, v.n, got, want)
		}
	}
}

// reference is CMAC as RFC 4493 section 2.4 writes it, one block at a time.
func reference(t *testing.T, key, msg []byte) (mac [cmac.Size]byte) {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	shift := func(b []byte) []byte {
		out := make([]byte, len(b))
		for i := range b {
			out[i] = b[i] << 1
			if i+1 < len(b) {
				out[i] |= b[i+1] >> 7
			}
		}
		if b[0]&0x80 != 0 {
			out[len(b)-1] ^= 0x87
		}
		return out
	}
	sub := make([]byte, 16)
	block.Encrypt(sub, sub)
	sub = shift(sub)
	last := bytes.Clone(msg[(max(len(msg), 1)-1)/16*16:])
	msg = msg[:len(msg)-len(last)]
	if len(last) < 16 {
		sub = shift(sub)
		last = append(last, 0x80)
		last = append(last, make([]byte, 16-len(last))...)
	}
	for i := range last {
		last[i] ^= sub[i]
	}
	for chunk := range slicesOf(append(bytes.Clone(msg), last...), 16) {
		for i := range mac {
			mac[i] ^= chunk[i]
		}
		block.Encrypt(mac[:], mac[:])
	}
	return mac
}

func slicesOf(b []byte, n int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for ; len(b) > 0; b = b[n:] {
			if !yield(b[:n]) {
				return
			}
		}
	}
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

func TestEveryLengthAgreesWithTheBlockwiseDefinition(t *testing.T) {
	key := pattern(16)
	m, err := cmac.New(key)
	if err != nil {
		t.Fatal(err)
	}
	lengths := []int{1007, 1008, 1009, 1023, 1024, 1025, 1040, 1041, 2048, 2049, 4095, 4096, 65535}
	for n := range 131 {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		msg := pattern(n)
		var got [cmac.Size]byte
		m.Sum(&got, msg)
		if want := reference(t, key, msg); got != want {
			t.Errorf("%d bytes:\n got %x\nwant %x", n, got, want)
		}
	}
}

func TestSplitIntoSegmentsDoesNotMatter(t *testing.T) {
	m, err := cmac.New(pattern(16))
	if err != nil {
		t.Fatal(err)
	}
	for n := range 131 {
		msg := pattern(n)
		var want, got [cmac.Size]byte
		m.Sum(&want, msg)
		for i := range n + 1 {
			m.Sum(&got, msg[:i], msg[i:])
			if got != want {
				t.Fatalf("%d bytes split at %d:\n got %x\nwant %x", n, i, got, want)
			}
			j := (i + n) / 2
			m.Sum(&got, nil, msg[:i], msg[i:j], nil, msg[j:])
			if got != want {
				t.Fatalf("%d bytes split at %d and %d:\n got %x\nwant %x", n, i, j, got, want)
			}
		}
	}
}

func TestConcurrentSumsDoNotDisturbEachOther(t *testing.T) {
	m, err := cmac.New(pattern(16))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		msg := pattern(100 + 333*g)
		want := reference(t, pattern(16), msg)
		wg.Go(func() {
			for range 200 {
				var got [cmac.Size]byte
				m.Sum(&got, msg[:48], msg[48:])
				if got != want {
					t.Errorf("%d bytes: got %x, want %x", len(msg), got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestKeyOfWrongSizeIsRefused(t *testing.T) {
	for _, n := range []int{0, 1, 15, 17, 33} {
		if _, err := cmac.New(make([]byte, n)); err == nil {
			t.Errorf("a key of %d bytes was accepted", n)
		}
	}
}

func BenchmarkSum(b *testing.B) {
	m, err := cmac.New(make([]byte, 16))
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{128, 4096, 65536, 1 << 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			msg := make([]byte, n)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			var mac [cmac.Size]byte
			for b.Loop() {
				m.Sum(&mac, msg)
			}
		})
	}
}
