package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// runSeq reads or writes a file from its first byte to its last.
func runSeq(t *target, mode string, ss []share, depth int) (result, error) {
	fs := make([]file, len(ss))
	for i, s := range ss {
		var err error
		if mode == "seqread" {
			fs[i], err = s.Open(dataFile)
		} else {
			fs[i], err = s.Create(fmt.Sprintf(`%s\seq-%d`, dir, i))
		}
		if err != nil {
			return result{}, err
		}
		defer fs[i].Close()
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var fail error
	s0, c0, t0 := treeCPU(t.pid), selfCPU(), time.Now()
	for _, f := range fs {
		var next atomic.Int64
		for range depth {
			wg.Go(func() {
				buf := make([]byte, *ioSize)
				for {
					off := next.Add(int64(len(buf))) - int64(len(buf))
					if off >= *size {
						return
					}
					b := buf[:min(int64(len(buf)), *size-off)]
					var err error
					if mode == "seqread" {
						if _, err = f.ReadAt(b, off); err == io.EOF {
							err = nil
						}
					} else {
						_, err = f.WriteAt(b, off)
					}
					if err != nil {
						mu.Lock()
						fail = cmp.Or(fail, err)
						mu.Unlock()
						return
					}
				}
			})
		}
	}
	wg.Wait()
	n := *size * int64(len(ss))
	return result{ops: int(n / *ioSize), bytes: n, wall: time.Since(t0).Seconds(), clientCPU: selfCPU() - c0, serverCPU: treeCPU(t.pid) - s0, note: peak(t)}, fail
}

// runSmbclient lets smbclient do that.
func runSmbclient(t *target, mode string) (result, error) {
	s, err := dialSmbclient(t)
	if err != nil {
		return result{}, err
	}
	defer s.close()
	cmd, done := fmt.Sprintf(`get %s %s`, dataFile, os.DevNull), "getting file"
	if mode == "seqwrite" {
		cmd, done = fmt.Sprintf(`put %s %s\seq-0`, payload, dir), "putting file"
	}
	s0, c0, t0 := treeCPU(t.pid), s.cpu(), time.Now()
	if err := s.do(cmd, done); err != nil {
		return result{}, err
	}
	return result{ops: 1, bytes: *size, wall: time.Since(t0).Seconds(), clientCPU: s.cpu() - c0, serverCPU: treeCPU(t.pid) - s0, note: peak(t)}, nil
}

// peak says how large the server was.
func peak(t *target) string {
	if t.pid == 0 {
		return ""
	}
	return fmt.Sprintf("largest server process peaked at %.0f MiB", treeMem(t.pid).peak1)
}
