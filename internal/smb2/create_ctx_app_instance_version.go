package smb2

import "github.com/signet-smb/signet/internal/wire"

// appInstanceVersionSize is the length of the structure, and what it says of
// it.
const appInstanceVersionSize = 24

// AppInstanceVersion is the data of a request's [CreateAppInstanceVersion],
// dialect 3.1.1: which of two instances of an application is the newer. There
// is no response. [MS-SMB2] 2.2.13.2.15.
type AppInstanceVersion struct {
	High uint64
	Low  uint64
}

// AppInstanceVersion reads the data of a request's
// [CreateAppInstanceVersion].
func (c CreateContext) AppInstanceVersion() (AppInstanceVersion, error) {
	return readContext(c, func(r *wire.Reader) AppInstanceVersion {
		r.Skip(2) // StructureSize, which the length tells
		r.Skip(2) // Reserved
		r.Skip(4) // Padding
		return AppInstanceVersion{High: r.U64(), Low: r.U64()}
	})
}

// AppInstanceVersionContext encodes v.
func AppInstanceVersionContext(v AppInstanceVersion) CreateContext {
	return newContext(CreateAppInstanceVersion, func(w *wire.Writer) {
		w.U16(appInstanceVersionSize)
		w.U16(0) // Reserved
		w.U32(0) // Padding
		w.U64(v.High)
		w.U64(v.Low)
	})
}
