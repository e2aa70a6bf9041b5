package server_test

import (
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/signet-smb/signet/event/history"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// watcher is a Sightings that remembers.
type watcher struct {
	mu   sync.Mutex
	seen []history.Sighting
}

// Saw implements server.Sightings.
func (w *watcher) Saw(s history.Sighting) {
	w.mu.Lock()
	w.seen = append(w.seen, s)
	w.mu.Unlock()
}

// all returns what was seen so far.
func (w *watcher) all() []history.Sighting {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}

func TestWhatASessionShowsIsTold(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup func(*smbtest.Peer)
		do    func(*smbtest.Peer)
		want  []history.Proof
		said  bool // it says that it can sign
	}{
		{"signs", func(*smbtest.Peer) {}, func(p *smbtest.Peer) { p.TreeConnect(smbtest.ShareName) }, []history.Proof{history.SignedIn, history.Signed}, true},
		{"encrypts", func(*smbtest.Peer) {}, func(p *smbtest.Peer) {
			p.Seal = true
			p.TreeConnect(smbtest.ShareName)
		}, []history.Proof{history.SignedIn, history.Sealed}, true},
		{"reads and writes", func(*smbtest.Peer) {}, func(p *smbtest.Peer) {
			p.TreeConnect(smbtest.ShareName)
			p.CloseFile(p.Open("f"))
		}, []history.Proof{history.SignedIn, history.Signed}, true},
		{"a wrong signature", func(*smbtest.Peer) {}, func(p *smbtest.Peer) {
			p.Exchange(smbtest.Element{Message: &smb2.EchoRequest{}, Forge: flip})
		}, []history.Proof{history.SignedIn, history.Failed}, true},
		{"no signature where one is required", func(p *smbtest.Peer) { p.Mode = 0 }, func(p *smbtest.Peer) {
			p.Exchange(smbtest.Element{Message: &smb2.EchoRequest{}, Unsigned: true})
		}, []history.Proof{history.SignedIn, history.Failed}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := new(watcher)
			s := smbtest.StartServer(t, smbtest.Options{Sightings: w})
			c.do(signIn(s, c.setup))
			seen := w.all()
			var proofs []history.Proof
			for _, sighting := range seen {
				proofs = append(proofs, sighting.Proof)
				if sighting.Account != smbtest.User || sighting.Identity != policy.User || sighting.Dialect != policy.SMB311 || sighting.Device == (netip.Addr{}) {
					t.Errorf("got %+v, want %s at 3.1.1 from somewhere", sighting, smbtest.User)
				}
			}
			if !slices.Equal(proofs, c.want) {
				t.Fatalf("got %v, want %v", proofs, c.want)
			}
			for _, sighting := range seen {
				connected := sighting.Proof == history.Signed || sighting.Proof == history.Sealed
				if connected && sighting.Share != smbtest.ShareName || !connected && sighting.Share != "" {
					t.Errorf("%v: got share %q", sighting.Proof, sighting.Share)
				}
			}
			if seen[0].Advertised != c.said || !seen[0].Encrypts {
				t.Errorf("got %+v, want Advertised %v and Encrypts", seen[0], c.said)
			}
		})
	}
}

// One that does not sign where it need not has connected, all the same; what
// pipes are for is no share that demands anything.
func TestAnUnsignedTreeConnectIsTold(t *testing.T) {
	w := new(watcher)
	s := smbtest.StartServer(t, smbtest.Options{Sightings: w, Policy: relaxed()})
	p := signIn(s, func(p *smbtest.Peer) { p.Dialects, p.Mode = []smb2.Dialect{smb2.Dialect210}, smb2.SigningEnabled })
	for _, share := range []string{"IPC$", smbtest.ShareName} {
		replies, ok := p.Exchange(smbtest.Element{Message: &smb2.TreeConnectRequest{Path: `\\server\` + share}, Unsigned: true})
		if !ok || replies[0].Header.Status != ntstatus.Success {
			t.Fatalf("%s: %v", share, replies)
		}
	}
	var got []history.Sighting
	for _, sighting := range w.all() {
		if sighting.Proof != history.SignedIn {
			got = append(got, sighting)
		}
	}
	if len(got) != 1 || got[0].Proof != history.Connected || got[0].Share != smbtest.ShareName {
		t.Errorf("got %+v, want that it connected to %s", got, smbtest.ShareName)
	}
}
