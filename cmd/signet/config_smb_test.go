//go:build linux

package main

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// configure runs signet config at a state directory and expects an exit code.
func configure(t *testing.T, dir string, code int, args ...string) result {
	t.Helper()
	r := run(t, signet(t, dir, nobody, nil, append([]string{"config", "--state", "state"}, args...)...))
	if r.code != code {
		t.Fatalf("signet config %s: %+v, want exit %d", strings.Join(args, " "), r, code)
	}
	return r
}

// signInUnsigned signs in without announcing that it signs, and returns the status
// of its first request, which it does not sign.
func signInUnsigned(t *testing.T, addr string) (p *smbtest.Peer, first ntstatus.Status) {
	t.Helper()
	p = dial(t, addr)
	p.Mode = smb2.SigningEnabled
	p.Dialects = []smb2.Dialect{smb2.Dialect210} // a 3.1.1 TREE_CONNECT has to be signed in any case
	p.Negotiate()
	if s := p.SessionSetup(smbtest.InitiatorFor("ann", "tulip-raven-4817")).Header.Status; s != ntstatus.Success {
		t.Fatalf("log-on: %v", s)
	}
	p.Lenient = true
	return p, treeUnsigned(t, p)
}

func treeUnsigned(t *testing.T, p *smbtest.Peer) ntstatus.Status {
	t.Helper()
	replies, ok := p.Exchange(smbtest.Element{Message: &smb2.TreeConnectRequest{Path: `\\signet\pub`}, Unsigned: true})
	if !ok {
		t.Fatal("TREE_CONNECT: the server closed the connection")
	}
	return replies[0].Header.Status
}

func TestRequireSecuritySignatureIsChangedLive(t *testing.T) {
	b, dir, addr := serveSMB(t, nobody)
	signed, _, tree := signIn(t, addr, "ann", "tulip-raven-4817", "pub")
	if tree != ntstatus.Success {
		t.Fatalf("signed: %v", tree)
	}
	works := func(when string) {
		t.Helper()
		id := signed.Open("hello.txt")
		if got := signed.Read(id, 0, 5); got != "hello" {
			t.Errorf("%s the signed session reads %q", when, got)
		}
		signed.CloseFile(id)
	}
	if _, first := signInUnsigned(t, addr); first != ntstatus.AccessDenied {
		t.Errorf("at first: %v, want ACCESS_DENIED", first)
	}
	works("at first")

	configure(t, dir, exitUsage, "set", "server", "RequireSecuritySignature=false") // no reason
	if _, first := signInUnsigned(t, addr); first != ntstatus.AccessDenied {
		t.Errorf("after a change without a reason: %v, want ACCESS_DENIED", first)
	}
	configure(t, dir, exitDone, "set", "server", "RequireSecuritySignature=false", "--reason", "test")
	lax, first := signInUnsigned(t, addr)
	if first != ntstatus.Success {
		t.Errorf("with signing not required: %v, want SUCCESS", first)
	}
	works("with signing not required")

	configure(t, dir, exitDone, "set", "server", "RequireSecuritySignature=true")
	if _, first := signInUnsigned(t, addr); first != ntstatus.AccessDenied {
		t.Errorf("with signing required again: %v, want ACCESS_DENIED", first)
	}
	if got := treeUnsigned(t, lax); got != ntstatus.Success {
		t.Errorf("the session from before: %v, want SUCCESS: it keeps the policy that it took", got)
	}
	works("with signing required again")

	// --now closes it, though nothing else is changed: so it is said twice.
	configure(t, dir, exitDone, "set", "server", "RequireSecuritySignature=false", "--reason", "test")
	configure(t, dir, exitDone, "set", "server", "RequireSecuritySignature=true", "--now")
	if got := treeUnsigned(t, lax); got != ntstatus.UserSessionDeleted {
		t.Errorf("the session from before, after --now: %v, want USER_SESSION_DELETED", got)
	}
	works("after --now")

	var h admin.History
	if err := json.Unmarshal([]byte(configure(t, dir, exitDone, "history", "--json").stdout), &h); err != nil {
		t.Fatal(err)
	}
	if len(h.Revisions) != 4 {
		t.Fatalf("history %+v, want four revisions", h)
	}
	off, on := h.Revisions[3], h.Revisions[2]
	if len(off.Changes) != 1 || off.Changes[0].Old != nil || textOr(off.Changes[0].New, "") != "False" || off.Reason != "test" || off.Means != "Socket" || !strings.Contains(off.By, "(uid 65534)") {
		t.Errorf("the first revision: %+v", off)
	}
	if len(on.Changes) != 1 || textOr(on.Changes[0].Old, "") != "False" || textOr(on.Changes[0].New, "") != "True" || on.Number != 2 {
		t.Errorf("the second revision: %+v", on)
	}
	if got := configure(t, dir, exitDone, "explain", "server", "RequireSecuritySignature").stdout; !strings.Contains(got, "store revision 4") || !strings.Contains(got, "profile signet: True") {
		t.Errorf("explain:\n%s", got)
	}
	b.signal(t, syscall.SIGTERM)
	if r := b.wait(t); r.code != exitDone || strings.Count(r.stderr, `"msg":"configuration changed"`) != 4 {
		t.Errorf("%+v", r)
	}
}

func TestAChangeThatIsNotConfirmedGoesBackAlsoAfterACrash(t *testing.T) {
	b, dir, addr := serveSMB(t, nobody)
	set := []string{"set", "server", "RequireSecuritySignature=false", "--reason", "test", "--confirm-within"}
	configure(t, dir, exitDone, append(set, "1s")...)
	restored := func(addr string) {
		t.Helper()
		deadline := time.After(patience)
		for {
			if _, first := signInUnsigned(t, addr); first == ntstatus.AccessDenied {
				return
			}
			select {
			case <-deadline:
				t.Fatal("signing is still not required after a minute")
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	restored(addr)

	configure(t, dir, exitDone, append(set, "10m")...)
	configure(t, dir, exitDone, "confirm")
	configure(t, dir, exitFailed, "confirm")
	configure(t, dir, exitDone, "set", "server", "RequireSecuritySignature=true")
	configure(t, dir, exitDone, append(set, "1s")...)
	b.signal(t, syscall.SIGKILL)
	b.wait(t)
	over := time.After(patience)
	for configure(t, dir, exitDone, "get", "server", "RequireSecuritySignature").stdout != "RequireSecuritySignature : True\n" {
		select {
		case <-over:
			t.Fatal("after the crash signing is still not required after a minute")
		case <-time.After(50 * time.Millisecond):
		}
	}
	history := configure(t, dir, exitDone, "history").stdout
	first, _, _ := strings.Cut(history, "\n")
	if !strings.Contains(first, "signet\tTimer\tRestore\tserver.RequireSecuritySignature\tFalse\tTrue\tit was not confirmed in time") {
		t.Errorf("history:\n%s", history)
	}
}
