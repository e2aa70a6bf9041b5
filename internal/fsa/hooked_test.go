package fsa_test

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/vfs"
)

// hookedFS is a back end that a test meddles with: one that says no, is slow,
// or has files that memfs has not.
type hookedFS struct {
	vfs.FS
	root        func() vfs.Node                                 // another root
	before      func(op, name string, as *vfs.Cred) error       // called before most calls; its error is the answer
	access      func(as *vfs.Cred, name string) dtyp.AccessMask // the rights to what is called so
	attr        func(name string, a *vfs.Attr)                  // changes what Attr says
	removeEntry func(name string) (done bool, err error)
	lookup      func(name string) (n vfs.Node, stored string) // answers unless nil
}

// hookedNode is a Node and the name it was found by.
type hookedNode struct {
	vfs.Node
	fs   *hookedFS
	name string
}

func (n *hookedNode) Attr(ctx context.Context) (vfs.Attr, error) {
	if err := n.fs.call(ctx, "attr", n.name, nil); err != nil {
		return vfs.Attr{}, err
	}
	a, err := n.Node.Attr(ctx)
	if n.fs.attr != nil {
		n.fs.attr(n.name, &a)
	}
	return a, err
}

func inner(n vfs.Node) vfs.Node { return n.(*hookedNode).Node }

func (f *hookedFS) call(ctx context.Context, op, name string, as *vfs.Cred) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.before == nil {
		return nil
	}
	return f.before(op, name, as)
}

func (f *hookedFS) Root(ctx context.Context) (vfs.Node, error) {
	if f.root != nil {
		return &hookedNode{f.root(), f, ""}, nil
	}
	n, err := f.FS.Root(ctx)
	return &hookedNode{n, f, ""}, err
}

func (f *hookedFS) Lookup(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string) (vfs.Node, string, error) {
	if err := f.call(ctx, "lookup", name, as); err != nil {
		return nil, "", err
	}
	if f.lookup != nil {
		if n, stored := f.lookup(name); n != nil {
			return &hookedNode{n, f, stored}, stored, nil
		}
	}
	n, stored, err := f.FS.Lookup(ctx, as, inner(dir), name)
	if err != nil {
		return nil, "", err
	}
	return &hookedNode{n, f, stored}, stored, nil
}

func (f *hookedFS) Create(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, directory bool) (vfs.Node, vfs.File, error) {
	if err := f.call(ctx, "create", name, as); err != nil {
		return nil, nil, err
	}
	n, file, err := f.FS.Create(ctx, as, inner(dir), name, directory)
	if err != nil {
		return nil, nil, err
	}
	return &hookedNode{n, f, name}, file, nil
}

func (f *hookedFS) Open(ctx context.Context, as *vfs.Cred, n vfs.Node, mode vfs.Mode) (vfs.File, error) {
	if err := f.call(ctx, "open", n.(*hookedNode).name, as); err != nil {
		return nil, err
	}
	return f.FS.Open(ctx, as, inner(n), mode)
}

func (f *hookedFS) Access(ctx context.Context, as *vfs.Cred, dir, n vfs.Node) (dtyp.AccessMask, error) {
	if f.access != nil {
		return f.access(as, n.(*hookedNode).name), nil
	}
	if dir != nil {
		dir = inner(dir)
	}
	return f.FS.Access(ctx, as, dir, inner(n))
}

func (f *hookedFS) SetAttr(ctx context.Context, as *vfs.Cred, n vfs.Node, set vfs.SetAttr) error {
	if err := f.call(ctx, "setattr", n.(*hookedNode).name, as); err != nil {
		return err
	}
	return f.FS.SetAttr(ctx, as, inner(n), set)
}

func (f *hookedFS) OpenDir(ctx context.Context, as *vfs.Cred, dir vfs.Node) (vfs.Dir, error) {
	if err := f.call(ctx, "opendir", dir.(*hookedNode).name, as); err != nil {
		return nil, err
	}
	return f.FS.OpenDir(ctx, as, inner(dir))
}

func (f *hookedFS) Rename(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, newDir vfs.Node, newName string, replace bool) error {
	if err := f.call(ctx, "rename", name, as); err != nil {
		return err
	}
	return f.FS.Rename(ctx, as, inner(dir), name, inner(newDir), newName, replace)
}

func (f *hookedFS) Remove(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, n vfs.Node) error {
	if err := f.call(ctx, "remove", name, as); err != nil {
		return err
	}
	if f.removeEntry != nil {
		if done, err := f.removeEntry(name); done {
			return err
		}
	}
	return f.FS.Remove(ctx, as, inner(dir), name, inner(n))
}

func (f *hookedFS) Link(ctx context.Context, as *vfs.Cred, n, dir vfs.Node, name string, replace bool) error {
	if err := f.call(ctx, "link", name, as); err != nil {
		return err
	}
	l, ok := f.FS.(vfs.Linker)
	if !ok {
		return errors.ErrUnsupported
	}
	return l.Link(ctx, as, inner(n), inner(dir), name, replace)
}

func (f *hookedFS) streams() vfs.Streams { return f.FS.(vfs.Streams) }

func (f *hookedFS) Streams(ctx context.Context, n vfs.Node) ([]vfs.Stream, error) {
	if err := f.call(ctx, "streams", "", nil); err != nil {
		return nil, err
	}
	return f.streams().Streams(ctx, inner(n))
}

func (f *hookedFS) LookupStream(ctx context.Context, n vfs.Node, name string) (vfs.Stream, error) {
	if err := f.call(ctx, "lookupstream", name, nil); err != nil {
		return vfs.Stream{}, err
	}
	return f.streams().LookupStream(ctx, inner(n), name)
}

func (f *hookedFS) CreateStream(ctx context.Context, as *vfs.Cred, n vfs.Node, name string) error {
	if err := f.call(ctx, "createstream", name, as); err != nil {
		return err
	}
	return f.streams().CreateStream(ctx, as, inner(n), name)
}

func (f *hookedFS) OpenStream(ctx context.Context, as *vfs.Cred, n vfs.Node, name string, mode vfs.Mode) (vfs.File, error) {
	if err := f.call(ctx, "openstream", name, as); err != nil {
		return nil, err
	}
	return f.streams().OpenStream(ctx, as, inner(n), name, mode)
}

func (f *hookedFS) RenameStream(ctx context.Context, as *vfs.Cred, n vfs.Node, name, newName string, replace bool) error {
	if err := f.call(ctx, "renamestream", name, as); err != nil {
		return err
	}
	return f.streams().RenameStream(ctx, as, inner(n), name, newName, replace)
}

func (f *hookedFS) RemoveStream(ctx context.Context, as *vfs.Cred, n vfs.Node, name string) error {
	if err := f.call(ctx, "removestream", name, as); err != nil {
		return err
	}
	return f.streams().RemoveStream(ctx, as, inner(n), name)
}

func (f *hookedFS) security() vfs.Security { return f.FS.(vfs.Security) }

func (f *hookedFS) Descriptor(ctx context.Context, n vfs.Node) (dtyp.SecurityDescriptor, error) {
	if err := f.call(ctx, "descriptor", "", nil); err != nil {
		return dtyp.SecurityDescriptor{}, err
	}
	return f.security().Descriptor(ctx, inner(n))
}

func (f *hookedFS) StoredDescriptor(ctx context.Context, n vfs.Node) (*dtyp.SecurityDescriptor, error) {
	if err := f.call(ctx, "storeddescriptor", "", nil); err != nil {
		return nil, err
	}
	return f.security().StoredDescriptor(ctx, inner(n))
}

func (f *hookedFS) SetDescriptor(ctx context.Context, n vfs.Node, sd *dtyp.SecurityDescriptor) error {
	if err := f.call(ctx, "setdescriptor", "", nil); err != nil {
		return err
	}
	return f.security().SetDescriptor(ctx, inner(n), sd)
}
