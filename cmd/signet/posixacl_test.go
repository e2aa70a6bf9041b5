//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"golang.org/x/sys/unix"
)

// aclEntry is an entry of the attribute system.posix_acl_access.
// linux/posix_acl_xattr.h.
type aclEntry struct {
	tag, perm uint16
	id        uint32
}

// Tags of entries; those without a name have the id noID.
const (
	aclUserObj  = 0x01
	aclUser     = 0x02
	aclGroupObj = 0x04
	aclMask     = 0x10
	aclOther    = 0x20

	noID = 0xFFFFFFFF
)

// setACL gives the file a POSIX ACL.
func setACL(t *testing.T, path string, entries ...aclEntry) {
	t.Helper()
	b := binary.LittleEndian.AppendUint32(nil, 2) // the version
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint16(b, e.tag)
		b = binary.LittleEndian.AppendUint16(b, e.perm)
		b = binary.LittleEndian.AppendUint32(b, e.id)
	}
	err := unix.Setxattr(path, "system.posix_acl_access", b, 0)
	if errors.Is(err, syscall.ENOTSUP) {
		t.Skip("the file system has no POSIX ACLs")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Mode 0640 of root's file says nothing of bob, the ACL lets him read; mode
// 0664 would let him write, the ACL denies it. ann, whom no entry names, gets
// what others get.
func TestPOSIXACLsHold(t *testing.T) {
	_, dir, addr := serveTwins(t)
	bin := uint32(systemUsers["bin"])
	write := func(name string, entries ...aclEntry) {
		path := filepath.Join(dir, "pub", name)
		if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
		setACL(t, path, entries...)
	}
	write("bob reads.txt",
		aclEntry{aclUserObj, 6, noID}, aclEntry{aclUser, 4, bin}, aclEntry{aclGroupObj, 0, noID},
		aclEntry{aclMask, 4, noID}, aclEntry{aclOther, 0, noID})
	write("all but bob.txt",
		aclEntry{aclUserObj, 6, noID}, aclEntry{aclUser, 0, bin}, aclEntry{aclGroupObj, 6, noID},
		aclEntry{aclMask, 6, noID}, aclEntry{aclOther, 6, noID})

	for _, row := range []struct {
		user, file  string
		read, write ntstatus.Status
	}{
		{"bob", "bob reads.txt", ntstatus.Success, ntstatus.AccessDenied},
		{"ann", "bob reads.txt", ntstatus.AccessDenied, ntstatus.AccessDenied},
		{"bob", "all but bob.txt", ntstatus.AccessDenied, ntstatus.AccessDenied},
		{"ann", "all but bob.txt", ntstatus.Success, ntstatus.Success},
	} {
		p := connect(t, addr, row.user)
		for access, want := range map[dtyp.AccessMask]ntstatus.Status{
			dtyp.FileReadData: row.read, dtyp.FileWriteData: row.write,
		} {
			req := smbtest.CreateFile(row.file)
			req.DesiredAccess = access
			if got := p.Do(req).Header.Status; got != want {
				t.Errorf("%s opens %q with %v: %v, want %v", row.user, row.file, access, got, want)
			}
		}
	}
}

// Whoever opens a FIFO without somebody at its other end waits, unless it is
// not opened at all.
func TestAFIFOInAShareBlocksNobody(t *testing.T) {
	_, dir, addr := serveTwins(t)
	if err := errors.Join(
		syscall.Mkfifo(filepath.Join(dir, "pub", "fifo"), 0o666),
		os.Chmod(filepath.Join(dir, "pub", "fifo"), 0o666)); err != nil {
		t.Fatal(err)
	}
	ann, bob := connect(t, addr, "ann"), connect(t, addr, "bob")
	done := make(chan ntstatus.Status)
	go func() {
		req := smbtest.CreateFile("fifo")
		req.DesiredAccess = dtyp.FileReadData | dtyp.FileWriteData
		done <- ann.Do(req).Header.Status
	}()
	select {
	case got := <-done:
		if got != ntstatus.AccessDenied {
			t.Errorf("a FIFO is opened: %v, want AccessDenied", got)
		}
	case <-time.After(patience):
		t.Fatal("the open of a FIFO blocks")
	}
	bob.CloseFile(bob.Open("after.txt"))
}
