package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const (
	// heartbeat is how often a stream without news shows that it lives.
	heartbeat = 15 * time.Second
	// sessionsEvery is how often a stream of sessions looks for news.
	sessionsEvery = time.Second
	// maxStreams is how many streams there may be, and maxStreamsEach how many
	// of one sign-in: a tab of the page that is seen has one.
	maxStreams     = 64
	maxStreamsEach = 8
)

// streams counts the streams that are open. The zero value is ready; safe for
// concurrent use.
type streams struct {
	mu    sync.Mutex
	total int
	each  map[*signIn]int // nil: local callers
}

// take makes room for one more of who has signed in so; nil is a local caller.
func (s *streams) take(of *signIn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total >= maxStreams || of != nil && s.each[of] >= maxStreamsEach {
		return false
	}
	if s.each == nil {
		s.each = make(map[*signIn]int)
	}
	s.total++
	s.each[of]++
	return true
}

// giveBack ends what take began.
func (s *streams) giveBack(of *signIn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.each[of]--; s.each[of] == 0 {
		delete(s.each, of)
	}
}

// streaming describes the reply of an operation as server-sent events.
func streaming(op huma.Operation, what string) huma.Operation {
	op.Responses = map[string]*huma.Response{"200": {
		Description: "Server-sent events: " + what,
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	return op
}

// startStream answers with what feed sends, until it returns. send gives up on
// who is too slow; ends is closed when the server stops, or when the sign-in
// that asked for the stream ends.
func (h *handlers) startStream(ctx context.Context, feed func(send func(format string, args ...any) error, ends <-chan struct{}) error) (*huma.StreamResponse, error) {
	caller, _ := callerOf(ctx)
	if !h.streams.take(caller.signIn) {
		return nil, &Error{Code: "TooMany", Status: http.StatusTooManyRequests, Message: "there are too many streams already"}
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer h.streams.giveBack(caller.signIn)
		ended := make(chan struct{})
		ends := make(chan struct{})
		var watch sync.WaitGroup
		watch.Go(func() {
			select {
			case <-stoppingOf(ctx):
			case <-caller.signIn.ended():
			case <-ended:
			}
			close(ends)
		})
		defer watch.Wait()
		defer close(ended)
		hc.SetHeader("Content-Type", "text/event-stream")
		hc.SetHeader("Cache-Control", "no-store")
		_, w := humago.Unwrap(hc)
		out := http.NewResponseController(w)
		// The server's limits are for requests that end.
		err := out.SetReadDeadline(time.Time{})
		if err == nil {
			err = feed(func(format string, args ...any) error {
				if err := out.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
					return err
				}
				if _, err := fmt.Fprintf(w, format, args...); err != nil {
					return err
				}
				return out.Flush()
			}, ends)
		}
		// Whoever went away, or is too slow, is not waited for.
		if err != nil {
			h.log.DebugContext(ctx, "admin: a stream ended", "err", err)
		}
	}}, nil
}

func (h *handlers) followSessions(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	if h.reload == nil {
		return nil, errNotRunning()
	}
	return h.startStream(ctx, func(send func(format string, args ...any) error, ends <-chan struct{}) error {
		return h.sendSessions(ctx, send, ends)
	})
}

// errNotRunning refuses what only a server at work can do.
func errNotRunning() *Error {
	return &Error{Code: "NotRunning", Status: http.StatusConflict, Message: "no server runs on this state directory"}
}

// sendSessions sends who is signed in, and again when that changes, until ends
// is closed. That time goes by is no change.
func (h *handlers) sendSessions(ctx context.Context, send func(format string, args ...any) error, ends <-chan struct{}) error {
	look := time.NewTicker(sessionsEvery)
	defer look.Stop()
	var before string
	var said time.Time
	for {
		sessions := append([]Session{}, h.activity.Sessions()...)
		timeless := append([]Session{}, sessions...)
		for i := range timeless {
			timeless[i].SecondsExists, timeless[i].SecondsIdle = 0, 0
		}
		now := fmt.Sprint(timeless)
		switch {
		case now != before || said.IsZero():
			data, err := json.Marshal(Sessions{Sessions: sessions})
			if err != nil {
				return err
			}
			if err := send("data: %s\n\n", data); err != nil {
				return err
			}
			before, said = now, time.Now()
		case time.Since(said) >= heartbeat:
			if err := send(":\n\n"); err != nil {
				return err
			}
			said = time.Now()
		}
		select {
		case <-look.C:
		case <-ends:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}
