package admin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Paths of what watches the server. Programs know them by these names, outside
// of /api.
const (
	metricsPath   = "/metrics"
	healthPath    = "/healthz"
	readinessPath = "/readyz"
)

// metricsID is the operation that a token for metrics lets its bearer do.
const metricsID = "get-metrics"

// registerObservation is the part of the table that is about how the server
// fares.
func registerObservation(api huma.API, h *handlers) {
	huma.Register(api, plainText(operation(Viewer, metricsID, http.MethodGet, metricsPath, "The metrics, as Prometheus takes them; also with the token for metrics"), "The metrics"), h.metrics)
	huma.Register(api, plainText(operation(Nobody, "get-health", http.MethodGet, healthPath, "Whether the program answers"), "It does"), h.health)
	huma.Register(api, plainText(operation(Nobody, "get-readiness", http.MethodGet, readinessPath, "Whether the server takes connections, and its stores can be used; 503: it does not, or they cannot"), "It is ready"), h.readiness)
}

// plainText describes the reply of an operation as text.
func plainText(op huma.Operation, what string) huma.Operation {
	op.Responses = map[string]*huma.Response{"200": {
		Description: what,
		Content:     map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	return op
}

// isObservation reports whether a path is of what watches the server.
func isObservation(path string) bool {
	return path == metricsPath || path == healthPath || path == readinessPath
}

// needsNobody reports whether a path is open to who has not signed in.
func needsNobody(path string) bool {
	return path == signInPath || path == healthPath || path == readinessPath
}

func (h *handlers) metrics(context.Context, *struct{}) (*huma.StreamResponse, error) {
	if h.metricsOf == nil {
		return nil, errNotRunning()
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		r, w := humago.Unwrap(hc)
		h.metricsOf.ServeHTTP(w, r)
	}}, nil
}

// textOutput is what huma takes for a reply of a line.
type textOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// line is a reply of one line.
func line(text string) *textOutput {
	return &textOutput{ContentType: "text/plain; charset=utf-8", Body: []byte(text + "\n")}
}

func (h *handlers) health(context.Context, *struct{}) (*textOutput, error) { return line("ok"), nil }

// readiness says to strangers only whether, to the log why not.
func (h *handlers) readiness(ctx context.Context, _ *struct{}) (*textOutput, error) {
	notReady := &Error{Code: "NotReady", Status: http.StatusServiceUnavailable, Message: "the server is not ready", Hint: "its log says why"}
	if h.ready == nil {
		return nil, notReady
	}
	if err := h.ready(ctx); err != nil {
		h.log.WarnContext(ctx, "not ready", "err", err)
		return nil, notReady
	}
	return line("ready"), nil
}
