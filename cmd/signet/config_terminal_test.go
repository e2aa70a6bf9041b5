//go:build linux

package main

import (
	"strings"
	"testing"
)

// TestATerminalIsAskedBeforeProtectionIsLowered: why, and whether that is
// meant; what follows is shown before.
func TestATerminalIsAskedBeforeProtectionIsLowered(t *testing.T) {
	dir := workDir(t, nobody)
	ask := func(reason, agree string) (code int, text string) {
		t.Helper()
		term := newTerminal(t)
		cmd := signet(t, dir, nobody, nil, "config", "set", "server", "RequireSecuritySignature=False", "--state", "state")
		term.attach(cmd)
		b := start(t, cmd)
		term.waitFor(`altered on the way`)
		term.waitFor(`Why .*\? $`)
		term.typeIn(reason + "\n")
		if reason != "" {
			term.waitFor(`Lower protection \[y/N\]\? $`)
			term.typeIn(agree + "\n")
		}
		code = b.wait(t).code
		return code, term.all()
	}
	for _, answers := range [][2]string{{"", ""}, {"scanner", ""}, {"scanner", "no"}} {
		if code, text := ask(answers[0], answers[1]); code != exitRefused || !strings.Contains(text, "nothing was changed") {
			t.Errorf("after %q: exit %d, want 3:\n%s", answers, code, text)
		}
	}
	if got := configure(t, dir, exitDone, "history").stdout; got != "" {
		t.Errorf("after refusals the journal holds:\n%s", got)
	}
	if code, text := ask("the scanner cannot sign", "y"); code != exitDone {
		t.Errorf("exit %d, want 0:\n%s", code, text)
	}
	if got := configure(t, dir, exitDone, "history").stdout; !strings.Contains(got, "the scanner cannot sign") {
		t.Errorf("the journal:\n%s", got)
	}
	configure(t, dir, exitDone, "set", "server", "RequireSecuritySignature=True") // nobody to ask, and no need
}
