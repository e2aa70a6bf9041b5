package client

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
)

// File is an open file or directory: the ADM's Open. Safe for concurrent use;
// Read, Write and Seek share one position, and wait for each other.
//
// The methods of package io have no context: they use the file's own, which is
// never done unless it comes from [File.WithContext]. They do not hang all the
// same: a server that does not answer within client.SessionTimeout is given up.
type File struct {
	shared *shared
	info   FileInfo // as of the open
	ctx    context.Context
}

// shared is what the views of one open have in common.
type shared struct {
	share      *Share
	name       string
	created    fscc.CreateAction
	closed     atomic.Bool
	durability *durability // nil: the open ends with its connection
	current    atomic.Pointer[open]
	renew      gate // guards lost
	lost       error

	mu       sync.Mutex // held while the position is in use
	position int64      // bytes
}

var _ interface {
	io.ReadWriteSeeker
	io.ReaderAt
	io.WriterAt
	io.WriterTo
	io.ReaderFrom
	io.StringWriter
	io.Closer
} = (*File)(nil)

// WithContext returns the same open file, whose methods without a context end
// with ctx. Closing either closes both.
func (f *File) WithContext(ctx context.Context) *File {
	v := *f
	v.ctx = ctx
	return &v
}

// Name is the name by which the file was opened.
func (f *File) Name() string { return f.shared.name }

// Created reports whether the open has made the file.
func (f *File) Created() bool { return f.shared.created == fscc.ActionCreated }

// OpenInfo is what the server said of the file when it was opened; see
// [File.Stat] for how it is now.
func (f *File) OpenInfo() *FileInfo {
	i := f.info
	return &i
}

// open is the ADM's Open, on its connection. Immutable. [MS-SMB2] 3.2.1.6.
type open struct {
	tree *treeConnect
	id   smb2.FileID
}

// conn is the connection on which the file is open.
func (o *open) conn() *connection { return o.tree.session.conn }

// alive is the open on a living connection, which may be another one than
// before. It fails with a *LostError if the server has not kept it.
func (s *shared) alive(ctx context.Context) (*open, error) {
	o := s.current.Load()
	if o.tree.session.alive() || !s.share.session.lasting {
		return o, nil
	}
	if err := s.renew.enter(ctx); err != nil {
		return nil, err
	}
	defer s.renew.leave()
	if s.lost != nil {
		return nil, s.lost
	}
	if o = s.current.Load(); o.tree.session.alive() {
		return o, nil
	}
	t, err := s.share.tree(ctx)
	if err != nil {
		return nil, err
	}
	next, err := s.back(ctx, t, o)
	if gone, ok := errors.AsType[*LostError](err); ok {
		s.lost = gone
		s.share.session.opens.forget(s.durability)
	}
	if err == nil {
		s.current.Store(next)
	}
	return next, err
}

// repeat runs try with the open, and again with another one if the connection
// is lost meanwhile. twice says that what it asks for may be done twice.
func (s *shared) repeat(ctx context.Context, twice bool, try func(o *open) error) error {
	return s.share.session.repeat(ctx, twice, func() error {
		o, err := s.alive(ctx)
		if err != nil {
			return err
		}
		return try(o)
	})
}

// do sends one request about the open and waits for its success. The answer is
// the caller's to release; after an error there is none.
func (s *shared) do(ctx context.Context, m smb2.Message) (r reply, err error) {
	err = s.repeat(ctx, !fixed(m), func(o *open) error {
		r, err = o.tree.do(ctx, withFileID(m, o.id))
		return err
	})
	return r, err
}

// check refuses work on a closed file.
func (s *shared) check() error {
	if s.closed.Load() {
		return os.ErrClosed
	}
	return nil
}

// Seek sets the position of the next Read or Write. Relative to the end, it
// asks the server for the length.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	s := f.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	var base int64
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		base = s.position
	case io.SeekEnd:
		i, err := f.Stat(f.ctx)
		if err != nil {
			return s.position, err
		}
		base = i.Size()
	default:
		return s.position, fail("seek", s.name, fs.ErrInvalid)
	}
	if base+offset < 0 || offset > 0 && base+offset < base {
		return s.position, fail("seek", s.name, fs.ErrInvalid)
	}
	s.position = base + offset
	return s.position, nil
}
