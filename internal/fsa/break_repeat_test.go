package fsa_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
)

// Linux 6.1 passes over the break of a directory's lease that comes right behind
// the grant. It hears of it once more.
func TestABreakRightBehindTheGrantOfADirectoryIsToldAgain(t *testing.T) {
	const soon = 170 * time.Microsecond
	for _, c := range []struct {
		name    string
		want    fsa.Caching
		untold  bool                            // the grant is told when the break is there
		after   time.Duration                   // of the grant, the break
		then    func(f *fixture, h *fsa.Handle) // what the holder does about it
		repeats bool
	}{
		{name: "RH", want: 3, after: soon, repeats: true},
		{name: "R, with nothing to acknowledge", want: 1, after: soon, repeats: true},
		{name: "held back until the grant was told", want: 3, untold: true, repeats: true},
		{name: "the holder had time", want: 3, after: 50 * time.Millisecond},
		{name: "acknowledged", want: 3, after: soon, then: func(f *fixture, _ *fsa.Handle) {
			g, err := f.store.AcknowledgeLease(leaseKey("a1"), 0)
			if err != nil {
				f.Errorf("acknowledge: %v", err)
			}
			g.Told(nil)
		}},
		{name: "closed", want: 3, after: soon, then: func(f *fixture, h *fsa.Handle) {
			h.Close(f.Context())
		}},
		{name: "granted anew", want: 1, after: soon, then: func(f *fixture, _ *fsa.Handle) {
			again := request("d", access(dtyp.FileListDirectory), leaseOf("a1", 1))
			h := f.open(again)
			again.Oplock.Granted.Told(nil)
			f.Cleanup(func() { h.Close(f.Context()) })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				f.make(`d\`)
				var got []string
				var when []time.Duration
				begun := time.Now()
				var telling sync.Mutex
				tell := func() {
					telling.Lock()
					defer telling.Unlock()
					for b, ok := f.store.NextBreak(); ok; b, ok = f.store.NextBreak() {
						got, when = append(got, describeBreak(&b)), append(when, time.Since(begun))
					}
				}
				f.store.OnBreak(tell)
				r := request("d", access(dtyp.FileListDirectory), leaseOf("a1", c.want))
				holder := f.open(r)
				if !c.untold {
					r.Oplock.Granted.Told(nil)
				}
				time.Sleep(c.after)
				f.make(`d\f`)
				if c.untold {
					r.Oplock.Granted.Told(nil)
				}
				tell()
				if c.then != nil {
					c.then(f, holder)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				first := "a1 " + spellCaching(c.want) + ">-"
				if c.want != 1 {
					first += "!"
				}
				want, wantWhen := []string{first + " epoch 2"}, []time.Duration{c.after}
				if c.repeats {
					want, wantWhen = append(want, want[0]), append(wantWhen, 50*time.Millisecond)
				}
				if !slices.Equal(got, want) || !slices.Equal(when, wantWhen) {
					t.Errorf("told %q after %v, want %q after %v", got, when, want, wantWhen)
				}
				if c.name != "closed" {
					holder.Close(t.Context())
				}
			})
		})
	}
}

// The leases of files are noted in time: their breaks are told once.
func TestABreakRightBehindTheGrantOfAFileIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.make("f")
		f.store.OnBreak(func() { t.Error("somebody is called though nothing happens") })
		r := request("f", leaseOf("a1", 3))
		holder := f.open(r)
		r.Oplock.Granted.Told(nil)
		writer := f.open(request("f", access(bothAccess)))
		if _, err := writer.WriteAt(t.Context(), []byte("x"), 0, false); err != nil {
			t.Fatal(err)
		}
		if b, ok := f.store.NextBreak(); !ok || describeBreak(&b) != "a1 RH>-! epoch 2" {
			t.Errorf("told %+v, %t; want the break of RH", b, ok)
		}
		time.Sleep(time.Second)
		if b, ok := f.store.NextBreak(); ok {
			t.Errorf("told %+v again", b)
		}
		writer.Close(t.Context())
		holder.Close(t.Context())
	})
}
