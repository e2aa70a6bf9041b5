package vfstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Direct is a [Target] that calls a back end, with nothing in between but what
// [MS-FSA] 2.1.5 says of one client that is alone.
type Direct struct {
	fs    vfs.FS
	slots [Slots]directSlot
}

// directSlot is an open file.
type directSlot struct {
	node vfs.Node // nil: nothing is open
	file vfs.File
}

// NewDirect returns a Direct on back, whose optional interfaces it needs:
// links, streams and extended attributes.
func NewDirect(back vfs.FS) *Direct { return &Direct{fs: back} }

// Close implements [Target].
func (d *Direct) Close() error {
	var errs []error
	for i := range d.slots {
		errs = append(errs, d.slots[i].close())
	}
	return errors.Join(errs...)
}

func (s *directSlot) close() error {
	if s.node == nil {
		return nil
	}
	err := errors.Join(s.file.Close(), s.node.Close())
	*s = directSlot{}
	return err
}

// Do implements [Target].
func (d *Direct) Do(ctx context.Context, step *Step) Outcome {
	text, err := d.do(ctx, step)
	return Outcome{Status: ntstatus.FromError(err), Text: text}
}

func (d *Direct) do(ctx context.Context, step *Step) (string, error) {
	slot := &d.slots[step.Slot]
	switch step.Op {
	case OpOpen:
		return "", d.open(ctx, step)
	case OpClose, OpWrite, OpRead, OpTruncate, OpZero, OpCopy:
		if slot.node == nil || step.Op == OpCopy && d.slots[step.ToSlot].node == nil {
			return "", ntstatus.InvalidHandle
		}
	}
	switch step.Op {
	case OpClose:
		return "", slot.close()
	case OpWrite:
		if len(step.Data) == 0 {
			return "", nil
		}
		_, err := slot.file.WriteAt(ctx, step.Data, step.Offset)
		return "", err
	case OpRead:
		return read(ctx, slot.file, step.Offset, step.Size)
	case OpTruncate:
		return "", slot.file.Truncate(ctx, step.Size)
	case OpZero:
		return "", d.zero(ctx, slot, step)
	case OpCopy:
		return "", d.copy(ctx, slot, step)
	}
	return d.named(ctx, step)
}

func read(ctx context.Context, f vfs.File, off, size int64) (string, error) {
	p := make([]byte, size)
	n, err := f.ReadAt(ctx, p, off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return string(p[:n]), err
}

// size is the length of what is open, in bytes.
func (s *directSlot) size(ctx context.Context) (int64, error) {
	// A stream's is not among the attributes of its file.
	low, high := int64(0), int64(1<<32)
	for low < high {
		middle := (low + high) / 2
		n, err := s.file.ReadAt(ctx, make([]byte, 1), middle)
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return 0, err
		case n == 0:
			high = middle
		default:
			low = middle + 1
		}
	}
	return low, nil
}

// zero does not make a file longer. [MS-FSA] 2.1.5.10.36.
func (d *Direct) zero(ctx context.Context, s *directSlot, step *Step) error {
	if z, ok := s.file.(vfs.ZeroRanger); ok {
		if err := z.ZeroRange(ctx, step.Offset, step.Size); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	size, err := s.size(ctx)
	if err != nil || step.Offset >= size {
		return err
	}
	_, err = s.file.WriteAt(ctx, make([]byte, min(step.Size, size-step.Offset)), step.Offset)
	return err
}

// copy reads all before it writes. What is not all there is not copied.
// [MS-SMB2] 3.3.5.15.6.
func (d *Direct) copy(ctx context.Context, s *directSlot, step *Step) error {
	data, err := read(ctx, s.file, step.Offset, step.Size)
	if err != nil {
		return err
	}
	if int64(len(data)) < step.Size {
		return ntstatus.InvalidViewSize
	}
	_, err = d.slots[step.ToSlot].file.WriteAt(ctx, []byte(data), step.ToOffset)
	return err
}

// place is where a path leads.
type place struct {
	dir    vfs.Node     // of what the path names; its own one for the root
	node   vfs.Node     // nil: there is nothing of that name
	name   string       // as stored, or as asked for
	stream string       // "": none
	path   []vfs.FileID // the directories that lead to dir, from the root's, and dir
}

func (p *place) close() error {
	if p.node != nil {
		return errors.Join(p.dir.Close(), p.node.Close())
	}
	return p.dir.Close()
}

// walk follows a path.
func (d *Direct) walk(ctx context.Context, name string) (*place, error) {
	root, err := d.fs.Root(ctx)
	if err != nil {
		return nil, err
	}
	p := &place{dir: root, path: []vfs.FileID{root.ID()}}
	name, p.stream, _ = strings.Cut(name, ":")
	if name == "" {
		p.node, err = d.fs.Root(ctx)
		return p, err
	}
	components := strings.Split(name, "/")
	for i, component := range components {
		p.name = component
		node, stored, err := d.fs.Lookup(ctx, nil, p.dir, component)
		last := i == len(components)-1
		switch {
		case last && errors.Is(err, fs.ErrNotExist):
			return p, nil
		case errors.Is(err, fs.ErrNotExist):
			return nil, errors.Join(ntstatus.ObjectPathNotFound, p.close())
		case err != nil:
			return nil, errors.Join(err, p.close())
		case last:
			p.node, p.name = node, stored
			return p, nil
		}
		attr, err := node.Attr(ctx)
		if err == nil && !attr.IsDir() {
			err = ntstatus.ObjectPathNotFound
		}
		if err != nil {
			return nil, errors.Join(err, node.Close(), p.close())
		}
		if err := p.dir.Close(); err != nil {
			return nil, err
		}
		p.dir, p.path = node, append(p.path, node.ID())
	}
	return p, nil
}

// existing is walk to something that is there, with its attributes.
func (d *Direct) existing(ctx context.Context, name string) (*place, vfs.Attr, error) {
	p, err := d.walk(ctx, name)
	if err != nil {
		return nil, vfs.Attr{}, err
	}
	if p.node == nil {
		return nil, vfs.Attr{}, errors.Join(ntstatus.ObjectNameNotFound, p.close())
	}
	attr, err := p.node.Attr(ctx)
	if err != nil {
		return nil, attr, errors.Join(err, p.close())
	}
	return p, attr, nil
}

// named does the steps that name what they are about.
func (d *Direct) named(ctx context.Context, step *Step) (text string, err error) {
	if step.Op == OpMkdir {
		return "", d.mkdir(ctx, step.Path)
	}
	p, attr, err := d.existing(ctx, step.Path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	switch step.Op {
	case OpStat:
		return Describe("", attr.Attributes, attr.EndOfFile), nil
	case OpList:
		return d.list(ctx, p.node, &attr)
	case OpRename, OpLink:
		return "", d.move(ctx, step, p, &attr)
	case OpRemove:
		if attr.IsDir() {
			return "", ntstatus.FileIsADirectory
		}
		return "", d.fs.Remove(ctx, nil, p.dir, p.name, p.node)
	case OpRmdir:
		switch {
		case step.Path == "":
			return "", ntstatus.CannotDelete
		case !attr.IsDir():
			return "", ntstatus.NotADirectory
		}
		return "", d.fs.Remove(ctx, nil, p.dir, p.name, p.node)
	case OpTimes:
		if err := d.fs.SetAttr(ctx, nil, p.node, vfs.SetAttr{CreationTime: &step.Time, LastWriteTime: &step.Time}); err != nil {
			return "", err
		}
		attr, err := p.node.Attr(ctx)
		return fmt.Sprint(attr.CreationTime.UTC(), attr.LastWriteTime.UTC()), err
	case OpAttributes:
		return "", d.fs.SetAttr(ctx, nil, p.node, vfs.SetAttr{Attributes: &step.FileAttributes})
	case OpStreams:
		return d.streams(ctx, p.node, &attr)
	case OpSetEA:
		return "", d.fs.(vfs.ExtendedAttributes).SetEAs(ctx, nil, p.node, []fscc.EA{{Name: step.To, Value: step.Data}})
	case OpEAs:
		eas, err := d.fs.(vfs.ExtendedAttributes).EAs(ctx, nil, p.node)
		return DescribeEAs(eas), err
	default:
		return "", ntstatus.NotSupported
	}
}

// Describe is how outcomes tell of a file: its name, those attributes that a
// history sets, its length.
func Describe(name string, attributes fscc.FileAttributes, size uint64) string {
	attributes &= fscc.FileAttributeDirectory | fscc.FileAttributeHidden | fscc.FileAttributeSystem
	if attributes&fscc.FileAttributeDirectory != 0 {
		size = 0
	}
	return fmt.Sprintf("%s %#x %d\n", name, uint32(attributes), size)
}

// DescribeEAs is how outcomes tell of extended attributes.
func DescribeEAs(eas []fscc.EA) string {
	lines := make([]string, len(eas))
	for i := range eas {
		lines[i] = fmt.Sprintf("%s=%q\n", strings.ToUpper(eas[i].Name), eas[i].Value)
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func (d *Direct) list(ctx context.Context, n vfs.Node, attr *vfs.Attr) (text string, err error) {
	if !attr.IsDir() {
		return "", ntstatus.NotADirectory
	}
	dir, err := d.fs.OpenDir(ctx, nil, n)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	var lines []string
	for {
		name, err := dir.Next(ctx)
		if errors.Is(err, io.EOF) {
			slices.Sort(lines)
			return strings.Join(lines, ""), nil
		}
		if err != nil {
			return "", err
		}
		attr, err := dir.Attr(ctx, name)
		if err != nil {
			return "", err
		}
		lines = append(lines, Describe(name, attr.Attributes, attr.EndOfFile))
	}
}

func (d *Direct) streams(ctx context.Context, n vfs.Node, attr *vfs.Attr) (string, error) {
	found, err := d.fs.(vfs.Streams).Streams(ctx, n)
	var lines []string
	if !attr.IsDir() {
		lines = append(lines, Describe("", 0, attr.EndOfFile))
	}
	for _, s := range found {
		lines = append(lines, Describe(s.Name, 0, s.EndOfFile))
	}
	slices.Sort(lines)
	return strings.Join(lines, ""), err
}
