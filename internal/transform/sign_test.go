package transform_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
)

// testKey returns the key 00 01 02 ... of n bytes.
func testKey(n int) []byte {
	k := make([]byte, n)
	for i := range k {
		k[i] = byte(i)
	}
	return k
}

// pattern returns n bytes that do not repeat soon.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

// message returns a message with a body of n bytes that nobody could decode.
func message(cmd smb2.Command, id smb2.MessageID, flags smb2.HeaderFlags, n int) []byte {
	h := smb2.Header{
		CreditCharge: 1, Command: cmd, Credits: 1, Flags: flags,
		MessageID: id, TreeID: 5, SessionID: 0x100000000019,
	}
	msg := append(make([]byte, smb2.HeaderSize), pattern(n)...)
	h.Put(msg)
	return msg
}

func newSigner(t testing.TB, alg smb2.SigningAlgorithm) *transform.Signer {
	t.Helper()
	s, err := transform.NewSigner(alg, testKey(16))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// eachAlgorithm runs f once per row of the table.
func eachAlgorithm(t *testing.T, f func(t *testing.T, alg smb2.SigningAlgorithm)) {
	for _, row := range transform.SigningAlgorithms {
		t.Run(row.Name, func(t *testing.T) { f(t, row.ID) })
	}
}

// signed lists messages of message() with their signatures under testKey.
// Source: computed with OpenSSL 3 (GMAC, CMAC) and Python's hmac.
var signed = []struct {
	name             string
	cmd              smb2.Command
	id               smb2.MessageID
	flags            smb2.HeaderFlags
	n                int // bytes of body
	sender           transform.Role
	gmac, cmac, hmac string
}{
	{
		"request", smb2.CommandWrite, 0x102030405060708, 0, 48, transform.Client,
		"707118ada0ff1403dcc9c8524dcee323", "84eb35766553b91d1f58666af933504b", "f16144e888f6c772f6016a5607aaed3d",
	},
	{
		"response", smb2.CommandWrite, 0x102030405060708, smb2.FlagServerToRedir, 49, transform.Server,
		"56a888643cb008bb718f1bdd68352cb3", "e72cf9f32014fa9d1370b6b99c426b5a", "1b1b60efd602ca18460a1856a755af97",
	},
	{
		"cancel", smb2.CommandCancel, 0x102030405060708, 0, 4, transform.Client,
		"674086dee2087f91f4dbb7c87b47d5ee", "283dd3d641fabbe051bbb0968ac4de2b", "004da8041933c398e95c290c2657e27e",
	},
	{
		"related", smb2.CommandRead, 7, smb2.FlagRelatedOperation, 56, transform.Client,
		"818ec5152699a140d814eec8636b66b0", "e61540c99a450fbde05a52406b15a755", "4f6e33bb00f0839c23aa337a83f5b695",
	},
	{
		"long", smb2.CommandRead, 8, smb2.FlagServerToRedir, 65552, transform.Server,
		"509154acdfbf7d5563b3e7fb2933faba", "fdd1fdb76ff7a844fa74e3bceb6c41bb", "a51bebf3079e34ff65bbc8ec30c79fe1",
	},
}

func TestSignaturesAreWhatOpenSSLComputes(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, alg smb2.SigningAlgorithm) {
		s := newSigner(t, alg)
		for _, v := range signed {
			want := map[smb2.SigningAlgorithm]string{
				smb2.SigningAESGMAC: v.gmac, smb2.SigningAESCMAC: v.cmac, smb2.SigningHMACSHA256: v.hmac,
			}[alg]
			msg := message(v.cmd, v.id, v.flags, v.n)
			copy(msg[smb2.SignatureOffset:], "left from before") // must not matter
			s.Sign(msg, v.sender)
			h, err := smb2.DecodeHeader(msg)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(h.Signature[:], unhex(t, want)) {
				t.Errorf("%s: signature\n got %x\nwant %s", v.name, h.Signature, want)
			}
			if h.Flags != v.flags|smb2.FlagSigned {
				t.Errorf("%s: flags %#x, want %#x", v.name, h.Flags, v.flags|smb2.FlagSigned)
			}
			if !bytes.Equal(msg[smb2.HeaderSize:], pattern(v.n)) {
				t.Errorf("%s: Sign changed the body", v.name)
			}
			if !s.Verify(msg, v.sender) {
				t.Errorf("%s: own signature refused", v.name)
			}
		}
	})
}

func TestEveryLengthVerifiesAndIsNotWrittenTo(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, alg smb2.SigningAlgorithm) {
		s := newSigner(t, alg)
		lengths := []int{447, 448, 449, 463, 464, 465, 959, 960, 961, 4096, 8191, 1<<16 + 16, 1<<20 + 3}
		for n := range 300 {
			lengths = append(lengths, n)
		}
		for _, n := range lengths {
			msg := message(smb2.CommandWrite, smb2.MessageID(n), 0, n)
			s.Sign(msg, transform.Client)
			before := bytes.Clone(msg)
			if !s.Verify(msg, transform.Client) {
				t.Errorf("body of %d bytes: own signature refused", n)
			}
			if !bytes.Equal(msg, before) {
				t.Fatalf("body of %d bytes: Verify wrote to the message\n got %x\nwant %x", n, msg, before)
			}
		}
	})
}

func TestEveryBitFlipIsRefusedAndNotWrittenTo(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, alg smb2.SigningAlgorithm) {
		s := newSigner(t, alg)
		msg := message(smb2.CommandWrite, 42, 0, 53)
		s.Sign(msg, transform.Client)
		for bit := range len(msg) * 8 {
			msg[bit/8] ^= 1 << (bit % 8)
			before := bytes.Clone(msg)
			if s.Verify(msg, transform.Client) {
				t.Errorf("byte %d, bit %d flipped: accepted", bit/8, bit%8)
			}
			if !bytes.Equal(msg, before) {
				t.Fatalf("byte %d, bit %d flipped: Verify wrote to the message", bit/8, bit%8)
			}
			msg[bit/8] ^= 1 << (bit % 8)
		}
		for n := range len(msg) {
			if s.Verify(msg[:n], transform.Client) {
				t.Errorf("the first %d of %d bytes were accepted", n, len(msg))
			}
		}
		if s.Verify(append(bytes.Clone(msg), 0), transform.Client) {
			t.Error("accepted with a zero byte more")
		}
	})
}

func TestReflectedMessageIsRefused(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, alg smb2.SigningAlgorithm) {
		s := newSigner(t, alg)
		request := message(smb2.CommandWrite, 9, 0, 4)
		s.Sign(request, transform.Client)
		if s.Verify(request, transform.Server) {
			t.Error("a client's message was accepted as the server's")
		}
		reply := message(smb2.CommandWrite, 9, smb2.FlagServerToRedir, 4)
		s.Sign(reply, transform.Server)
		if s.Verify(reply, transform.Client) {
			t.Error("a server's message was accepted as the client's")
		}
	})
}

// A CANCEL has the MessageId of the request it cancels: only its bit keeps the
// nonces apart.
func TestCancelDoesNotReuseTheNonceOfItsRequest(t *testing.T) {
	s := newSigner(t, smb2.SigningAESGMAC)
	// The tag of GMAC is a function of the message plus a mask, which is the
	// same if the nonce is. A message that differs in nothing but the header's
	// Command must show a different mask, so the XOR of two such pairs with
	// equal difference must differ.
	difference := func(a, b smb2.Command) (d [16]byte) {
		x, y := message(a, 9, 0, 4), message(b, 9, 0, 4)
		s.Sign(x, transform.Client)
		s.Sign(y, transform.Client)
		for i := range d {
			d[i] = x[smb2.SignatureOffset+i] ^ y[smb2.SignatureOffset+i]
		}
		return d
	}
	// 0x0C^0x0D == 0x0A^0x0B: without the bit both differences were equal.
	cancelled := difference(smb2.CommandCancel, smb2.CommandEcho)
	ordinary := difference(smb2.CommandLock, smb2.CommandIoctl)
	if cancelled == ordinary {
		t.Errorf("CANCEL is signed with the nonce of its request: %x", cancelled)
	}
	if flush := difference(smb2.CommandClose, smb2.CommandFlush); flush != ordinary {
		t.Errorf("the test is blind: %x, %x", flush, ordinary)
	}
}

func TestOtherKeyRefuses(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, alg smb2.SigningAlgorithm) {
		msg := message(smb2.CommandWrite, 42, 0, 53)
		newSigner(t, alg).Sign(msg, transform.Client)
		other, err := transform.NewSigner(alg, bytes.Repeat([]byte{7}, 16))
		if err != nil {
			t.Fatal(err)
		}
		if other.Verify(msg, transform.Client) {
			t.Error("accepted")
		}
	})
}

func TestSigningWhatMustNotBeSignedPanics(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, alg smb2.SigningAlgorithm) {
		s := newSigner(t, alg)
		for name, msg := range map[string][]byte{
			"unsolicited": message(smb2.CommandOplockBreak, smb2.UnsolicitedMessageID, smb2.FlagServerToRedir, 24),
			"short":       message(smb2.CommandWrite, 1, 0, 0)[:smb2.HeaderSize-1],
			"sealed":      append([]byte{0xFD, 'S', 'M', 'B'}, make([]byte, 100)...),
		} {
			before := bytes.Clone(msg)
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s message was signed", name)
					}
				}()
				s.Sign(msg, transform.Server)
			}()
			if !bytes.Equal(msg, before) {
				t.Errorf("%s message was changed", name)
			}
		}
	})
}

func TestSignerOfWrongKeyOrAlgorithmIsRefused(t *testing.T) {
	for _, row := range transform.SigningAlgorithms {
		for _, n := range []int{0, 15, 17, 32} {
			if _, err := transform.NewSigner(row.ID, make([]byte, n)); err == nil {
				t.Errorf("%s with a key of %d bytes: accepted", row.Name, n)
			}
		}
	}
	if _, err := transform.NewSigner(3, make([]byte, 16)); err == nil {
		t.Error("signing algorithm 3 was accepted")
	}
}

func TestConcurrentSignersDoNotDisturbEachOther(t *testing.T) {
	eachAlgorithm(t, func(t *testing.T, alg smb2.SigningAlgorithm) {
		s := newSigner(t, alg)
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				for i := range 50 {
					msg := message(smb2.CommandWrite, smb2.MessageID(g*1000+i), 0, 100+333*g+i)
					s.Sign(msg, transform.Client)
					if !s.Verify(msg, transform.Client) {
						t.Errorf("worker %d, message %d: own signature refused", g, i)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}

// FuzzVerify wants no panic, no write, and no message accepted but those that
// Sign makes.
func FuzzVerify(f *testing.F) {
	var signers []*transform.Signer
	for _, row := range transform.SigningAlgorithms {
		s := newSigner(f, row.ID)
		signers = append(signers, s)
		for _, v := range signed[:4] {
			msg := message(v.cmd, v.id, v.flags, v.n)
			s.Sign(msg, v.sender)
			f.Add(msg, v.sender == transform.Server)
		}
	}
	f.Add([]byte{}, false)
	f.Fuzz(func(t *testing.T, msg []byte, server bool) {
		sender := transform.Client
		if server {
			sender = transform.Server
		}
		for i, s := range signers {
			before := bytes.Clone(msg)
			accepted := s.Verify(msg, sender)
			if !bytes.Equal(msg, before) {
				t.Fatalf("%s wrote to the message", transform.SigningAlgorithms[i].Name)
			}
			h, err := smb2.DecodeHeader(msg)
			if err != nil || h.MessageID == smb2.UnsolicitedMessageID {
				if accepted && err != nil {
					t.Fatal("accepted what is no message")
				}
				continue
			}
			if h.Is(smb2.FlagServerToRedir) != server {
				if accepted {
					t.Fatal("accepted a reflected message")
				}
				continue
			}
			again := bytes.Clone(msg)
			s.Sign(again, sender)
			if h.Is(smb2.FlagSigned) && accepted != bytes.Equal(again, msg) {
				t.Fatalf("%s: accepted %v, but signing anew gives\n     %x\nwant %x",
					transform.SigningAlgorithms[i].Name, accepted, again, msg)
			}
			if !s.Verify(again, sender) {
				t.Fatalf("%s: own signature refused", transform.SigningAlgorithms[i].Name)
			}
		}
	})
}

func BenchmarkSign(b *testing.B) {
	benchmarkSigning(b, func(s *transform.Signer, msg []byte) { s.Sign(msg, transform.Server) })
}

func BenchmarkVerify(b *testing.B) {
	benchmarkSigning(b, func(s *transform.Signer, msg []byte) {
		if !s.Verify(msg, transform.Server) {
			b.Fatal("own signature refused")
		}
	})
}

func benchmarkSigning(b *testing.B, op func(*transform.Signer, []byte)) {
	for _, row := range transform.SigningAlgorithms {
		s := newSigner(b, row.ID)
		for _, n := range []int{64, 64 << 10, 1 << 20} {
			b.Run(fmt.Sprintf("%s/%d", row.Name, n), func(b *testing.B) {
				msg := message(smb2.CommandRead, 1, smb2.FlagServerToRedir, n+16)
				s.Sign(msg, transform.Server)
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					op(s, msg)
				}
			})
		}
	}
}
