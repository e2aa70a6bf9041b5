package store

import "testing"

func TestARevisionIsUntoldUntilItIsMarked(t *testing.T) {
	s, _ := newStore(t)
	for base, text := range []string{"a", "b", "c"} {
		commit(t, s, uint64(base), set("server.X", value(text)))
	}
	want := func(numbers ...uint64) {
		t.Helper()
		list, err := s.Untold(t.Context())
		if err != nil || len(list) != len(numbers) {
			t.Fatalf("Untold = %+v, %v; want %v", list, err, numbers)
		}
		for i, r := range list {
			if r.Number != numbers[i] || len(r.Changes) != 1 {
				t.Errorf("Untold[%d] = %+v, want revision %d with its change", i, r, numbers[i])
			}
		}
	}
	want(1, 2, 3)
	for _, number := range []uint64{2, 1} { // it never goes back
		if err := s.MarkTold(t.Context(), number); err != nil {
			t.Fatal(err)
		}
		want(3)
	}
	if err := s.MarkTold(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	want()
}
