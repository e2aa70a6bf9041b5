package interop

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// smbclient is one way of calling Samba's client.
type smbclient struct {
	user    string   // as -U takes it
	share   string   // "" is shareName
	options []string // further arguments
}

// signingWith is a client at 3.1.1 that signs with one algorithm and does not
// encrypt.
func signingWith(algorithm string) smbclient {
	return smbclient{user: account + "%" + password, options: []string{
		"--max-protocol=SMB3_11",
		"--option=client min protocol=SMB3_11",
		"--option=client smb3 signing algorithms=" + algorithm,
		"--client-protection=sign",
	}}
}

// run lets the client work through commands, in the folder dir of this
// machine, and answers what it printed and whether it was content: that it is
// not when it cannot sign in, and after some failed commands. The test fails
// only if the client cannot be started or hangs.
//
// The commands come by standard input, for only there may one be for the local
// shell: "!command". A busy machine may take longer over one of them than the 20
// seconds that the client waits by default.
func (c smbclient) run(t *testing.T, s *server, dir string, commands ...string) (output string, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	args := append([]string{
		"//" + s.host + "/" + cmp.Or(c.share, shareName), "--port=" + s.port, "--user=" + c.user,
		"--configfile=" + privateConfig(t), "--use-kerberos=off", "--timeout=300",
	}, c.options...)
	cmd := exec.CommandContext(ctx, "smbclient", args...)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("smbclient %q was not done after 10 minutes:\n%s", commands, out)
	}
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return string(out), err == nil
}

// do is run for commands that must succeed.
func (c smbclient) do(t *testing.T, s *server, dir string, commands ...string) string {
	t.Helper()
	out, ok := c.run(t, s, dir, commands...)
	if !ok || strings.Contains(out, "NT_STATUS_") {
		t.Fatalf("smbclient %q failed:\n%s", commands, out)
	}
	return out
}

// refused is run for one command that must fail with a status.
func (c smbclient) refused(t *testing.T, s *server, dir, command, want string) {
	t.Helper()
	if out, _ := c.run(t, s, dir, command); !strings.Contains(out, want) {
		t.Errorf("smbclient %q printed\n%s\nwant %s", command, out, want)
	}
}

// privateConfig is a configuration of Samba that touches nothing of this
// machine's.
func privateConfig(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, "smb.conf")
	text := "[global]\n"
	for _, kind := range []string{"lock", "state", "cache", "private"} {
		sub := filepath.Join(dir, kind)
		must(t, os.Mkdir(sub, 0o700))
		text += kind + " directory = " + sub + "\n"
	}
	must(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

func TestSmbclientAtThreeOneOne(t *testing.T) {
	need(t, "smbclient")
	for _, algorithm := range []string{"AES-128-GMAC", "AES-128-CMAC"} {
		t.Run(algorithm, func(t *testing.T) {
			c := signingWith(algorithm)
			t.Run("says how it signs", func(t *testing.T) { testStatusWhileConnected(t, c, algorithm) })
			t.Run("carries a large file both ways", func(t *testing.T) { testLargeFile(t, c) })
			t.Run("carries a tree both ways", func(t *testing.T) { testTree(t, c) })
			t.Run("changes names", func(t *testing.T) { testNames(t, c) })
		})
	}
}

// testStatusWhileConnected lets the client itself call signet status, so that
// it is connected at that moment.
func testStatusWhileConnected(t *testing.T, c smbclient, algorithm string) {
	s := startServer(t)
	dir := t.TempDir()
	c.do(t, s, dir, "ls", "!"+strings.Join(s.statusCommand(), " ")+" >status.json")
	out, err := os.ReadFile(filepath.Join(dir, "status.json"))
	must(t, err)
	st, err := parseStatus(out)
	must(t, err)
	expectSigned(t, st, algorithm)
	s.expectNobodySignedIn(t)
}

func testLargeFile(t *testing.T, c smbclient) {
	s := startServer(t)
	dir := t.TempDir()
	makeLarge(t, filepath.Join(dir, "large"))
	start := time.Now()
	c.do(t, s, dir, "put large")
	put := time.Since(start)
	expectSameHash(t, filepath.Join(s.share, "large"), filepath.Join(dir, "large"))
	expectOwner(t, filepath.Join(s.share, "large"))
	start = time.Now()
	c.do(t, s, dir, "get large back")
	get := time.Since(start)
	expectSameHash(t, filepath.Join(dir, "back"), filepath.Join(dir, "large"))
	mib := float64(largeSize()) / (1 << 20)
	t.Logf("%.0f MiB: put %.0f MiB/s, get %.0f MiB/s, process start included", mib, mib/put.Seconds(), mib/get.Seconds())
}

func testTree(t *testing.T, c smbclient) {
	s := startServer(t)
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "out"), 0o755))
	want := makeTree(t, filepath.Join(dir, "out"))

	c.do(t, s, filepath.Join(dir, "out"), "recurse ON", "prompt OFF", "mput *")
	expectTree(t, "on the server after mput", readTree(t, s.share), want)
	expectSameContent(t, s.share, filepath.Join(dir, "out"))

	listing := c.do(t, s, dir, "recurse ON", "ls")
	expectTree(t, "ls", parseListing(t, listing), want)

	must(t, os.Mkdir(filepath.Join(dir, "back"), 0o755))
	c.do(t, s, filepath.Join(dir, "back"), "recurse ON", "prompt OFF", "mget *")
	expectTree(t, "after mget", readTree(t, filepath.Join(dir, "back")), want)
	expectSameContent(t, filepath.Join(dir, "back"), filepath.Join(dir, "out"))
}

func testNames(t *testing.T, c smbclient) {
	s := startServer(t)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "one.txt"), []byte("one"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "two.txt"), []byte("twotwo"), 0o644))

	c.do(t, s, dir, "mkdir docs", `put one.txt docs\one.txt`, `put two.txt docs\two.txt`)
	expectTree(t, "after mkdir and put", readTree(t, s.share), tree{"docs": -1, "docs/one.txt": 3, "docs/two.txt": 6})
	expectOwner(t, filepath.Join(s.share, "docs"))

	c.refused(t, s, dir, "mkdir DOCS", "NT_STATUS_OBJECT_NAME_COLLISION")
	c.refused(t, s, dir, `get docs\none.txt`, "NT_STATUS_OBJECT_NAME_NOT_FOUND")
	c.refused(t, s, dir, `get none\one.txt`, "NT_STATUS_OBJECT_PATH_NOT_FOUND")
	c.refused(t, s, dir, `rename docs\one.txt docs\two.txt`, "NT_STATUS_OBJECT_NAME_COLLISION")
	c.refused(t, s, dir, "rmdir docs", "NT_STATUS_DIRECTORY_NOT_EMPTY")
	expectTree(t, "after refused commands", readTree(t, s.share), tree{"docs": -1, "docs/one.txt": 3, "docs/two.txt": 6})

	c.do(t, s, dir, `get DOCS\ONE.TXT upper`) // names are found whatever their case
	expectSameHash(t, filepath.Join(dir, "upper"), filepath.Join(dir, "one.txt"))

	c.do(t, s, dir, `rename docs\one.txt three.txt`, "rename docs papers")
	expectTree(t, "after rename", readTree(t, s.share), tree{"three.txt": 3, "papers": -1, "papers/two.txt": 6})

	c.do(t, s, dir, "del three.txt", `del papers\two.txt`, "rmdir papers")
	expectTree(t, "after del and rmdir", readTree(t, s.share), tree{})
}

// listed is a line of smbclient's ls: name, attributes, size, date.
var listed = regexp.MustCompile(`^  (\S.*?) +([A-Z]*) +(\d+)  [A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$`)

// parseListing reads the output of a recursive ls.
func parseListing(t *testing.T, out string) tree {
	t.Helper()
	found := make(tree)
	folder := ""
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		if name, ok := strings.CutPrefix(line, `\`); ok {
			folder = strings.ReplaceAll(name, `\`, "/")
			continue
		}
		m := listed.FindStringSubmatch(line)
		if m == nil || m[1] == "." || m[1] == ".." {
			continue
		}
		size, err := strconv.ParseInt(m[3], 10, 64)
		must(t, err)
		if strings.Contains(m[2], "D") {
			size = -1
		}
		found[path.Join(folder, m[1])] = size
	}
	return found
}

func TestSmbclientWithAWrongPasswordIsRefused(t *testing.T) {
	need(t, "smbclient")
	testRefusals(t, map[string]string{
		account + "%wrong":              "NT_STATUS_LOGON_FAILURE",
		account + "%" + password + "x":  "NT_STATUS_LOGON_FAILURE",
		account + "%":                   "NT_STATUS_LOGON_FAILURE",
		"HOME\\" + account + "%wrong":   "NT_STATUS_LOGON_FAILURE",
		strings.ToUpper(account) + "%x": "NT_STATUS_LOGON_FAILURE",
	})
}

func TestSmbclientAsAnUnknownUserIsRefused(t *testing.T) {
	need(t, "smbclient")
	testRefusals(t, map[string]string{
		"nosuchuser%" + password: "NT_STATUS_LOGON_FAILURE",
		"root%" + password:       "NT_STATUS_LOGON_FAILURE",
		"nobody%":                "NT_STATUS_LOGON_FAILURE",
	})
}

func TestSmbclientAsGuestIsRefused(t *testing.T) {
	need(t, "smbclient")
	testRefusals(t, map[string]string{
		"guest%":      "NT_STATUS_LOGON_FAILURE",
		"guest%guest": "NT_STATUS_LOGON_FAILURE",
	})
}

func TestAnonymousSmbclientIsRefused(t *testing.T) {
	need(t, "smbclient")
	testRefusals(t, map[string]string{"%": "NT_STATUS_ACCESS_DENIED"})
}

// testRefusals signs in as each user, who must be refused with the status and
// leave no session behind.
func testRefusals(t *testing.T, refusals map[string]string) {
	t.Helper()
	s := startServer(t)
	for user, want := range refusals {
		c := signingWith("AES-128-GMAC")
		c.user = user
		t.Run(fmt.Sprintf("%q", user), func(t *testing.T) {
			out, ok := c.run(t, s, t.TempDir(), "ls")
			if ok || !strings.Contains(out, want) {
				t.Errorf("smbclient was let in: %v; it printed\n%s\nwant %s", ok, out, want)
			}
		})
	}
	s.expectNobodySignedIn(t)

	// The same server lets the right user in, so it refused for the right reason.
	signingWith("AES-128-GMAC").do(t, s, t.TempDir(), "ls")
}

func TestSmbclientAtSMB1IsRefused(t *testing.T) {
	need(t, "smbclient")
	s := startServer(t)
	c := smbclient{user: account + "%" + password, options: []string{
		"--max-protocol=NT1", "--option=client min protocol=NT1",
	}}
	if out, ok := c.run(t, s, t.TempDir(), "ls"); ok {
		t.Errorf("smbclient signed in with SMB1 and printed\n%s", out)
	}
	signingWith("AES-128-GMAC").do(t, s, t.TempDir(), "ls")
}

func (c smbclient) need(t *testing.T) {
	t.Helper()
	need(t, "smbclient")
}

func (c smbclient) prepare(t *testing.T, out string) tree {
	t.Helper()
	return makeTree(t, out)
}

func (c smbclient) work(t *testing.T, s *server, out, back string) (tree, status) {
	t.Helper()
	statusFile := filepath.Join(t.TempDir(), "status.json")
	listing := c.do(t, s, out, "recurse ON", "prompt OFF", "mput *", "ls",
		"!"+strings.Join(s.statusCommand(), " ")+" >"+statusFile)
	printed, err := os.ReadFile(statusFile)
	must(t, err)
	st, err := parseStatus(printed)
	must(t, err)
	c.do(t, s, back, "recurse ON", "prompt OFF", "mget *",
		"rename readme.txt renamed.txt", "recurse OFF", "del nothing",
		"mkdir new", "rename new old", "mkdir gone", "rmdir gone")
	return parseListing(t, listing), st
}
