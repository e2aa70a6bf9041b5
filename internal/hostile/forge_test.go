package hostile_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
)

// forgery is a message that a stranger, or the user of another session, might
// make of what he sees and knows.
type forgery struct {
	name string
	only func(*protection) bool // nil: at every dialect
	// forge returns the message to send, and the id under which the forged
	// element would be answered.
	forge   func(*rig) ([]byte, smb2.MessageID)
	allowed []string
	silent  bool // there may be no answer
	related bool // the elements before the forged one are authentic, and write nothing
}

// in reports whether a way signs with alg.
func in(alg smb2.SigningAlgorithm) func(*protection) bool {
	return func(w *protection) bool {
		switch {
		case w.dialect < smb2.Dialect300:
			return alg == smb2.SigningHMACSHA256
		case w.dialect < smb2.Dialect311 || w.bare:
			return alg == smb2.SigningAESCMAC
		}
		return alg == w.signing
	}
}

func derivesKeys(w *protection) bool { return w.dialect >= smb2.Dialect300 }

// altered is a signed CREATE that was changed afterwards.
func altered(change func(r *rig, msg []byte)) func(*rig) ([]byte, smb2.MessageID) {
	return func(r *rig) ([]byte, smb2.MessageID) {
		msg := r.Encode(smbtest.Element{Message: smbtest.CreateFile("forged")})
		change(r, msg)
		return msg, r.NextMessageID - 1
	}
}

// another is an authentic message like the forged one, never sent.
func (r *rig) another() []byte {
	id := r.NextMessageID
	msg := r.Encode(smbtest.Element{Message: smbtest.CreateFile("forger")})
	r.NextMessageID = id
	return msg
}

// signature is the Signature field of msg.
func signature(msg []byte) []byte { return msg[smb2.SignatureOffset:smb2.HeaderSize] }

// flagsAt is where Flags begins, in bytes from the header.
const flagsAt = 16

// signedWith signs msg with an algorithm and key of the attacker's choice.
func signedWith(alg smb2.SigningAlgorithm, key []byte, msg []byte, sender transform.Role) {
	s, err := transform.NewSigner(alg, key)
	if err != nil {
		panic(err)
	}
	s.Unwatched().Sign(msg, sender)
}

// gmac is the AES-GMAC of msg under a nonce of the attacker's choice.
func gmac(key, msg []byte, id smb2.MessageID, bits uint32) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	nonce := binary.LittleEndian.AppendUint64(nil, uint64(id))
	nonce = binary.LittleEndian.AppendUint32(nonce, bits)
	msg = bytes.Clone(msg)
	clear(signature(msg))
	return aead.Seal(nil, nonce, nil, msg)
}

// session returns a further session, with a tree connect, on r's connection.
func (r *rig) session(user string) *smbtest.Peer {
	r.t.Helper()
	p := *r.Peer
	p.ForgetSession()
	p.Seal = false
	if reply := p.SessionSetup(smbtest.InitiatorFor(user, smbtest.Password)); reply.Header.Status != ntstatus.Success {
		r.t.Fatalf("second session: %v", reply.Header.Status)
	}
	p.Seal = r.Seal
	if reply := p.TreeConnect(smbtest.ShareName); reply.Header.Status != ntstatus.Success {
		r.t.Fatalf("tree connect of a second session: %v", reply.Header.Status)
	}
	r.NextMessageID = p.NextMessageID
	r.Lenient = true // answers to the other session have its signature
	return &p
}

// forgeries is the catalogue for signed sessions.
var forgeries = []forgery{
	{name: "SIGNED flag stripped", forge: altered(func(_ *rig, m []byte) { m[flagsAt] &^= byte(smb2.FlagSigned) }), allowed: []string{denied}},
	{name: "flag and signature stripped", forge: altered(func(_ *rig, m []byte) {
		m[flagsAt] &^= byte(smb2.FlagSigned)
		clear(signature(m))
	}), allowed: []string{denied}},
	{name: "signature of zeros", forge: altered(func(_ *rig, m []byte) { clear(signature(m)) }), allowed: []string{denied}},
	{name: "signature of ones", forge: altered(func(_ *rig, m []byte) { copy(signature(m), bytes.Repeat([]byte{0xFF}, 16)) }), allowed: []string{denied}},
	{name: "signature of another message", forge: altered(func(r *rig, m []byte) {
		r.NextMessageID--
		copy(signature(m), signature(r.another()))
		r.NextMessageID++
	}), allowed: []string{denied}},
	{name: "header of another message", forge: altered(func(r *rig, m []byte) {
		r.NextMessageID--
		copy(m[:smb2.HeaderSize], r.another())
		r.NextMessageID++
	}), allowed: []string{denied}},
	{name: "body changed", forge: altered(func(_ *rig, m []byte) { m[len(m)-1]++ }), allowed: []string{denied}},
	{name: "bytes added behind", forge: func(r *rig) ([]byte, smb2.MessageID) {
		msg := r.Encode(smbtest.Element{Message: smbtest.CreateFile("forged")})
		return append(msg, make([]byte, 8)...), r.NextMessageID - 1
	}, allowed: []string{denied}},
	{name: "bytes missing behind", forge: func(r *rig) ([]byte, smb2.MessageID) {
		msg := r.Encode(smbtest.Element{Message: smbtest.CreateFile("forged")})
		return msg[:len(msg)-2], r.NextMessageID - 1
	}, allowed: []string{denied}},
	{name: "cut to the header", forge: func(r *rig) ([]byte, smb2.MessageID) {
		return r.Encode(smbtest.Element{Message: smbtest.CreateFile("forged")})[:smb2.HeaderSize], r.NextMessageID - 1
	}, allowed: []string{denied}},

	// The right key, used wrongly.
	{name: "signed before SIGNED was set", forge: altered(func(r *rig, m []byte) {
		m[flagsAt] &^= byte(smb2.FlagSigned)
		switch r.Algorithm {
		case smb2.SigningAESGMAC:
			copy(signature(m), gmac(r.Keys.Signing[:], m, r.NextMessageID-1, 0))
		case smb2.SigningHMACSHA256:
			clear(signature(m))
			mac := hmac.New(sha256.New, r.Keys.Signing[:])
			mac.Write(m)
			copy(signature(m), mac.Sum(nil))
		default: // of CMAC there is no second implementation here
			m[flagsAt] |= byte(smb2.FlagServerToRedir)
			signedWith(r.Algorithm, r.Keys.Signing[:], m, transform.Client)
			m[flagsAt] &^= byte(smb2.FlagServerToRedir)
		}
		m[flagsAt] |= byte(smb2.FlagSigned)
	}), allowed: []string{denied}},
	{name: "the server's own flag", forge: altered(func(r *rig, m []byte) {
		m[flagsAt] |= byte(smb2.FlagServerToRedir)
		signedWith(r.Algorithm, r.Keys.Signing[:], m, transform.Server)
	}), allowed: []string{closed}},
	{name: "last half of the HMAC", only: in(smb2.SigningHMACSHA256), forge: altered(func(r *rig, m []byte) {
		clear(signature(m))
		mac := hmac.New(sha256.New, r.Keys.Signing[:])
		mac.Write(m)
		copy(signature(m), mac.Sum(nil)[16:])
	}), allowed: []string{denied}},
	{name: "GMAC nonce of the server", only: in(smb2.SigningAESGMAC), forge: altered(func(r *rig, m []byte) {
		copy(signature(m), gmac(r.Keys.Signing[:], m, r.NextMessageID-1, 1))
	}), allowed: []string{denied}},
	{name: "GMAC nonce of CANCEL", only: in(smb2.SigningAESGMAC), forge: altered(func(r *rig, m []byte) {
		copy(signature(m), gmac(r.Keys.Signing[:], m, r.NextMessageID-1, 2))
	}), allowed: []string{denied}},
	{name: "GMAC nonce with a spare bit", only: in(smb2.SigningAESGMAC), forge: altered(func(r *rig, m []byte) {
		copy(signature(m), gmac(r.Keys.Signing[:], m, r.NextMessageID-1, 4))
	}), allowed: []string{denied}},
	{name: "GMAC nonce of the next message", only: in(smb2.SigningAESGMAC), forge: altered(func(r *rig, m []byte) {
		copy(signature(m), gmac(r.Keys.Signing[:], m, r.NextMessageID, 0))
	}), allowed: []string{denied}},
	{name: "GMAC nonce of zeros", only: in(smb2.SigningAESGMAC), forge: altered(func(r *rig, m []byte) {
		copy(signature(m), gmac(r.Keys.Signing[:], m, 0, 0))
	}), allowed: []string{denied}},
	{name: "GMAC signatures combined", only: in(smb2.SigningAESGMAC), forge: altered(func(r *rig, m []byte) {
		r.NextMessageID--
		for i, b := range signature(r.another()) {
			m[smb2.SignatureOffset+i] ^= b
		}
		r.NextMessageID++
	}), allowed: []string{denied}},

	// Other keys.
	{name: "key of zeros", forge: altered(func(r *rig, m []byte) {
		signedWith(r.Algorithm, make([]byte, 16), m, transform.Client)
	}), allowed: []string{denied}},
	{name: "application key", only: derivesKeys, forge: altered(func(r *rig, m []byte) {
		signedWith(r.Algorithm, r.Keys.Application[:], m, transform.Client)
	}), allowed: []string{denied}},
	{name: "cipher key", only: derivesKeys, forge: altered(func(r *rig, m []byte) {
		signedWith(r.Algorithm, r.Keys.ClientToServer[:16], m, transform.Client)
	}), allowed: []string{denied}},
	{name: "key of another session of the user", forge: altered(func(r *rig, m []byte) {
		other := r.peer()
		defer other.Close()
		other.Signer.Unwatched().Sign(m, transform.Client)
	}), allowed: []string{denied}},
	{name: "another algorithm, first", forge: altered(func(r *rig, m []byte) {
		signedWith((r.Algorithm+1)%3, r.Keys.Signing[:], m, transform.Client)
	}), allowed: []string{denied}},
	{name: "another algorithm, second", forge: altered(func(r *rig, m []byte) {
		signedWith((r.Algorithm+2)%3, r.Keys.Signing[:], m, transform.Client)
	}), allowed: []string{denied}},

	// Replays.
	{name: "replay", forge: func(r *rig) ([]byte, smb2.MessageID) {
		msg := r.Encode(smbtest.Element{Message: &smb2.WriteRequest{FileID: r.file, Data: []byte("pay 100")}})
		if got := r.outcome(bytes.Clone(msg), r.NextMessageID-1, false); got != ntstatus.Success.String() {
			r.t.Fatalf("first time: %s", got)
		}
		r.s.Log.Reset()
		return msg, r.NextMessageID - 1
	}, allowed: []string{closed}},
	{name: "replay under a new MessageId", forge: func(r *rig) ([]byte, smb2.MessageID) {
		msg := r.Encode(smbtest.Element{Message: &smb2.WriteRequest{FileID: r.file, Data: []byte("pay 100")}})
		if got := r.outcome(bytes.Clone(msg), r.NextMessageID-1, false); got != ntstatus.Success.String() {
			r.t.Fatalf("first time: %s", got)
		}
		r.s.Log.Reset()
		binary.LittleEndian.PutUint64(msg[24:], uint64(r.NextMessageID))
		r.NextMessageID++
		return msg, r.NextMessageID - 1
	}, allowed: []string{denied}},
	{name: "replay of the log-on", forge: func(r *rig) ([]byte, smb2.MessageID) {
		first := r.Peer
		var seen [][]byte
		nc := &smbtest.Proxy{Conn: r.s.DialConn(), Request: func(msg []byte) [][]byte {
			seen = append(seen, bytes.Clone(msg))
			return [][]byte{msg}
		}}
		p := smbtest.NewPeer(quiet{r.t}, nc)
		r.w.offer(p)
		p.Negotiate()
		p.SessionSetup(smbtest.Initiator())
		p.Close()
		first.Close()
		r.Peer = smbtest.NewPeer(quiet{r.t}, r.s.DialConn())
		r.Lenient = true
		for _, msg := range seen[:2] { // NEGOTIATE and the first leg
			r.SendRaw(msg)
			replies, ok := r.Receive()
			if !ok {
				r.t.Fatal("the connection was closed in the middle of the replay")
			}
			r.SessionID = replies[0].Header.SessionID
		}
		last := seen[2]
		binary.LittleEndian.PutUint64(last[40:], uint64(r.SessionID))
		return last, 2
	}, allowed: []string{ntstatus.LogonFailure.String()}},

	// Sessions that are somebody else's.
	{name: "session of another connection", forge: func(r *rig) ([]byte, smb2.MessageID) {
		other := r.peer()
		r.t.Cleanup(other.Close)
		other.NextMessageID = r.NextMessageID
		r.NextMessageID++
		other.RepeatMessageIDs()
		return other.Encode(smbtest.Element{Message: smbtest.CreateFile("forged")}), r.NextMessageID - 1
	}, allowed: []string{deleted}},
	{name: "session of another connection, unsigned", forge: func(r *rig) ([]byte, smb2.MessageID) {
		other := r.peer()
		r.t.Cleanup(other.Close)
		other.NextMessageID = r.NextMessageID
		r.NextMessageID++
		return other.Encode(smbtest.Element{Message: smbtest.CreateFile("forged"), Unsigned: true}), r.NextMessageID - 1
	}, allowed: []string{denied}},
	{name: "tree and file of another session", forge: func(r *rig) ([]byte, smb2.MessageID) {
		other := r.session(smbtest.OtherUser)
		file := r.file
		other.TreeID = r.TreeID + 100
		msg := other.Encode(smbtest.Element{Message: &smb2.WriteRequest{FileID: file, Data: []byte("forged")}})
		r.NextMessageID = other.NextMessageID
		return msg, r.NextMessageID - 1
	}, allowed: []string{ntstatus.NetworkNameDeleted.String()}},
	{name: "file of another session", forge: func(r *rig) ([]byte, smb2.MessageID) {
		other := r.session(smbtest.OtherUser)
		msg := other.Encode(smbtest.Element{Message: &smb2.WriteRequest{FileID: r.file, Data: []byte("forged")}})
		r.NextMessageID = other.NextMessageID
		return msg, r.NextMessageID - 1
	}, allowed: []string{ntstatus.FileClosed.String()}},
	{name: "session logged off", forge: func(r *rig) ([]byte, smb2.MessageID) {
		r.MustDo(&smb2.LogoffRequest{}, nil)
		return r.Encode(smbtest.Element{Message: smbtest.CreateFile("forged")}), r.NextMessageID - 1
	}, allowed: []string{deleted}},
	{name: "re-authentication, unsigned", forge: func(r *rig) ([]byte, smb2.MessageID) {
		token, _, err := smbtest.InitiatorFor(smbtest.OtherUser, smbtest.Password).Step(r.t.Context(), nil)
		if err != nil {
			r.t.Fatal(err)
		}
		return r.Encode(smbtest.Element{Message: &smb2.SessionSetupRequest{SecurityBuffer: token}, Unsigned: true}), r.NextMessageID - 1
	}, allowed: []string{denied}},

	// Compounds.
	{name: "compound signed as a whole", forge: func(r *rig) ([]byte, smb2.MessageID) {
		msg := r.Encode(
			smbtest.Element{Message: smbtest.CreateFile("forged"), Unsigned: true},
			smbtest.Element{Message: smbtest.CreateFile("forged, too"), Unsigned: true},
		)
		signedWith(r.Algorithm, r.Keys.Signing[:], msg, transform.Client)
		return msg, r.NextMessageID - 2
	}, allowed: []string{denied}},
	{name: "element signed without its padding", forge: func(r *rig) ([]byte, smb2.MessageID) {
		elements := []smbtest.Element{{Message: smbtest.CreateFile("forged1"), Unsigned: true}, {Message: &smb2.EchoRequest{}}}
		size := extents(elements)[0].size
		if size%8 == 0 {
			panic("no padding")
		}
		msg := r.Encode(elements...)
		signedWith(r.Algorithm, r.Keys.Signing[:], msg[:size], transform.Client)
		return msg, r.NextMessageID - 2
	}, allowed: []string{denied}},
	{name: "NextCommand written after signing", forge: func(r *rig) ([]byte, smb2.MessageID) {
		elements := []smbtest.Element{{Message: smbtest.CreateFile("forged1"), Unsigned: true}, {Message: &smb2.EchoRequest{}}}
		x := extents(elements)[0]
		msg := r.Encode(elements...)
		clear(msg[20:24])
		signedWith(r.Algorithm, r.Keys.Signing[:], msg[:x.padded], transform.Client)
		binary.LittleEndian.PutUint32(msg[20:], uint32(x.padded))
		return msg, r.NextMessageID - 2
	}, allowed: []string{denied}},
	{name: "second element unsigned", forge: func(r *rig) ([]byte, smb2.MessageID) {
		return r.Encode(smbtest.Element{Message: &smb2.EchoRequest{}},
			smbtest.Element{Message: smbtest.CreateFile("forged"), Unsigned: true}), r.NextMessageID - 1
	}, allowed: []string{denied}},
	{name: "RELATED, unsigned", forge: rides(func(e *smbtest.Element, _ *rig) { e.Unsigned = true }), allowed: []string{denied}, related: true},
	{name: "RELATED, unsigned, SessionId 0", forge: rides(func(e *smbtest.Element, _ *rig) {
		e.Unsigned, e.Header = true, func(h *smb2.Header) { h.SessionID, h.TreeID = 0, 0 }
	}), allowed: []string{denied}, related: true},
	{name: "RELATED, unsigned, names another session", forge: rides(func(e *smbtest.Element, r *rig) {
		other := r.session(smbtest.OtherUser)
		e.Unsigned, e.Header = true, func(h *smb2.Header) { h.SessionID = other.SessionID }
	}), allowed: []string{denied}, related: true},
	{name: "RELATED, signed by the session it names", forge: rides(func(e *smbtest.Element, r *rig) {
		other := r.session(smbtest.OtherUser)
		e.Header = func(h *smb2.Header) { h.SessionID = other.SessionID }
		e.Forge = func(msg []byte) { other.Signer.Unwatched().Sign(msg, transform.Client) }
	}), allowed: []string{denied}, related: true},
	{name: "RELATED to an element without a session", forge: func(r *rig) ([]byte, smb2.MessageID) {
		first := smbtest.Element{Message: &smb2.EchoRequest{}, Unsigned: true, Header: func(h *smb2.Header) { h.SessionID, h.TreeID = 0, 0 }}
		second := related(smbtest.CreateFile("forged"))
		second.Unsigned = true
		return r.Encode(first, second), r.NextMessageID - 1
	}, allowed: []string{deleted, invalid}},
	{name: "RELATED to a forged element", forge: func(r *rig) ([]byte, smb2.MessageID) {
		first := smbtest.Element{Message: smbtest.CreateFile("forged"), Forge: func(msg []byte) { msg[smb2.SignatureOffset] ^= 1 }}
		return r.Encode(first, related(&smb2.WriteRequest{FileID: smb2.RelatedFileID, Data: []byte("forged")})), r.NextMessageID - 1
	}, allowed: []string{denied}},
	{name: "RELATED and first", forge: func(r *rig) ([]byte, smb2.MessageID) {
		return r.Encode(related(smbtest.CreateFile("forged"))), r.NextMessageID - 1
	}, allowed: []string{invalid}},

	// What a session with a cipher may still not do.
	{name: "sealed with a signing key", only: derivesKeys, forge: func(r *rig) ([]byte, smb2.MessageID) {
		sealer, err := transform.NewSealer(smb2.CipherAES128CCM, r.Keys.Signing[:], r.SessionID)
		if err != nil {
			r.t.Fatal(err)
		}
		plain := r.Encode(smbtest.Element{Message: smbtest.CreateFile("forged"), Unsigned: true})
		msg, err := sealer.Seal(append(make([]byte, smb2.TransformHeaderSize), plain...))
		if err != nil {
			r.t.Fatal(err)
		}
		return msg, r.NextMessageID - 1
	}, allowed: []string{closed}},
}

// rides is a RELATED WRITE behind an authentic CREATE, changed by change.
func rides(change func(*smbtest.Element, *rig)) func(*rig) ([]byte, smb2.MessageID) {
	return func(r *rig) ([]byte, smb2.MessageID) {
		e := related(&smb2.WriteRequest{FileID: smb2.RelatedFileID, Data: []byte("forged")})
		change(&e, r)
		r.s.Log.Reset()
		return r.Encode(smbtest.Element{Message: smbtest.CreateFile("ridden")}, e), r.NextMessageID - 1
	}
}

// truncated are signatures of which only some bytes are right.
func truncated() (all []forgery) {
	for n := range transform.SignatureSize {
		all = append(all, forgery{
			name: "signature cut short, zeros behind",
			forge: altered(func(_ *rig, m []byte) {
				right := bytes.Clone(signature(m))
				clear(signature(m)[n:])
				if bytes.Equal(right, signature(m)) { // it ended in zeros
					m[smb2.HeaderSize-1] = 1
				}
			}),
			allowed: []string{denied},
		}, forgery{
			name:    "signature with one byte wrong",
			forge:   altered(func(_ *rig, m []byte) { signature(m)[n]++ }),
			allowed: []string{denied},
		})
	}
	return all
}

// cancels are forged CANCELs of a FLUSH that waits.
func cancels() (all []forgery) {
	for name, change := range map[string]func(*smbtest.Element, *rig){
		"CANCEL, unsigned": func(e *smbtest.Element, _ *rig) { e.Unsigned = true },
		"CANCEL, wrong signature": func(e *smbtest.Element, _ *rig) {
			e.Forge = func(msg []byte) { msg[smb2.SignatureOffset] ^= 1 }
		},
		"CANCEL, signed by another session": func(e *smbtest.Element, r *rig) {
			other := r.session(smbtest.OtherUser)
			e.Forge = func(msg []byte) {
				binary.LittleEndian.PutUint64(msg[40:], uint64(other.SessionID))
				other.Signer.Unwatched().Sign(msg, transform.Client)
			}
		},
		"CANCEL, unsigned, without a session": func(e *smbtest.Element, _ *rig) {
			e.Unsigned, e.Forge = true, func(msg []byte) { clear(msg[40:48]) }
		},
	} {
		for _, async := range []bool{false, true} {
			all = append(all, forgery{name: name, silent: true, allowed: []string{unheeded}, forge: func(r *rig) ([]byte, smb2.MessageID) {
				e := smbtest.Element{Message: &smb2.CancelRequest{}, Header: func(h *smb2.Header) {
					h.MessageID = r.flushID
					if async {
						h.Flags |= smb2.FlagAsyncCommand
						h.AsyncID, h.TreeID = r.asyncID, 0
					}
				}}
				change(&e, r)
				return r.Encode(e), r.flushID
			}})
		}
	}
	return all
}

// TestNoForgedRequestOfASignedSessionIsObeyed runs the catalogue in every way
// of signing.
func TestNoForgedRequestOfASignedSessionIsObeyed(t *testing.T) {
	runCatalogue(t, signedWays, slices.Concat(forgeries, truncated()), cancels())
}

// runCatalogue makes each forgery in each way, the pending ones against a
// request that waits.
func runCatalogue(t *testing.T, ways []protection, plain, pending []forgery) {
	t.Helper()
	rounds := 1 + 2/stride(10)
	var mu sync.Mutex
	all := make(tally)
	t.Run("", func(t *testing.T) { // until all are done
		for _, w := range ways {
			t.Run(w.name, func(t *testing.T) {
				parallel(t)
				counts := make(tally)
				r, waiting := newRig(t, w, false), newRig(t, w, true)
				for range rounds {
					for i := range plain {
						r.attempt(&plain[i], counts)
					}
					for i := range pending {
						waiting.attempt(&pending[i], counts)
					}
				}
				mu.Lock()
				all.merge(counts)
				mu.Unlock()
			})
		}
	})
	t.Logf("%d cases\n%v", all.total(), all)
}

func (r *rig) attempt(f *forgery, counts tally) {
	r.t.Helper()
	if f.only != nil && !f.only(&r.w) {
		return
	}
	r.login()
	r.RepeatMessageIDs()
	what := r.w.name + ", " + f.name
	before := r.Peer
	msg, id := f.forge(r)
	got := r.outcome(msg, id, f.silent)
	if !slices.Contains(f.allowed, got) {
		r.t.Errorf("%s: %s, want one of %q", what, got, f.allowed)
	}
	counts.add(f.name, got)
	for _, call := range r.s.Log.Take() {
		if !f.related || strings.HasPrefix(call, "WriteAt") {
			r.t.Errorf("%s: reached the back end: %s", what, call)
		}
	}
	if r.t.Failed() {
		r.t.FailNow()
	}
	if got != closed && r.Peer == before && f.name != "session logged off" {
		r.alive(what)
	}
}
