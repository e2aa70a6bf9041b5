package admin

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of connections. Local programs and browsers answer at once; one that
// does not is broken or means harm.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = time.Minute
	maxConnections    = 64
	// maxConnectionsEach is how many of them one address may have over TCP: a
	// browser opens six.
	maxConnectionsEach = 32
)

// Server answers the API on a unix socket.
type Server struct {
	http http.Server
}

// NewServer returns a server of the handler that NewHandler made. log takes
// what goes wrong on connections.
func NewServer(handler http.Handler, log *slog.Logger) *Server {
	stopping := make(chan struct{}) // ends replies that have no end
	s := &Server{http: http.Server{
		Handler:           handler,
		MaxHeaderBytes:    maxHeaderBytes,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			ctx = context.WithValue(ctx, stoppingKey{}, stopping)
			caller, err := peerOf(conn.(*limitedConn).Conn)
			if err != nil {
				log.WarnContext(ctx, "admin: who connects is not known", "err", err)
				return ctx // without a caller: every request is refused
			}
			caller.Means = "Socket"
			return withCaller(ctx, caller)
		},
	}}
	s.http.RegisterOnShutdown(sync.OnceFunc(func() { close(stopping) }))
	return s
}

// Serve accepts connections from l until Shutdown, and then returns
// http.ErrServerClosed. It closes l.
func (s *Server) Serve(l *net.UnixListener) error {
	return s.http.Serve(&limitedListener{Listener: l, free: make(chan struct{}, maxConnections), done: make(chan struct{})})
}

// Shutdown stops accepting, lets running requests end until ctx is done, and
// then closes what is left.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return s.http.Close()
	}
	return nil
}
