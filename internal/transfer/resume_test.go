package transfer

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/smbtest"
)

// openShare serves an empty share and connects to it.
func openShare(t *testing.T) *client.Share {
	t.Helper()
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true, Unlogged: true})
	d := &client.Dialer{Credentials: client.Credentials{User: smbtest.User, Password: smbtest.Password}}
	session, err := d.Dial(t.Context(), s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	share, err := session.Share(t.Context(), smbtest.ShareName)
	if err != nil {
		t.Fatal(err)
	}
	return share
}

func openDir(t *testing.T) (*Local, string) {
	t.Helper()
	dir := t.TempDir()
	tree, err := OpenLocal(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tree.Close)
	return tree, dir
}

// noise is n bytes, the same for each seed.
func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(seed)}).Read(b) // never fails
	return b
}

// leavePart lays down what a killed transfer of the file called name leaves.
func leavePart(t *testing.T, from, to Tree, name string, data []byte) {
	t.Helper()
	in, err := from.open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	p, err := to.createPart(t.Context(), partBase(from.Show(name), name, in.entry())+".part", nil, Entry{Size: smallFile + 1})
	if err != nil {
		t.Fatal(err)
	}
	switch p := p.(type) {
	case *localPart:
		_, err = p.WriteAt(data, 0)
	case *sharePart:
		_, err = p.WriteAtContext(t.Context(), data, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.close(t.Context())
}

// parts counts the incomplete copies in the root of a tree.
func parts(t *testing.T, tree Tree) (n int) {
	t.Helper()
	err := tree.list(t.Context(), "", true, func(e Entry) error {
		if isPart(e.Name) {
			n++
		}
		return nil
	}, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAnOldPartIsGoneOnWithOnlyIfTheSourceIsStillTheSame(t *testing.T) {
	data, other := noise(1, 48<<20), noise(2, 48<<20)
	at := time.Unix(1_600_000_000, 0)
	write := func(t *testing.T, dir string, data []byte) {
		path := filepath.Join(dir, "file")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name    string
		old     []byte // what the part holds
		change  bool   // the source gets another content, and its old time back
		resumes bool
	}{
		{"the same", data[:40<<20], false, true},
		{"nothing of use", data[:1<<20], false, false},
		{"another content in the part", other[:40<<20], false, false},
		{"a longer part", append(bytes.Clone(data), 0), false, false},
		{"the source was changed", data[:40<<20], true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			local, dir := openDir(t)
			share := NewShare(openShare(t))
			back, backDir := openDir(t)
			write(t, dir, data)
			leavePart(t, local, share, "file", c.old)
			want := data
			if c.change {
				want = other
				write(t, dir, other)
			}
			check := func(from, to Tree) {
				t.Helper()
				tr := &Transfer{From: from, To: to, Problem: func(what string, err error) { t.Errorf("%s: %v", what, err) }}
				e, err := from.Stat(t.Context(), "file")
				if err != nil {
					t.Fatal(err)
				}
				if err := tr.Run(t.Context(), Job{Entry: e, From: "file", To: "file"}); err != nil {
					t.Fatal(err)
				}
				if got := tr.Stats.Resumed.Load(); (got > 0) != c.resumes {
					t.Errorf("%d bytes were taken over, want some: %v", got, c.resumes)
				}
				if got := tr.Stats.Resumed.Load() + tr.Stats.Bytes.Load(); got != int64(len(want)) {
					t.Errorf("%d bytes were copied or taken over of %d", got, len(want))
				}
				if n := parts(t, to); n != 0 {
					t.Errorf("%d parts are left", n)
				}
			}
			check(local, share)
			if c.change {
				return
			}
			leavePart(t, share, back, "file", c.old)
			check(share, back)
			got, err := os.ReadFile(filepath.Join(backDir, "file"))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes came back, %v", len(got), err)
			}
		})
	}
}

func TestAPartThatSomebodyUsesIsNeitherTakenNorSwept(t *testing.T) {
	local, dir := openDir(t)
	share := NewShare(openShare(t))
	back, _ := openDir(t)
	data := noise(1, 40<<20)
	if err := os.WriteFile(filepath.Join(dir, "file"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, way := range []struct{ from, to Tree }{{local, share}, {share, back}} {
		leavePart(t, way.from, way.to, "file", data[:36<<20])
		var name string
		if err := way.to.list(t.Context(), "", true, func(e Entry) error { name = e.Name; return nil }, func(error) {}); err != nil {
			t.Fatal(err)
		}
		used, err := way.to.openPart(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		tr := &Transfer{From: way.from, To: way.to, Problem: func(what string, err error) { t.Errorf("%s: %v", what, err) }}
		e, err := way.from.Stat(t.Context(), "file")
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(t.Context(), Job{Entry: e, From: "file", To: "file"}); err != nil {
			t.Fatal(err)
		}
		if tr.Stats.Copied.Load() != 1 || tr.Stats.Resumed.Load() != 0 {
			t.Errorf("%T: copied %d, took over %d bytes of a part that is in use", way.to, tr.Stats.Copied.Load(), tr.Stats.Resumed.Load())
		}
		if n := parts(t, way.to); n != 1 {
			t.Errorf("%T: %d parts, want the one in use", way.to, n)
		}
		used.discard(context.Background())
		if n := parts(t, way.to); n != 0 {
			t.Errorf("%T: %d parts after it was given up", way.to, n)
		}
	}
}

func TestPartsThatNobodyComesBackForAreSwept(t *testing.T) {
	local, dir := openDir(t)
	share := NewShare(openShare(t))
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "d", "file"), []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func() {
		t.Helper()
		tr := &Transfer{From: local, To: share, Problem: func(what string, err error) { t.Errorf("%s: %v", what, err) }}
		e, err := local.Stat(t.Context(), "d")
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(t.Context(), Job{Entry: e, From: "d", To: ""}); err != nil {
			t.Fatal(err)
		}
	}
	stale := partPrefix + targetCode("file") + "-" + strings.Repeat("0", 24) + ".part"
	foreign := partPrefix + targetCode("other") + "-" + strings.Repeat("0", 24) + ".part"
	old := partPrefix + targetCode("ancient") + "-" + strings.Repeat("0", 24) + ".part"
	nothing := ".signet-notes.part"
	for _, name := range []string{stale, foreign, old, nothing} {
		if err := share.share.WriteFile(t.Context(), name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * abandoned)
	if err := share.share.Chtimes(t.Context(), old, client.Times{LastWrite: long}); err != nil {
		t.Fatal(err)
	}
	run()
	for name, want := range map[string]bool{stale: false, foreign: true, old: false, nothing: true, "file": true} {
		if _, err := share.Stat(t.Context(), name); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
}
