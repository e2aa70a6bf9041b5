package fsa_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
)

// common is how two ranges of a handful of bytes overlap, told by looking at
// each byte: they share one, or one of them is empty and lies between two
// bytes of the other. [MS-FSA] 2.1.4.10.
func common(a, b fsa.LockRequest) bool {
	covers := func(r fsa.LockRequest, at uint64) bool { return at >= r.Offset && at < r.Offset+r.Length }
	between := func(empty, r fsa.LockRequest) bool {
		return empty.Length == 0 && empty.Offset > 0 && covers(r, empty.Offset-1) && covers(r, empty.Offset)
	}
	for at := range uint64(10) {
		if covers(a, at) && covers(b, at) {
			return true
		}
	}
	return between(a, b) || between(b, a)
}

// forEachRange calls f with every range of up to four bytes at the offsets 0
// to 4, locked shared and exclusively.
func forEachRange(f func(fsa.LockRequest)) {
	for off := range uint64(5) {
		for length := range uint64(5) {
			f(fsa.LockRequest{Offset: off, Length: length})
			f(fsa.LockRequest{Offset: off, Length: length, Exclusive: true})
		}
	}
}

func TestLocksAreInTheWayOfWhatOverlaps(t *testing.T) {
	f := newFixture(t)
	f.write("file", "0123456789")
	owner, other := f.open(request("file")), f.open(request("file"))
	defer f.close(owner)
	defer f.close(other)
	verdict := func(refused bool, status ntstatus.Status) error {
		if refused {
			return status
		}
		return nil
	}
	try := func(held, r fsa.LockRequest, who *fsa.Handle) {
		check := func(what string, got, want error) {
			if got != want {
				t.Errorf("%+v is held; %s %+v by its owner %v: got %v, want %v", held, what, r, who == owner, got, want)
			}
		}
		if err := owner.TryLock(held); err != nil {
			t.Fatalf("first lock %+v: %v", held, err)
		}
		overlap, another := common(held, r), who == other

		p := make([]byte, r.Length)
		_, err := who.ReadAt(t.Context(), p, r.Offset)
		check("read", err, verdict(len(p) > 0 && overlap && held.Exclusive && another, ntstatus.FileLockConflict))
		_, err = who.WriteAt(t.Context(), p, r.Offset, false)
		check("write", err, verdict(len(p) > 0 && overlap && (!held.Exclusive || another), ntstatus.FileLockConflict))

		err = who.TryLock(r)
		check("lock", err, verdict(overlap && (r.Exclusive || held.Exclusive && another), ntstatus.LockNotGranted))
		if err == nil {
			check("unlock", who.Unlock(r.Offset, r.Length), nil)
		}
		check("unlock the first after", owner.Unlock(held.Offset, held.Length), nil)
		check("unlock it once more after", owner.Unlock(held.Offset, held.Length), ntstatus.RangeNotLocked)
	}
	forEachRange(func(held fsa.LockRequest) {
		forEachRange(func(r fsa.LockRequest) {
			try(held, r, owner)
			try(held, r, other)
		})
	})
}

func TestLocksOfOverlappingSharesMeet(t *testing.T) {
	f := newFixture(t)
	f.make("file")
	other := f.mount()
	defer other.Unmount()
	a := f.open(request("file"))
	b, _, err := other.Open(t.Context(), request("file"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.TryLock(fsa.LockRequest{Length: 1, Exclusive: true}); err != nil {
		t.Fatal(err)
	}
	if err := b.TryLock(fsa.LockRequest{Length: 1}); err != ntstatus.LockNotGranted {
		t.Errorf("lock through the other share: got %v", err)
	}
	f.close(a)
	if err := b.TryLock(fsa.LockRequest{Length: 1}); err != nil {
		t.Errorf("lock after the first was closed: %v", err)
	}
	f.close(b)
}

// lockOrGiveUp locks r, or withdraws soon after it asked for it.
func lockOrGiveUp(h *fsa.Handle, r fsa.LockRequest, giveUp bool) (granted bool, err error) {
	pending, err := h.Lock(r)
	if pending == nil {
		return err == nil, err
	}
	if giveUp {
		runtime.Gosched()
		return !pending.Withdraw(), nil
	}
	<-pending.Granted()
	return true, nil
}

// TestExclusiveLocksExclude lets eight clients fight for overlapping ranges,
// give up now and then, and close while others wait. Who holds a range finds
// its bytes used by nobody else, and everybody comes to an end.
func TestExclusiveLocksExclude(t *testing.T) {
	f := newFixture(t)
	f.make("file")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	const bytes, rounds = 8, 400
	var users [bytes]struct { // of each byte; guarded by nothing but the locks
		exclusive *fsa.Handle
		mu        sync.Mutex // guards shared
		shared    int
	}
	var clients sync.WaitGroup
	for i := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, i))
		clients.Go(func() {
			for range rounds {
				h, _, err := f.volume.Open(t.Context(), request("file"))
				if err != nil {
					t.Error(err)
					return
				}
				first := random.IntN(bytes)
				n := 1 + random.IntN(bytes-first)
				r := fsa.LockRequest{Offset: uint64(first), Length: uint64(n), Exclusive: random.IntN(2) == 0}
				granted, err := lockOrGiveUp(h, r, random.IntN(4) == 0)
				if err != nil {
					t.Errorf("lock: %v", err)
				}
				if granted {
					for b := first; b < first+n; b++ {
						u := &users[b]
						if u.exclusive != nil {
							t.Errorf("byte %d is in exclusive use", b)
						}
						if r.Exclusive {
							u.exclusive = h
							continue
						}
						u.mu.Lock()
						u.shared++
						u.mu.Unlock()
					}
					runtime.Gosched()
					for b := first; b < first+n; b++ {
						u := &users[b]
						if r.Exclusive {
							if u.exclusive != h || u.shared != 0 {
								t.Errorf("byte %d is used beside its exclusive user", b)
							}
							u.exclusive = nil
							continue
						}
						u.mu.Lock()
						u.shared--
						u.mu.Unlock()
					}
					if random.IntN(2) == 0 {
						if err := h.Unlock(r.Offset, r.Length); err != nil {
							t.Errorf("unlock: %v", err)
						}
					}
				}
				f.close(h)
			}
		})
	}
	clients.Wait()
	h := f.open(request("file"))
	defer f.close(h)
	if err := h.TryLock(fsa.LockRequest{Length: bytes, Exclusive: true}); err != nil {
		t.Errorf("with all handles closed: %v", err)
	}
}

// BenchmarkReadWithLocks reads a byte of a file on which another handle holds
// n locks elsewhere.
func BenchmarkReadWithLocks(b *testing.B) {
	for _, n := range []int{0, 1, 100, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			v := benchVolume(b, "file")
			reader, _, err := v.Open(b.Context(), request("file"))
			if err != nil {
				b.Fatal(err)
			}
			owner, _, err := v.Open(b.Context(), request("file"))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := reader.WriteAt(b.Context(), []byte("x"), 0, false); err != nil {
				b.Fatal(err)
			}
			for i := range n {
				if err := owner.TryLock(fsa.LockRequest{Offset: uint64(10 + 2*i), Length: 1, Exclusive: true}); err != nil {
					b.Fatal(err)
				}
			}
			p := make([]byte, 1)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := reader.ReadAt(b.Context(), p, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLockUnlock locks and unlocks one byte while n others are locked.
func BenchmarkLockUnlock(b *testing.B) {
	for _, n := range []int{0, 100, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			v := benchVolume(b, "file")
			h, _, err := v.Open(b.Context(), request("file"))
			if err != nil {
				b.Fatal(err)
			}
			for i := range n {
				if err := h.TryLock(fsa.LockRequest{Offset: uint64(10 + 2*i), Length: 1, Exclusive: true}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := h.TryLock(fsa.LockRequest{Length: 1, Exclusive: true}); err != nil {
					b.Fatal(err)
				}
				if err := h.Unlock(0, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
