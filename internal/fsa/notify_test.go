package fsa_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
)

// Who asks again and again is told of everything, in order, however requests
// and changes meet, and whether or not requests are given up on the way.
func TestNoChangeIsLostBetweenRequests(t *testing.T) {
	const makers, each = 4, 200
	f := newFixture(t)
	f.make(`d\`)
	dir := f.open(request("d"))
	// Of a first request that is given up, watching remains.
	ask := fsa.ChangesRequest{Filter: fscc.NotifyChangeFileName, Limit: maxKept}
	first, err := dir.Changes(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	if !first.Withdraw() {
		t.Fatal("the first request had an answer")
	}
	var running sync.WaitGroup
	for m := range makers {
		running.Go(func() {
			for i := range each {
				h, _, err := f.volume.Open(t.Context(), request(fmt.Sprintf(`d\%d-%d`, m, i), func(r *fsa.OpenRequest) {
					r.Disposition = fscc.DispositionCreate
				}))
				if err != nil {
					t.Error(err)
					return
				}
				h.Close(t.Context())
			}
		})
	}
	next := make([]int, makers)
	for seen := 0; seen < makers*each && !t.Failed(); {
		p, err := dir.Changes(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		if seen%3 == 0 && p.Withdraw() {
			if p, err = dir.Changes(t.Context(), ask); err != nil {
				t.Fatal(err)
			}
		}
		changes, err := p.Result()
		if err != nil {
			t.Fatalf("after %d changes: %v", seen, err)
		}
		for _, c := range changes {
			var m, i int
			if _, err := fmt.Sscanf(c.FileName, "%d-%d", &m, &i); err != nil || c.Action != fscc.NotifyAdded || i != next[m] {
				t.Fatalf("told of %+v, %v; want file %d of maker %d", c, err, next[m], m)
			}
			next[m]++
			seen++
		}
	}
	running.Wait()
	dir.Close(t.Context())
}

// maxKept is how many bytes of changes a Handle keeps.
const maxKept = 64 << 10

func TestWhatIsKeptIsBounded(t *testing.T) {
	f := newFixture(t)
	f.make(`d\`)
	dir := f.open(request("d"))
	defer dir.Close(t.Context())
	ask := fsa.ChangesRequest{Filter: fscc.NotifyChangeFileName, Limit: 1 << 30}
	p, err := dir.Changes(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	p.Withdraw()
	long := strings.Repeat("n", 200)
	change := fscc.Change{FileName: long + "-000"}
	fit := maxKept / change.Size()
	told := func(files int, series string) ([]fscc.Change, error) {
		for i := range files {
			f.make(fmt.Sprintf(`d\%s%s%03d`, long, series, i))
		}
		p, err := dir.Changes(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		return p.Result()
	}
	if changes, err := told(fit, "-"); err != nil || len(changes) != fit {
		t.Errorf("told of %d changes, %v, want %d", len(changes), err, fit)
	}
	if changes, err := told(fit+1, "+"); err != ntstatus.NotifyEnumDir {
		t.Errorf("told of %d changes, %v, want %v", len(changes), err, ntstatus.NotifyEnumDir)
	}
	if changes, err := told(1, "="); err != nil || len(changes) != 1 {
		t.Errorf("told of %d changes, %v, afterwards, want 1", len(changes), err)
	}
}
