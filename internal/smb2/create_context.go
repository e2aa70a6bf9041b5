package smb2

import "github.com/signet-smb/signet/internal/wire"

// CreateContext is one element of a create context list, its data still
// encoded. [MS-SMB2] 2.2.13.2.
type CreateContext struct {
	Name string // the tag's bytes: "MxAc", or 16 bytes of a GUID
	Data []byte
}

// Tags of create contexts. The context of a response has that of its request.
// [MS-SMB2] 2.2.13.2, 2.2.14.2.
const (
	CreateEABuffer                 = "ExtA"
	CreateSDBuffer                 = "SecD"
	CreateDurableHandle            = "DHnQ"
	CreateDurableHandleReconnect   = "DHnC"
	CreateAllocationSize           = "AlSi"
	CreateQueryMaximalAccess       = "MxAc"
	CreateTimewarpToken            = "TWrp"
	CreateQueryOnDiskID            = "QFid"
	CreateLease                    = "RqLs"
	CreateDurableHandleV2          = "DH2Q"
	CreateDurableHandleReconnectV2 = "DH2C"
	CreateAppInstanceID            = "\x45\xBC\xA6\x6A\xEF\xA7\xF7\x4A\x90\x08\xFA\x46\x2E\x14\x4D\x74"
	CreateAppInstanceVersion       = "\xB9\x82\xD0\xB7\x3B\x56\x07\x4F\xA0\x7B\x52\x4A\x81\x16\xA0\x10"
	CreateAAPL                     = "AAPL" // Apple's
)

// readContext decodes the data of a context, all of which must be used: the
// structures have a fixed size, and Samba, which no client quarrels with, has
// always refused others. The error is a *[wire.Error].
func readContext[T any](c CreateContext, decode func(*wire.Reader) T) (T, error) {
	r := wire.NewReader(c.Data)
	v := decode(r)
	r.Check(r.Len() == 0, "create context length")
	if err := r.Err(); err != nil {
		var none T
		return none, err
	}
	return v, nil
}

// newContext encodes the data of a context.
func newContext(tag string, encode func(*wire.Writer)) CreateContext {
	w := wire.NewWriter(nil)
	encode(w)
	return CreateContext{Name: tag, Data: w.Finish()}
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
