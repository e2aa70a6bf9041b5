//go:build !windows && !plan9

package journal

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/event"
)

// The system's log daemon is a datagram socket; this one is real, too.
func TestTheSystemsLogGetsTheHead(t *testing.T) {
	dir, err := os.MkdirTemp("", "syslog") // short: the address of a socket has 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "log")
	daemon, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer daemon.Close()
	j := open(t, filepath.Join(t.TempDir(), "events.db"), Options{Anchors: []Anchor{localSyslog{socket: socket}}})
	if err := j.RecordAll(t.Context(), event.Event{Kind: event.ConfigurationChanged, User: "ann", Property: "server.EncryptData"}); err != nil {
		t.Fatal(err)
	}
	closed(t, j)
	if err := daemon.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// At start and at the end, or once if the first note was late.
	var lines []string
	for !strings.Contains(strings.Join(lines, ""), j.Head().Hash) {
		packet := make([]byte, 4096)
		n, err := daemon.Read(packet)
		if err != nil {
			t.Fatalf("%v; so far %q", err, lines)
		}
		lines = append(lines, string(packet[:n]))
	}
	form := regexp.MustCompile(`^<109>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d signet\[\d+\]: signet events \{"Log":.*\}\n$`)
	for _, line := range lines {
		if !form.MatchString(line) {
			t.Errorf("the daemon got %q", line)
		}
	}
	heads, err := ReadAnchors(strings.NewReader(strings.Join(lines, "")))
	if err != nil || len(heads) != len(lines) || heads[len(heads)-1].Sequence != 1 {
		t.Errorf("read as %+v, %v; want the head %+v as the last", heads, err, j.Head())
	}
}

func TestALogThatIsNotThereIsAFailure(t *testing.T) {
	a := localSyslog{socket: filepath.Join(t.TempDir(), "nobody")}
	if err := note(t.Context(), a, Head{}); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("Note = %v, want an error that names the socket", err)
	}
}
