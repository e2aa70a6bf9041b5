package localfs

import (
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
)

func TestChangeTimeHoldsUntilTheFileChanges(t *testing.T) {
	stored := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	c := changeTime{time: 42, stored: dtyp.FileTimeOf(stored)}
	for _, row := range []struct {
		ctime time.Time
		want  bool
	}{
		{stored.Add(-4 * time.Millisecond), true}, // the kernel's clock ticks slowly
		{stored, true},
		{stored.Add(changeTimeGrace), true},
		{stored.Add(changeTimeGrace + time.Microsecond), false},
		{stored.Add(time.Hour), false},
	} {
		if got := c.holds(row.ctime); got != row.want {
			t.Errorf("changed %v after it was stored: holds %v, want %v", row.ctime.Sub(stored), got, row.want)
		}
	}
	if (changeTime{stored: c.stored}).holds(stored) {
		t.Error("no time holds")
	}
}

func TestChangeTimeFollowsTheFields(t *testing.T) {
	want := dosAttrib{
		attributes: 0x22, hasAttributes: true, created: 7,
		change: changeTime{time: 116444736000000000, stored: 134398465923264000},
	}
	value := want.encode()
	if got, err := decodeDOSAttrib(value); err != nil || got != want {
		t.Errorf("decoded %+v, %v, want %+v", got, err, want)
	}
	// Whatever else is behind the fields is not believed.
	for n := len(value) - 20; n < len(value); n++ {
		got, err := decodeDOSAttrib(value[:n])
		if err != nil || got.change != (changeTime{}) || got.created != want.created {
			t.Errorf("%d of %d bytes: decoded %+v, %v, want no change time", n, len(value), got, err)
		}
	}
	value[len(value)-20] ^= 1
	if got, err := decodeDOSAttrib(value); err != nil || got.change != (changeTime{}) {
		t.Errorf("another tag: decoded %+v, %v, want no change time", got, err)
	}
}
