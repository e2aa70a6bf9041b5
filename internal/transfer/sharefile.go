package transfer

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
)

// shareSource is a file of a share being read.
type shareSource struct {
	*client.File
	tree *Share
	e    Entry
}

func (t *Share) open(ctx context.Context, name string) (source, error) {
	s, err := t.openSource(ctx, name)
	if err != nil {
		return nil, err
	}
	if s.e.extras, err = t.extras(ctx, name, nil); err != nil {
		_ = s.Close() // only read
		return nil, err
	}
	return s, nil
}

// openSource opens a file, or a stream of one, to read it.
func (t *Share) openSource(ctx context.Context, name string) (*shareSource, error) {
	f, err := t.share.OpenFile(ctx, name, client.OpenOptions{
		Access:  dtyp.FileReadData | dtyp.FileReadAttributes | dtyp.Synchronize,
		Options: fscc.OptionNonDirectoryFile | fscc.OptionSequentialOnly,
	})
	if err != nil {
		return nil, err
	}
	return &shareSource{f, t, EntryOf(f.OpenInfo())}, nil
}

func (s *shareSource) entry() Entry { return s.e }

func (s *shareSource) again(ctx context.Context) (Entry, error) {
	i, err := s.Stat(ctx)
	if err != nil {
		return Entry{}, err
	}
	return EntryOf(i), nil
}

func (s *shareSource) readAt(ctx context.Context, p []byte, off int64) (int, error) {
	return s.ReadAtContext(ctx, p, off)
}

// readSmall asks for hardly more than the file is long: a server takes memory
// for what is asked for, and one message asks for several files if they are
// small.
func (t *Share) readSmall(ctx context.Context, name string, listed int64, buf []byte) ([]byte, Entry, error) {
	read := func(p []byte) (n int, i *client.FileInfo, streams []client.Stream, err error) {
		if t.lists() {
			return t.share.ReadSmallFileStreams(ctx, name, p)
		}
		n, i, err = t.share.ReadSmallFile(ctx, name, p)
		return n, i, nil, err
	}
	ask := min(max(listed, 0)+1, smallFile)
	n, i, streams, err := read(buf[:ask])
	if err == nil && i.Size() > ask && i.Size() <= smallFile { // it has grown
		n, i, streams, err = read(buf[:smallFile])
	}
	if err != nil {
		return nil, Entry{}, err
	}
	e := EntryOf(i)
	switch {
	case e.Size > smallFile:
		return nil, e, errTooLarge
	case e.Size != int64(n):
		return nil, e, errChanged
	}
	e.extras, err = t.extras(ctx, name, streams)
	return buf[:n], e, err
}

// sharePart is a part on a share. A large one, and one that gets more than
// content, is open, for nobody else; another small one was written at once.
type sharePart struct {
	*client.File // nil: it is small, and has its times and attributes
	tree         *Share
	name         string
}

// partAccess is what is done with a part.
const partAccess = dtyp.FileReadData | dtyp.FileWriteData | dtyp.Delete | dtyp.FileReadAttributes | dtyp.FileWriteAttributes | dtyp.Synchronize

func (t *Share) createPart(ctx context.Context, name string, data []byte, e Entry) (part, error) {
	p := &sharePart{tree: t, name: name}
	if e.Size <= smallFile && e.extras == nil {
		return p, t.share.WriteNewFile(ctx, name, data, client.NewFile{Times: times(e), Attributes: e.Attributes})
	}
	f, err := t.share.OpenFile(ctx, name, client.OpenOptions{
		Access: partAccess, Exclusive: true, Disposition: client.CreateNew, Options: fscc.OptionNonDirectoryFile,
	})
	if err != nil {
		return nil, err
	}
	p.File = f
	if _, err := f.WriteAtContext(ctx, data, 0); err != nil {
		p.discard(ctx)
		return nil, err
	}
	return p, nil
}

func (p *sharePart) keeper() keeper { return shareKeeper{p.tree, p.name} }

// createWhole makes a small file as one message: nobody sees it before it is
// complete, so it needs no part.
func (t *Share) createWhole(ctx context.Context, name string, data []byte, e Entry) (able bool, err error) {
	return true, t.share.WriteNewFile(ctx, name, data, client.NewFile{Times: times(e), Attributes: e.Attributes})
}

// times are those of e as the client sets them.
func times(e Entry) client.Times {
	return client.Times{Creation: e.Created, LastAccess: e.Accessed, LastWrite: e.Modified}
}

// busyPatience is how long a part is waited for that somebody has open: a
// server may not have noticed yet that a client was killed.
const (
	busyPatience = 2 * time.Second
	busyInterval = 50 * time.Millisecond
)

func (t *Share) openPart(ctx context.Context, name string) (part, error) {
	for begin := time.Now(); ; {
		f, err := t.share.OpenFile(ctx, name, client.OpenOptions{
			Access: partAccess, Exclusive: true, Options: fscc.OptionNonDirectoryFile | fscc.OptionOpenReparsePoint,
		})
		switch {
		case err == nil:
			return &sharePart{f, t, name}, nil
		case !errors.Is(err, ntstatus.SharingViolation):
			return nil, err
		case time.Since(begin) > busyPatience:
			return nil, errBusy
		}
		select {
		case <-time.After(busyInterval):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// sweepPart fails with a sharing violation where somebody uses the part.
func (t *Share) sweepPart(ctx context.Context, name string) error { return t.share.Remove(ctx, name) }

func (p *sharePart) size() int64 { return p.OpenInfo().Size() }

func (p *sharePart) readAt(ctx context.Context, b []byte, off int64) (int, error) {
	return p.ReadAtContext(ctx, b, off)
}

func (p *sharePart) truncate(ctx context.Context) error { return p.Truncate(ctx, 0) }

func (p *sharePart) close(context.Context) {
	if p.File != nil {
		_ = p.Close() // whatever is in it is checked before it is used
	}
}

func (p *sharePart) discard(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	if p.File != nil {
		// By the open, if that goes: the access list that was copied may forbid it.
		err := p.SetInfo(ctx, fscc.FileDispositionInformation, &fscc.DispositionInformation{DeletePending: true})
		p.close(ctx)
		if err == nil {
			return
		}
	}
	_ = p.tree.share.Remove(ctx, p.name) // the next run sweeps it
}

func (p *sharePart) publish(ctx context.Context, to string, e Entry, done func(error)) {
	done(p.publishNow(ctx, to, e))
}

func (p *sharePart) publishNow(ctx context.Context, to string, e Entry) error {
	err := p.rename(ctx, to, e)
	if errors.Is(err, ntstatus.AccessDenied) && p.tree.makeWritable(ctx, to) {
		err = p.tree.share.Rename(ctx, p.name, to, true)
	}
	if err != nil {
		p.discard(ctx)
	}
	return err
}

// rename gives a part its attributes and the name to, and closes it.
func (p *sharePart) rename(ctx context.Context, to string, e Entry) error {
	if p.File == nil {
		return p.tree.share.Rename(ctx, p.name, to, true)
	}
	defer p.close(ctx)
	if e.Size > resumeMargin {
		// One flush costs nothing beside such a file; for small ones the server
		// is trusted to keep what it has acknowledged.
		if err := p.Sync(ctx); err != nil {
			return err
		}
	}
	basic := &fscc.BasicInformation{
		CreationTime: fileTime(e.Created), LastAccessTime: fileTime(e.Accessed), LastWriteTime: fileTime(e.Modified), FileAttributes: e.Attributes,
	}
	if err := p.SetInfo(ctx, fscc.FileBasicInformation, basic); err != nil {
		return err
	}
	// By the open, which nobody else has: the name may lead elsewhere by now.
	return p.SetInfo(ctx, fscc.FileRenameInformation, &fscc.RenameInformation{ReplaceIfExists: true, FileName: strings.ReplaceAll(to, "/", `\`)})
}

// fileTime is the FILETIME of t; that of the zero Time leaves it unchanged.
func fileTime(t time.Time) dtyp.FileTime {
	if t.IsZero() {
		return fscc.TimeUnchanged
	}
	return dtyp.FileTimeOf(t)
}

// makeWritable lets a read-only file be replaced, which it else is by nobody.
func (t *Share) makeWritable(ctx context.Context, name string) bool {
	old, err := t.share.Stat(ctx, name)
	return err == nil && !old.IsDir() && old.FileAttributes&fscc.FileAttributeReadonly != 0 &&
		t.share.SetAttributes(ctx, name, 0) == nil
}

// copyWithin lets a server copy in, which is in the same session, from off on;
// fs.ErrInvalid says that it cannot.
func (p *sharePart) copyWithin(ctx context.Context, in *shareSource, off, size int64) (int64, error) {
	if p.tree.share.Session() != in.tree.share.Session() {
		return 0, fs.ErrInvalid
	}
	n, err := p.CopyFrom(ctx, in.File, uint64(off), uint64(off), uint64(size-off))
	for _, cannot := range []ntstatus.Status{ntstatus.NotSupported, ntstatus.InvalidDeviceRequest, ntstatus.ObjectNameNotFound, ntstatus.NotSameDevice} {
		if errors.Is(err, cannot) {
			return n, fs.ErrInvalid
		}
	}
	return n, err
}
