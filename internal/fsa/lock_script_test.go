package fsa_test

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
)

// errStoryEnds ends what still waits at the end of a story.
var errStoryEnds = errors.New("the story ends")

// wait is a call of Handle.Lock in the background.
type wait struct {
	stop context.CancelCauseFunc
	done chan error
	err  error
	over bool
}

// answer says what became of w once nothing moves any more.
func (w *wait) answer() string {
	synctest.Wait()
	if !w.over {
		select {
		case w.err = <-w.done:
			w.over = true
		default:
			return "waits"
		}
	}
	return answer(w.err)
}

func (s *story) runWait(words []string) string {
	if words[0] == "wait" {
		h := s.handles[words[2]]
		ctx, stop := context.WithCancelCause(s.Context())
		w := &wait{stop: stop, done: make(chan error, 1)}
		s.waits[words[1]] = w
		r := parseRange(s, words[3])
		go func() {
			w.done <- h.Lock(ctx, r)
			close(w.done)
		}()
	}
	w := s.waits[words[1]]
	if w == nil {
		s.Fatalf("nobody called %s waits", words[1])
	}
	if words[0] == "cancel" {
		w.stop(ntstatus.Cancelled)
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
