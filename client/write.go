package client

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// Write writes at the position.
func (f *File) Write(p []byte) (int, error) {
	s := f.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := f.writeAt(f.ctx, p, s.position)
	s.position += int64(n)
	return n, err
}

// WriteString is Write for a string.
func (f *File) WriteString(text string) (int, error) { return f.Write([]byte(text)) }

// WriteAt writes p at offset off. Large writes are several requests at a time:
// after an error, more may have been written than the result says. [MS-SMB2]
// 3.2.4.7.
func (f *File) WriteAt(p []byte, off int64) (int, error) { return f.writeAt(f.ctx, p, off) }

// WriteAtContext is [File.WriteAt] that ends with ctx.
func (f *File) WriteAtContext(ctx context.Context, p []byte, off int64) (int, error) {
	return f.writeAt(ctx, p, off)
}

func (f *File) writeAt(ctx context.Context, p []byte, off int64) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := f.writeEach(ctx, off, func([]byte) ([]byte, error) {
		data := p[:min(len(p), f.writeChunk())]
		p = p[len(data):]
		if len(p) == 0 {
			return data, io.EOF
		}
		return data, nil
	})
	return int(n), fail("write", f.shared.name, err)
}

// ReadFrom writes what r gives at the position, until r ends: several requests
// are under way while r is read.
func (f *File) ReadFrom(r io.Reader) (int64, error) {
	s := f.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed error // r's
	n, err := f.writeEach(f.ctx, s.position, func(buf []byte) ([]byte, error) {
		if buf == nil {
			buf = make([]byte, f.writeChunk())
		}
		n, err := io.ReadFull(r, buf[:min(len(buf), f.writeChunk())])
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		if err != nil && err != io.EOF {
			failed = err
			err = io.EOF // what has come is written
		}
		return buf[:n], err
	})
	s.position += n
	if err != nil {
		return n, fail("write", s.name, err)
	}
	return n, failed
}

// writeChunk is how much one request of a large transfer carries, in bytes.
func (f *File) writeChunk() int {
	return min(chunkSize, f.shared.current.Load().conn().negotiated.maxWrite)
}

// piece is what one WRITE carries. It is kept until that is confirmed: after
// the loss of a connection it is sent again.
type piece struct {
	part        // once it is sent
	data []byte // not copied
	off  int64
	last []byte // the buffer that may be used again once the piece is confirmed; nil: others are in it, too
}

// pieces are those of one transfer that are not confirmed, in order.
type pieces struct {
	more  func([]byte) ([]byte, error)
	over  bool // more has no more
	off   int64
	queue []piece
	sent  int // of them, on the present connection
	free  [][]byte
	done  int64 // bytes confirmed without a gap
}

// writeEach writes what more gives, from off on, and returns how much the
// server has confirmed without a gap. more gets a buffer that it has returned
// before, to be used again, or nil; it gives io.EOF with or behind its last
// bytes. What a lost connection has not confirmed is written again on the next.
func (f *File) writeEach(ctx context.Context, off int64, more func([]byte) ([]byte, error)) (done int64, err error) {
	s := f.shared
	if err := s.check(); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, fs.ErrInvalid
	}
	w := pieces{more: more, off: off}
	again := false
	for left := maxRepeats; ; left-- {
		o, err := s.alive(ctx)
		if err != nil {
			return w.done, err
		}
		before, seen := w.done, o.tree.session.renewals.Load()
		err = o.writeEach(ctx, &w, again)
		if w.done > before {
			left = maxRepeats
		}
		if err == nil || left == 0 || !s.share.session.again(ctx, err, true, seen) {
			return w.done, err
		}
		again = true
	}
}

// writeEach writes all of w on the open's connection. again says that pieces of
// it may have been sent before.
func (o *open) writeEach(ctx context.Context, w *pieces, again bool) error {
	w.sent = 0
	defer func() {
		for _, p := range w.queue[:w.sent] {
			o.conn().drop([]part{p.part})
		}
	}()
	old := 0 // pieces of before, which are still in the queue
	if again {
		old = len(w.queue)
	}
	for {
		for w.sent < len(w.queue) || !w.over && len(w.queue) < depth {
			if err := w.next(); err != nil {
				return err
			}
			if w.sent == len(w.queue) {
				break // there is no more
			}
			p := &w.queue[w.sent]
			sent, err := o.sendWrite(ctx, p.data, p.off, w.sent < old)
			if err != nil {
				return err
			}
			p.part = sent
			if rest := p.data[sent.length:]; len(rest) > 0 {
				w.split(sent.length)
				if w.sent < old {
					old++
				}
			}
			w.sent++
		}
		if len(w.queue) == 0 {
			return nil
		}
		n, err := o.takeWrite(ctx, w.queue[0].part)
		w.done += int64(n)
		if err != nil {
			w.queue[0].call = nil // it is answered
			return err
		}
		if b := w.queue[0].last; b != nil {
			w.free = append(w.free, b)
		}
		w.queue = w.queue[1:]
		w.sent--
		old = max(0, old-1)
	}
}

// next makes sure that there is a piece to send, if there is any more.
func (w *pieces) next() error {
	if w.sent < len(w.queue) || w.over {
		return nil
	}
	var buf []byte
	if n := len(w.free); n > 0 {
		buf, w.free = w.free[n-1], w.free[:n-1]
	}
	data, err := w.more(buf)
	if err != nil && err != io.EOF {
		return err
	}
	w.over = err == io.EOF
	if len(data) > 0 {
		w.queue = append(w.queue, piece{data: data, off: w.off, last: data[:cap(data)]})
		w.off += int64(len(data))
	}
	return nil
}

// split makes two pieces of the one that is being sent, the first of n bytes.
func (w *pieces) split(n int) {
	p := w.queue[w.sent]
	rest := piece{data: p.data[n:], off: p.off + int64(n), last: p.last}
	p.data, p.last = p.data[:n], nil
	w.queue[w.sent] = p
	w.queue = slices.Insert(w.queue, w.sent+1, rest)
}

// sendWrite sends the beginning of data, as much as the server's credits pay
// for. data is copied. again says that it may have been sent before.
func (o *open) sendWrite(ctx context.Context, data []byte, off int64, again bool) (part, error) {
	c := o.conn()
	n := min(len(data), c.negotiated.maxWrite)
	paid, err := c.acquire(ctx, charge(n), 1, 1)
	if err != nil {
		return part{}, err
	}
	n = min(n, paid*creditSize)
	q := o.tree.request(&smb2.WriteRequest{Offset: uint64(off), FileID: o.id, Data: data[:n]})
	q.replay = again && c.negotiated.dialect >= smb2.Dialect300
	calls, err := c.submit(paid, q)
	if err != nil {
		return part{}, err
	}
	return part{calls[0], n}, nil
}

// takeWrite waits for the answer to p.
func (o *open) takeWrite(ctx context.Context, p part) (int, error) {
	r, err := o.conn().wait(ctx, p.call)
	if err != nil {
		return 0, err
	}
	defer r.release()
	if r.header.Status != ntstatus.Success {
		return 0, r.failure()
	}
	var res smb2.WriteResponse
	if err := r.decode(&res); err != nil {
		return 0, r.broken(err)
	}
	switch n := int(res.Count); {
	case n > p.length:
		return 0, r.broken(violation("3.2.5.12", "%d bytes written of %d", n, p.length))
	case n < p.length:
		return n, io.ErrShortWrite
	default:
		return n, nil
	}
}
