package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/user"
	"strings"
	"sync"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/policy"
)

// servers are the sessions of this process on other servers, one for each user,
// server and policy. Safe for concurrent use.
type servers struct {
	mu       sync.Mutex
	sessions map[serverKey]*client.Session
	shares   map[shareKey]*client.Share
	systems  map[*client.Session]ntlm.Version

	asking    sync.Mutex         // after mu
	passwords map[account]string // given in this run, so that nobody is asked twice; guarded by asking
}

// account is a user on a server, at an address.
type account struct{ user, address string }

// serverKey names a session. What was signed in under one policy is not used
// under another: that one may be tighter.
type serverKey struct {
	account
	policy   string // what it says of the client
	kerberos bool   // nothing but that
}

// policyText is what a policy says of the client.
func policyText(s *policy.Snapshot) string {
	var b strings.Builder
	for _, d := range policy.Differences(policy.Default(), s) {
		if strings.HasPrefix(d.Name, "client.") {
			fmt.Fprintf(&b, "%s=%s\n", d.Name, d.To)
		}
	}
	return b.String()
}

// shareKey names a share connected to in a session.
type shareKey struct {
	session *client.Session
	share   string
}

// close signs off everywhere.
func (s *servers) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.sessions {
		_ = session.Close() // a server that has gone is not asked for a farewell
	}
	s.sessions, s.shares, s.systems = nil, nil, nil
}

// drop forgets all sessions without a farewell: the end of the process ends
// them.
func (s *servers) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions, s.shares, s.systems = nil, nil, nil
}

// password is that of who, for which ask asks if nobody has.
func (s *servers) password(who account, ask func() (string, error)) (string, error) {
	s.asking.Lock()
	defer s.asking.Unlock()
	if secret, known := s.passwords[who]; known {
		return secret, nil
	}
	secret, err := ask()
	if err != nil {
		return "", err
	}
	if s.passwords == nil {
		s.passwords = make(map[account]string)
	}
	s.passwords[who] = secret
	return secret, nil
}

// system is what the server of s has said of its system when the user signed in.
func (s *servers) system(session *client.Session) ntlm.Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.systems[session]
}

// forget drops the password of who.
func (s *servers) forget(who account) {
	s.asking.Lock()
	defer s.asking.Unlock()
	delete(s.passwords, who)
}

// remotePlace reads the name of a place on a server; inside signet shell it may
// be relative.
func (a *app) remotePlace(arg string) (location, error) {
	if a.here == nil || isRemote(arg) {
		return parseLocation(arg)
	}
	return a.here.walk(arg)
}

// session signs in on the server of l, or returns the session there is.
func (a *app) session(ctx context.Context, l location, f *clientFlags) (*client.Session, error) {
	who := cmp.Or(l.user, f.user)
	if who == "" {
		u, err := user.Current()
		if err != nil {
			return nil, usagef("as whom? write smb://user@%s or --user NAME", l.host)
		}
		who = u.Username
	}
	snapshot, err := a.clientPolicy(f)
	if err != nil {
		return nil, err
	}
	a.pool.mu.Lock()
	defer a.pool.mu.Unlock()
	key := serverKey{account{who, l.address()}, policyText(snapshot), f.kerberos}
	if s := a.pool.sessions[key]; s != nil && s.Err() == nil {
		return s, nil
	}
	var system ntlm.Version
	s, err := a.dial(ctx, l, f, who, snapshot, func(v ntlm.Version) { system = v })
	if err != nil {
		a.pool.forget(key.account) // it may be wrong
		return nil, err
	}
	if a.pool.sessions == nil {
		a.pool.sessions, a.pool.shares = make(map[serverKey]*client.Session), make(map[shareKey]*client.Share)
		a.pool.systems = make(map[*client.Session]ntlm.Version)
	}
	a.pool.sessions[key], a.pool.systems[s] = s, system
	return s, nil
}

// warner writes a client's events to the log, as the server writes its own: with
// Windows' channels and numbers, by which rules for logs find them. What is an
// error there is the error of the command, too.
type warner struct{ log *slog.Logger }

// Record implements client.EventSink. Whatever is less than a warning was asked
// for by an audit property, and is shown as one.
func (w warner) Record(e event.Event) {
	level := slog.LevelWarn
	if e.Kind.Level == event.Error {
		level = slog.LevelError
	}
	r := event.NewRecord(&e)
	args := []any{"channel", string(r.Channel), "id", r.ID, "name", r.Name}
	for _, a := range []struct{ name, value string }{{"server", r.Client}, {"user", r.User}, {"session", r.SessionID}, {"dialect", r.Dialect}, {"why", r.Reason}} {
		if a.value != "" {
			args = append(args, a.name, a.value)
		}
	}
	w.log.Log(context.Background(), level, e.Kind.Text, args...)
}

// credentials are those of who, NAME or DOMAIN\NAME.
func credentials(who, password string) client.Credentials {
	if domain, name, ok := strings.Cut(who, `\`); ok {
		return client.Credentials{Domain: domain, User: name, Password: password}
	}
	return client.Credentials{User: who, Password: password}
}

// share connects to the share of l, or returns the connection there is.
func (a *app) share(ctx context.Context, l location, f *clientFlags) (*client.Share, error) {
	if l.share == "" {
		return nil, usagef("%s names no share: signet ls %s lists them", l, l)
	}
	s, err := a.session(ctx, l, f)
	if err != nil {
		return nil, err
	}
	a.pool.mu.Lock()
	defer a.pool.mu.Unlock()
	key := shareKey{s, strings.ToLower(l.share)}
	if sh := a.pool.shares[key]; sh != nil {
		return sh, nil
	}
	sh, err := s.Share(ctx, l.share)
	if err != nil {
		return nil, err
	}
	a.pool.shares[key] = sh
	return sh, nil
}

// shareOf is remotePlace and share in one step.
func (a *app) shareOf(ctx context.Context, arg string, f *clientFlags) (*client.Share, location, error) {
	l, err := a.remotePlace(arg)
	if err != nil {
		return nil, l, err
	}
	sh, err := a.share(ctx, l, f)
	return sh, l, err
}

// needPath refuses the root of a share where a file or directory in it is
// wanted.
func needPath(l location) error {
	if l.path == "" {
		return usagef("%s is a whole share: name something in it", l)
	}
	return nil
}

// peerRefusal tells what a server or this client's policy has refused, so that
// the command's exit code is 3.
func peerRefusal(err error) (*client.Refusal, bool) { return errors.AsType[*client.Refusal](err) }
