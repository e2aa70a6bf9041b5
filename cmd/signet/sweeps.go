package main

import (
	"context"
	"log/slog"
	"sync"
)

// sweeps is the tidying of folders, which begins when they are opened and goes
// on behind the server's back.
type sweeps struct {
	ctx     context.Context // ends with stop
	cancel  context.CancelFunc
	running *sync.WaitGroup
}

func newSweeps() sweeps {
	ctx, cancel := context.WithCancel(context.Background())
	return sweeps{ctx, cancel, new(sync.WaitGroup)}
}

// start tidies a folder that may be written to.
func (s *sweeps) start(f folder, path string, log *slog.Logger) {
	s.running.Go(func() {
		removed, err := f.Sweep(s.ctx)
		switch {
		case s.ctx.Err() != nil:
		case err != nil:
			log.Warn("leftovers of removed files were not looked for", "path", path, "err", err)
		case removed > 0:
			log.Info("leftovers of removed files were removed", "path", path, "files", removed)
		}
	})
}

// stop ends all sweeps and waits for them. No new ones are started then.
func (s *sweeps) stop() {
	s.cancel()
	s.running.Wait()
}
