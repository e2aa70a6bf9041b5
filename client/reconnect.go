package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// Reconnect is what a session does when its connection is lost. The zero value
// dials again, six times within about eight seconds. Whatever is waiting then
// waits on, no longer than its context.
//
// The new connection must prove at least what the old one did: dialect,
// signatures, encryption, and who the user is. One on which a server, or
// somebody in its place, has broken the rules is not made again; nor is one
// that the server refuses, so that no account is locked out.
//
// What was asked for and not answered is asked for again if twice is the same
// as once: to read, to describe, to write at an offset. Anything else fails
// with a [ConnectionError] that is Uncertain. Files that the server has kept
// stay open ([MS-SMB2] 3.2.4.4); others fail with a *[LostError] from then on.
type Reconnect struct {
	Never    bool          // the session ends with its connection
	Attempts int           // to connect, after each loss; 0: 6
	Delay    time.Duration // before the second attempt, twice as long before each further; 0: 250 ms
}

const (
	reconnectAttempts = 6
	reconnectDelay    = 250 * time.Millisecond
	maxReconnectDelay = 10 * time.Second

	// repeatDelay is how long the server gets to finish what it was asked for
	// on a lost connection.
	repeatDelay = 50 * time.Millisecond

	// maxRepeats is how often one operation is tried again that has got no
	// further meanwhile.
	maxRepeats = 4
)

// RuleLess is why a connection is refused that was to replace a lost one.
const RuleLess = "the new connection proves less"

// flight is an attempt to get a session's connection back, for which any number
// of operations may wait. What it came to is there once done is closed.
type flight struct {
	done    chan struct{}
	session *session
	err     error
}

// last makes s outlive its connection: its server is at host and port.
func (s *Session) last(host, port string) {
	s.lasting, s.host, s.port = true, host, port
	s.ended = make(chan struct{})
	s.besides.turn = newGate()
	s.life, s.end = context.WithCancelCause(context.Background())
	s.wg.Go(s.keep)
}

// alive is the session on a connection that has not ended, as far as is known:
// after a loss it waits for a new one.
func (s *Session) alive(ctx context.Context) (*session, error) {
	on := s.now()
	if !s.lasting {
		return on, nil // or the request says why the connection has ended
	}
	if ch := on.channels.pick(); ch != nil {
		return ch, nil
	}
	s.mu.Lock()
	on = s.now()
	if ch := on.channels.pick(); ch != nil {
		s.mu.Unlock()
		return ch, nil
	}
	if s.err != nil {
		s.mu.Unlock()
		return nil, s.err
	}
	f := s.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		s.flight = f
		s.wg.Go(func() { s.fly(f, on) })
	}
	s.mu.Unlock()
	select {
	case <-f.done:
		return f.session, f.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// fly is f: it replaces old.
func (s *Session) fly(f *flight, old *session) {
	next, err := s.dialAgain(s.life, old)
	s.mu.Lock()
	var late *session
	if err == nil && s.err != nil { // closed meanwhile
		late, next, err = next, nil, s.err
	}
	switch {
	case err == nil:
		s.current.Store(next)
		old.wipe()
		close(old.replaced)
	case final(err):
		s.finishLocked(err)
	}
	s.flight = nil
	f.session, f.err = next, err
	close(f.done)
	s.mu.Unlock()
	if late != nil {
		late.channels.close()
		late.wipe()
	}
}

// dialAgain signs in again, instead of old.
func (s *Session) dialAgain(ctx context.Context, old *session) (*session, error) {
	why := old.channels.ended()
	old.channels.close()
	if !lostConnection(why) {
		return nil, why
	}
	attempts, delay := s.dialer.Reconnect.patience()
	var err error
	for n := range attempts {
		if n > 0 || time.Since(old.since) < delay { // or who hangs up at once keeps us busy
			if err := pause(ctx, delay); err != nil {
				return nil, err
			}
			delay = min(2*delay, maxReconnectDelay)
		}
		var next *session
		if next, err = s.dialOnce(ctx, old); err == nil || final(err) {
			return next, err
		}
		old.conn.log.Info("not connected again yet", "server", old.conn.server, "err", err)
	}
	return nil, &ConnectionError{Server: old.conn.server, Err: fmt.Errorf("%w; connecting again: %w", why, err), over: true}
}

// patience is how often to dial again, and how long to wait before the second
// attempt.
func (r Reconnect) patience() (attempts int, delay time.Duration) {
	attempts, delay = r.Attempts, r.Delay
	if attempts <= 0 {
		attempts = reconnectAttempts
	}
	if delay <= 0 {
		delay = reconnectDelay
	}
	return attempts, delay
}

// dialOnce is one attempt.
func (s *Session) dialOnce(ctx context.Context, old *session) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, old.settings.sessionTimeout)
	defer cancel()
	nc, err := s.dialer.connect(ctx, s.host, s.port)
	if err != nil {
		return nil, err
	}
	next, err := s.dialer.after(old).signIn(ctx, nc, old.conn.server, predecessor{old.id, old.conn.negotiated.clientGUID, &s.opens})
	if err != nil {
		return nil, err
	}
	if reason := next.provesLess(old); reason != "" {
		next.conn.close()
		return nil, lessProved(old.conn.server, reason)
	}
	if next.conn.negotiated.dialect >= smb2.Dialect300 {
		next.channels.sequence.Store(old.channels.sequence.Load() + 1) // what old has sent and comes late is told by it
	}
	s.addChannels(ctx, next)
	next.conn.log.Info("connected again", "server", old.conn.server, "session", next.id.String())
	return next, nil
}

// final reports whether err, why a connection was not made again, will not
// change if that is tried again: a server has refused us, or we it.
func final(err error) bool {
	if e, ok := errors.AsType[*ConnectionError](err); ok {
		return !e.over && !e.lost()
	}
	if _, ok := errors.AsType[net.Error](err); ok || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	switch status, _ := errors.AsType[ntstatus.Status](err); status {
	case ntstatus.InsufficientResources, ntstatus.RequestNotAccepted, ntstatus.IOTimeout, ntstatus.UserSessionDeleted:
		return false
	}
	return true
}

// pause waits for d.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// lessProved is the refusal of a connection that was to replace a lost one.
func lessProved(server, reason string) *Refusal {
	return &Refusal{Server: server, Rule: RuleLess, Reason: "The connection was lost, and the new one is not as good: " + reason}
}

// provesLess tells what s, which is to replace old, does not prove that old
// did; "" if it proves as much. Whoever can cut a connection must not get a
// worse one for it.
func (s *session) provesLess(old *session) string {
	n, was := &s.conn.negotiated, &old.conn.negotiated
	switch {
	case n.dialect < was.dialect:
		return "The dialect is " + n.dialect.String() + ", and was " + was.dialect.String() + "."
	case keySize(n.cipher) < keySize(was.cipher):
		return "The cipher is " + n.cipher.String() + ", and was " + was.cipher.String() + "."
	case s.identity != old.identity:
		return "The server took the user for " + s.identity.String() + ", and before for " + old.identity.String() + "."
	case old.proved() && !s.proved():
		return "The server has not proved to know the user."
	case old.encryptData && !s.encryptData:
		return "The session is not encrypted any more."
	case old.signingRequired && !s.signingRequired && !s.encryptData:
		return "The session is not signed any more."
	}
	return ""
}

// keySize is the strength of a cipher in bits; 0 is none.
func keySize(c smb2.Cipher) int {
	switch c {
	case smb2.CipherNone:
		return 0
	case smb2.CipherAES256CCM, smb2.CipherAES256GCM:
		return 256
	default:
		return 128
	}
}

// keep watches over the session's connections. A session with durable files
// gets a new one at once, for servers keep those but for a while; others when
// somebody asks.
func (s *Session) keep() {
	for {
		on := s.now()
		select {
		case <-s.life.Done():
			return
		case <-on.conn.done:
		}
		for ch := on.channels.pick(); ch != nil; ch = on.channels.pick() {
			select {
			case <-s.life.Done():
				return
			case <-ch.conn.done:
			}
		}
		if err := on.channels.ended(); !lostConnection(err) {
			s.mu.Lock()
			s.finishLocked(err)
			s.mu.Unlock()
			return
		}
		if s.opens.durable() {
			_, _ = s.alive(s.life) // its error is told to who asks next
		}
		select {
		case <-s.life.Done():
			return
		case <-s.ended:
			return
		case <-on.replaced:
		}
	}
}

// finishLocked ends the session for good. s.mu is held.
func (s *Session) finishLocked(err error) {
	if s.err == nil {
		s.err = err
		close(s.ended)
	}
}

// Done is closed when the session has ended, and Err then says why: after the
// loss of its connection, if that is not made again.
func (s *Session) Done() <-chan struct{} {
	if !s.lasting {
		return s.now().conn.done
	}
	return s.ended
}

// Err is why the session has ended: nil if it has not.
func (s *Session) Err() error {
	if !s.lasting {
		return s.now().conn.ended()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close signs off and closes the connection; whatever is under way fails. It
// closes the session's shares and files with it. Only the first call does
// anything.
func (s *Session) Close() error {
	if s.lasting {
		s.mu.Lock()
		s.finishLocked(errClosed)
		s.mu.Unlock()
		s.end(errClosed)
	}
	ctx, cancel := context.WithTimeout(context.Background(), logoffTimeout)
	defer cancel()
	on := s.now()
	if ch := on.channels.pick(); ch != nil {
		ch.logoff(ctx)
	}
	on.channels.close()
	s.wg.Wait()
	s.mu.Lock()
	for _, ch := range on.channels.every() {
		ch.wipe()
	}
	s.mu.Unlock()
	if s.lasting {
		s.closeBesides()
	}
	return nil
}

// repeat runs try, and again if the session's connection is lost meanwhile or
// its sign-in has expired. Each time try begins with [Session.alive]. twice
// says that what it asks for may be done twice.
func (s *Session) repeat(ctx context.Context, twice bool, try func() error) error {
	for left := maxRepeats; ; left-- {
		seen := s.now().renewals.Load()
		err := try()
		if err == nil || left == 0 || !s.again(ctx, err, twice, seen) {
			return uncertain(err, twice)
		}
	}
}

// again reports whether to try again what has failed with err; seen is the
// count of renewals from before. Who is told that the sign-in has expired has
// got nothing done: that may be asked for again, if it is true.
func (s *Session) again(ctx context.Context, err error, twice bool, seen uint32) bool {
	if errors.Is(err, ntstatus.NetworkSessionExpired) {
		on := s.now().channels.pick()
		return (twice || !errors.Is(err, errUnprovedExpiry)) && on != nil && on.renew(ctx, s.dialer, seen) == nil
	}
	if errors.Is(err, ntstatus.FileNotAvailable) && twice && s.now().channels.sequence.Load() > 0 {
		return pause(ctx, repeatDelay) == nil // what a lost connection has brought is still under way
	}
	e, ok := errors.AsType[*ConnectionError](err)
	return ok && s.lasting && e.lost() && (twice || !e.underWay)
}

// uncertain says in err, if it is the loss of a connection, that what must not
// be done twice may have been done.
func uncertain(err error, twice bool) error {
	e, ok := errors.AsType[*ConnectionError](err)
	if !ok || twice || !e.underWay {
		return err
	}
	c := *e
	c.Uncertain = true
	return &c
}
