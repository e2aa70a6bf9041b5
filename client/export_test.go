package client

import "context"

// Bind makes the session use one connection more, to where it was dialled: what
// servers tell of their interfaces does not count.
func (s *Session) Bind(ctx context.Context) error {
	first := s.now()
	ch, err := s.dialChannel(ctx, first, s.host)
	if err == nil {
		first.channels.add(ch)
	}
	return err
}

// BindKept is Bind, of a connection that is replaced when it is lost.
func (s *Session) BindKept(ctx context.Context) error {
	first := s.now()
	ch, err := s.dialChannel(ctx, first, s.host)
	if err == nil {
		s.enter(first, ch, s.host)
	}
	return err
}

// TryTogether lets small operations leave together, if the server takes that.
func (sh *Share) TryTogether(ctx context.Context) (bool, error) {
	t := sh.trees.current.Load()
	able, err := t.tryTogether(ctx)
	if able {
		t.session.conn.sendsTogether()
	}
	return able, err
}

// WaitingTogether is how many operations wait to be sent.
func (sh *Share) WaitingTogether() int {
	c := sh.trees.current.Load().session.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.together.waiting)
}

// FreeCredits is how many requests more could be sent.
func (sh *Share) FreeCredits() int {
	c := sh.trees.current.Load().session.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.credits.free
}
