package smb2

import "github.com/signet-smb/signet/internal/wire"

// AllocationSize reads the data of a request's [CreateAllocationSize]: the
// bytes to reserve for the new or overwritten file. There is no response.
// [MS-SMB2] 2.2.13.2.6.
func (c CreateContext) AllocationSize() (uint64, error) {
	return readContext(c, (*wire.Reader).U64)
}

// AllocationSizeContext encodes size, in bytes.
func AllocationSizeContext(size uint64) CreateContext {
	return newContext(CreateAllocationSize, func(w *wire.Writer) { w.U64(size) })
}
