package client

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

const (
	// chunkSize is how much of a large transfer goes into one request, in
	// bytes, where the server allows it.
	chunkSize = 1 << 20

	// depth is how many requests of one transfer are under way at a time.
	depth = 8
)

// Read reads from the position on.
func (f *File) Read(p []byte) (int, error) {
	s := f.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := f.readAt(f.ctx, p, s.position)
	s.position += int64(n)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// ReadAt reads len(p) bytes from offset off on, or up to the end of the file,
// which it then reports as [io.EOF]. Large reads are several requests at a
// time. [MS-SMB2] 3.2.4.6.
func (f *File) ReadAt(p []byte, off int64) (int, error) { return f.readAt(f.ctx, p, off) }

// ReadAtContext is [File.ReadAt] that ends with ctx.
func (f *File) ReadAtContext(ctx context.Context, p []byte, off int64) (int, error) {
	return f.readAt(ctx, p, off)
}

func (f *File) readAt(ctx context.Context, p []byte, off int64) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n := 0
	err := f.readEach(ctx, off, int64(len(p)), func(data []byte) error {
		n += copy(p[n:], data)
		return nil
	})
	if err == nil && n < len(p) {
		return n, io.EOF
	}
	return n, fail("read", f.shared.name, err)
}

// WriteTo writes the rest of the file to w: several requests are under way
// while w takes what the last one brought.
func (f *File) WriteTo(w io.Writer) (n int64, err error) {
	s := f.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed error // w's
	err = f.readEach(f.ctx, s.position, math.MaxInt64-s.position, func(data []byte) error {
		var k int
		k, failed = w.Write(data)
		if failed == nil && k < len(data) {
			failed = io.ErrShortWrite
		}
		n += int64(k)
		return failed
	})
	s.position += n
	if failed != nil {
		return n, failed
	}
	return n, fail("read", s.name, err)
}

// part is a READ or WRITE that is under way.
type part struct {
	call   *call
	length int // bytes asked for, or sent
}

// readEach reads length bytes from off on, or up to the end of the file, and
// gives them to use in order, who may keep nothing of them. An error of use
// ends it and is returned. What a lost connection has not brought is asked for
// again on the next.
func (f *File) readEach(ctx context.Context, off, length int64, use func([]byte) error) error {
	s := f.shared
	if err := s.check(); err != nil {
		return err
	}
	if off < 0 {
		return fs.ErrInvalid
	}
	var failed error // use's
	mine := func(data []byte) error {
		failed = use(data)
		return failed
	}
	end := off + min(length, math.MaxInt64-off)
	for left := maxRepeats; ; left-- {
		o, err := s.alive(ctx)
		if err != nil {
			return err
		}
		before, seen := off, o.tree.session.renewals.Load()
		err = o.readEach(ctx, &off, end, mine)
		if off > before {
			left = maxRepeats
		}
		if err == nil || failed != nil || left == 0 || !s.share.session.again(ctx, err, true, seen) {
			return err
		}
	}
}

// readEach reads from off to end, or to the end of the file, on the open's
// connection, and moves off on behind what use has got.
func (o *open) readEach(ctx context.Context, off *int64, end int64, use func([]byte) error) error {
	var parts []part
	defer func() { o.conn().drop(parts) }()
	next := *off
	window := 1 // grows, so that small files cost one request
	for {
		for next < end && len(parts) < window {
			p, err := o.sendRead(ctx, next, min(end-next, chunkSize))
			if err != nil {
				return err
			}
			parts = append(parts, p)
			next += int64(p.length)
		}
		if len(parts) == 0 {
			return nil
		}
		p := parts[0]
		parts = parts[1:]
		n, err := o.takeRead(ctx, p, use)
		if errors.Is(err, ntstatus.EndOfFile) {
			return nil
		}
		if err != nil {
			return err
		}
		*off += int64(n)
		if n < p.length { // the end is near, or the server had no more at hand
			o.conn().drop(parts)
			parts, next = nil, *off
		}
		window = min(depth, window*2)
	}
}

// sendRead asks for at most length bytes at off: for less if the server's
// credits do not suffice.
func (o *open) sendRead(ctx context.Context, off, length int64) (part, error) {
	c := o.conn()
	n := int(min(length, int64(c.negotiated.maxRead)))
	paid, err := c.acquire(ctx, charge(n), 1, 1)
	if err != nil {
		return part{}, err
	}
	n = min(n, paid*creditSize)
	calls, err := c.submit(paid, o.tree.request(&smb2.ReadRequest{
		Length: uint32(n), Offset: uint64(off), FileID: o.id,
	}))
	if err != nil {
		return part{}, err
	}
	return part{calls[0], n}, nil
}

// takeRead waits for the answer to p and gives its data to use.
func (o *open) takeRead(ctx context.Context, p part, use func([]byte) error) (int, error) {
	r, err := o.conn().wait(ctx, p.call)
	if err != nil {
		return 0, err
	}
	defer r.release()
	data, err := readData(&r, p.length)
	if err != nil {
		return 0, err
	}
	if len(data) == 0 {
		return 0, ntstatus.EndOfFile
	}
	return len(data), use(data)
}

// readData is the data of an answer to a READ of length bytes.
func readData(r *reply, length int) ([]byte, error) {
	if !succeeded(r.header.Status) {
		return nil, r.failure()
	}
	var res smb2.ReadResponse
	if err := r.decode(&res); err != nil {
		return nil, r.broken(err)
	}
	if len(res.Data) > length {
		return nil, r.broken(violation("3.2.5.11", "%d bytes for a READ of %d", len(res.Data), length))
	}
	return res.Data, nil
}

// drop gives up what is under way of a transfer.
func (c *connection) drop(parts []part) {
	for _, p := range parts {
		if p.call != nil && !c.abandon(p.call) {
			p.call.reply.release()
		}
	}
}
