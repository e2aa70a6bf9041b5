package interop

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// TestSmbdAndSignetTakeTurnsOnStreams writes named streams through either
// server and reads, changes and removes them through the other. Samba keeps
// what an attribute of ext4 has room for.
func TestSmbdAndSignetTakeTurnsOnStreams(t *testing.T) {
	need(t, "smbclient")
	needSmbd(t)
	signet := startServer(t)
	ours := signingWith("AES-128-GMAC")
	smbd, theirs := startSmbd(t, signet.share, "vfs objects = streams_xattr")

	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "x"), []byte("x"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "empty"), nil, 0o644))
	zone := []byte("[ZoneTransfer]\r\nZoneId=3\r\n")
	must(t, os.WriteFile(filepath.Join(dir, "zone"), zone, 0o644))
	info := bytes.Repeat([]byte{0, 1, 2, 0xFF}, 500)
	must(t, os.WriteFile(filepath.Join(dir, "info"), info, 0o644))
	bySignet, bySmbd := turn{"signet", ours, signet, dir}, turn{"smbd", theirs, smbd, dir}
	for _, row := range []struct{ writer, reader turn }{{bySignet, bySmbd}, {bySmbd, bySignet}} {
		t.Run("written by "+row.writer.name, func(t *testing.T) {
			file, folder := row.writer.name, row.writer.name+" folder"
			row.writer.do(t,
				"put x "+file,
				fmt.Sprintf("put zone %s:Zone.Identifier", file),
				fmt.Sprintf("put info %s:AFP_AfpInfo:$DATA", file),
				fmt.Sprintf("put empty %q", file+":Größe 0"),
				fmt.Sprintf("mkdir %q", folder),
				fmt.Sprintf("put zone %q", folder+":of a folder"),
			)
			for name, want := range map[string][]string{
				file: {
					"stream: [::$DATA], 1 bytes", "stream: [:Zone.Identifier:$DATA], 26 bytes",
					"stream: [:AFP_AfpInfo:$DATA], 2000 bytes", "stream: [:Größe 0:$DATA], 0 bytes",
				},
				folder: {"stream: [:of a folder:$DATA], 26 bytes"},
			} {
				slices.Sort(want)
				wrote, read := row.writer.streams(t, name), row.reader.streams(t, name)
				if !slices.Equal(wrote, want) || !slices.Equal(read, want) {
					t.Errorf("%s: %s shows\n%q\n%s shows\n%q\nwant\n%q", name, row.writer.name, wrote, row.reader.name, read, want)
				}
			}
			for stream, want := range map[string][]byte{
				file + ":zone.identifier": zone, file + ":AFP_AfpInfo": info, file + ":Größe 0:$DATA": nil, folder + ":OF A FOLDER": zone,
			} {
				row.reader.do(t, fmt.Sprintf("get %q got", stream))
				got, err := os.ReadFile(filepath.Join(dir, "got"))
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s read by %s: %d bytes, %v, want %d", stream, row.reader.name, len(got), err, len(want))
				}
			}
			// And back: what the reader changes, the writer sees.
			row.reader.do(t, fmt.Sprintf("put x %q", folder+":OF A FOLDER"), fmt.Sprintf("put zone %q", folder+":second"))
			want := []string{"stream: [:of a folder:$DATA], 1 bytes", "stream: [:second:$DATA], 26 bytes"}
			if got := row.writer.streams(t, folder); !slices.Equal(got, want) {
				t.Errorf("changed by %s: %s shows\n%q\nwant\n%q", row.reader.name, row.writer.name, got, want)
			}
			row.reader.do(t, "put x "+file) // overwriting a file removes its streams
			want = []string{"stream: [::$DATA], 1 bytes"}
			if got := row.writer.streams(t, file); !slices.Equal(got, want) {
				t.Errorf("overwritten by %s: %s shows\n%q\nwant\n%q", row.reader.name, row.writer.name, got, want)
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

// streams returns what allinfo tells of the streams, sorted.
func (u turn) streams(t *testing.T, name string) (lines []string) {
	t.Helper()
	out, _ := u.client.run(t, u.server, u.dir, fmt.Sprintf("allinfo %q", name))
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "stream: ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	slices.Sort(lines)
	return lines
}
