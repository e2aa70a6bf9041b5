package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/signet-smb/signet/fscc"
)

// localSource is a file of this machine being read.
type localSource struct {
	*os.File
	e Entry
}

func (t *Local) open(_ context.Context, name string) (source, error) { return t.openSource(name) }

func (t *Local) openSource(name string) (*localSource, error) {
	// Without waiting: a pipe may be where a file was listed.
	f, err := t.root.OpenFile(native(name), os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, err
	}
	i, err := f.Stat()
	if err == nil && !i.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("it is no file any more")}
	}
	if err != nil {
		_ = f.Close() // of what is not used
		return nil, err
	}
	s := &localSource{f, localEntry(i)}
	readMeta(f, &s.e)
	s.e.extras = readExtras(f, t.keep)
	return s, nil
}

func (s *localSource) entry() Entry { return s.e }

func (s *localSource) again(context.Context) (Entry, error) {
	i, err := s.Stat()
	if err != nil {
		return Entry{}, err
	}
	return localEntry(i), nil
}

func (s *localSource) readAt(_ context.Context, p []byte, off int64) (int, error) {
	return s.ReadAt(p, off)
}

func (s *localSource) reader(_ context.Context, off, n int64, count io.Writer) io.ReadCloser {
	return io.NopCloser(io.TeeReader(io.NewSectionReader(s.File, off, n), count))
}

func (s *localSource) writeTo(_ context.Context, w io.Writer, off, n int64) (int64, error) {
	return io.Copy(w, io.NewSectionReader(s.File, off, n))
}

func (t *Local) readSmall(ctx context.Context, name string, _ int64, buf []byte) ([]byte, Entry, error) {
	s, err := t.openSource(name)
	if err != nil {
		return nil, Entry{}, err
	}
	defer s.Close()
	if s.e.Size > int64(len(buf)) {
		return nil, s.e, errTooLarge
	}
	n, err := io.ReadFull(s, buf[:s.e.Size])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && s.e.Size > 0 {
		return nil, s.e, err
	}
	now, err := s.again(ctx)
	if err == nil && (!now.sameState(s.e) || int64(n) != s.e.Size) {
		err = errChanged
	}
	return buf[:n], s.e, err
}

// localPart is a part on this machine, locked.
type localPart struct {
	*os.File
	tree   *Local
	name   string
	length int64
}

// createWhole cannot: a file of this machine is seen as soon as it is there.
func (t *Local) createWhole(context.Context, string, []byte, Entry) (able bool, err error) {
	return false, nil
}

func (t *Local) createPart(_ context.Context, name string, data []byte, e Entry) (part, error) {
	f, err := t.root.OpenFile(native(name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	p := &localPart{f, t, name, 0}
	if err := p.lock(); err != nil {
		// Somebody sweeps it already.
		_ = f.Close() // nothing is in it
		return nil, fmt.Errorf("%w: %w", fs.ErrExist, err)
	}
	if e.Size > smallFile {
		err = checkSpace(f, e.Size)
	}
	if err == nil {
		_, err = f.Write(data)
	}
	if err != nil {
		p.discard(context.Background())
		return nil, err
	}
	return p, nil
}

func (t *Local) openPart(_ context.Context, name string) (part, error) {
	if i, err := t.root.Lstat(native(name)); err != nil || !i.Mode().IsRegular() {
		return nil, errBusy // by somebody who has laid something else here
	}
	f, err := t.root.OpenFile(native(name), os.O_RDWR|openNonblock, 0)
	if err != nil {
		return nil, err
	}
	p := &localPart{File: f, tree: t, name: name}
	i, err := f.Stat()
	if err == nil && !i.Mode().IsRegular() {
		err = errBusy
	}
	if err == nil {
		p.length = i.Size()
		err = p.lock()
	}
	if err != nil {
		_ = f.Close() // of what is not used
		return nil, err
	}
	return p, nil
}

// lock makes the part this process's own. errBusy says that it is another's, or
// that the name no longer leads to it.
func (p *localPart) lock() error {
	if !lockFile(p.File) {
		return errBusy
	}
	here, err := p.Stat()
	if err != nil {
		return err
	}
	there, err := p.tree.root.Lstat(native(p.name))
	if err != nil || !os.SameFile(here, there) {
		return errBusy
	}
	return nil
}

func (t *Local) sweepPart(ctx context.Context, name string) error {
	p, err := t.openPart(ctx, name)
	if err != nil {
		return err
	}
	defer p.close(ctx)
	return t.root.Remove(native(name))
}

func (p *localPart) keeper() keeper { return localKeeper{p.File} }

func (p *localPart) size() int64 { return p.length }

func (p *localPart) readAt(_ context.Context, b []byte, off int64) (int, error) {
	return p.ReadAt(b, off)
}

func (p *localPart) truncate(context.Context) error { return p.Truncate(0) }

func (p *localPart) close(context.Context) {
	_ = p.Close() // whatever is in it is checked before it is used
}

func (p *localPart) discard(ctx context.Context) {
	_ = p.tree.root.Remove(native(p.name)) // the next run sweeps it
	p.close(ctx)
}

// publish implements part: the group does it.
func (p *localPart) publish(ctx context.Context, to string, e Entry, done func(error)) {
	err := p.tree.chtimes(p.name, e)
	if err == nil {
		writeMeta(p.File, e)
		if e.Attributes&fscc.FileAttributeReadonly != 0 {
			err = p.makeReadOnly()
		}
	}
	if err != nil {
		p.discard(ctx)
		done(err)
		return
	}
	p.tree.group.add(ctx, finished{p, to, e.Size, done})
}

func (p *localPart) makeReadOnly() error {
	i, err := p.Stat()
	if err != nil {
		return err
	}
	return p.Chmod(i.Mode().Perm() &^ 0o222)
}
