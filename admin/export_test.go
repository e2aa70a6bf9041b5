package admin

import "net/http"

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
