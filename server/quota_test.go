package server

import (
	"net"
	"testing"
)

func TestTheLastQuarterOfAQuotaIsForClientsWithFew(t *testing.T) {
	q := newQuota()
	greedy, modest := from(1).client, from(2).client
	taken := 0
	for q.take(greedy, 64, 1000) == quotaTaken {
		taken++
	}
	if taken != 48 {
		t.Errorf("one client takes %d of 64, want 48", taken)
	}
	for i := range 4 {
		if got := q.take(modest, 64, 1000); got != quotaTaken {
			t.Errorf("another client, number %d: verdict %v", i, got)
		}
	}
	if got := q.take(modest, 64, 1000); got != quotaExhausted {
		t.Errorf("more than a sixteenth out of the last quarter: verdict %v", got)
	}
	for i := range byte(12) {
		if got := q.take(from(10+i).client, 64, 1000); got != quotaTaken {
			t.Errorf("client %d: verdict %v", i, got)
		}
	}
	if got := q.take(from(100).client, 64, 1000); got != quotaExhausted {
		t.Errorf("with nothing left: verdict %v", got)
	}
}

func TestAQuotaHoldsEachClientToItsOwnLimit(t *testing.T) {
	q := newQuota()
	who, other := clientAddrOf(&net.TCPAddr{IP: net.IPv6loopback}), clientAddr{}
	for range 3 {
		if got := q.take(who, 1000, 3); got != quotaTaken {
			t.Fatalf("verdict %v", got)
		}
	}
	if got := q.take(who, 1000, 3); got != quotaClientFull {
		t.Errorf("a fourth: verdict %v", got)
	}
	if got := q.take(other, 1000, 3); got != quotaTaken {
		t.Errorf("another client: verdict %v", got)
	}
	q.giveBack(who)
	if got := q.take(who, 1000, 3); got != quotaTaken {
		t.Errorf("after one was given back: verdict %v", got)
	}
	for range 3 {
		q.giveBack(who)
	}
	q.giveBack(other)
	if q.all != 0 || len(q.clients) != 0 {
		t.Errorf("all given back: %d are counted, for %d clients", q.all, len(q.clients))
	}
}
