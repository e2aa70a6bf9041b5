package smb2

import "github.com/signet-smb/signet/internal/wire"

// Lengths of contexts that have no data in them, in bytes.
const (
	durableRequestSize  = 16
	durableResponseSize = 8
)

// DurableHandleRequest checks the data of a request's [CreateDurableHandle],
// which says nothing. [MS-SMB2] 2.2.13.2.3.
func (c CreateContext) DurableHandleRequest() error {
	return readReserved(c, durableRequestSize)
}

// DurableHandleRequestContext asks for a durable open.
func DurableHandleRequestContext() CreateContext {
	return newContext(CreateDurableHandle, func(w *wire.Writer) { w.Zero(durableRequestSize) })
}

// DurableHandleResponse checks the data of a response's
// [CreateDurableHandle], which says nothing. [MS-SMB2] 2.2.14.2.3.
func (c CreateContext) DurableHandleResponse() error {
	return readReserved(c, durableResponseSize)
}

// DurableHandleResponseContext says that the open is durable.
func DurableHandleResponseContext() CreateContext {
	return newContext(CreateDurableHandle, func(w *wire.Writer) { w.Zero(durableResponseSize) })
}

// readReserved reads a context of size bytes that are all reserved.
func readReserved(c CreateContext, size int) error {
	_, err := readContext(c, func(r *wire.Reader) struct{} {
		r.Skip(size)
		return struct{}{}
	})
	return err
}
