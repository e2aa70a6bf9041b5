package fscc

import "github.com/signet-smb/signet/internal/wire"

// StreamInformation is a list of FILE_STREAM_INFORMATION, one for each stream
// of a file. A directory has no unnamed stream, so its list may be empty.
// [MS-FSCC] 2.4.49.
type StreamInformation struct {
	Streams []Stream
}

// Stream is one element of a [StreamInformation].
type Stream struct {
	StreamSize           uint64 // bytes
	StreamAllocationSize uint64 // bytes
	StreamName           string // ":name:$DATA", or "::$DATA" for the unnamed stream
}

// listAlignment is what the elements of a list with NextEntryOffset are
// aligned to, in bytes.
const listAlignment = 8

// maxStreams is the most streams that are read of one file.
const maxStreams = 1 << 16

// Append implements [Information].
func (i *StreamInformation) Append(w *wire.Writer) {
	appendList(w, len(i.Streams), listAlignment, func(n int) {
		s := &i.Streams[n]
		w.U32(uint32(wire.UTF16Len(s.StreamName)))
		w.U64(s.StreamSize)
		w.U64(s.StreamAllocationSize)
		w.UTF16(s.StreamName)
	})
}

// Decode implements [Information]. It reads all that remains.
func (i *StreamInformation) Decode(r *wire.Reader) {
	i.Streams = nil
	for e := range r.List(listAlignment, maxStreams) {
		length := int(e.U32())
		i.Streams = append(i.Streams, Stream{
			StreamSize:           e.U64(),
			StreamAllocationSize: e.U64(),
			StreamName:           e.UTF16(length),
		})
	}
}
