package main

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// runConnect signs in and logs off again for -time.
func runConnect(t *target, workers int) (result, error) {
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		lat  []time.Duration
		fail error
		end  = time.Now().Add(*duration)
	)
	s0, c0, t0 := treeCPU(t.pid), selfCPU(), time.Now()
	for range workers {
		wg.Go(func() {
			for time.Now().Before(end) {
				a := time.Now()
				s, err := dial(t)
				d := time.Since(a)
				mu.Lock()
				lat = append(lat, d)
				fail = cmp.Or(fail, err)
				mu.Unlock()
				if err != nil {
					return
				}
				s.Close()
			}
		})
	}
	wg.Wait()
	slices.Sort(lat)
	r := result{ops: len(lat), wall: time.Since(t0).Seconds(), clientCPU: selfCPU() - c0}
	r.p50, r.p99 = lat[len(lat)/2], lat[len(lat)*99/100]
	settle(t.pid) // taking connections down counts
	r.serverCPU = treeCPU(t.pid) - s0
	return r, fail
}
