package server_test

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/server"
	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/localfs"
)

// seenFolder serves a folder, and skips the test where the system does not let
// us see what other programs change in it.
func seenFolder(t *testing.T) (s *smbtest.Server, others func(script string)) {
	t.Helper()
	dir := t.TempDir()
	f, err := localfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	root, err := f.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w, err := f.Watch(t.Context(), root, false, func([]vfs.Change) {})
	if errors.Is(err, errors.ErrUnsupported) {
		root.Close()
		t.Skipf("this system does not let us see what other programs change: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	root.Close()
	s = smbtest.StartServer(t, smbtest.Options{FS: f, Unlogged: true})
	if os.Geteuid() == 0 { // root is nobody on shares
		nobody := &vfs.Cred{UID: 65534, GID: 65534}
		if err := os.Chown(dir, int(nobody.UID), int(nobody.GID)); err != nil {
			t.Fatal(err)
		}
		share := &server.Share{Name: smbtest.ShareName, FS: f, Cred: func(*auth.Identity) (*vfs.Cred, error) { return nobody, nil }}
		if err := s.SetShares([]*server.Share{share}); err != nil {
			t.Fatal(err)
		}
	}
	return s, func(script string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "sh", "-ec", script)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
	}
}

// No client goes on with what it has cached of a file that a program on the
// server's host has changed.
func TestProgramsOnTheHostBreakLeasesAndOplocks(t *testing.T) {
	s, others := seenFolder(t)
	p := s.Login()
	for i, c := range []struct{ name, script string }{
		{"written", "echo x >> written"},
		{"truncated", ": > truncated"},
		{"replaced", "echo x > tmp; mv tmp replaced"},
		{"renamed", "mv renamed elsewhere"},
		{"removed", "rm removed"},
		{"closed to others", "chmod 600 'closed to others'"},
	} {
		b := byte(i)
		o := mustOpen(t, p, withLease(c.name, b, leaseRH))
		p.Write(o.FileID, 0, "cached") // our own writes break nothing of our own
		expectQuiet(t, p)
		others(c.script)
		expectLeaseBreak(t, p, b, leaseRH, 0, 18)
		keepLease(p, b, 0)
		p.CloseFile(o.FileID)
	}
	oplock := mustOpen(t, p, withOplock("oplock", smb2.OplockII))
	others("echo x > oplock")
	expectOplockBreak(t, p, oplock.FileID, smb2.OplockNone)
	p.CloseFile(oplock.FileID)

	batch := mustOpen(t, p, withOplock("batch", smb2.OplockBatch))
	others("echo x > batch")
	expectOplockBreak(t, p, batch.FileID, smb2.OplockNone)
	keepOplock(p, batch.FileID, smb2.OplockNone)
	p.CloseFile(batch.FileID)

	makeDir(p, "dir")
	listing := withLease("dir", 100, leaseRH)
	listing.CreateOptions, listing.CreateDisposition = fscc.OptionDirectoryFile, fscc.DispositionOpen
	o := mustOpen(t, p, listing)
	if o.lease.LeaseState != leaseRH {
		t.Fatalf("the lease of the directory is %+v, want RH", o.lease)
	}
	others(": > dir/new")
	expectLeaseBreak(t, p, 100, leaseRH, 0, 18)
	keepLease(p, 100, 0)
	p.CloseFile(o.FileID)
}
