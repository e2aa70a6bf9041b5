package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/signet-smb/signet/internal/transfer"
)

// progress is the line on a terminal that says how far a transfer is; in a pipe
// it prints nothing of its own. Safe for concurrent use.
type progress struct {
	mu   sync.Mutex
	w    io.Writer
	line bool // the line is on the screen; guarded by mu

	stop    chan struct{} // nil: nothing is drawn
	stopped sync.WaitGroup
}

// progressInterval is how often the line is drawn.
const progressInterval = 200 * time.Millisecond

// newProgress begins to show what s counts.
func (a *app) newProgress(s *transfer.Stats) *progress {
	p := &progress{w: a.stderr}
	if a.quiet || a.json || !term.IsTerminal(int(a.stderr.Fd())) {
		return p
	}
	p.stop = make(chan struct{})
	p.stopped.Go(func() {
		start := time.Now()
		tick := time.NewTicker(progressInterval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				n := s.Bytes.Load()
				rate := float64(n) / time.Since(start).Seconds()
				p.draw(fmt.Sprintf("%d files, %s, %s/s", s.Copied.Load(), sizeText(uint64(max(n, 0))), sizeText(uint64(rate))))
			case <-p.stop:
				return
			}
		}
	})
	return p
}

// draw puts text where the line was.
func (p *progress) draw(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, "\r\x1b[K%s", text)
	p.line = true
}

// print prints a message in place of the line, which comes again below it.
func (p *progress) print(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clearLocked()
	io.WriteString(p.w, text)
}

// clearLocked takes the line away. The caller holds mu.
func (p *progress) clearLocked() {
	if p.line {
		io.WriteString(p.w, "\r\x1b[K")
		p.line = false
	}
}

// end takes the line away for good.
func (p *progress) end() {
	if p.stop == nil {
		return
	}
	close(p.stop)
	p.stopped.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clearLocked()
}

// sizeText writes a number of bytes for people.
func sizeText(n uint64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n), ""
	for _, unit = range []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"} {
		if value /= 1024; value < 1024 {
			break
		}
	}
	return fmt.Sprintf("%.1f %s", value, unit)
}
