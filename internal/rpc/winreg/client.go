package winreg

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
)

// Opnums of the methods that a Client calls. [MS-RRP] 3.1.5.
const (
	opOpenLocalMachine = 2
	opCloseKey         = 5
	opDeleteValue      = 8
	opCreateKey        = 6
	opOpenKey          = 15
	opQueryValue       = 17
	opSetValue         = 22
)

// StatusError is an error_status_t other than success that a server returns.
type StatusError uint32

// Error gives the number; [MS-ERREF] 2.2 has the names.
func (e StatusError) Error() string {
	switch status(e) {
	case fileNotFound:
		return "winreg: no such key or value (2)"
	case accessDenied:
		return "winreg: access denied (5)"
	case heldByPolicy:
		return "winreg: held by group policy (1260)"
	}
	return fmt.Sprintf("winreg: status %d", uint32(e))
}

// Is makes the two usual statuses errors that callers know.
func (e StatusError) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return status(e) == fileNotFound
	case fs.ErrPermission:
		return status(e) == accessDenied
	}
	return false
}

// Client reads and writes values below HKEY_LOCAL_MACHINE of another machine.
// Not safe for concurrent use.
type Client struct {
	rpc  *rpc.Client
	root rpc.Handle
}

// Open opens HKEY_LOCAL_MACHINE over c.
func Open(ctx context.Context, c *rpc.Client) (*Client, error) {
	w := ndr.NewWriter()
	w.Pointer(false)
	w.U32(uint32(dtyp.MaximumAllowed))
	root, err := handleOf(c.Call(ctx, opOpenLocalMachine, w.Finish()))
	if err != nil {
		return nil, err
	}
	return &Client{rpc: c, root: root}, nil
}

// handleOf reads an answer of a handle and a status.
func handleOf(stub []byte, err error) (h rpc.Handle, _ error) {
	if err != nil {
		return h, err
	}
	r := ndr.NewReader(stub)
	h = r.Handle()
	return h, statusAt(r)
}

// statusAt reads the status that an answer ends with.
func statusAt(r *ndr.Reader) error {
	s := r.U32()
	if err := r.Err(); err != nil {
		return err
	}
	if status(s) != success {
		return StatusError(s)
	}
	return nil
}

// openKey opens a key below HKEY_LOCAL_MACHINE.
func (c *Client) openKey(ctx context.Context, path string, access dtyp.AccessMask) (rpc.Handle, error) {
	w := ndr.NewWriter()
	w.Handle(c.root)
	appendText(w, path, true)
	w.U32(0)
	w.U32(uint32(access))
	return handleOf(c.rpc.Call(ctx, opOpenKey, w.Finish()))
}

// createKey opens a key, or makes it.
func (c *Client) createKey(ctx context.Context, path string, access dtyp.AccessMask) (rpc.Handle, error) {
	w := ndr.NewWriter()
	w.Handle(c.root)
	appendText(w, path, true)
	appendText(w, "", true)
	w.U32(0)
	w.U32(uint32(access))
	w.Pointer(false)
	w.Pointer(true)
	w.U32(0)
	stub, err := c.rpc.Call(ctx, opCreateKey, w.Finish())
	if err != nil {
		return rpc.Handle{}, err
	}
	r := ndr.NewReader(stub)
	h := r.Handle()
	r.UniqueU32()
	return h, statusAt(r)
}

// closeKey gives a handle back. What the server says of it changes nothing.
func (c *Client) closeKey(ctx context.Context, h rpc.Handle) {
	w := ndr.NewWriter()
	w.Handle(h)
	_, _ = c.rpc.Call(ctx, opCloseKey, w.Finish())
}

// Values reads values of one key by their names. What is not there, the key
// included, is not in the answer.
func (c *Client) Values(ctx context.Context, path string, names []string) ([]Value, error) {
	h, err := c.openKey(ctx, path, queryValue)
	if status, ok := err.(StatusError); ok && status.Is(fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer c.closeKey(ctx, h)
	var values []Value
	for _, name := range names {
		v, err := c.query(ctx, h, name)
		if status, ok := err.(StatusError); ok && status.Is(fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf(`%s\%s: %w`, path, name, err)
		}
		v.Key = path
		values = append(values, v)
	}
	return values, nil
}

// query reads one value, of at most maxData bytes.
func (c *Client) query(ctx context.Context, h rpc.Handle, name string) (Value, error) {
	const room = 4096 // what there is of this size at first; 64 KiB then
	v, needed, err := c.queryInto(ctx, h, name, room)
	if s, ok := err.(StatusError); ok && status(s) == moreData && needed <= maxData {
		v, _, err = c.queryInto(ctx, h, name, needed)
	}
	return v, err
}

// queryInto reads one value into a buffer of size bytes.
func (c *Client) queryInto(ctx context.Context, h rpc.Handle, name string, size int) (v Value, needed int, err error) {
	w := ndr.NewWriter()
	w.Handle(h)
	appendText(w, name, true)
	w.Pointer(true)
	w.U32(0)
	w.Pointer(true) // lpData: room, and nothing in it
	w.Count(size)
	w.U32(0)
	w.Count(0)
	w.Pointer(true)
	w.U32(uint32(size))
	w.Pointer(true)
	w.U32(0)
	stub, err := c.rpc.Call(ctx, opQueryValue, w.Finish())
	if err != nil {
		return v, 0, err
	}
	r := ndr.NewReader(stub)
	kind, _ := r.UniqueU32()
	v.Name, v.Type = name, Type(kind)
	if r.Pointer() {
		v.Data = append([]byte(nil), r.Varying(maxData)...)
	}
	size32, _ := r.UniqueU32()
	r.UniqueU32()
	return v, int(size32), statusAt(r)
}

// Set writes a value. The key is made if it is not there.
func (c *Client) Set(ctx context.Context, v Value) error {
	h, err := c.openKey(ctx, v.Key, setValue)
	if status, ok := err.(StatusError); ok && status.Is(fs.ErrNotExist) {
		h, err = c.createKey(ctx, v.Key, setValue)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", v.Key, err)
	}
	defer c.closeKey(ctx, h)
	w := ndr.NewWriter()
	w.Handle(h)
	appendText(w, v.Name, true)
	w.U32(uint32(v.Type))
	w.Bytes(v.Data)
	w.U32(uint32(len(v.Data)))
	return c.finish(ctx, v.Key, v.Name, opSetValue, w)
}

// Delete deletes a value. One that is not there is an error that wraps
// fs.ErrNotExist.
func (c *Client) Delete(ctx context.Context, path, name string) error {
	h, err := c.openKey(ctx, path, setValue)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer c.closeKey(ctx, h)
	w := ndr.NewWriter()
	w.Handle(h)
	appendText(w, name, true)
	return c.finish(ctx, path, name, opDeleteValue, w)
}

// finish makes a call that answers with a status alone.
func (c *Client) finish(ctx context.Context, path, name string, opnum uint16, w *ndr.Writer) error {
	stub, err := c.rpc.Call(ctx, opnum, w.Finish())
	if err == nil {
		err = statusAt(ndr.NewReader(stub))
	}
	if err != nil {
		return fmt.Errorf(`%s\%s: %w`, path, name, err)
	}
	return nil
}
