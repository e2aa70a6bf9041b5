package server_test

import (
	"sync"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/server"
	"github.com/signet-smb/signet/vfs/memfs"
)

// granting is an Access function that gives everybody the same.
func granting(rights dtyp.AccessMask) func(*auth.Identity) dtyp.AccessMask {
	return func(*auth.Identity) dtyp.AccessMask { return rights }
}

func TestNoOpenExceedsTheAccessGrantedToTheShare(t *testing.T) {
	const read = dtyp.FileGenericRead | dtyp.FileGenericExecute
	const change = read | dtyp.FileGenericWrite | dtyp.Delete
	for _, c := range []struct {
		name     string
		share    server.Share
		tree     ntstatus.Status
		maximal  dtyp.AccessMask
		write    ntstatus.Status // of a CREATE that asks for FILE_WRITE_DATA
		writeDAC ntstatus.Status
	}{
		{"nothing said", server.Share{}, ntstatus.Success, dtyp.FileAllAccess, ntstatus.Success, ntstatus.Success},
		{"full", server.Share{Access: granting(dtyp.FileAllAccess)}, ntstatus.Success, dtyp.FileAllAccess, ntstatus.Success, ntstatus.Success},
		{"change", server.Share{Access: granting(change)}, ntstatus.Success, change, ntstatus.Success, ntstatus.AccessDenied},
		{"read", server.Share{Access: granting(read)}, ntstatus.Success, read, ntstatus.AccessDenied, ntstatus.AccessDenied},
		{"full of a read-only share", server.Share{Access: granting(dtyp.FileAllAccess), ReadOnly: true}, ntstatus.Success, read, ntstatus.AccessDenied, ntstatus.AccessDenied},
		{"none", server.Share{Access: granting(0)}, ntstatus.AccessDenied, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login()
			p.CloseFile(p.Open("f"))
			c.share.Name, c.share.FS = "new", s.Log
			if err := s.SetShares([]*server.Share{{Name: smbtest.ShareName, FS: s.Log}, &c.share}); err != nil {
				t.Fatal(err)
			}
			r := p.TreeConnect("new")
			if r.Header.Status != c.tree {
				t.Fatalf("TREE_CONNECT: %v, want %v", r.Header.Status, c.tree)
			}
			if c.tree != ntstatus.Success {
				return
			}
			var res smb2.TreeConnectResponse
			r.Decode(t, &res)
			if res.MaximalAccess != c.maximal {
				t.Errorf("MaximalAccess = %v, want %v", res.MaximalAccess, c.maximal)
			}
			for rights, want := range map[dtyp.AccessMask]ntstatus.Status{
				dtyp.FileReadData: ntstatus.Success, dtyp.FileWriteData: c.write, dtyp.WriteDAC: c.writeDAC,
			} {
				req := smbtest.CreateFile("f")
				req.CreateDisposition = fscc.DispositionOpen
				req.DesiredAccess = rights
				if got := p.Do(req).Header.Status; got != want {
					t.Errorf("CREATE with %v: %v, want %v", rights, got, want)
				}
			}
		})
	}
}

func TestAChangedShareKeepsWhoIsConnected(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	if err := s.SetShares([]*server.Share{{Name: "DATA", FS: s.Log, ReadOnly: true}}); err != nil {
		t.Fatal(err)
	}
	p.Write(id, 0, "connected before")
	p.CloseFile(p.Open("another"))
	p.TreeConnect("data")
	if r := p.Do(smbtest.CreateFile("f")); r.Header.Status != ntstatus.AccessDenied {
		t.Errorf("CREATE for everything in a tree connected since: %v, want AccessDenied", r.Header.Status)
	}
}

// TestAShareTakesNoMoreUsersThanItsLimit: [MS-SMB2] 3.3.5.7. What the share was
// before it was changed counts, and whoever leaves makes room.
func TestAShareTakesNoMoreUsersThanItsLimit(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	limit := func(uses uint32) {
		t.Helper()
		if err := s.SetShares([]*server.Share{{Name: "Data", FS: s.Log, MaxUses: uses}}); err != nil {
			t.Fatal(err)
		}
	}
	connect := func(p *smbtest.Peer, want ntstatus.Status, uses uint32) {
		t.Helper()
		if got := p.TreeConnect("data").Header.Status; got != want {
			t.Errorf("TREE_CONNECT: %v, want %v", got, want)
		}
		if got := s.ShareUses("DATA"); got != uses {
			t.Errorf("%d uses of the share, want %d", got, uses)
		}
	}
	a, b := s.Login(), s.Login() // each is connected
	limit(3)
	connect(a, ntstatus.Success, 3)
	connect(b, ntstatus.RequestNotAccepted, 3)
	connect(a, ntstatus.RequestNotAccepted, 3)
	if r := a.Do(&smb2.TreeDisconnectRequest{}); r.Header.Status != ntstatus.Success { // the last one of a
		t.Fatal(r.Header.Status)
	}
	if got := s.ShareUses("data"); got != 2 {
		t.Errorf("after TREE_DISCONNECT: %d uses, want 2", got)
	}
	connect(b, ntstatus.Success, 3)
	if r := b.Do(&smb2.LogoffRequest{}); r.Header.Status != ntstatus.Success { // with both trees of b
		t.Fatal(r.Header.Status)
	}
	if got := s.ShareUses("data"); got != 1 {
		t.Errorf("after LOGOFF: %d uses, want 1", got)
	}
	limit(1)
	connect(a, ntstatus.RequestNotAccepted, 1)
	limit(0)
	connect(a, ntstatus.Success, 2)
	if got := s.ShareUses("none"); got != 0 {
		t.Errorf("%d uses of a share that is not there", got)
	}
}

func TestARemovedShareIsClosed(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	other := memfs.New()
	for name, shares := range map[string][]*server.Share{
		"gone": {}, "another FS under the name": {{Name: smbtest.ShareName, FS: other}},
	} {
		if err := s.SetShares(shares); err != nil {
			t.Fatal(name, err)
		}
		if got := s.OpenFiles(); len(got) != 0 {
			t.Errorf("%s: still open: %+v", name, got)
		}
		expectStatus(t, "READ", p, smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Length: 1}}, ntstatus.NetworkNameDeleted)
		want := ntstatus.BadNetworkName
		if len(shares) > 0 {
			want = ntstatus.Success
		}
		if r := p.TreeConnect(smbtest.ShareName); r.Header.Status != want {
			t.Errorf("%s: TREE_CONNECT: %v, want %v", name, r.Header.Status, want)
		}
		if err := s.SetShares([]*server.Share{{Name: smbtest.ShareName, FS: s.Log}}); err != nil {
			t.Fatal(err)
		}
		if r := p.TreeConnect(smbtest.ShareName); r.Header.Status != ntstatus.Success {
			t.Fatalf("back again: TREE_CONNECT: %v", r.Header.Status)
		}
		id = p.Open("f")
	}
	if err := s.SetShares(nil); err != nil {
		t.Fatal(err)
	}
	if n := s.FS.OpenReferences() + other.OpenReferences(); n != 0 {
		t.Errorf("%d references to back ends that serve nothing any more", n)
	}
}

func TestSharesThatMakeNoSenseChangeNothing(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	other := memfs.New()
	for _, shares := range [][]*server.Share{
		{{Name: "new", FS: other}, {Name: "NEW", FS: other}},
		{{Name: "new", FS: other}, {Name: "a/b", FS: other}},
		{{Name: "new", FS: other}, {Name: "ipc$", FS: other}},
	} {
		if err := s.SetShares(shares); err == nil {
			t.Errorf("SetShares(%+v) succeeded", shares)
		}
		if n := other.OpenReferences(); n != 0 {
			t.Errorf("%d references to a back end that was not taken", n)
		}
	}
	p.Write(id, 0, "still here")
}

func TestSharesMayBeReplacedWhileClientsConnect(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	p := s.Login()
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 200 {
			shares := []*server.Share{{Name: "data", FS: s.Log}}
			if i%2 == 0 {
				shares = nil
			}
			if err := s.SetShares(shares); err != nil {
				t.Error(err)
			}
		}
	})
	for range 200 {
		switch r := p.TreeConnect("data"); r.Header.Status {
		case ntstatus.Success:
			switch r := p.Do(smbtest.CreateFile("f")); r.Header.Status {
			case ntstatus.Success, ntstatus.NetworkNameDeleted, ntstatus.BadNetworkName:
			case ntstatus.VolumeDismounted: // the share went after the tree connect was found
			default:
				t.Errorf("CREATE: %v", r.Header.Status)
			}
		case ntstatus.BadNetworkName:
		default:
			t.Errorf("TREE_CONNECT: %v", r.Header.Status)
		}
	}
	wg.Wait()
	if err := s.SetShares(nil); err != nil {
		t.Fatal(err)
	}
	if got := s.OpenFiles(); len(got) != 0 {
		t.Errorf("still open: %+v", got)
	}
}
