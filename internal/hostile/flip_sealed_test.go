package hostile_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
)

// transformFields are the parts of a sealed message: one wrong bit anywhere,
// and the connection ends. 2.2.41, 3.3.5.2.1.1.
var transformFields = []field{
	{"transform ProtocolId", 0, 4, nil},
	{"transform Signature", 4, 20, nil},
	{"transform Nonce", 20, 36, nil},
	{"transform OriginalMessageSize", 36, 40, nil},
	{"transform Reserved", 40, 42, nil},
	{"transform Flags", 42, 44, nil},
	{"transform SessionId", 44, 52, nil},
}

// TestNoFlippedBitOfASealedRequestIsObeyed flips the bits of each request's
// transform header and ciphertext, with every cipher. Each case costs a
// log-on, so of the ciphertext every 11th bit is flipped.
func TestNoFlippedBitOfASealedRequestIsObeyed(t *testing.T) {
	inHeader, inCiphertext := stride(61), 11*stride(17)
	var mu sync.Mutex
	all := make(tally)
	t.Run("", func(t *testing.T) { // until all are done
		for _, w := range sealedWays {
			t.Run(w.name, func(t *testing.T) {
				parallel(t)
				rigs := map[bool]*rig{false: newRig(t, w, false), true: newRig(t, w, true)}
				counts := make(tally)
				for i := range targets {
					step := inHeader
					if targets[i].name != "WRITE" { // one header is like another
						step *= 13
					}
					flipSealed(t, rigs[targets[i].pending], &targets[i], step, inCiphertext, counts)
				}
				mu.Lock()
				all.merge(counts)
				mu.Unlock()
			})
		}
	})
	t.Logf("%d cases\n%v", all.total(), all)
}

func flipSealed(t *testing.T, r *rig, tg *target, inHeader, inCiphertext int, counts tally) {
	t.Helper()
	r.login()
	size := 8 * len(r.Encode(tg.make(r)...))
	const header = 8 * smb2.TransformHeaderSize
	for bit := 0; bit < size; {
		r.login()
		msg := r.Encode(tg.make(r)...)
		msg[bit/8] ^= 1 << (bit % 8)
		name := "ciphertext"
		for _, f := range transformFields {
			if f.from <= bit/8 && bit/8 < f.to {
				name = f.name
			}
		}
		what := fmt.Sprintf("%s, %s: bit %d of byte %d (%s)", r.w.name, tg.name, bit%8, bit/8, name)
		got := r.outcome(msg, r.NextMessageID-1, false)
		if got != closed {
			t.Fatalf("%s: %s, want the %s", what, got, closed)
		}
		counts.add(name, got)
		r.untouched(what)
		if bit < header {
			bit = min(bit+inHeader, header)
		} else {
			bit += inCiphertext
		}
	}
	r.login()
	if replies, ok := r.obeyed(tg); !ok {
		t.Fatalf("%s, %s: unchanged, it is answered %+v", r.w.name, tg.name, replies)
	}
	r.s.Log.Reset()
}
