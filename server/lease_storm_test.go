package server_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
)

// A client with one credit has many files with RWH leases; another one opens all
// of them as fast as it may. No answer takes a second, of either: an interim
// response gives the credit back, by which the client acknowledges.
func TestAClientWithOneCreditDoesNotHoldUpOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const files, atOnce = 200, 16
		s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Quiet: true, Unlogged: true})
		holder, other := s.Login(), s.Login()
		begun := time.Now()
		name := func(i int) string { return "file" + string(rune('A'+i/26)) + string(rune('a'+i%26)) }
		one := func(m smb2.Message) smbtest.Element {
			return smbtest.Element{Message: m, Header: func(h *smb2.Header) { h.Credits = 1 }}
		}
		for i := range files {
			replies := exchange(t, holder, one(withLease(name(i), byte(i), leaseRWH)))
			if g := decodeGranted(t, replies[0]); g.lease.LeaseState != leaseRWH {
				t.Fatalf("%s: lease %+v, want RWH", name(i), g.lease)
			}
		}
		// The holder answers breaks, one after the other, by its one credit.
		answered := make(chan int)
		go func() {
			n := 0
			for n < files {
				replies, ok := holder.Receive()
				if !ok {
					break
				}
				for _, r := range replies {
					if r.Header.MessageID != smb2.UnsolicitedMessageID {
						continue // the answer to an acknowledgment
					}
					var m smb2.LeaseBreakNotification
					r.Decode(t, &m)
					holder.Send(one(&smb2.LeaseBreakAcknowledgment{LeaseKey: m.LeaseKey, LeaseState: m.NewLeaseState}))
					n++
				}
			}
			answered <- n
		}()
		opened, sent := 0, 0
		for opened < files {
			for sent < files && sent-opened < atOnce {
				other.Send(element(withLease(name(sent), byte(sent), leaseRWH)))
				sent++
			}
			replies, ok := other.Receive()
			if !ok {
				t.Fatal("the connection is closed")
			}
			for _, r := range replies {
				if r.Header.AsyncID != 0 && r.Header.Status != 0 {
					continue
				}
				if g := decodeGranted(t, r); g.lease.LeaseState != leaseRH {
					t.Errorf("lease %+v, want RH", g.lease)
				}
				opened++
			}
		}
		if n := <-answered; n != files {
			t.Errorf("%d breaks came, want %d", n, files)
		}
		if took := time.Since(begun); took >= time.Second {
			t.Errorf("all of it took %v by the clock of the test: something waited", took)
		}
	})
}
