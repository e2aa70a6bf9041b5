package main

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/fscc"
)

// fileTree is a tree of files that is copied from or to: of this machine or of
// a share. Names in it are relative to its root, with slashes. Safe for
// concurrent use.
type fileTree interface {
	stat(ctx context.Context, name string) (fileEntry, error)
	// list gives the entries of a directory to add, in any order; an error of
	// one name is told by bad, which returns, and the listing goes on.
	list(ctx context.Context, dir string, add func(fileEntry) error, bad func(error)) error
	open(ctx context.Context, name string) (openFile, error)
	// openPart opens the file called name, or makes it, for reading and
	// writing.
	openPart(ctx context.Context, name string) (openFile, error)
	mkdir(ctx context.Context, name string) error // not an error if it is there
	setMeta(ctx context.Context, name string, e fileEntry) error
	rename(ctx context.Context, from, to string) error // replaces a file
	remove(ctx context.Context, name string, dir bool) error
	// checkName tells why no file here can have this name, or should.
	checkName(name string) error
	// show is what messages call the file.
	show(name string) string
}

// openFile is a file of a fileTree being read or written.
type openFile interface {
	io.Closer
	readAt(ctx context.Context, p []byte, off int64) (int, error)
	writeAt(ctx context.Context, p []byte, off int64) error
	size() int64 // when it was opened
	truncate(ctx context.Context) error
}

// fileEntry is what is known of a file, and kept when it is copied.
type fileEntry struct {
	name       string // the last component
	dir        bool
	special    string // why it is not copied, "a symbolic link"; "" if it can be
	size       int64  // bytes
	modified   time.Time
	accessed   time.Time // zero: not known
	created    time.Time // zero: not known
	attributes fscc.FileAttributes
}

// keptAttributes travel with a file.
const keptAttributes = fscc.FileAttributeReadonly | fscc.FileAttributeHidden | fscc.FileAttributeSystem | fscc.FileAttributeArchive

// entryOf describes a file of a server.
func entryOf(i *client.FileInfo) fileEntry {
	e := fileEntry{
		name: i.Name(), dir: i.IsDir(), size: i.Size(), modified: i.LastWriteTime, accessed: i.LastAccessTime, created: i.CreationTime,
		attributes: i.FileAttributes & keptAttributes,
	}
	if i.Mode().Type()&^(1<<31) != 0 { // neither file nor directory
		e.special = "a symbolic link"
	}
	return e
}

// A copy is made in a file beside its target, whose name begins and ends so.
const (
	partPrefix = ".signet-"
	partSuffix = ".part"
)

// isPart reports whether name is the name of a copy that is not complete.
func isPart(name string) bool {
	return strings.HasPrefix(name, partPrefix) && strings.HasSuffix(name, partSuffix)
}

// nameProblem is a name that is not used.
type nameProblem struct{ name, problem string }

func (e *nameProblem) Error() string { return e.name + ": left out: " + e.problem }
