package server

import (
	"container/list"
	"errors"
	"net"
	"net/netip"
	"sync"
)

// Why a connection is closed before its time.
var (
	errEvicted = errors.New("too many connections on which nobody has signed in")
	errCrowded = errors.New("too many connections")
	errMemory  = errors.New("holds most while the server is out of memory")
)

// clientAddr tells clients apart when it is about who takes how much: by IPv4
// address, or IPv6 network of 64 bits, of which everybody has a whole one. The
// zero value stands for all that have no address.
type clientAddr struct{ prefix netip.Prefix }

func clientAddrOf(a net.Addr) clientAddr {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return clientAddr{}
	}
	ip, ok := netip.AddrFromSlice(tcp.IP)
	if !ok {
		return clientAddr{}
	}
	ip = ip.Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return clientAddr{}
	}
	return clientAddr{p}
}

// String is the address or network, as logs show it.
func (a clientAddr) String() string {
	switch {
	case !a.prefix.IsValid():
		return "unknown"
	case a.prefix.IsSingleIP():
		return a.prefix.Addr().String()
	default:
		return a.prefix.String()
	}
}

// connectionLimits bound a clientTable.
type connectionLimits struct {
	all, each              int // connections: of all clients, of one address
	pending, pendingOfEach int // of those, the ones on which nobody has signed in
}

// clientTable counts connections by address, and chooses which to close when
// there are too many. All it does takes the same time however many there are.
// Safe for concurrent use; its lock is a leaf.
//
// The victim is always a connection on which nobody has signed in, the oldest
// of the address with most of those: whoever signs in at once is never the
// oldest for long, and whoever floods from one address makes room for the
// others.
type clientTable struct {
	mu      sync.Mutex
	all     int
	pending int
	clients map[clientAddr]*client
	// crowds[n] holds the clients with n pending connections, n > 0, in the order
	// in which they came to have so many; most is the largest n, or 0.
	crowds []*list.List
	most   int
}

// client is what one address has. Guarded by clientTable.mu.
type client struct {
	addr    clientAddr
	all     int
	pending list.List     // of *connection, the oldest first
	place   *list.Element // in crowds; nil without pending ones
}

// tableEntry is a connection's place in the table. Guarded by clientTable.mu.
type tableEntry struct {
	client  *client
	pending *list.Element // in client.pending; nil once somebody has signed in
}

func newClientTable() *clientTable {
	return &clientTable{clients: make(map[clientAddr]*client)}
}

// enter takes c in, and returns those that the caller must close for it. It
// reports false if there is no room for c.
func (t *clientTable) enter(c *connection, l connectionLimits) (victims []*connection, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.clients[c.client]
	if own == nil {
		own = &client{addr: c.client}
	}
	for {
		var from *client
		switch {
		case own.all >= l.each, own.pending.Len() >= l.pendingOfEach,
			t.all >= l.all-l.all/4 && own.all >= max(l.all/16, 1): // as quota.take
			from = own
		case t.all >= l.all, t.pending >= l.pending:
			from = t.crowd()
		default:
			t.clients[c.client] = own
			own.all++
			t.all++
			c.entry.client = own
			c.entry.pending = own.pending.PushBack(c)
			t.moved(own, +1)
			return victims, true
		}
		if from == nil || from.pending.Len() == 0 {
			return victims, false
		}
		victim := from.pending.Front().Value.(*connection)
		victims = append(victims, victim)
		t.removeLocked(victim)
	}
}

// crowd is a client with more pending connections than any other, or nil.
func (t *clientTable) crowd() *client {
	if t.most == 0 {
		return nil
	}
	return t.crowds[t.most].Front().Value.(*client)
}

// moved notes that c has n pending connections more, 1 or -1. It needs mu.
func (t *clientTable) moved(c *client, n int) {
	t.pending += n
	if c.place != nil {
		t.crowds[c.pending.Len()-n].Remove(c.place)
		c.place = nil
	}
	if k := c.pending.Len(); k > 0 {
		for len(t.crowds) <= k {
			t.crowds = append(t.crowds, list.New())
		}
		c.place = t.crowds[k].PushBack(c)
		t.most = max(t.most, k)
	}
	for t.most > 0 && t.crowds[t.most].Len() == 0 {
		t.most--
	}
}

// counts returns how many connections there are, and on how many of them nobody
// has signed in.
func (t *clientTable) counts() (all, pending int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all, t.pending
}

// settle notes that somebody has signed in on c. It reports false if c has left
// the table: it is being closed.
func (t *clientTable) settle(c *connection) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.entry.client == nil {
		return false
	}
	t.settleLocked(c)
	return true
}

func (t *clientTable) settleLocked(c *connection) {
	e := &c.entry
	if e.pending != nil {
		e.client.pending.Remove(e.pending)
		e.pending = nil
		t.moved(e.client, -1)
	}
}

// remove takes c out of the table, if it is there.
func (t *clientTable) remove(c *connection) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.removeLocked(c)
}

func (t *clientTable) removeLocked(c *connection) {
	own := c.entry.client
	if own == nil {
		return
	}
	t.settleLocked(c)
	c.entry.client = nil
	own.all--
	t.all--
	if own.all == 0 {
		delete(t.clients, own.addr)
	}
}
