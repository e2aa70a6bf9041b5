package transfer

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
)

// counter counts bytes that are written to it.
type counter struct{ n *atomic.Int64 }

// Write implements [io.Writer].
func (c *counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

// errEnough ends a read of what is asked for.
var errEnough = errors.New("enough")

// limited lets so many bytes through to w, and then fails with errEnough.
type limited struct {
	w    io.Writer
	left int64
	n    int64 // that went through
}

// Write implements [io.Writer].
func (l *limited) Write(p []byte) (int, error) {
	n, err := l.w.Write(p[:min(int64(len(p)), l.left)])
	l.n += int64(n)
	l.left -= int64(n)
	if err == nil && n < len(p) {
		err = errEnough
	}
	return n, err
}

// writeTo keeps several requests under way while w is written to.
func (s *shareSource) writeTo(ctx context.Context, w io.Writer, off, n int64) (int64, error) {
	f := s.WithContext(ctx)
	if _, err := f.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	l := &limited{w: w, left: n}
	_, err := f.WriteTo(l)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return l.n, err
}

// ahead reads a file of a server in a goroutine, while somebody writes it to
// another.
type ahead struct {
	io.Reader
	pipe *io.PipeReader
	done chan struct{}
}

func (s *shareSource) reader(ctx context.Context, off, n int64, count io.Writer) io.ReadCloser {
	r, w := io.Pipe()
	a := &ahead{io.TeeReader(r, count), r, make(chan struct{})}
	go func() {
		defer close(a.done)
		_, err := s.writeTo(ctx, w, off, n)
		_ = w.CloseWithError(err) // nil is io.EOF
	}()
	return a
}

// Close ends the goroutine.
func (a *ahead) Close() error {
	err := a.pipe.Close()
	<-a.done
	return err
}

// writeFrom keeps several requests under way while r is read.
func (p *sharePart) writeFrom(ctx context.Context, off int64, r io.Reader) (int64, error) {
	f := p.WithContext(ctx)
	if _, err := f.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	return f.ReadFrom(r)
}
