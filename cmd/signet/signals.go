package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// stopping tells what SIGTERM and SIGINT have asked for: the first to come to
// an end, the second to do so at once. A third kills.
type stopping struct {
	gently context.Context // done after the first signal
	atOnce context.Context // done after the second

	signals chan os.Signal
	cancel  context.CancelFunc // of both
	watcher sync.WaitGroup
}

// watchSignals begins to watch; end ends it.
func watchSignals() *stopping {
	s := &stopping{signals: make(chan os.Signal, 2)}
	var cancelGently context.CancelFunc
	s.atOnce, s.cancel = context.WithCancel(context.Background())
	s.gently, cancelGently = context.WithCancel(s.atOnce)
	signal.Notify(s.signals, syscall.SIGTERM, syscall.SIGINT)
	s.watcher.Go(func() {
		defer signal.Stop(s.signals)
		for _, cancel := range []context.CancelFunc{cancelGently, s.cancel} {
			select {
			case <-s.signals:
				cancel()
			case <-s.atOnce.Done():
				return
			}
		}
	})
	return s
}

func (s *stopping) end() {
	s.cancel()
	s.watcher.Wait()
}
