package client

import (
	"context"
	"time"
)

// enter adds ch, bound to the session first over address, and has it replaced
// when its connection is lost; with the first of them, the connection that there
// was before, too.
func (s *Session) enter(first, ch *session, address string) {
	if first.channels.add(ch) {
		s.wg.Go(func() { s.tend(first, first, s.host) })
	}
	s.wg.Go(func() { s.tend(first, ch, address) })
}

// tend puts another connection to address in the place of ch's whenever that is
// lost, as long as the session first lives on others: if it does not, all of it
// is made anew (reconnect.go). [MS-SMB2] 3.2.7.1.
func (s *Session) tend(first, ch *session, address string) {
	for ch != nil {
		select {
		case <-ch.conn.done:
		case <-s.life.Done():
			return
		case <-s.ended:
			return
		case <-first.replaced:
			return
		}
		ch = s.replaceChannel(s.life, first, ch, address)
	}
}

// replaceChannel is the channel in the place of lost; nil if there is none. It
// is tried as often, and with the same delays, as a whole session is made again.
func (s *Session) replaceChannel(ctx context.Context, first, lost *session, address string) *session {
	attempts, delay := s.dialer.Reconnect.patience()
	for n := range attempts {
		if n > 0 || time.Since(lost.since) < delay { // or who hangs up at once keeps us busy
			if pause(ctx, delay) != nil {
				return nil
			}
			delay = min(2*delay, maxReconnectDelay)
		}
		if first.channels.pick() == nil {
			return nil
		}
		ch, err := s.dialChannelOnce(ctx, first, address)
		if err == nil && first.channels.replace(lost, ch) {
			lost.conn.close()
			if lost != first { // whose keys are the session's
				s.mu.Lock()
				lost.wipe()
				s.mu.Unlock()
			}
			first.conn.log.Info("a lost channel was replaced", "server", first.conn.server, "address", address)
			return ch
		}
		if err == nil { // the session is over, or dialled anew
			ch.conn.close()
			ch.wipe()
			return nil
		}
		first.conn.log.Info("no channel in the place of a lost one", "server", first.conn.server, "address", address, "err", err)
		if final(err) {
			return nil
		}
	}
	return nil
}

// dialChannelOnce is dialChannel, in the time that a server gets to answer.
func (s *Session) dialChannelOnce(ctx context.Context, first *session, address string) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, first.settings.sessionTimeout)
	defer cancel()
	return s.dialChannel(ctx, first, address)
}

// replace enters ch in the place of lost; false if the session has no other
// channel any more, or must not go on. lost stays if it is the first: its keys
// are those that channels are bound with.
func (c *channels) replace(lost, ch *session) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil || c.over || len(c.living) == 0 {
		return false
	}
	c.living = append(c.living, ch)
	for i := range c.all {
		if i > 0 && c.all[i] == lost {
			c.all[i] = ch
			return true
		}
	}
	c.all = append(c.all, ch)
	return true
}
