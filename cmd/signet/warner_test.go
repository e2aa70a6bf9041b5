package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/signet-smb/signet/event"
)

// Rules for logs look for channel and number: each event of the client has
// them, at the level at which commands write.
func TestEventsOfTheClientAreLoggedWithTheirNumbers(t *testing.T) {
	for _, kind := range event.Kinds() {
		if !kind.ByClient {
			continue
		}
		file, err := os.Create(filepath.Join(t.TempDir(), "log"))
		if err != nil {
			t.Fatal(err)
		}
		warner{newJSONLogger(file, slog.LevelWarn)}.Record(event.Event{Kind: kind, Client: "FS1\x1b[2J", User: "ann", Reason: "because"})
		written, err := os.ReadFile(file.Name())
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		var line struct {
			Level, Msg, Channel, Name, Server, User, Why string
			ID                                           int
		}
		if err := json.Unmarshal(written, &line); err != nil {
			t.Errorf("%s: %q: %v", kind.Name, written, err)
			continue
		}
		want := line
		want.Channel, want.Name, want.ID, want.Msg = string(kind.Channel), kind.Name, kind.ID, kind.Text
		want.Server, want.User, want.Why, want.Level = escape("FS1\x1b[2J"), "ann", "because", "WARN"
		if kind.Level == event.Error {
			want.Level = "ERROR"
		}
		if line != want {
			t.Errorf("%s:\n got %+v\nwant %+v", kind.Name, line, want)
		}
	}
}
