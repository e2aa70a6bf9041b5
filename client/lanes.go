package client

import (
	"context"
	"errors"
	"sync"

	"github.com/signet-smb/signet/dtyp"
)

const (
	// defaultLanes is what a Dialer that says nothing has, and maxLanes what it
	// has at most.
	defaultLanes = 2
	maxLanes     = 16

	// lanesAfter is how many small operations there are before it is worth to
	// sign in once more: that costs as much as a few of them.
	lanesAfter = 64
)

// lanes are over what small operations on one share are spread, [Dialer.Lanes]:
// the share itself and, beside it, the same share in sessions of their own.
// Servers do what comes by one session mostly one after the other, and Samba
// has a process for each client GUID: each session has its own. Safe for
// concurrent use.
type lanes struct {
	mu    sync.Mutex
	begun int     // operations so far; not counted any more once tried
	tried bool    // that there be more was seen to
	all   []*lane // the share's own is not among them
	busy  int     // operations under way on the share's own
}

// lane is a share beside another one.
type lane struct {
	share *Share
	busy  int // operations under way
}

// lane picks the share on which the next small operation goes: where least is
// under way. release is called when that is done.
func (sh *Share) lane() (on *Share, release func()) {
	on, busy, broken := sh.pickLane()
	if broken != nil {
		sh.session.now().conn.fail(broken)
	}
	return on, func() {
		sh.trees.lanes.mu.Lock()
		*busy--
		sh.trees.lanes.mu.Unlock()
	}
}

// pickLane is lane: it counts the operation in busy. broken is why no session
// must go on: somebody has altered messages of one beside this one.
func (sh *Share) pickLane() (on *Share, busy *int, broken error) {
	l := &sh.trees.lanes
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.tried {
		if l.begun++; l.begun > lanesAfter && l.busy > 0 {
			l.tried = true
			sh.session.widen(sh)
		}
	}
	busy, on = &l.busy, sh
	if len(l.all) > 0 && sh.session.Err() == nil && !sh.trees.closed.Load() {
		for _, other := range l.all {
			if err := other.share.session.Err(); err != nil {
				if Altered(err) {
					broken = err
				}
				continue
			}
			if other.busy < *busy {
				busy, on = &other.busy, other.share
			}
		}
	}
	*busy++
	if on != sh && !sh.snapshot.IsZero() {
		on = on.At(sh.snapshot)
	}
	return on, busy, broken
}

// widen makes lanes for sh, as many as the Dialer says, while what is under way
// goes on.
func (s *Session) widen(sh *Share) {
	n := s.dialer.Lanes
	if n == 0 {
		n = defaultLanes
	}
	if n = min(n, maxLanes); !s.lasting || n < 2 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return // and Close waits for what was started before
	}
	s.wg.Go(func() {
		for i := range n - 1 {
			var share *Share
			other, err := s.beside(s.life, i)
			if err == nil {
				if share, err = other.Share(s.life, sh.name); err == nil {
					err = s.addLane(sh, share)
				}
			}
			if err != nil {
				s.now().conn.log.Info("no session beside", "server", s.Server(), "share", sh.name, "err", err)
				return
			}
		}
	})
}

// addLane enters beside as a lane of sh. What its server takes in one message,
// that of sh does: it is the same.
func (s *Session) addLane(sh, beside *Share) error {
	t, err := beside.tree(s.life)
	if err != nil {
		return err
	}
	able, err := t.tryTogether(s.life)
	if err != nil {
		return err
	}
	if able {
		t.session.conn.sendsTogether()
		sh.trees.current.Load().session.conn.sendsTogether()
	}
	sh.trees.add(beside)
	return nil
}

// add enters a lane. One of a share that is closed takes nothing.
func (t *trees) add(share *Share) {
	t.lanes.mu.Lock()
	defer t.lanes.mu.Unlock()
	t.lanes.all = append(t.lanes.all, &lane{share: share})
}

// closeLanes gives up the lanes of a share that is closed.
func (t *trees) closeLanes() {
	t.lanes.mu.Lock()
	t.lanes.tried = true
	all := t.lanes.all
	t.lanes.all = nil
	t.lanes.mu.Unlock()
	for _, l := range all {
		_ = l.share.Close() // its session may have ended
	}
}

// besides are the sessions beside a Session, for the lanes of all its shares.
type besides struct {
	turn gate // guards all; held while one is made
	all  []*Session
}

// errOtherServer is why a session beside another one is given up.
var errOtherServer = errors.New("another server answers there")

// beside is the i-th session beside s, which is made if there is none: over a
// connection of its own, with the same server as far as that introduces itself,
// and one that proves no less than s does now. It ends with s.
func (s *Session) beside(ctx context.Context, i int) (*Session, error) {
	if err := s.besides.turn.enter(ctx); err != nil {
		return nil, err
	}
	defer s.besides.turn.leave()
	if i < len(s.besides.all) {
		return s.besides.all[i], nil
	}
	on, err := s.alive(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, on.settings.sessionTimeout)
	defer cancel()
	nc, err := s.dialer.connect(ctx, s.host, s.port)
	if err != nil {
		return nil, err
	}
	other := &Session{dialer: s.dialer}
	next, err := s.dialer.after(on).signIn(ctx, nc, on.conn.server, predecessor{clientGUID: dtyp.NewGUID(), opens: &other.opens})
	if err != nil {
		return nil, err
	}
	switch reason := next.provesLess(on); {
	case reason != "":
		err = lessProved(on.conn.server, reason)
	case next.conn.negotiated.serverGUID != on.conn.negotiated.serverGUID:
		err = errOtherServer
	}
	if err != nil {
		next.conn.close()
		return nil, err
	}
	other.current.Store(next)
	other.last(s.host, s.port)
	s.besides.all = append(s.besides.all, other)
	return other, nil
}

// closeBesides ends the sessions beside s, of which no more are made.
func (s *Session) closeBesides() {
	s.besides.turn <- struct{}{}
	defer s.besides.turn.leave()
	for _, other := range s.besides.all {
		_ = other.Close() // never fails
	}
	s.besides.all = nil
}
