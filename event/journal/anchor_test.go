package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/event"
)

// notes is an anchor in memory that may fail.
type notes struct {
	lines []string
	err   error
}

func (n *notes) String() string { return "notes" }

func (n *notes) Note(_ context.Context, line string) error {
	if n.err == nil {
		n.lines = append(n.lines, line)
	}
	return n.err
}

func TestHeadsAreNotedAtAnIntervalWhileTheyChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	synctest.Test(t, func(t *testing.T) {
		n := &notes{}
		j := open(t, path, Options{Anchors: []Anchor{n}})
		synctest.Wait()
		j.Record(refused("192.0.2.1:1", "ann"))
		time.Sleep(defaultAnchorEvery + time.Second)
		synctest.Wait()
		time.Sleep(5 * defaultAnchorEvery)
		synctest.Wait()
		j.Record(refused("192.0.2.1:1", "bob"))
		closed(t, j)
		heads, err := ReadAnchors(strings.NewReader(strings.Join(n.lines, "\n")))
		if err != nil || len(heads) != 3 || heads[0].Sequence != 0 || heads[1].Sequence != 1 || heads[2].Sequence != 2 {
			t.Errorf("noted: %+v, %v; want the heads 0 at start, 1 once, 2 at the end", heads, err)
		}
	})
}

func TestAnAnchorThatFailsIsAnEvent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	synctest.Test(t, func(t *testing.T) {
		j := open(t, path, Options{Anchors: []Anchor{&notes{err: errors.New("no such host")}}})
		synctest.Wait()
		page, err := j.Read(t.Context(), Filter{Kind: event.AnchorFailed.Name})
		if err != nil || len(page.Records) != 1 || page.Records[0].Reason != "notes: no such host" {
			t.Errorf("events: %+v, %v", page.Records, err)
		}
		closed(t, j)
	})
}

func TestAnotherHostGetsRFC5424(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			got <- err.Error()
			return
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		var n int
		fmt.Fscanf(r, "%d ", &n)
		msg := make([]byte, n)
		io.ReadFull(r, msg)
		rest, _ := io.ReadAll(r)
		got <- string(msg) + string(rest)
	}()
	a, err := ParseAnchor("syslog+tcp:" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	head := Head{Log: newLogID(), Sequence: 7, Hash: genesis("x").String()}
	if err := note(t.Context(), a, head); err != nil {
		t.Fatal(err)
	}
	msg := <-got
	heads, err := ReadAnchors(strings.NewReader("<x> some daemon's prefix " + msg))
	if !strings.HasPrefix(msg, "<109>1 20") || err != nil || len(heads) != 1 || heads[0].Hash != head.Hash || heads[0].Sequence != 7 {
		t.Errorf("sent %q, read as %+v, %v", msg, heads, err)
	}
}

func TestAnchorsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, name := range []string{"", "file:", "file", "ftp:x", "syslog:x", "syslog+tcp:", "syslog+tcp:host", "file:/no/such/directory/x"} {
		if a, err := ParseAnchor(name); err == nil {
			t.Errorf("ParseAnchor(%q) = %v", name, a)
		}
	}
	for _, text := range []string{`{"Log":"x"`, `{"Log":"x","Sequence":-1}`, `{"Log":"x","Sequence":1,"Hash":"zz"}`} {
		if heads, err := ReadAnchors(strings.NewReader("noise\n" + text)); err == nil {
			t.Errorf("ReadAnchors(%q) = %v", text, heads)
		}
	}
}

func FuzzReadAnchors(f *testing.F) {
	f.Add(`x signet events {"Log":"00ff","Sequence":7,"Hash":"` + genesis("x").String() + `","Time":"2026-01-02T03:04:05Z"} y` + "\n")
	f.Add("noise\n" + anchorMark)
	f.Fuzz(func(t *testing.T, text string) {
		heads, err := ReadAnchors(strings.NewReader(text))
		for _, h := range heads {
			if err == nil && hashOf(h.Hash) == (Hash{}) {
				t.Errorf("%q gave a head without hash", text)
			}
		}
	})
}
