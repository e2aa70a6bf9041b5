package bufpool_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/invariants"
)

func TestPayloadOfAPowerOfTwoFitsItsOwnClassWithItsHeaders(t *testing.T) {
	const headers = 4 + 52 + 64 + 16 // framing, transform header, header, body of a READ response
	for shift := 9; shift <= 23; shift++ {
		n := headers + 1<<shift
		if got, want := bufpool.Cap(n), 1<<shift+bufpool.HeaderRoom; got != want {
			t.Errorf("Cap(%d + 2^%d) = %d, want %d", headers, shift, got, want)
		}
	}
}

func TestCapIsTheSmallestClassThatHoldsTheBuffer(t *testing.T) {
	for _, c := range []struct{ n, want int }{
		{0, 768},
		{1, 768},
		{768, 768},
		{769, 1280},
		{1280, 1280},
		{1281, 2304},
		{64<<10 + 256, 64<<10 + 256},
		{64<<10 + 257, 128<<10 + 256},
		{bufpool.Largest, 8<<20 + 256},
		{bufpool.Largest + 1, bufpool.Largest + 1},
		{16<<20 - 1, 16<<20 - 1},
	} {
		if got := bufpool.Cap(c.n); got != c.want {
			t.Errorf("Cap(%d) = %d, want %d", c.n, got, c.want)
		}
	}
}

func TestGetGivesTheLengthAskedForAndRoomToGrow(t *testing.T) {
	for _, n := range []int{0, 1, 767, 768, 769, 4096, 1 << 20, bufpool.Largest, bufpool.Largest + 1} {
		b := bufpool.Get(n)
		if len(b.B) != n || cap(b.B) != bufpool.Cap(n) {
			t.Errorf("Get(%d): len %d cap %d, want %d and %d", n, len(b.B), cap(b.B), n, bufpool.Cap(n))
		}
		b.B = append(b.B[:n/2], 1) // a holder may reslice
		b.Release()
	}
}

func TestBufferLivesUntilItsLastHolderReleasesIt(t *testing.T) {
	b := bufpool.Get(100)
	b.Retain()
	copy(b.B, "still here")
	b.Release()
	if got := string(b.B[:10]); got != "still here" {
		t.Errorf("after one of two releases the buffer holds %q", got)
	}
	b.Release()
}

func TestReleasingTwicePanics(t *testing.T) {
	b := bufpool.Get(100)
	b.Release()
	mustPanic(t, "released twice", b.Release)
}

func TestRetainingAfterReleasePanics(t *testing.T) {
	b := bufpool.Get(100)
	b.Release()
	mustPanic(t, "retained after its release", b.Retain)
}

func TestReleasedBufferIsPoisonedUnderInvariants(t *testing.T) {
	needInvariants(t)
	b := bufpool.Get(2000)
	alias := b.B[10:20]
	copy(alias, "secret")
	b.Release()
	if b.B != nil {
		t.Errorf("a released Buf still offers %d bytes", len(b.B))
	}
	for i, c := range alias {
		if c != bufpool.Poison {
			t.Fatalf("byte %d of a released buffer is %#x, want %#x", i, c, bufpool.Poison)
		}
	}
}

func TestWritingAfterReleaseIsCaughtAtTheNextLoan(t *testing.T) {
	needInvariants(t)
	// The pool may drop or hide a buffer, under the race detector at random:
	// try until the memory comes back.
	for range 1000 {
		b := bufpool.Get(3000)
		alias := b.B
		b.Release()
		alias[1234] = 'x'
		msg := panicOf(func() { bufpool.Get(3000).Release() })
		alias[1234] = bufpool.Poison
		if msg != nil {
			if !strings.Contains(fmt.Sprint(msg), "written to after its release") {
				t.Fatalf("unexpected panic: %v", msg)
			}
			return
		}
	}
	t.Fatal("a write after release went unnoticed 1000 times")
}

func TestLeakCheckNamesTheLineThatTookTheBuffer(t *testing.T) {
	needInvariants(t)
	var rec recorder
	before := bufpool.Outstanding()
	bufpool.LeakCheck(&rec)
	kept, returned := bufpool.Get(10), bufpool.Get(10)
	returned.Release()
	rec.finish()
	if len(rec.errors) != 1 || !strings.Contains(rec.errors[0], "bufpool_test.go") || !strings.Contains(rec.errors[0], "768 bytes") {
		t.Errorf("LeakCheck reported %q, want one error that names bufpool_test.go and 768 bytes", rec.errors)
	}
	kept.Release()

	rec = recorder{}
	bufpool.LeakCheck(&rec)
	bufpool.Get(10).Release()
	rec.finish()
	if len(rec.errors) != 0 {
		t.Errorf("LeakCheck without a leak reported %q", rec.errors)
	}
	if got := bufpool.Outstanding(); got != before {
		t.Errorf("Outstanding() = %d, want %d as before", got, before)
	}
}

func TestOutstandingBytesCountsTheMemoryOfTheClass(t *testing.T) {
	needInvariants(t)
	before := bufpool.OutstandingBytes()
	b := bufpool.Get(5000)
	if got := bufpool.OutstandingBytes() - before; got != 8192+256 {
		t.Errorf("a loan of 5000 bytes counts %d, want %d", got, 8192+256)
	}
	b.Release()
	if got := bufpool.OutstandingBytes(); got != before {
		t.Errorf("after the release %d bytes are on loan, want %d", got, before)
	}
}

func TestConcurrentHoldersNeverShareMemory(t *testing.T) {
	bufpool.LeakCheck(t)
	var wg sync.WaitGroup
	for id := range byte(8) {
		wg.Go(func() {
			for i := range 500 {
				b := bufpool.Get(600 + i)
				for j := range b.B {
					b.B[j] = id
				}
				b.Retain()
				wg.Go(func() {
					defer b.Release()
					for j, c := range b.B {
						if c != id {
							t.Errorf("byte %d written by %d reads %d", j, id, c)
							return
						}
					}
				})
				b.Release()
			}
		})
	}
	wg.Wait()
}

func BenchmarkGetRelease(b *testing.B) {
	for _, n := range []int{200, 4<<10 + 136, 64<<10 + 136, 1<<20 + 136} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					bufpool.Get(n).Release()
				}
			})
		})
	}
}

// recorder is a test that can be ended by hand.
type recorder struct {
	cleanups []func()
	errors   []string
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) finish() {
	for _, f := range r.cleanups {
		f()
	}
}

func needInvariants(t *testing.T) {
	t.Helper()
	if !invariants.Enabled {
		t.Skip("needs -race or -tags invariants")
	}
}

func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	if got := fmt.Sprint(panicOf(f)); !strings.Contains(got, want) {
		t.Errorf("got panic %q, want one that says %q", got, want)
	}
}

func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}
