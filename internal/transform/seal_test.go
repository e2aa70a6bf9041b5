package transform_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/internal/wire"
)

const testSession smb2.SessionID = 0x100000000019

func newSealer(t testing.TB, row *transform.Cipher) *transform.Sealer {
	t.Helper()
	s, err := transform.NewSealer(row.ID, testKey(row.KeySize), testSession)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newOpener(t testing.TB, row *transform.Cipher) *transform.Opener {
	t.Helper()
	o, err := transform.NewOpener(row.ID, testKey(row.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// eachCipher runs f once per row of the table.
func eachCipher(t *testing.T, f func(t *testing.T, row *transform.Cipher)) {
	for i := range transform.Ciphers {
		row := &transform.Ciphers[i]
		t.Run(row.Name, func(t *testing.T) { f(t, row) })
	}
}

// seal returns chain sealed by s, in memory with no room behind it.
func seal(t testing.TB, s *transform.Sealer, chain []byte) []byte {
	t.Helper()
	sealed, err := s.Seal(slices.Concat(make([]byte, transform.HeaderSize), chain))
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clip(bytes.Clone(sealed))
}

// isMalformed tells a malformed message from a forged one.
func isMalformed(err error) bool {
	_, ok := errors.AsType[*wire.Error](err)
	return ok
}

// roomy returns a copy of b with n bytes of capacity behind it.
func roomy(b []byte, n int) []byte {
	return append(make([]byte, 0, len(b)+n), b...)
}

func TestPublishedSealedMessagesOpen(t *testing.T) {
	var (
		name               string
		dialect, cipher    uint64
		sessionKey, sealed []byte
		preauth            transform.PreauthHash
		cipherKey          []byte
		from               transform.Role
		opened             int
	)
	number := func(s string) uint64 {
		n, err := strconv.ParseUint(s, 16, 16)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, f := range readVectors(t, "sealed.txt") {
		switch f.name {
		case "name":
			name, preauth = f.value, transform.PreauthHash{}
		case "dialect":
			dialect = number(f.value)
		case "cipher":
			cipher = number(f.value)
		case "sessionKey":
			sessionKey = unhex(t, f.value)
		case "preauth":
			copy(preauth[:], unhex(t, f.value))
		case "cipherKey":
			cipherKey = unhex(t, f.value)
		case "from":
			from = transform.Client
			if f.value == "server" {
				from = transform.Server
			}
		case "sealed":
			sealed = unhex(t, f.value)
		case "plain":
			want := unhex(t, f.value)
			keys := transform.DeriveKeys(smb2.Dialect(dialect), smb2.Cipher(cipher), sessionKey, preauth)
			key := keys.ClientToServer
			if from == transform.Server {
				key = keys.ServerToClient
			}
			if !bytes.Equal(key, cipherKey) {
				t.Errorf("%s: cipher key\n got %x\nwant %x", name, key, cipherKey)
			}
			o, err := transform.NewOpener(smb2.Cipher(cipher), key)
			if err != nil {
				t.Fatal(err)
			}
			for _, room := range []int{0, 15, 16, 64} {
				got, err := o.Open(roomy(sealed, room))
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s, %d bytes of room: opened\n got %x, %v\nwant %x", name, room, got, err, want)
				}
			}
			opened++
		default:
			t.Errorf("unknown field %q", f.name)
		}
	}
	if opened != 4 {
		t.Errorf("opened %d messages, want 4", opened)
	}
}

// sealedPattern is pattern(100) as the first and the second message of a key.
// Source: computed with OpenSSL 3 through Python's cryptography 48.
var sealedPattern = map[smb2.Cipher][2]string{
	smb2.CipherAES128GCM: {
		"fd534d429aadb3e030e2cdc40531ffa876278aa80100000000000000000000000000000064000000000001001900000000100000" +
			"4cbad7108195b85f209b7e9621b1b4e3f0bda75adb15f64dc9c5425a8dfd4870d37cfcba1397704af45085579f0c9ff462f97271" +
			"6568a7d7a3cf4b34333695781e896bb0dfd30dc7eb4a2e858939135a246cfdf909fcee289d246db8d1a3ddcd241a2e27",
		"fd534d428142e2cd149659213dc845e7708d4f5d0200000000000000000000000000000064000000000001001900000000100000" +
			"c81db8bdd236751c0c7be992be4c8e1091ea046a930a5b95b8d0537e980398d2d20c5a140b92137df6a6ac284ce31393000a6eda" +
			"528ff454991db45a41a83937effcc1df937d927cb89b99de7d86235b7b1d22c3e2fd68aba8e6d567d7636d6c8595f67a",
	},
	smb2.CipherAES128CCM: {
		"fd534d424d682fb1d3cdfb644f5e31605ed9c2fb0100000000000000000000000000000064000000000001001900000000100000" +
			"7ec7165fdb1f56034ceb2209bace92cb678220c521e898948186b812933f2905e5d3b2ad6a64e7372549a20796ec16cc1632f182" +
			"5c90f4f03119add3f6c4a619e05a398462bcfdcd0c348e163e7806ab9f59fcb0ed86c38a39df3365daa12f5c329d65c2",
		"fd534d429f22560513023fc695746d9dc4c7ae080200000000000000000000000000000064000000000001001900000000100000" +
			"ac1ea64487279fb3308c9bfdc9246d7377bbbac0df1d25e740e72fae792a47aebb3f87bf6dcfbc930dc41edc649bb751cdf4ab46" +
			"5312194b6bb221670d7f1059e957e22cd819ecafdcf77094819e819fd7b437afcb91bea8f1946894172c3969ca52df1e",
	},
	smb2.CipherAES256GCM: {
		"fd534d42fe3df382d3ceb9e4bc53ab48d6fdc1d30100000000000000000000000000000064000000000001001900000000100000" +
			"e22b8c2ab88cc636723b438e689aeaa2bc16b1abf03bf1b3e6b0eb43d9ed55a90c1b1e3cdca1a4dec0c23bfe7a3242c1a08290e1" +
			"890320160b0776efb31f9afe7c686a47cf2318b5a8bbcb45aa8fdf7785c4d6f22dbb52f79b3c6e26ce36e6945a467efe",
		"fd534d42ad20acb7f7c483380f95f395730a028a0200000000000000000000000000000064000000000001001900000000100000" +
			"e669e575e686428c95822859d8dd956b217b16455a681ab2e2d9ae87ac4aabcaf513a533974d115ab84d4fd24935e9c7793d1a8a" +
			"24fbe652268e7845eff21a8c9c0ff6d2b936867c11218492b49e229562baf4d1074b6dafbfd6bb5b9782686bb3923c91",
	},
	smb2.CipherAES256CCM: {
		"fd534d42e20eed1e5d8ba7e31f3fc7f5e90c0c7d0100000000000000000000000000000064000000000001001900000000100000" +
			"e7178edddd79f054b2ea0047a2567820c13f06b84b6ddc2aba15577dad57c8d7fa8c4fd7b3556bfcd5265835678e344bd1b7a0af" +
			"af150ab1d1fe953f510f940a070ef2eeba8361afaa2fac1cf86145c4dcc6ec5e987b55ea8840351941b9d4efa7a60b83",
		"fd534d42e668b95dd5740149a12f74a270b696ff0200000000000000000000000000000064000000000001001900000000100000" +
			"3b227864ff8ed841cfde0957052868fd28dcba4448ee1a953e4282951ace105f801aca5588000676999ec4f81db8ccd0ca338098" +
			"b14802a2023c74e595e9c6a37f090fb17a7882bb3ffdab68143bdd6885934c4007373765d128f577b0d25eb5f4ae1876",
	},
}

func TestSealedMessagesAreWhatOpenSSLComputes(t *testing.T) {
	eachCipher(t, func(t *testing.T, row *transform.Cipher) {
		s := newSealer(t, row)
		for i, want := range sealedPattern[row.ID] {
			got := seal(t, s, pattern(100))
			if !bytes.Equal(got, unhex(t, want)) {
				t.Errorf("message %d\n got %x\nwant %s", i+1, got, want)
			}
		}
	})
}

func TestEveryLengthOpensToWhatWasSealed(t *testing.T) {
	eachCipher(t, func(t *testing.T, row *transform.Cipher) {
		s, o := newSealer(t, row), newOpener(t, row)
		for n := range 200 {
			sealed := seal(t, s, pattern(n))
			for _, room := range []int{0, 15, 16} {
				got, err := o.Open(roomy(sealed, room))
				if err != nil || !bytes.Equal(got, pattern(n)) {
					t.Fatalf("%d bytes, %d of room: got %x, %v", n, room, got, err)
				}
			}
		}
	})
}

func TestSealWorksInPlaceWhenThereIsRoom(t *testing.T) {
	eachCipher(t, func(t *testing.T, row *transform.Cipher) {
		s := newSealer(t, row)
		b := roomy(slices.Concat(make([]byte, transform.HeaderSize), pattern(100)), 16)
		sealed, err := s.Seal(b)
		if err != nil {
			t.Fatal(err)
		}
		if &sealed[0] != &b[0] || len(sealed) != len(b) {
			t.Error("the message moved, or changed its length")
		}
		got, err := newOpener(t, row).Open(sealed)
		if err != nil || !bytes.Equal(got, pattern(100)) {
			t.Errorf("got %x, %v", got, err)
		}
		if &got[0] != &b[transform.HeaderSize] {
			t.Error("Open did not work in place")
		}
	})
}

// Byte 40 and 41 are reserved and authenticated like the rest.
func TestEveryBitFlipOfASealedMessageIsRefused(t *testing.T) {
	eachCipher(t, func(t *testing.T, row *transform.Cipher) {
		o := newOpener(t, row)
		plain := pattern(53)
		sealed := seal(t, newSealer(t, row), plain)
		for bit := range len(sealed) * 8 {
			for _, room := range []int{0, 16} {
				msg := roomy(sealed, room)
				msg[bit/8] ^= 1 << (bit % 8)
				before := bytes.Clone(msg)
				got, err := o.Open(msg)
				malformed := isMalformed(err)
				if err == nil || malformed == errors.Is(err, transform.ErrForged) {
					t.Errorf("byte %d, bit %d flipped: got %x, %v", bit/8, bit%8, got, err)
				}
				if malformed && !bytes.Equal(msg, before) {
					t.Errorf("byte %d, bit %d flipped: refused as malformed, yet changed", bit/8, bit%8)
				}
				if bytes.Contains(msg, plain[:16]) {
					t.Errorf("byte %d, bit %d flipped: plaintext was left behind", bit/8, bit%8)
				}
			}
		}
	})
}

func TestMalformedSealedMessagesAreToldFromForgedOnes(t *testing.T) {
	eachCipher(t, func(t *testing.T, row *transform.Cipher) {
		o := newOpener(t, row)
		sealed := seal(t, newSealer(t, row), pattern(53))
		change := func(f func(msg []byte) []byte) []byte { return f(bytes.Clone(sealed)) }
		malformed := map[string][]byte{
			"flags 0":      change(func(m []byte) []byte { m[42] = 0; return m }),
			"flags 3":      change(func(m []byte) []byte { m[42] = 3; return m }),
			"flags 0x0101": change(func(m []byte) []byte { m[43] = 1; return m }),
			"protocol":     change(func(m []byte) []byte { m[0] = 0xFE; return m }),
			"size too big": change(func(m []byte) []byte { m[36]++; return m }),
			"size too low": change(func(m []byte) []byte { m[36]--; return m }),
			"size 2^32-1":  change(func(m []byte) []byte { binary.LittleEndian.PutUint32(m[36:], 1<<32-1); return m }),
			"a byte more":  change(func(m []byte) []byte { return append(m, 0) }),
			"header alone": change(func(m []byte) []byte { return m[:transform.HeaderSize] }),
			"nothing":      nil,
		}
		for n := range len(sealed) {
			malformed[fmt.Sprintf("first %d bytes", n)] = bytes.Clone(sealed[:n])
		}
		for name, msg := range malformed {
			if got, err := o.Open(msg); !isMalformed(err) {
				t.Errorf("%s: got %x, %v; want a *wire.Error", name, got, err)
			}
		}
		other, err := transform.NewOpener(row.ID, bytes.Repeat([]byte{7}, row.KeySize))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := other.Open(bytes.Clone(sealed)); !errors.Is(err, transform.ErrForged) {
			t.Errorf("other key: got %x, %v; want ErrForged", got, err)
		}
	})
}

func TestCipherOfWrongKeyOrKindIsRefused(t *testing.T) {
	for _, row := range transform.Ciphers {
		for _, n := range []int{0, 15, 17, 24, 48 - row.KeySize} {
			if _, err := transform.NewSealer(row.ID, make([]byte, n), 1); err == nil {
				t.Errorf("%s sealer with a key of %d bytes: accepted", row.Name, n)
			}
			if _, err := transform.NewOpener(row.ID, make([]byte, n)); err == nil {
				t.Errorf("%s opener with a key of %d bytes: accepted", row.Name, n)
			}
		}
	}
	for _, c := range []smb2.Cipher{smb2.CipherNone, 5} {
		if _, err := transform.NewSealer(c, make([]byte, 16), 1); err == nil {
			t.Errorf("cipher %d was accepted", c)
		}
	}
}

func TestSealingWithoutRoomForTheHeaderPanics(t *testing.T) {
	s := newSealer(t, &transform.Ciphers[0])
	defer func() {
		if recover() == nil {
			t.Error("sealed 51 bytes")
		}
	}()
	s.Seal(make([]byte, transform.HeaderSize-1))
}

func TestConcurrentSealsNeverShareANonce(t *testing.T) {
	eachCipher(t, func(t *testing.T, row *transform.Cipher) {
		const workers, each = 8, 100
		s, o := newSealer(t, row), newOpener(t, row)
		var (
			wg   sync.WaitGroup
			mu   sync.Mutex
			seen = map[[16]byte]bool{}
		)
		for g := range workers {
			wg.Go(func() {
				for i := range each {
					chain := pattern(100 + 10*g + i)
					sealed, err := s.Seal(slices.Concat(make([]byte, transform.HeaderSize), chain))
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					seen[[16]byte(sealed[20:])] = true
					mu.Unlock()
					if got, err := o.Open(sealed); err != nil || !bytes.Equal(got, chain) {
						t.Errorf("worker %d, message %d: got %x, %v", g, i, got, err)
						return
					}
				}
			})
		}
		wg.Wait()
		if len(seen) != workers*each {
			t.Errorf("%d messages have %d nonces", workers*each, len(seen))
		}
	})
}

// FuzzOpen wants no panic, and one of the two kinds of error for everything
// that the Sealer did not make.
func FuzzOpen(f *testing.F) {
	var openers []*transform.Opener
	authentic := map[string]bool{}
	for i := range transform.Ciphers {
		row := &transform.Ciphers[i]
		openers = append(openers, newOpener(f, row))
		s := newSealer(f, row)
		for _, n := range []int{0, 1, 68, 120} {
			sealed := seal(f, s, pattern(n))
			authentic[string(sealed)] = true
			f.Add(sealed, uint8(16*(n%2)))
		}
	}
	f.Add([]byte{}, uint8(0))
	f.Fuzz(func(t *testing.T, msg []byte, room uint8) {
		for i, o := range openers {
			got, err := o.Open(roomy(msg, int(room%32)))
			switch {
			case err == nil:
				if !authentic[string(msg)] || !bytes.Equal(got, pattern(len(got))) {
					t.Fatalf("%s opened a forged message to %x", transform.Ciphers[i].Name, got)
				}
			case !isMalformed(err) && !errors.Is(err, transform.ErrForged):
				t.Fatalf("%s: unknown error %v", transform.Ciphers[i].Name, err)
			}
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	for i := range transform.Ciphers {
		row := &transform.Ciphers[i]
		for _, n := range []int{64 << 10, 1 << 20} {
			b.Run(fmt.Sprintf("%s/%d", row.Name, n), func(b *testing.B) {
				s := newSealer(b, row)
				msg := roomy(make([]byte, transform.HeaderSize+n), 16)
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.Seal(msg); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkOpen includes putting the ciphertext back, at some 20 GB/s.
func BenchmarkOpen(b *testing.B) {
	for i := range transform.Ciphers {
		row := &transform.Ciphers[i]
		for _, n := range []int{64 << 10, 1 << 20} {
			for _, room := range []int{16, 0} {
				b.Run(fmt.Sprintf("%s/%d/room%d", row.Name, n, room), func(b *testing.B) {
					o := newOpener(b, row)
					sealed := seal(b, newSealer(b, row), make([]byte, n))
					msg := roomy(sealed, room)
					b.SetBytes(int64(n))
					b.ReportAllocs()
					for b.Loop() {
						copy(msg, sealed)
						if _, err := o.Open(msg); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
