package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
)

// Keep is what is copied of files and directories besides content, times and
// attributes, where both sides have it.
type Keep struct {
	Streams bool // named streams
	EAs     bool // extended attributes
	ACLs    bool // owner, group and access list
}

// Bounds of what a file may have besides its content: a server may claim
// anything.
const (
	maxStreams      = 128     // of one file
	maxLocalStreams = 1 << 20 // bytes of all streams of a file of this machine
)

// securityParts is what is kept of a security descriptor. The list for auditing
// is the business of a machine's administrator.
const securityParts = dtyp.OwnerSecurityInformation | dtyp.GroupSecurityInformation | dtyp.DACLSecurityInformation

// extras are what a file has besides its content. nil: nothing.
type extras struct {
	streams  []stream
	eas      []fscc.EA
	security *dtyp.SecurityDescriptor
	left     []error // what was not read, and why
}

// stream is a named stream: data holds it, or open gives it.
type stream struct {
	name string
	size int64 // bytes, as it was listed
	data []byte
	open func(context.Context) (source, error)
}

// keeper is where extras are kept: a part, or a directory of the target.
type keeper interface {
	// keepStream makes a stream, or replaces it; t counts its bytes.
	keepStream(ctx context.Context, t *Transfer, s *stream) error
	keepEAs(ctx context.Context, eas []fscc.EA) error
	// keepSecurity sets a security descriptor. fatal says that the file must not
	// be seen without it.
	keepSecurity(ctx context.Context, sd *dtyp.SecurityDescriptor) (fatal bool, err error)
}

// add notes a stream, unless there are too many already, or another differs
// from it in case only, which is one stream to servers.
func (x *extras) add(s stream) {
	if len(x.streams) >= maxStreams {
		if len(x.streams) == maxStreams && len(x.left) <= maxStreams {
			x.left = append(x.left, fmt.Errorf("copied without the stream %q: a file is copied with %d of them at most", s.name, maxStreams))
		}
		return
	}
	for _, other := range x.streams {
		if foldAlways(other.name) == foldAlways(s.name) {
			x.left = append(x.left, fmt.Errorf("copied without the stream %q: %q differs from it in case only", s.name, other.name))
			return
		}
	}
	x.streams = append(x.streams, s)
}

// orNil is x, or nil if there is nothing in it.
func (x *extras) orNil() *extras {
	if len(x.streams) == 0 && len(x.eas) == 0 && x.security == nil && len(x.left) == 0 {
		return nil
	}
	return x
}

// give keeps the extras of what from is called. What cannot be kept is told; an
// error is one after which the file must not be seen.
func (t *Transfer) give(ctx context.Context, k keeper, x *extras, from string) error {
	if x == nil {
		return nil
	}
	shown := t.From.Show(from)
	for _, err := range x.left {
		t.fail(ctx, shown, err)
	}
	without := func(what string, err error) error {
		if isConnectionLost(err) || ctx.Err() != nil {
			return err
		}
		t.fail(ctx, shown, fmt.Errorf("copied without %s: %w", what, cause(err)))
		return nil
	}
	for i := range x.streams {
		s := &x.streams[i]
		if err := k.keepStream(ctx, t, s); err != nil {
			if err := without(fmt.Sprintf("the stream %q", s.name), err); err != nil {
				return err
			}
		}
	}
	if len(x.eas) > 0 {
		if err := k.keepEAs(ctx, x.eas); err != nil {
			if err := without("its extended attributes", err); err != nil {
				return err
			}
		}
	}
	if x.security == nil {
		return nil
	}
	fatal, err := k.keepSecurity(ctx, x.security)
	switch {
	case err == nil:
		return nil
	case fatal:
		return fmt.Errorf("its access list cannot be set: %w", err)
	default:
		return without("its owner and access list", err)
	}
}

// giveDir gives a directory of the target what that of the source has, but for
// the security descriptor, which it returns: it could forbid the rest.
func (t *Transfer) giveDir(ctx context.Context, j Job) (*dtyp.SecurityDescriptor, error) {
	x, err := t.From.dirExtras(ctx, j.From)
	if err != nil || x == nil {
		return nil, err
	}
	k, done, err := t.To.keeper(ctx, j.To)
	if err != nil {
		return nil, err
	}
	defer done()
	sd := x.security
	x.security = nil
	return sd, t.give(ctx, k, x, j.From)
}

// protectDir gives a directory its security descriptor.
func (t *Transfer) protectDir(ctx context.Context, j Job, sd *dtyp.SecurityDescriptor) error {
	k, done, err := t.To.keeper(ctx, j.To)
	if err != nil {
		return err
	}
	defer done()
	return t.give(ctx, k, &extras{security: sd}, j.From)
}

// errNoPlace says that a tree has nothing in which it could be kept.
var errNoPlace = errors.New("there is no place for it")

// hasNone reports whether err says that a server does not know of such a thing.
func hasNone(err error) bool {
	for _, status := range []ntstatus.Status{
		ntstatus.NotSupported, ntstatus.InvalidInfoClass, ntstatus.NotImplemented, ntstatus.InvalidDeviceRequest, ntstatus.EAsNotSupported,
		ntstatus.InvalidParameter,
	} {
		if errors.Is(err, status) {
			return true
		}
	}
	return errors.Is(err, fs.ErrNotExist)
}
