// Package memfs is a complete file system in memory: for tests, for
// demonstrations, and as the plainest reading of the contract of package vfs.
//
// It knows no users: everyone has every right, unless a security descriptor
// says otherwise. It keeps attributes and all
// four times; the time of last access changes only when it is set, as on NTFS.
// There are hard links, and no special files.
//
// # Locks
//
// FS.mu guards the shape of the tree: the entries, parents and links of all
// inodes. inode.mu guards attributes, times and data of one inode, and is
// taken after FS.mu; no two inode.mu are held at once.
package memfs

import (
	"context"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// DefaultCapacity is how many bytes of file data an FS takes unless told
// otherwise.
const DefaultCapacity = 4 << 30

// maxNameLength is in UTF-16 code units, as on NTFS.
const maxNameLength = 255

// volumes counts the file systems made, so that no two files of a process
// share an ID.
var volumes atomic.Uint64

// FS is a file system in memory. It is safe for concurrent use and needs no
// Close. Make one with [New].
type FS struct {
	// Capacity is how many bytes of data all files together may hold, in
	// whole pages; more is ntstatus.DiskFull. Set it before the first use.
	Capacity int64

	volume  uint64
	created time.Time
	root    *inode

	lastFile   atomic.Uint64 // the inode number given out last
	used       atomic.Int64  // bytes of pages held by inodes
	references atomic.Int64  // Nodes, Files and Dirs not closed yet

	mu sync.RWMutex // guards parent, links, entries and folded of every inode
}

var (
	_ vfs.FS     = (*FS)(nil)
	_ vfs.Linker = (*FS)(nil)

	_ vfs.ExtendedAttributes = (*FS)(nil)
	_ vfs.Streams            = (*FS)(nil)
	_ vfs.Security           = (*FS)(nil)
)

// New makes an empty file system.
func New() *FS {
	f := &FS{
		Capacity: DefaultCapacity,
		// The top bit keeps clear of the device numbers other back ends use.
		volume:  1<<63 | volumes.Add(1),
		created: time.Now(),
	}
	f.root = f.newInode(true)
	f.root.links = 1
	return f
}

// OpenReferences returns how many Nodes, Files and Dirs are not closed yet. A
// test that ends with more than it began has found a leak.
func (f *FS) OpenReferences() int { return int(f.references.Load()) }

// Root implements [vfs.FS].
func (f *FS) Root(context.Context) (vfs.Node, error) { return f.newNode(f.root), nil }

// Open implements [vfs.FS].
func (f *FS) Open(_ context.Context, _ *vfs.Cred, n vfs.Node, mode vfs.Mode) (vfs.File, error) {
	i, err := f.inode(n)
	if err != nil {
		return nil, err
	}
	if i.entries != nil {
		return nil, ntstatus.FileIsADirectory
	}
	return f.newFile(i, mode), nil
}

// Access implements [vfs.FS]: everyone has every right.
func (f *FS) Access(_ context.Context, _ *vfs.Cred, _, n vfs.Node) (dtyp.AccessMask, error) {
	if _, err := f.inode(n); err != nil {
		return 0, err
	}
	return dtyp.FileAllAccess, nil
}

// settable are the attributes that a SetAttr decides; the others follow from
// what the file is. [MS-FSA] 2.1.5.15.2 has the same list.
const settable = fscc.FileAttributeReadonly | fscc.FileAttributeHidden | fscc.FileAttributeSystem |
	fscc.FileAttributeArchive | fscc.FileAttributeTemporary | fscc.FileAttributeOffline |
	fscc.FileAttributeNotContentIndexed

// SetAttr implements [vfs.FS].
func (f *FS) SetAttr(_ context.Context, _ *vfs.Cred, n vfs.Node, set vfs.SetAttr) error {
	i, err := f.inode(n)
	if err != nil {
		return err
	}
	if set.Sparse != nil && i.entries != nil {
		return ntstatus.NotSupported
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if set.Attributes != nil {
		i.attributes = *set.Attributes&settable | i.attributes&^settable
	}
	if set.Sparse != nil {
		i.attributes &^= fscc.FileAttributeSparseFile
		if *set.Sparse {
			i.attributes |= fscc.FileAttributeSparseFile
		}
	}
	if set.CreationTime != nil {
		i.creationTime = *set.CreationTime
	}
	if set.LastAccessTime != nil {
		i.lastAccessTime = *set.LastAccessTime
	}
	if set.LastWriteTime != nil {
		i.lastWriteTime = *set.LastWriteTime
	}
	i.changeTime = time.Now()
	if set.ChangeTime != nil {
		i.changeTime = *set.ChangeTime
	}
	return nil
}

// Info implements [vfs.FS].
func (f *FS) Info(context.Context) (vfs.Info, error) {
	free := uint64(max(0, f.Capacity-f.used.Load()))
	return vfs.Info{
		SerialNumber:       uint32(f.volume),
		CreationTime:       f.created,
		TotalBytes:         uint64(f.Capacity),
		FreeBytes:          free,
		AvailableBytes:     free,
		BlockSize:          4096,
		MaxNameLength:      maxNameLength,
		FileSystemName:     "NTFS",
		StoresAttributes:   true,
		StoresCreationTime: true,
		StoresSparse:       true,
		StoresEAs:          true,
		StoresStreams:      true,
		StoresDescriptors:  true,
	}, nil
}

// inode returns what n refers to. n must be an open Node of f.
func (f *FS) inode(n vfs.Node) (*inode, error) {
	m, ok := n.(*node)
	if !ok || m.fs != f {
		return nil, ntstatus.InvalidParameter
	}
	if m.closed.Load() {
		return nil, fs.ErrClosed
	}
	return m.inode, nil
}

// directory is inode for an n that has to be a directory.
func (f *FS) directory(n vfs.Node) (*inode, error) {
	i, err := f.inode(n)
	if err != nil {
		return nil, err
	}
	if i.entries == nil {
		return nil, ntstatus.NotADirectory
	}
	return i, nil
}

// checkName refuses names longer than maxNameLength.
func checkName(name string) error {
	if len(name) <= maxNameLength { // no character takes more units than bytes
		return nil
	}
	units := 0
	for s := name; s != ""; {
		c, size := utf8.DecodeRuneInString(s)
		units += utf16.RuneLen(c)
		s = s[size:]
	}
	if units > maxNameLength {
		return ntstatus.NameTooLong
	}
	return nil
}
