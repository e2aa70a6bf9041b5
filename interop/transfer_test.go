package interop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// copies are what signet put, get, cp and sync print with --json.
type copies struct {
	Copied, Unchanged, Deleted, Bytes, Resumed int64
	Problems                                   []struct{ Path, Message string }
}

// carrier runs the commands of the client on a server.
type carrier struct {
	t    *testing.T
	dir  string // where they run, and trees of this machine are
	user string
}

func (c *carrier) command(args ...string) *exec.Cmd {
	c.t.Helper()
	bin, err := binary()
	must(c.t, err)
	cmd := exec.CommandContext(c.t.Context(), bin, append(args, "--json")...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "SIGNET_PASSWORD="+password, "HOME="+c.dir)
	return cmd
}

// run runs a command that has to end well.
func (c *carrier) run(args ...string) (n copies) {
	c.t.Helper()
	out, err := c.command(args...).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		c.t.Fatalf("signet %q: %v\n%s%s", args, err, out, exit.Stderr)
	}
	must(c.t, err)
	must(c.t, json.Unmarshal(out, &n))
	return n
}

// killed runs a command that is killed again and again, each time when more
// files have come to target, and then to its end.
func (c *carrier) killed(kills, files int, target string, args ...string) {
	c.t.Helper()
	for i := range kills {
		cmd := c.command(args...)
		must(c.t, cmd.Start())
		ended := make(chan struct{})
		go func() {
			_ = cmd.Wait() // it is killed
			close(ended)
		}()
		tick := time.NewTicker(time.Millisecond)
		for running := true; running && entries(target) < (i+1)*files/(kills+2); {
			select {
			case <-tick.C:
			case <-ended:
				running = false
			}
		}
		tick.Stop()
		must(c.t, ignoreDone(cmd.Process.Kill()))
		<-ended
	}
	c.run(args...)
}

// entries counts what is below dir.
func entries(dir string) (n int) {
	_ = filepath.WalkDir(dir, func(string, fs.DirEntry, error) error { n++; return nil }) // it may not be there yet
	return n
}

// growTree makes small files in directories, and a large one, written at
// various times.
func growTree(t *testing.T, dir string, files int) {
	t.Helper()
	noise := rand.NewChaCha8([32]byte{1})
	sizes := rand.New(rand.NewPCG(1, 2))
	at := time.Unix(1_500_000_000, 123_456_700)
	write := func(name string, n int) {
		path := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		data := make([]byte, n)
		_, _ = noise.Read(data) // never fails
		must(t, os.WriteFile(path, data, 0o644))
		at = at.Add(time.Hour)
		must(t, os.Chtimes(path, at, at))
	}
	for i := range files {
		write(fmt.Sprintf("d%d/e%d/f%d", i%11, i%7, i), []int{0, 1, 100, 4096, 70_000}[sizes.IntN(5)])
	}
	write("large", 40<<20)
	for _, d := range []string{"", "d0", "d0/e0"} {
		must(t, os.Chtimes(filepath.Join(dir, d), at, at))
	}
}

// sameTrees compares names, contents and times.
func sameTrees(t *testing.T, want, got string) {
	t.Helper()
	if w, g := entries(want), entries(got); w != g {
		t.Errorf("%s has %d files and directories, want %d", got, g, w)
	}
	must(t, filepath.WalkDir(want, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(want, path)
		must(t, err)
		a, err := os.Stat(path)
		must(t, err)
		b, err := os.Stat(filepath.Join(got, name))
		if err != nil {
			t.Error(err)
			return nil
		}
		if a.ModTime().UnixNano()/100 != b.ModTime().UnixNano()/100 {
			t.Errorf("%s was written at %v, want %v", name, b.ModTime(), a.ModTime())
		}
		if d.IsDir() {
			return nil
		}
		x, err := os.ReadFile(path)
		must(t, err)
		y, err := os.ReadFile(filepath.Join(got, name))
		if err != nil || !bytes.Equal(x, y) {
			t.Errorf("%s differs: %d bytes, want %d, %v", name, len(y), len(x), err)
		}
		return nil
	}))
}

// A tree goes to smbd and comes back, with kills in between, then from smbd to
// Signet.
func TestTransfersOnSmbd(t *testing.T) {
	needSmbd(t)
	files, kills := 500, 3
	if os.Getenv("SIGNET_INTEROP_SIZE") == "full" {
		files, kills = 20_000, 10
	}
	s, _ := startSmbd(t, nobodysFolder(t), "vfs objects = streams_xattr acl_xattr", "ea support = yes")
	c := &carrier{t: t, dir: publicDir(t), user: "nobody"}
	place := "smb://nobody@" + s.host + ":" + s.port + "/" + shareName + "/"
	tree := filepath.Join(c.dir, "tree")
	growTree(t, tree, files)

	c.killed(kills, files, filepath.Join(s.share, "tree"), "put", "-r", "tree", place)
	sameTrees(t, tree, filepath.Join(s.share, "tree"))
	if n := c.run("sync", "--delete", "tree", place+"tree"); n.Copied != 0 || n.Deleted != 0 || n.Unchanged != int64(files)+1 {
		t.Errorf("a sync of what is there: %+v", n)
	}
	c.killed(kills, files, filepath.Join(c.dir, "back"), "sync", place+"tree", "back")
	sameTrees(t, tree, filepath.Join(c.dir, "back"))

	c.run("cp", "-r", place+"tree", place+"copy")
	sameTrees(t, tree, filepath.Join(s.share, "copy"))
	ours := startServer(t)
	c.run("cp", "-r", place+"tree", "smb://"+account+"@"+ours.host+":"+ours.port+"/"+shareName+"/")
	sameTrees(t, tree, filepath.Join(ours.share, "tree"))

	// Over what is there, read-only, hidden, or with a name that Windows forbids.
	must(t, os.Chmod(filepath.Join(tree, "large"), 0o444))
	must(t, os.WriteFile(filepath.Join(tree, "a?b"), []byte("?"), 0o644))
	must(t, os.WriteFile(filepath.Join(tree, "d0/e0/f0"), []byte("another"), 0o444))
	for range 2 {
		if n := c.run("put", "-r", "tree", place); n.Copied != int64(files)+2 {
			t.Errorf("put once more: %+v", n)
		}
	}
	if n := c.run("get", "-r", place+"tree", "third"); n.Copied != int64(files)+2 {
		t.Errorf("get once more: %+v", n)
	}
	sameTrees(t, tree, filepath.Join(c.dir, "third"))
	if i, err := os.Stat(filepath.Join(c.dir, "third", "large")); err != nil || i.Mode().Perm()&0o222 != 0 {
		t.Errorf("the read-only file came back as %v, %v", i, err)
	}
}
