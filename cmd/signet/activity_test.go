//go:build linux

package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// list runs signet WHAT list --json and decodes what it prints.
func list[T any](t *testing.T, dir, what string) (v T) {
	t.Helper()
	r := run(t, signet(t, dir, nobody, nil, what, "list", "--state", "state", "--json"))
	if err := json.Unmarshal([]byte(r.stdout), &v); err != nil {
		t.Fatalf("signet %s list: %+v, %v", what, r, err)
	}
	return v
}

func TestSessionsConnectionsAndOpenFilesAreListedAndClosed(t *testing.T) {
	b, dir, addr := serveSMB(t, nobody)
	p, _, tree := signIn(t, addr, "ann", "tulip-raven-4817", "PUB")
	if tree != ntstatus.Success {
		t.Fatal(tree)
	}
	id := p.Open("new.txt")

	sessions := list[admin.Sessions](t, dir, "session").Sessions
	if len(sessions) != 1 || sessions[0].ClientUserName != "ann" || sessions[0].NumOpens != 1 {
		t.Fatalf("sessions: %+v", sessions)
	}
	client := sessions[0].ClientComputerName
	files := list[admin.OpenFiles](t, dir, "openfile").OpenFiles
	want := admin.OpenFile{
		FileID: admin.FileID(id.Volatile), SessionID: sessions[0].SessionID, Path: filepath.Join(dir, "pub", "new.txt"),
		ShareName: "pub", ShareRelativePath: "new.txt", ClientComputerName: client, ClientUserName: "ann",
		Permissions: uint32(smbtest.CreateFile("").DesiredAccess),
	}
	if len(files) != 1 || files[0] != want {
		t.Fatalf("open files: %+v, want %+v", files, want)
	}
	connections := list[admin.Connections](t, dir, "connection").Connections
	if len(connections) != 1 || connections[0].ClientComputerName != client || connections[0].ServerAddress != addr || connections[0].NumSessions != 1 {
		t.Errorf("connections: %+v", connections)
	}
	for what, cells := range map[string][]string{
		"session":    {sessions[0].SessionID.String(), client, "ann", "3.1.1", "AES-128-GMAC", "no", "1"},
		"openfile":   {files[0].FileID.String(), sessions[0].SessionID.String(), client, "ann", "pub", "new.txt"},
		"connection": {client, addr, "3.1.1", "AES-128-GMAC", "AES-128-GCM", "1"},
	} {
		r := run(t, signet(t, dir, nobody, nil, what, "list", "--state", "state"))
		if !strings.HasPrefix(r.stdout, strings.Join(cells, "\t")) || strings.Count(r.stdout, "\n") != 1 {
			t.Errorf("signet %s list prints %q, want one line that begins with %q", what, r.stdout, cells)
		}
	}

	for _, c := range []struct {
		args []string
		then ntstatus.Status // of a READ
	}{
		{[]string{"openfile", "close", files[0].FileID.String()}, ntstatus.FileClosed},
		{[]string{"session", "close", sessions[0].SessionID.String()}, ntstatus.UserSessionDeleted},
	} {
		if r := run(t, signet(t, dir, nobody, nil, append(c.args, "--state", "state")...)); r.code != exitDone || r.stdout != "" {
			t.Errorf("signet %v: %+v", c.args, r)
		}
		if r := p.Do(&smb2.ReadRequest{FileID: id, Length: 1}); r.Header.Status != c.then {
			t.Errorf("READ after signet %v: %v, want %v", c.args, r.Header.Status, c.then)
		}
		if r := run(t, signet(t, dir, nobody, nil, append(c.args, "--state", "state")...)); r.code != exitFailed {
			t.Errorf("signet %v again: %+v, want exit 1", c.args, r)
		}
	}
	b.signal(t, syscall.SIGTERM)
	log := b.wait(t).stderr
	for _, line := range []string{`"name":"ActivityEnded","sequence":2`, `"object":"openfile 0x`, `"object":"session 0x`} {
		if !strings.Contains(log, line) {
			t.Errorf("the log lacks %s:\n%s", line, log)
		}
	}
}
