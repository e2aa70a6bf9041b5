package server

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// logText is what was logged. Its lock tells the race detector what the
// order of events is, which timers do not.
type logText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// take returns the text since the last call.
func (l *logText) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.b.Reset()
	return l.b.String()
}

// bufferedLog is a log that can be read, without times.
func bufferedLog() (*logText, *slog.Logger) {
	b := new(logText)
	return b, slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}}))
}

func TestOfEachKindAClientHasOneLineAMinuteAndACount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text, log := bufferedLog()
		r := newRepeatLog(log)
		one, two := from(1).client, from(2).client
		say := func(who clientAddr, msg string) { r.write(log, slog.LevelWarn, who, msg, msg, "from", who.String()) }
		expect := func(what string, want ...string) {
			t.Helper()
			if got := text.take(); got != strings.Join(want, "") {
				t.Errorf("%s: logged\n%swant\n%s", what, got, strings.Join(want, ""))
			}
		}
		for range 1000 {
			say(one, "refused")
		}
		say(one, "closed")
		say(two, "refused")
		expect("in the first minute", "msg=refused from=10.0.0.1\n", "msg=closed from=10.0.0.1\n", "msg=refused from=10.0.0.2\n")
		time.Sleep(repeatWindow)
		synctest.Wait()
		expect("at its end", "msg=\"more of the same\" client=10.0.0.1 what=refused times=999\n")
		say(one, "refused")
		say(one, "refused")
		expect("in the next", "msg=refused from=10.0.0.1\n")
		r.close()
		expect("at the end of all", "msg=\"more of the same\" client=10.0.0.1 what=refused times=1\n")
		if len(r.entries) != 0 {
			t.Errorf("%d entries are left", len(r.entries))
		}
	})
}

func TestAnyNumberOfClientsHasABoundedNumberOfLines(t *testing.T) {
	text, log := bufferedLog()
	r := newRepeatLog(log)
	defer r.close()
	for i := range 3 * maxRepeats {
		who := from(byte(i)).client
		r.write(log, slog.LevelWarn, who, strings.Repeat("x", 1+i/256), "line")
	}
	if got := strings.Count(text.take(), "\n"); got != maxRepeats+1 {
		t.Errorf("%d lines, want %d", got, maxRepeats+1)
	}
	if got := len(r.entries); got != maxRepeats+1 {
		t.Errorf("%d entries, want %d", got, maxRepeats+1)
	}
}
