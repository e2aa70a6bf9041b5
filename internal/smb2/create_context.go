package smb2

import "github.com/signet-smb/signet/internal/wire"

// CreateContext is one element of a create context list, its data still
// encoded. [MS-SMB2] 2.2.13.2.
type CreateContext struct {
	Name string // the tag's bytes: "MxAc", or 16 bytes of a GUID
	Data []byte
}

// decodeCreateContexts reads the list of length bytes at offset from the
// header's start; nil when there is none. Tags are not looked at: unknown ones
// never fail a CREATE.
func decodeCreateContexts(r *wire.Reader, offset, length uint32) (contexts []CreateContext) {
	b := r.At(r.Ref(uint64(offset), uint64(length)))
	if b == nil {
		return nil
	}
	list := r.Sub(b)
	for e := range list.List(8, MaxCreateContexts) {
		contexts = append(contexts, decodeCreateContext(e))
	}
	r.Merge(list, int(offset))
	return contexts
}

// decodeCreateContext reads what follows Next. Offsets count from the start
// of the context.
func decodeCreateContext(r *wire.Reader) CreateContext {
	name := r.Ref(uint64(r.U16()), uint64(r.U16()))
	r.Skip(2) // Reserved
	data := r.Ref(uint64(r.U16()), uint64(r.U32()))
	return CreateContext{Name: string(r.At(name)), Data: r.At(data)}
}

// contextsHole is the room for CreateContextsOffset and CreateContextsLength.
type contextsHole struct{ offset, length wire.Hole }

func createContextsHole(w *wire.Writer) contextsHole {
	return contextsHole{offset: w.Hole(4), length: w.Hole(4)}
}

// append writes the list at the next multiple of 8 bytes and fills the hole;
// without contexts both fields stay 0.
func (h contextsHole) append(w *wire.Writer, contexts []CreateContext) {
	if len(contexts) == 0 {
		return
	}
	w.Align(8)
	list := w.Offset()
	for i, c := range contexts {
		start := w.Offset()
		next := w.Hole(4)
		c.append(w)
		if i < len(contexts)-1 {
			w.Align(8)
			w.Fill(next, w.Offset()-start)
		}
	}
	w.Fill(h.offset, list)
	w.Fill(h.length, w.Offset()-list)
}

// append writes what follows Next. The name comes first, then the data at a
// multiple of 8 bytes; DataOffset is 0 when there is none.
func (c CreateContext) append(w *wire.Writer) {
	const fixed = 16 // Next included
	w.U16(fixed)
	w.U16(uint16(len(c.Name)))
	w.U16(0) // Reserved
	dataOffset := w.Hole(2)
	w.U32(uint32(len(c.Data)))
	w.Bytes([]byte(c.Name))
	if len(c.Data) > 0 {
		name := w.Offset() - len(c.Name)
		w.Align(8)
		w.Fill(dataOffset, fixed+w.Offset()-name)
		w.Bytes(c.Data)
	}
}
