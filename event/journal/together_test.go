package journal

import (
	"path/filepath"
	"testing"

	"github.com/signet-smb/signet/event"
)

// Who changed what is told each time, however quickly it follows.
func TestChangesAreNeverCountedTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	j := open(t, path, Options{})
	was, is := "False", "True"
	change := event.Event{Kind: event.ConfigurationChanged, User: "ann", Property: "server.EncryptData", Old: &was, New: &is, Revision: 1}
	if err := j.RecordAll(t.Context(), change, change); err != nil {
		t.Error(err)
	}
	if head := j.Head(); head.Sequence != 2 {
		t.Errorf("after RecordAll the head is %d, want 2: they are written when it returns", head.Sequence)
	}
	if err := j.RecordAll(t.Context(), change); err != nil {
		t.Error(err)
	}
	closed(t, j)
	if err := j.RecordAll(t.Context(), change); err == nil {
		t.Error("RecordAll after the end says that the event is written")
	}
	records := all(t, path, Filter{})
	if len(records) != 3 {
		t.Fatalf("%d records, want 3: %+v", len(records), records)
	}
	for _, r := range records {
		if r.Count != 1 || r.User != "ann" || r.Old == nil || *r.Old != was || r.New == nil || *r.New != is || r.Revision != 1 {
			t.Errorf("record %+v", r)
		}
	}
	j = open(t, path, Options{})
	defer closed(t, j)
	if v, err := j.Verify(t.Context(), nil); err != nil || !v.Consistent() {
		t.Errorf("Verify = %+v, %v", v, err)
	}
}
