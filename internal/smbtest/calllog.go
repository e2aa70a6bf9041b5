package smbtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// CallLog is a back end that writes down every call that could show or change
// anything, and passes it on. Safe for concurrent use.
type CallLog struct {
	fs vfs.FS

	mu    sync.Mutex
	calls []string
	gate  Gate
}

// Gate is asked before each call that is logged, outside all locks. It may
// wait; an error fails the call.
type Gate func(ctx context.Context, call string) error

// NewCallLog returns a log in front of fs.
func NewCallLog(fs vfs.FS) *CallLog { return &CallLog{fs: fs} }

// Calls returns what was called since the last Reset, "Lookup foo" and the
// like, in order.
func (l *CallLog) Calls() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.calls)
}

// Take is Calls and Reset in one step, so that no call falls in between.
func (l *CallLog) Take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	calls := l.calls
	l.calls = nil
	return calls
}

// Reset forgets all calls.
func (l *CallLog) Reset() {
	l.mu.Lock()
	l.calls = nil
	l.mu.Unlock()
}

// SetGate puts g in front of all calls from now on; nil takes it away.
func (l *CallLog) SetGate(g Gate) {
	l.mu.Lock()
	l.gate = g
	l.mu.Unlock()
}

// note writes a call down and asks the gate.
func (l *CallLog) note(ctx context.Context, format string, args ...any) error {
	call := fmt.Sprintf(format, args...)
	l.mu.Lock()
	l.calls = append(l.calls, call)
	gate := l.gate
	l.mu.Unlock()
	if gate == nil {
		return nil
	}
	return gate(ctx, call)
}

// Root implements vfs.FS. It is called by mounting, not by requests, and is
// not logged.
func (l *CallLog) Root(ctx context.Context) (vfs.Node, error) { return l.fs.Root(ctx) }

// Lookup implements vfs.FS.
func (l *CallLog) Lookup(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string) (vfs.Node, string, error) {
	if err := l.note(ctx, "Lookup %s", name); err != nil {
		return nil, "", err
	}
	return l.fs.Lookup(ctx, as, dir, name)
}

// Create implements vfs.FS.
func (l *CallLog) Create(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, directory bool) (vfs.Node, vfs.File, error) {
	if err := l.note(ctx, "Create %s", name); err != nil {
		return nil, nil, err
	}
	n, f, err := l.fs.Create(ctx, as, dir, name, directory)
	return n, l.wrap(f), err
}

// Open implements vfs.FS.
func (l *CallLog) Open(ctx context.Context, as *vfs.Cred, n vfs.Node, mode vfs.Mode) (vfs.File, error) {
	if err := l.note(ctx, "Open %d", mode); err != nil {
		return nil, err
	}
	f, err := l.fs.Open(ctx, as, n, mode)
	return l.wrap(f), err
}

// Access implements vfs.FS.
func (l *CallLog) Access(ctx context.Context, as *vfs.Cred, dir, n vfs.Node) (dtyp.AccessMask, error) {
	if err := l.note(ctx, "Access"); err != nil {
		return 0, err
	}
	return l.fs.Access(ctx, as, dir, n)
}

// SetAttr implements vfs.FS.
func (l *CallLog) SetAttr(ctx context.Context, as *vfs.Cred, n vfs.Node, set vfs.SetAttr) error {
	if err := l.note(ctx, "SetAttr"); err != nil {
		return err
	}
	return l.fs.SetAttr(ctx, as, n, set)
}

// OpenDir implements vfs.FS.
func (l *CallLog) OpenDir(ctx context.Context, as *vfs.Cred, dir vfs.Node) (vfs.Dir, error) {
	if err := l.note(ctx, "OpenDir"); err != nil {
		return nil, err
	}
	return l.fs.OpenDir(ctx, as, dir)
}

// Rename implements vfs.FS.
func (l *CallLog) Rename(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, newDir vfs.Node, newName string, replace bool) error {
	if err := l.note(ctx, "Rename %s %s", name, newName); err != nil {
		return err
	}
	return l.fs.Rename(ctx, as, dir, name, newDir, newName, replace)
}

// Remove implements vfs.FS.
func (l *CallLog) Remove(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, n vfs.Node) error {
	if err := l.note(ctx, "Remove %s", name); err != nil {
		return err
	}
	return l.fs.Remove(ctx, as, dir, name, n)
}

// Link implements vfs.Linker as far as the back end does.
func (l *CallLog) Link(ctx context.Context, as *vfs.Cred, n, dir vfs.Node, name string, replace bool) error {
	if err := l.note(ctx, "Link %s", name); err != nil {
		return err
	}
	linker, ok := l.fs.(vfs.Linker)
	if !ok {
		return errors.ErrUnsupported
	}
	return linker.Link(ctx, as, n, dir, name, replace)
}

// EAs implements vfs.ExtendedAttributes as far as the back end does.
func (l *CallLog) EAs(ctx context.Context, as *vfs.Cred, n vfs.Node) ([]fscc.EA, error) {
	if err := l.note(ctx, "EAs"); err != nil {
		return nil, err
	}
	backend, ok := l.fs.(vfs.ExtendedAttributes)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return backend.EAs(ctx, as, n)
}

// SetEAs implements vfs.ExtendedAttributes as far as the back end does.
func (l *CallLog) SetEAs(ctx context.Context, as *vfs.Cred, n vfs.Node, set []fscc.EA) error {
	if err := l.note(ctx, "SetEAs"); err != nil {
		return err
	}
	backend, ok := l.fs.(vfs.ExtendedAttributes)
	if !ok {
		return errors.ErrUnsupported
	}
	return backend.SetEAs(ctx, as, n, set)
}

// Info implements vfs.FS.
func (l *CallLog) Info(ctx context.Context) (vfs.Info, error) {
	if err := l.note(ctx, "Info"); err != nil {
		return vfs.Info{}, err
	}
	return l.fs.Info(ctx)
}

func (l *CallLog) wrap(f vfs.File) vfs.File {
	if f == nil {
		return nil
	}
	return &loggedFile{File: f, log: l}
}

// loggedFile writes down the calls on one open file.
type loggedFile struct {
	vfs.File
	log *CallLog
}

func (f *loggedFile) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if err := f.log.note(ctx, "ReadAt %d+%d", off, len(p)); err != nil {
		return 0, err
	}
	return f.File.ReadAt(ctx, p, off)
}

func (f *loggedFile) WriteAt(ctx context.Context, p []byte, off int64) (int, error) {
	if err := f.log.note(ctx, "WriteAt %d+%d", off, len(p)); err != nil {
		return 0, err
	}
	return f.File.WriteAt(ctx, p, off)
}

func (f *loggedFile) Truncate(ctx context.Context, size int64) error {
	if err := f.log.note(ctx, "Truncate %d", size); err != nil {
		return err
	}
	return f.File.Truncate(ctx, size)
}

func (f *loggedFile) Sync(ctx context.Context) error {
	if err := f.log.note(ctx, "Sync"); err != nil {
		return err
	}
	return f.File.Sync(ctx)
}

// CopyRange implements vfs.CopyRanger as far as the file does.
func (f *loggedFile) CopyRange(ctx context.Context, off int64, dst vfs.File, dstOff, n int64) (int64, error) {
	if err := f.log.note(ctx, "CopyRange %d+%d to %d", off, n, dstOff); err != nil {
		return 0, err
	}
	direct, ok := f.File.(vfs.CopyRanger)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	if logged, ok := dst.(*loggedFile); ok {
		dst = logged.File
	}
	return direct.CopyRange(ctx, off, dst, dstOff, n)
}

// ZeroRange implements vfs.ZeroRanger as far as the file does.
func (f *loggedFile) ZeroRange(ctx context.Context, off, n int64) error {
	if err := f.log.note(ctx, "ZeroRange %d+%d", off, n); err != nil {
		return err
	}
	z, ok := f.File.(vfs.ZeroRanger)
	if !ok {
		return errors.ErrUnsupported
	}
	return z.ZeroRange(ctx, off, n)
}

// NextAllocated implements vfs.AllocatedRanger as far as the file does.
func (f *loggedFile) NextAllocated(ctx context.Context, off int64) (start, end int64, err error) {
	if err := f.log.note(ctx, "NextAllocated %d", off); err != nil {
		return 0, 0, err
	}
	a, ok := f.File.(vfs.AllocatedRanger)
	if !ok {
		return 0, 0, errors.ErrUnsupported
	}
	return a.NextAllocated(ctx, off)
}
