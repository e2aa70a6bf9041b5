package transfer

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/fscc"
)

// Tree is a tree of files that is copied from or to: a *[Local] or a *[Share].
// Names in it are relative to its root, with slashes; "" is the root. Safe for
// concurrent use.
type Tree interface {
	// Stat describes a file or directory; a link itself, where that shows.
	Stat(ctx context.Context, name string) (Entry, error)
	// Show is what messages call a file. It may need to be escaped.
	Show(name string) string
	// Localize is the name that a file called name elsewhere has here, or a
	// *[NameError].
	Localize(name string) (string, error)

	// portable undoes Localize, for a name that a listing has shown.
	portable(name string) (string, error)
	// fold makes names that stand for one file here the same.
	fold(name string) string
	// list gives the entries of a directory to add, in any order, or only what
	// may be parts; an error of one name is told by bad, and the listing goes on.
	list(ctx context.Context, dir string, onlyParts bool, add func(Entry) error, bad func(error)) error
	open(ctx context.Context, name string) (source, error)
	// readSmall reads a file of at most smallFile bytes, which errTooLarge says
	// it no longer is. It was listed with so many bytes. buf, of that size, may be
	// used for it.
	readSmall(ctx context.Context, name string, listed int64, buf []byte) ([]byte, Entry, error)
	// createPart makes a part for e that begins with data, of at most smallFile
	// bytes. The error wraps fs.ErrExist if the name is taken.
	createPart(ctx context.Context, name string, data []byte, e Entry) (part, error)
	// createWhole makes a file that holds data, of at most smallFile bytes, with
	// what is kept of e, where nobody can see it before it is complete; able is
	// false where somebody could. The error wraps fs.ErrExist if the name is
	// taken.
	createWhole(ctx context.Context, name string, data []byte, e Entry) (able bool, err error)
	// openPart opens a part that is there, unless errBusy says that somebody
	// uses it.
	openPart(ctx context.Context, name string) (part, error)
	// sweepPart removes a part that nobody uses.
	sweepPart(ctx context.Context, name string) error
	mkdir(ctx context.Context, name string) (made bool, err error)
	// setMeta gives a directory its times and attributes.
	setMeta(ctx context.Context, name string, e Entry) error
	// remove removes what e describes, and never what a link leads to.
	remove(ctx context.Context, name string, e Entry) error
	// prepare says what is to be kept, before anything is copied.
	prepare(ctx context.Context, keep Keep)
	// dirExtras is what a directory has besides what it holds.
	dirExtras(ctx context.Context, name string) (*extras, error)
	// keeper is where extras of a directory are kept; done ends its use.
	keeper(ctx context.Context, name string) (k keeper, done func(), err error)
	// flush waits until what was published has its name, and is safe.
	flush(ctx context.Context) error
}

// source is a file being read.
type source interface {
	io.Closer
	entry() Entry                             // as of the open
	again(ctx context.Context) (Entry, error) // as it is now
	readAt(ctx context.Context, p []byte, off int64) (int, error)
	// reader gives n bytes from off on, and tells count of them.
	reader(ctx context.Context, off, n int64, count io.Writer) io.ReadCloser
	// writeTo writes n bytes from off on, or fewer if there are none, to w.
	writeTo(ctx context.Context, w io.Writer, off, n int64) (int64, error)
}

// part is a copy that is not complete. One of close, discard and publish ends
// its use.
type part interface {
	size() int64 // when it was opened
	readAt(ctx context.Context, p []byte, off int64) (int, error)
	truncate(ctx context.Context) error
	keeper() keeper
	// publish gives the part what is kept of e, and the name to. It calls done
	// when that is so, which may be as late as in Tree.flush; after an error
	// without the name, the part is gone.
	publish(ctx context.Context, to string, e Entry, done func(error))
	close(ctx context.Context)
	discard(ctx context.Context)
}

// Entry is what is known of a file, and kept when it is copied.
type Entry struct {
	Name       string // the last component, as its tree writes it
	Dir        bool
	Special    string // why it is not copied, "a symbolic link"; "" if it can be
	Size       int64  // bytes
	Modified   time.Time
	Accessed   time.Time // zero: not known
	Created    time.Time // zero: not known
	Changed    time.Time // of content or attributes; zero: not known
	ID         uint64    // of the file, on its file system; 0: not known
	Attributes fscc.FileAttributes

	extras *extras // of a file that was opened
}

// keptAttributes travel with a file.
const keptAttributes = fscc.FileAttributeReadonly | fscc.FileAttributeHidden | fscc.FileAttributeSystem | fscc.FileAttributeArchive

// sameState reports whether nobody has written to a file between two looks.
func (e Entry) sameState(o Entry) bool {
	return e.Size == o.Size && e.Modified.Equal(o.Modified) && e.Changed.Equal(o.Changed)
}

// EntryOf describes a file of a server.
func EntryOf(i *client.FileInfo) Entry {
	e := Entry{
		Name: i.Name(), Dir: i.IsDir(), Size: i.Size(), Modified: i.LastWriteTime, Accessed: i.LastAccessTime, Created: i.CreationTime,
		Changed: i.ChangeTime, ID: i.FileID, Attributes: i.FileAttributes & keptAttributes,
	}
	if i.Mode().Type()&^(1<<31) != 0 { // neither file nor directory
		e.Special = "a symbolic link"
	}
	return e
}

// smallFile is the largest file, in bytes, that is read and written at once:
// what one credit pays for ([MS-SMB2] 3.2.4.1.5).
const smallFile = client.MaxSmallFile

var (
	errTooLarge = errors.New("it has grown")
	errBusy     = errors.New("another transfer is at work on it")
	errChanged  = errors.New("it was changed while it was copied")
)
