package transfer

import (
	"context"
	"errors"
	"fmt"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// prepare asks what the share can keep, so that nobody is asked for streams who
// has none.
func (t *Share) prepare(ctx context.Context, keep Keep) {
	t.keep = keep
	if !keep.Streams || t.asked {
		return
	}
	if i, err := t.share.FSInfo(ctx); err == nil {
		t.asked = true
		t.noStreams = i.Attributes&fscc.FileNamedStreams == 0
	}
}

// lists reports whether files are asked for their streams.
func (t *Share) lists() bool { return t.keep.Streams && !t.noStreams }

// extras asks what name has besides its content. streams are its streams if
// they are known. An error is about the security descriptor, without which
// nothing is copied that was to have it.
func (t *Share) extras(ctx context.Context, name string, streams []client.Stream) (*extras, error) {
	if isStream(name) {
		return nil, nil // what there is is its file's
	}
	x := &extras{}
	if t.lists() {
		var err error
		if streams == nil {
			streams, err = t.share.Streams(ctx, name)
		}
		if err != nil && !hasNone(err) {
			if isConnectionLost(err) {
				return nil, err
			}
			x.left = append(x.left, fmt.Errorf("copied without its streams: %w", cause(err)))
		}
		for _, s := range streams {
			if s.Name != "" {
				x.add(t.stream(name, s))
			}
		}
	}
	if t.keep.EAs { // Samba 4.17 has them and does not say so
		eas, err := t.share.EAs(ctx, name)
		if err != nil && !hasNone(err) {
			if isConnectionLost(err) {
				return nil, err
			}
			x.left = append(x.left, fmt.Errorf("copied without its extended attributes: %w", cause(err)))
		}
		x.eas = eas
	}
	if t.keep.ACLs {
		sd, err := t.share.Security(ctx, name, securityParts)
		if err != nil {
			return nil, fmt.Errorf("its access list cannot be read: %w", err)
		}
		x.security = &sd
	}
	return x.orNil(), nil
}

// stream is a stream of the file or directory called name.
func (t *Share) stream(name string, s client.Stream) stream {
	return stream{
		name: s.Name, size: int64(min(s.Size, 1<<63-1)),
		open: func(ctx context.Context) (source, error) { return t.openSource(ctx, name+":"+s.Name) },
	}
}

func (t *Share) dirExtras(ctx context.Context, name string) (*extras, error) {
	return t.extras(ctx, name, nil)
}

// shareKeeper keeps extras of what is called name in a share.
type shareKeeper struct {
	tree *Share
	name string
}

func (t *Share) keeper(_ context.Context, name string) (keeper, func(), error) {
	return shareKeeper{t, name}, func() {}, nil
}

func (k shareKeeper) keepStream(ctx context.Context, t *Transfer, s *stream) error {
	if k.tree.noStreams {
		return fmt.Errorf("%w: the share has no streams", errNoPlace)
	}
	if err := checkStream(s.name); err != nil {
		return err
	}
	f, err := k.tree.share.OpenFile(ctx, k.name+":"+s.name, client.OpenOptions{
		Access: dtyp.FileReadData | dtyp.FileWriteData | dtyp.FileReadAttributes | dtyp.Synchronize, Disposition: client.CreateAlways,
	})
	if err != nil {
		return err
	}
	err = t.fill(ctx, &sharePart{File: f, tree: k.tree, name: k.name}, s)
	return k.tree.endStream(t.soft, f, k.name+":"+s.name, err)
}

// endStream closes a stream that was written, and removes what is not complete.
func (t *Share) endStream(ctx context.Context, f *client.File, name string, err error) error {
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = t.share.Remove(ctx, name) // of the two errors the first one tells more
	}
	return err
}

// fill writes a stream to an open file.
func (t *Transfer) fill(ctx context.Context, out *sharePart, s *stream) error {
	if s.open == nil {
		n, err := out.WriteAtContext(ctx, s.data, 0)
		t.Stats.Bytes.Add(int64(n))
		return err
	}
	in, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	return t.pump(ctx, in, out, 0, in.entry().Size)
}

func (k shareKeeper) keepEAs(ctx context.Context, eas []fscc.EA) error {
	return k.tree.share.SetEAs(ctx, k.name, eas...)
}

// keepSecurity sets the list first: it protects. An owner may be given by few
// users only.
func (k shareKeeper) keepSecurity(ctx context.Context, sd *dtyp.SecurityDescriptor) (fatal bool, err error) {
	set := func(parts dtyp.SecurityInformation) error {
		only := sd.Only(parts)
		if parts&dtyp.DACLSecurityInformation != 0 && only.Control&dtyp.DACLAutoInherited != 0 {
			only.Control |= dtyp.DACLComputedInheritRequired // else the server forgets that entries are inherited
		}
		return k.tree.share.SetSecurity(ctx, k.name, parts, only)
	}
	if err := set(securityParts); err == nil || isConnectionLost(err) {
		return true, err
	}
	if err := set(dtyp.DACLSecurityInformation); err != nil {
		return true, err
	}
	if err := set(dtyp.OwnerSecurityInformation | dtyp.GroupSecurityInformation); err != nil {
		return false, errors.Join(errOwner, err)
	}
	return false, nil
}

// errOwner says that a list was set, and an owner not.
var errOwner = errors.New("the access list is kept, the owner is not")
