package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
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
	console   *admin.Console    // nil: there is none
	consoleAt net.Listener      // of console
	log       *slog.Logger
	hangups   <-chan os.Signal                // SIGHUP: asks for reload
	reload    func(ctx context.Context) error // on failure nothing has changed
	// keepDeadlines takes changes of the configuration back in time, until ctx
	// ends.
	keepDeadlines func(ctx context.Context)
	// terminalGone reports whether there was a terminal that is no more: then
	// SIGHUP came of that.
	terminalGone func() bool

	work sync.WaitGroup
}

// untilStopped serves until a signal asks for the end, or something fails, and
// then ends everything. The error is of exit code 130 if a second signal cut
// requests off.
func (r *running) untilStopped(stop *stopping) error {
	failed := make(chan error, len(r.listeners)+2) // room for all: nobody waits to say it
	atWork, rest := context.WithCancel(stop.gently)
	defer rest()
	r.work.Go(func() { r.keepDeadlines(atWork) })
	r.work.Go(func() {
		if err := r.admin.Serve(r.socket); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("admin socket: %w", err)
		}
	})
	if r.console != nil {
		r.work.Go(func() {
			if err := r.console.Serve(r.consoleAt); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("administration: %w", err)
			}
		})
	}
	for _, l := range r.listeners {
		r.work.Go(func() {
			if err := r.server.Serve(l); err != nil {
				failed <- fmt.Errorf("serve %s: %w", l.Addr(), err)
			}
		})
	}
	err := r.untilAsked(stop.gently, failed)
	rest()
	err = errors.Join(err, r.shutdown(stop.atOnce))
	if stop.atOnce.Err() != nil {
		return &exitError{code: exitInterrupted}
	}
	return err
}

// untilAsked reloads whenever SIGHUP asks for it, until ctx ends, or with the
// first error of failed.
func (r *running) untilAsked(ctx context.Context, failed <-chan error) error {
	for {
		select {
		case <-ctx.Done():
			r.log.Info("stopping: requests in progress may finish; a second signal cuts them off")
			return nil
		case err := <-failed:
			return err
		case <-r.hangups:
			if r.terminalGone() {
				r.log.Info("stopping: the terminal is gone")
				return nil
			}
			if err := r.reload(ctx); err != nil {
				r.log.Warn("not reloaded, nothing has changed", "err", err)
			}
		}
	}
}

// shutdown ends everything: gently until ctx or drainTime ends, then at once.
// It returns when nothing runs any more.
func (r *running) shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	err := errors.Join(r.server.Shutdown(ctx), r.admin.Shutdown(ctx))
	if r.console != nil {
		err = errors.Join(err, r.console.Shutdown(ctx))
		r.consoleAt.Close() // again, if Serve had it: harmless
	}
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
