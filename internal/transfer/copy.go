package transfer

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"strings"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/ntstatus"
)

// copy copies one file: into a part, which takes the target's name when it is
// complete. buf is for small files.
func (t *Transfer) copy(ctx context.Context, j Job, buf []byte) {
	if ctx.Err() != nil {
		return
	}
	err := t.try(ctx, j, buf)
	// A source that was being written to, a part that another transfer to the same
	// target has taken, a connection that the next request makes anew: once more.
	if errors.Is(err, errChanged) || errors.Is(err, errLostPart) || isConnectionLost(err) && !client.Altered(err) && ctx.Err() == nil {
		err = t.try(ctx, j, buf)
	}
	if err != nil {
		t.fail(ctx, t.From.Show(j.From), err)
	}
}

// errLostPart says that somebody has removed a part.
var errLostPart = errors.New("the incomplete copy has disappeared")

// try is copy once. What fails when the part gets its name is told by
// published.
func (t *Transfer) try(ctx context.Context, j Job, buf []byte) error {
	if to, ok := t.To.(*Share); ok && isStream(j.To) {
		return t.toStream(ctx, to, j)
	}
	if j.Entry.Size <= smallFile {
		data, e, err := t.From.readSmall(ctx, j.From, j.Entry.Size, buf)
		if err == nil {
			return t.small(ctx, j, e, data)
		}
		if !errors.Is(err, errTooLarge) {
			return err
		}
	}
	return t.largeFile(ctx, j)
}

// small makes a copy that holds data.
func (t *Transfer) small(ctx context.Context, j Job, e Entry, data []byte) error {
	if j.fresh && e.extras == nil {
		able, err := t.To.createWhole(t.soft, j.To, data, e)
		if able && err == nil {
			t.Stats.Bytes.Add(int64(len(data)))
			t.Stats.Copied.Add(1)
		}
		if able && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	p, err := t.newPart(t.soft, j, e, data)
	if err != nil {
		return err
	}
	dir, _ := split(j.To)
	t.sweep(ctx, dir, j.parts)
	t.Stats.Bytes.Add(int64(len(data)))
	if err := t.give(t.soft, p.keeper(), e.extras, j.From); err != nil {
		p.discard(t.soft)
		return err
	}
	return t.publish(t.soft, p, j, e)
}

// publish gives a part its name.
func (t *Transfer) publish(ctx context.Context, p part, j Job, e Entry) (err error) {
	var later bool
	p.publish(ctx, j.To, e, func(failed error) {
		switch {
		case failed == nil:
			t.Stats.Copied.Add(1)
		case later:
			t.fail(ctx, t.From.Show(j.From), failed)
		default:
			err = failed
		}
	})
	later = true
	if errors.Is(err, ntstatus.ObjectNameNotFound) {
		return errLostPart
	}
	return err
}

// newPart makes a part with a name that nobody has.
func (t *Transfer) newPart(ctx context.Context, j Job, e Entry, data []byte) (part, error) {
	dir, base := split(j.To)
	name := join(dir, partBase(t.From.Show(j.From), base, e))
	p, err := t.To.createPart(ctx, name+".part", data, e)
	for range 3 {
		if !errors.Is(err, fs.ErrExist) {
			break
		}
		p, err = t.To.createPart(ctx, another(name), data, e)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// largeFile copies a file that may be broken off, and gone on with.
func (t *Transfer) largeFile(ctx context.Context, j Job) error {
	select {
	case t.large <- struct{}{}:
		defer func() { <-t.large }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	in, err := t.From.open(ctx, j.From)
	if err != nil {
		return err
	}
	defer in.Close()
	e := in.entry()
	out, off, err := t.resume(ctx, j, in)
	if err != nil {
		return err
	}
	if out == nil {
		if out, err = t.newPart(t.soft, j, e, nil); err != nil {
			return err
		}
	}
	t.Stats.Resumed.Add(off)
	err = t.pump(ctx, in, out, off, e.Size)
	if err == nil {
		var now Entry
		if now, err = in.again(ctx); err == nil && !now.sameState(e) {
			err = errChanged
		}
	}
	if err == nil {
		err = t.give(ctx, out.keeper(), e.extras, j.From)
	}
	switch {
	case err == nil:
		return t.publish(t.soft, out, j, e)
	case e.Size > resumeMargin && (ctx.Err() != nil || isConnectionLost(err)):
		out.close(t.soft) // the next run goes on with it
	default:
		out.discard(t.soft)
	}
	return err
}

// resume finds a part of the same state of the same file, and tells from where
// on it is to be written. The other parts of the target are swept.
func (t *Transfer) resume(ctx context.Context, j Job, in source) (out part, off int64, err error) {
	if len(j.parts) == 0 {
		return nil, 0, nil
	}
	dir, base := split(j.To)
	prefix := partBase(t.From.Show(j.From), base, in.entry())
	var others []Entry
	for _, p := range j.parts {
		if out != nil || p.Dir || p.Special != "" || in.entry().Size <= resumeMargin || !strings.HasPrefix(p.Name, prefix) {
			others = append(others, p)
			continue
		}
		found, err := t.To.openPart(ctx, join(dir, p.Name))
		if err != nil {
			continue // another transfer's
		}
		if off, err = resumeAt(ctx, in, found); err != nil {
			found.close(ctx)
			return nil, 0, err
		}
		if off == 0 {
			found.discard(ctx)
			continue
		}
		out = found
	}
	t.sweep(ctx, dir, others)
	return out, off, nil
}

// Samples of a part that is gone on with.
const (
	samples    = 16
	sampleSize = 64 << 10
)

// resumeAt is from where on a copy goes on: resumeMargin before the end of what
// is there, if what comes before that is the same, as far as samples tell. They
// are random: nobody can prepare a file for them.
func resumeAt(ctx context.Context, in source, out part) (int64, error) {
	size := in.entry().Size
	off := (out.size() - resumeMargin) / sampleSize * sampleSize
	if out.size() > size || off <= 0 {
		return 0, nil
	}
	have, want := make([]byte, sampleSize), make([]byte, sampleSize)
	for i := range samples {
		at := off - sampleSize // the last bytes, and then any
		if i > 0 {
			n, err := rand.Int(rand.Reader, big.NewInt(off-sampleSize+1))
			if err != nil {
				return 0, err
			}
			at = n.Int64()
		}
		if _, err := out.readAt(ctx, have, at); err != nil {
			return 0, err
		}
		if _, err := in.readAt(ctx, want, at); err != nil {
			return 0, err
		}
		if !bytes.Equal(have, want) {
			return 0, nil
		}
	}
	return off, nil
}

// pump copies in to out, from off on to size.
func (t *Transfer) pump(ctx context.Context, in source, out part, off, size int64) error {
	count := &counter{&t.Stats.Bytes}
	var n int64
	var err error
	switch out := out.(type) {
	case *sharePart:
		if from, ok := in.(*shareSource); ok {
			n, err = out.copyWithin(ctx, from, off, size)
			t.Stats.Bytes.Add(n)
			if !errors.Is(err, fs.ErrInvalid) {
				break
			}
			off += n
		}
		r := in.reader(ctx, off, size-off, count)
		n, err = out.writeFrom(ctx, off, r)
		_ = r.Close() // only read
	case *localPart:
		n, err = in.writeTo(ctx, io.MultiWriter(io.NewOffsetWriter(out, off), count), off, size-off)
	}
	if err == nil && n < size-off {
		return errChanged // it became shorter
	}
	return err
}

// isConnectionLost reports whether nothing more can be asked of a server.
func isConnectionLost(err error) bool {
	_, ok := errors.AsType[*client.ConnectionError](err)
	return ok
}
