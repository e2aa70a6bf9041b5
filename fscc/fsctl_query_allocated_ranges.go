package fscc

import "github.com/signet-smb/signet/internal/wire"

// AllocatedRange is FILE_ALLOCATED_RANGE_BUFFER, the input of
// FSCTL_QUERY_ALLOCATED_RANGES: a range of a file in bytes, signed on the
// wire. [MS-FSCC] 2.3.51.
type AllocatedRange struct {
	FileOffset uint64
	Length     uint64
}

// Append implements [Information].
func (i *AllocatedRange) Append(w *wire.Writer) {
	w.U64(i.FileOffset)
	w.U64(i.Length)
}

// Decode implements [Information].
func (i *AllocatedRange) Decode(r *wire.Reader) {
	i.FileOffset = r.U64()
	i.Length = r.U64()
}

// AllocatedRangeSize is the length of an encoded range in bytes: what does
// not fit whole into the output is left out. [MS-FSCC] 2.3.52.
const AllocatedRangeSize = 16

// maxAllocatedRanges is the most ranges that are read: 1 MiB of them.
const maxAllocatedRanges = 1 << 20 / AllocatedRangeSize

// AllocatedRanges is the output of FSCTL_QUERY_ALLOCATED_RANGES.
// [MS-FSCC] 2.3.52.
type AllocatedRanges struct {
	Ranges []AllocatedRange
}

// Append implements [Information].
func (i *AllocatedRanges) Append(w *wire.Writer) {
	for k := range i.Ranges {
		i.Ranges[k].Append(w)
	}
}

// Decode implements [Information]. It reads all that remains, which must be
// whole ranges.
func (i *AllocatedRanges) Decode(r *wire.Reader) {
	i.Ranges = nil
	n := r.Len() / AllocatedRangeSize
	r.Check(r.Len()%AllocatedRangeSize == 0 && n <= maxAllocatedRanges, "FILE_ALLOCATED_RANGE_BUFFER")
	if n == 0 || r.Err() != nil {
		return
	}
	i.Ranges = make([]AllocatedRange, n)
	for k := range i.Ranges {
		i.Ranges[k].Decode(r)
	}
}
