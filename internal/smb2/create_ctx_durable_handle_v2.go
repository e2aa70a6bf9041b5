package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// DurableHandleFlags is the Flags field of a durable handle, version 2.
// [MS-SMB2] 2.2.13.2.11.
type DurableHandleFlags uint32

// DurableHandlePersistent asks for a persistent open, or says that it is one.
const DurableHandlePersistent DurableHandleFlags = 0x02

// DurableHandleRequestV2 is the data of a request's [CreateDurableHandleV2],
// dialects 3.x. [MS-SMB2] 2.2.13.2.11.
type DurableHandleRequestV2 struct {
	Timeout    uint32 // milliseconds; 0: as the server likes
	Flags      DurableHandleFlags
	CreateGUID dtyp.GUID
}

// DurableHandleResponseV2 is the data of a response's
// [CreateDurableHandleV2]. [MS-SMB2] 2.2.14.2.12.
type DurableHandleResponseV2 struct {
	Timeout uint32 // milliseconds
	Flags   DurableHandleFlags
}

// DurableHandleRequestV2 reads the data of a request's
// [CreateDurableHandleV2].
func (c CreateContext) DurableHandleRequestV2() (DurableHandleRequestV2, error) {
	return readContext(c, func(r *wire.Reader) DurableHandleRequestV2 {
		d := DurableHandleRequestV2{Timeout: r.U32(), Flags: DurableHandleFlags(r.U32())}
		r.Skip(8) // Reserved
		r.Copy(d.CreateGUID[:])
		return d
	})
}

// DurableHandleRequestV2Context encodes d.
func DurableHandleRequestV2Context(d DurableHandleRequestV2) CreateContext {
	return newContext(CreateDurableHandleV2, func(w *wire.Writer) {
		w.U32(d.Timeout)
		w.U32(uint32(d.Flags))
		w.U64(0) // Reserved
		w.Bytes(d.CreateGUID[:])
	})
}

// DurableHandleResponseV2 reads the data of a response's
// [CreateDurableHandleV2].
func (c CreateContext) DurableHandleResponseV2() (DurableHandleResponseV2, error) {
	return readContext(c, func(r *wire.Reader) DurableHandleResponseV2 {
		return DurableHandleResponseV2{Timeout: r.U32(), Flags: DurableHandleFlags(r.U32())}
	})
}

// DurableHandleResponseV2Context encodes d.
func DurableHandleResponseV2Context(d DurableHandleResponseV2) CreateContext {
	return newContext(CreateDurableHandleV2, func(w *wire.Writer) {
		w.U32(d.Timeout)
		w.U32(uint32(d.Flags))
	})
}
