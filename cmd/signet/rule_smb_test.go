//go:build linux

package main

import (
	"strings"
	"syscall"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// rule runs signet rule at a state directory and expects an exit code.
func rule(t *testing.T, dir string, code int, args ...string) result {
	t.Helper()
	r := run(t, signet(t, dir, nobody, nil, append([]string{"rule", "--state", "state"}, args...)...))
	if r.code != code {
		t.Fatalf("signet rule %s: %+v, want exit %d", strings.Join(args, " "), r, code)
	}
	return r
}

func TestRulesAreChangedLiveAtARunningServer(t *testing.T) {
	b, dir, addr := serveSMB(t, nobody)
	expect := func(when string, want ntstatus.Status) *smbtest.Peer {
		t.Helper()
		p, first := signInUnsigned(t, addr)
		if first != want {
			t.Errorf("%s: %v, want %v", when, first, want)
		}
		return p
	}
	expect("at first", ntstatus.AccessDenied)

	rule(t, dir, exitUsage, "add", "scanner", "--address", "127.0.0.1", "--require-signing=false", "--reason", "test") // without end
	expect("after what was refused", ntstatus.AccessDenied)
	rule(t, dir, exitDone, "add", "scanner", "--address", "127.0.0.1", "--require-signing=false", "--for", "1h", "--reason", "test")
	lax := expect("with an exception for the device", ntstatus.Success)
	if s := status(t, dir, nobody); len(s.Exceptions) != 1 || s.Exceptions[0].Until == nil || !strings.Contains(s.Exceptions[0].Name, "127.0.0.1") {
		t.Errorf("exceptions: %+v", s.Exceptions)
	}

	rule(t, dir, exitDone, "add", "ann", "--account", "ANN", "--require-signing")
	expect("where the account has to sign", ntstatus.AccessDenied)
	if got := treeUnsigned(t, lax); got != ntstatus.Success {
		t.Errorf("the session from before: %v, want SUCCESS", got)
	}
	rule(t, dir, exitDone, "remove", "ann", "--reason", "test")
	rule(t, dir, exitDone, "add", "pub", "--share", "pub", "--require-signing")
	expect("where the share has to be signed", ntstatus.AccessDenied)
	rule(t, dir, exitDone, "set", "pub", "--require-signing=unset", "--encrypt", "--reason", "test")
	p, _ := signInUnsigned(t, addr)
	if replies, ok := p.Exchange(smbtest.Element{Message: &smb2.TreeConnectRequest{Path: `\\signet\pub`}}); !ok || replies[0].Header.Status != ntstatus.AccessDenied {
		t.Errorf("a client that cannot encrypt, at a share that has to be: %+v, want ACCESS_DENIED", replies)
	}
	rule(t, dir, exitDone, "remove", "pub", "--reason", "test")

	rule(t, dir, exitDone, "remove", "scanner", "--now")
	if got := treeUnsigned(t, lax); got != ntstatus.UserSessionDeleted {
		t.Errorf("the session that lived by the exception, after --now: %v, want USER_SESSION_DELETED", got)
	}
	expect("without the exception", ntstatus.AccessDenied)
	if s := status(t, dir, nobody); len(s.Exceptions) != 0 {
		t.Errorf("exceptions: %+v, want none", s.Exceptions)
	}
	b.signal(t, syscall.SIGTERM)
	if r := b.wait(t); r.code != exitDone || !strings.Contains(r.stderr, "ExceptionUsed") || !strings.Contains(r.stderr, "rule scanner, address 127.0.0.1") {
		t.Errorf("%+v, want the use of the exception among the events", r)
	}
}
