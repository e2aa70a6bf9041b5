package admin

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// maxTCPBody bounds the body of every request over TCP.
const maxTCPBody = 1 << 20

// pageHeader carries what a page was told at sign-in, with every request that
// may change something. No other site's page knows it, or may send it.
const pageHeader = "X-Signet-Token"

// securityHeaders are those of every reply.
var securityHeaders = map[string]string{
	"Content-Security-Policy":      "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
}

// guard is what every request over TCP passes. Immutable; what it points to is
// safe for concurrent use.
type guard struct {
	next     http.Handler // of NewHandler
	page     http.Handler
	signIns  *SignIns
	audit    Recorder
	log      *slog.Logger
	names    map[string]bool // the host's, in lower case
	secure   bool
	requests *limiter
	scraper  []byte // hash of the token for metrics; nil: there is none
}

func newGuard(next http.Handler, c ConsoleConfig) *guard {
	g := &guard{
		next: next, page: c.Page, signIns: c.SignIns, audit: c.Audit, log: c.Logger, secure: c.TLS != nil,
		names: map[string]bool{"localhost": true}, requests: newLimiter(requestsAtOnce, requestsEvery),
	}
	for _, name := range c.Names {
		g.names[strings.ToLower(strings.TrimSuffix(name, "."))] = true
	}
	if c.MetricsToken != "" {
		hash := hashToken(c.MetricsToken)
		g.scraper = hash[:]
	}
	if g.page == nil {
		g.page = http.HandlerFunc(pageless)
	}
	return g
}

// ServeHTTP implements http.Handler.
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range securityHeaders {
		w.Header().Set(name, value)
	}
	caller := Caller{UID: ^uint32(0), GID: ^uint32(0), Means: "TCP", Address: r.RemoteAddr}
	came := &tcpRequest{secure: g.secure, cookie: cookieName(localPort(r), g.secure)}
	if refused := g.check(r); refused != nil {
		g.refuse(w, r, caller, refused)
		return
	}
	if !isAPI(r.URL.Path) {
		g.page.ServeHTTP(w, r)
		return
	}
	if refused := g.checkAPI(r); refused != nil {
		g.refuse(w, r, caller, refused)
		return
	}
	var err error
	if cookie, noCookie := r.Cookie(came.cookie); noCookie == nil {
		caller.signIn, err = g.signIns.of(r.Context(), cookie.Value)
	}
	if err != nil {
		g.log.ErrorContext(r.Context(), "admin: what an account may do cannot be read", "err", err)
		writeError(w, newError(http.StatusInternalServerError, "the server's log says what went wrong"))
		return
	}
	if caller.signIn != nil && !isSafe(r.Method) && r.URL.Path+r.Method != signInPath+http.MethodPost && !caller.signIn.isPage(r.Header.Get(pageHeader)) {
		g.refuse(w, r, caller, &Error{
			Code: "AccessDenied", Status: http.StatusForbidden, Message: "the header " + pageHeader + " is missing or wrong",
			Hint: "it is told at sign-in",
		})
		return
	}
	caller.scrapes = caller.signIn == nil && g.isScraper(r)
	ctx := context.WithValue(withCaller(r.Context(), caller), tcpKey{}, came)
	g.next.ServeHTTP(w, r.WithContext(ctx))
}

// isPage reports whether token is what the page of this sign-in was told.
func (s *signIn) isPage(token string) bool {
	hash := hashToken(token)
	return subtle.ConstantTimeCompare(hash[:], s.page[:]) == 1
}

// isScraper reports whether a request is for the metrics, and bears their token.
func (g *guard) isScraper(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || g.scraper == nil || r.URL.Path != metricsPath {
		return false
	}
	hash := hashToken(token)
	return subtle.ConstantTimeCompare(hash[:], g.scraper) == 1
}

// isAPI reports whether a path is of the API, or of its description.
func isAPI(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/openapi") || strings.HasPrefix(path, "/schemas") || isObservation(path)
}

// isSafe reports whether a method changes nothing.
func isSafe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// check refuses what no browser of an administrator sends, whatever it asks
// for, and bodies that are too long. nil: it may go on.
func (g *guard) check(r *http.Request) *Error {
	if _, ok := g.requests.take(clientKey(r.RemoteAddr)); !ok {
		return &Error{Code: "TooMany", Status: http.StatusTooManyRequests, Message: "too many requests from your address"}
	}
	if !g.isHost(r) {
		return &Error{
			Code: "ForeignHost", Status: http.StatusMisdirectedRequest, Message: "this server does not go by that name",
			Hint: "use an address, or one of the host's own names",
		}
	}
	switch {
	case r.ContentLength > maxTCPBody:
		return &Error{Code: "TooLarge", Status: http.StatusRequestEntityTooLarge, Message: "the body is longer than 1 MiB"}
	case r.ContentLength < 0: // in chunks, as no page sends it
		return &Error{Code: "LengthRequired", Status: http.StatusLengthRequired, Message: "the length of the body is missing"}
	}
	return nil
}

// isHost reports whether the request is meant for this host: by one of its
// names, or by an address. A page that had its own name point here, after it
// was loaded, is refused by its name (DNS rebinding); where only loopback is
// served, another address has no business here either.
func (g *guard) isHost(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return g.names[strings.ToLower(strings.TrimSuffix(host, "."))]
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && (!local.IP.IsLoopback() || addr.IsLoopback())
}

// localPort is the port that a request came to.
func localPort(r *http.Request) string {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return ""
	}
	_, port, err := net.SplitHostPort(local.String())
	if err != nil {
		return ""
	}
	return port
}

// checkAPI refuses requests that another site's page lets a browser make, and
// bodies that are no JSON: those a page could send without asking first.
//
// net/http's CrossOriginProtection lets reading pass, which a stream of events
// is, and requests without Origin of old browsers.
func (g *guard) checkAPI(r *http.Request) *Error {
	origin := r.Header.Get("Origin")
	_, originHost, _ := strings.Cut(origin, "://")
	site := r.Header.Get("Sec-Fetch-Site")
	switch {
	case origin != "" && !strings.EqualFold(originHost, r.Host),
		site != "" && site != "same-origin" && (site != "none" || !isSafe(r.Method)):
		return &Error{Code: "AccessDenied", Status: http.StatusForbidden, Message: "another site's page asks"}
	case isSafe(r.Method) || r.ContentLength == 0:
		return nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &Error{Code: "UnsupportedMediaType", Status: http.StatusUnsupportedMediaType, Message: "the body must be application/json"}
	}
	return nil
}
