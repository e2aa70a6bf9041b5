package admin

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/signet-smb/signet/event"
)

// Console answers the API over TCP, to administrators who have signed in.
//
//	connection ── limits ── headers ── host, origin ── body ── cookie, token ── NewHandler's
//
// Loopback is reached by every local user, and by every page that a browser
// here shows: nothing but a sign-in is worth anything.
type Console struct {
	http    http.Server
	guard   *guard
	signIns *SignIns
}

// ConsoleConfig is what a Console is made of. SignIns and Logger are needed.
type ConsoleConfig struct {
	SignIns *SignIns
	TLS     *tls.Config // nil: none, which is for loopback only
	// Names are the host's own, by which browsers may ask for it; addresses
	// and localhost need not be among them.
	Names []string
	// MetricsToken lets its bearer read the metrics, and nothing else; "": there
	// is none.
	MetricsToken string
	Audit        Recorder // is told of what is refused; nil: the log is
	Logger       *slog.Logger
	// Page answers what is not of the API; nil: a line that says what is there.
	Page http.Handler
}

// NewConsole returns a console of the handler that NewHandler made, with the
// same SignIns.
func NewConsole(handler http.Handler, c ConsoleConfig) *Console {
	stopping := make(chan struct{}) // ends replies that have no end
	con := &Console{signIns: c.SignIns, guard: newGuard(handler, c)}
	var http1 http.Protocols
	http1.SetHTTP1(true) // all that is needed, and the least that can go wrong
	con.http = http.Server{
		Handler:           con.guard,
		MaxHeaderBytes:    maxHeaderBytes,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		Protocols:         &http1,
		TLSConfig:         c.TLS,
		ErrorLog:          slog.NewLogLogger(c.Logger.Handler(), slog.LevelDebug), // strangers' handshakes
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), stoppingKey{}, stopping)
		},
	}
	con.http.RegisterOnShutdown(sync.OnceFunc(func() { close(stopping) }))
	return con
}

// Serve accepts connections from l until Shutdown, and then returns
// http.ErrServerClosed. It closes l.
func (c *Console) Serve(l net.Listener) error {
	limited := &limitedListener{
		Listener: l, free: make(chan struct{}, maxConnections), done: make(chan struct{}),
		each: maxConnectionsEach, from: make(map[string]int),
	}
	if c.http.TLSConfig != nil {
		return c.http.ServeTLS(limited, "", "")
	}
	return c.http.Serve(limited)
}

// Shutdown signs everybody out, stops accepting, lets running requests end
// until ctx is done, and then closes what is left.
func (c *Console) Shutdown(ctx context.Context) error {
	c.signIns.Close()
	if err := c.http.Shutdown(ctx); err != nil {
		return c.http.Close()
	}
	return nil
}

// tcpKey is the key of the tcpRequest in a request's context.
type tcpKey struct{}

// tcpRequest is what a request over TCP is answered with besides.
type tcpRequest struct {
	secure bool   // over TLS
	cookie string // the cookie's name
}

// tcpOf returns that of a request; nil if it did not come over TCP.
func tcpOf(ctx context.Context) *tcpRequest {
	r, _ := ctx.Value(tcpKey{}).(*tcpRequest)
	return r
}

// newCookie hands a secret to the browser. It goes with it.
func (r *tcpRequest) newCookie(token string) http.Cookie {
	return http.Cookie{
		Name: r.cookie, Value: token, Path: "/", HttpOnly: true, Secure: r.secure, SameSite: http.SameSiteStrictMode,
	}
}

// noCookie lets the browser forget it.
func (r *tcpRequest) noCookie() http.Cookie {
	c := r.newCookie("")
	c.MaxAge = -1
	return c
}

// cookieName is the name of the cookie at a port: browsers share cookies
// between the ports of a host, and several servers may run there. The prefix
// __Host- keeps other hosts of the domain from planting one; browsers honour
// it over TLS only.
func cookieName(port string, secure bool) string {
	name := "signet-" + cmp.Or(port, "0")
	if secure {
		return "__Host-" + name
	}
	return name
}

// refuse tells that a request was refused before it came to any operation, and
// answers it.
func (g *guard) refuse(w http.ResponseWriter, r *http.Request, caller Caller, refused *Error) {
	what := r.Method + " " + r.URL.Path
	if g.audit != nil {
		e := eventBy(caller, event.AdministrationRefused)
		e.Object, e.Reason = what, refused.Message
		g.audit.Record(e)
	} else {
		g.log.WarnContext(r.Context(), "admin: refused", append([]any{"operation", what, "reason", refused.Message}, caller.attrs()...)...)
	}
	// What may still come of the body is not read.
	w.Header().Set("Connection", "close")
	writeError(w, refused)
}

// pageless answers where there is no page.
func pageless(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		writeError(w, newError(http.StatusNotFound, http.StatusText(http.StatusNotFound)))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("Signet: the administration API is at /api/v1, its description at /openapi.json.\n")) // the peer went away if this fails
}

// requestsAtOnce and requestsEvery limit the requests of one address, behind
// which there may be several people: a page of settings makes some 30 when it is
// loaded, for it has each property explained.
const (
	requestsAtOnce = 1000
	requestsEvery  = 10 * time.Millisecond
)
