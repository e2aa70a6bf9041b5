//go:build kernel

package interop

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/interop/kernel/script"
)

// Two Linux kernels and smbclient work on one tree, in turns that a seed
// decides. Each caches what its leases let it cache; whatever one reads must be
// what another wrote before. Afterwards the tree is that which one client makes
// by the same script on an in-memory back end. The environment may say for how
// long (TOGETHER=5m), by which seed (SEED=1), and which kernel it is (KERNEL=uml).
func TestTwoKernelsAndSmbclientOnOneTree(t *testing.T) {
	need(t, "smbclient")
	s := startServer(t)
	mem := smbtest.StartServer(t, smbtest.Options{Unlogged: true, Quiet: true})
	reference := &shareSteps{share: memShare(t, mem), held: make(map[int]*client.File)}

	options := mountOptions()
	actors := []stepper{startGuest(t, s, options), startGuest(t, s, options), &smbclientSteps{t: t, s: s, dir: t.TempDir()}}
	abilities := []script.Actor{{Holds: true, Updates: true}, {Holds: true, Updates: true}, {}}

	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("SEED"), "1"), 10, 64)
	must(t, err)
	span, err := time.ParseDuration(cmp.Or(os.Getenv("TOGETHER"), "5m"))
	must(t, err)
	g := script.NewGenerator(seed, abilities...)
	counts := make(map[string]int)
	steps := 0
	for start := time.Now(); time.Since(start) < span; steps++ {
		actor, step, want := g.Next()
		for name, who := range map[string]stepper{"shared tree": actors[actor], "in memory": reference} {
			got := who.do(actor, &step)
			if got.Error != "" || !bytes.Equal(got.Data, want.Data) || got.Size != want.Size {
				t.Fatalf("seed %d, step %d, %s: actor %d: %s %q to %q:\n got %q, size %d, %s\nwant no error, size %d, %s",
					seed, steps, name, actor, step.Op, step.Name, step.To, got.Error, got.Size, brief(got.Data), want.Size, brief(want.Data))
			}
		}
		counts[fmt.Sprintf("actor %d %s", actor, step.Op)]++
	}
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%-20s %6d", what, counts[what])
	}
	if got, want := treeOnDisk(t, s.share), treeOf(g); !maps.Equal(got, want) {
		t.Errorf("after %d steps of seed %d the shared tree is\n%v\nwant\n%v", steps, seed, got, want)
	}
	if got, want := treeInMemory(t, reference.share), treeOf(g); !maps.Equal(got, want) {
		t.Errorf("after %d steps of seed %d the tree in memory is\n%v\nwant\n%v", steps, seed, got, want)
	}
}

// Two kernels write to one database, each from several processes. The lock is a
// directory that SQLite makes beside it: through cifs.ko its usual locks fail on
// any server, smbd included, for they make a shared lock an exclusive one without
// giving it up first, and the byte ranges of SMB do not allow that.
//
// Linux 6.1 overlooks the break of a directory's lease that comes right behind
// its grant, and believes for ever what it knows then: hence nohandlecache.
func TestTwoKernelsWriteToOneDatabase(t *testing.T) {
	need(t, "sqlite3")
	const writers, rows = 2, 50
	s := startServer(t)
	dir := t.TempDir()
	worker := filepath.Join(dir, "worker")
	must(t, os.WriteFile(worker, []byte(fmt.Sprintf(`set -eu
write() {
	i=0
	while [ "$i" -lt %d ]; do
		sqlite3 -vfs unix-dotfile -cmd '.timeout 600000' "$MNT/db" "insert into t (who, i, filler) values ('$1', $i, hex(randomblob(500)))"
		i=$((i + 1))
	done
}
pids=
for n in $(seq %d); do write "$1-$n" & pids="$pids $!"; done
for p in $pids; do wait "$p"; done
`, rows, writers)), 0o755))
	must(t, os.Chmod(dir, 0o755))
	db := filepath.Join(s.share, "db")
	sqlite(t, db, "create table t (who text, i int, filler text, primary key (who, i))")
	if os.Geteuid() == 0 {
		uid, gid := nobody(t)
		must(t, os.Chown(db, uid, gid))
	}
	guests := []*exec.Cmd{}
	outputs := make([]bytes.Buffer, 2)
	for n := range outputs {
		cmd := kernelGuest(t, s, mountOptions()+",nohandlecache", "sh", worker, fmt.Sprintf("guest%d", n))
		cmd.Stdout, cmd.Stderr = &outputs[n], &outputs[n]
		must(t, cmd.Start())
		guests = append(guests, cmd)
	}
	for n, cmd := range guests {
		if err := cmd.Wait(); err != nil {
			t.Errorf("guest %d: %v\n%s", n, err, &outputs[n])
		}
		noComplaint(t, outputs[n].String())
	}
	if got := sqlite(t, db, "pragma integrity_check"); got != "ok" {
		t.Errorf("integrity_check says %q, want ok", got)
	}
	if got, want := sqlite(t, db, "select count(*) from t"), fmt.Sprint(2*writers*rows); got != want {
		t.Errorf("the table has %s rows, want %s", got, want)
	}
}

func sqlite(t *testing.T, db, statement string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sqlite3", db, statement).CombinedOutput()
	if err != nil {
		t.Fatalf("sqlite3 %q: %v\n%s", statement, err, out)
	}
	return strings.TrimSpace(string(out))
}

// mountOptions are those of the kernels. Sizes and names they ask for each time,
// instead of once a second; data is cached as leases allow.
func mountOptions() string {
	return cmp.Or(os.Getenv("MOUNT"), "vers=3.1.1,sign,actimeo=0")
}

// stepper does the steps of a script, by its own way to the tree.
type stepper interface {
	do(actor int, step *script.Step) script.Answer
}

// kernelGuest returns the command that mounts the share of s in a Linux kernel of its
// own and runs command there.
func kernelGuest(t *testing.T, s *server, options string, command ...string) *exec.Cmd {
	t.Helper()
	args := append([]string{"--port", s.port, "--share", shareName, "--user", account, "--opts", options, "--timeout", "3600", "--dmesg", "--kernel", cmp.Or(os.Getenv("KERNEL"), "uml"), "--"}, command...)
	// Not ended with the test's context: it unmounts and ends by itself when its
	// command does.
	cmd := exec.Command("kernel/kernel-mount", args...)
	cmd.Env = append(os.Environ(), "SMB_PASSWORD="+password)
	return cmd
}

// guestSteps is an agent in a guest: see kernel/agent.
type guestSteps struct {
	out *json.Encoder
	in  *json.Decoder
}

// startGuest starts a guest and its agent, which end with the test.
func startGuest(t *testing.T, s *server, options string) *guestSteps {
	t.Helper()
	agent := filepath.Join(publicDir(t), "agent")
	build := exec.Command("go", "build", "-o", agent, "./kernel/agent")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the agent: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(t, err)

	cmd := kernelGuest(t, s, options, agent+" $SERVER:"+port+" $MNT")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait(); l.Close() }()
	c, err := l.Accept()
	if err != nil {
		t.Fatalf("the guest ended before its agent called: %v\n%s", <-ended, &output)
	}
	t.Cleanup(func() {
		c.Close()
		if err := <-ended; err != nil || t.Failed() {
			t.Errorf("the guest ended: %v\n%s", err, &output)
		}
		noComplaint(t, output.String())
	})
	return &guestSteps{out: json.NewEncoder(c), in: json.NewDecoder(bufio.NewReader(c))}
}

// usual is what a kernel says about any mount.
var usual = regexp.MustCompile(`CIFS: Attempting to mount|Key type .* registered|FS-Cache:`)

// noComplaint checks what a guest's kernel has said, at the end of the guest's
// output.
func noComplaint(t *testing.T, output string) {
	t.Helper()
	_, log, ok := strings.Cut(output, "--- guest kernel log\n")
	if !ok {
		t.Errorf("the guest's kernel log is missing in %q", output)
	}
	for line := range strings.Lines(log) {
		if !usual.MatchString(line) {
			t.Errorf("the guest's kernel said: %s", line)
		}
	}
}

func (g *guestSteps) do(_ int, step *script.Step) (a script.Answer) {
	if err := g.out.Encode(step); err != nil {
		return script.Answer{Error: err.Error()}
	}
	if err := g.in.Decode(&a); err != nil {
		return script.Answer{Error: err.Error()}
	}
	return a
}

// smbclientSteps starts smbclient for each step. It does those of an Actor that
// neither holds nor updates.
type smbclientSteps struct {
	t   *testing.T
	s   *server
	dir string // on this machine
}

func (c *smbclientSteps) do(_ int, step *script.Step) (a script.Answer) {
	const local = "x"
	command := map[script.Op]string{
		script.Create: `put ` + local + ` "` + step.Name + `"`,
		script.Read:   `get "` + step.Name + `" ` + local,
		script.Stat:   `allinfo "` + step.Name + `"`,
		script.List:   `ls "` + step.Name + `/*"`,
		script.Rename: `rename "` + step.Name + `" "` + step.To + `"`,
		script.Remove: `rm "` + step.Name + `"`,
		script.Mkdir:  `mkdir "` + step.Name + `"`,
		script.Rmdir:  `rmdir "` + step.Name + `"`,
	}[step.Op]
	if step.Op == script.Create {
		must(c.t, os.WriteFile(filepath.Join(c.dir, local), step.Data, 0o644))
	}
	out, ok := smbclient{user: account + "%" + password}.run(c.t, c.s, c.dir, strings.ReplaceAll(command, "/", `\`))
	if !ok || strings.Contains(out, "NT_STATUS_") {
		return script.Answer{Error: out}
	}
	switch step.Op {
	case script.Read:
		data, err := os.ReadFile(filepath.Join(c.dir, local))
		must(c.t, err)
		a.Data = data
	case script.Stat:
		_, after, _ := strings.Cut(out, "stream: [::$DATA], ")
		size, _, _ := strings.Cut(after, " ")
		a.Size, _ = strconv.ParseInt(size, 10, 64)
	case script.List:
		var names []string
		for line := range strings.Lines(out) {
			if f := strings.Fields(line); len(f) > 5 && strings.HasPrefix(f[0], "n") {
				names = append(names, f[0])
			}
		}
		a.Data = script.Lines(names)
	}
	return a
}

// shareSteps does the steps by our own client, for all actors.
type shareSteps struct {
	share *client.Share
	held  map[int]*client.File
}

// memShare signs in on a server of the test's own process.
func memShare(t *testing.T, s *smbtest.Server) *client.Share {
	t.Helper()
	d := client.Dialer{Credentials: client.Credentials{User: smbtest.User, Password: smbtest.Password}}
	session, err := d.Dial(t.Context(), s.Addr())
	must(t, err)
	t.Cleanup(func() { session.Close() })
	share, err := session.Share(t.Context(), smbtest.ShareName)
	must(t, err)
	return share
}

func (m *shareSteps) do(actor int, step *script.Step) script.Answer {
	a, err := m.step(context.Background(), actor, step)
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

func (m *shareSteps) step(ctx context.Context, actor int, step *script.Step) (a script.Answer, err error) {
	switch step.Op {
	case script.Create:
		return a, m.share.WriteFile(ctx, step.Name, step.Data)
	case script.Write:
		return a, m.writeAt(ctx, step)
	case script.Truncate:
		return a, m.share.Truncate(ctx, step.Name, step.Size)
	case script.Read:
		a.Data, err = m.share.ReadFile(ctx, step.Name)
		return a, err
	case script.Stat:
		info, err := m.share.Stat(ctx, step.Name)
		if err == nil {
			a.Size = info.Size()
		}
		return a, err
	case script.List:
		var names []string
		for info, err := range m.share.ReadDir(ctx, step.Name) {
			if err != nil {
				return a, err
			}
			names = append(names, info.Name())
		}
		a.Data = script.Lines(names)
		return a, nil
	case script.Rename:
		return a, m.share.Rename(ctx, step.Name, step.To, true)
	case script.Remove:
		return a, m.share.Remove(ctx, step.Name)
	case script.Mkdir:
		return a, m.share.Mkdir(ctx, step.Name)
	case script.Rmdir:
		return a, m.share.RemoveDir(ctx, step.Name)
	case script.Hold:
		m.held[actor], err = m.share.Open(ctx, step.Name)
		return a, err
	case script.ReadHeld:
		a.Data, err = io.ReadAll(io.NewSectionReader(m.held[actor], 0, 1<<30))
		return a, err
	default: // Release
		return a, m.held[actor].Close()
	}
}

func (m *shareSteps) writeAt(ctx context.Context, step *script.Step) error {
	f, err := m.share.OpenFile(ctx, step.Name, client.OpenOptions{Access: dtyp.FileWriteData | dtyp.Synchronize})
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(step.Data, step.Offset); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// treeOf is what the script has made: the content of each file by its name, and
// of each directory "/".
func treeOf(g *script.Generator) map[string]string {
	tree := make(map[string]string)
	for name, data := range g.Files() {
		tree[name] = string(data)
	}
	for _, dir := range g.Dirs()[1:] { // the first is the root
		tree[dir] = "/"
	}
	return tree
}

func treeOnDisk(t *testing.T, dir string) map[string]string {
	t.Helper()
	return treeIn(t, os.DirFS(dir))
}

func treeInMemory(t *testing.T, share *client.Share) map[string]string {
	t.Helper()
	return treeIn(t, share.FS(t.Context()))
}

func treeIn(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	tree := make(map[string]string)
	must(t, fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || name == ".":
			return err
		case d.IsDir():
			tree[name] = "/"
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		tree[name] = string(data)
		return err
	}))
	return tree
}

// brief is the beginning of data, and how long it is.
func brief(data []byte) string {
	return fmt.Sprintf("%d bytes %q", len(data), data[:min(len(data), 60)])
}
