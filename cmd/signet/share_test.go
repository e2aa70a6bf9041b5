//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// serveStored starts the real server on stored shares: docs, which is the
// folder docs. There are the accounts ann and bob.
func serveStored(t *testing.T) (b *background, dir, addr string) {
	t.Helper()
	dir = workDir(t, nobody)
	mkdir(t, dir, "docs")
	mkdir(t, dir, "more")
	for _, args := range [][]string{{"user", "add", "ann"}, {"user", "add", "bob"}, {"share", "add", "Docs", "docs"}} {
		mustRun(t, dir, exitDone, args...)
	}
	cmd := signet(t, dir, nobody, nil, "serve", "--state", "state", "--listen", "127.0.0.1:0")
	cmd.Env[0] = "SIGNET_TEST_MAIN=signet-smb"
	b = start(t, cmd)
	b.serving(t, filepath.Join(dir, "state"))
	return b, dir, status(t, dir, nobody).Listen[0]
}

// mustRun runs signet and expects an exit code.
func mustRun(t *testing.T, dir string, code int, args ...string) result {
	t.Helper()
	cmd := signet(t, dir, nobody, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, append(args, "--state", "state")...)
	r := run(t, cmd)
	if r.code != code {
		t.Fatalf("signet %s: %+v, want exit %d", strings.Join(args, " "), r, code)
	}
	return r
}

// maximalAccess connects to a share and returns what the account is granted.
func maximalAccess(t *testing.T, addr, user, share string) (dtyp.AccessMask, ntstatus.Status) {
	t.Helper()
	p, logon, _ := signIn(t, addr, user, "tulip-raven-4817", share)
	defer p.Close()
	if logon != ntstatus.Success {
		t.Fatalf("%s: log-on %v", user, logon)
	}
	r := p.TreeConnect(share)
	if r.Header.Status != ntstatus.Success {
		return 0, r.Header.Status
	}
	var res smb2.TreeConnectResponse
	r.Decode(t, &res)
	return res.MaximalAccess, ntstatus.Success
}

func TestWhatIsGrantedHoldsFromTheNextTreeConnect(t *testing.T) {
	_, dir, addr := serveStored(t)
	const none, read, change, full = 0, 0x001200A9, 0x001301BF, 0x001F01FF
	for _, step := range []struct {
		command  string
		ann, bob dtyp.AccessMask
	}{
		{"", full, full},
		{"grant docs ann full", full, none},
		{"grant DOCS bob read", full, read},
		{"grant docs BOB change", full, change},
		{"set docs --read-only", read, read},
		{"set docs --read-only=false", full, change},
		{"revoke docs ann", none, change},
		{"revoke docs bob", none, none},
		{"grant docs everyone read", read, read},
		{"grant docs bob full", read, full},
	} {
		if step.command != "" {
			mustRun(t, dir, exitDone, append([]string{"share"}, strings.Fields(step.command)...)...)
		}
		for user, want := range map[string]dtyp.AccessMask{"ann": step.ann, "bob": step.bob} {
			wantStatus := ntstatus.Success
			if want == none {
				wantStatus = ntstatus.AccessDenied
			}
			if got, status := maximalAccess(t, addr, user, "docs"); got != want || status != wantStatus {
				t.Errorf("after %q: %s has %v, %v; want %v, %v", step.command, user, got, status, want, wantStatus)
			}
		}
	}
}

func TestAGrantIsEnforcedOnFiles(t *testing.T) {
	_, dir, addr := serveStored(t)
	mustRun(t, dir, exitDone, "share", "grant", "docs", "ann", "change")
	mustRun(t, dir, exitDone, "share", "grant", "docs", "bob", "read")
	ann, _, tree := signIn(t, addr, "ann", "tulip-raven-4817", "docs")
	if tree != ntstatus.Success {
		t.Fatal(tree)
	}
	req := smbtest.CreateFile("by-ann.txt")
	req.DesiredAccess = dtyp.FileGenericRead | dtyp.FileGenericWrite | dtyp.Delete
	var res smb2.CreateResponse
	ann.MustDo(req, &res)
	ann.Write(res.FileID, 0, "hello")
	ann.CloseFile(res.FileID)
	bob, _, tree := signIn(t, addr, "bob", "tulip-raven-4817", "docs")
	if tree != ntstatus.Success {
		t.Fatal(tree)
	}
	for name, change := range map[string]func(*smb2.CreateRequest){
		"a new file":      func(r *smb2.CreateRequest) { r.Name = "by-bob.txt" },
		"writing":         func(r *smb2.CreateRequest) { r.DesiredAccess = dtyp.FileWriteData },
		"delete on close": func(r *smb2.CreateRequest) { r.DesiredAccess = dtyp.Delete; r.CreateOptions = fscc.OptionDeleteOnClose },
		"overwriting":     func(r *smb2.CreateRequest) { r.CreateDisposition = fscc.DispositionOverwriteIf },
	} {
		req := smbtest.CreateFile("by-ann.txt")
		req.DesiredAccess = dtyp.FileGenericRead
		change(req)
		if got := bob.Do(req).Header.Status; got != ntstatus.AccessDenied {
			t.Errorf("%s with read access: %v, want AccessDenied", name, got)
		}
	}
	req = smbtest.CreateFile("by-ann.txt")
	req.DesiredAccess = dtyp.FileGenericRead
	bob.MustDo(req, &res)
	if got := bob.Read(res.FileID, 0, 10); got != "hello" {
		t.Errorf("bob reads %q", got)
	}
}

func TestStoredSharesComeAndGoWhileTheServerRuns(t *testing.T) {
	b, dir, addr := serveStored(t)
	p, _, tree := signIn(t, addr, "ann", "tulip-raven-4817", "docs")
	if tree != ntstatus.Success {
		t.Fatal(tree)
	}
	id := p.Open("f")

	mustRun(t, dir, exitDone, "share", "add", "More", "more", "--read-only")
	if got := p.TreeConnect("more").Header.Status; got != ntstatus.Success {
		t.Errorf("the new share: %v", got)
	}
	mustRun(t, dir, exitDone, "share", "set", "more", "--path", "docs")
	if got := p.TreeConnect("more").Header.Status; got != ntstatus.Success {
		t.Errorf("the share that leads elsewhere now: %v", got)
	}
	mustRun(t, dir, exitDone, "share", "remove", "docs")
	if got := p.TreeConnect("docs").Header.Status; got != ntstatus.BadNetworkName {
		t.Errorf("the share that is gone: %v, want BadNetworkName", got)
	}
	if r := p.Do(&smb2.ReadRequest{FileID: id, Length: 1}); !r.Header.Status.IsError() {
		t.Errorf("READ of a file of the share that is gone: %v", r.Header.Status)
	}
	b.signal(t, syscall.SIGTERM)
	if r := b.wait(t); r.code != exitDone || strings.Contains(r.stderr, "ERROR") {
		t.Errorf("%+v", r)
	}
}

func TestAnAccountOfTheSameNameInheritsNoGrant(t *testing.T) {
	_, dir, addr := serveStored(t)
	mustRun(t, dir, exitDone, "share", "grant", "docs", "bob", "full")
	mustRun(t, dir, exitDone, "user", "remove", "BOB")
	mustRun(t, dir, exitDone, "user", "add", "bob")
	if got, status := maximalAccess(t, addr, "bob", "docs"); status != ntstatus.AccessDenied {
		t.Errorf("the new bob has %v, %v", got, status)
	}
}

func TestAShareWhoseFolderIsGoneDoesNotStopTheOthers(t *testing.T) {
	b, dir, addr := serveStored(t)
	mustRun(t, dir, exitDone, "share", "add", "more", "more")
	if err := os.Remove(filepath.Join(dir, "more")); err != nil {
		t.Fatal(err)
	}
	mustRun(t, dir, exitDone, "share", "grant", "docs", "ann", "read")
	if _, status := maximalAccess(t, addr, "ann", "more"); status != ntstatus.BadNetworkName {
		t.Errorf("the share without a folder: %v", status)
	}
	if got, status := maximalAccess(t, addr, "ann", "docs"); status != ntstatus.Success {
		t.Errorf("the other: %v, %v", got, status)
	}
	mustRun(t, dir, exitLook, "share", "grant", "more", "ann", "read")
	b.signal(t, syscall.SIGTERM)
	if r := b.wait(t); !strings.Contains(r.stderr, "share not served") {
		t.Errorf("the log does not say so:\n%s", r.stderr)
	}
}
