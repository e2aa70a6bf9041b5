//go:build linux

package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// hostileNames are accounts as attackers would call them.
var hostileNames = []string{
	"a\r\n{\"msg\":\"forged\"}", "\x1b[2Jred", "abc\u202egpj.exe", `=HYPERLINK("http://x","y")`, "+1", "-1", "@SUM(A1)", "  =1+1", "ünï,\"quoted\"",
}

func TestEventsOfARunningServerAreListedExportedAndVerified(t *testing.T) {
	b, dir, addr := serveSMB(t, nobody, "--event-anchor", "file:anchor", "--event-anchor-interval", "1h")
	event := func(args ...string) result {
		t.Helper()
		return run(t, signet(t, dir, nobody, nil, append([]string{"event", "--state", "state"}, args...)...))
	}
	for _, name := range hostileNames {
		if _, logon, _ := signIn(t, addr, name, "x", "pub"); logon != ntstatus.LogonFailure {
			t.Fatalf("log-on as %q: %v", name, logon)
		}
	}
	p, _, _ := signIn(t, addr, "ann", "tulip-raven-4817", "pub")
	for range 3 {
		p.Exchange(smbtest.Element{Message: &smb2.EchoRequest{}, Forge: func(msg []byte) { msg[smb2.SignatureOffset] ^= 1 }})
	}

	list := event("list", "--channel", "SMBServer")
	if n := strings.Count(list.stdout, "\n"); n != len(hostileNames) || strings.ContainsFunc(strings.NewReplacer("\n", "", "\t", "").Replace(list.stdout), unprintable) {
		t.Errorf("%d lines for %d events, or something in them acts on a terminal:\n%q", n, len(hostileNames), list.stdout)
	}
	if r := event("list", "--id", "BadSignature"); strings.Count(r.stdout, "\n") != 1 || !strings.Contains(r.stdout, "Signet/Security\t1\t1\t127.0.0.1:") || !strings.Contains(r.stdout, "command ECHO") {
		t.Errorf("list --id BadSignature:\n%s", r)
	}
	var doc admin.EventList
	if r := event("list", "--json", "--id", "551", "--since", "1h"); json.Unmarshal([]byte(r.stdout), &doc) != nil || len(doc.Events) != len(hostileNames) {
		t.Errorf("list --json: %s", r)
	}
	for i, e := range doc.Events {
		if e.User != hostileNames[i] {
			t.Errorf("JSON has the user %q, want %q as it is", e.User, hostileNames[i])
		}
	}
	if r := event("list", "--id", "4711"); r.code != exitUsage {
		t.Errorf("an unknown id: %s, want exit 2", r)
	}
	if r := event("list", "--since", "yesterday"); r.code != exitUsage {
		t.Errorf("a bad time: %s, want exit 2", r)
	}
	if r := event("export", "--format", "xml"); r.code != exitUsage {
		t.Errorf("an unknown format: %s, want exit 2", r)
	}

	export := event("export", "--id", "551")
	rows, err := csv.NewReader(strings.NewReader(export.stdout)).ReadAll()
	if err != nil || len(rows) != len(hostileNames)+1 {
		t.Fatalf("CSV: %d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if strings.ContainsFunc(cell, unprintable) || strings.ContainsAny(strings.TrimLeft(cell, " ")+" ", "=+-@") && strings.IndexAny(strings.TrimLeft(cell, " "), "=+-@") == 0 {
				t.Errorf("the cell %q would be computed, or acts on a terminal", cell)
			}
		}
	}
	if r := event("export", "--format", "json", "--user", hostileNames[0]); strings.Count(r.stdout, "\n") != 1 || !json.Valid([]byte(r.stdout)) {
		t.Errorf("export as JSON of one user: %s", r)
	}

	s := status(t, dir, nobody)
	if s.BadSignatures != 3 || s.LastBadSignature == nil || s.LastBadSignature.User != "ann" {
		t.Errorf("status: %d bad signatures, last %+v; want 3 of ann", s.BadSignatures, s.LastBadSignature)
	}
	if r := run(t, signet(t, dir, nobody, nil, "status", "--state", "state", "--check")); r.code != exitLook ||
		!strings.Contains(r.stdout, "Signatures  3 WRONG in 24 hours: somebody may be in the path; last ECHO, message 0x") ||
		!strings.Contains(r.stdout, fmt.Sprintf("AuthenticationFailed (551) %d, BadSignature (1) 3", len(hostileNames))) {
		t.Errorf("status --check: %s", r)
	}

	if r := event("verify"); r.code != exitDone || !strings.HasPrefix(r.stdout, "internally consistent, not anchored: records 1 to ") {
		t.Errorf("verify without anchor: %s", r)
	}
	b.signal(t, syscall.SIGTERM)
	if r := b.wait(t); r.code != exitDone || !strings.Contains(r.stderr, `"name":"BadSignature"`) || strings.Contains(r.stderr, "\n{\"msg\":\"forged\"") {
		t.Errorf("exit %d, log:\n%s", r.code, r.stderr)
	} else if n := strings.Count(r.stderr, `"name":"AuthenticationFailed"`); n != len(hostileNames) || strings.Contains(r.stderr, "logon refused") || strings.Contains(r.stderr, "request failed") {
		t.Errorf("%d lines of %d refused sign-ins, or refusals said twice:\n%s", n, len(hostileNames), r.stderr)
	}
	// The server noted the head when it began and when it ended.
	if r := event("verify", "--anchor", "anchor"); r.code != exitDone || !strings.HasPrefix(r.stdout, "consistent and anchored: records 1 to ") {
		t.Errorf("verify with anchor: %s", r)
	}
	if r := event("verify", "--anchor", "state/server-guid"); r.code != exitUsage {
		t.Errorf("verify with a file that is no anchor: %s, want exit 2", r)
	}
	for _, f := range []string{"events.db", "events.db-wal", "events.db-shm"} {
		if err := os.Remove(filepath.Join(dir, "state", f)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if r := event("verify", "--anchor", "anchor"); r.code != exitLook || !strings.Contains(r.stdout, "OtherLog") {
		t.Errorf("verify of a log that was begun anew: %s, want exit 4", r)
	}
}

// Whoever alters what is encrypted, or how it was negotiated, is in the path as
// much as who signs wrongly.
func TestStatusSaysWhatWasAltered(t *testing.T) {
	_, dir, addr := serveSMB(t, nobody)
	check := func(code int, line string) {
		t.Helper()
		r := run(t, signet(t, dir, nobody, nil, "status", "--state", "state", "--check"))
		if r.code != code || !strings.Contains(r.stdout, line) || line == "" && strings.Contains(r.stdout, "Altered") {
			t.Errorf("status --check: %s, want exit %d and %q", r, code, line)
		}
	}
	check(exitDone, "")
	p, _, _ := signIn(t, addr, "ann", "tulip-raven-4817", "pub")
	p.Seal = true
	msg := p.Encode(smbtest.Element{Message: &smb2.EchoRequest{}})
	msg[len(msg)-1] ^= 1
	p.SendRaw(msg)
	if _, ok := p.Receive(); ok {
		t.Error("the connection goes on")
	}
	check(exitLook, "Altered     1 encrypted messages in 24 hours: somebody may be in the path\n")

	p = dial(t, addr)
	p.Dialects = []smb2.Dialect{smb2.Dialect302}
	p.Negotiate()
	p.SessionSetup(smbtest.InitiatorFor("ann", "tulip-raven-4817"))
	p.TreeConnect("pub")
	info := smb2.ValidateNegotiateInfoRequest{Capabilities: p.Capabilities, GUID: p.ClientGUID, SecurityMode: p.Mode, Dialects: []smb2.Dialect{smb2.Dialect311}}
	if _, ok := p.Exchange(smbtest.Element{Message: &smb2.IoctlRequest{
		CtlCode: fscc.FSCTLValidateNegotiateInfo, FileID: smb2.RelatedFileID, Flags: smb2.IoctlIsFSCTL, MaxOutputResponse: 24, Input: info.Append(nil),
	}}); ok {
		t.Error("the connection goes on")
	}
	check(exitLook, "Altered     1 encrypted messages, 1 negotiations in 24 hours: somebody may be in the path\n")
}

func TestEventsAreFollowedAsTheyHappen(t *testing.T) {
	b, dir, addr := serveSMB(t, nobody)
	cmd := signet(t, dir, nobody, nil, "event", "follow", "--state", "state", "--since", "1h", "--channel", "SMBServer")
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout = in
	follower := start(t, cmd)
	in.Close()
	out.SetReadDeadline(time.Now().Add(patience))
	lines := bufio.NewScanner(out)
	for _, name := range hostileNames[:2] {
		signIn(t, addr, name, "x", "pub")
		if !lines.Scan() || !strings.Contains(lines.Text(), "\t"+escape(name)+"\t") {
			t.Fatalf("followed %q, %v; want the user %q", lines.Text(), lines.Err(), escape(name))
		}
	}
	b.signal(t, syscall.SIGTERM)
	if r := b.wait(t); r.code != exitDone {
		t.Errorf("the server: exit %d, %s", r.code, r.stderr)
	}
	if r := follower.wait(t); r.code != exitDone {
		t.Errorf("follow: exit %d, %s; want 0 when the server stops", r.code, r.stderr)
	}
	if r := run(t, signet(t, dir, nobody, nil, "event", "follow", "--state", "state")); r.code != exitFailed || !strings.Contains(r.stderr, "no server runs") {
		t.Errorf("follow without a server: %s, want exit 1", r)
	}
}

func TestAnAnchorThatMakesNoSenseIsRefused(t *testing.T) {
	dir := workDir(t, nobody)
	mkdir(t, dir, "pub")
	for _, args := range [][]string{{"--event-anchor", "carrier-pigeon"}, {"--event-anchor-interval", "1ms"}} {
		cmd := signet(t, dir, nobody, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, append([]string{"serve", "pub", "--state", "state", "--user", "ann", "--listen", "127.0.0.1:0"}, args...)...)
		if r := run(t, cmd); r.code != exitUsage {
			t.Errorf("%q: %s, want exit 2", args, r)
		}
	}
}
