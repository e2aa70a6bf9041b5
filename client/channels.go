package client

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
)

// channels are the connections of one session: the ADM's Session.ChannelList.
// Each is a session of its own to who uses it, with the id and the cipher of the
// first one and its own key to sign with. Safe for concurrent use.
//
// Operations take turns on them. When a connection is lost the others go on, as
// long as there are any, and get another in its place (channel_replacement.go);
// one that a server has broken the rules on takes all others with it.
//
// Missing: several channels for one operation. [MS-SMB2] 3.2.1.3, 3.2.4.1.7.
type channels struct {
	// sequence is the ADM's Session.ChannelSequence: how many connections were
	// lost. 0 below dialect 3.0, where there is no such field.
	sequence atomic.Uint32

	mu     sync.Mutex
	living []*session
	all    []*session // also those whose connection has ended
	next   int
	broken error // why the session must not go on; nil: it may
	over   bool  // closed: no channel comes any more
}

// pick is a channel whose connection has not ended, as far as is known; nil if
// there is none.
func (c *channels) pick() *session {
	c.mu.Lock()
	lost := 0
	c.living = slices.DeleteFunc(c.living, func(ch *session) bool {
		if ch.alive() {
			return false
		}
		lost++
		if err := ch.conn.ended(); !lostConnection(err) && c.broken == nil {
			c.broken = err
		}
		return true
	})
	if lost > 0 && len(c.living) > 0 {
		c.sequence.Add(uint32(lost)) // there are several in dialect 3.1.1 only
	}
	var end []*session
	if c.broken != nil {
		end, c.living = c.living, nil
	}
	broken := c.broken
	var ch *session
	if n := len(c.living); n > 0 {
		ch = c.living[c.next%n]
		c.next++
	}
	c.mu.Unlock()
	for _, other := range end {
		other.conn.fail(broken)
	}
	return ch
}

// add enters ch, and reports whether it is the second one that there ever was.
func (c *channels) add(ch *session) (second bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, ch)
	c.living = append(c.living, ch)
	return len(c.all) == 2
}

// count is how many connections have not ended.
func (c *channels) count() int {
	c.pick()
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.living)
}

// every is each channel that there was.
func (c *channels) every() []*session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.all)
}

// close ends all connections, and waits until nothing of them is left.
func (c *channels) close() {
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	for _, ch := range c.every() {
		ch.conn.close()
	}
}

// ended is why the session has lost its connections: the worst of the reasons.
func (c *channels) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return c.broken
	}
	return c.all[0].conn.ended()
}

// living is t on a connection that has not ended; nil if there is none.
func (t *treeConnect) living() *treeConnect {
	ch := t.session.channels.pick()
	if ch == nil || ch == t.session {
		if ch == nil {
			return nil
		}
		return t
	}
	on := *t
	on.session = ch
	return &on
}

// living is o on a connection that has not ended; nil if there is none.
func (o *open) living() *open {
	t := o.tree.living()
	if t == nil || t == o.tree {
		if t == nil {
			return nil
		}
		return o
	}
	return &open{tree: t, id: o.id}
}

// addChannels binds the session first to as many further connections as the
// policy and the server's interfaces say. What fails is not missed: the session
// has a connection. [MS-SMB2] 3.2.5.5, 3.2.5.14.11.
//
// Deviation: only dialect 3.1.1, in which the new connection's NEGOTIATE is
// proved by its key; and none of AES-GMAC, whose nonces would be those of other
// connections: all bindings are signed by one key, and message ids begin anew.
func (s *Session) addChannels(ctx context.Context, first *session) {
	n := &first.conn.negotiated
	if !first.settings.multiChannel || n.dialect != smb2.Dialect311 || n.serverCaps&smb2.CapMultiChannel == 0 ||
		n.algorithm == smb2.SigningAESGMAC || !first.proved() {
		return
	}
	list, err := first.interfaces(ctx)
	if err != nil {
		first.conn.log.Info("the server does not tell its addresses", "server", first.conn.server, "err", err)
		return
	}
	for _, address := range first.addresses(list) {
		ch, err := s.dialChannel(ctx, first, address)
		if err != nil {
			first.conn.log.Info("no further channel", "server", first.conn.server, "address", address, "err", err)
			continue
		}
		s.enter(first, ch, address)
	}
}

// interfaces asks for the server's addresses. [MS-SMB2] 3.2.4.20.10.
func (s *session) interfaces(ctx context.Context) ([]smb2.NetworkInterface, error) {
	t, err := s.treeConnect(ctx, "IPC$")
	if err != nil {
		return nil, err
	}
	defer s.conn.post(t.request(&smb2.TreeDisconnectRequest{}))
	out, err := t.ioctl(ctx, fscc.FSCTLQueryNetworkInterfaceInfo, smb2.RelatedFileID, nil)
	if err != nil {
		return nil, err
	}
	var info smb2.NetworkInterfaceInfo
	if err := info.Decode(out); err != nil {
		return nil, s.conn.broken(violation("3.2.5.14.11", "%v", err))
	}
	return info.Interfaces, nil
}

// addresses are those to connect to, but for the connection that there is: of
// the fastest interfaces, several times where one has several queues.
func (s *session) addresses(list []smb2.NetworkInterface) []string {
	var fastest uint64
	for _, i := range list {
		if i.Address.IsValid() {
			fastest = max(fastest, i.LinkSpeed)
		}
	}
	var chosen []string
	seen := make(map[uint32]bool)
	for _, i := range list {
		if !i.Address.IsValid() || i.Address.IsUnspecified() || i.Address.IsMulticast() || i.LinkSpeed != fastest || seen[i.IfIndex] {
			continue
		}
		seen[i.IfIndex] = true
		count := 1
		if i.Capability&smb2.RSSCapable != 0 {
			count = s.settings.perInterface
		}
		for range count {
			chosen = append(chosen, i.Address.String())
		}
	}
	if i := slices.Index(chosen, s.conn.remote); i > 0 {
		chosen[0], chosen[i] = chosen[i], chosen[0]
	}
	if len(chosen) == 0 {
		return nil
	}
	return chosen[1:min(len(chosen), s.settings.perServer)]
}

// dialChannel connects to address and binds first to the connection.
func (s *Session) dialChannel(ctx context.Context, first *session, address string) (*session, error) {
	nc, err := s.dialer.connect(ctx, address, s.port)
	if err != nil {
		return nil, err
	}
	c, _, err := s.dialer.negotiate(ctx, nc, first.conn.server, first.conn.negotiated.clientGUID)
	if err != nil {
		return nil, err
	}
	ch, err := first.bind(ctx, s.dialer, c)
	if err != nil {
		c.close()
		return nil, err
	}
	return ch, nil
}

// remoteHost is the address of nc's other end, without port; "" if it has none.
func remoteHost(nc net.Conn) string {
	if nc.RemoteAddr() == nil {
		return ""
	}
	host, _, _ := net.SplitHostPort(nc.RemoteAddr().String())
	return host
}

// alike tells how n differs from what a further connection of a session must
// have in common with the first one; nil if in nothing. [MS-SMB2] 3.3.5.5.
func (n *negotiated) alike(first *negotiated) error {
	switch {
	case n.serverGUID != first.serverGUID:
		return fmt.Errorf("another server answers there")
	case n.dialect != first.dialect, n.cipher != first.cipher, n.algorithm == smb2.SigningAESGMAC:
		return fmt.Errorf("it speaks %v with %v and %v there, and here %v with %v and %v",
			n.dialect, n.cipher, n.algorithm, first.dialect, first.cipher, first.algorithm)
	}
	return nil
}
