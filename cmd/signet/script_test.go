//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write what was printed into testdata/scripts")

// TestScripts runs the shell sessions of testdata/scripts. A session is made of
// commands, each followed by what it prints and, unless that is 0, its exit
// code:
//
//	$ signet user add ann < pw       runs signet; stdin is a file, or empty
//	$ NAME=VALUE signet ...          with this in the environment
//	$ signet serve ... &             until the next $ stop, which prints what
//	$ stop TERM                      the server printed
//	$ smb signet serve ... &         the same with the real server; $PORT then is
//	                                 where it listens
//	$ write FILE TEXT                makes a file, with a line end; \n is another
//	$ copy DIR DIR               copies a folder, of this package's, into the session's
//	$ mkdir DIR, $ link TARGET NAME, $ chmod MODE FILE
//
// Lines of standard error begin with "2> ". What differs from run to run is
// replaced: $WORK, $HOST, $ADDRESS, $PORT, $PID, $USER, $UID, $MACHINE, $TIME. Run with
// -rewrite to take what is printed for what is right, and read the difference.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/scripts/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			uid := nobody
			if strings.HasPrefix(filepath.Base(path), "root_") {
				if uid = 0; os.Geteuid() != 0 {
					t.Skip("needs root")
				}
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := &script{t: t, dir: workDir(t, uid), uid: uid}
			got := s.play(string(data))
			if got == string(data) {
				return
			}
			if *rewrite {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("%s differs:\n%s", path, diff(string(data), got))
		})
	}
}

// script is one session.
type script struct {
	t      *testing.T
	dir    string
	uid    int
	server *background
	port   string // of the server
}

// play runs the session and returns it with what was printed.
func (s *script) play(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "$ "):
			out.WriteString(line + "\n" + s.normalize(s.step(line[2:])))
		case strings.HasPrefix(line, "#") || line == "":
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}

// step runs one command and returns what it printed.
func (s *script) step(line string) string {
	s.t.Helper()
	words := strings.Fields(line)
	path := func(i int) string { return filepath.Join(s.dir, words[i]) }
	var err error
	switch words[0] {
	case "write":
		err = os.WriteFile(path(1), []byte(strings.ReplaceAll(strings.Join(words[2:], " "), `\n`, "\n")+"\n"), 0o600)
		err = errors.Join(err, s.own(path(1)))
	case "mkdir":
		err = errors.Join(os.Mkdir(path(1), 0o755), s.own(path(1)))
	case "copy":
		err = os.CopyFS(path(2), os.DirFS(words[1]))
		err = errors.Join(err, s.ownAll(path(2)))
	case "link":
		err = os.Symlink(words[1], path(2))
	case "chmod":
		var mode uint32
		fmt.Sscanf(words[1], "%o", &mode)
		err = os.Chmod(path(2), os.FileMode(mode))
	case "stop":
		s.server.signal(s.t, map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT}[words[1]])
		return s.server.wait(s.t).String()
	default:
		return s.signet(words)
	}
	if err != nil {
		s.t.Fatalf("$ %s: %v", line, err)
	}
	return ""
}

// own gives a file of the session to whom the session runs as.
func (s *script) own(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return os.Chown(path, s.uid, s.uid)
}

// ownAll is own of a folder and what is in it.
func (s *script) ownAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, s.own(path))
	})
}

func (s *script) signet(words []string) string {
	s.t.Helper()
	var env, args []string
	for words[0] != "signet" {
		if words[0] == "smb" {
			words[0] = "SIGNET_TEST_MAIN=signet-smb"
		}
		env = append(env, strings.ReplaceAll(words[0], "$WORK", s.dir))
		words = words[1:]
	}
	stdin := os.DevNull
	inBackground := false
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "<":
			stdin = filepath.Join(s.dir, words[i+1])
			i++
		case "&":
			inBackground = true
		default:
			args = append(args, strings.NewReplacer("$WORK", s.dir, "$PORT", s.port).Replace(words[i]))
		}
	}
	in, err := os.Open(stdin)
	if err != nil {
		s.t.Fatal(err)
	}
	defer in.Close()
	cmd := signet(s.t, s.dir, s.uid, env, args...)
	cmd.Stdin = in
	if !inBackground {
		return run(s.t, cmd).String()
	}
	s.server = start(s.t, cmd)
	s.server.serving(s.t, filepath.Join(s.dir, "state"))
	if _, s.port, err = net.SplitHostPort(status(s.t, s.dir, s.uid).Listen[0]); err != nil {
		s.t.Fatal(err)
	}
	return ""
}

// String shows the result as scripts do.
func (r result) String() string {
	var b strings.Builder
	b.WriteString(r.stdout)
	if r.stdout != "" && !strings.HasSuffix(r.stdout, "\n") {
		b.WriteString("\n(no line end)\n")
	}
	for line := range strings.Lines(r.stderr) {
		b.WriteString("2> " + strings.TrimSuffix(line, "\n") + "\n")
	}
	if r.code != 0 {
		fmt.Fprintf(&b, "[exit %d]\n", r.code)
	}
	return b.String()
}

// variable is what differs from run to run and machine to machine.
var variable = []struct {
	re *regexp.Regexp
	by string
}{
	{regexp.MustCompile(`"time":"[^"]*"`), `"time":"$$TIME"`},
	{regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), `$$TIME`},
	{regexp.MustCompile(`("FileId":"|FileId +: )0x[0-9a-f]+`), `$1$$ID`},
	{regexp.MustCompile(`S-1-5-21(-\d+){3}-`), `$$MACHINE-`},
	{regexp.MustCompile(`("?AllocationSize"? *: ?)\d+`), `$1$$SIZE`},
	{regexp.MustCompile(`(in use by process |"by_pid":|\(pid )\d+`), `$1$$PID`},
	{regexp.MustCompile(`"by_uid":\d+`), `"by_uid":"$$UID"`},
	{regexp.MustCompile(`[^ \t"]+ \(uid \d+\)`), `$$USER (uid $$UID)`},
	{regexp.MustCompile(`uid 65534`), `uid $$UID`},
	{regexp.MustCompile(`(127\.0\.0\.1|\[::\]|localhost):\d+`), `$1:$$PORT`},
	{regexp.MustCompile(`(/TCPPORT:|port=|"port":)\d+`), `$1$$PORT`},
	{regexp.MustCompile(`linux/\S+ go\S+`), `$$OS/$$ARCH $$GO`},
	{regexp.MustCompile(`"Go":"[^"]*","OS":"[^"]*","Arch":"[^"]*"`), `"Go":"$$GO","OS":"$$OS","Arch":"$$ARCH"`},
}

func (s *script) normalize(text string) string {
	text = strings.ReplaceAll(text, s.dir, "$WORK")
	for _, v := range variable {
		text = v.re.ReplaceAllString(text, v.by)
	}
	return text
}

// diff shows the lines in which two texts differ.
func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for i := range max(len(w), len(g)) {
		var wl, gl string
		if i < len(w) {
			wl = w[i]
		}
		if i < len(g) {
			gl = g[i]
		}
		if wl != gl {
			fmt.Fprintf(&b, "line %d\n want %s\n got  %s\n", i+1, wl, gl)
		}
	}
	return b.String()
}
