package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/signet-smb/signet/event"
)

// What an audit switch of the client asks for is said, though it is no warning.
func TestTheClientSaysWhatItWarnsOfAndWhatWasAskedFor(t *testing.T) {
	for _, c := range []struct {
		kind *event.Kind
		want bool
	}{
		{event.ServerDoesNotSupportSigning, true},
		{event.ServerDoesNotSupportEncryption, true},
		{event.InsecureGuestLogonAllowed, true},
		{event.TargetIsAddress, true},
		{event.SignatureValidationFailed, false}, // the error of the command
	} {
		var log bytes.Buffer
		warner{slog.New(slog.NewTextHandler(&log, nil))}.Record(event.Event{Kind: c.kind, Client: "FS1", Reason: "so it is"})
		if got := strings.Contains(log.String(), c.kind.Text); got != c.want {
			t.Errorf("%s: said %q, want it said: %v", c.kind.Name, log.String(), c.want)
		}
	}
}
