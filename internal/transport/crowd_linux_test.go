package transport

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadersLingerOnlyWhileTheyLeaveAProcessorFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the first window lasts as long as the test
		before := runtime.GOMAXPROCS(0)
		defer runtime.GOMAXPROCS(before)
		for _, c := range []struct {
			processors, busy int
			want             bool
		}{
			{1, 1, false},
			{2, 1, true},
			{2, 2, false},
			{8, 7, true},
			{8, 8, false},
			{8, 1000, false},
		} {
			runtime.GOMAXPROCS(c.processors)
			crowd := crowd{begin: time.Now()}
			for range c.busy {
				var presence uint32
				crowd.enter(&presence)
				crowd.enter(&presence) // counts once
			}
			if got := crowd.allows(); got != c.want {
				t.Errorf("%d processors, %d busy: may linger: %v, want %v", c.processors, c.busy, got, c.want)
			}
			lingering := 0
			for lingering < c.processors && crowd.beginLinger() {
				lingering++
			}
			if want := c.processors - 1; lingering != want {
				t.Errorf("%d processors: %d linger at once, want %d", c.processors, lingering, want)
			}
		}
	})
}

func TestConnectionsAreCountedForTwoWindows(t *testing.T) {
	const count = 7<<32 | 3<<16 | 5 // window 7: 5; window 6: 3
	for now, want := range map[uint32][2]uint16{7: {3, 5}, 8: {5, 0}, 9: {0, 0}, 1 << 31: {0, 0}} {
		before, present := counts(count, now)
		if got := [2]uint16{before, present}; got != want {
			t.Errorf("window %d: got %d, want %d", now, got, want)
		}
	}
}
