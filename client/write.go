package client

import (
	"context"
	"errors"
	"io"
	"io/fs"

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
		n, err := io.ReadFull(r, buf)
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
func (f *File) writeChunk() int { return min(chunkSize, f.shared.connection().negotiated.maxWrite) }

// writeEach writes what more gives, from off on, and returns how much the
// server has confirmed without a gap. more gets what it returned last, to be
// used again, and gives io.EOF with or behind its last bytes.
func (f *File) writeEach(ctx context.Context, off int64, more func([]byte) ([]byte, error)) (done int64, err error) {
	if err := f.shared.check(); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, fs.ErrInvalid
	}
	c := f.shared.connection()
	var parts []part
	defer func() { c.drop(parts) }()
	var buf []byte
	for over := false; ; {
		for !over && len(parts) < depth {
			data, err := more(buf)
			if err != nil && err != io.EOF {
				return done, err
			}
			over = err == io.EOF
			for rest := data; len(rest) > 0; {
				p, err := f.sendWrite(ctx, rest, off)
				if err != nil {
					return done, err
				}
				parts = append(parts, p)
				rest = rest[p.length:]
				off += int64(p.length)
			}
			buf = data[:cap(data)]
			if len(buf) > f.writeChunk() {
				buf = buf[:f.writeChunk()]
			}
		}
		if len(parts) == 0 {
			return done, nil
		}
		p := parts[0]
		parts = parts[1:]
		n, err := f.takeWrite(ctx, p)
		done += int64(n)
		if err != nil {
			return done, err
		}
	}
}

// sendWrite sends the beginning of data, as much as the server's credits pay
// for. data is copied.
func (f *File) sendWrite(ctx context.Context, data []byte, off int64) (part, error) {
	s := f.shared
	c := s.connection()
	n := min(len(data), c.negotiated.maxWrite)
	paid, err := c.acquire(ctx, charge(n), 1, 1)
	if err != nil {
		return part{}, err
	}
	n = min(n, paid*creditSize)
	calls, err := c.submit(paid, s.share.request(&smb2.WriteRequest{
		Offset: uint64(off), FileID: s.id, Data: data[:n],
	}))
	if err != nil {
		return part{}, err
	}
	return part{calls[0], n}, nil
}

// takeWrite waits for the answer to p.
func (f *File) takeWrite(ctx context.Context, p part) (int, error) {
	c := f.shared.connection()
	r, err := c.wait(ctx, p.call)
	if err != nil {
		return 0, err
	}
	defer r.release()
	if r.header.Status != ntstatus.Success {
		return 0, r.header.Status
	}
	var res smb2.WriteResponse
	if err := r.decode(&res); err != nil {
		return 0, c.broken(err)
	}
	switch n := int(res.Count); {
	case n > p.length:
		return 0, c.broken(violation("3.2.5.12", "%d bytes written of %d", n, p.length))
	case n < p.length:
		return n, io.ErrShortWrite
	default:
		return n, nil
	}
}
