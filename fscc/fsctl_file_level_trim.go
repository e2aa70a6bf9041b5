package fscc

import "github.com/signet-smb/signet/internal/wire"

// FileLevelTrim is FILE_LEVEL_TRIM: the input of FSCTL_FILE_LEVEL_TRIM.
// [MS-FSCC] 2.3.13.
type FileLevelTrim struct {
	Key    uint32 // of byte-range locks
	Ranges []TrimRange
}

// TrimRange is a range of a file in bytes. [MS-FSCC] 2.3.13.1.
type TrimRange struct {
	Offset uint64
	Length uint64
}

const (
	// trimRangeSize is the length of an encoded range in bytes.
	trimRangeSize = 16
	// maxTrimRanges is the most ranges of one trim: 64 KiB of them.
	maxTrimRanges = 64 << 10 / trimRangeSize
)

// Append implements [Information].
func (i *FileLevelTrim) Append(w *wire.Writer) {
	w.U32(i.Key)
	w.U32(uint32(len(i.Ranges)))
	for _, t := range i.Ranges {
		w.U64(t.Offset)
		w.U64(t.Length)
	}
}

// Decode implements [Information].
func (i *FileLevelTrim) Decode(r *wire.Reader) {
	i.Key = r.U32()
	n := r.U32()
	i.Ranges = nil
	r.Check(n <= maxTrimRanges && int(n)*trimRangeSize <= r.Len(), "NumRanges")
	if n == 0 || r.Err() != nil {
		return
	}
	i.Ranges = make([]TrimRange, n)
	for k := range i.Ranges {
		i.Ranges[k] = TrimRange{Offset: r.U64(), Length: r.U64()}
	}
}

// FileLevelTrimOutput is FILE_LEVEL_TRIM_OUTPUT. [MS-FSCC] 2.3.14.
type FileLevelTrimOutput struct {
	NumRangesProcessed uint32
}

// Append implements [Information].
func (i *FileLevelTrimOutput) Append(w *wire.Writer) {
	w.U32(i.NumRangesProcessed)
}

// Decode implements [Information].
func (i *FileLevelTrimOutput) Decode(r *wire.Reader) {
	i.NumRangesProcessed = r.U32()
}
