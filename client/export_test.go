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
