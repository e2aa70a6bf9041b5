package fscc

import "github.com/signet-smb/signet/internal/wire"

// appendList writes n entries that begin with NextEntryOffset, each at the
// next multiple of alignment bytes from the first. entry writes what follows
// that field. Nothing is written behind the last entry.
func appendList(w *wire.Writer, n, alignment int, entry func(i int)) {
	start := w.Offset()
	for i := range n {
		at := w.Offset()
		next := w.Hole(4)
		entry(i)
		if i < n-1 {
			padList(w, start, alignment)
			w.Fill(next, w.Offset()-at)
		}
	}
}

// padList writes zeros up to the next multiple of alignment bytes from start.
func padList(w *wire.Writer, start, alignment int) {
	end := w.Offset() - start
	w.Zero((alignment - end%alignment) % alignment)
}
