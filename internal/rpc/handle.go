package rpc

import "github.com/signet-smb/signet/dtyp"

// maxHandles is how many context handles a connection may hold at once.
const maxHandles = 2048

// Handle is a context handle as it is on the wire: attributes, which are 0, and
// a UUID. The zero Handle is none. [C706] 14.2.16.6 and appendix N.
type Handle [20]byte

// Handles are the context handles of one connection. What they stand for dies
// with it. Not safe for concurrent use.
type Handles struct {
	open map[Handle]any
}

// Add makes a handle that stands for v; ok is false if there are too many.
func (h *Handles) Add(v any) (handle Handle, ok bool) {
	if len(h.open) >= maxHandles {
		return Handle{}, false
	}
	if h.open == nil {
		h.open = make(map[Handle]any)
	}
	id := dtyp.NewGUID()
	copy(handle[4:], id[:])
	h.open[handle] = v
	return handle, true
}

// Remove forgets a handle, and reports whether it was one.
func (h *Handles) Remove(handle Handle) bool {
	_, ok := h.open[handle]
	delete(h.open, handle)
	return ok
}

// ReadHandle reads a context handle of call and returns what it stands for. A
// handle that is none, or stands for something else, is the fault that is to be
// answered, [FaultContextMismatch].
func ReadHandle[T any](call *Call) (v T, handle Handle, err error) {
	handle = call.In.Handle()
	if err := call.In.Err(); err != nil {
		return v, handle, err
	}
	v, ok := call.Handles.open[handle].(T)
	if !ok {
		return v, handle, FaultContextMismatch
	}
	return v, handle, nil
}

// CloseHandle answers the operations that close a handle: a zero one and a
// status of 0.
func CloseHandle[T any](call *Call) error {
	_, handle, err := ReadHandle[T](call)
	if err != nil {
		return err
	}
	call.Handles.Remove(handle)
	call.Out.Handle(Handle{})
	call.Out.U32(0)
	return nil
}
