package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// runIdle holds n sessions and tells what they take.
func runIdle(t *target, n int) (result, error) {
	before := treeMem(t.pid)
	ss := make([]share, n)
	var wg sync.WaitGroup
	var next atomic.Int64
	var firstErr atomic.Value
	s0, c0, t0 := treeCPU(t.pid), selfCPU(), time.Now()
	for range 8 {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				s, err := dial(t)
				if err != nil {
					firstErr.CompareAndSwap(nil, fmt.Errorf("session %d: %w", i, err))
					return
				}
				ss[i] = s
			}
		})
	}
	wg.Wait()
	r := result{ops: n, wall: time.Since(t0).Seconds(), clientCPU: selfCPU() - c0, serverCPU: treeCPU(t.pid) - s0}
	time.Sleep(*hold)
	m := treeMem(t.pid)
	alive := 0
	for _, s := range ss {
		if s != nil && s.Stat(".") == nil {
			alive++
		}
	}
	k := 1024 / float64(max(n, 1))
	r.note = fmt.Sprintf("%d of %d sessions answer after %v; per session: RSS %.0f KiB, PSS %.0f KiB, machine's MemAvailable %.0f KiB (this client's included); server total PSS %.0f MiB in %d processes (before: %.0f MiB in %d)",
		alive, n, *hold, (m.rss-before.rss)*k, (m.pss-before.pss)*k, (before.avail-m.avail)*k, m.pss, m.procs, before.pss, before.procs)
	r.memory = (m.rss - before.rss) * k
	for _, s := range ss {
		if s != nil {
			wg.Go(func() { s.Close() })
		}
	}
	wg.Wait()
	if err, _ := firstErr.Load().(error); err != nil {
		return r, err
	}
	return r, nil
}
