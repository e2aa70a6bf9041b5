//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/ntstatus"
)

// TestTheFileIsReadAgain: by the command and by SIGHUP, and what is wrong in it
// changes nothing.
func TestTheFileIsReadAgain(t *testing.T) {
	dir := workDir(t, nobody)
	mkdir(t, dir, "docs")
	mkdir(t, dir, "etc")
	file := filepath.Join(dir, "etc", "signet.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("version: 1\nlisten: ['127.0.0.1:0']\nshares: [{Name: one, Path: ../docs, ReadAccess: [ann]}]\n")
	mustRun(t, dir, exitDone, "user", "add", "ann")
	mustRun(t, dir, exitDone, "share", "add", "stored", "docs")
	cmd := signet(t, dir, nobody, nil, "serve", "--state", "state", "--config", "etc/signet.yaml")
	cmd.Env[0] = "SIGNET_TEST_MAIN=signet-smb"
	b := start(t, cmd)
	b.serving(t, filepath.Join(dir, "state"))
	addr := status(t, dir, nobody).Listen[0]

	expect := func(when string, want map[string]ntstatus.Status) {
		t.Helper()
		for share, status := range want {
			if got, is := maximalAccess(t, addr, "ann", share); is != status {
				t.Errorf("%s: share %s: %v, %v; want %v", when, share, is, got, status)
			}
		}
	}
	const yes, no = ntstatus.Success, ntstatus.BadNetworkName
	expect("at the start", map[string]ntstatus.Status{"one": yes, "stored": yes, "two": no})
	if got, _ := maximalAccess(t, addr, "ann", "one"); got != 0x001200A9 {
		t.Errorf("ReadAccess is %v", got)
	}

	write("version: 1\nshares: [{Name: two, Path: ../docs}]\n")
	expect("before the reload", map[string]ntstatus.Status{"one": yes, "two": no})
	mustRun(t, dir, exitDone, "reload")
	expect("after the reload", map[string]ntstatus.Status{"one": no, "two": yes, "stored": yes})
	for _, wrong := range []string{
		"version: 1\nshares: [{Name: three, Path: ../docs}, {Name: four, Path: nowhere}]\n",
		"version: 1\nshares: [{Name: three, Path: ../docs, Guest: true}]\n",
		"version: 1\nshares: [{Name: three, Path: ../state}]\n",
	} {
		write(wrong)
		mustRun(t, dir, exitUsage, "reload")
		expect("after a mistake", map[string]ntstatus.Status{"two": yes, "three": no, "stored": yes})
	}
	// The store goes before the file.
	write("version: 1\nshares: [{Name: three, Path: ../docs}, {Name: STORED, Path: ../docs, FullAccess: []}]\n")
	b.signal(t, syscall.SIGHUP)
	deadline := time.After(patience)
	for {
		if _, is := maximalAccess(t, addr, "ann", "three"); is == yes {
			break
		}
		select {
		case <-deadline:
			t.Fatal("SIGHUP is without effect after a minute")
		case <-time.After(10 * time.Millisecond):
		}
	}
	expect("after SIGHUP", map[string]ntstatus.Status{"two": no, "stored": yes})
	mustRun(t, dir, exitDone, "share", "remove", "stored")
	expect("with nothing stored", map[string]ntstatus.Status{"three": yes, "stored": ntstatus.AccessDenied})
	b.signal(t, syscall.SIGTERM)
	if r := b.wait(t); r.code != exitDone || strings.Count(r.stderr, `"name":"ConfigurationReloaded"`) != 2 || strings.Count(r.stderr, "nothing has changed") != 3 {
		t.Errorf("%+v", r)
	}
}

func TestAServerEndsWithItsTerminal(t *testing.T) {
	dir := workDir(t, nobody)
	mkdir(t, dir, "pub")
	term := newTerminal(t)
	cmd := signet(t, dir, nobody, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, "serve", "pub", "--user", "ann", "--state", "state", "--listen", "127.0.0.1:0")
	var log bytes.Buffer
	cmd.Stderr = &log
	term.attach(cmd)
	b := start(t, cmd)
	term.waitFor(`Stop     Ctrl-C\n`)
	b.serving(t, filepath.Join(dir, "state"))
	b.signal(t, syscall.SIGHUP) // the terminal is still there: a reload
	mustRun(t, dir, exitDone, "reload")
	// Closed it is once the read in progress returns.
	if err := term.master.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := term.slave.WriteString("!"); err != nil {
		t.Fatal(err)
	}
	if r := b.wait(t); r.code != exitDone || !strings.Contains(log.String(), "the terminal is gone") {
		t.Errorf("exit %d, log:\n%s", r.code, log.String())
	}
}
