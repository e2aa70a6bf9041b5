package journal

import (
	"fmt"
	"path/filepath"
	"testing"
)

// Whoever has one IPv6 address has 2^64 of them.
func TestANetworkOf64BitsIsOneClient(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	j := open(t, path, Options{})
	for i := range 1000 {
		j.Record(refused(fmt.Sprintf("[2001:db8:0:1:%x::%x]:445", i, i+1), "ann"))
		j.Record(refused("[2001:db8:0:2::1]:445", "ann"))
		j.Record(refused(fmt.Sprintf("[fe80::%x%%eth0]:445", i+1), "ann"))
		j.Record(refused(fmt.Sprintf("[::ffff:192.0.2.%d]:445", i%2), "ann"))
	}
	closed(t, j)
	for _, want := range []struct {
		filter, client string
		count          int // of the record of what was not written at once
	}{
		{"2001:db8:0:1::/64", "2001:db8:0:1::/64", 999},
		{"2001:db8:0:1:5::5", "2001:db8:0:1::/64", 999}, // in the network that the record stands for
		{"2001:db8:0:2::1", "[2001:db8:0:2::1]:445", 999},
		{"fe80::/64", "fe80::/64", 999},
	} {
		got := all(t, path, Filter{Client: want.filter})
		if len(got) == 0 || got[len(got)-1].Client != want.client || got[len(got)-1].Count != want.count {
			t.Errorf("of %s: %+v, want the last for %d of %s", want.filter, got, want.count, want.client)
		}
		if len(got) > 2 {
			t.Errorf("of %s: %d records, want 2 at most", want.filter, len(got))
		}
	}
	if got := all(t, path, Filter{}); len(got) != 2*5 {
		t.Errorf("%d records, want the first and the rest of three networks and of two IPv4 addresses", len(got))
	}
}

func TestClientsAreToldApartByAddressOrNetwork(t *testing.T) {
	for peer, want := range map[string]string{
		"192.0.2.1:445":                "192.0.2.1",
		"192.0.2.1":                    "192.0.2.1",
		"[::ffff:192.0.2.1]:445":       "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:445":   "2001:db8:1:2::/64",
		"[fe80::1%eth0]:445":           "fe80::/64",
		"2001:db8::1":                  "2001:db8::/64",
		"pipe":                         "pipe",
		"":                             "",
		"[not an address]:445":         "not an address",
		"[2001:db8:1:2:ffff::]:123456": "2001:db8:1:2::/64",
	} {
		if got := clientOf(peer); got != want {
			t.Errorf("clientOf(%q) = %q, want %q", peer, got, want)
		}
	}
}
