package fsa

import (
	"cmp"
	"context"
	"errors"
	"io/fs"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// OpenRequest is what an open asks for. [MS-FSA] 2.1.5.1.
type OpenRequest struct {
	As    *vfs.Cred // who acts on the back end
	Token *Token    // who it is to security descriptors; nil: nobody is asked about

	// Name is relative to the root of the volume, its components separated by
	// backslashes, in UTF-8; "" is the root. A component "." or ".." is no name:
	// see ResolveDots.
	Name string

	DesiredAccess dtyp.AccessMask // generic rights and MaximumAllowed are understood
	MaximalAccess dtyp.AccessMask // the most that the share grants; without generic rights

	Attributes  fscc.FileAttributes // of a file that is created or overwritten
	ShareAccess fscc.ShareAccess
	Disposition fscc.CreateDisposition
	Options     fscc.CreateOptions

	// AllocationSize is what a new or overwritten file will need, in bytes.
	AllocationSize uint64

	// MaxLocks is how many byte ranges the Handle may lock; 0: maxLocks.
	MaxLocks int

	// Attr, unless it is nil, receives the attributes of the file as the open
	// found or made it, which saves asking the Handle.
	Attr *vfs.Attr

	// Oplock, unless it is nil, is what the client wants to cache, and receives
	// what it may.
	Oplock *OplockRequest

	// EAs are the extended attributes that a file gets when it is created.
	EAs []fscc.EA

	// Descriptor is the security descriptor that a file gets when it is created,
	// as far as it says; nil: what follows from its directory.
	Descriptor *dtyp.SecurityDescriptor
}

// Open opens or creates a file or directory and says which. The caller closes
// the Handle. [MS-FSA] 2.1.5.1.
//
// What it returns as an ntstatus.Status:
//
//   - InvalidParameter: a combination that means nothing;
//   - ObjectNameInvalid: Name is no name;
//   - ObjectPathNotFound: a directory on the way is missing, or is no directory;
//   - ObjectNameNotFound: the file is missing and must not be created;
//   - ObjectNameCollision: the file is there and must not be;
//   - FileIsADirectory, NotADirectory: it is of the other kind;
//   - AccessDenied: a right is missing, or the file is of a kind that is never
//     opened for data;
//   - CannotDelete: it is to be deleted on close and cannot be;
//   - SharingViolation: another open does not tolerate it, or the reverse;
//   - DeletePending: the file, or a directory on the way, is being deleted;
//   - DiskFull: the volume has less space than AllocationSize;
//   - CannotBreakOplock: it would have to wait and is asked not to.
//
// A *BreakWait tells that nothing has happened yet: others must give up first
// what they cache.
func (v *Volume) Open(ctx context.Context, req OpenRequest) (*Handle, fscc.CreateAction, error) {
	o := opening{
		OpenRequest: req,
		volume:      v,
		desired:     req.DesiredAccess.MapGeneric(),
		attributes:  req.Attributes & settableAttributes,
	}
	if err := o.validate(); err != nil {
		return nil, 0, err
	}
	if err := v.enter(); err != nil {
		return nil, 0, err
	}
	h, action, err := o.locate(ctx)
	if h == nil {
		v.leave()
		return nil, 0, err
	}
	v.store.countHandle(+1)
	if err != nil {
		if req.Oplock != nil {
			req.Oplock.Granted.Told(nil) // there is no answer that tells of it
		}
		_ = h.end(ctx, false) // the open has failed already
		return nil, 0, err
	}
	if h.oplock != nil {
		h.beginGuard(ctx)
	}
	return h, action, nil
}

// opening is an open under way. Owned by the call.
type opening struct {
	OpenRequest
	volume     *Volume
	path       pathName
	newStream  bool            // the named stream is not there yet
	desired    dtyp.AccessMask // without generic rights
	found      *vfs.Attr       // of the file when it was looked up or made; nil: not known, or changed since
	attributes fscc.FileAttributes
}

// Options that mean something for a directory. [MS-FSA] 2.1.5.1, phase 1.
const directoryOptions = fscc.OptionDirectoryFile | ignoredOptions |
	fscc.OptionWriteThrough | fscc.OptionOpenRemoteInstance | fscc.OptionOpenForBackupIntent |
	fscc.OptionDeleteOnClose | fscc.OptionOpenForFreeSpaceQuery | fscc.OptionOpenByFileID |
	fscc.OptionNoCompression | fscc.OptionOpenReparsePoint | fscc.OptionOpenRequiringOplock

// ignoredOptions have no meaning across a network. [MS-SMB2] 3.3.5.9.
const ignoredOptions = fscc.OptionSynchronousIOAlert | fscc.OptionSynchronousIONonAlert |
	fscc.OptionCompleteIfOplocked

// asker is who opens.
func (o *opening) asker() asker {
	return asker{o.As, o.Token, o.has(fscc.OptionOpenForBackupIntent)}
}

// invalidAccess are the bits of an access mask without meaning.
// [MS-FSA] 2.1.5.1, phase 1.
const invalidAccess dtyp.AccessMask = 0x0CE0FE00

// validate is phases 1 and 5: what is wrong whatever the volume holds.
//
// Deviation: FILE_APPEND_DATA together with FILE_NO_INTERMEDIATE_BUFFERING is
// no error, for the server takes it away ([MS-SMB2] 3.3.5.9).
func (o *opening) validate() error {
	o.Options &^= ignoredOptions
	const sharing = fscc.ShareRead | fscc.ShareWrite | fscc.ShareDelete
	switch {
	case o.ShareAccess&^sharing != 0,
		o.Disposition > fscc.DispositionOverwriteIf,
		o.has(fscc.OptionDirectoryFile) && o.has(fscc.OptionNonDirectoryFile),
		o.has(fscc.OptionDirectoryFile) && (o.Options&^directoryOptions != 0 || o.overwrites()),
		o.has(fscc.OptionDeleteOnClose) && !o.desired.HasAny(dtyp.Delete|dtyp.MaximumAllowed):
		return ntstatus.InvalidParameter
	case len(o.EAs) > 0 && o.has(fscc.OptionNoEAKnowledge): // [MS-SMB2] 2.2.13
		return ntstatus.AccessDenied
	case o.desired == 0, o.desired&invalidAccess != 0:
		return ntstatus.AccessDenied
	}
	var err error
	if o.path, err = parseName(o.Name); err != nil {
		return err
	}
	if o.path.stream != "" && !o.volume.NamedStreams() {
		return ntstatus.ObjectNameInvalid
	}
	if o.path.trailing && (o.has(fscc.OptionNonDirectoryFile) || o.path.data) {
		return ntstatus.ObjectNameInvalid
	}
	return nil
}

func (o *opening) has(option fscc.CreateOptions) bool { return o.Options&option != 0 }

// overwrites says whether an existing file loses its data.
func (o *opening) overwrites() bool {
	switch o.Disposition {
	case fscc.DispositionSupersede, fscc.DispositionOverwrite, fscc.DispositionOverwriteIf:
		return true
	}
	return false
}

// creates says whether a missing file is created.
func (o *opening) creates() bool {
	return o.Disposition != fscc.DispositionOpen && o.Disposition != fscc.DispositionOverwrite
}

// locate is phase 6: it finds the directory, locks the name, looks it up, and
// lets the open happen. If there is a Handle with an error, the open had begun
// when it failed, and has to end.
func (o *opening) locate(ctx context.Context) (_ *Handle, _ fscc.CreateAction, err error) {
	v := o.volume
	// What follows asks the back end several things as one user.
	acting := vfs.NewActing(ctx)
	ctx = acting
	defer func() { err = cmp.Or(err, acting.End()) }()
	if o.path.last == "" {
		if err := o.checkLease(v.root, nil); err != nil {
			return nil, 0, err
		}
		v.store.retain(v.root, nil)
		return o.openFound(ctx, nil, nil, v.root, nil)
	}
	dir, dirLink, err := v.walk(ctx, o.As, o.path.dirs)
	if err != nil {
		return nil, 0, err
	}
	defer v.store.release(dir, dirLink)
	o.path.last = v.fullName(ctx, o.As, dir, o.path.last)

	mode := shared
	if o.creates() {
		mode = exclusive
	}
	key := nameKeyOf(dir, o.path.last)
	if err := v.store.names.lock(ctx, key, mode); err != nil {
		return nil, 0, err
	}
	defer v.store.names.unlock(key, mode)

	f, l, found, err := v.lookupAttr(ctx, o.As, dir, o.path.last)
	switch {
	case err == nil:
		if err := o.checkLease(f, l); err != nil {
			v.store.release(f, l)
			return nil, 0, err
		}
		o.found = &found
		return o.openFound(ctx, dir, dirLink, f, l)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, 0, err
	case !o.creates():
		return nil, 0, ntstatus.ObjectNameNotFound
	}
	if err := o.checkLease(nil, nil); err != nil {
		return nil, 0, err
	}
	return o.createNew(ctx, dir)
}

// openFound opens a file that is there, or a stream of it. It takes f and l
// over.
func (o *opening) openFound(ctx context.Context, dir *File, dirLink *Link, f *File, l *Link) (*Handle, fscc.CreateAction, error) {
	if o.path.stream != "" {
		h, action, err := o.openStream(ctx, dir, dirLink, f, l)
		if err == nil {
			err = o.tell(ctx, h)
		}
		return h, action, err
	}
	return o.openExisting(ctx, dir, dirLink, f, l)
}

// tell fills in what the caller wants to know of h, which is open. Whoever
// changes a file between two looks of one open might as well do so after the
// second: so one is enough.
func (o *opening) tell(ctx context.Context, h *Handle) (err error) {
	switch {
	case o.Attr == nil:
		return nil
	case o.found != nil && !h.isNamed():
		*o.Attr = o.volume.complete(*o.found)
		return nil
	}
	*o.Attr, err = h.Attr(ctx)
	return err
}

// lookup returns the entry of dir that is called name. The caller releases it
// and holds the lock of that name.
func (v *Volume) lookup(ctx context.Context, as *vfs.Cred, dir *File, name string) (*File, *Link, error) {
	f, l, _, err := v.lookupAttr(ctx, as, dir, name)
	return f, l, err
}

// lookupAttr is lookup that also returns the attributes.
func (v *Volume) lookupAttr(ctx context.Context, as *vfs.Cred, dir *File, name string) (*File, *Link, vfs.Attr, error) {
	n, stored, err := v.fs.Lookup(ctx, as, dir.node(v), name)
	if err != nil {
		return nil, nil, vfs.Attr{}, err
	}
	attr, err := v.lookedAttr(ctx, n)
	if err != nil {
		n.Close()
		return nil, nil, vfs.Attr{}, err
	}
	f, l, err := v.store.intern(v, n, attr.IsDir(), dir, stored)
	return f, l, attr, err
}
