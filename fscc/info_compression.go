package fscc

import "github.com/signet-smb/signet/internal/wire"

// CompressionFormat is how a file is compressed on disk. [MS-FSCC] 2.4.9.
type CompressionFormat uint16

// Compression formats. [MS-FSCC] 2.4.9.
const (
	CompressionFormatNone  CompressionFormat = 0x0000
	CompressionFormatLZNT1 CompressionFormat = 0x0002
)

// CompressionInformation is FILE_COMPRESSION_INFORMATION. All but
// CompressedFileSize is zero for a file that is not compressed.
// [MS-FSCC] 2.4.9.
type CompressionInformation struct {
	CompressedFileSize   uint64 // bytes
	CompressionFormat    CompressionFormat
	CompressionUnitShift uint8
	ChunkShift           uint8
	ClusterShift         uint8
}

// Append implements [Information].
func (i *CompressionInformation) Append(w *wire.Writer) {
	w.U64(i.CompressedFileSize)
	w.U16(uint16(i.CompressionFormat))
	w.U8(i.CompressionUnitShift)
	w.U8(i.ChunkShift)
	w.U8(i.ClusterShift)
	w.Zero(3) // Reserved
}

// Decode implements [Information].
func (i *CompressionInformation) Decode(r *wire.Reader) {
	i.CompressedFileSize = r.U64()
	i.CompressionFormat = CompressionFormat(r.U16())
	i.CompressionUnitShift = r.U8()
	i.ChunkShift = r.U8()
	i.ClusterShift = r.U8()
	r.Skip(3) // Reserved
}
