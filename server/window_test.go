package server

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/signet-smb/signet/internal/smb2"
)

// windowModel is a commandSequenceWindow as the specification describes it: a
// set of message ids.
type windowModel struct {
	ids  map[uint64]bool // that the client may use
	high uint64          // the next to be granted
}

func (m *windowModel) take(first uint64, n int) bool {
	for i := range n {
		if !m.ids[first+uint64(i)] {
			return false
		}
	}
	for i := range n {
		delete(m.ids, first+uint64(i))
	}
	return n > 0
}

func (m *windowModel) low() uint64 {
	low := m.high
	for id := range m.ids {
		low = min(low, id)
	}
	return low
}

func (m *windowModel) grant(n int) {
	for range n {
		m.ids[m.high] = true
		m.high++
	}
}

func TestWindowBehavesAsASetOfMessageIds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newCommandSequenceWindow()
		m := windowModel{ids: map[uint64]bool{0: true}, high: 1}
		limit := rapid.SampledFrom([]int{1, 2, 64, 512, maxCredits, maxCredits + 1000}).Draw(t, "limit")
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				low := m.low()
				first := rapid.Uint64Range(max(low, 3)-3, m.high+3).Draw(t, "first")
				n := rapid.IntRange(0, 20).Draw(t, "n")
				if got, want := w.take(smb2.MessageID(first), n), m.take(first, n); got != want {
					t.Fatalf("take(%d, %d) = %v, want %v; window [%d, %d)", first, n, got, want, low, m.high)
				}
			},
			"take the lowest": func(t *rapid.T) {
				low := m.low()
				if got, want := w.take(smb2.MessageID(low), 1), m.take(low, 1); got != want {
					t.Fatalf("take(%d, 1) = %v, want %v", low, got, want)
				}
			},
			"take all but a gap": func(t *rapid.T) {
				gap := rapid.Uint64Range(m.low(), m.high).Draw(t, "gap")
				for id := m.low(); id < m.high; id++ {
					if id == gap {
						continue
					}
					if got, want := w.take(smb2.MessageID(id), 1), m.take(id, 1); got != want {
						t.Fatalf("take(%d, 1) = %v, want %v", id, got, want)
					}
				}
			},
			"grant": func(t *rapid.T) {
				want := rapid.IntRange(0, 0xFFFF).Draw(t, "want")
				held := len(m.ids)
				n := w.grant(want, limit)
				switch {
				case n < 0 || n > max(want, 1):
					t.Fatalf("grant(%d) gave %d", want, n)
				case n > 0 && held+n > max(1, min(limit, maxCredits)):
					t.Fatalf("grant(%d) gave %d to a client that holds %d, limit %d", want, n, held, limit)
				case held == 0 && n == 0:
					t.Fatal("a client without credits was given none: it can never speak again")
				case n > 0 && m.high+uint64(n)-m.low() > windowSpan:
					t.Fatalf("grant gave %d: the window spans %d ids, more than %d", n, m.high+uint64(n)-m.low(), windowSpan)
				}
				m.grant(n)
			},
			"": func(t *rapid.T) {
				if w.available != len(m.ids) || w.low != m.low() || w.high != m.high {
					t.Fatalf("window [%d, %d) with %d ids, want [%d, %d) with %d", w.low, w.high, w.available, m.low(), m.high, len(m.ids))
				}
			},
		})
	})
}

func TestWindowTakesOutOfOrderAndOnce(t *testing.T) {
	w := newCommandSequenceWindow()
	for _, step := range []struct {
		first smb2.MessageID
		n     int
		want  bool
	}{
		{1, 1, false}, // not granted yet
		{0, 0, false}, // nothing
		{0, -1, false},
		{0, 2, false}, // one too many
		{0, 1, true},
		{0, 1, false}, // used
	} {
		if got := w.take(step.first, step.n); got != step.want {
			t.Errorf("take(%d, %d) = %v, want %v", step.first, step.n, got, step.want)
		}
	}
	if n := w.grant(10, maxCredits); n != 10 {
		t.Fatalf("grant(10) = %d", n)
	}
	for _, step := range []struct {
		first smb2.MessageID
		n     int
		want  bool
	}{
		{10, 1, true},
		{10, 1, false},
		{9, 2, false}, // half of it is used
		{5, 3, true},
		{4, 2, false},
		{7, 1, false},
		{0xFFFFFFFFFFFFFFFF, 1, false},
		{0xFFFFFFFFFFFFFFFF, 3, false}, // wraps around
		{8, 0x7FFFFFFF, false},
		{1, 4, true},
		{8, 2, true},
	} {
		if got := w.take(step.first, step.n); got != step.want {
			t.Errorf("take(%d, %d) = %v, want %v", step.first, step.n, got, step.want)
		}
	}
	if w.low != 11 || w.high != 11 || w.available != 0 {
		t.Errorf("window [%d, %d) with %d ids, want it empty at 11", w.low, w.high, w.available)
	}
}

func TestWindowGoesRoundItsRingWithAGapLeftOpen(t *testing.T) {
	w := newCommandSequenceWindow()
	w.grant(maxCredits, maxCredits)
	// Id 0 stays unused; the others are used and granted until the ring is full.
	next := smb2.MessageID(1)
	for granted := 1; granted > 0; {
		for uint64(next) < w.high {
			if !w.take(next, 1) {
				t.Fatalf("take(%d) refused in [%d, %d)", next, w.low, w.high)
			}
			next++
		}
		granted = w.grant(maxCredits, maxCredits)
	}
	if got := w.high - w.low; got != windowSpan {
		t.Errorf("the window spans %d ids, want %d", got, windowSpan)
	}
	if !w.take(0, 1) || w.take(0, 1) {
		t.Error("the gap could not be closed, or twice")
	}
	// Several times round, in pieces that do not divide it.
	for range 5 * windowSpan / 100 {
		w.grant(100, maxCredits)
		if !w.take(smb2.MessageID(w.low), 100) {
			t.Fatalf("take(%d, 100) refused in [%d, %d)", w.low, w.low, w.high)
		}
	}
	if w.available != 0 || w.low != w.high {
		t.Errorf("window [%d, %d) with %d ids, want it empty", w.low, w.high, w.available)
	}
}

func TestGrantKeepsTheLimitButNeverStarves(t *testing.T) {
	w := newCommandSequenceWindow()
	if n := w.grant(0xFFFF, 8); n != 7 {
		t.Errorf("a client with 1 credit, limit 8, was given %d, want 7", n)
	}
	if n := w.grant(0xFFFF, 4); n != 0 {
		t.Errorf("a client above its limit was given %d, want none", n)
	}
	w.take(0, 8)
	if n := w.grant(0, 0); n != 1 {
		t.Errorf("a client without credits was given %d, want 1 whatever it asks for", n)
	}
	w = newCommandSequenceWindow()
	if n := w.grant(0xFFFF, 0xFFFF); n != maxCredits-1 {
		t.Errorf("without a limit a client was given %d, want %d", n, maxCredits-1)
	}
}
