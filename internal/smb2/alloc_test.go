//go:build !race

// Under the race detector a sync.Pool drops values at random.

package smb2

import "testing"

func TestReadAndWriteAllocateNothing(t *testing.T) {
	for _, name := range []string{"write_request", "write_response", "read_request", "close_request", "close_response", "flush_request"} {
		msg, want := vectorNamed(t, name), expected[name]
		m := messages[want.id()].new()
		if n := testing.AllocsPerRun(1000, func() {
			if err := Decode(msg, m); err != nil {
				t.Fatal(err)
			}
		}); n >= 1 {
			t.Errorf("decoding %s allocates %v times", name, n)
		}
		buf := make([]byte, HeaderSize, 1024)
		if n := testing.AllocsPerRun(1000, func() { Append(buf, want) }); n >= 1 {
			t.Errorf("encoding %s allocates %v times", name, n)
		}
	}
	chain := compound(8, vectorNamed(t, "read_request"), vectorNamed(t, "close_request"))
	if n := testing.AllocsPerRun(1000, func() {
		for e, err := range Chain(chain) {
			if err != nil || len(e.Message) == 0 {
				t.Fatal(err)
			}
		}
	}); n >= 1 {
		t.Errorf("splitting a chain allocates %v times", n)
	}
}
