package server_test

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/server"
)

// interfaces asks p's server for its interfaces.
func interfaces(t *testing.T, p *smbtest.Peer, room uint32) (ntstatus.Status, []smb2.NetworkInterface) {
	t.Helper()
	r := p.Do(&smb2.IoctlRequest{
		CtlCode: fscc.FSCTLQueryNetworkInterfaceInfo, FileID: smb2.RelatedFileID, Flags: smb2.IoctlIsFSCTL, MaxOutputResponse: room,
	})
	if r.Header.Status != ntstatus.Success {
		return r.Header.Status, nil
	}
	var res smb2.IoctlResponse
	r.Decode(t, &res)
	var info smb2.NetworkInterfaceInfo
	if err := info.Decode(res.Output); err != nil || res.FileID != smb2.RelatedFileID {
		t.Fatalf("answer for %v: %v", res.FileID, err)
	}
	return r.Header.Status, info.Interfaces
}

func TestAClientOnThisMachineIsToldOfLoopbackAddresses(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	_, found := interfaces(t, s.Login(), 65536)
	loopback := func(i smb2.NetworkInterface) bool { return i.Address == netip.MustParseAddr("127.0.0.1") }
	if !slices.ContainsFunc(found, loopback) {
		t.Errorf("127.0.0.1 is not among %+v", found)
	}
	for _, i := range found {
		if i.IfIndex == 0 || i.LinkSpeed == 0 || i.Capability != 0 || !i.Address.IsLoopback() {
			t.Errorf("%+v", i)
		}
	}
}

func TestInterfacesAreShownWithoutAccessToAnyFile(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	err := s.SetShares([]*server.Share{{Name: smbtest.ShareName, FS: s.Log, Access: granting(dtyp.Synchronize)}})
	if err != nil {
		t.Fatal(err)
	}
	p := s.Login()
	expectStatus(t, "CREATE", p, element(smbtest.CreateFile("f")), ntstatus.AccessDenied)
	if status, found := interfaces(t, p, 65536); status != ntstatus.Success || len(found) == 0 {
		t.Errorf("%v, %d interfaces", status, len(found))
	}
	p.TreeID = 0
	if status, _ := interfaces(t, p, 65536); status != ntstatus.Success {
		t.Errorf("without a tree connect: %v", status)
	}
}

func TestInterfacesAreNotShown(t *testing.T) {
	t.Run("where only one channel is allowed", func(t *testing.T) {
		if status, _ := interfaces(t, smbtest.StartServer(t, smbtest.Options{}).Login(), 65536); status != ntstatus.NotSupported {
			t.Errorf("%v, want NotSupported", status)
		}
	})
	t.Run("below 3.0", func(t *testing.T) {
		p := smbtest.StartServer(t, smbtest.Options{Policy: multi()}).Login(speaking(smb2.Dialect210))
		if status, _ := interfaces(t, p, 65536); status != ntstatus.NotSupported {
			t.Errorf("%v, want NotSupported", status)
		}
	})
	t.Run("to who has no room for them", func(t *testing.T) {
		p := smbtest.StartServer(t, smbtest.Options{Policy: multi()}).Login()
		if status, _ := interfaces(t, p, 151); status != ntstatus.BufferTooSmall {
			t.Errorf("%v, want BufferTooSmall", status)
		}
	})
}

func TestAClientElsewhereIsToldOfAddressesThatItCanReach(t *testing.T) {
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, client := range []string{"192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"} {
		for _, i := range server.NetworkInterfaces(all, netip.MustParseAddr(client)) {
			if i.Address.IsLoopback() || i.Address.IsLinkLocalUnicast() || i.Address.Zone() != "" {
				t.Errorf("%s is told of %v", client, i.Address)
			}
		}
	}
	if found := server.NetworkInterfaces(all, netip.MustParseAddr("::ffff:127.0.0.1")); len(found) == 0 {
		t.Error("a client from the mapped loopback address is told of nothing")
	}
	for k := range all {
		all[k].Flags &^= net.FlagUp
	}
	if found := server.NetworkInterfaces(all, netip.MustParseAddr("127.0.0.1")); len(found) != 0 {
		t.Errorf("interfaces that are down: %+v", found)
	}
}

func TestLinkSpeedIsTheKernelsOrOneGigabit(t *testing.T) {
	dir := t.TempDir()
	for content, want := range map[string]uint64{
		"10000\n": 10_000_000_000, "100\n": 100_000_000,
		"-1\n": 1_000_000_000, "0\n": 1_000_000_000, "4294967295\n": 1_000_000_000, "fast": 1_000_000_000, "": 1_000_000_000,
	} {
		if err := os.MkdirAll(filepath.Join(dir, "eth0"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "eth0", "speed"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := server.ReadLinkSpeed(dir, "eth0"); got != want {
			t.Errorf("speed %q: %d, want %d", content, got, want)
		}
	}
	if got := server.ReadLinkSpeed(dir, "../eth0/absent"); got != 1_000_000_000 {
		t.Errorf("no file: %d", got)
	}
}
