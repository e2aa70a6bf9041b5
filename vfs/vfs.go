// Package vfs is what a back end implements to be served: a tree of files and
// directories, addressed by references and single names, never by paths.
//
// The package is a contract, not an implementation. A back end is dumb on
// purpose: share modes, delete-on-close, wildcards, locks and notification
// live once, above it, in internal/fsa.
//
// # Names
//
// A name is one component of a path, as UTF-8, already validated: not empty,
// not "." or "..", without control characters and none of " * / : < > ? \ |.
// Names are kept byte for byte as they were created, and looked up without
// regard to case: two names are the same when [Fold] maps them to one. Only
// Lookup ignores case; every other method means the entry of exactly that name,
// as Lookup returned it.
//
// What a back end stores may have names that are none of these. It returns
// others for them, one for each, which lead back to the entry. A new name that
// it could not return again as it is, Create and Rename refuse with
// ntstatus.ObjectNameInvalid.
//
// # Errors
//
// A method returns what is natural to it: an ntstatus.Status, an io/fs error,
// a syscall.Errno, a context error. ntstatus.FromError makes a status of it.
// A name that is not there is fs.ErrNotExist, one that is there already
// fs.ErrExist, a directory that is not empty ntstatus.DirectoryNotEmpty, a
// missing right fs.ErrPermission. Nothing is created in or moved to a removed
// directory: fs.ErrNotExist.
//
// # Concurrency
//
// All methods are safe for concurrent use. Three phrases say what the caller
// guarantees besides:
//
//   - No guarantee: any other call may run at the same time.
//   - Not concurrent with changes to this name: no other call through this
//     server creates, renames or removes an entry of that directory whose
//     name folds to the same name.
//   - Alone on this directory: no other call changes an entry of it.
//
// Other programs may change the tree at any time.
//
// # Buffers
//
// A method may use a p []byte only during the call; it keeps none.
package vfs

import (
	"context"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// FileID identifies a file for as long as it exists, whatever its names: the
// file system's own identity. Two references to the same file have equal IDs,
// two files that exist at the same time never do, across all back ends of a
// process. Comparable.
type FileID struct {
	Volume     uint64 // which file system
	File       uint64 // inode number, stable over restarts
	Generation uint64 // tells a reused inode number from its predecessor; 0 if the back end cannot
}

// Cred is who acts on a back end that knows users. A nil *Cred is the process
// itself. Immutable.
type Cred struct {
	UID    uint32
	GID    uint32
	Groups []uint32 // supplementary groups
}

// Attr is what a back end knows about a file. Times are zero where it does
// not know them.
type Attr struct {
	ID             FileID
	Attributes     fscc.FileAttributes // at least FileAttributeDirectory for a directory; none is 0, never FileAttributeNormal
	HiddenByName   bool                // FileAttributeHidden is among them because of the name alone: nobody set it
	CreationTime   time.Time
	LastAccessTime time.Time
	LastWriteTime  time.Time
	ChangeTime     time.Time
	EndOfFile      uint64 // bytes; 0 for a directory
	AllocationSize uint64 // bytes occupied
	NumberOfLinks  uint32 // 1 for a directory; 0 once removed
	EASize         uint32 // bytes of all extended attributes, each counted as fscc.EA's Size
	HasStreams     bool   // it may have named streams; false: it has none
	HasDescriptor  bool   // a security descriptor may be stored for it; false: none is
	Special        bool   // neither regular file nor directory (FIFO, socket, device, symbolic link): listed, never opened
}

// IsDir reports whether the file is a directory.
func (a *Attr) IsDir() bool { return a.Attributes&fscc.FileAttributeDirectory != 0 }

// SetAttr is a change of attributes; nil fields stay as they are.
type SetAttr struct {
	Attributes     *fscc.FileAttributes // replaces all; FileAttributeNormal and FileAttributeDirectory count as 0
	CreationTime   *time.Time
	LastAccessTime *time.Time
	LastWriteTime  *time.Time
	ChangeTime     *time.Time // until the next change; nil: now, if anything else changes
	Sparse         *bool      // FileAttributeSparseFile, which Attributes leaves as it is
}

// Info is what a back end knows about its volume.
type Info struct {
	SerialNumber   uint32
	CreationTime   time.Time
	TotalBytes     uint64
	FreeBytes      uint64 // free for anyone
	AvailableBytes uint64 // free for the caller
	BlockSize      uint32 // bytes per allocation unit, a power of two
	MaxNameLength  uint32 // in UTF-16 code units
	FileSystemName string // "NTFS" where clients should believe so

	// What the back end can store. What it cannot, SetAttr refuses with
	// ntstatus.NotSupported (Attributes, Sparse) or ignores (CreationTime,
	// ChangeTime); a part of the volume may be able to store less.
	StoresAttributes   bool
	StoresCreationTime bool // and ChangeTime
	StoresSparse       bool
	StoresEAs          bool
	StoresStreams      bool // named ones
	StoresDescriptors  bool // of security
}

// Mode is what a file is opened for.
type Mode uint8

// Modes, to be combined.
const (
	ModeRead Mode = 1 << iota
	ModeWrite
)

// AlwaysGranted are the rights that whoever can look a file up has on it: what
// it is, and who may use it, is no secret from him.
const AlwaysGranted = dtyp.FileReadAttributes | dtyp.ReadControl | dtyp.Synchronize

// FS is a tree of files. It is closed by whoever made it.
type FS interface {
	// Root returns a new reference to the root directory. No guarantee.
	Root(ctx context.Context) (Node, error)

	// Lookup returns a new reference to the entry of dir that is called name,
	// without regard to case, and its name as stored. An exact match wins over
	// one that differs in case. Symbolic links are not followed. Not
	// concurrent with changes to this name.
	Lookup(ctx context.Context, as *Cred, dir Node, name string) (Node, string, error)

	// Create makes a file or directory called exactly name and returns a
	// reference to it, and, for a file, the file opened for reading and
	// writing. It returns fs.ErrExist if an entry of that exact name exists;
	// the caller has looked for other cases. Not concurrent with changes to
	// this name.
	Create(ctx context.Context, as *Cred, dir Node, name string, directory bool) (Node, File, error)

	// Open opens a regular file for data, without changing it. A special file
	// is fs.ErrPermission. No guarantee.
	Open(ctx context.Context, as *Cred, n Node, mode Mode) (File, error)

	// Access returns the rights that as has on n by the back end's own rules:
	// the most that an open may be granted. dir is n's directory, nil for the
	// root: the right to delete may come from there. AlwaysGranted is among
	// them. No guarantee.
	Access(ctx context.Context, as *Cred, dir, n Node) (dtyp.AccessMask, error)

	// SetAttr changes attributes. No guarantee.
	SetAttr(ctx context.Context, as *Cred, n Node, set SetAttr) error

	// OpenDir begins an enumeration of dir. No guarantee: entries created or
	// removed meanwhile may or may not be seen, all others are seen once.
	OpenDir(ctx context.Context, as *Cred, dir Node) (Dir, error)

	// Rename moves the entry name of dir to newDir under exactly newName. An
	// entry that is called exactly newName is replaced if replace is set, a
	// file by a file or an empty directory by a directory, else fs.ErrExist.
	// References to what was replaced stay good. A directory does not move into
	// itself: ntstatus.InvalidParameter. Not concurrent with changes to either
	// name.
	Rename(ctx context.Context, as *Cred, dir Node, name string, newDir Node, newName string, replace bool) error

	// Remove removes the entry name of dir, which refers to n, a file or an
	// empty directory. If the entry refers to something else by now it
	// returns fs.ErrNotExist and removes nothing. Not concurrent with changes
	// to this name.
	Remove(ctx context.Context, as *Cred, dir Node, name string, n Node) error

	// Info describes the volume. No guarantee.
	Info(ctx context.Context) (Info, error)
}

// Node is a reference to a file or directory that stays good while the file
// is renamed, and after it was removed.
type Node interface {
	// ID is immutable.
	ID() FileID
	// Attr returns the attributes as they are now. No guarantee.
	Attr(ctx context.Context) (Attr, error)
	// Close gives the reference back. It is called once, after all other
	// calls on the Node have returned.
	Close() error
}

// File is a regular file opened for data. No guarantee is given for any
// method but Close.
type File interface {
	// ReadAt fills p from off (bytes from the start) and returns how much it
	// read: fewer than len(p) only at the end of the file, with io.EOF only
	// when that is 0.
	ReadAt(ctx context.Context, p []byte, off int64) (int, error)
	// WriteAt writes all of p at off or returns an error. A gap before off
	// reads as zeros.
	WriteAt(ctx context.Context, p []byte, off int64) (int, error)
	// Truncate sets the length in bytes; new bytes read as zeros.
	Truncate(ctx context.Context, size int64) error
	// Sync returns once everything written before is on stable storage, the
	// file's entry in its directory included.
	Sync(ctx context.Context) error
	// Close is called once, after all other calls have returned.
	Close() error
}

// Dir is one enumeration of a directory. It is not safe for concurrent use.
type Dir interface {
	// Next returns the next name, or io.EOF. "." and ".." are not returned.
	Next(ctx context.Context) (string, error)
	// Attr returns the attributes of the entry name of this directory, not
	// following a symbolic link.
	Attr(ctx context.Context, name string) (Attr, error)
	// Rewind starts again at the first entry, with entries made since.
	Rewind(ctx context.Context) error
	Close() error
}

// Optional interfaces. What implements one may still return
// errors.ErrUnsupported, having done nothing: the caller then does as if the
// interface were absent.

// Linker is an FS whose files can have several names. Absent: they cannot.
type Linker interface {
	// Link makes name another entry of dir that leads to n, which is no
	// directory and still has a name. An entry of another file that is called
	// exactly so is replaced if replace is set, else fs.ErrExist. References
	// to what was replaced stay good. Not concurrent with changes to this
	// name.
	Link(ctx context.Context, as *Cred, n Node, dir Node, name string, replace bool) error
}

// Looked is a Node that remembers the attributes it had when Lookup returned
// it. Absent: the caller asks Attr.
type Looked interface {
	// IsDir reports whether it is a directory. It is immutable.
	IsDir() bool
	// LookupAttr returns those attributes at its first call after Lookup, and
	// false later. After Create, and after a SetAttr of what was just made, it
	// may do the same. No guarantee.
	LookupAttr(ctx context.Context) (Attr, bool)
}

// ExtendedAttributes is an FS whose files have extended attributes. Absent: they
// have none, and cannot get any.
//
// Their names are told apart without regard to case and keep it; each is
// valid by fscc.EA's ValidName.
type ExtendedAttributes interface {
	// EAs returns those of n in order of their names, at most
	// fscc.MaxEASize bytes. No guarantee.
	EAs(ctx context.Context, as *Cred, n Node) ([]fscc.EA, error)

	// SetEAs makes or replaces attributes in order, and removes those without
	// a value, if they are there. The caller has seen that they will not
	// exceed fscc.MaxEASize. Names that the back end keeps for itself are
	// fs.ErrPermission. After an error some may have been set. No guarantee.
	SetEAs(ctx context.Context, as *Cred, n Node, set []fscc.EA) error
}

// Streams is an FS whose files and directories have named streams of data
// besides what they are. Absent: they have none, and cannot get any.
//
// The name of a stream is UTF-8 of at most 255 UTF-16 code units, not empty and
// without NUL : / \. Names are kept byte for byte, and two are the same when
// [Fold] maps them to one: only LookupStream ignores case, every other method
// means the stream of exactly that name. Streams stay with a file under all its
// names, are there for as long as a reference leads to it, and go with it.
//
// "Not concurrent with changes to this stream" says that no other call through
// this server creates, renames or removes a stream of n whose name folds to the
// same.
type Streams interface {
	// Streams returns the named streams of n in order of their names. No
	// guarantee.
	Streams(ctx context.Context, n Node) ([]Stream, error)

	// LookupStream returns the stream called name, without regard to case, or
	// fs.ErrNotExist. An exact match wins. Not concurrent with changes to this
	// stream.
	LookupStream(ctx context.Context, n Node, name string) (Stream, error)

	// CreateStream makes an empty stream, or returns fs.ErrExist. It needs the
	// right to write n. Not concurrent with changes to this stream.
	CreateStream(ctx context.Context, as *Cred, n Node, name string) error

	// OpenStream opens a stream for data, without changing it. The File is
	// closed before n is, and stays with the stream when that is renamed. Not
	// concurrent with changes to this stream.
	OpenStream(ctx context.Context, as *Cred, n Node, name string, mode Mode) (File, error)

	// RenameStream gives a stream another name, in the place of one that is
	// called exactly so if replace is set and nobody has that open, else
	// fs.ErrExist. Not concurrent with changes to either stream.
	RenameStream(ctx context.Context, as *Cred, n Node, name, newName string, replace bool) error

	// RemoveStream removes a stream that nobody has open. Not concurrent with
	// changes to this stream.
	RemoveStream(ctx context.Context, as *Cred, n Node, name string) error
}

// Security is an FS that keeps security descriptors. Absent: none is stored,
// and nobody is shown any.
//
// What a descriptor grants is decided above the back end, and besides what
// Access says. A descriptor is kept whole, with all that was set.
type Security interface {
	// Descriptor returns the descriptor of n: the one stored, or else one that
	// says in Windows' words whose n is and who may use it by the back end's own
	// rules. The caller may change neither of its lists. No guarantee.
	Descriptor(ctx context.Context, n Node) (dtyp.SecurityDescriptor, error)

	// StoredDescriptor returns the one stored, or nil: if there is none, and if
	// owner or rights of n were changed by other means since it was. One that
	// is there but cannot be understood is one that grants nothing. No
	// guarantee.
	StoredDescriptor(ctx context.Context, n Node) (*dtyp.SecurityDescriptor, error)

	// SetDescriptor stores sd, and makes the back end's own rules say the same
	// as far as they can. The caller has seen that whoever asks for it may. A
	// descriptor that is too large is an error. Not concurrent with another
	// SetDescriptor of n.
	SetDescriptor(ctx context.Context, n Node, sd *dtyp.SecurityDescriptor) error
}

// Stream is what is told of a named stream.
type Stream struct {
	Name           string // as stored
	EndOfFile      uint64 // bytes
	AllocationSize uint64 // bytes occupied
}

// Quotas is an FS that may have less space for a user than for anyone. Absent:
// what Info says holds for all.
type Quotas interface {
	// Space returns how much there is for as. No guarantee.
	Space(ctx context.Context, as *Cred) (Space, error)
}

// Space is how much a volume holds, in bytes. [MS-FSCC] 2.5.4.
type Space struct {
	Total     uint64 // that the user may have at all
	Available uint64 // free for the user
	Free      uint64 // free for anyone
}

// Watcher is an FS that sees what others than this process change in it.
// Absent: nobody else can change it, or nobody is told.
type Watcher interface {
	// Watch has tell called with what others change in the directory dir, and
	// with tree below it, from when it returns until the Watch is closed. One
	// call is one step, and the two names of a rename are in one. tell is called
	// by goroutines of the back end, and does not wait for anything. No
	// guarantee.
	Watch(ctx context.Context, dir Node, tree bool, tell func([]Change)) (Watch, error)
}

// Watch is a directory that is being watched. Safe for concurrent use.
type Watch interface {
	// Blind says why not everything that others change is told; nil: it is.
	Blind() error
	// Close ends the watch; tell may be under way. It is called once.
	Close() error
}

// OwnWatch is a Watch that may tell of what this process has done, too, because
// the system does not say who did something. Absent: it never does.
type OwnWatch interface {
	Watch
	// TellsOwn says whether it does. It is the same for as long as the Watch
	// lasts.
	TellsOwn() bool
}

// Change is something that somebody else has changed in a watched directory.
type Change struct {
	Action fscc.NotifyAction // 0: more has happened than can be told
	Filter fscc.CompletionFilter
	// Path leads from the watched directory to the entry, as clients are shown
	// it, its components separated by backslashes; "" with NotifyRemoved is
	// the directory itself.
	Path string
}

// CopyRanger is a File that copies bytes to another one without handing them
// to the caller. Absent: the caller reads and writes.
type CopyRanger interface {
	// CopyRange copies n > 0 bytes from off to dstOff of dst, which is another
	// File or another range of the same one. It returns how many it copied:
	// fewer than n at the end of the file, with an error, or where it cannot
	// go on. No guarantee.
	CopyRange(ctx context.Context, off int64, dst File, dstOff, n int64) (int64, error)
}

// ZeroRanger is a File that gives storage back. Absent: the caller writes
// zeros.
type ZeroRanger interface {
	// ZeroRange makes n > 0 bytes from off read as zeros, and gives the
	// storage they occupy back as far as it can. The length of the file stays
	// as it is. No guarantee.
	ZeroRange(ctx context.Context, off, n int64) error
}

// AllocatedRanger is a File that knows which of its bytes occupy storage.
// Absent: all do.
type AllocatedRanger interface {
	// NextAllocated returns the first range at or behind off that occupies
	// storage, from its first byte, or off, to the byte behind it; io.EOF if
	// there is none before the end of the file. Bytes outside such ranges are
	// zero. No guarantee.
	NextAllocated(ctx context.Context, off int64) (start, end int64, err error)
}
