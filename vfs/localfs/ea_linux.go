package localfs

import (
	"context"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var _ vfs.ExtendedAttributes = (*FS)(nil)

// eaPrefix begins the extended attributes of Linux that are those of clients,
// as with Samba: NAME is user.NAME. Those of other programs on the host are
// among them.
const eaPrefix = "user."

// maxEAValue is the most bytes of a value, [MS-FSCC] 2.4.16.
const maxEAValue = 1<<16 - 1

// eaName returns what clients call the side data of that name, if they are
// shown it at all.
func eaName(side string) (string, bool) {
	name, ok := strings.CutPrefix(side, eaPrefix)
	ea := fscc.EA{Name: name}
	return name, ok && ea.ValidName() && !isPrivateEA(name)
}

// isPrivateEA reports whether servers keep something of their own under that
// name: DOS attributes, ACLs, streams, what Samba's modules for macOS know of
// a file. Clients neither see nor set these.
func isPrivateEA(name string) bool {
	for _, own := range []string{"DOSATTRIB", "NTACL", "SmbReparse"} {
		if strings.EqualFold(name, own) {
			return true
		}
	}
	for _, begin := range []string{"SAMBA_", "DosStream.", "org.netatalk.", "Signet."} {
		if len(name) >= len(begin) && strings.EqualFold(name[:len(begin)], begin) {
			return true
		}
	}
	return false
}

// EAs implements [vfs.ExtendedAttributes]. Who may read the file reads them.
// What exceeds the limit, of a file that another program gave more, is left
// out.
func (f *FS) EAs(_ context.Context, as *vfs.Cred, n vfs.Node) ([]fscc.EA, error) {
	m, err := f.node(n)
	if err != nil {
		return nil, err
	}
	if m.kind != unix.S_IFREG && m.kind != unix.S_IFDIR {
		return nil, fs.ErrPermission
	}
	err = f.do(as, func() error {
		return retry(func() error {
			return unix.Faccessat2(m.handle.fd, "", unix.R_OK, unix.AT_EMPTY_PATH|unix.AT_EACCESS)
		})
	})
	if err != nil {
		return nil, err
	}
	var eas []fscc.EA
	at := m.place()
	err = eachEA(&f.side, at, func(name string, size int) error {
		ea := fscc.EA{Name: name}
		if size > 0 {
			ea.Value = make([]byte, size)
			got, err := f.side.get(at, eaPrefix+name, ea.Value)
			if err == errNoSideData || err == unix.ERANGE {
				return nil // changed this moment
			}
			if err != nil {
				return err
			}
			ea.Value = ea.Value[:got]
		}
		eas = append(eas, ea)
		return nil
	})
	return eas, err
}

// eachEA calls visit with each extended attribute that clients are shown, by
// its name for them, in order of those, and the length of its value.
func eachEA(side blobReader, at place, visit func(name string, size int) error) error {
	names, err := side.list(at)
	if err != nil {
		return err
	}
	return eachEAOf(side, at, names, visit)
}

// eachEAOf is eachEA of a file that has side data of these names.
func eachEAOf(side blobReader, at place, names []string, visit func(name string, size int) error) error {
	slices.Sort(names)
	total := 0
	for _, stored := range names {
		name, ok := eaName(stored)
		if !ok {
			continue
		}
		size, err := side.get(at, stored, nil)
		if err == errNoSideData {
			continue
		}
		if err != nil {
			return err
		}
		if size > maxEAValue || total+fscc.EASize(len(name), size) > fscc.MaxEASize {
			continue
		}
		total += fscc.EASize(len(name), size)
		if err := visit(name, size); err != nil {
			return err
		}
	}
	return nil
}

// SetEAs implements [vfs.ExtendedAttributes]. Who may write the file sets them.
//
// Deviation: the flag FILE_NEED_EA is not kept, for there is no place for it;
// nor does Samba.
func (f *FS) SetEAs(_ context.Context, as *vfs.Cred, n vfs.Node, set []fscc.EA) error {
	m, err := f.node(n)
	if err != nil {
		return err
	}
	if m.kind != unix.S_IFREG && m.kind != unix.S_IFDIR {
		return fs.ErrPermission
	}
	for _, ea := range set {
		if isPrivateEA(ea.Name) {
			return fs.ErrPermission
		}
	}
	lock := &f.sideLocks[m.id.File%uint64(len(f.sideLocks))]
	lock.Lock()
	defer lock.Unlock()
	m.fresh.Store(nil)
	at := m.place()
	names, err := f.side.list(at)
	if err != nil {
		return err
	}
	for _, ea := range set {
		name := eaPrefix + ea.Name
		if k := slices.IndexFunc(names, func(s string) bool { return strings.EqualFold(s, name) }); k >= 0 {
			name = names[k]
		} else {
			names = append(names, name)
		}
		if len(ea.Value) == 0 {
			err = f.removeSide(as, at, name)
		} else {
			err = f.setSide(as, at, name, ea.Value)
		}
		if err == errCannotStore {
			return ntstatus.EAsNotSupported
		}
		if err != nil {
			return err
		}
	}
	return nil
}
