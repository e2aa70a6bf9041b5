package fsa_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/vfs"
)

// leaseOf asks for a lease.
func leaseOf(key string, want fsa.Caching) func(*fsa.OpenRequest) {
	return func(r *fsa.OpenRequest) {
		r.Oplock = &fsa.OplockRequest{Lease: true, V2: true, Key: leaseKey(key), Want: want, Timeout: breakTimeout, Directories: true}
	}
}

// mustWait opens what has to wait.
func (f *fixture) mustWait(r fsa.OpenRequest) *fsa.BreakWait {
	f.Helper()
	_, _, err := f.volume.Open(f.Context(), r)
	wait, ok := errors.AsType[*fsa.BreakWait](err)
	if !ok {
		f.Fatalf("open of %s: %v, want a wait for a break", r.Name, err)
	}
	return wait
}

func TestABreakThatNobodyAcknowledgesEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.make("f")
		r := request("f", leaseOf("a1", 7))
		holder := f.open(r)
		r.Oplock.Granted.Told(nil)
		begun := time.Now()
		<-f.mustWait(request("f")).Ended[0]
		if got := time.Since(begun); got != breakTimeout {
			t.Errorf("the wait ended after %v, want %v", got, breakTimeout)
		}
		other := f.open(request("f"))
		if _, err := f.store.AcknowledgeLease(leaseKey("a1"), 3); err == nil {
			t.Error("a late acknowledgment is taken")
		}
		other.Close(t.Context())
		holder.Close(t.Context())
	})
}

// What is written while a client begins to cache is either in what the client
// reads, or takes its cache away: here the client opens, and reads, between the
// moment that the data is written and that the writer goes on.
func TestAGrantDuringAWriteIsBroken(t *testing.T) {
	f := newFixture(t)
	f.make("f")
	writer := f.open(request("f"))
	var reader *fsa.Handle
	r := request("f", leaseOf("a1", fsa.ReadCaching))
	f.hooks.attr = func(name string, _ *vfs.Attr) { // modified asks for the attributes, behind the write
		if name == "f" && reader == nil {
			f.hooks.attr = nil
			reader = f.open(r)
			r.Oplock.Granted.Told(nil)
		}
	}
	if _, err := writer.WriteAt(t.Context(), []byte("x"), 0, false); err != nil {
		t.Fatal(err)
	}
	if reader == nil {
		t.Fatal("nobody has opened the file meanwhile")
	}
	b, ok := f.store.NextBreak()
	if !ok || b.From != fsa.ReadCaching || b.To != 0 {
		t.Errorf("told %+v, %t; want a break of what was granted during the write", b, ok)
	}
	reader.Close(t.Context())
	writer.Close(t.Context())
}

// Who waits finds the file gone when its holder has deleted it, not half gone.
func TestWhoeverWaitedFindsTheHoldersDeletionDone(t *testing.T) {
	f := newFixture(t)
	f.make("f")
	r := request("f", leaseOf("a1", 7), func(r *fsa.OpenRequest) { r.Options = fscc.OptionDeleteOnClose })
	holder := f.open(r)
	r.Oplock.Granted.Told(nil)
	wait := f.mustWait(request("f"))
	f.hooks.before = func(op, name string, _ *vfs.Cred) error {
		if op == "remove" && name == "f" {
			select {
			case <-wait.Ended[0]:
				t.Error("who waits was told before the file was removed")
			default:
			}
		}
		return nil
	}
	if err := holder.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-wait.Ended[0]
	f.hooks.before = nil
}

// TestManyClientsAtOnce lets clients open, write, rename and close a few files
// at the same time, with leases that are acknowledged by somebody else. W is
// held by one client at most at any time, every wait ends, and nothing is left.
func TestManyClientsAtOnce(t *testing.T) {
	f := newFixture(t)
	for i := range 3 {
		f.make(fileName(i))
	}
	var telling sync.Mutex
	tell := func() { // as the server does: whoever called, one at a time
		telling.Lock()
		defer telling.Unlock()
		for b, ok := f.store.NextBreak(); ok; b, ok = f.store.NextBreak() {
			if !b.Final {
				g, _ := f.store.AcknowledgeLease(b.Key, b.To) // unless it is closed by now
				g.Told(nil)
			}
		}
	}
	var clients sync.WaitGroup
	var writers [3]atomic.Int32
	for client := range 8 {
		clients.Go(func() {
			random := rand.New(rand.NewPCG(uint64(client), 1))
			for range 150 {
				i := random.IntN(3)
				want := []fsa.Caching{1, 3, 5, 7}[random.IntN(4)]
				r := request(fileName(i), access(bothAccess), func(r *fsa.OpenRequest) {
					r.Oplock = &fsa.OplockRequest{
						Lease: true, Key: fsa.LeaseKey{Client: dtyp.GUID{byte(client)}, Key: [16]byte{byte(i)}},
						Want: want, Timeout: time.Hour,
					}
				})
				var h *fsa.Handle
				for h == nil {
					var err error
					h, _, err = f.volume.Open(t.Context(), r)
					if wait, ok := errors.AsType[*fsa.BreakWait](err); ok {
						tell()
						for _, ended := range wait.Ended {
							<-ended
						}
					} else if err != nil {
						t.Errorf("open: %v", err)
						return
					}
				}
				alone := r.Oplock.Granted.Caching&fsa.WriteCaching != 0
				if alone { // nobody else is told that it may, before this is told to give it up
					if n := writers[i].Add(1); n != 1 {
						t.Errorf("%d clients keep writes of one file", n)
					}
					writers[i].Add(-1)
				}
				r.Oplock.Granted.Told(nil)
				tell()
				if random.IntN(2) == 0 {
					if _, err := h.WriteAt(t.Context(), []byte{byte(client)}, 0, false); err != nil {
						t.Errorf("write: %v", err)
					}
					tell()
				}
				if err := h.Close(t.Context()); err != nil {
					t.Errorf("close: %v", err)
				}
			}
		})
	}
	clients.Wait()
}

// BenchmarkOpenWithLease is an open and a close of a file, without and with a
// lease.
func BenchmarkOpenWithLease(b *testing.B) {
	for _, lease := range []bool{false, true} {
		b.Run(fmt.Sprintf("lease=%t", lease), func(b *testing.B) {
			f := newFixture(b)
			f.make("f")
			b.ReportAllocs()
			for b.Loop() {
				r := request("f", access(bothAccess))
				if lease {
					leaseOf("a1", 7)(&r)
				}
				h := f.open(r)
				if lease {
					r.Oplock.Granted.Told(nil)
				}
				h.Close(b.Context())
			}
		})
	}
}
