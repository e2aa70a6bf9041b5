package journal

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/signet-smb/signet/event"
)

// noteTimeout is how long an anchor may take.
const noteTimeout = 10 * time.Second

// anchorMark begins the part of a line that is a Head.
const anchorMark = `{"Log":"`

// Anchor is a place outside of the log that is given its head, where whoever
// can write the log should not be able to write.
type Anchor interface {
	// Note keeps one line without its end. It returns when ctx ends.
	Note(ctx context.Context, line string) error
	// String names the place.
	String() string
}

// ParseAnchor returns the anchor that is called name:
//
//	file:PATH              lines at the end of a file
//	syslog                 the system's log
//	syslog+tcp:HOST:PORT   another host's, RFC 5424 over TCP
//
// A file that is not there is made.
func ParseAnchor(name string) (Anchor, error) {
	how, where, _ := strings.Cut(name, ":")
	switch {
	case how == "file" && where != "":
		path, err := filepath.Abs(where)
		if err != nil {
			return nil, err
		}
		f, err := openAnchor(path)
		if err != nil {
			return nil, err
		}
		return FileAnchor(path), f.Close()
	case name == "syslog":
		return localSyslog{}, nil
	case how == "syslog+tcp":
		if _, _, err := net.SplitHostPort(where); err != nil {
			return nil, fmt.Errorf("anchor %q: %w", name, err)
		}
		return tcpSyslog(where), nil
	}
	return nil, fmt.Errorf("anchor %q is none of file:PATH, syslog and syslog+tcp:HOST:PORT", name)
}

// FileAnchor is the absolute path of a file to which heads are appended.
type FileAnchor string

func (a FileAnchor) String() string { return "file:" + string(a) }

func openAnchor(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
}

// Note implements Anchor: the line is on the disk when it returns.
func (a FileAnchor) Note(_ context.Context, line string) error {
	f, err := openAnchor(string(a))
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// tcpSyslog is HOST:PORT of another host's syslog, RFC 5424 messages framed as
// in RFC 6587 3.4.1. Nothing tells whether a message was kept there.
//
// Missing: TLS, RFC 5425.
type tcpSyslog string

func (a tcpSyslog) String() string { return "syslog+tcp:" + string(a) }

// Note implements Anchor.
func (a tcpSyslog) Note(ctx context.Context, line string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", string(a))
	if err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetWriteDeadline(deadline); err != nil {
			conn.Close()
			return err
		}
	}
	msg := message5424(time.Now(), line)
	_, err = fmt.Fprintf(conn, "%d %s", len(msg), msg)
	return errors.Join(err, conn.Close())
}

// anchorPriority is facility 13 (log audit) and severity 5 (notice).
const anchorPriority = 13<<3 | 5

// message5424 is line as RFC 5424 has it.
func message5424(now time.Time, line string) string {
	host, err := os.Hostname()
	if err != nil || host == "" || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r > '~' }) {
		host = "-"
	}
	return fmt.Sprintf("<%d>1 %s %s signet %d events - %s", anchorPriority, now.UTC().Format("2006-01-02T15:04:05.000000Z"), host, os.Getpid(), line)
}

// noteHeads gives the head to all anchors at an interval, at start and at the
// end, if it has changed since.
func (j *Journal) noteHeads(ctx context.Context) {
	tick := time.NewTicker(j.opt.AnchorEvery)
	defer tick.Stop()
	noted := make([]string, len(j.opt.Anchors)) // the hash that each anchor has
	for last := false; ; {
		head := j.Head()
		for i, a := range j.opt.Anchors {
			if noted[i] == head.Hash {
				continue
			}
			if err := note(ctx, a, head); err != nil {
				j.log.Warn("the head of the events could not be noted outside", "anchor", a.String(), "err", err)
				j.Record(event.Event{Kind: event.AnchorFailed, Reason: a.String() + ": " + err.Error()})
				continue
			}
			noted[i] = head.Hash
		}
		if last {
			return
		}
		select {
		case <-tick.C:
		case <-j.stopped: // what there was to write is written
			last = true
		}
	}
}

// note gives one head to one anchor.
func note(ctx context.Context, a Anchor, head Head) error {
	head.Time = time.Now().UTC()
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, noteTimeout)
	defer cancel()
	return a.Note(ctx, "signet events "+string(text))
}

// ReadAnchors finds the heads in lines that anchors have kept, whatever stands
// before and behind them in a line. Other lines do not matter.
func ReadAnchors(from io.Reader) (heads []Head, err error) {
	lines := bufio.NewScanner(from)
	for n := 1; lines.Scan(); n++ {
		_, text, ok := strings.Cut(lines.Text(), anchorMark)
		if !ok {
			continue
		}
		var h Head
		if err := json.NewDecoder(strings.NewReader(anchorMark + text)).Decode(&h); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if hashOf(h.Hash) == (Hash{}) {
			return nil, fmt.Errorf("line %d holds no hash", n)
		}
		heads = append(heads, h)
	}
	return heads, lines.Err()
}

// hashOf reads a hash in hexadecimal; what is none is all zero.
func hashOf(text string) Hash {
	b, err := hex.DecodeString(text)
	if err != nil {
		return Hash{}
	}
	return toHash(b)
}
