package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/signet-smb/signet/admin"
)

// drainTime is how long requests in progress may take after the first signal:
// less than service managers wait before they kill.
const drainTime = 30 * time.Second

// running is a server at work: what serve started and must end.
type running struct {
	server    smbServer
	listeners []net.Listener // of the server
	admin     *admin.Server
	socket    *net.UnixListener // of admin
	log       *slog.Logger

	work sync.WaitGroup
}

// untilStopped serves until a signal asks for the end, or something fails, and
// then ends everything. The error is of exit code 130 if a second signal cut
// requests off.
func (r *running) untilStopped(stop *stopping) error {
	failed := make(chan error, len(r.listeners)+1) // room for all: nobody waits to say it
	r.work.Go(func() {
		if err := r.admin.Serve(r.socket); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("admin socket: %w", err)
		}
	})
	for _, l := range r.listeners {
		r.work.Go(func() {
			if err := r.server.Serve(l); err != nil {
				failed <- fmt.Errorf("serve %s: %w", l.Addr(), err)
			}
		})
	}
	var err error
	select {
	case <-stop.gently.Done():
		r.log.Info("stopping: requests in progress may finish; a second signal cuts them off")
	case err = <-failed:
	}
	err = errors.Join(err, r.shutdown(stop.atOnce))
	if stop.atOnce.Err() != nil {
		return &exitError{code: exitInterrupted}
	}
	return err
}

// shutdown ends everything: gently until ctx or drainTime ends, then at once.
// It returns when nothing runs any more.
func (r *running) shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	err := errors.Join(r.server.Shutdown(ctx), r.admin.Shutdown(ctx))
	closeAll(r.listeners)
	r.socket.Close() // again, if Serve had it: harmless
	r.work.Wait()
	return err
}

// addresses returns where the listeners listen, for people.
func addresses(listeners []net.Listener) []string {
	list := make([]string, len(listeners))
	for i, l := range listeners {
		list[i] = l.Addr().String()
	}
	return list
}
