package localfs

import (
	"context"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/vfs"
)

// Access implements [vfs.FS]: the rights that the mode and the ACL of the file
// give, in Windows' words.
//
// Executing goes with reading a file, as clients ask for both to start a
// program, which a server cannot tell from reading it. A right is no promise:
// the root is judged by itself, and never removed.
func (f *FS) Access(ctx context.Context, as *vfs.Cred, dir, n vfs.Node) (dtyp.AccessMask, error) {
	m, err := f.node(n)
	if err != nil {
		return 0, err
	}
	var d *node
	if dir != nil {
		if d, err = f.directory(dir); err != nil {
			return 0, err
		}
	}
	var rights dtyp.AccessMask
	err = f.doActing(ctx, as, func() error {
		rights, err = access(m, d, f.uid(as))
		return err
	})
	return rights, err
}

// access runs as the identity asked about, whose user is uid. d is nil for
// the root.
func access(m, d *node, uid uint32) (dtyp.AccessMask, error) {
	rights := vfs.AlwaysGranted
	st, err := statFD(m.handle.fd)
	if err != nil {
		return 0, err
	}
	switch m.kind {
	case unix.S_IFREG:
		mode := mayOf(m, unix.R_OK|unix.W_OK)
		if mode&unix.R_OK != 0 {
			rights |= dtyp.FileReadData | dtyp.FileReadEA | dtyp.FileExecute
		}
		if mode&unix.W_OK != 0 {
			rights |= dtyp.FileWriteData | dtyp.FileAppendData | dtyp.FileWriteEA | dtyp.FileWriteAttributes
		}
	case unix.S_IFDIR:
		mode := mayOf(m, unix.R_OK|unix.W_OK|unix.X_OK)
		if mode&unix.R_OK != 0 {
			rights |= dtyp.FileReadData | dtyp.FileReadEA
		}
		if mode&unix.W_OK != 0 {
			rights |= dtyp.FileWriteData | dtyp.FileAppendData | dtyp.FileWriteEA | dtyp.FileWriteAttributes |
				dtyp.FileDeleteChild
		}
		if mode&unix.X_OK != 0 {
			rights |= dtyp.FileTraverse
		}
	}
	if st.Uid == uid {
		rights |= dtyp.FileWriteAttributes | dtyp.WriteDAC
	}
	if d == nil {
		d = m // the root is judged by itself
	}
	if !may(d, unix.W_OK|unix.X_OK) {
		return rights, nil
	}
	// In a sticky directory only its owner and that of the file may remove it.
	if st.Uid == uid {
		return rights | dtyp.Delete, nil
	}
	above, err := statFD(d.handle.fd)
	if err != nil {
		return 0, err
	}
	if above.Mode&unix.S_ISVTX == 0 || above.Uid == uid {
		rights |= dtyp.Delete
	}
	return rights, nil
}

// mayOf returns which rights of mode there are: mostly all, so that is asked
// first.
func mayOf(n *node, mode uint32) (granted uint32) {
	if may(n, mode) {
		return mode
	}
	for _, right := range []uint32{unix.R_OK, unix.W_OK, unix.X_OK} {
		if mode&right != 0 && may(n, right) {
			granted |= right
		}
	}
	return granted
}

// may asks the kernel for the rights of mode, all of them. A refusal for any
// reason (no right, immutable, read-only file system) is a no.
func may(n *node, mode uint32) bool {
	return retry(func() error {
		return unix.Faccessat2(n.handle.fd, "", mode, unix.AT_EMPTY_PATH|unix.AT_EACCESS)
	}) == nil
}
