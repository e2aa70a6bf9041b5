package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSmbdAndSignetTakeTurnsOnOneTree sets attributes and times of creation
// through either server and reads them through the other.
func TestSmbdAndSignetTakeTurnsOnOneTree(t *testing.T) {
	need(t, "smbclient")
	needSmbd(t)
	signet := startServer(t)
	ours := signingWith("AES-128-GMAC")
	smbd, theirs := startSmbd(t, signet.share)

	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "x"), []byte("x"), 0o644))
	bySignet, bySmbd := turn{"signet", ours, signet, dir}, turn{"smbd", theirs, smbd, dir}
	for _, row := range []struct{ writer, reader turn }{{bySignet, bySmbd}, {bySmbd, bySignet}} {
		t.Run("written by "+row.writer.name, func(t *testing.T) {
			file := func(name string) string { return row.writer.name + " " + name }
			names := []string{"plain", "modes", "cleared", "created", "both"}
			var commands []string
			for _, name := range names {
				commands = append(commands, fmt.Sprintf("put x %q", file(name)))
			}
			row.writer.do(t, append(commands,
				fmt.Sprintf("setmode %q +rhs", file("modes")),
				fmt.Sprintf("setmode %q -a", file("cleared")),
				fmt.Sprintf("utimes %q 2001:02:03-04:05:06 -1 -1 -1", file("created")),
				fmt.Sprintf("utimes %q 1999:12:31-23:59:59 -1 -1 -1", file("both")),
				fmt.Sprintf("setmode %q +h", file("both")),
				fmt.Sprintf("mkdir %q", file("folder")),
				fmt.Sprintf("setmode %q +h", file("folder")),
			)...)
			for name, want := range map[string]string{
				"plain": "A (20)", "modes": "RHSA (27)", "cleared": "(80)", "created": "A (20)", "both": "HA (22)", "folder": "HD (12)",
			} {
				wrote, read := row.writer.shows(t, file(name)), row.reader.shows(t, file(name))
				if wrote != read || !strings.Contains(read, want) {
					t.Errorf("%s: %s shows\n%s\n%s shows\n%s\nwant the same and %s", name, row.writer.name, wrote, row.reader.name, read, want)
				}
			}
			// And back: what the reader changes, the writer sees, the rest stays.
			row.reader.do(t, fmt.Sprintf("setmode %q +s", file("both")))
			wrote, read := row.writer.shows(t, file("both")), row.reader.shows(t, file("both"))
			if wrote != read || !strings.Contains(wrote, "HSA (26)") || !strings.Contains(wrote, "1999") {
				t.Errorf("changed by %s: it shows\n%s\n%s shows\n%s", row.reader.name, read, row.writer.name, wrote)
			}
		})
	}
}

// turn is smbclient at one of the two servers.
type turn struct {
	name   string
	client smbclient
	server *server
	dir    string // of this machine, for put
}

func (u turn) do(t *testing.T, commands ...string) {
	t.Helper()
	u.client.do(t, u.server, u.dir, commands...)
}

// shows returns what allinfo tells of the attributes and the time of creation.
// It asks for more, which may fail.
func (u turn) shows(t *testing.T, name string) string {
	t.Helper()
	out, _ := u.client.run(t, u.server, u.dir, fmt.Sprintf("allinfo %q", name))
	var b strings.Builder
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "create_time:") || strings.HasPrefix(line, "attributes:") {
			b.WriteString(line)
		}
	}
	return b.String()
}
