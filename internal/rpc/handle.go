package rpc

import "github.com/signet-smb/signet/dtyp"

// maxHandles is how many context handles a connection may hold at once.
const maxHandles = 2048

// Handle is a context handle as it is on the wire: attributes, which are 0, and
// a UUID. The zero Handle is none. [C706] 14.2.16.6 and appendix N.
type Handle [20]byte

// Handles are the context handles of one connection. What they stand for dies
// with it. A call sees those of its own security context only: what one caller
// has opened another cannot use. Not safe for concurrent use.
type Handles struct {
	open  map[Handle]held
	owner *security // of the call that runs; nil: the transport's
}

// held is what a handle stands for, and in which security context.
type held struct {
	value any
	owner *security
}

// Add makes a handle that stands for v; ok is false if there are too many.
func (h *Handles) Add(v any) (handle Handle, ok bool) {
	if len(h.open) >= maxHandles {
		return Handle{}, false
	}
	if h.open == nil {
		h.open = make(map[Handle]held)
	}
	id := dtyp.NewGUID()
	copy(handle[4:], id[:])
	h.open[handle] = held{v, h.owner}
	return handle, true
}

// Remove forgets a handle, and reports whether it was one.
func (h *Handles) Remove(handle Handle) bool {
	found, ok := h.open[handle]
	if !ok || found.owner != h.owner {
		return false
	}
	delete(h.open, handle)
	return true
}

// ReadHandle reads a context handle of call and returns what it stands for. A
// handle that is none, or stands for something else, is the fault that is to be
// answered, [FaultContextMismatch].
func ReadHandle[T any](call *Call) (v T, handle Handle, err error) {
	handle = call.In.Handle()
	if err := call.In.Err(); err != nil {
		return v, handle, err
	}
	found := call.Handles.open[handle]
	v, ok := found.value.(T)
	if !ok || found.owner != call.Handles.owner {
		var none T
		return none, handle, FaultContextMismatch
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
