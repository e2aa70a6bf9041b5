package smb2

import (
	"fmt"

	"github.com/signet-smb/signet/internal/wire"
)

// CompressionAlgorithm is a compression algorithm. [MS-SMB2] 2.2.3.1.3.
type CompressionAlgorithm uint16

// Compression algorithms; CompressionNone alone in a response means that
// there is none in common. [MS-SMB2] 2.2.3.1.3.
const (
	CompressionNone        CompressionAlgorithm = 0x0000
	CompressionLZNT1       CompressionAlgorithm = 0x0001
	CompressionLZ77        CompressionAlgorithm = 0x0002
	CompressionLZ77Huffman CompressionAlgorithm = 0x0003
	CompressionPatternV1   CompressionAlgorithm = 0x0004
	CompressionLZ4         CompressionAlgorithm = 0x0005
)

// String gives the specification's spelling: "LZ77+Huffman".
func (c CompressionAlgorithm) String() string {
	names := [...]string{"NONE", "LZNT1", "LZ77", "LZ77+Huffman", "Pattern_V1", "LZ4"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("CompressionAlgorithm(0x%04X)", uint16(c))
}

// CompressionFlags is the Flags field of CompressionCapabilities.
// [MS-SMB2] 2.2.3.1.3.
type CompressionFlags uint32

// CompressionChained says that one message may be compressed in several ways.
const CompressionChained CompressionFlags = 0x00000001

// CompressionCapabilities is the data of SMB2_COMPRESSION_CAPABILITIES.
// [MS-SMB2] 2.2.3.1.3.
type CompressionCapabilities struct {
	Flags      CompressionFlags
	Algorithms []CompressionAlgorithm // most wanted first
}

// Compression reads the data of a context of type [ContextCompression]. An
// empty list is refused, as [MS-SMB2] 3.3.5.4 wants; bytes behind it are
// ignored. The error is a *[wire.Error].
func (c NegotiateContext) Compression() (CompressionCapabilities, error) {
	r := wire.NewReader(c.Data)
	n := r.U16()
	r.Skip(2) // Padding
	return CompressionCapabilities{
		Flags:      CompressionFlags(r.U32()),
		Algorithms: decodeAlgorithms[CompressionAlgorithm](r, n, "CompressionAlgorithmCount"),
	}, r.Err()
}

// CompressionContext encodes p.
func CompressionContext(p CompressionCapabilities) NegotiateContext {
	w := wire.NewWriter(nil)
	w.U16(uint16(len(p.Algorithms)))
	w.U16(0) // Padding
	w.U32(uint32(p.Flags))
	appendList(w, p.Algorithms)
	return NegotiateContext{ContextCompression, w.Finish()}
}
