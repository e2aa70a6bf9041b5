package transfer

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

func (t *Local) prepare(_ context.Context, keep Keep) { t.keep = keep }

func (t *Local) dirExtras(_ context.Context, name string) (*extras, error) {
	f, err := t.openDir(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readExtras(f, t.keep), nil
}

func (t *Local) keeper(_ context.Context, name string) (keeper, func(), error) {
	f, err := t.openDir(name)
	if err != nil {
		return nil, nil, err
	}
	return localKeeper{f}, func() { _ = f.Close() }, nil // nothing was written by it
}

// openDir opens a directory to work on its attributes.
func (t *Local) openDir(name string) (*os.File, error) {
	f, err := t.root.OpenFile(native(name), os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, err
	}
	if i, err := f.Stat(); err != nil || !i.IsDir() {
		_ = f.Close() // of what is not used
		return nil, errors.Join(err, errNoDir)
	}
	return f, nil
}

var errNoDir = errors.New("it is no directory any more")

// localKeeper keeps extras of an open file or directory in its extended
// attributes.
type localKeeper struct{ file *os.File }

// keepStream takes a stream that a server may have promised to be short.
func (k localKeeper) keepStream(ctx context.Context, t *Transfer, s *stream) error {
	if err := checkStream(s.name); err != nil {
		return err
	}
	data := s.data
	if s.open != nil {
		in, err := s.open(ctx)
		if err != nil {
			return err
		}
		defer in.Close()
		size := in.entry().Size
		if size > maxLocalStream {
			return fmt.Errorf("%w: it has %d bytes, and beside a file of this machine is room for %d", errNoPlace, size, maxLocalStream)
		}
		data = make([]byte, size)
		for n := 0; n < len(data); {
			m, err := in.readAt(ctx, data[n:], int64(n))
			if n += m; n < len(data) && (err != nil || m == 0) {
				return errors.Join(errChanged, err)
			}
		}
	}
	if err := setStream(k.file, s.name, data); err != nil {
		return err
	}
	t.Stats.Bytes.Add(int64(len(data)))
	return nil
}

func (k localKeeper) keepEAs(_ context.Context, eas []fscc.EA) error {
	var failed []error
	for _, ea := range eas {
		if err := setEA(k.file, ea); err != nil {
			failed = append(failed, fmt.Errorf("%q: %w", ea.Name, err))
		}
	}
	return errors.Join(failed...)
}

// keepSecurity keeps it for the way back: nobody obeys it here.
func (k localKeeper) keepSecurity(_ context.Context, sd *dtyp.SecurityDescriptor) (fatal bool, err error) {
	return false, setSecurity(k.file, sd)
}

var _ keeper = localKeeper{}
