package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// runOps repeats one small operation for -time on every goroutine.
func runOps(t *target, mode string, ss []share, depth int) (result, error) {
	// every goroutine gets its op; open files happen before the clock starts
	var ops []func() (int, error)
	for ci, s := range ss {
		var f file
		if mode == "randread" || mode == "randwrite" {
			var err error
			if mode == "randwrite" && ci > 0 {
				return result{}, errors.New("randwrite: one connection only")
			}
			if mode == "randwrite" {
				f, err = s.Create(dataFile)
			} else {
				f, err = s.Open(dataFile)
			}
			if err != nil {
				return result{}, err
			}
			defer f.Close()
		}
		for g := range depth {
			r := rand.New(rand.NewPCG(uint64(ci), uint64(g)))
			buf := make([]byte, block)
			own := fmt.Sprintf(`%s\tmp-%d-%d`, dir, ci, g)
			ops = append(ops, map[string]func() (int, error){
				"openclose": func() (int, error) {
					f, err := s.Open(name(r.IntN(nFiles)))
					if err != nil {
						return 0, err
					}
					return 0, f.Close()
				},
				"stat": func() (int, error) { return 0, s.Stat(name(r.IntN(nFiles))) },
				"create4k": func() (int, error) {
					f, err := s.Create(own)
					if err != nil {
						return 0, err
					}
					if err := errors.Join(writeAll(f, buf, 0), f.Close()); err != nil {
						return 0, err
					}
					return block, s.Remove(own)
				},
				"list": func() (int, error) {
					n, err := s.ReadDir(manyDir)
					if err == nil && n != *entries {
						err = fmt.Errorf("listed %d entries, want %d", n, *entries)
					}
					return 0, err
				},
				"randread": func() (int, error) {
					n, err := f.ReadAt(buf, r.Int64N(*size/block)*block)
					return n, err
				},
				"randwrite": func() (int, error) {
					n, err := f.WriteAt(buf, r.Int64N(*size/block)*block)
					return n, err
				},
			}[mode])
			if ops[len(ops)-1] == nil {
				return result{}, fmt.Errorf("unknown mode %q", mode)
			}
		}
	}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		lat   []time.Duration
		bytes atomic.Int64
		fail  error
		stop  atomic.Bool
	)
	s0, c0, t0 := treeCPU(t.pid), selfCPU(), time.Now()
	time.AfterFunc(*duration, func() { stop.Store(true) })
	for _, op := range ops {
		wg.Go(func() {
			var mine []time.Duration
			var err error
			last := time.Now()
			for !stop.Load() && err == nil {
				var n int
				n, err = op()
				bytes.Add(int64(n))
				now := time.Now()
				mine = append(mine, now.Sub(last))
				last = now
			}
			mu.Lock()
			lat = append(lat, mine...)
			fail = cmp.Or(fail, err)
			mu.Unlock()
		})
	}
	wg.Wait()
	wall := time.Since(t0).Seconds()
	r := result{ops: len(lat), bytes: bytes.Load(), wall: wall, clientCPU: selfCPU() - c0, serverCPU: treeCPU(t.pid) - s0}
	slices.Sort(lat)
	r.p50, r.p99 = lat[len(lat)/2], lat[len(lat)*99/100]
	return r, fail
}

// runMissing looks names up that are not there. The server may know the
// directory from the run before: a file is made and removed first, so that
// what it knows has to be right.
func runMissing(t *target, shares []share) (result, error) {
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		fail error
		next atomic.Int64
	)
	s0, c0, t0 := treeCPU(t.pid), selfCPU(), time.Now()
	own := crowdDir + `\tmp`
	f, err := shares[0].Create(own)
	if err != nil {
		return result{}, err
	}
	if err := errors.Join(f.Close(), shares[0].Remove(own)); err != nil {
		return result{}, err
	}
	for _, s := range shares {
		wg.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(*lookups) {
					return
				}
				err := s.Stat(fmt.Sprintf(`%s\missing-%06d.txt`, crowdDir, i))
				if errors.Is(err, fs.ErrNotExist) {
					continue
				}
				mu.Lock()
				fail = cmp.Or(fail, err, errors.New("a missing name was found"))
				mu.Unlock()
				return
			}
		})
	}
	wg.Wait()
	return result{
		ops: *lookups, wall: time.Since(t0).Seconds(),
		clientCPU: selfCPU() - c0, serverCPU: treeCPU(t.pid) - s0,
	}, fail
}
