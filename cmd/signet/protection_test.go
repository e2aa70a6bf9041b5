//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// serveConfig starts the real server as uid on a configuration file,
// docs/etc/signet.yaml. There are the accounts ann and bob. write replaces the
// file, as editors do.
func serveConfig(t *testing.T, uid int, text string) (b *background, dir, addr string, write func(text string)) {
	t.Helper()
	dir = workDir(t, uid)
	mkdir(t, dir, "docs")
	mkdir(t, dir, filepath.Join("docs", "etc"))
	write = func(text string) {
		t.Helper()
		file := filepath.Join(dir, "docs", "etc", "signet.yaml")
		must(t, os.WriteFile(file+".new", []byte(text), 0o644), os.Rename(file+".new", file))
	}
	write(text)
	for _, args := range [][]string{{"user", "add", "ann", "--unix", "daemon"}, {"user", "add", "bob", "--unix", "bin"}} {
		cmd := signet(t, dir, uid, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, append(args, "--state", "state")...)
		if r := run(t, cmd); r.code != exitDone {
			t.Fatalf("%q: %+v", args, r)
		}
	}
	cmd := signet(t, dir, uid, nil, "serve", "--state", "state", "--config", "docs/etc/signet.yaml", "--listen", "127.0.0.1:0")
	cmd.Env[0] = "SIGNET_TEST_MAIN=signet-smb"
	b = start(t, cmd)
	b.serving(t, filepath.Join(dir, "state"))
	return b, dir, status(t, dir, uid).Listen[0], write
}

// must fails the test unless all errs are nil.
func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// unsigned returns what a CREATE without a signature is answered.
func unsigned(t *testing.T, p *smbtest.Peer) ntstatus.Status {
	t.Helper()
	replies, ok := p.Exchange(smbtest.Element{Message: smbtest.CreateFile("f"), Unsigned: true})
	if !ok {
		t.Fatal("the server closed the connection")
	}
	return replies[0].Header.Status
}

func TestASettingOfTheFileHoldsForTheNextSession(t *testing.T) {
	b, dir, addr, write := serveConfig(t, nobody, "version: 1\nserver: {RequireSecuritySignature: False}\nshares: [{Name: docs, Path: ..}]\n")
	casual := func() *smbtest.Peer {
		return connectAs(t, addr, "ann", "docs", func(p *smbtest.Peer) { p.Mode = smb2.SigningEnabled })
	}
	first := casual()
	if got := unsigned(t, first); got != ntstatus.Success {
		t.Errorf("an unsigned CREATE where nobody requires signing: %v", got)
	}
	write("version: 1\nserver: {RequireSecuritySignature: perhaps}\nshares: [{Name: docs, Path: ..}]\n")
	mustRun(t, dir, exitUsage, "reload")
	if got := unsigned(t, casual()); got != ntstatus.Success {
		t.Errorf("after a mistake: %v", got)
	}
	write("version: 1\nshares: [{Name: docs, Path: ..}]\n")
	mustRun(t, dir, exitDone, "reload")
	if got := unsigned(t, casual()); got != ntstatus.AccessDenied {
		t.Errorf("a session since signing is required again: %v, want AccessDenied", got)
	}
	if got := unsigned(t, first); got != ntstatus.Success {
		t.Errorf("the session from before: %v", got)
	}
	if s := status(t, dir, nobody); s.Inbound != "Required" || len(s.Settings) != 0 {
		t.Errorf("status = %+v", s)
	}
	b.signal(t, 15)
	if r := b.wait(t); strings.Count(r.stderr, "a setting lowers protection") != 1 || !strings.Contains(r.stderr, "Not recommended. Without signing") {
		t.Errorf("the log does not say once that protection was lowered:\n%s", r.stderr)
	}
}

// connectAs signs in as user and connects to a share.
func connectAs(t *testing.T, addr, user, share string, setup func(*smbtest.Peer)) *smbtest.Peer {
	t.Helper()
	p := dial(t, addr)
	setup(p)
	p.Negotiate()
	if r := p.SessionSetup(smbtest.InitiatorFor(user, "tulip-raven-4817")); r.Header.Status != ntstatus.Success {
		t.Fatalf("%s: log-on %v", user, r.Header.Status)
	}
	if r := p.TreeConnect(share); r.Header.Status != ntstatus.Success {
		t.Fatalf("%s: %s: tree connect %v", user, share, r.Header.Status)
	}
	return p
}

// listing returns the sorted names in a folder, but "." and "..".
func listing(t *testing.T, p *smbtest.Peer, folder string) (names []string) {
	t.Helper()
	req := smbtest.CreateFile(folder)
	req.DesiredAccess, req.CreateOptions = dtyp.FileGenericRead, fscc.OptionDirectoryFile
	req.CreateDisposition = fscc.DispositionOpen
	var res smb2.CreateResponse
	p.MustDo(req, &res)
	var found smb2.QueryDirectoryResponse
	p.MustDo(&smb2.QueryDirectoryRequest{
		FileID: res.FileID, FileInformationClass: fscc.FileNamesInformation, FileName: "*", OutputBufferLength: 1 << 16,
	}, &found)
	for e, err := range fscc.DirectoryEntries(fscc.FileNamesInformation, found.Output) {
		must(t, err)
		if e.FileName != "." && e.FileName != ".." {
			names = append(names, e.FileName)
		}
	}
	p.CloseFile(res.FileID)
	slices.Sort(names)
	return names
}

func TestEachUserIsShownWhatThatUserMayRead(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	const open, based = "version: 1\nshares: [{Name: docs, Path: ..}]\n", "version: 1\nshares: [{Name: docs, Path: .., FolderEnumerationMode: AccessBased}]\n"
	_, dir, addr, write := serveConfig(t, 0, open)
	docs := filepath.Join(dir, "docs")
	must(t, os.Chmod(dir, 0o755), os.Chmod(docs, 0o755))
	for name, owner := range map[string]int{"ann.txt": 1, "bob.txt": 2, "ann's": 1, "all.txt": 0} {
		path := filepath.Join(docs, name)
		switch {
		case name == "all.txt":
			must(t, os.WriteFile(path, nil, 0o644), os.Chmod(path, 0o644))
		case strings.HasSuffix(name, ".txt"):
			must(t, os.WriteFile(path, nil, 0o600), os.Chown(path, owner, owner))
		default:
			must(t, os.Mkdir(path, 0o711), os.Chown(path, owner, owner))
		}
	}
	none := func(*smbtest.Peer) {}
	all := []string{"all.txt", "ann's", "ann.txt", "bob.txt", "etc"}
	if got := listing(t, connectAs(t, addr, "bob", "docs", none), ""); !slices.Equal(got, all) {
		t.Errorf("Unrestricted shows %q, want %q", got, all)
	}
	write(based)
	r := run(t, signet(t, dir, 0, nil, "reload", "--state", "state"))
	if r.code != exitDone {
		t.Fatal(r)
	}
	must(t, os.Chmod(filepath.Join(docs, "etc"), 0o755))
	for user, want := range map[string][]string{
		"ann": {"all.txt", "ann's", "ann.txt", "etc"},
		"bob": {"all.txt", "bob.txt", "etc"},
	} {
		if got := listing(t, connectAs(t, addr, user, "docs", none), ""); !slices.Equal(got, want) {
			t.Errorf("AccessBased shows %s %q, want %q", user, got, want)
		}
	}
}

// The file was replaced by another since the start, as editors do.
func TestTheFileStaysHiddenWhenItIsReplaced(t *testing.T) {
	const text = "version: 1\nshares: [{Name: docs, Path: ..}]\n"
	_, dir, addr, write := serveConfig(t, nobody, text)
	p := connectAs(t, addr, "ann", "docs", func(*smbtest.Peer) {})
	check := func(when string) {
		t.Helper()
		if got := listing(t, p, "etc"); len(got) != 0 {
			t.Errorf("%s: listed: %q", when, got)
		}
		for _, name := range []string{`etc\signet.yaml`, `etc\SIGNET.YAML`} {
			req := smbtest.CreateFile(name)
			req.CreateDisposition = fscc.DispositionOpen
			if got := p.Do(req).Header.Status; got != ntstatus.ObjectNameNotFound {
				t.Errorf("%s: opening %s: %v, want ObjectNameNotFound", when, name, got)
			}
		}
	}
	check("at the start")
	write(text)
	check("replaced")
	must(t, os.Remove(filepath.Join(dir, "docs", "etc", "signet.yaml")))
	req := smbtest.CreateFile(`etc\signet.yaml`)
	req.CreateDisposition = fscc.DispositionCreate
	if got := p.Do(req).Header.Status; got != ntstatus.ObjectNameCollision {
		t.Errorf("making one in its place: %v, want ObjectNameCollision", got)
	}
}

func TestTheFolderOfARemovedShareIsClosed(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: who else asks is not shown the descriptors of a hardened process")
	}
	b, dir, addr := serveStored(t)
	more := filepath.Join(dir, "more")
	held := func() (n int) {
		t.Helper()
		links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", b.cmd.Process.Pid))
		must(t, err)
		for _, link := range links {
			if to, err := os.Readlink(link); err == nil && (to == more || strings.HasPrefix(to, more+"/")) {
				n++
			}
		}
		return n
	}
	for range 2 {
		mustRun(t, dir, exitDone, "share", "add", "one", "more")
		mustRun(t, dir, exitDone, "share", "add", "two", "more")
		p := connectAs(t, addr, "ann", "one", func(*smbtest.Peer) {})
		p.Open("f")
		mustRun(t, dir, exitDone, "share", "remove", "two")
		if held() == 0 {
			t.Fatal("the folder of a share that stays is closed")
		}
		p.Write(p.Open("f"), 0, "x")
		mustRun(t, dir, exitDone, "share", "remove", "one")
		if n := held(); n != 0 {
			t.Errorf("%d descriptors of the folder are open", n)
		}
	}
}
