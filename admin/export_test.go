package admin

import (
	"context"
	"net"
	"net/http"
)

// GuardOf is what a console answers by.
func GuardOf(handler http.Handler, c ConsoleConfig) http.Handler { return newGuard(handler, c) }

// Serve lets handler answer a client's request, as if it had come to local.
func Serve(handler http.Handler, r *http.Request, local net.Addr) *http.Response {
	in := r.Clone(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
	in.RemoteAddr = "127.0.0.1:50000"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	w := &replyBuffer{header: http.Header{}, status: http.StatusOK}
	handler.ServeHTTP(w, in)
	return w.response(r)
}

// AsCaller is handler with c as who asks, for tests.
func AsCaller(handler http.Handler, c Caller) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(withCaller(r.Context(), c)))
	})
}

// Limits that tests go up to.
const (
	MaxStreamsEach = maxStreamsEach
	MaxSignInsEach = maxSignInsEach
	IdleTime       = idleTime
	AbsoluteTime   = absoluteTime
	LinkTime       = linkTime
	GuessesAtOnce  = guessesAtOnce
	GuessesEvery   = guessesEvery
	FreshTime      = freshTime
)
