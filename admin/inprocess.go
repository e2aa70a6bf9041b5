package admin

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// inProcess is a transport that hands requests to a handler of this process,
// with a caller whom this process knows.
type inProcess struct {
	handler http.Handler
	caller  Caller
}

// RoundTrip implements http.RoundTripper.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(withCaller(r.Context(), t.caller))
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	w := &replyBuffer{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(w, in)
	return w.response(r), nil
}

// response is the reply, as a client gets it.
func (w *replyBuffer) response(r *http.Request) *http.Response {
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.header,
		Body:          io.NopCloser(&w.body),
		ContentLength: int64(w.body.Len()),
		Request:       r,
	}
}

// replyBuffer is a http.ResponseWriter that keeps the reply.
type replyBuffer struct {
	header http.Header
	status int
	body   bytes.Buffer
	wrote  bool
}

// Header implements http.ResponseWriter.
func (w *replyBuffer) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter: the first call counts.
func (w *replyBuffer) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, true
	}
}

// Write implements http.ResponseWriter.
func (w *replyBuffer) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}
