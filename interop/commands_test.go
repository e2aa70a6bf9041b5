package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// commands runs the commands of the client on a server.
type commands struct {
	t    *testing.T
	bin  string
	dir  string // state and password
	root string // smb://user@host:port
}

// newCommands are the commands of the client for user on s.
func newCommands(t *testing.T, s *server, user string) *commands {
	t.Helper()
	bin, err := binary()
	must(t, err)
	c := &commands{t: t, bin: bin, dir: t.TempDir(), root: fmt.Sprintf("smb://%s@%s:%s", user, s.host, s.port)}
	must(t, os.WriteFile(filepath.Join(c.dir, "password"), []byte(password), 0o600))
	return c
}

// command is signet with args, in which PUB stands for the share.
func (c *commands) command(args ...string) *exec.Cmd {
	for i, arg := range args {
		if rest, ok := strings.CutPrefix(arg, "PUB"); ok {
			args[i] = c.root + "/" + shareName + rest
		}
	}
	args = append(args, "--state", filepath.Join(c.dir, "state"), "--password-file", filepath.Join(c.dir, "password"))
	cmd := exec.CommandContext(c.t.Context(), c.bin, args...)
	cmd.Dir = c.dir
	return cmd
}

// run runs a command that must end with a code, and returns what it printed.
func (c *commands) run(code int, args ...string) string {
	c.t.Helper()
	cmd := c.command(args...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended || cmd.ProcessState.ExitCode() != code {
		c.t.Errorf("signet %s: %v, want exit %d\n%s%s", strings.Join(args, " "), err, code, out.String(), problems.String())
	}
	if code != 0 {
		return problems.String()
	}
	return out.String()
}

// expect fails the test unless a command prints want.
func (c *commands) expect(want string, args ...string) {
	c.t.Helper()
	if got := c.run(0, args...); got != want {
		c.t.Errorf("signet %s printed %q, want %q", strings.Join(args, " "), got, want)
	}
}

// read decodes what a command prints as JSON.
func (c *commands) read(to any, args ...string) {
	c.t.Helper()
	args = append(args, "--json")
	if text := c.run(0, args...); json.Unmarshal([]byte(text), to) != nil {
		c.t.Errorf("signet %s printed %s", strings.Join(args, " "), text)
	}
}

func TestEveryCommandOfTheClientOnSmbd(t *testing.T) {
	needSmbd(t)
	s, _ := startSmbd(t, nobodysFolder(t), "vfs objects = streams_xattr acl_xattr", "ea support = yes", "store dos attributes = yes")
	c := newCommands(t, s, "nobody")

	// What is there is made, seen and read.
	c.run(0, "mkdir", "-p", "PUB/docs/Größe 1", "PUB/empty")
	must(t, os.WriteFile(filepath.Join(c.dir, "a.txt"), []byte("hello, world\n"), 0o600))
	c.run(0, "put", "a.txt", "PUB/docs/a.txt", "--quiet")
	c.run(0, "put", "a.txt", "PUB/docs/Gr%C3%B6%C3%9Fe%201/b.md", "--quiet")
	c.expect("docs/\nempty/\n", "ls", "PUB")
	c.expect("docs/\ndocs/Größe 1/\ndocs/Größe 1/b.md\ndocs/a.txt\nempty/\n", "ls", "-R", "PUB")
	if got := c.run(0, "ls", "-l", "PUB/docs/a.txt"); !strings.HasPrefix(got, "File\t13\t") || !strings.HasSuffix(got, "\ta.txt\n") {
		t.Errorf("ls -l printed %q", got)
	}
	if got := c.run(0, "ls", c.root); !strings.Contains(got, shareName+"\tdisk\t") || strings.Contains(got, "IPC$") {
		t.Errorf("shares: %q", got)
	}
	if got := c.run(0, "ls", "-a", c.root); !strings.Contains(got, "IPC$\tpipe\t") {
		t.Errorf("all shares: %q", got)
	}
	c.expect("hello, world\n", "cat", "PUB/docs/Gr%C3%B6%C3%9Fe%201/b.md")
	c.expect("world", "cat", "--offset", "7", "--length", "5", "PUB/docs/a.txt")
	c.expect(c.root+"/"+shareName+"/docs\n  Größe 1/\n    b.md\n  a.txt\n", "tree", "PUB/docs")
	c.expect(c.root+"/"+shareName+"/docs/Größe 1/b.md\n", "find", "PUB", "--name", "*.MD")
	unc := strings.ReplaceAll(strings.Replace(c.root[len("smb:"):], "nobody@", "", 1), "/", `\`) + `\` + shareName + `\docs`
	c.expect("Größe 1/\na.txt\n", "ls", unc, "--user", "nobody")

	// What it says of a file.
	must(t, ourShare(t, s, "nobody").WriteFile(t.Context(), "docs/a.txt:notes", []byte("stream")))
	var file struct {
		Name, Path, Type, SDDL, FileID string
		Size                           int64
		LastWriteTime                  time.Time
		Streams                        []struct {
			Name string
			Size uint64
		}
	}
	c.read(&file, "stat", "--sddl", "PUB/docs/a.txt")
	onDisk, err := os.Stat(filepath.Join(s.share, "docs", "a.txt"))
	must(t, err)
	if file.Name != "a.txt" || file.Type != "File" || file.Size != 13 || !strings.HasPrefix(file.SDDL, "O:") || !strings.Contains(file.SDDL, "D:") {
		t.Errorf("stat: %+v", file)
	}
	if len(file.Streams) != 1 || file.Streams[0].Name != "notes" || file.Streams[0].Size != 6 {
		t.Errorf("streams: %+v", file.Streams)
	}
	if d := onDisk.ModTime().Sub(file.LastWriteTime); d < 0 || d >= 100*time.Nanosecond {
		t.Errorf("last write %v, on disk %v: want the same to 100 ns", file.LastWriteTime, onDisk.ModTime())
	}
	if got := c.run(0, "stat", "PUB/docs"); !strings.Contains(got, ": Directory\n") {
		t.Errorf("stat of a directory: %s", got)
	}

	// How it is protected.
	var info struct {
		Dialect, Cipher, Authentication, System string
		Signed, Encrypted                       bool
	}
	c.read(&info, "info", "PUB", "--require-encryption")
	if info.Dialect != "3.1.1" || !info.Encrypted || info.Cipher == "" || info.Authentication != "NTLMv2" || !strings.HasPrefix(info.System, "Samba") {
		t.Errorf("info: %+v", info)
	}
	c.read(&info, "info", "PUB", "--dialect-max", "SMB210")
	if info.Dialect != "2.1" || !info.Signed || info.Encrypted {
		t.Errorf("info of 2.1: %+v", info)
	}

	// Typed inside the share.
	shell := c.command("shell", "PUB/docs")
	shell.Stdin = strings.NewReader("mkdir 'new one'\ncd 'new one'\npwd\ncd ..\nmv a.txt 'new one/c.txt'\ncat 'new one/c.txt' --require-encryption\nrm 'new one/c.txt'\nrmdir 'new one'\nls\n")
	// The password comes from the file, the lines from standard input.
	out, err := shell.Output()
	if want := c.root + "/" + shareName + "/docs/new one\nhello, world\nGröße 1/\n"; err != nil || string(out) != want {
		t.Errorf("shell: %v, %q, want %q", err, out, want)
	}

	// What is refused, and how.
	for _, r := range []struct {
		code int
		want string
		args []string
	}{
		{1, "it does not exist", []string{"cat", "PUB/nothing"}},
		{1, "there is no such share", []string{"ls", c.root + "/nowhere"}},
		{1, "it exists already", []string{"mkdir", "PUB/docs"}},
		{1, "the directory is not empty", []string{"rmdir", "PUB/docs"}},
		{1, "it is a directory", []string{"cat", "PUB/docs"}},
		{1, "it is a directory", []string{"rm", "PUB/docs"}},
		{1, "it is not a directory", []string{"rmdir", "PUB/docs/Gr%C3%B6%C3%9Fe%201/b.md"}},
		{3, "may only tighten", []string{"ls", "PUB", "--require-signing=False"}},
		{3, "nothing can be encrypted", []string{"ls", "PUB", "--require-encryption", "--dialect-max", "SMB210"}},
	} {
		if got := c.run(r.code, r.args...); !strings.Contains(got, r.want) {
			t.Errorf("signet %s printed %q, want %q in it", strings.Join(r.args, " "), got, r.want)
		}
	}
	c.run(0, "rm", "-r", "PUB/docs", "PUB/empty")
	if left, err := os.ReadDir(s.share); err != nil || len(left) > 0 {
		t.Errorf("left in the share: %v, %v", left, err)
	}
}

// TestWatchTellsWhatChangesOnSmbd waits for each change before it makes the
// next: smbd hears of them by inotify, and tells what it has heard.
func TestWatchTellsWhatChangesOnSmbd(t *testing.T) {
	needSmbd(t)
	s, _ := startSmbd(t, nobodysFolder(t))
	watchChanges(t, newCommands(t, s, "nobody"))
}

func TestWatchTellsWhatChangesOnSignet(t *testing.T) {
	watchChanges(t, newCommands(t, startServer(t), account))
}

func watchChanges(t *testing.T, c *commands) {
	t.Helper()
	watch := c.command("watch", "-r", "--json", "PUB")
	printed, err := watch.StdoutPipe()
	must(t, err)
	var problems bytes.Buffer
	watch.Stderr = &problems
	must(t, watch.Start())
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(printed); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	var seen []string
	waitFor := func(action, name string, again func()) {
		t.Helper()
		deadline := time.After(patience)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case line, ok := <-lines:
				var change struct{ Action, Name string }
				if !ok || json.Unmarshal([]byte(line), &change) != nil {
					t.Fatalf("%s %s did not come: %q, after %q\n%s", action, name, line, seen, problems.String())
				}
				seen = append(seen, change.Action+" "+change.Name)
				if change.Action == action && change.Name == name {
					return
				}
			case <-tick.C:
				again()
			case <-deadline:
				t.Fatalf("%s %s did not come within %v, but %q", action, name, patience, seen)
			}
		}
	}
	// Nobody says when the watch has begun: the first directory is made until it
	// is seen.
	waitFor("Added", "first", func() {
		_ = c.command("rmdir", "PUB/first").Run() // not there yet
		c.run(0, "mkdir", "PUB/first")
	})
	c.run(0, "mkdir", "PUB/dir")
	waitFor("Added", "dir", func() {})
	c.run(0, "mv", "PUB/first", "PUB/second", "--quiet")
	waitFor("RenamedTo", "second", func() {})
	c.run(0, "rmdir", "PUB/second")
	waitFor("Removed", "second", func() {})
	must(t, watch.Process.Signal(syscall.SIGINT))
	go func() { // what is still on its way
		for range lines {
			continue
		}
	}()
	_, _ = io.Copy(io.Discard, printed) // ends with the command
	err = watch.Wait()
	if e, ok := errors.AsType[*exec.ExitError](err); !ok || e.ExitCode() != 130 {
		t.Errorf("interrupted: %v, want exit 130\n%s", err, problems.String())
	}
	if !slices.Contains(seen, "RenamedFrom first") {
		t.Errorf("seen: %q", seen)
	}
}
