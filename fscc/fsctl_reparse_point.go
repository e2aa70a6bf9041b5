package fscc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// Reparse tags. [MS-FSCC] 2.1.2.1.
const (
	ReparseTagMountPoint uint32 = 0xA0000003
	ReparseTagDFS        uint32 = 0x8000000A
	ReparseTagSymlink    uint32 = 0xA000000C
	ReparseTagNFS        uint32 = 0x80000014
	ReparseTagLXSymlink  uint32 = 0xA000001D
	ReparseTagAFUnix     uint32 = 0x80000023
	ReparseTagLXFIFO     uint32 = 0x80000024
	ReparseTagLXCHR      uint32 = 0x80000025
	ReparseTagLXBLK      uint32 = 0x80000026
)

// reparseTagMicrosoft is set in the tags that Microsoft has given away for
// use without a GUID. [MS-FSCC] 2.1.2.2.
const reparseTagMicrosoft = 0x80000000

// MaxReparseData is the most bytes of a reparse point that a file system of
// Windows keeps, its header included.
const MaxReparseData = 16 << 10

// ReparseData is REPARSE_DATA_BUFFER, or REPARSE_GUID_DATA_BUFFER for a tag
// without its high bit: the buffer of FSCTL_GET_REPARSE_POINT,
// FSCTL_SET_REPARSE_POINT and FSCTL_DELETE_REPARSE_POINT.
// [MS-FSCC] 2.1.2.2, 2.1.2.3.
type ReparseData struct {
	ReparseTag  uint32
	ReparseGUID dtyp.GUID // of tags without the high bit
	DataBuffer  []byte    // together with the header at most MaxReparseData
}

// hasGUID reports whether the tag wants a GUID.
func (i *ReparseData) hasGUID() bool { return i.ReparseTag&reparseTagMicrosoft == 0 }

// Size is the length of the encoded structure in bytes. A buffer to set must
// be as long as it says.
func (i *ReparseData) Size() int {
	n := 8 + len(i.DataBuffer)
	if i.hasGUID() {
		n += len(i.ReparseGUID)
	}
	return n
}

// Append implements [Information].
func (i *ReparseData) Append(w *wire.Writer) {
	w.U32(i.ReparseTag)
	w.U16(uint16(len(i.DataBuffer)))
	w.Zero(2) // Reserved
	if i.hasGUID() {
		w.Bytes(i.ReparseGUID[:])
	}
	w.Bytes(i.DataBuffer)
}

// Decode implements [Information].
func (i *ReparseData) Decode(r *wire.Reader) {
	*i = ReparseData{ReparseTag: r.U32()}
	length := int(r.U16())
	r.Skip(2) // Reserved
	if i.hasGUID() {
		r.Copy(i.ReparseGUID[:])
	}
	r.Check(length+i.Size() <= MaxReparseData, "ReparseDataLength")
	if data := r.Bytes(length); len(data) > 0 {
		i.DataBuffer = append([]byte(nil), data...)
	}
}
