package rpc

import (
	"math/bits"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// reader is a cursor over a PDU whose integers are in the order that its header
// says. [C706] 14.2.5.
type reader struct {
	*wire.Reader
	big bool
}

// U16 reads two bytes.
func (r reader) U16() uint16 {
	v := r.Reader.U16()
	if r.big {
		return bits.ReverseBytes16(v)
	}
	return v
}

// U32 reads four bytes.
func (r reader) U32() uint32 {
	v := r.Reader.U32()
	if r.big {
		return bits.ReverseBytes32(v)
	}
	return v
}

// GUID reads a UUID, whose first three fields are integers.
func (r reader) GUID() (id dtyp.GUID) {
	w := wire.NewWriter(id[:0])
	w.U32(r.U32())
	w.U16(r.U16())
	w.U16(r.U16())
	w.Bytes(r.Bytes(8))
	if r.Err() != nil {
		return dtyp.GUID{}
	}
	return id
}
