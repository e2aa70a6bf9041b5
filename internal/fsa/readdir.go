package fsa

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// ReadDirRequest says what to enumerate. [MS-FSA] 2.1.5.6.3.
type ReadDirRequest struct {
	// Pattern selects entries by name. It counts at the first call, and with
	// Restart unless it is empty; else the pattern stays what it was. "" at
	// the first call is "*".
	Pattern string
	Restart bool // begin again at the first entry
	// NeedAttr asks for FileID and Attr of the entries; without it only their
	// names are set.
	NeedAttr bool
	// Readable leaves out entries, but "." and "..", that the one who opened
	// the directory may not read. It costs a look at each.
	Readable bool
}

// DirEntry is an entry of a directory.
type DirEntry struct {
	Name   string // as stored; "." and ".." are the first
	FileID uint64
	Attr   vfs.Attr
}

// ReadDir passes the entries that were not returned yet to fill, until there
// is none left or fill returns false. An entry that fill returned false for is
// the first of the next call.
//
// If there was no entry to pass to fill, it returns ntstatus.NoMoreFiles, or
// ntstatus.NoSuchFile at the first call. Of calls at the same time one waits
// for the other. [MS-FSA] 2.1.5.6.3.
func (h *Handle) ReadDir(ctx context.Context, req ReadDirRequest, fill func(DirEntry) bool) error {
	if !h.isIndex() {
		return ntstatus.InvalidParameter
	}
	if !h.granted.Has(dtyp.FileListDirectory) {
		return ntstatus.AccessDenied
	}
	s := &h.scan
	if err := s.gate.enter(ctx); err != nil {
		return err
	}
	defer s.gate.leave()

	first := s.stage == notBegun
	if first || req.Restart && req.Pattern != "" {
		if req.Pattern == "" {
			req.Pattern = "*"
		}
		if !validPattern(req.Pattern) {
			return ntstatus.ObjectNameInvalid
		}
		s.pattern = newPattern(req.Pattern)
	}
	if first || req.Restart {
		s.stage, s.kept = atDot, ""
	}
	offered := false
	for {
		name, err := h.nextName(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if req.Readable {
			readable, err := h.mayRead(ctx, name)
			if err != nil {
				s.kept = name
				return err
			}
			if !readable {
				continue
			}
		}
		e := DirEntry{Name: name}
		if req.NeedAttr {
			e.Attr, err = h.entryAttr(ctx, name)
			if errors.Is(err, fs.ErrNotExist) {
				continue // removed since it was listed
			}
			if err != nil {
				s.kept = name
				return err
			}
			e.Attr = h.volume.complete(e.Attr)
			e.FileID = h.volume.fileID(e.Attr.ID)
		}
		offered = true
		if !fill(e) {
			s.kept = name
			return nil
		}
	}
	switch {
	case offered:
		return nil
	case first:
		return ntstatus.NoSuchFile
	}
	return ntstatus.NoMoreFiles
}

// scan is the enumeration of a Handle on a directory.
type scan struct {
	gate gate // held by the ReadDir under way; guards what follows

	stage   stage
	pattern pattern
	dir     vfs.Dir  // nil until it is needed
	found   vfs.Attr // of the entry that a pattern without wildcards led to
	kept    string   // a name that was not taken, to be returned first
}

// stage is what an enumeration returns next.
type stage uint8

const (
	notBegun stage = iota
	atDot
	atDotDot
	atFirst // of the entries of the back end
	amidst
	atEnd
)

func (s *scan) close() {
	if s.dir != nil {
		s.dir.Close()
	}
}

// nextName returns the next name that matches, or io.EOF. The caller holds
// scan.gate.
func (h *Handle) nextName(ctx context.Context) (string, error) {
	s := &h.scan
	if s.kept != "" {
		name := s.kept
		s.kept = ""
		return name, nil
	}
	for {
		name, err := h.nextAny(ctx)
		if err != nil || s.pattern.match(name) {
			return name, err
		}
	}
}

// nextAny returns the next name, or io.EOF.
func (h *Handle) nextAny(ctx context.Context) (string, error) {
	s := &h.scan
	switch s.stage {
	case atDot:
		s.stage = atDotDot
		return ".", nil
	case atDotDot:
		s.stage = atFirst
		return "..", nil
	case atFirst:
		if s.pattern.literal {
			s.stage = atEnd
			return h.literal(ctx)
		}
		if err := h.rewind(ctx); err != nil {
			return "", err
		}
		s.stage = amidst
	case atEnd:
		return "", io.EOF
	}
	if err := ctx.Err(); err != nil {
		return "", context.Cause(ctx)
	}
	name, err := s.dir.Next(ctx)
	if errors.Is(err, io.EOF) {
		s.stage = atEnd
	}
	return name, err
}

// rewind brings the back end's enumeration to its first entry.
func (h *Handle) rewind(ctx context.Context) (err error) {
	s := &h.scan
	if s.dir != nil {
		return s.dir.Rewind(ctx)
	}
	s.dir, err = h.volume.fs.OpenDir(ctx, h.as, h.node)
	return err
}

// literal returns the one name that a pattern without wildcards can match,
// without enumerating the directory; io.EOF if it is not there.
func (h *Handle) literal(ctx context.Context) (string, error) {
	s, v := &h.scan, h.volume
	if s.pattern.text == "." || s.pattern.text == ".." {
		return "", io.EOF // was returned before
	}
	if full := v.fullName(ctx, h.as, h.file, s.pattern.text); full != s.pattern.text {
		s.pattern = newPattern(full)
	}
	key := nameKeyOf(h.file, s.pattern.text)
	if err := v.store.names.lock(ctx, key, shared); err != nil {
		return "", err
	}
	defer v.store.names.unlock(key, shared)
	n, stored, err := v.fs.Lookup(ctx, h.as, h.node, s.pattern.text)
	if errors.Is(err, fs.ErrNotExist) {
		return "", io.EOF
	}
	if err != nil {
		return "", err
	}
	defer n.Close()
	s.found, err = n.Attr(ctx)
	return stored, err
}

// entryAttr returns the attributes of an entry that nextName returned.
func (h *Handle) entryAttr(ctx context.Context, name string) (vfs.Attr, error) {
	switch {
	case name == ".":
		return h.node.Attr(ctx)
	case name == "..":
		return h.parentAttr(ctx)
	case h.scan.pattern.literal:
		return h.scan.found, nil
	}
	return h.scan.dir.Attr(ctx, name)
}

// parentAttr returns the attributes of the directory above; the root of a
// volume is above itself.
func (h *Handle) parentAttr(ctx context.Context) (vfs.Attr, error) {
	n := h.node
	if h.link != nil {
		parent, _ := h.link.where()
		if parent != nil {
			defer h.volume.store.release(parent, nil)
			// Another share may have moved it out of this one.
			if above := parent.node(h.volume); above != nil {
				n = above
			}
		}
	}
	return n.Attr(ctx)
}
