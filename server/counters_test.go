package server

import (
	"testing"
	"time"

	"github.com/signet-smb/signet/ntstatus"
)

func TestDurationsFallIntoTheBucketBelowWhoseBoundTheyAre(t *testing.T) {
	for i, bound := range DurationBounds {
		if i > 0 && bound <= DurationBounds[i-1] {
			t.Errorf("bound %v comes behind %v", bound, DurationBounds[i-1])
		}
		for took, want := range map[time.Duration]int{bound: i, bound + 1: i + 1} {
			var c commandCounters
			c.note(took, false, ntstatus.Success)
			if c.buckets[want].Load() != 1 || c.nanoseconds.Load() != uint64(took) {
				t.Errorf("%v is not in bucket %d", took, want)
			}
		}
	}
}

func TestEveryRefusalHasAWord(t *testing.T) {
	seen := make(map[string]bool)
	for why := range refusalCount {
		if why.String() == "" || seen[why.String()] {
			t.Errorf("refusal %d is called %q", why, why)
		}
		seen[why.String()] = true
	}
}

// BenchmarkNote is what counting adds to a request: two looks at the clock and
// a few additions.
func BenchmarkNote(b *testing.B) {
	s := Server{started: time.Now()}
	c := s.counters.shard()
	b.ReportAllocs()
	for b.Loop() {
		begun := s.uptime()
		c.proofs[signedProof].Add(1)
		c.received.Add(100)
		c.sent.Add(100)
		c.commands[8].note(s.uptime()-begun, false, ntstatus.Success)
	}
}
