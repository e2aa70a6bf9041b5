package store

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"
)

var (
	start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	ann   = Author{Account: "ann (uid 1000)", Means: "CLI", Reason: "old scanner"}
)

func value(text string) *string { return &text }

// set is an edit that sets one property; nil resets it.
func set(property string, to *string) Edit {
	return Edit{Kind: Changed, At: start, By: ann, Set: map[string]*string{property: to}}
}

// commit makes a revision that has to succeed.
func commit(t *testing.T, s *Store, base uint64, e Edit) Revision {
	t.Helper()
	rev, err := s.Commit(t.Context(), base, e)
	if err != nil {
		t.Fatalf("Commit on %d: %v", base, err)
	}
	return rev
}

// expectDecisions compares what the store says, as another process would find
// it.
func expectDecisions(t *testing.T, path string, want Decisions) {
	t.Helper()
	got, err := reopen(t, path).Decisions(t.Context())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("stored: %+v, %v\nwant    %+v", got, err, want)
	}
}

func TestARevisionSaysWhoChangedWhatWhenAndWhy(t *testing.T) {
	s, path := newStore(t)
	expectDecisions(t, path, Decisions{Values: map[string]Value{}})
	commit(t, s, 0, set("a", value("1")))
	commit(t, s, 1, Edit{Kind: Changed, At: start.Add(time.Hour), By: ann, Set: map[string]*string{"a": value("2"), "b": value("x")}})
	commit(t, s, 2, set("a", nil))
	expectDecisions(t, path, Decisions{Revision: 3, Values: map[string]Value{"b": {"x", 2}}})

	got, err := s.Revisions(t.Context(), 0, 10)
	want := []Revision{
		{Number: 3, At: start, Kind: Changed, By: ann, Changes: []PropertyChange{{"a", value("2"), nil}}},
		{Number: 2, At: start.Add(time.Hour), Kind: Changed, By: ann, Changes: []PropertyChange{{"a", value("1"), value("2")}, {"b", nil, value("x")}}},
		{Number: 1, At: start, Kind: Changed, By: ann, Changes: []PropertyChange{{"a", nil, value("1")}}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Revisions = %+v, %v\nwant        %+v", got, err, want)
	}
	if got, err := s.Revisions(t.Context(), 3, 1); err != nil || !reflect.DeepEqual(got, want[1:2]) {
		t.Errorf("one Revision below 3 = %+v, %v, want %+v", got, err, want[1:2])
	}
}

func TestWhatIsSetToWhatItIsMakesNoRevision(t *testing.T) {
	s, path := newStore(t)
	commit(t, s, 0, set("a", value("1")))
	for _, e := range []Edit{set("a", value("1")), set("b", nil), {Kind: Confirmed, At: start, By: ann, Confirm: true}} {
		if rev := commit(t, s, 1, e); rev.Number != 1 || len(rev.Changes) != 0 {
			t.Errorf("Commit of %+v = %+v, want no revision", e, rev)
		}
	}
	expectDecisions(t, path, Decisions{Revision: 1, Values: map[string]Value{"a": {"1", 1}}})
}

func TestOfTwoWritersOneIsToldThatItLost(t *testing.T) {
	s, _ := newStore(t)
	const writers = 8
	var wg sync.WaitGroup
	var mu sync.Mutex
	won, lost := 0, 0
	for i := range writers {
		wg.Go(func() {
			_, err := s.Commit(t.Context(), 0, set("a", value(string(rune('a'+i)))))
			mu.Lock()
			defer mu.Unlock()
			conflict, ok := errors.AsType[*ConflictError](err)
			switch {
			case err == nil:
				won++
			case ok && conflict.Wanted == 0 && conflict.Current == 1:
				lost++
			default:
				t.Errorf("Commit: %v, want a ConflictError from 0 to 1", err)
			}
		})
	}
	wg.Wait()
	if revs, err := s.Revisions(t.Context(), 0, 10); won != 1 || lost != writers-1 || len(revs) != 1 || err != nil {
		t.Errorf("%d won, %d lost, %d revisions, %v; want 1, %d, 1", won, lost, len(revs), err, writers-1)
	}
}

func TestValuesAtIsWhatWasInForceThen(t *testing.T) {
	s, _ := newStore(t)
	commit(t, s, 0, set("a", value("1")))
	commit(t, s, 1, set("b", value("x")))
	commit(t, s, 2, set("a", nil))
	commit(t, s, 3, set("a", value("2")))
	for number, want := range []map[string]string{{}, {"a": "1"}, {"a": "1", "b": "x"}, {"b": "x"}, {"a": "2", "b": "x"}} {
		if got, err := s.ValuesAt(t.Context(), uint64(number)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ValuesAt(%d) = %v, %v, want %v", number, got, err, want)
		}
	}
	if _, err := s.ValuesAt(t.Context(), 5); !errors.Is(err, ErrNoRevision) {
		t.Errorf("ValuesAt(5) = %v, want ErrNoRevision", err)
	}
}

func TestAValueForATimeKnowsWhatItGoesBackTo(t *testing.T) {
	s, path := newStore(t)
	until, later := start.Add(time.Hour), start.Add(2*time.Hour)
	commit(t, s, 0, set("a", value("True")))
	weak := set("a", value("False"))
	weak.Until = until
	commit(t, s, 1, weak)
	held := map[string]Value{"a": {"False", 2}}
	expectDecisions(t, path, Decisions{Revision: 2, Values: held, Deadlines: []Deadline{
		{Property: "a", Restore: value("True"), Until: until, Revision: 2},
	}})

	// Again, for longer: it still goes back to what was there for good.
	weak.Until = later
	commit(t, s, 2, weak)
	held["a"] = Value{"False", 3}
	expectDecisions(t, path, Decisions{Revision: 3, Values: held, Deadlines: []Deadline{
		{Property: "a", Restore: value("True"), Until: later, Revision: 3},
	}})

	// The same for good.
	weak.Until = time.Time{}
	commit(t, s, 3, weak)
	held["a"] = Value{"False", 4}
	expectDecisions(t, path, Decisions{Revision: 4, Values: held})
}

func TestAConfirmationLiftsWhatWaitsForIt(t *testing.T) {
	s, path := newStore(t)
	soon, until := start.Add(10*time.Minute), start.Add(time.Hour)
	tried := set("a", value("1"))
	tried.ConfirmBy = soon
	commit(t, s, 0, tried)
	both := set("b", value("1"))
	both.ConfirmBy, both.Until = soon, until
	commit(t, s, 1, both)
	d, err := s.Decisions(t.Context())
	if err != nil || len(d.Deadlines) != 2 || !d.Deadlines[0].Due().Equal(soon) || !d.Deadlines[1].Due().Equal(soon) {
		t.Fatalf("deadlines %+v, %v; want two due at %v", d.Deadlines, err, soon)
	}
	rev := commit(t, s, 2, Edit{Kind: Confirmed, At: start, By: ann, Confirm: true})
	if rev.Number != 3 || len(rev.Changes) != 0 {
		t.Errorf("the confirmation is %+v, want revision 3 without changes", rev)
	}
	expectDecisions(t, path, Decisions{Revision: 3, Values: map[string]Value{"a": {"1", 1}, "b": {"1", 2}}, Deadlines: []Deadline{
		{Property: "b", Until: until, Revision: 2},
	}})
}

func TestAStoreOfTheVersionBeforeTheJournalIsTakenOver(t *testing.T) {
	s, path := newStore(t)
	must(t, s.AddShare(t.Context(), Share{Name: "Docs", Path: "/srv/docs", FolderEnumerationMode: Unrestricted, LeasingMode: FullLeasing}))
	_, err := s.db.Exec(`DROP TABLE deadline; DROP TABLE property; DROP TABLE revision_change; DROP TABLE revision; ALTER TABLE store DROP COLUMN told; ALTER TABLE share DROP COLUMN refuse_guests; ALTER TABLE share DROP COLUMN leasing; ALTER TABLE share DROP COLUMN description; ALTER TABLE share DROP COLUMN user_limit; UPDATE store SET schema = 2`)
	must(t, err, s.Close())
	commit(t, reopen(t, path), 0, set("a", value("1")))
	expectDecisions(t, path, Decisions{Revision: 1, Values: map[string]Value{"a": {"1", 1}}})
	expectShares(t, path, Share{Name: "Docs", Path: "/srv/docs", FolderEnumerationMode: Unrestricted, LeasingMode: FullLeasing})
}
