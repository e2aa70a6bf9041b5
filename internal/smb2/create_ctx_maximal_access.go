package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// QueryMaximalAccess reads the data of a request's
// [CreateQueryMaximalAccess]: the time of the file's last change that the
// client knows of, 0 if it says none. [MS-SMB2] 2.2.13.2.5.
func (c CreateContext) QueryMaximalAccess() (dtyp.FileTime, error) {
	return readContext(c, func(r *wire.Reader) dtyp.FileTime {
		if r.Len() == 0 {
			return 0
		}
		return dtyp.FileTime(r.U64())
	})
}

// QueryMaximalAccessContext asks for the maximal access; known is as
// [CreateContext.QueryMaximalAccess] gives it.
func QueryMaximalAccessContext(known dtyp.FileTime) CreateContext {
	if known == 0 {
		return CreateContext{Name: CreateQueryMaximalAccess}
	}
	return newContext(CreateQueryMaximalAccess, func(w *wire.Writer) { w.U64(uint64(known)) })
}

// MaximalAccess is the data of a response's [CreateQueryMaximalAccess].
// [MS-SMB2] 2.2.14.2.5.
type MaximalAccess struct {
	QueryStatus   ntstatus.Status
	MaximalAccess dtyp.AccessMask // valid if QueryStatus is success
}

// MaximalAccess reads the data of a response's [CreateQueryMaximalAccess].
func (c CreateContext) MaximalAccess() (MaximalAccess, error) {
	return readContext(c, func(r *wire.Reader) MaximalAccess {
		return MaximalAccess{QueryStatus: ntstatus.Status(r.U32()), MaximalAccess: dtyp.AccessMask(r.U32())}
	})
}

// MaximalAccessContext encodes m.
func MaximalAccessContext(m MaximalAccess) CreateContext {
	return newContext(CreateQueryMaximalAccess, func(w *wire.Writer) {
		w.U32(uint32(m.QueryStatus))
		w.U32(uint32(m.MaximalAccess))
	})
}
