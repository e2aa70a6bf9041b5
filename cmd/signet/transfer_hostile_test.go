//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// rogueName is a name that a server sends; kept is what it becomes, and
// empty if it is left out.
type rogueName struct{ name, kept string }

func leftOut(name string) rogueName  { return rogueName{name, ""} }
func harmless(name string) rogueName { return rogueName{name, name} }

// rogueNames are what servers have sent to break out of a directory, to open
// a device, or to speak to a terminal.
func rogueNames() []rogueName {
	list := []rogueName{
		// Ways up and elsewhere.
		leftOut("../escaped"), leftOut(`..\escaped`), leftOut("../../escaped"), leftOut(`..\..\escaped`), leftOut("/tmp/signet-escaped"),
		leftOut(`\tmp\signet-escaped`), leftOut("a/../../escaped"), leftOut("sub/file"), leftOut(`sub\file`), leftOut("./here"),
		leftOut("..\x00x"), leftOut("x\x00.txt"), leftOut("/"), leftOut(`\`), leftOut("//host/share/x"), leftOut(`\\host\share\x`),
		leftOut(`\??\C:\x`), leftOut("\uf026\uf026host\uf026share\x00"), leftOut(".\uf029"), leftOut("\uf029\uf029"[:3] + "\x00"),
		// Streams and drives.
		leftOut("C:evil"), leftOut("c:"), leftOut("file:stream"), leftOut("file::$DATA"), leftOut("z:\x00"),
		// Patterns and what Windows forbids.
		leftOut("*"), leftOut("?"), leftOut("a|b"), leftOut("<a>"), leftOut(`a"b`),
		// Devices.
		leftOut("CON"), leftOut("con"), leftOut("NUL"), leftOut("nul.txt"), leftOut("Aux.c"), leftOut("PRN .x"), leftOut("COM1"), leftOut("com1.log"),
		leftOut("LPT9"), leftOut("COM¹"), leftOut("CONIN$"), leftOut("conout$.txt"),
		// What a terminal would do something with.
		leftOut("\x1b[31mred"), leftOut("\x1b]0;title\x07"), leftOut("a\r\nb"), leftOut("tab\there"), leftOut("bell\x07"), leftOut("del\x7f"),
		leftOut("c1\u009b31m"), leftOut("nel\u0085"), harmless("bidi\u202egpj.exe"), harmless("isolate\u2066x\u2069"), harmless("\ufeffbom"), harmless("zero\u200bwidth"),
		// Too long.
		leftOut(strings.Repeat("L", 300)), leftOut(strings.Repeat("x", 32000)), leftOut(strings.Repeat("漢", 100)),
		// Twins: the second one is left out.
		harmless("TWIN.txt"), leftOut("twin.TXT"), harmless("\u00e9.txt"), harmless("e\u0301.txt"), harmless("Ä"), leftOut("ä"),
		// Odd, and nobody's harm.
		harmless("-rf"), harmless("~"), harmless("$(touch escaped)"), harmless("`id`"), harmless("%2e%2e%2fescaped"), harmless(".hidden"),
		{"dot\uf029", "dot."},
		{"space\uf028", "space "},
		{"colon\uf022x", "colon:x"},
		{"esc\uf01bx", "esc\uf01bx"},
		harmless("consul"), harmless("ordinary.txt"),
		// Names of this program's own.
		leftOut(".signet-0123456789ab-0123456789abcdef01234567.part"),
	}
	slices.SortFunc(list, func(a, b rogueName) int { return strings.Compare(a.name, b.name) })
	return list
}

// hostileServer lists the names, as files or as directories with a file in
// each, in its root and in its directory sub.
func hostileServer(t *testing.T, names []rogueName, dirs bool) string {
	byName := map[string]bool{}
	for _, n := range names {
		byName[n.name] = true
	}
	kind := func(name string) smbtest.LiarFile {
		dir := name == "" || name == "sub" || dirs && byName[strings.TrimPrefix(name, `sub\`)] && !strings.HasSuffix(name, `\inner`)
		if dir {
			return smbtest.LiarFile{Dir: true}
		}
		return smbtest.LiarFile{Size: 4}
	}
	s := &smbtest.Liar{
		Stat: func(name string) (smbtest.LiarFile, ntstatus.Status) {
			if name != "" && !byName[strings.TrimSuffix(strings.TrimPrefix(name, `sub\`), `\inner`)] && name != "sub" {
				return smbtest.LiarFile{}, ntstatus.ObjectNameNotFound
			}
			return kind(name), ntstatus.Success
		},
		Read: func(_ string, off uint64, _ int) []byte {
			if off > 0 {
				return nil
			}
			return []byte("evil")
		},
		List: func(dir string, page int) []fscc.DirectoryEntry {
			if dir != "" && dir != "sub" {
				if page > 0 {
					return nil
				}
				return []fscc.DirectoryEntry{smbtest.LiarFile{Size: 4}.Entry("inner")}
			}
			if page == len(names) && dir == "" {
				return []fscc.DirectoryEntry{smbtest.LiarFile{Dir: true}.Entry("sub")}
			}
			if page >= len(names) {
				return nil
			}
			f := smbtest.LiarFile{Size: 4, Dir: dirs}
			return []fscc.DirectoryEntry{f.Entry("."), f.Entry(".."), f.Entry(names[page].name)}
		},
	}
	return s.Start(t)
}

// snapshot is all that is below dir: its content, or where a link leads.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		switch {
		case d.IsDir():
			m[name] = "directory"
		case d.Type()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			m[name] = "link to " + to
			return err
		default:
			data, err := os.ReadFile(path)
			m[name] = string(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// rawControl finds what a terminal must not get from a server. The line of the
// progress is our own.
func rawControl(printed string) string {
	printed = strings.NewReplacer("\r\x1b[K", "", "\r\n", "\n").Replace(printed)
	for _, r := range printed {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return fmt.Sprintf("%q", r)
		}
	}
	return ""
}

// hostileRun runs signet on a terminal with a target beside which there are
// things to destroy, and returns what it printed and its exit code.
func hostileRun(t *testing.T, dir, stdin string, args ...string) (printed string, code int) {
	t.Helper()
	term := newTerminal(t)
	cmd := signet(t, dir, os.Geteuid(), []string{"SIGNET_PASSWORD=" + smbtest.Password}, args...)
	term.attach(cmd)
	if stdin != "" {
		cmd.Stdin, cmd.SysProcAttr.Setctty, cmd.SysProcAttr.Setsid = strings.NewReader(stdin), false, false
	}
	b := start(t, cmd)
	r := b.wait(t)
	return term.all(), r.code
}

func TestNoNameOfAServerLeavesTheTargetOrReachesTheTerminal(t *testing.T) {
	names := rogueNames()
	if len(names) < 40 {
		t.Fatalf("%d names", len(names))
	}
	for _, dirs := range []bool{false, true} {
		addr := hostileServer(t, names, dirs)
		place := "smb://" + smbtest.User + "@" + addr + "/data"
		for _, way := range []struct {
			name, stdin string
			args        []string
		}{
			{"get", "", []string{"get", "-r", place, "outer/target"}},
			{"sync", "", []string{"sync", "--delete", place, "outer/target/data"}},
			{"shell", "get -r . outer/target/data\n", []string{"shell", place}},
		} {
			t.Run(fmt.Sprintf("%s directories=%v", way.name, dirs), func(t *testing.T) {
				t.Parallel()
				dir := workDir(t, os.Geteuid())
				for _, d := range []string{"outer", "outer/target", "outer/precious"} {
					if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
						t.Fatal(err)
					}
				}
				for _, f := range []string{"outer/secret", "outer/precious/file"} {
					if err := os.WriteFile(filepath.Join(dir, f), []byte("precious"), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				printed, code := hostileRun(t, dir, way.stdin, way.args...)
				if code != exitLook {
					t.Errorf("exit %d, want %d:\n%s", code, exitLook, printed)
				}
				if bad := rawControl(printed); bad != "" {
					t.Errorf("the terminal got %s raw", bad)
				}
				if _, err := os.Lstat("/tmp/signet-escaped"); err == nil {
					t.Error("/tmp/signet-escaped was made")
				}
				want := map[string]string{
					".": "directory", "outer": "directory", "outer/target": "directory", "outer/precious": "directory",
					"outer/secret": "precious", "outer/precious/file": "precious", "outer/target/data": "directory", "outer/target/data/sub": "directory",
				}
				for _, n := range names {
					if n.kept == "" {
						continue
					}
					for _, at := range []string{"outer/target/data/", "outer/target/data/sub/"} {
						want[at+n.kept] = "evil"
						if dirs {
							want[at+n.kept], want[at+n.kept+"/inner"] = "directory", "evil"
						}
					}
				}
				got := snapshot(t, dir)
				for _, name := range slices.Sorted(maps.Keys(got)) {
					if want[name] != got[name] {
						t.Errorf("%q is %q, want %q", name, got[name], want[name])
					}
				}
				for _, name := range slices.Sorted(maps.Keys(want)) {
					if _, ok := got[name]; !ok {
						t.Errorf("%q is missing", name)
					}
				}
				if t.Failed() {
					t.Logf("printed:\n%s", printed)
				}
			})
		}
	}
}

func TestListingsOfAHostileServerReachTheTerminalEscaped(t *testing.T) {
	addr := hostileServer(t, rogueNames(), false)
	place := "smb://" + smbtest.User + "@" + addr + "/data"
	dir := workDir(t, os.Geteuid())
	for _, args := range [][]string{{"ls", place}, {"tree", place}, {"find", place}, {"sync", "--dry-run", place, "new"}} {
		printed, code := hostileRun(t, dir, "", args...)
		if code != exitLook {
			t.Errorf("%v: exit %d, want %d", args, code, exitLook)
		}
		if bad := rawControl(printed); bad != "" {
			t.Errorf("%v: the terminal got %s raw", args, bad)
		}
	}
	if got := snapshot(t, dir); len(got) != 1 {
		t.Errorf("there is %v, want nothing", got)
	}
}

func TestLinksLaidInTheTargetAreNotFollowed(t *testing.T) {
	names := []rogueName{harmless("dir"), harmless("file")}
	for _, dirs := range []bool{false, true} {
		t.Run(fmt.Sprintf("directories=%v", dirs), func(t *testing.T) {
			addr := hostileServer(t, names, dirs)
			place := "smb://" + smbtest.User + "@" + addr + "/data"
			for _, args := range [][]string{{"get", "-r", place, "target"}, {"sync", "--delete", place, "target/data"}} {
				dir := workDir(t, os.Geteuid())
				for _, err := range []error{
					os.MkdirAll(filepath.Join(dir, "target/data/sub"), 0o755), os.Mkdir(filepath.Join(dir, "precious"), 0o755),
					os.WriteFile(filepath.Join(dir, "precious/inner"), []byte("precious"), 0o644),
					os.WriteFile(filepath.Join(dir, "secret"), []byte("precious"), 0o644),
					os.Symlink("../../precious", filepath.Join(dir, "target/data/dir")),
					os.Symlink("../../secret", filepath.Join(dir, "target/data/file")),
					os.Symlink("../../../precious", filepath.Join(dir, "target/data/sub/dir")),
					os.Symlink("../../precious", filepath.Join(dir, "target/data/extra")),
				} {
					if err != nil {
						t.Fatal(err)
					}
				}
				printed, _ := hostileRun(t, dir, "", args...)
				got := snapshot(t, dir)
				if got["precious/inner"] != "precious" || got["secret"] != "precious" || len(slices.DeleteFunc(slices.Sorted(maps.Keys(got)), func(n string) bool { return !strings.HasPrefix(n, "precious") })) != 2 {
					t.Errorf("%v: what links lead to is now %v\n%s", args, got, printed)
				}
				if !dirs && got["target/data/file"] != "evil" {
					t.Errorf("%v: file is %q, want a file in place of the link\n%s", args, got["target/data/file"], printed)
				}
			}
		})
	}
}

func TestWhatAServerClaimsWithoutEndIsBounded(t *testing.T) {
	loop := &smbtest.Liar{
		Stat: func(string) (smbtest.LiarFile, ntstatus.Status) { return smbtest.LiarFile{Dir: true}, ntstatus.Success },
		Read: func(string, uint64, int) []byte { return nil },
		List: func(_ string, page int) []fscc.DirectoryEntry {
			if page > 0 {
				return nil
			}
			return []fscc.DirectoryEntry{smbtest.LiarFile{Dir: true}.Entry("again")}
		},
	}
	endless := &smbtest.Liar{Stat: loop.Stat, Read: loop.Read, List: func(_ string, page int) []fscc.DirectoryEntry {
		list := make([]fscc.DirectoryEntry, 450)
		for i := range list {
			list[i] = smbtest.LiarFile{Size: 1}.Entry(fmt.Sprintf("%07x", page*len(list)+i))
		}
		return list
	}}
	file := func(size uint64, read func(off uint64, n int) []byte) *smbtest.Liar {
		return &smbtest.Liar{
			Stat: func(string) (smbtest.LiarFile, ntstatus.Status) {
				return smbtest.LiarFile{Size: size}, ntstatus.Success
			},
			List: func(string, int) []fscc.DirectoryEntry { return nil },
			Read: func(_ string, off uint64, n int) []byte { return read(off, n) },
		}
	}
	zeros := func(_ uint64, n int) []byte { return make([]byte, n) }
	for _, c := range []struct {
		name   string
		server *smbtest.Liar
		want   int
		says   string
	}{
		{"directories in each other", loop, exitFailed, "more than 128 directories"},
		{"an endless directory", endless, exitFailed, "more than 1048576 entries"},
		{"a size of 2^63", file(1<<63, zeros), exitFailed, "no room"},
		{"a size of 2^63-1", file(1<<63-1, zeros), exitFailed, "no room"},
		{"more data than asked for", file(4, func(_ uint64, n int) []byte { return make([]byte, n+1) }), exitFailed, "breaks the protocol"},
		{"more data than the size says", file(4, zeros), exitFailed, "changed while it was copied"},
		{"less data than the size says", file(1<<20, func(off uint64, _ int) []byte {
			if off > 0 {
				return nil
			}
			return []byte("short")
		}), exitFailed, "changed while it was copied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := workDir(t, os.Geteuid())
			cmd := signet(t, dir, os.Geteuid(), []string{"SIGNET_PASSWORD=" + smbtest.Password}, "get", "-r", "smb://"+smbtest.User+"@"+c.server.Start(t)+"/data/x", "target")
			r := run(t, cmd)
			if r.code != c.want || !strings.Contains(r.stderr, c.says) {
				t.Errorf("exit %d, want %d, and %q:\n%s", r.code, c.want, c.says, tail(r.stderr))
			}
			for name, content := range snapshot(t, dir) {
				if content != "directory" {
					t.Errorf("%s is left: %d bytes", name, len(content))
				}
			}
		})
	}
}

// tail is the end of a long text.
func tail(s string) string { return string(bytes.TrimSpace([]byte(s[max(0, len(s)-2000):]))) }
