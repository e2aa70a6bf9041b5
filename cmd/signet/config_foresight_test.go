//go:build linux

package main

import (
	"strings"
	"testing"

	"github.com/signet-smb/signet/ntstatus"
)

// A change that is only tried says whom it would shut out, from what was seen on
// the wire.
func TestADryRunSaysWhoBreaks(t *testing.T) {
	_, dir, addr := serveSMB(t, nobody)
	says := func(when string, want ...string) {
		t.Helper()
		got := configure(t, dir, exitDone, "set", "server", "EncryptData=True", "--dry-run").stderr
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s:\n%s\nwant %q", when, got, w)
			}
		}
	}
	if got := configure(t, dir, exitDone, "set", "server", "EncryptData=True", "--dry-run").stderr; strings.Contains(got, "Who breaks") {
		t.Errorf("before anybody was there:\n%s", got)
	}
	if _, _, tree := signIn(t, addr, "ann", "tulip-raven-4817", "pub"); tree != ntstatus.Success {
		t.Fatal(tree)
	}
	says("after a good client", "no gaps: of devices seen 1, will be refused 0, have signed before 1, could and never had to 0, not seen 0.")
	if _, first := signInUnsigned(t, addr); first != ntstatus.AccessDenied {
		t.Fatal(first)
	}
	says("after one that speaks 2.1 and does not sign", "of devices seen 1, will be refused 1", "127.0.0.1 ann: The client cannot encrypt")
}
