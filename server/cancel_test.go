package server_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// cancels are CANCELs by what they come with, and the shares whose requests each
// is good enough for, in sessions of which nobody requires anything.
var cancels = []struct {
	name     string
	seal     bool
	unsigned bool
	works    map[string]bool
}{
	{"unsigned", false, true, map[string]bool{smbtest.ShareName: true}},
	{"signed", false, false, map[string]bool{smbtest.ShareName: true, signedShare: true}},
	{"sealed", true, false, map[string]bool{smbtest.ShareName: true, signedShare: true, sealedShare: true}},
}

// aboutCancels runs f for each share, each CANCEL, and both ways of naming a
// target, with a peer that is connected to the share.
func aboutCancels(t *testing.T, f func(t *testing.T, s *smbtest.Server, p *smbtest.Peer, cancel func(smb2.MessageID, smb2.AsyncID), works bool)) {
	for _, share := range []string{smbtest.ShareName, signedShare, sealedShare} {
		for _, c := range cancels {
			for _, async := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s CANCEL at share %s, async %v", c.name, share, async), func(t *testing.T) {
					s := startProtecting(t, smbtest.Options{})
					p := signInOnly(t, s, casual)
					p.TreeConnect(share)
					p.Seal = share == sealedShare
					cancel := func(mid smb2.MessageID, pending smb2.AsyncID) {
						sealing := p.Seal
						p.Seal = c.seal
						p.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Unsigned: c.unsigned, Header: naming(async && pending != 0, mid, pending)})
						p.Seal = sealing
					}
					f(t, s, p, cancel, c.works[share])
				})
			}
		}
	}
}

func TestCancelNeedsTheProofThatTheShareDemands(t *testing.T) {
	aboutCancels(t, func(t *testing.T, _ *smbtest.Server, p *smbtest.Peer, cancel func(smb2.MessageID, smb2.AsyncID), works bool) {
		held, wanted := p.Open("f"), p.Open("f")
		p.MustDo(lockOf(held, rangeOf(tryExclusive, 0, 10)), nil)
		mid := p.NextMessageID
		p.Send(element(lockOf(wanted, rangeOf(waitExclusive, 0, 10))))
		interim := receiveOne(t, p)
		if interim.Header.Status != ntstatus.Pending {
			t.Fatalf("LOCK answered %v, want an interim response", interim.Header.Status)
		}
		cancel(mid, interim.Header.AsyncID)
		if works {
			expectFinal(t, p, smb2.CommandLock, mid, ntstatus.Cancelled)
			return
		}
		barrier(t, p) // the CANCEL was looked at
		p.Send(element(lockOf(held, rangeOf(unlock, 0, 10))))
		expectFinal(t, p, smb2.CommandLock, mid, ntstatus.Success)
	})
}

// A CANCEL may come when its request has not begun to wait: here it is behind a
// CREATE that the back end takes long for.
func TestCancelThatComesEarlyNeedsTheProofThatTheShareDemands(t *testing.T) {
	aboutCancels(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer, cancel func(smb2.MessageID, smb2.AsyncID), works bool) {
		entered, out := make(chan struct{}), make(chan struct{})
		var once sync.Once
		release := func() { once.Do(func() { close(out) }) }
		t.Cleanup(release)
		s.Log.SetGate(func(ctx context.Context, call string) error {
			switch {
			case strings.HasPrefix(call, "Create"):
				close(entered)
				<-out
			case strings.HasPrefix(call, "Sync"):
				return context.Cause(ctx)
			}
			return nil
		})
		mid := p.NextMessageID + 1
		p.Send(smbtest.Element{Message: smbtest.CreateFile("f")}, related(&smb2.FlushRequest{FileID: smb2.RelatedFileID}))
		<-entered
		cancel(mid, 0)
		barrier(t, p)
		release()
		want := ntstatus.Success
		if works {
			want = ntstatus.Cancelled
		}
		expectFinal(t, p, smb2.CommandFlush, mid, want)
	})
}

// expectFinal wants the final answer to mid to be status, whatever comes before.
func expectFinal(t *testing.T, p *smbtest.Peer, command smb2.Command, mid smb2.MessageID, want ntstatus.Status) {
	t.Helper()
	for {
		replies, ok := p.Receive()
		if !ok {
			t.Fatal("the server closed the connection")
		}
		for _, r := range replies {
			if r.Header.MessageID == mid && r.Header.Status != ntstatus.Pending {
				if r.Header.Command != command || r.Header.Status != want {
					t.Errorf("%v ended with %v, want %v", r.Header.Command, r.Header.Status, want)
				}
				return
			}
		}
	}
}
