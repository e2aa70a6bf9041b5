package fscc

import "github.com/signet-smb/signet/internal/wire"

// IDInformation is FILE_ID_INFORMATION. [MS-FSCC] 2.4.26.
type IDInformation struct {
	VolumeSerialNumber uint64
	FileID             [16]byte // 128-bit file ID, 2.1.10
}

// Append implements [Information].
func (i *IDInformation) Append(w *wire.Writer) {
	w.U64(i.VolumeSerialNumber)
	w.Bytes(i.FileID[:])
}

// Decode implements [Information].
func (i *IDInformation) Decode(r *wire.Reader) {
	i.VolumeSerialNumber = r.U64()
	r.Copy(i.FileID[:])
}
