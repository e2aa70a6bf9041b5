package localfs

import (
	"context"
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Rename implements [vfs.FS]. A move to another file system is EXDEV.
func (f *FS) Rename(_ context.Context, as *vfs.Cred, dir vfs.Node, name string, newDir vfs.Node, newName string, replace bool) error {
	from, err := f.directory(dir)
	if err != nil {
		return err
	}
	to, err := f.directory(newDir)
	if err != nil {
		return err
	}
	disk, err := diskName(name)
	if err != nil {
		return err
	}
	newDisk, err := diskName(newName)
	if err != nil {
		return err
	}
	if err := f.protected.checkRename(from, disk, to, newDisk); err != nil {
		return err
	}
	if replace {
		defer f.victim(to, newDisk).release(f)
	}
	return f.do(as, func() error {
		moved := func(removed, added *dirNames) {
			removed.remove(name)
			added.add(newName)
		}
		err := f.names.changeTwo(from, to, moved, func() error {
			if replace {
				return renameOver(from, disk, to, newDisk)
			}
			return renameExclusive(from, disk, to, newDisk)
		})
		if err != nil {
			return err
		}
		f.renames.Add(1)
		f.files.moved(to, newDisk)
		return nil
	})
}

// renameOver moves an entry and replaces what is there.
func renameOver(from *node, name string, to *node, newName string) error {
	err := retry(func() error { return unix.Renameat2(from.handle.fd, name, to.handle.fd, newName, 0) })
	switch err {
	case nil:
		return removeTwin(from, name, to, newName)
	case unix.ENOTEMPTY, unix.EEXIST:
		return ntstatus.DirectoryNotEmpty
	case unix.EINVAL:
		return ntstatus.InvalidParameter // into itself
	}
	return err
}

// removeTwin finishes a rename between two hard links of one file: the kernel
// leaves both and calls it a success. To a client the old name has to go.
func removeTwin(from *node, name string, to *node, newName string) error {
	if from.id == to.id && name == newName {
		return nil
	}
	if !areTwins(from, name, to, newName) {
		return nil
	}
	return retry(func() error { return unix.Unlinkat(from.handle.fd, name, 0) })
}

// areTwins reports whether both entries exist and are one file.
func areTwins(a *node, name string, b *node, otherName string) bool {
	first, err := statAt(a.handle.fd, name)
	if err != nil || first.Nlink < 2 || first.Mode&unix.S_IFMT == unix.S_IFDIR {
		return false
	}
	second, err := statAt(b.handle.fd, otherName)
	return err == nil && idOf(second) == idOf(first)
}

// renameExclusive moves an entry to a name that is free.
func renameExclusive(from *node, name string, to *node, newName string) error {
	err := retry(func() error {
		return unix.Renameat2(from.handle.fd, name, to.handle.fd, newName, unix.RENAME_NOREPLACE)
	})
	if err != unix.EINVAL {
		return err
	}
	// Either a directory was to move into itself, or this file system knows no
	// RENAME_NOREPLACE. Then the name is looked up first, and a file that a
	// program on the host makes there in between is replaced.
	if _, err := statAt(to.handle.fd, newName); err == nil {
		return fs.ErrExist
	} else if err != unix.ENOENT {
		return err
	}
	return renameOver(from, name, to, newName)
}
