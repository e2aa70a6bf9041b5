package journal

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/sqlitedb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens the journal at path. Its end is the caller's.
func open(t testing.TB, path string, opt Options) *Journal {
	t.Helper()
	j, err := Open(t.Context(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// closed ends j.
func closed(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// all returns the records of the file at path that f wants.
func all(t testing.TB, path string, f Filter) (records []event.Record) {
	t.Helper()
	j := open(t, path, Options{})
	defer closed(t, j)
	for {
		page, err := j.Read(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, page.Records...)
		if !page.More {
			return records
		}
		f.After = page.Through
	}
}

// refused is a sign-in of user that was refused.
func refused(client, user string) event.Event {
	return event.Event{Kind: event.AuthenticationFailed, Client: client, User: user, Reason: "wrong password", Status: "STATUS_LOGON_FAILURE"}
}

// filled makes a journal of n records of different users, noted in an anchor.
func filled(t *testing.T, n int) (path, anchor string) {
	t.Helper()
	dir := t.TempDir()
	path, anchor = filepath.Join(dir, "events.db"), filepath.Join(dir, "anchor")
	j := open(t, path, Options{Anchors: []Anchor{FileAnchor(anchor)}})
	for i := range n {
		j.Record(refused(fmt.Sprintf("192.0.2.%d:%d", i/16, 1000+i), fmt.Sprintf("user%d", i)))
	}
	closed(t, j)
	return path, anchor
}

// tamper changes the file behind the journal's back.
func tamper(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sqlitedb.Open(t.Context(), path, sqlitedb.Schema{Steps: schema, Fill: begin})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Write(t.Context(), func(tx *sql.Tx) error {
		for _, s := range statements {
			if _, err := tx.ExecContext(t.Context(), s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rebuild makes all hashes of the file right again, as its writer would.
func rebuild(t *testing.T, path string) {
	t.Helper()
	db, err := sqlitedb.Open(t.Context(), path, sqlitedb.Schema{Steps: schema, Fill: begin})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Write(t.Context(), func(tx *sql.Tx) error {
		b, err := readBase(t.Context(), tx)
		if err != nil {
			return err
		}
		hash := b.hash
		for sequence := b.sequence + 1; ; sequence++ {
			var body []byte
			err := tx.QueryRowContext(t.Context(), `SELECT body FROM record WHERE sequence = ?`, sequence).Scan(&body)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			} else if err != nil {
				return err
			}
			hash = link(hash, sequence, body)
			if _, err := tx.ExecContext(t.Context(), `UPDATE record SET hash = ? WHERE sequence = ?`, hash[:], sequence); err != nil {
				return err
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// verify judges the file at path; anchor may be "".
func verify(t *testing.T, path, anchor string) *Verdict {
	t.Helper()
	var heads []Head
	if anchor != "" {
		f, err := os.Open(anchor)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if heads, err = ReadAnchors(f); err != nil {
			t.Fatal(err)
		}
	}
	j := open(t, path, Options{})
	defer closed(t, j)
	v, err := j.Verify(t.Context(), heads)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What an insider does to the file, and whether it is found with and without
// an anchor.
func TestTamperingIsFound(t *testing.T) {
	const edit = `UPDATE record SET body = CAST(replace(CAST(body AS TEXT), 'user40"', 'nobody"') AS BLOB) WHERE sequence = 41`
	tests := []struct {
		name    string
		do      func(t *testing.T, path string)
		with    string // what is found with the anchor; "": nothing
		without string
	}{
		{"nothing", func(*testing.T, string) {}, "", ""},
		{"a record is edited", func(t *testing.T, path string) { tamper(t, path, edit) }, Edited, Edited},
		{"a record is made unreadable", func(t *testing.T, path string) {
			tamper(t, path, `UPDATE record SET body = x'00' WHERE sequence = 41`)
		}, Edited, Edited},
		{"a record is deleted", func(t *testing.T, path string) { tamper(t, path, `DELETE FROM record WHERE sequence = 41`) }, Deleted, Deleted},
		{"the first record is deleted", func(t *testing.T, path string) { tamper(t, path, `DELETE FROM record WHERE sequence = 1`) }, Deleted, Deleted},
		{"the last 100 are cut", func(t *testing.T, path string) { tamper(t, path, `DELETE FROM record WHERE sequence > 200`) }, CutTail, ""},
		{"all are cut", func(t *testing.T, path string) { tamper(t, path, `DELETE FROM record`) }, CutTail, ""},
		{"the last 100 are cut, and others follow", func(t *testing.T, path string) {
			tamper(t, path, `DELETE FROM record WHERE sequence > 200`)
			j := open(t, path, Options{})
			for i := range 150 {
				j.Record(refused(fmt.Sprintf("198.51.100.%d:1", i), "x"))
			}
			closed(t, j)
		}, Rebuilt, ""},
		{"the chain is rebuilt after an edit", func(t *testing.T, path string) { tamper(t, path, edit); rebuild(t, path) }, Rebuilt, ""},
		{"the chain is rebuilt without a record", func(t *testing.T, path string) {
			tamper(t, path, `DELETE FROM record WHERE sequence = 41`, `UPDATE record SET sequence = -sequence WHERE sequence > 41`, `UPDATE record SET sequence = -sequence - 1 WHERE sequence < 0`)
			rebuild(t, path)
		}, CutTail, ""},
		{"the front is removed as if it had made room", func(t *testing.T, path string) {
			tamper(t, path, `UPDATE store SET base = 100, base_hash = (SELECT hash FROM record WHERE sequence = 100)`, `DELETE FROM record WHERE sequence <= 100`)
		}, Deleted, Deleted},
		{"the log is begun anew", func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			j := open(t, path, Options{})
			j.Record(refused("192.0.2.1:1", "ann"))
			closed(t, j)
		}, OtherLog, ""},
	}
	untouched, anchor := filled(t, 300)
	data, err := os.ReadFile(untouched)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events.db")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			tt.do(t, path)
			for _, c := range []struct{ anchor, want string }{{anchor, tt.with}, {"", tt.without}} {
				v := verify(t, path, c.anchor)
				got := ""
				if len(v.Problems) > 0 {
					got = v.Problems[len(v.Problems)-1].What
				}
				if got != c.want {
					t.Errorf("anchor %q: found %+v, want %q", c.anchor, v.Problems, c.want)
				}
				if anchored := c.anchor != "" && tt.name == "nothing"; (v.Anchored == 300) != anchored && got == "" {
					t.Errorf("anchor %q: anchored up to %d of %d", c.anchor, v.Anchored, v.Last)
				}
			}
		})
	}
}

// A process that runs knows what it has written.
func TestARunningJournalFindsACutWithoutAnchor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	j := open(t, path, Options{})
	defer closed(t, j)
	changed := j.Changed()
	j.Record(refused("192.0.2.1:1", "ann"))
	<-changed
	if err := j.db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `DELETE FROM record`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	v, err := j.Verify(t.Context(), nil)
	if err != nil || len(v.Problems) != 1 || v.Problems[0].What != CutTail {
		t.Errorf("Verify = %+v, %v; want CutTail", v, err)
	}
}

func TestRotationKeepsTheSizeAndTheChain(t *testing.T) {
	dir := t.TempDir()
	path, anchor := filepath.Join(dir, "events.db"), filepath.Join(dir, "anchor")
	var first []byte // the anchor when all was there
	for round := range 4 {
		j := open(t, path, Options{MaxBytes: 1, Anchors: []Anchor{FileAnchor(anchor)}}) // the smallest: 1 MiB
		for i := range 1000 {
			j.Record(refused(fmt.Sprintf("192.%d.2.%d:1", round, i), fmt.Sprintf("%s%d", strings.Repeat("u", 200), i)))
		}
		closed(t, j)
		if round == 0 {
			first, _ = os.ReadFile(anchor)
		}
		if fi, err := os.Stat(path); err != nil || fi.Size() > minMaxBytes {
			t.Fatalf("round %d: the file has %d bytes, %v; bound %d", round, fi.Size(), err, minMaxBytes)
		}
	}
	v := verify(t, path, anchor)
	if !v.Consistent() || v.Anchored != v.Last || v.Older == 0 || v.First < 1000 {
		t.Errorf("after rotation: %+v", v)
	}
	if rotated := all(t, path, Filter{Kind: "LogRotated"}); len(rotated) == 0 || rotated[len(rotated)-1].Through != v.First-1 {
		t.Errorf("LogRotated: %+v, want one that ends before %d", rotated, v.First)
	}
	if err := os.WriteFile(anchor, first, 0o600); err != nil {
		t.Fatal(err)
	}
	if v := verify(t, path, anchor); !v.Consistent() || v.Anchored != 0 || v.Older == 0 {
		t.Errorf("anchors of what has made room only: %+v, want not anchored", v)
	}
}

func TestOldRecordsMakeRoom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	j := open(t, path, Options{})
	for i := range 10 {
		e := refused("192.0.2.1:1", fmt.Sprint("user", i))
		e.Time = time.Now().Add(time.Duration(i-390) * 24 * time.Hour)
		j.Record(e)
	}
	j.Record(refused("192.0.2.1:1", "new"))
	changed := j.Changed()
	closed(t, j)
	<-changed
	j = open(t, path, Options{MaxAge: 385 * 24 * time.Hour})
	changed = j.Changed()
	j.Record(refused("192.0.2.1:1", "newer"))
	<-changed
	closed(t, j)
	var users []string
	for _, r := range all(t, path, Filter{Kind: "551"}) {
		users = append(users, r.User)
	}
	if got := strings.Join(users, " "); got != "user6 user7 user8 user9 new newer" {
		t.Errorf("kept: %s", got)
	}
	if v := verify(t, path, ""); !v.Consistent() {
		t.Errorf("after rotation by age: %+v", v)
	}
}

func TestRepeatsBecomeOneRecordWithTheFirstAndTheLast(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	synctest.Test(t, func(t *testing.T) {
		j := open(t, path, Options{})
		begin := time.Now().UTC()
		for i := range 50 {
			j.Record(refused(fmt.Sprintf("192.0.2.1:%d", 1000+i), "ann"))
			j.Record(refused("192.0.2.2:9", "bob"))
			time.Sleep(time.Second)
		}
		time.Sleep(2 * repeatWindow)
		synctest.Wait()
		j.Record(refused("192.0.2.1:5", "ann"))
		synctest.Wait()
		page, err := j.Read(t.Context(), Filter{User: "ann"})
		if err != nil || len(page.Records) != 3 {
			t.Fatalf("%d records, %v; want the first, the repeats, and the first of the next minute:\n%+v", len(page.Records), err, page.Records)
		}
		r := page.Records
		if r[0].Count != 1 || !r[0].Time.Equal(begin) {
			t.Errorf("first: %+v", r[0])
		}
		if r[1].Count != 49 || !r[1].Time.Equal(begin.Add(time.Second)) || !r[1].LastTime.Equal(begin.Add(49*time.Second)) || r[1].Client != "192.0.2.1:1049" {
			t.Errorf("repeats: %+v, want 49 from second 1 to 49", r[1])
		}
		if r[2].Count != 1 {
			t.Errorf("the next minute: %+v", r[2])
		}
		closed(t, j)
	})
}

// floodBound is how large the file of a flood may be: as the logs of Windows.
const floodBound = 8 << 20

// flood records n refused sign-ins of users and clients that who chooses, and
// returns the journal's file and all records.
func flood(t *testing.T, n int, who func(i int) (client, user string)) (size int64, records []event.Record) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.db")
	j := open(t, path, Options{MaxBytes: floodBound})
	for i := range n {
		client, user := who(i)
		j.Record(refused(client, user))
	}
	closed(t, j)
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if v := verify(t, path, ""); !v.Consistent() {
		t.Errorf("the flooded log: %+v", v)
	}
	return fi.Size(), all(t, path, Filter{})
}

func TestFailedLogonsKeepTheLogUnderItsBoundWithFirstAndLast(t *testing.T) {
	n := floodSize
	tests := []struct {
		name string
		who  func(i int) (client, user string)
	}{
		{"of one user", func(i int) (string, string) { return fmt.Sprintf("192.0.2.1:%d", i%60000), "ann" }},
		{"of many users", func(i int) (string, string) {
			return fmt.Sprintf("192.0.2.1:%d", i%60000), fmt.Sprintf("%s%d", strings.Repeat("u", 100), i)
		}},
		{"of many users from many clients", func(i int) (string, string) {
			return fmt.Sprintf("192.%d.%d.%d:1", i>>16&0xFF, i>>8&0xFF, i&0xFF), fmt.Sprint("user", i)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			size, records := flood(t, n, tt.who)
			if size > floodBound {
				t.Errorf("the file has %d bytes, bound %d", size, floodBound)
			}
			total := 0
			for _, r := range records {
				if r.Name != event.LogRotated.Name {
					total += r.Count
				}
			}
			_, firstUser := tt.who(0)
			_, lastUser := tt.who(n - 1)
			first, last := false, false
			for _, r := range records {
				first = first || r.User == event.Clip(firstUser)
				last = last || r.User == event.Clip(lastUser)
			}
			if total != n || !first || !last {
				t.Errorf("%d records for %d of %d events; first is there: %v, last: %v", len(records), total, n, first, last)
			}
			t.Logf("%d events: %d records, %d bytes", n, len(records), size)
		})
	}
}

// block holds the writer up, with one event in its hands, until the returned
// function is called.
func block(t *testing.T, j *Journal) (release func()) {
	t.Helper()
	held, free := make(chan struct{}), make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() {
		_ = j.db.Write(context.WithoutCancel(t.Context()), func(*sql.Tx) error {
			close(held)
			<-free
			return nil
		})
	})
	<-held
	j.Record(refused("198.51.100.1:1", "ann"))
	for taken := false; !taken; runtime.Gosched() {
		j.mu.Lock()
		taken = j.taken
		j.mu.Unlock()
	}
	return func() { close(free); work.Wait() }
}

// The writer is held up, so nothing but memory is left: it must not grow, and
// nobody waits.
func TestWhatFindsNoRoomIsCountedAndSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	j := open(t, path, Options{})
	release := block(t, j)
	const n = 3 * maxRepeats
	for i := range n {
		j.Record(refused(fmt.Sprintf("192.0.%d.%d:1", i>>8, i&0xFF), "ann"))
	}
	j.mu.Lock()
	if len(j.pending) > maxPending || j.dropped.count == 0 || len(j.repeats.windows) > maxRepeats+len(event.Kinds()) {
		t.Errorf("%d pending, %d dropped, %d windows", len(j.pending), j.dropped.count, len(j.repeats.windows))
	}
	j.mu.Unlock()
	release()
	closed(t, j)
	total, lost := 0, 0
	for _, r := range all(t, path, Filter{}) {
		total += r.Count
		if r.Name == event.EventsDropped.Name {
			lost += r.Count
		}
	}
	if total != 1+n || lost == 0 {
		t.Errorf("%d of %d events are accounted for, %d of them as dropped", total, 1+n, lost)
	}
}

func TestEventsReachTheLog(t *testing.T) {
	var out bytes.Buffer
	j := open(t, filepath.Join(t.TempDir(), "events.db"), Options{Logger: slog.New(slog.NewTextHandler(&out, nil))})
	j.Record(event.Event{Kind: event.BadSignature, Client: "192.0.2.1:1", User: "a\r\nlevel=INFO msg=forged", Command: "READ", MessageID: 28})
	closed(t, j)
	line := out.String()
	if strings.Count(line, "\n") != 1 || !strings.Contains(line, "level=ERROR msg=event channel=Signet/Security id=1 name=BadSignature") ||
		!strings.Contains(line, `user="a\r\nlevel=INFO msg=forged"`) || !strings.Contains(line, "mid=0x000000000000001c") {
		t.Errorf("logged: %s", line)
	}
}

func TestTalliesSurviveARestartAndEndAfterADay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	count := func(j *Journal) (n int) {
		for _, tally := range j.Tallies() {
			if tally.Name == event.BadSignature.Name {
				n = tally.Count
				if tally.Last == nil || tally.Last.Command != "READ" {
					t.Errorf("last: %+v", tally.Last)
				}
			}
		}
		return n
	}
	j := open(t, path, Options{})
	for _, ago := range []time.Duration{25 * time.Hour, 23 * time.Hour, time.Hour, 0, 0, 0} {
		j.Record(event.Event{Kind: event.BadSignature, Time: time.Now().Add(-ago), Client: "192.0.2.1:1", User: "ann", Command: "READ"})
	}
	j.Record(refused("192.0.2.1:1", "ann"))
	closed(t, j)
	j = open(t, path, Options{})
	defer closed(t, j)
	// The window of the first ones is one: they came at once.
	if got := count(j); got < 4 || got > 5 {
		t.Errorf("%d bad signatures within a day, want the 5 of 6 that are not older", got)
	}
}

func TestFiltersPickRecords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	j := open(t, path, Options{})
	j.Record(refused("192.0.2.1:1000", "ann"))
	j.Record(refused("[2001:db8::1]:1000", "Bob"))
	j.Record(event.Event{Kind: event.ShareAccessDenied, Time: time.Now().Add(-time.Hour), Client: "192.0.2.1:1001", User: "ann", Share: "data"})
	closed(t, j)
	tests := []struct {
		f    Filter
		want int
	}{
		{Filter{}, 3},
		{Filter{Kind: "551"}, 2},
		{Filter{Kind: "shareaccessdenied"}, 1},
		{Filter{Kind: "3000"}, 0},
		{Filter{Channel: "smbserver/security"}, 3},
		{Filter{Channel: "SMBServer"}, 3},
		{Filter{Channel: "Signet"}, 0},
		{Filter{User: "bob"}, 1},
		{Filter{Client: "192.0.2.1"}, 2},
		{Filter{Client: "192.0.2.1:1001"}, 1},
		{Filter{Client: "2001:db8::1"}, 1},
		{Filter{Since: time.Now().Add(-time.Minute)}, 2},
		{Filter{After: 2}, 1},
	}
	for _, tt := range tests {
		if got := all(t, path, tt.f); len(got) != tt.want {
			t.Errorf("%+v: %d records, want %d", tt.f, len(got), tt.want)
		}
	}
}

func BenchmarkRecordOfARepeatedEvent(b *testing.B) {
	j := open(b, filepath.Join(b.TempDir(), "events.db"), Options{})
	defer closed(b, j)
	e := refused("192.0.2.1:1000", "ann")
	b.ReportAllocs()
	for b.Loop() {
		j.Record(e)
	}
}
