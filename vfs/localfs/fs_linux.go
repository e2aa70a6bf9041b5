package localfs

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// FS is a served folder. It is safe for concurrent use. Make one with [Open].
type FS struct {
	// As acts where a call names nobody (a nil vfs.Cred). A root process needs
	// one or the other. Set it before the first use.
	As *vfs.Cred

	process  actor   // who the process is; immutable
	root     *handle // the served folder; immutable
	procSelf int     // O_PATH descriptor of /proc/self/fd; immutable

	protected protection // set by Protect
	side      beside
	quotaOf   func(fd int, owner quotaOwner) (quota, bool) // readQuota, but for tests; immutable
	sideLocks [64]sync.Mutex                               // by inode: one change of a file's side data at a time

	attribs    attribCache
	names      nameCache
	files      openFiles
	streams    openStreams
	watching   watching
	renames    atomic.Uint64 // files renamed through this FS
	references atomic.Int64  // Nodes, Files and Dirs not closed yet
}

var _ vfs.FS = (*FS)(nil)

// Open serves the folder dir, which may be reached through symbolic links:
// whoever names the folder decides that. It fails with a plain sentence where
// the kernel is older than Linux 5.8 or /proc is not mounted.
func Open(dir string) (_ *FS, err error) {
	process, err := currentActor()
	if err != nil {
		return nil, fmt.Errorf("localfs: who the process is: %w", err)
	}
	f := &FS{process: process, quotaOf: readQuota}

	f.procSelf, err = openProcSelf()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			unix.Close(f.procSelf)
		}
	}()

	fd, err := openat(unix.AT_FDCWD, dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: dir, Err: err}
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
		}
	}()
	if err := probeKernel(fd); err != nil {
		return nil, err
	}
	st, err := statFD(fd)
	if err != nil {
		return nil, &os.PathError{Op: "stat", Path: dir, Err: err}
	}
	f.root = newHandle(fd)
	f.side = beside{near: new(xattrs), far: &spill{fs: f, volume: idOf(st).Volume}}
	// The answer does not matter, only whether there are such things here.
	_, _ = f.side.near.get(place{id: idOf(st), fd: fd}, dosAttribName, nil)
	f.names.limit = maxCachedNames
	return f, nil
}

// procSelfFD is the directory of the descriptors of this process.
const procSelfFD = "/proc/self/fd"

// openProcSelf opens the directory through which O_PATH descriptors are
// reopened. It has to be the real one: its links are trusted.
func openProcSelf() (int, error) {
	const name = procSelfFD
	fd, err := openat(unix.AT_FDCWD, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("localfs: %s is needed to open files safely, is /proc mounted? %w", name, err)
	}
	var st unix.Statfs_t
	if err := retry(func() error { return unix.Fstatfs(fd, &st) }); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("localfs: statfs %s: %w", name, err)
	}
	if st.Type != unix.PROC_SUPER_MAGIC {
		unix.Close(fd)
		return -1, fmt.Errorf("localfs: %s is needed to open files safely, but what is mounted there is no procfs", name)
	}
	return fd, nil
}

// probeKernel checks that the system calls this package stands on exist and
// that no sandbox forbids them.
func probeKernel(root int) error {
	fd, err := openEntry(root, ".", 0)
	if err == nil {
		unix.Close(fd)
	} else if !isAccess(err) { // a root process may serve what root may not search, on NFS
		return fmt.Errorf("localfs: openat2 does not work here, Linux 5.6 or newer is needed: %w", err)
	}
	err = unix.Faccessat2(root, "", unix.F_OK, unix.AT_EMPTY_PATH|unix.AT_EACCESS)
	if err != nil && !isAccess(err) {
		return fmt.Errorf("localfs: faccessat2 does not work here, Linux 5.8 or newer is needed: %w", err)
	}
	return nil
}

// Close gives the folder back. All Nodes, Files, Dirs and Watches have been closed.
func (f *FS) Close() error {
	return errors.Join(f.watching.close(), f.side.far.close(), f.root.release(), unix.Close(f.procSelf))
}

// OpenReferences returns how many Nodes, Files and Dirs are not closed yet.
func (f *FS) OpenReferences() int { return int(f.references.Load()) }

// Root implements [vfs.FS].
func (f *FS) Root(context.Context) (vfs.Node, error) {
	return f.newNode(f.root.retain(), "")
}

// Info implements [vfs.FS].
func (f *FS) Info(context.Context) (vfs.Info, error) {
	var st unix.Statfs_t
	if err := retry(func() error { return unix.Fstatfs(f.root.fd, &st) }); err != nil {
		return vfs.Info{}, err
	}
	stx, err := statFD(f.root.fd)
	if err != nil {
		return vfs.Info{}, err
	}
	stores := f.side.stores(idOf(stx).Volume)
	space, size := spaceOf(&st)
	info := vfs.Info{
		SerialNumber:   uint32(st.Fsid.Val[0]) ^ uint32(st.Fsid.Val[1]),
		CreationTime:   birthOf(stx),
		TotalBytes:     space.Total,
		FreeBytes:      space.Free,
		AvailableBytes: space.Available,
		BlockSize:      4096,
		// Namelen is in bytes. A client is told characters, and a name that
		// turns out too long when encoded is ENAMETOOLONG.
		MaxNameLength:  uint32(min(max(st.Namelen, 1), 255)),
		FileSystemName: "NTFS", // clients offer less to a name they do not know

		StoresAttributes:   stores,
		StoresCreationTime: stores,
		StoresSparse:       stores,
		StoresEAs:          stores,
		StoresStreams:      stores,
	}
	if bits.OnesCount64(size) == 1 && size <= 1<<20 {
		info.BlockSize = uint32(size)
	}
	return info, nil
}
