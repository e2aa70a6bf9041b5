package winreg

import (
	"context"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
)

// maxMultiple is the most values that one call asks for.
const maxMultiple = 1024

// baseRegQueryMultipleValues tells several values at once. [MS-RRP] 3.1.5.26.
//
//	[in] RPC_HKEY hKey,
//	[in, size_is(num_vals), length_is(num_vals)] PRVALENT val_listIn,
//	[out, size_is(num_vals), length_is(num_vals)] PRVALENT val_listOut,
//	[in] DWORD num_vals,
//	[in, out, unique, size_is(*ldwTotsize), length_is(*ldwTotsize)] char* lpvalueBuf,
//	[in, out, ref] LPDWORD ldwTotsize
func (m *methods) baseRegQueryMultipleValues(ctx context.Context, call *rpc.Call) error {
	q, err := m.queryMultiple(ctx, call)
	if err != nil {
		return err
	}
	q.append(call.Out)
	call.Out.U32(uint32(q.total))
	return finish(call, q.result)
}

// baseRegQueryMultipleValues2 is the same, and says in a parameter of its own
// how much room it takes. [MS-RRP] 3.1.5.30.
//
//	... [in] LPDWORD ldwTotsize, [out] LPDWORD ldwRequiredSize
func (m *methods) baseRegQueryMultipleValues2(ctx context.Context, call *rpc.Call) error {
	q, err := m.queryMultiple(ctx, call)
	if err != nil {
		return err
	}
	q.append(call.Out)
	call.Out.U32(uint32(q.total))
	return finish(call, q.result)
}

// multiple is the answer to a question for several values.
type multiple struct {
	names  []string
	found  []Value // as many as names if result is success
	offset []int   // of each in data
	data   []byte
	total  int // bytes that data takes, whether there is room for it or not
	room   int
	buffer bool // there is a place for data
	result status
}

// queryMultiple reads the parameters and finds the values.
func (m *methods) queryMultiple(ctx context.Context, call *rpc.Call) (*multiple, error) {
	k, err := readKey(call)
	if err != nil {
		return nil, err
	}
	q := &multiple{}
	if err := q.read(call.In); err != nil {
		return nil, err
	}
	for _, name := range q.names {
		v, result, err := m.value(ctx, call, k, name)
		if err != nil || result != success {
			q.found, q.data, q.total, q.result = nil, nil, 0, result
			return q, err
		}
		q.found, q.offset = append(q.found, v), append(q.offset, len(q.data))
		q.data = append(q.data, v.Data...)
	}
	if q.total = len(q.data); !q.buffer || q.total > q.room {
		q.data, q.result = nil, moreData
	}
	return q, nil
}

// read reads what follows the handle.
func (q *multiple) read(r *ndr.Reader) error {
	const fixed = 16
	maximum := r.Count(maxMultiple, fixed)
	offset, n := r.U32(), r.U32()
	if offset != 0 || uint64(n) > uint64(maximum) {
		r.Fail("val_list")
	}
	if err := r.Err(); err != nil {
		return err
	}
	named, pointed := make([]bool, n), make([]bool, n)
	for i := range n {
		named[i] = r.Pointer()
		r.U32()
		pointed[i] = r.Pointer()
		r.U32()
	}
	for i := range n {
		name := ""
		if named[i] {
			name = r.TopText(maxName)
		}
		if pointed[i] {
			r.U32()
		}
		q.names = append(q.names, name)
	}
	if r.U32() != n {
		r.Fail("num_vals")
	}
	if q.buffer = r.Pointer(); q.buffer {
		r.Varying(maxRoom)
	}
	q.room = int(r.U32())
	return r.Err()
}

// append writes val_listOut and lpvalueBuf.
func (q *multiple) append(w *ndr.Writer) {
	w.Count(len(q.names))
	w.U32(0)
	w.Count(len(q.names))
	for i := range q.names {
		v := Value{}
		if q.found != nil {
			v = q.found[i]
		}
		w.Pointer(true)
		w.U32(uint32(len(v.Data)))
		w.Pointer(q.found != nil)
		w.U32(uint32(v.Type))
	}
	for i, name := range q.names {
		appendText(w, name, true)
		if q.found != nil {
			w.U32(uint32(q.offset[i]))
		}
	}
	w.Pointer(q.buffer)
	if q.buffer {
		w.Count(q.total)
		w.U32(0)
		w.Count(len(q.data))
		w.Raw(q.data)
	}
}
