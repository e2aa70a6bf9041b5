package bufpool

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/signet-smb/signet/internal/invariants"
)

// HeaderRoom is how many bytes each class offers above its power of two:
// enough for the framing (4), a transform header (52) and the headers of a
// compound of two small messages.
const HeaderRoom = 256

// Largest is the biggest buffer, in bytes, that is recycled: 8 MiB, the
// largest I/O of [MS-SMB2], and its headers.
const Largest = 1<<maxShift + HeaderRoom

const (
	minShift = 9  // 512 B: a CREATE with a usual name and its contexts fits
	maxShift = 23 // 8 MiB
	unpooled = -1 // class of a buffer larger than Largest
)

// pools has one pool of *Buf per class. Safe for concurrent use.
var pools [maxShift - minShift + 1]sync.Pool

// Buf is one buffer on loan. Its bytes are not guarded: holders agree among
// themselves who writes. Retain and Release are safe for concurrent use.
type Buf struct {
	// B is the message, or the part of it that matters to the holder, who may
	// reslice it. [Get] sets it to the length asked for.
	B []byte

	mem   []byte // all of the memory; nil once a Buf is dead under invariants
	class int    // index into pools, or unpooled
	refs  atomic.Int32
}

// Get lends a buffer of n bytes, with arbitrary contents, held once. The
// caller has already compared n with a limit.
func Get(n int) *Buf {
	class := classOf(n)
	var b *Buf
	if class == unpooled {
		b = &Buf{mem: make([]byte, n), class: unpooled}
	} else if v := pools[class].Get(); v != nil {
		b = v.(*Buf)
	} else {
		b = &Buf{mem: make([]byte, classSize(class)), class: class}
		if invariants.Enabled {
			poison(b.mem)
		}
	}
	if invariants.Enabled {
		lent(b, n)
	}
	b.B = b.mem[:n]
	b.refs.Store(1)
	return b
}

// Retain adds a holder, who owes one [Buf.Release] of its own. The caller
// holds b.
func (b *Buf) Retain() {
	if b.refs.Add(1) <= 1 {
		panic("bufpool: buffer retained after its release")
	}
}

// Release ends the caller's hold. The last release returns the memory to the
// pool: neither b nor any slice of it may be used any more.
//
// A release without a hold panics. Only under invariants is that certain to be
// noticed: otherwise the Buf may be on loan again.
func (b *Buf) Release() {
	switch n := b.refs.Add(-1); {
	case n > 0:
		return
	case n < 0:
		// Going on would lend one memory to two clients.
		panic("bufpool: buffer released twice")
	}
	if invariants.Enabled {
		b = returned(b)
	}
	b.B = nil
	if b.class != unpooled {
		pools[b.class].Put(b)
	}
}

// Cap is how many bytes the memory of a buffer taken with Get(n) really has:
// what a holder must count who bounds memory.
func Cap(n int) int {
	if class := classOf(n); class != unpooled {
		return classSize(class)
	}
	return n
}

// classOf is the smallest class that holds n bytes, or unpooled.
func classOf(n int) int {
	if n > Largest {
		return unpooled
	}
	return max(bits.Len(uint(max(n-HeaderRoom, 1)-1)), minShift) - minShift
}

// classSize is the memory of a buffer of the class, in bytes.
func classSize(class int) int { return 1<<(class+minShift) + HeaderRoom }
