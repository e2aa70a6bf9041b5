package fsa_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/fsa"
)

// wait is what became of a call of Handle.Lock.
type wait struct {
	pending *fsa.PendingLock // nil: it did not wait
	err     error
}

// answer says what became of w.
func (w *wait) answer() string {
	if w.pending == nil {
		return answer(w.err)
	}
	select {
	case <-w.pending.Granted():
		return "ok"
	default:
		return "waits"
	}
}

func (s *story) runWait(words []string) string {
	if words[0] == "wait" {
		w := new(wait)
		w.pending, w.err = s.handles[words[2]].Lock(parseRange(s, words[3]))
		s.waits[words[1]] = w
		return w.answer()
	}
	w := s.waits[words[1]]
	if w == nil {
		s.Fatalf("nobody called %s waits", words[1])
	}
	if words[0] == "withdraw" && w.pending.Withdraw() {
		delete(s.waits, words[1])
		return "withdrawn"
	}
	return w.answer()
}

func (s *story) runRange(h *fsa.Handle, words []string) string {
	var ranges []fsa.LockRequest
	for _, word := range words[2:] {
		ranges = append(ranges, parseRange(s, word))
	}
	r := ranges[0]
	switch words[0] {
	case "lock":
		return answer(h.TryLock(ranges...))
	case "unlock":
		return answer(h.Unlock(r.Offset, r.Length))
	case "read":
		_, err := h.ReadAt(s.Context(), make([]byte, r.Length), r.Offset)
		return answer(err)
	default:
		_, err := h.WriteAt(s.Context(), make([]byte, r.Length), r.Offset, false)
		return answer(err)
	}
}

// parseRange reads OFF:LEN, x:OFF:LEN or s:OFF:LEN; max is 2^64-1.
func parseRange(t testing.TB, word string) (r fsa.LockRequest) {
	word, r.Exclusive = strings.CutPrefix(word, "x:")
	off, length, ok := strings.Cut(strings.TrimPrefix(word, "s:"), ":")
	if !ok {
		t.Fatalf("%q is no range", word)
	}
	for _, f := range []struct {
		text string
		to   *uint64
	}{{off, &r.Offset}, {length, &r.Length}} {
		if f.text == "max" {
			*f.to = math.MaxUint64
			continue
		}
		n, err := strconv.ParseUint(f.text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		*f.to = n
	}
	return r
}
