package transport

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestAReaderThatNeverParksLetsOthersHaveTheProcessor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	s := &socket{parked: time.Now().Add(-time.Hour)}
	var ran atomic.Bool
	go ran.Store(true)
	// Of two turns at least one is the other's: each 61st looks at who has just
	// yielded first.
	for range 2 {
		s.parked = time.Now().Add(-turn)
		s.yield()
	}
	if !ran.Load() {
		t.Error("the other goroutine has not run")
	}
	if since := time.Since(s.parked); since > time.Minute {
		t.Errorf("the next turn began %v ago", since)
	}
}
