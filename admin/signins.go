package admin

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/event"
)

// Limits of signing in.
const (
	idleTime     = 30 * time.Minute // a sign-in that nobody uses ends
	absoluteTime = 12 * time.Hour   // every sign-in ends
	freshTime    = 10 * time.Minute // protection may be lowered so long after it
	linkTime     = 5 * time.Minute  // a link is good for

	maxSignIns     = 256
	maxSignInsEach = 16 // of one account; then its oldest ends
	maxLinks       = 16

	guessesAtOnce = 5                // wrong passwords of one address, then
	guessesEvery  = 2 * time.Second  // one more in this time
	failuresEvery = 10 * time.Second // until a failure for an account is forgotten
	verifications = 2                // passwords that are verified at a time: it is work
)

// Administrators are the accounts that may sign in. Safe for concurrent use.
type Administrators interface {
	// VerifyPassword returns what an account may do if password is its own.
	// The error is a *[NotAdministratorError] if not, after the same work
	// whatever the reason is.
	VerifyPassword(ctx context.Context, name, password string) (Standing, error)
	// Standing returns what an account may do now; the zero value of one that
	// may not sign in.
	Standing(ctx context.Context, name string) (Standing, error)
}

// Standing is what an account may do in the administration.
type Standing struct {
	Account     string // as it is stored
	Role        Role
	PasswordSet time.Time
}

// NotAdministratorError says why a sign-in was refused: to the log, not to who
// tried.
type NotAdministratorError struct{ Reason string }

func (e *NotAdministratorError) Error() string { return e.Reason }

// tokenHash is what is remembered of a secret that was handed out.
type tokenHash [sha256.Size]byte

// newToken returns a new secret of 256 bits, and what to remember of it.
func newToken() (token string, hash tokenHash) {
	var b [32]byte
	rand.Read(b[:])
	token = hex.EncodeToString(b[:])
	return token, hashToken(token)
}

// hashToken is what is looked for when a secret comes back. That the look-up
// takes its time tells nothing about a hash's preimage.
func hashToken(token string) tokenHash { return sha256.Sum256([]byte(token)) }

// signIn is one administrator who has signed in over TCP. Immutable but for
// what SignIns.mu guards.
type signIn struct {
	id       string // in lists; no secret
	account  string // for journals
	name     string // of the stored account; "" of who came by a link
	role     Role
	password time.Time // when the account's password was set
	address  string    // where it came from, host and port
	began    time.Time
	token    tokenHash     // of the cookie
	page     tokenHash     // of what the page sends with changes
	done     chan struct{} // closed when it ends

	seen  time.Time   // guarded by SignIns.mu
	timer *time.Timer // guarded by SignIns.mu
}

// fresh reports whether it began so lately that protection may be lowered.
func (s *signIn) fresh(now time.Time) bool { return now.Sub(s.began) < freshTime }

// ended returns what is closed when it ends; nil for a local caller.
func (s *signIn) ended() <-chan struct{} {
	if s == nil {
		return nil
	}
	return s.done
}

// deadlineLocked is when it ends by itself.
func (s *signIn) deadlineLocked() time.Time {
	end, idle := s.began.Add(absoluteTime), s.seen.Add(idleTime)
	if idle.Before(end) {
		return idle
	}
	return end
}

// link signs somebody in once. Immutable.
type link struct {
	account string
	role    Role
	until   time.Time
}

// SignIns are the administrators who have signed in over TCP, and the links
// that let one do so. Nothing of it outlives the process. Safe for concurrent
// use; its lock is a leaf.
type SignIns struct {
	accounts  Administrators
	audit     Recorder // nil: the log is told
	log       *slog.Logger
	guesses   *limiter      // by address
	failures  *limiter      // by account: what counts is how many there were
	verifying chan struct{} // one element for each password that is verified

	mu     sync.Mutex
	closed bool
	tokens map[tokenHash]*signIn
	links  map[tokenHash]link
	url    string // where the administration is reached; "" while it is not
	prints string // the fingerprint of its certificate; "" without TLS
}

// NewSignIns returns an empty set. audit may be nil; log must not.
func NewSignIns(accounts Administrators, audit Recorder, log *slog.Logger) *SignIns {
	return &SignIns{
		accounts: accounts, audit: audit, log: log,
		guesses: newLimiter(guessesAtOnce, guessesEvery), failures: newLimiter(64, failuresEvery),
		verifying: make(chan struct{}, verifications),
		tokens:    make(map[tokenHash]*signIn), links: make(map[tokenHash]link),
	}
}

// Reached says under which URL the administration is reached, and what the
// fingerprint of its certificate is.
func (s *SignIns) Reached(url, fingerprint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.url, s.prints = url, fingerprint
}

// Close ends all of them.
func (s *SignIns) Close() {
	s.mu.Lock()
	s.closed = true
	all := s.allLocked()
	s.mu.Unlock()
	for _, in := range all {
		s.end(in, "the server stops")
	}
}

func (s *SignIns) allLocked() []*signIn {
	all := make([]*signIn, 0, len(s.tokens))
	for _, in := range s.tokens {
		all = append(all, in)
	}
	slices.SortFunc(all, func(a, b *signIn) int {
		return cmp.Or(a.began.Compare(b.began), cmp.Compare(a.id, b.id))
	})
	return all
}

// errSignInFailed is the answer to every sign-in that is refused.
func errSignInFailed() *Error {
	return &Error{Code: "SignInFailed", Status: http.StatusUnauthorized, Message: "wrong name or password, or no administrator"}
}

// byPassword signs in who knows an account's password. A client that guesses
// has five tries, and then one in two seconds; one that is refused for that is
// not told whether it was right. Failures for one account, wherever they come
// from, make each further one cost more.
func (s *SignIns) byPassword(ctx context.Context, address, name, password string) (token, page string, in *signIn, err error) {
	client, account := clientKey(address), auth.Upcase(name)
	if wait, ok := s.guesses.take(client); !ok {
		s.failed(ctx, address, name, "too many failures from there")
		return "", "", nil, &Error{
			Code: "TooMany", Status: http.StatusTooManyRequests, Message: "too many sign-ins have failed from your address",
			Hint: fmt.Sprintf("try again in %d s", int(wait.Seconds())+1),
		}
	}
	standing, err := s.verify(ctx, name, password)
	refused, isRefusal := errors.AsType[*NotAdministratorError](err)
	switch {
	case isRefusal:
		s.guesses.charge(client, min(math.Floor(s.failures.used(account)/8), 8))
		s.failures.charge(account, 1)
		s.failed(ctx, address, name, refused.Reason)
		return "", "", nil, errSignInFailed()
	case err != nil:
		s.guesses.charge(client, -1)
		return "", "", nil, err
	}
	s.guesses.charge(client, -1)
	return s.begin(ctx, &signIn{
		account: standing.Account, name: standing.Account, role: standing.Role, password: standing.PasswordSet, address: address,
	}, "by password")
}

// verify is VerifyPassword, few at a time.
func (s *SignIns) verify(ctx context.Context, name, password string) (Standing, error) {
	select {
	case s.verifying <- struct{}{}:
	case <-ctx.Done():
		return Standing{}, ctx.Err()
	}
	defer func() { <-s.verifying }()
	return s.accounts.VerifyPassword(ctx, name, password)
}

// byLink signs in who has a link, which is used up. Nobody guesses one of 256
// bits, so tries are not limited, and who is kept out by guesses of others at
// the same address still gets in.
func (s *SignIns) byLink(ctx context.Context, address, secret string) (token, page string, in *signIn, err error) {
	hash := hashToken(secret)
	s.mu.Lock()
	l, ok := s.links[hash]
	delete(s.links, hash)
	s.mu.Unlock()
	if !ok || !time.Now().Before(l.until) {
		s.failed(ctx, address, "", "the link was used, is too old, or was never made")
		return "", "", nil, &Error{
			Code: "SignInFailed", Status: http.StatusUnauthorized, Message: "the link was used, is too old, or was never made",
			Hint: "signet admin link makes another",
		}
	}
	return s.begin(ctx, &signIn{account: l.account, role: l.role, address: address}, "by a link")
}

// failed tells that a sign-in was refused.
func (s *SignIns) failed(ctx context.Context, address, name, reason string) {
	e := event.Event{Kind: event.AdministratorSignInFailed, Client: address, User: name, Reason: reason, Means: "TCP"}
	if s.audit == nil {
		s.log.WarnContext(ctx, "admin: sign-in refused", "from", address, "reason", reason)
		return
	}
	s.audit.Record(e)
}

// begin enters a new sign-in, under a new secret, and ends what there is too
// much of.
func (s *SignIns) begin(ctx context.Context, in *signIn, how string) (token, page string, _ *signIn, err error) {
	token, in.token = newToken()
	page, in.page = newToken()
	var id [8]byte
	rand.Read(id[:])
	in.id = hex.EncodeToString(id[:])
	in.began = time.Now()
	in.seen = in.began
	in.done = make(chan struct{})

	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return "", "", nil, errNotRunning()
	}
	var same, excess []*signIn
	all := s.allLocked()
	for _, other := range all {
		if other.account == in.account {
			same = append(same, other)
		}
	}
	if n := len(same) - maxSignInsEach + 1; n > 0 {
		excess = same[:n]
	} else if n := len(all) - maxSignIns + 1; n > 0 {
		excess = all[:n]
	}
	s.tokens[in.token] = in
	in.timer = time.AfterFunc(time.Until(in.deadlineLocked()), func() { s.endIfDue(in) })
	s.mu.Unlock()

	for _, other := range excess {
		s.end(other, "too many others are signed in")
	}
	s.tell(ctx, event.Event{Kind: event.AdministratorSignedIn, Client: in.address, User: in.account, Means: "TCP", Object: in.id, Reason: how + ", as " + in.role.String()})
	return token, page, in, nil
}

// tell records an event.
func (s *SignIns) tell(ctx context.Context, e event.Event) {
	if s.audit == nil {
		s.log.InfoContext(ctx, "admin: "+e.Kind.Name, "from", e.Client, "account", e.User, "reason", e.Reason)
		return
	}
	if err := s.audit.RecordAll(ctx, e); err != nil {
		s.log.ErrorContext(ctx, "admin: "+e.Kind.Name+" is not in the log of events yet", "from", e.Client, "account", e.User, "err", err)
	}
}

// endIfDue is called when a sign-in may be over.
func (s *SignIns) endIfDue(in *signIn) {
	s.mu.Lock()
	left := time.Until(in.deadlineLocked())
	if left > 0 {
		in.timer.Reset(left)
	}
	s.mu.Unlock()
	if left <= 0 {
		s.end(in, "its time is over")
	}
}

// end ends a sign-in, once.
func (s *SignIns) end(in *signIn, why string) bool {
	s.mu.Lock()
	there := s.tokens[in.token] == in
	if there {
		delete(s.tokens, in.token)
		in.timer.Stop()
		close(in.done)
	}
	s.mu.Unlock()
	if there {
		s.tell(context.Background(), event.Event{Kind: event.AdministratorSignedOut, Client: in.address, User: in.account, Means: "TCP", Object: in.id, Reason: why})
	}
	return there
}

// of returns who has signed in with this secret, and still may: its account
// has the role and the password that it had then. nil: nobody. use is whether
// that counts as using it.
func (s *SignIns) of(ctx context.Context, token string) (*signIn, error) {
	if token == "" {
		return nil, nil
	}
	s.mu.Lock()
	in := s.tokens[hashToken(token)]
	if in != nil {
		if now := time.Now(); now.Before(in.deadlineLocked()) {
			in.seen = now
		} else {
			in = nil // its timer is late
		}
	}
	s.mu.Unlock()
	if in == nil {
		return nil, nil
	}
	still, err := s.stands(ctx, in)
	if err != nil || !still {
		return nil, err
	}
	return in, nil
}

// stands reports whether a sign-in is still what its account may have, and
// ends it if not.
func (s *SignIns) stands(ctx context.Context, in *signIn) (bool, error) {
	if in.name == "" {
		return true, nil
	}
	standing, err := s.accounts.Standing(ctx, in.name)
	if err != nil {
		return false, err
	}
	if standing.Role == in.role && standing.PasswordSet.Equal(in.password) {
		return true, nil
	}
	s.end(in, "the account has changed")
	return false, nil
}

// recheck ends every sign-in that its account may not have any more.
func (s *SignIns) recheck(ctx context.Context) {
	s.mu.Lock()
	all := s.allLocked()
	s.mu.Unlock()
	for _, in := range all {
		if _, err := s.stands(ctx, in); err != nil {
			s.end(in, "what its account may do cannot be read")
		}
	}
}

// makeLink returns the URL of a new link, good for one sign-in.
func (s *SignIns) makeLink(account string, role Role) (SignInLink, bool) {
	token, hash := newToken()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.url == "" {
		return SignInLink{}, false
	}
	now := time.Now()
	var oldest tokenHash
	var oldestUntil time.Time
	for h, l := range s.links {
		if !now.Before(l.until) {
			delete(s.links, h)
		} else if oldestUntil.IsZero() || l.until.Before(oldestUntil) {
			oldest, oldestUntil = h, l.until
		}
	}
	if len(s.links) >= maxLinks {
		delete(s.links, oldest)
	}
	until := now.Add(linkTime)
	s.links[hash] = link{account: account, role: role, until: until}
	// In the fragment, which no browser sends, and so no proxy logs.
	return SignInLink{URL: s.url + "/#token=" + token, Until: until.UTC().Truncate(time.Second), Fingerprint: s.prints}, true
}

// list returns who is signed in, the first first.
func (s *SignIns) list() []SignIn {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []SignIn{}
	for _, in := range s.allLocked() {
		out = append(out, in.showLocked())
	}
	return out
}

func (s *signIn) showLocked() SignIn {
	return SignIn{
		ID: s.id, Account: s.account, Role: s.role, Address: s.address,
		Began: s.began.UTC().Truncate(time.Second), LastUsed: s.seen.UTC().Truncate(time.Second), Ends: s.deadlineLocked().UTC().Truncate(time.Second),
	}
}

// show is showLocked for who does not hold the lock.
func (s *SignIns) show(in *signIn) SignIn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return in.showLocked()
}

// byID returns the sign-in that lists call so; nil: there is none.
func (s *SignIns) byID(id string) *signIn {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, in := range s.tokens {
		if in.id == id {
			return in
		}
	}
	return nil
}
