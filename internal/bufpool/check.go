package bufpool

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/signet-smb/signet/internal/invariants"
)

// Poison is what every byte of a released buffer becomes under invariants.
const Poison = 0xDB

// loan is where and when one buffer was taken.
type loan struct {
	serial uint64     // order of taking
	size   int        // bytes of memory
	caller [8]uintptr // program counters, from the caller of Get outwards
}

// ledger is every buffer on loan. It is kept only under invariants. Safe for
// concurrent use.
type ledger struct {
	mu     sync.Mutex
	serial uint64 // of the last loan
	bytes  int    // memory on loan
	loans  map[*Buf]loan
}

var books = ledger{loans: make(map[*Buf]loan)}

// Outstanding is how many buffers are on loan; always 0 unless
// [invariants.Enabled].
func Outstanding() int {
	books.mu.Lock()
	defer books.mu.Unlock()
	return len(books.loans)
}

// OutstandingBytes is how much memory is on loan, in bytes, by the size of the
// classes; always 0 unless [invariants.Enabled].
func OutstandingBytes() int {
	books.mu.Lock()
	defer books.mu.Unlock()
	return books.bytes
}

// TB is the part of testing.TB that [LeakCheck] needs, so that production code
// does not link the testing package.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
}

// LeakCheck makes t fail if a buffer taken from now on is still on loan when
// the test and its later clean-ups have ended. The ledger is of the process:
// do not use it in tests that run in parallel with others. It does nothing
// unless [invariants.Enabled].
func LeakCheck(t TB) {
	t.Helper()
	if !invariants.Enabled {
		return
	}
	books.mu.Lock()
	start := books.serial
	books.mu.Unlock()
	t.Cleanup(func() {
		t.Helper()
		for _, l := range books.since(start) {
			t.Errorf("buffer of %d bytes was never released; it was taken at\n%s", l.size, l.trace())
		}
	})
}

// since lists the loans taken after the one numbered start, oldest first.
func (l *ledger) since(start uint64) []loan {
	l.mu.Lock()
	defer l.mu.Unlock()
	var late []loan
	for _, o := range l.loans {
		if o.serial > start {
			late = append(late, o)
		}
	}
	slices.SortFunc(late, func(a, b loan) int { return int(a.serial) - int(b.serial) })
	return late
}

func (l loan) trace() string {
	var s strings.Builder
	frames := runtime.CallersFrames(slices.DeleteFunc(l.caller[:], func(pc uintptr) bool { return pc == 0 }))
	for {
		f, more := frames.Next()
		fmt.Fprintf(&s, "\t%s\n\t\t%s:%d\n", f.Function, f.File, f.Line)
		if !more {
			return s.String()
		}
	}
}

// lent books a loan of n bytes to the caller of Get, after checking that
// nobody wrote to the memory while it lay in the pool.
func lent(b *Buf, n int) {
	if b.class != unpooled && !poisoned(b.mem) {
		panic(fmt.Sprintf("bufpool: a buffer of %d bytes was written to after its release", len(b.mem)))
	}
	o := loan{size: len(b.mem)}
	const skip = 3 // runtime.Callers, lent, Get
	runtime.Callers(skip, o.caller[:])
	invariants.Check(n <= len(b.mem), "class of %d bytes lent for %d", len(b.mem), n)

	books.mu.Lock()
	defer books.mu.Unlock()
	books.serial++
	o.serial = books.serial
	books.loans[b] = o
	books.bytes += o.size
}

// returned ends a loan: it poisons the memory, kills b for good and answers a
// new Buf that owns the memory.
func returned(b *Buf) *Buf {
	poison(b.mem)
	next := &Buf{mem: b.mem, class: b.class}
	b.B, b.mem = nil, nil

	books.mu.Lock()
	defer books.mu.Unlock()
	books.bytes -= books.loans[b].size
	delete(books.loans, b)
	return next
}

// poison overwrites p with [Poison].
func poison(p []byte) {
	p[0] = Poison
	for n := 1; n < len(p); n *= 2 { // doubling: fast even with the race detector on
		copy(p[n:], p[:n])
	}
}

// poisoned tells whether every byte of p is [Poison].
func poisoned(p []byte) bool {
	return p[0] == Poison && bytes.Equal(p[1:], p[:len(p)-1])
}
