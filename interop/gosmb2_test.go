package interop

import (
	"net"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	smb2 "github.com/cloudsoda/go-smb2"
)

// dialGo signs in with go-smb2 at 3.1.1, signing required.
func dialGo(t *testing.T, s *server, user, pass string) (*smb2.Session, error) {
	t.Helper()
	return dialGoAt(t, s, 0x0311, user, pass)
}

func dialGoAt(t *testing.T, s *server, dialect uint16, user, pass string) (*smb2.Session, error) {
	t.Helper()
	d := smb2.Dialer{
		Negotiator: smb2.Negotiator{RequireMessageSigning: true, SpecifiedDialect: dialect},
		Initiator:  &smb2.NTLMInitiator{User: user, Password: pass},
	}
	return d.Dial(t.Context(), net.JoinHostPort(s.host, s.port))
}

// goSMB2At is the Go client, at one dialect.
type goSMB2At uint16

func (goSMB2At) need(*testing.T) {}

// prepare makes a smaller tree: the whole one is carried by a test below.
func (goSMB2At) prepare(t *testing.T, out string) tree {
	t.Helper()
	return makeTreeOf(t, out, 30)
}

func (c goSMB2At) work(t *testing.T, s *server, out, back string) (tree, status) {
	t.Helper()
	client, err := dialGoAt(t, s, uint16(c), account, password)
	must(t, err)
	share, err := client.Mount(shareName)
	must(t, err)
	putGo(t, share, out)
	listing := listGo(t, share, "")
	st, err := s.status(t.Context())
	must(t, err)
	for name, size := range listing {
		local := filepath.Join(back, name)
		if size < 0 {
			must(t, os.MkdirAll(local, 0o755))
			continue
		}
		data, err := share.ReadFile(strings.ReplaceAll(name, "/", `\`))
		must(t, err)
		must(t, os.MkdirAll(filepath.Dir(local), 0o755))
		must(t, os.WriteFile(local, data, 0o644))
	}
	must(t, share.Rename("readme.txt", "renamed.txt"))
	must(t, share.Remove("nothing"))
	must(t, share.Mkdir("new", 0o755))
	must(t, share.Rename("new", "old"))
	must(t, share.Mkdir("gone", 0o755))
	must(t, share.Remove("gone"))
	must(t, share.Umount())
	must(t, client.Logoff())
	return listing, st
}

// putGo copies a folder of this machine to the share.
func putGo(t *testing.T, share *smb2.Share, local string) {
	t.Helper()
	for name, size := range readTree(t, local) {
		remote := strings.ReplaceAll(name, "/", `\`)
		if size < 0 {
			must(t, share.MkdirAll(remote, 0o755))
			continue
		}
		if parent := path.Dir(name); parent != "." {
			must(t, share.MkdirAll(strings.ReplaceAll(parent, "/", `\`), 0o755))
		}
		data, err := os.ReadFile(filepath.Join(local, name))
		must(t, err)
		must(t, share.WriteFile(remote, data, 0o644))
	}
}

func TestGoSMB2SeesAndMakesTheSameTree(t *testing.T) {
	s := startServer(t)
	client, err := dialGo(t, s, account, password)
	must(t, err)
	share, err := client.Mount(shareName)
	must(t, err)

	st, err := s.status(t.Context())
	must(t, err)
	expectSigned(t, st, "")

	local := t.TempDir()
	want := makeTree(t, local)
	putGo(t, share, local)
	expectTree(t, "on the server", readTree(t, s.share), want)
	expectSameContent(t, s.share, local)
	expectTree(t, "listed by go-smb2", listGo(t, share, ""), want)

	for name, size := range want {
		if size < 0 {
			continue
		}
		got, err := share.ReadFile(strings.ReplaceAll(name, "/", `\`))
		must(t, err)
		data, err := os.ReadFile(filepath.Join(local, name))
		must(t, err)
		if string(got) != string(data) {
			t.Errorf("%q was read back altered, with %d bytes instead of %d", name, len(got), len(data))
		}
	}

	must(t, share.Rename(`a\b\c`, `hollow\moved`))
	expectTree(t, "a renamed folder", readTree(t, filepath.Join(s.share, "hollow")),
		tree{"moved": -1, "moved/d": -1, "moved/d/e": -1, "moved/d/e/f": -1, "moved/d/e/f/deep.bin": 100_000})
	must(t, share.RemoveAll("hollow"))
	must(t, share.RemoveAll("many"))
	if _, err := share.Stat("many"); !os.IsNotExist(err) {
		t.Errorf("Stat of a removed folder: got %v, want one that says it does not exist", err)
	}
	must(t, share.Umount())
	must(t, client.Logoff())
	s.expectNobodySignedIn(t)
}

func TestGoSMB2WithAWrongPasswordIsRefused(t *testing.T) {
	s := startServer(t)
	for _, who := range [][2]string{{account, "wrong"}, {account, ""}, {"nosuchuser", password}, {"guest", ""}} {
		if client, err := dialGo(t, s, who[0], who[1]); err == nil {
			t.Errorf("%q with the password %q was let in", who[0], who[1])
			must(t, client.Logoff())
		}
	}
	s.expectNobodySignedIn(t)
}

// listGo lists a folder and all below it.
func listGo(t *testing.T, share *smb2.Share, folder string) tree {
	t.Helper()
	found := make(tree)
	entries, err := share.ReadDir(strings.ReplaceAll(folder, "/", `\`))
	must(t, err)
	for _, e := range entries {
		name := path.Join(folder, e.Name())
		if !e.IsDir() {
			found[name] = e.Size()
			continue
		}
		found[name] = -1
		for below, size := range listGo(t, share, name) {
			found[below] = size
		}
	}
	return found
}
