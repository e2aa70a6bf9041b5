//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheShellCompletesAndRemembersWhatIsTyped(t *testing.T) {
	_, dir, addr := serveSMB(t, nobody)
	evil := filepath.Join(dir, "pub", "evil\x1b[2J.txt")
	if err := os.WriteFile(evil, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	term := newTerminal(t)
	cmd := signet(t, dir, nobody, nil, "shell", "smb://ann@"+addr+"/pub", "--state", "mine")
	term.attach(cmd)
	b := start(t, cmd)
	term.answer("Password for ann at 127.0.0.1: ", "tulip-raven-4817\n")
	prompt := `/pub> `
	term.waitFor(prompt)
	term.typeIn("ca\t") // a command
	term.waitFor(prompt + `[^\n]*cat `)
	term.typeIn("he\t") // a name on the server
	term.waitFor(prompt + `[^\n]*hello\.txt `)
	term.typeIn("\r")
	term.waitFor(`(?s)hello, world.*` + prompt)
	term.typeIn("ls -l\r")
	term.waitFor(`(?s)evil\\uf01b\[2J\.txt.*` + prompt)
	term.typeIn("\x1b[A\x1b[A") // twice up: what was typed before
	term.waitFor(`(?s)evil.*` + prompt + `.*hello\.txt`)
	term.typeIn("\r")
	term.waitFor(`(?s)hello, world.*hello, world.*` + prompt)
	term.typeIn("nonsense\r")
	term.waitFor(`(?s)"nonsense": there are .*` + prompt)
	term.typeIn("exit\r")
	if r := b.wait(t); r.code != exitDone {
		t.Errorf("exit %d:\n%s", r.code, term.all())
	}
	shown := term.all()
	if strings.Contains(shown, "tulip") || strings.Contains(shown, "evil\x1b[2J") {
		t.Errorf("the terminal got what it must not:\n%q", shown)
	}
	path := filepath.Join(dir, "mine", shellHistoryFile)
	kept, err := os.ReadFile(path)
	if want := "cat hello.txt \nls -l\ncat hello.txt \nnonsense\nexit\n"; err != nil || string(kept) != want {
		t.Errorf("kept: %q, %v, want %q", kept, err, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v, want mode 0600", path, info, err)
	}
}

func TestNobodyIsAskedForAPasswordWhileAPlaceIsTyped(t *testing.T) {
	_, dir, addr := serveSMB(t, nobody)
	for _, flags := range [][]string{nil, {"--password-file", "-"}} {
		term := newTerminal(t)
		args := append(append([]string{"__complete", "ls"}, flags...), "smb://ann@"+addr+"/")
		cmd := signet(t, dir, nobody, nil, args...)
		term.attach(cmd)
		r := start(t, cmd).wait(t)
		if shown := term.all(); r.code != exitDone || strings.Contains(shown, "Password") || strings.Contains(shown, "smb://") {
			t.Errorf("%v: exit %d:\n%s", flags, r.code, shown)
		}
	}
}
