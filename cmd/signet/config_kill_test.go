//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/admin"
)

// pair are two properties that are always changed together, so that half of a
// change would show.
var pair = [2]string{"server.Smb2CreditsMax", "server.AsynchronousCredits"}

// maxBurst bounds the changes of one round: the values have a range.
const maxBurst = 25

// changePair is the change that gives both of pair the value n.
func changePair(n int) admin.ConfigChange {
	return admin.ConfigChange{Set: map[string]string{pair[0]: strconv.Itoa(n), pair[1]: strconv.Itoa(n)}}
}

// TestKilledAtAnyMomentTheStoreHasTheOldOrTheNewRevision kills the real binary
// while it changes the configuration: in turns the server, to which changes
// come over its socket, and a command that makes one itself. After that the
// value in force is that of the last revision, the journal has no gap, and
// everything that was acknowledged is there.
func TestKilledAtAnyMomentTheStoreHasTheOldOrTheNewRevision(t *testing.T) {
	dir := workDir(t, nobody)
	mkdir(t, dir, "pub")
	mustRun(t, dir, exitDone, "user", "add", "ann")
	state := filepath.Join(dir, "state")
	value, acknowledged, midway := 1000, 1000, 0
	begin := time.Now()
	configure(t, dir, exitDone, "set", "server", pair[0]+"=1000", pair[1]+"=1000")
	lasts := time.Since(begin)

	for round := range killRounds {
		if round%2 == 0 {
			b := start(t, signet(t, dir, nobody, nil, "serve", "pub", "--state", "state", "--listen", "127.0.0.1:0"))
			b.serving(t, state)
			checkPair(t, dir, value, acknowledged) // what was left, as the restarted server sees it
			kill := time.AfterFunc(rand.N(30*time.Millisecond), func() { b.cmd.Process.Signal(syscall.SIGKILL) })
			client := overSocket(t, filepath.Join(state, "signet.sock"))
			for i := 0; i < maxBurst && send(t, client, changePair(value+1)); i++ {
				value++
				acknowledged = value
			}
			value++ // the last one may have been made all the same
			b.wait(t)
			kill.Stop()
		} else {
			value++
			cmd := signet(t, dir, nobody, nil, "config", "set", "server", fmt.Sprintf("%s=%d", pair[0], value), fmt.Sprintf("%s=%d", pair[1], value), "--state", "state")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			kill := time.AfterFunc(rand.N(lasts), func() { cmd.Process.Signal(syscall.SIGKILL) })
			if cmd.Wait() == nil {
				acknowledged = value
			}
			kill.Stop()
		}
		found := checkPair(t, dir, value, acknowledged)
		if found != acknowledged {
			midway++
		}
		value, acknowledged = found, found
	}
	t.Logf("%d rounds, %d of them committed without an acknowledgment", killRounds, midway)
}

// checkPair returns the value that both properties have, which is at least
// acknowledged and at most last, after it has compared it with the journal.
func checkPair(t *testing.T, dir string, last, acknowledged int) int {
	t.Helper()
	var list admin.PropertyList
	var history admin.History
	for _, c := range []struct {
		args []string
		into any
	}{{[]string{"get", "server", "--json"}, &list}, {[]string{"history", "--limit", "1000", "--json"}, &history}} {
		if err := json.Unmarshal([]byte(configure(t, dir, exitDone, c.args...).stdout), c.into); err != nil {
			t.Fatal(err)
		}
	}
	values := make(map[string]string)
	for _, p := range list.Properties {
		values[p.Side+"."+p.Name] = p.Value
	}
	found, err := strconv.Atoi(values[pair[0]])
	if err != nil || values[pair[1]] != values[pair[0]] || found < acknowledged || found > last {
		t.Fatalf("in force %q and %q, want one number from %d to %d", values[pair[0]], values[pair[1]], acknowledged, last)
	}
	if len(history.Revisions) == 0 || history.Revisions[0].Number != list.Revision {
		t.Fatalf("revision %d is in force, the journal begins with %+v", list.Revision, history.Revisions[:1])
	}
	want := values[pair[0]]
	for i, r := range history.Revisions {
		if r.Number != list.Revision-uint64(i) || len(r.Changes) != 2 {
			t.Fatalf("revision %d behind %d: %+v", i, list.Revision, r)
		}
		for _, p := range r.Changes {
			if textOr(p.New, "") != want {
				t.Fatalf("revision %d says %+v, want %s", r.Number, p, want)
			}
		}
		want = textOr(r.Changes[0].Old, "")
	}
	checkEvents(t, dir, &history)
	return found
}

// checkEvents compares the log of events with the journal: it has every change
// of every revision, once, in their order, with who made it.
func checkEvents(t *testing.T, dir string, history *admin.History) {
	t.Helper()
	var list admin.EventList
	r := mustRun(t, dir, exitDone, "event", "list", "--id", "ConfigurationChanged", "--json")
	if err := json.Unmarshal([]byte(r.stdout), &list); err != nil {
		t.Fatal(err)
	}
	var told, want []string
	for _, e := range list.Events {
		told = append(told, fmt.Sprintf("%d %s %s to %s by %s", e.Revision, e.Property, textOr(e.Old, "-"), textOr(e.New, "-"), e.User))
	}
	for _, r := range slices.Backward(history.Revisions) {
		for _, p := range r.Changes {
			want = append(want, fmt.Sprintf("%d %s %s to %s by %s", r.Number, p.Property, textOr(p.Old, "-"), textOr(p.New, "-"), r.By))
		}
	}
	if !slices.Equal(told, want) {
		t.Fatalf("the log of events tells\n%s\nthe journal has\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

// overSocket returns a client of the API at a socket, whoever serves it.
func overSocket(t *testing.T, path string) *http.Client {
	t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// send makes a change and reports whether it was acknowledged.
func send(t *testing.T, client *http.Client, change admin.ConfigChange) bool {
	t.Helper()
	body, err := json.Marshal(change)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, "http://signet/api/v1/config", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return false // it was killed
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("PATCH: %s", resp.Status)
	}
	var result admin.ConfigResult
	return json.NewDecoder(resp.Body).Decode(&result) == nil && result.Changed
}
