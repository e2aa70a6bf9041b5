package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/ntstatus"
)

// chunkSize is how much of a file is under way at a time, in bytes: what comes
// before the last chunk of an incomplete copy was written before it.
const chunkSize = 4 << 20

// chunks are buffers for parts of files.
var chunks = sync.Pool{New: func() any { return new([chunkSize]byte) }}

// cleanupTime bounds how long an interrupted transfer takes to remove what is
// not worth keeping.
const cleanupTime = 5 * time.Second

// copy copies one file: into a file beside the target, which takes its place
// when it is complete. What a broken copy has left there is gone on with.
func (t *transfer) copy(ctx context.Context, j copyJob) {
	if ctx.Err() != nil {
		return
	}
	part := partName(t.from.show(j.from), j)
	err := t.copyTo(ctx, j, part)
	if err == nil {
		err = t.to.setMeta(ctx, part, j.entry)
	}
	if err == nil {
		err = t.to.rename(ctx, part, j.to)
	}
	if err == nil {
		t.copied.Add(1)
		return
	}
	// A large one is kept: the next run goes on with it.
	if j.entry.size <= chunkSize || ctx.Err() == nil && !isConnectionLost(err) {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
		_ = t.to.remove(clean, part, false) // nothing more can be done for it
		cancel()
	}
	t.fail(ctx, t.from.show(j.from), err)
}

// partName is where the copy of j grows: another for another source, and for
// another state of it.
func partName(source string, j copyJob) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%d", source, j.to, j.entry.size, j.entry.modified.UnixNano()))
	dir := j.to[:strings.LastIndexByte(j.to, '/')+1]
	return dir + partPrefix + hex.EncodeToString(sum[:8]) + partSuffix
}

func (t *transfer) copyTo(ctx context.Context, j copyJob, part string) error {
	if done, err := t.copyWithin(ctx, j, part); done {
		return err
	}
	in, err := t.from.open(ctx, j.from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := t.to.openPart(ctx, part)
	if err != nil {
		return err
	}
	off, err := resumeAt(ctx, in, out, j.entry.size)
	if err == nil && off == 0 && out.size() > 0 {
		err = out.truncate(ctx)
	}
	if err == nil {
		t.bytes.Add(off)
		err = t.pump(ctx, in, out, off, j.entry.size)
	}
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}

// copyWithin lets a server copy within itself; done is false if it is not one
// share, or the server cannot.
func (t *transfer) copyWithin(ctx context.Context, j copyJob, part string) (done bool, err error) {
	from, ok := t.from.(*shareTree)
	to, alike := t.to.(*shareTree)
	if !ok || !alike || from.share != to.share {
		return false, nil
	}
	n, err := to.share.Copy(ctx, j.from, part)
	if errors.Is(err, ntstatus.NotSupported) || errors.Is(err, ntstatus.InvalidDeviceRequest) {
		return false, nil
	}
	t.bytes.Add(n)
	return true, err
}

// resumeAt is from where on a copy goes on: before the last chunk of what is
// there, if what comes before that is the same.
func resumeAt(ctx context.Context, in, out openFile, size int64) (int64, error) {
	if out.size() > size {
		return 0, nil
	}
	off := (out.size() - chunkSize) / chunkSize * chunkSize
	if off <= 0 {
		return 0, nil
	}
	const probe = 64 << 10
	have, want := make([]byte, probe), make([]byte, probe)
	if _, err := out.readAt(ctx, have, off-probe); err != nil {
		return 0, err
	}
	if _, err := in.readAt(ctx, want, off-probe); err != nil {
		return 0, err
	}
	if !bytes.Equal(have, want) {
		return 0, nil
	}
	return off, nil
}

// pump copies in from off on to its end, which must be at size: while one
// chunk is written, the next one is read.
func (t *transfer) pump(ctx context.Context, in, out openFile, off, size int64) error {
	type chunk struct {
		buf *[chunkSize]byte
		n   int
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	read := make(chan chunk)
	var reader sync.WaitGroup
	defer reader.Wait()
	defer cancel()
	reader.Go(func() {
		defer close(read)
		for at := off; at < size; {
			buf, _ := chunks.Get().(*[chunkSize]byte)
			n, err := in.readAt(ctx, buf[:min(chunkSize, size-at)], at)
			if n > 0 && errors.Is(err, io.EOF) {
				err = nil
			}
			select {
			case read <- chunk{buf, n, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
			at += int64(n)
		}
	})
	at := off
	for c := range read {
		if errors.Is(c.err, io.EOF) {
			return errors.New("it became shorter while it was read")
		}
		if c.err != nil {
			return c.err
		}
		if err := out.writeAt(ctx, c.buf[:c.n], at); err != nil {
			return err
		}
		chunks.Put(c.buf)
		at += int64(c.n)
		t.bytes.Add(int64(c.n))
	}
	if at < size {
		return cmpError(context.Cause(ctx), errors.New("it could not be read to its end"))
	}
	return nil
}

// cmpError is the first error that is one.
func cmpError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// isConnectionLost reports whether nothing more can be asked of the server.
func isConnectionLost(err error) bool {
	_, ok := errors.AsType[*client.ConnectionError](err)
	return ok
}
