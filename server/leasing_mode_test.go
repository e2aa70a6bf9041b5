package server_test

import (
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/server"
)

// LeasingMode of a share says what clients get of the oplocks and leases that
// they ask for, of files and of directories.
func TestClientsCacheWhatTheShareLets(t *testing.T) {
	for _, c := range []struct {
		name        string
		mode        server.LeasingMode
		oplock      smb2.OplockLevel // for level II
		batch       smb2.OplockLevel // for batch
		lease, list smb2.LeaseState  // for RWH and, of a directory, RH
	}{
		{"Full", server.LeasingFull, smb2.OplockII, smb2.OplockBatch, leaseRWH, leaseRH},
		{"Shared", server.LeasingShared, smb2.OplockII, smb2.OplockII, leaseR, leaseR},
		{"None", server.LeasingNone, smb2.OplockNone, smb2.OplockNone, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			if err := s.SetShares([]*server.Share{{Name: smbtest.ShareName, FS: s.Log, LeasingMode: c.mode}}); err != nil {
				t.Fatal(err)
			}
			p := s.Login()
			if got := mustOpen(t, p, withOplock("a", smb2.OplockII)).OplockLevel; got != c.oplock {
				t.Errorf("level II: granted %#x, want %#x", got, c.oplock)
			}
			if got := mustOpen(t, p, withOplock("b", smb2.OplockBatch)).OplockLevel; got != c.batch {
				t.Errorf("batch: granted %#x, want %#x", got, c.batch)
			}
			makeDir(p, "dir")
			listing := withLease("dir", 2, leaseRH)
			listing.CreateOptions, listing.CreateDisposition = fscc.OptionDirectoryFile, fscc.DispositionOpen
			for _, l := range []struct {
				request *smb2.CreateRequest
				want    smb2.LeaseState
			}{{withLease("c", 1, leaseRWH), c.lease}, {listing, c.list}} {
				level := smb2.OplockLease
				if l.want == 0 {
					level = smb2.OplockNone
				}
				if got := mustOpen(t, p, l.request); got.lease.LeaseState != l.want || got.OplockLevel != level {
					t.Errorf("%s: granted %#x, lease %+v; want %#x, %#x", l.request.Name, got.OplockLevel, got.lease, level, l.want)
				}
			}
		})
	}
}
