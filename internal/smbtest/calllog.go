package smbtest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/vfs"
)

// CallLog is a back end that writes down every call that could show or change
// anything, and passes it on. Safe for concurrent use.
type CallLog struct {
	fs vfs.FS

	mu    sync.Mutex
	calls []string
}

// NewCallLog returns a log in front of fs.
func NewCallLog(fs vfs.FS) *CallLog { return &CallLog{fs: fs} }

// Calls returns what was called since the last Reset, "Lookup foo" and the
// like, in order.
func (l *CallLog) Calls() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.calls)
}

// Reset forgets all calls.
func (l *CallLog) Reset() {
	l.mu.Lock()
	l.calls = nil
	l.mu.Unlock()
}

func (l *CallLog) note(format string, args ...any) {
	l.mu.Lock()
	l.calls = append(l.calls, fmt.Sprintf(format, args...))
	l.mu.Unlock()
}

// Root implements vfs.FS. It is called by mounting, not by requests, and is
// not logged.
func (l *CallLog) Root(ctx context.Context) (vfs.Node, error) { return l.fs.Root(ctx) }

// Lookup implements vfs.FS.
func (l *CallLog) Lookup(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string) (vfs.Node, string, error) {
	l.note("Lookup %s", name)
	return l.fs.Lookup(ctx, as, dir, name)
}

// Create implements vfs.FS.
func (l *CallLog) Create(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, directory bool) (vfs.Node, vfs.File, error) {
	l.note("Create %s", name)
	n, f, err := l.fs.Create(ctx, as, dir, name, directory)
	return n, l.wrap(f), err
}

// Open implements vfs.FS.
func (l *CallLog) Open(ctx context.Context, as *vfs.Cred, n vfs.Node, mode vfs.Mode) (vfs.File, error) {
	l.note("Open %d", mode)
	f, err := l.fs.Open(ctx, as, n, mode)
	return l.wrap(f), err
}

// Access implements vfs.FS.
func (l *CallLog) Access(ctx context.Context, as *vfs.Cred, dir, n vfs.Node) (dtyp.AccessMask, error) {
	l.note("Access")
	return l.fs.Access(ctx, as, dir, n)
}

// SetAttr implements vfs.FS.
func (l *CallLog) SetAttr(ctx context.Context, as *vfs.Cred, n vfs.Node, set vfs.SetAttr) error {
	l.note("SetAttr")
	return l.fs.SetAttr(ctx, as, n, set)
}

// OpenDir implements vfs.FS.
func (l *CallLog) OpenDir(ctx context.Context, as *vfs.Cred, dir vfs.Node) (vfs.Dir, error) {
	l.note("OpenDir")
	return l.fs.OpenDir(ctx, as, dir)
}

// Rename implements vfs.FS.
func (l *CallLog) Rename(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, newDir vfs.Node, newName string, replace bool) error {
	l.note("Rename %s %s", name, newName)
	return l.fs.Rename(ctx, as, dir, name, newDir, newName, replace)
}

// Remove implements vfs.FS.
func (l *CallLog) Remove(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, n vfs.Node) error {
	l.note("Remove %s", name)
	return l.fs.Remove(ctx, as, dir, name, n)
}

// Info implements vfs.FS.
func (l *CallLog) Info(ctx context.Context) (vfs.Info, error) {
	l.note("Info")
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
	f.log.note("ReadAt %d+%d", off, len(p))
	return f.File.ReadAt(ctx, p, off)
}

func (f *loggedFile) WriteAt(ctx context.Context, p []byte, off int64) (int, error) {
	f.log.note("WriteAt %d+%d", off, len(p))
	return f.File.WriteAt(ctx, p, off)
}

func (f *loggedFile) Truncate(ctx context.Context, size int64) error {
	f.log.note("Truncate %d", size)
	return f.File.Truncate(ctx, size)
}

func (f *loggedFile) Sync(ctx context.Context) error {
	f.log.note("Sync")
	return f.File.Sync(ctx)
}
