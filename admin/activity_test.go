//go:build linux

package admin_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/admin"
)

// fixedActivity is one session on one connection with one open file, until
// they are closed.
type fixedActivity struct{ closed []string }

func (a *fixedActivity) Sessions() []admin.Session {
	return []admin.Session{{SessionID: 0xfedcba9876543210, ClientUserName: "ann", SecondsExists: 60, SecondsIdle: 5}}
}

func (a *fixedActivity) Connections() []admin.Connection {
	return []admin.Connection{{ClientComputerName: "peer:1", ServerAddress: "here:445", NumSessions: 1}}
}

func (a *fixedActivity) OpenFiles() []admin.OpenFile {
	return []admin.OpenFile{{FileID: 7, SessionID: 0xfedcba9876543210, ShareRelativePath: `dir\file`}}
}

func (a *fixedActivity) CloseSession(id admin.SessionID) error {
	if id != 0xfedcba9876543210 {
		return fmt.Errorf("session %v: %w", id, fs.ErrNotExist)
	}
	a.closed = append(a.closed, "session")
	return nil
}

func (a *fixedActivity) CloseOpenFile(id admin.FileID) error {
	if id != 7 {
		return errors.New("disk on fire")
	}
	a.closed = append(a.closed, "file")
	return nil
}

func TestActivityIsListedAndEnded(t *testing.T) {
	activity := &fixedActivity{}
	log := &logBuffer{}
	handler := admin.NewHandler(admin.Config{
		Inspector: fixedStatus{}, Accounts: newMemAccounts(), Activity: activity, Logger: slog.New(slog.NewJSONHandler(log, nil)),
	})
	client := admin.OverSocket(dialer(serve(t, handler)))
	defer client.Close()
	ctx := t.Context()

	sessions, err := client.Sessions(ctx)
	if err != nil || !slices.Equal(sessions.Sessions, activity.Sessions()) {
		t.Errorf("Sessions = %+v, %v", sessions, err)
	}
	connections, err := client.Connections(ctx)
	if err != nil || !slices.Equal(connections.Connections, activity.Connections()) {
		t.Errorf("Connections = %+v, %v", connections, err)
	}
	files, err := client.OpenFiles(ctx)
	if err != nil || !slices.Equal(files.OpenFiles, activity.OpenFiles()) {
		t.Errorf("OpenFiles = %+v, %v", files, err)
	}
	wantCode(t, client.CloseSession(ctx, 1), "NotFound", 404)
	wantCode(t, client.CloseOpenFile(ctx, 1), "InternalError", 500)
	if err := errors.Join(client.CloseOpenFile(ctx, 7), client.CloseSession(ctx, 0xfedcba9876543210)); err != nil {
		t.Error(err)
	}
	if !slices.Equal(activity.closed, []string{"file", "session"}) {
		t.Errorf("closed %v", activity.closed)
	}
	for _, line := range []string{"openfile closed", "session closed", "0xfedcba9876543210"} {
		if !strings.Contains(log.String(), line) {
			t.Errorf("the log lacks %q:\n%s", line, log)
		}
	}
}

func TestIdsInPathsAreOfOneForm(t *testing.T) {
	activity := &fixedActivity{}
	path := serve(t, admin.NewHandler(admin.Config{Inspector: fixedStatus{}, Accounts: newMemAccounts(), Activity: activity}))
	for _, id := range []string{"7", "0x7", "0x000000000000000g", "0x0000000000000_07", "00000000000000000007", "-1"} {
		for _, what := range []string{"sessions", "openfiles"} {
			if code, body := raw(t, path, "DELETE", "/api/v1/"+what+"/"+id, "", ""); code != 422 {
				t.Errorf("DELETE %s/%s = %d %s, want 422", what, id, code, body)
			}
		}
	}
	if len(activity.closed) != 0 {
		t.Errorf("closed %v", activity.closed)
	}
	if code, _ := raw(t, path, "DELETE", "/api/v1/openfiles/0x0000000000000007", "", ""); code != 204 {
		t.Errorf("DELETE of what is listed = %d, want 204", code)
	}
}

func TestWithoutAServerNothingGoesOn(t *testing.T) {
	path := serve(t, admin.NewHandler(admin.Config{Inspector: fixedStatus{}, Accounts: newMemAccounts()}))
	for what, want := range map[string]string{
		"sessions": `{"Sessions":[]}`, "connections": `{"Connections":[]}`, "openfiles": `{"OpenFiles":[]}`,
	} {
		if code, body := raw(t, path, "GET", "/api/v1/"+what, "", ""); code != 200 || strings.TrimSpace(body) != want {
			t.Errorf("GET %s = %d %s, want %s", what, code, body, want)
		}
	}
	if code, body := raw(t, path, "DELETE", "/api/v1/sessions/0x0000000000000001", "", ""); code != 404 {
		t.Errorf("DELETE of a session = %d %s, want 404", code, body)
	}
}
