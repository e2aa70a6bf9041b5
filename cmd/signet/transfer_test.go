//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// transferServer is a server with a folder pub, and what its client needs.
type transferServer struct {
	t    *testing.T
	dir  string // the server's pub is in it, and what is made here
	addr string
}

func newTransferServer(t *testing.T) *transferServer {
	_, dir, addr := serveSMB(t, nobody)
	return &transferServer{t, dir, addr}
}

// place names something in pub.
func (s *transferServer) place(name string) string {
	return "smb://ann@" + s.addr + "/pub/" + name
}

// run runs signet beside the server.
func (s *transferServer) run(args ...string) result {
	s.t.Helper()
	return run(s.t, signet(s.t, s.dir, nobody, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, args...))
}

// start is run without waiting.
func (s *transferServer) start(args ...string) *background {
	s.t.Helper()
	return start(s.t, signet(s.t, s.dir, nobody, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, args...))
}

// must is run that has to end well.
func (s *transferServer) must(args ...string) transferResult {
	s.t.Helper()
	r := s.run(append(args, "--json")...)
	if r.code != exitDone {
		s.t.Fatalf("signet %v: exit %d\n%s%s", args, r.code, r.stdout, r.stderr)
	}
	var counts transferResult
	if err := json.Unmarshal([]byte(r.stdout), &counts); err != nil {
		s.t.Fatalf("signet %v prints %q: %v", args, r.stdout, err)
	}
	return counts
}

func (s *transferServer) path(name string) string { return filepath.Join(s.dir, name) }

// write makes a file with its directories, as the user of the test.
func (s *transferServer) write(name, content string) {
	s.t.Helper()
	path := s.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
	for p := path; p != s.dir; p = filepath.Dir(p) {
		if os.Geteuid() == 0 {
			if err := os.Lchown(p, nobody, nobody); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// setTime sets when a file was written.
func (s *transferServer) setTime(name string, at time.Time) {
	s.t.Helper()
	if err := os.Chtimes(s.path(name), at, at); err != nil {
		s.t.Fatal(err)
	}
}

// makeTree makes a tree of small files, and one that is large enough to be gone
// on with, written at various times.
func (s *transferServer) makeTree(name string, files, large int) {
	s.t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, large)
	for i := range text {
		text[i] = byte(r.Uint32())
	}
	at := time.Unix(1_500_000_000, 123_456_700)
	for i := range files {
		file := fmt.Sprintf("%s/d%d/e%d/f%d", name, i%7, i%5, i)
		n := []int{0, 1, 100, 4096, 70_000}[r.IntN(5)]
		off := r.IntN(len(text) - n + 1)
		s.write(file, string(text[off:off+n]))
		s.setTime(file, at.Add(time.Duration(i)*time.Hour))
	}
	s.write(name+"/large", string(text))
	s.setTime(name+"/large", at)
	for _, d := range []string{"", "/d0", "/d0/e0"} {
		s.setTime(name+d, at)
	}
}

// wantSame compares two trees: names, contents and times.
func (s *transferServer) wantSame(want, got string) {
	s.t.Helper()
	w, g := snapshot(s.t, s.path(want)), snapshot(s.t, s.path(got))
	for name, content := range w {
		there, ok := g[name]
		if !ok || there != content {
			s.t.Errorf("%s/%s: %d bytes (there: %v), want %d", got, name, len(there), ok, len(content))
			continue
		}
		a, errA := os.Lstat(filepath.Join(s.path(want), name))
		b, errB := os.Lstat(filepath.Join(s.path(got), name))
		if errA != nil || errB != nil || a.ModTime().UnixNano()/100 != b.ModTime().UnixNano()/100 {
			s.t.Errorf("%s/%s was written at %v, want %v", got, name, b.ModTime(), a.ModTime())
		}
	}
	for name := range g {
		if _, ok := w[name]; !ok {
			s.t.Errorf("%s/%s is there, and should not", got, name)
		}
	}
}

func TestATreeComesBackAsItWas(t *testing.T) {
	s := newTransferServer(t)
	s.makeTree("tree", 60, 1<<20)
	s.write("tree/with:colon? and *", "forbidden on Windows")
	s.write("tree/dot.", "at the end")
	s.write("tree/é ü 漢", "not ASCII")
	if err := os.Chmod(s.path("tree/d1/e1/f1"), 0o444); err != nil {
		t.Fatal(err)
	}
	if n := s.must("put", "-r", "tree", s.place("")); n.Copied != 64 {
		t.Errorf("put copied %d files, want 64", n.Copied)
	}
	s.wantSame("tree", "pub/tree")
	s.must("get", "-r", s.place("tree"), "back")
	s.wantSame("tree", "back")
	if i, err := os.Stat(s.path("back/d1/e1/f1")); err != nil || i.Mode().Perm() != 0o444 {
		t.Errorf("the read-only file came back as %v, %v", i, err)
	}
	s.must("cp", "-r", s.place("tree"), s.place("copy"))
	s.wantSame("tree", "pub/copy")
	if r := s.run("mv", s.place("copy/large"), s.place("copy/d0")); r.code != 0 {
		t.Errorf("mv: %v", r)
	}
	if _, err := os.Stat(s.path("pub/copy/d0/large")); err != nil {
		t.Error(err)
	}
	// Once more over what is there: it is replaced, read-only or not.
	s.must("put", "-r", "tree", s.place(""))
	s.must("get", "-r", s.place("tree"), "back")
	s.wantSame("tree", "back/tree")
}

// killedTransfers kills a transfer again and again, each time when so many files
// have come, and then lets it end.
func killedTransfers(t *testing.T, s *transferServer, kills, files int, target string, args ...string) {
	t.Helper()
	for i := range kills {
		b := s.start(args...)
		want := (i + 1) * files / (kills + 2)
		tick := time.NewTicker(time.Millisecond)
		for running := true; running && countFiles(s.path(target)) < want; {
			select {
			case <-tick.C:
			case <-b.done:
				running = false
			}
		}
		tick.Stop()
		_ = b.cmd.Process.Signal(syscall.SIGKILL) // it may have ended
		b.wait(t)
	}
	s.must(args...)
}

// countFiles counts what is below dir, incomplete copies included.
func countFiles(dir string) (n int) {
	_ = filepath.WalkDir(dir, func(string, os.DirEntry, error) error { n++; return nil })
	return n
}

func TestAKilledTransferIsGoneOnWith(t *testing.T) {
	s := newTransferServer(t)
	files, kills := transferFiles, transferKills
	s.makeTree("tree", files, 40<<20)
	t.Run("put", func(t *testing.T) {
		killedTransfers(t, s, kills, files, "pub/tree", "put", "-r", "tree", s.place(""))
		s.wantSame("tree", "pub/tree")
	})
	t.Run("sync there", func(t *testing.T) {
		killedTransfers(t, s, kills, files, "pub/sync", "sync", "tree", s.place("sync"))
		s.wantSame("tree", "pub/sync")
		if n := s.must("sync", "tree", s.place("sync")); n.Copied != 0 || n.Unchanged != int64(files)+1 {
			t.Errorf("a second sync: %+v", n)
		}
	})
	t.Run("get", func(t *testing.T) {
		s.write("got/.keep", "")
		killedTransfers(t, s, kills, files, "got/sync", "get", "-r", s.place("sync"), "got")
		s.wantSame("tree", "got/sync")
	})
	t.Run("sync back", func(t *testing.T) {
		killedTransfers(t, s, kills, files, "synced", "sync", "--delete", s.place("sync"), "synced")
		s.wantSame("tree", "synced")
	})
}

func TestInterruptedTransfersLeaveNothingHalf(t *testing.T) {
	s := newTransferServer(t)
	s.makeTree("tree", 300, 1<<20)
	b := s.start("put", "-r", "tree", s.place(""))
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for running := true; running && countFiles(s.path("pub/tree")) < 20; {
		select {
		case <-b.done:
			running = false
		case <-tick.C:
		}
	}
	_ = b.cmd.Process.Signal(syscall.SIGINT) // it may have ended
	r := b.wait(t)
	if r.code != exitDone && (r.code != exitInterrupted || !strings.Contains(r.stderr, "interrupted")) {
		t.Errorf("exit %d, %s", r.code, r.stderr)
	}
	want := snapshot(t, s.path("tree"))
	for name, content := range snapshot(t, s.path("pub/tree")) {
		if strings.Contains(name, ".signet-") || want[name] != content {
			t.Errorf("%s is left, with %d bytes", name, len(content))
		}
	}
}

func TestSyncCopiesWhatDiffersAndRemovesOnlyWithDelete(t *testing.T) {
	for _, way := range []string{"there", "back"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := newTransferServer(t)
			from, to := "src", "pub/dst"
			source, target := "src", s.place("dst")
			if way == "back" {
				from, to = "pub/src", "dst"
				source, target = s.place("src"), "dst"
			}
			s.makeTree(from, 20, 1<<20)
			s.must("sync", source, target)
			s.wantSame(from, to)

			if n := s.must("sync", source, target); n.Copied != 0 || n.Bytes != 0 || n.Unchanged != 21 {
				t.Errorf("a second run transfers something: %+v", n)
			}
			// The same length at another time, and another content at the same time.
			s.write(from+"/d1/e1/f1", strings.Repeat("x", len(snapshot(t, s.path(from))["d1/e1/f1"])))
			s.setTime(from+"/d1/e1/f1", time.Unix(1_400_000_001, 0))
			s.write(from+"/new/file", "new")
			if n := s.must("sync", source, target); n.Copied != 2 {
				t.Errorf("two files differ, and %d were copied", n.Copied)
			}
			s.setTime(from+"/new/file", time.Unix(1_400_000_000, 0))
			if n := s.must("sync", source, target); n.Copied != 1 {
				t.Errorf("a file of another second: %d copied", n.Copied)
			}

			// What the source does not have.
			s.write(to+"/extra/deep/file", "extra")
			s.write(to+"/keep.tmp", "excluded")
			s.write("precious/file", "precious")
			if err := os.Symlink("../../precious", s.path(to+"/extra/link")); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(s.path(from + "/new/file")); err != nil {
				t.Fatal(err)
			}
			before := fmt.Sprint(snapshot(t, s.path("pub")), snapshot(t, s.path(from)), snapshot(t, s.path(to)))
			r := s.run("sync", "--delete", "--dry-run", "--exclude", "*.tmp", source, target)
			if r.code != 0 || !strings.Contains(r.stdout, "delete\t") {
				t.Errorf("--dry-run: %+v", r)
			}
			if fmt.Sprint(snapshot(t, s.path("pub")), snapshot(t, s.path(from)), snapshot(t, s.path(to))) != before {
				t.Errorf("--dry-run has changed something")
			}
			if n := s.must("sync", source, target); n.Deleted != 0 {
				t.Errorf("without --delete, %d were deleted", n.Deleted)
			}
			s.must("sync", "--delete", "--exclude", "*.tmp", source, target)
			got := snapshot(t, s.path(to))
			if got["keep.tmp"] != "excluded" || got["extra"] != "" || got["new/file"] != "" {
				t.Errorf("left: %v", got)
			}
			if snapshot(t, s.path("precious"))["file"] != "precious" {
				t.Error("--delete went through a link")
			}
			s.must("sync", "--delete", source, target)
			s.wantSame(from, to)
		})
	}
}

func TestOneFileThatFailsDoesNotStopTheOthers(t *testing.T) {
	s := newTransferServer(t)
	s.makeTree("tree", 12, 1<<20)
	s.must("put", "-r", "tree", s.place(""))
	secret := s.path("pub/tree/d3/e3/f3")
	if err := os.Chmod(secret, 0); err != nil {
		t.Fatal(err)
	}
	r := s.run("get", "-r", s.place("tree"), "back")
	if r.code != exitLook || strings.Count(r.stderr, "\n") != 2 || !strings.Contains(r.stderr, `d3\e3\f3: `) || !strings.Contains(r.stderr, "12 done, 1 left out") {
		t.Errorf("exit %d:\n%s", r.code, r.stderr)
	}
	if n := len(snapshot(t, s.path("back"))); n < 12 {
		t.Errorf("%d files and directories came", n)
	}
	// A directory in the target that may not be written.
	if err := os.Chmod(secret, 0o644); err != nil {
		t.Fatal(err)
	}
	s.write("half/tree/d1/e1/old", "old")
	if err := os.Chmod(s.path("half/tree/d1/e1"), 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(s.path("half/tree/d1/e1"), 0o755) })
	r = s.run("get", "-r", s.place("tree"), "half")
	if r.code != exitLook || !strings.Contains(r.stderr, "permission denied") || !strings.Contains(r.stderr, "12 done, 1 left out") {
		t.Errorf("exit %d:\n%s", r.code, r.stderr)
	}
	// A share that is read-only.
	r = s.run("put", "tree/large", "tree/d0/e0/f0", "smb://ann@"+s.addr+"/Docs/")
	if r.code != exitLook && r.code != exitFailed || strings.Count(r.stderr, "STATUS_") < 2 {
		t.Errorf("exit %d:\n%s", r.code, r.stderr)
	}
	// Several files, one of which is not there.
	r = s.run("get", s.place("tree/nothing"), s.place("tree/large"), "half")
	if r.code != exitLook {
		t.Errorf("exit %d:\n%s", r.code, r.stderr)
	}
	if _, err := os.Stat(s.path("half/large")); err != nil {
		t.Error(err)
	}
}
