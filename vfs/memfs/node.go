package memfs

import (
	"context"
	"io/fs"
	"sync/atomic"

	"github.com/signet-smb/signet/vfs"
)

// node is a counted reference to an inode.
type node struct {
	fs     *FS
	inode  *inode
	closed atomic.Bool
}

func (f *FS) newNode(i *inode) *node {
	f.acquire(i)
	return &node{fs: f, inode: i}
}

func (n *node) ID() vfs.FileID { return n.inode.id }

func (n *node) Attr(context.Context) (vfs.Attr, error) {
	if n.closed.Load() {
		return vfs.Attr{}, fs.ErrClosed
	}
	n.fs.mu.RLock()
	links := n.inode.links
	n.fs.mu.RUnlock()
	return n.inode.attr(links), nil
}

func (n *node) Close() error {
	if n.closed.Swap(true) {
		return fs.ErrClosed
	}
	n.fs.release(n.inode)
	return nil
}
