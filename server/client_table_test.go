package server

import (
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
)

// from returns a connection of a client whose address ends with n.
func from(n byte) *connection {
	return &connection{client: clientAddrOf(&net.TCPAddr{IP: net.IPv4(10, 0, 0, n)})}
}

// roomy are limits that no test reaches.
var roomy = connectionLimits{all: 1000, each: 1000, pending: 1000, pendingOfEach: 1000}

// fill enters n connections of one client, the oldest first.
func fill(t *testing.T, table *clientTable, client byte, n int) []*connection {
	t.Helper()
	var all []*connection
	for range n {
		c := from(client)
		if victims, ok := table.enter(c, roomy); !ok || len(victims) > 0 {
			t.Fatalf("%d victims, room %v", len(victims), ok)
		}
		all = append(all, c)
	}
	return all
}

func TestTheOldestHalfOpenConnectionOfWhoHasMostMakesRoom(t *testing.T) {
	table := newClientTable()
	few := fill(t, table, 1, 2)
	many := fill(t, table, 2, 5)
	some := fill(t, table, 3, 4)
	limits := roomy
	limits.pending = 11
	var got []*connection
	for range 3 {
		victims, ok := table.enter(from(9), limits)
		if !ok {
			t.Fatal("no room")
		}
		got = append(got, victims...)
	}
	// At first 2 has most, with five; of those with four, 3 had them before.
	if want := []*connection{many[0], some[0], many[1]}; !slices.Equal(got, want) {
		t.Errorf("made room: %v, want %v", got, want)
	}
	for _, c := range few {
		if c.entry.client == nil {
			t.Error("a client with two connections lost one")
		}
	}
	if table.pending != limits.pending {
		t.Errorf("%d half-open connections, want %d", table.pending, limits.pending)
	}
}

func TestAClientMakesRoomForItself(t *testing.T) {
	for what, limits := range map[string]connectionLimits{
		"connections":           {all: 1000, each: 3, pending: 1000, pendingOfEach: 1000},
		"half-open connections": {all: 1000, each: 1000, pending: 1000, pendingOfEach: 3},
	} {
		table := newClientTable()
		fill(t, table, 1, 10)
		own := fill(t, table, 2, 3)
		victims, ok := table.enter(from(2), limits)
		if !ok || len(victims) != 1 || victims[0] != own[0] {
			t.Errorf("too many %s: victims %v, room %v, want the client's oldest", what, victims, ok)
		}
	}
}

func TestSignedInConnectionsAreNeverClosedForOthers(t *testing.T) {
	table := newClientTable()
	old := fill(t, table, 1, 3)
	for _, c := range old {
		if !table.settle(c) {
			t.Fatal("not in the table")
		}
	}
	limits := roomy
	limits.each = 3
	if victims, ok := table.enter(from(1), limits); ok || len(victims) > 0 {
		t.Errorf("a fourth of three: victims %v, room %v", victims, ok)
	}
	limits = roomy
	limits.all = 4
	if victims, ok := table.enter(from(2), limits); !ok || len(victims) > 0 {
		t.Errorf("another client, with a quarter left: victims %v, room %v", victims, ok)
	}
	if victims, ok := table.enter(from(3), limits); !ok || len(victims) != 1 {
		t.Errorf("nothing left, one half-open: victims %v, room %v", victims, ok)
	}
}

func TestTheLastQuarterOfConnectionsIsForClientsWithFew(t *testing.T) {
	table := newClientTable()
	limits := connectionLimits{all: 64, each: 64, pending: 64, pendingOfEach: 64}
	taken := 0
	for ; ; taken++ {
		c := from(1)
		if _, ok := table.enter(c, limits); !ok {
			break
		}
		table.settle(c)
	}
	if taken != 48 {
		t.Errorf("one client signs in on %d of 64 connections, want 48", taken)
	}
	for range 4 {
		c := from(2)
		if _, ok := table.enter(c, limits); !ok {
			t.Error("no room for another client")
		}
		table.settle(c)
	}
	if _, ok := table.enter(from(2), limits); ok {
		t.Error("the last quarter gives a client more than a sixteenth")
	}
}

func TestAddressesAreToldApartByNetwork(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"10.0.0.1", "10.0.0.1", true},
		{"10.0.0.1", "10.0.0.2", false},
		{"::ffff:10.0.0.1", "10.0.0.1", true},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::2", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
	} {
		a, b := clientAddrOf(&net.TCPAddr{IP: net.ParseIP(c.a), Port: 1}), clientAddrOf(&net.TCPAddr{IP: net.ParseIP(c.b), Port: 2})
		if (a == b) != c.same || a == (clientAddr{}) {
			t.Errorf("%s and %s: %v and %v, want the same: %v", c.a, c.b, a, b, c.same)
		}
	}
}

// TestTheTableAgreesWithOneThatLooksAtEverything compares the table with a
// list that is searched, over a random history.
func TestTheTableAgreesWithOneThatLooksAtEverything(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	table := newClientTable()
	limits := connectionLimits{all: 40, each: 15, pending: 20, pendingOfEach: 8}
	signedIn := map[*connection]bool{} // of all that are in
	for range 20000 {
		switch random.IntN(4) {
		case 0, 1:
			c := from(byte(random.IntN(6)))
			count := func(who *clientAddr, pending bool) (n int) {
				for other, settled := range signedIn {
					if (who == nil || other.client == *who) && (!pending || !settled) {
						n++
					}
				}
				return n
			}
			most := 0
			for other := range signedIn {
				most = max(most, count(&other.client, true))
			}
			before := count(nil, true)
			victims, ok := table.enter(c, limits)
			for _, v := range victims {
				if settled, in := signedIn[v]; settled || !in {
					t.Fatalf("victim signed in %v, in the table %v", settled, in)
				}
				if n := count(&v.client, true); v.client != c.client && n != most {
					t.Fatalf("the victim's client has %d half-open connections, another %d", n, most)
				}
				delete(signedIn, v)
			}
			if !ok {
				continue
			}
			signedIn[c] = false
			if count(nil, false) > limits.all || count(&c.client, false) > limits.each ||
				count(nil, true) > limits.pending || count(&c.client, true) > limits.pendingOfEach {
				t.Fatalf("above a limit; %d were half-open before", before)
			}
		case 2:
			for c := range signedIn {
				table.settle(c)
				signedIn[c] = true
				break
			}
		default:
			for c := range signedIn {
				table.remove(c)
				delete(signedIn, c)
				break
			}
		}
	}
	for c := range signedIn {
		table.remove(c)
	}
	if table.all != 0 || table.pending != 0 || table.most != 0 || len(table.clients) != 0 {
		t.Errorf("left: %d connections, %d half-open, most %d, %d clients", table.all, table.pending, table.most, len(table.clients))
	}
}

// BenchmarkEnter lets a client in where another makes room for it.
func BenchmarkEnter(b *testing.B) {
	for _, n := range []int{100, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			table := newClientTable()
			limits := connectionLimits{all: 1 << 20, each: 1 << 20, pending: n, pendingOfEach: n}
			for i := range n {
				table.enter(from(byte(i)), limits)
			}
			b.ReportAllocs()
			for b.Loop() {
				table.enter(from(255), limits)
			}
		})
	}
}
