package fsa_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/vfs"
)

// A back end that does not know who has changed something tells of what clients
// do, too. Who watches hears of it once, whoever is first.
func TestWhatAClientDoesIsToldOnceThoughTheBackEndTellsItToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, back := newSeeing(t)
		back.own = true
		f.make(`d\`)
		dir := f.open(request("d", access(dtyp.FileListDirectory)))
		ask := fsa.ChangesRequest{Filter: fscc.NotifyChangeAny, Limit: maxKept}
		if p, err := dir.Changes(t.Context(), ask); err != nil || !p.Withdraw() {
			t.Fatalf("Changes: %v", err)
		}
		added := func(name string) vfs.Change {
			return vfs.Change{Action: fscc.NotifyAdded, Filter: fscc.NotifyChangeFileName, Path: name}
		}
		modified := vfs.Change{Action: fscc.NotifyModified, Filter: fscc.NotifyChangeLastWrite, Path: "a"}
		f.make(`d\a`)
		back.happens(added("a"))
		back.happens(added("b"))
		f.make(`d\b`)
		back.happens(added("others"))
		h := f.open(request(`d\a`, access(bothAccess)))
		for range 3 { // of which the system makes one event
			if _, err := h.WriteAt(t.Context(), []byte("x"), 0, false); err != nil {
				t.Fatal(err)
			}
		}
		back.happens(modified)
		back.happens(added("x")) // so that what follows is not taken for the same
		back.happens(modified)   // of somebody else
		h.Close(t.Context())
		time.Sleep(time.Second) // what comes as late as this is no echo
		back.happens(added("b"))

		var got []string
		p, err := dir.Changes(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		changes, err := p.Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			got = append(got, map[fscc.NotifyAction]string{fscc.NotifyAdded: "+", fscc.NotifyModified: "~"}[c.Action]+c.FileName)
		}
		if want := []string{"+a", "+b", "+others", "~a", "+x", "~a", "+b"}; !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
		dir.Close(t.Context())
	})
}

// Its word would break what clients cache of what they write themselves.
func TestABackEndThatTellsOfClientsBreaksNothing(t *testing.T) {
	f, back := newSeeing(t)
	back.own = true
	f.make("f")
	r := request("f", leaseOf("a1", 3))
	h := f.open(r)
	r.Oplock.Granted.Told(nil)
	back.happens(vfs.Change{Action: fscc.NotifyModified, Filter: fscc.NotifyChangeLastWrite, Path: "f"})
	if b, ok := f.store.NextBreak(); ok {
		t.Errorf("told %s", describeBreak(&b))
	}
	if err := f.volume.Blind(); err == nil || len(back.watches) != 0 {
		t.Errorf("Blind = %v with %d watches, want a reason and none", err, len(back.watches))
	}
	h.Close(t.Context())
}
