//go:build linux

package main

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/signet-smb/signet/admin"
)

func TestEscapeLeavesNothingThatActsOnATerminal(t *testing.T) {
	tests := []struct{ in, want string }{
		{`\\ann\Shared Ünï`, `\\ann\Shared Ünï`},
		{"a\r\nb\tc", `a\r\nb\tc`},
		{"\x1b[31mred\x07", `\x1b[31mred\a`},
		{"\u009b31m", `\u009b31m`},
		{"abc\u202egpj.exe", `abc\u202egpj.exe`},
		{"zero\u200bwidth", `zero\u200bwidth`},
		{"bad\xff\xfeutf8", `bad\xff\xfeutf8`},
		{"", ""},
	}
	for _, tt := range tests {
		if got := escape(tt.in); got != tt.want {
			t.Errorf("escape(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestLogRecordsCannotBeForged(t *testing.T) {
	path := t.TempDir() + "/log"
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	hostile := "ann\r\n{\"msg\":\"forged\"}\x1b[2J\u009b\u202e"
	log := newLogger(f, slog.LevelInfo)
	log.Info("logon "+hostile, "user", hostile, "err", errors.New(hostile), "id", admin.SessionID(7),
		slog.Group("peer", "name", hostile))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(data, []byte("\n")); n != 1 {
		t.Errorf("one record became %d lines:\n%s", n, data)
	}
	if strings.ContainsFunc(strings.TrimSuffix(string(data), "\n"), unprintable) {
		t.Errorf("the record holds what does not print: %q", data)
	}
}

func TestGeneratedPasswordsHaveTheEntropyPromised(t *testing.T) {
	words := strings.Fields(wordList)
	if !slices.IsSorted(words) || len(slices.Compact(slices.Clone(words))) != len(words) {
		t.Error("words.txt is not sorted, or holds a word twice")
	}
	for _, w := range words {
		if len(w) < 3 || len(w) > 8 || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("words.txt: %q is not 3 to 8 plain letters", w)
		}
	}
	if len(words) != 874 {
		t.Errorf("%d words: generatePassword's comment says 874", len(words))
	}
	if bits := 3*math.Log2(float64(len(words))) + math.Log2(10_000); math.Floor(bits) != 42 {
		t.Errorf("%.1f bits: generatePassword's comment says 42", bits)
	}
	seen := map[string]bool{}
	for range 1000 {
		p := generatePassword()
		parts := strings.Split(p, "-")
		if len(parts) != 4 || len(parts[2]) != 4 || seen[p] || checkPassword(p) != nil {
			t.Fatalf("%q is no new password of the form word-word-0000-word", p)
		}
		seen[p] = true
	}
}

func TestAddressesOfListenAreCompleted(t *testing.T) {
	tests := []struct{ in, want string }{
		{":445", ":445"},
		{"192.168.1.5", "192.168.1.5:445"},
		{"192.168.1.5:4445", "192.168.1.5:4445"},
		{"::1", "[::1]:445"},
		{"[::1]", "[::1]:445"},
		{"[fe80::1%eth0]:445", "[fe80::1%eth0]:445"},
		{"nas.example.org", "nas.example.org:445"},
		{"", ":445"},
		{":", ""},
		{":http", ""},
		{":65536", ""},
		{"1.2.3.4:", ""},
		{"a b:445", ""},
		{"1:2:3:4", ""},
	}
	for _, tt := range tests {
		got, err := parseListen(tt.in)
		if got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("parseListen(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestThePortsHolderIsFoundInProc(t *testing.T) {
	const heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	link := func(target string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(target), Mode: os.ModeSymlink}
	}
	proc := fstest.MapFS{
		"net/tcp": {Data: []byte(heading +
			// A connection to port 445, and a listener on 446: neither holds it.
			"   0: 0100007F:01BD 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000     0        0 111 1\n" +
			"   1: 00000000:01BE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1\n")},
		"net/tcp6": {Data: []byte(heading +
			"   0: 00000000000000000000000000000000:01BD 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1\n" +
			"short line\n")},
		"77/comm":   {Data: []byte("other\n")},
		"77/fd/3":   link("socket:[111]"),
		"77/fd/4":   link("socket:[222]"),
		"812/comm":  {Data: []byte("sm\x1bbd\n")},
		"812/fd/0":  link("/dev/null"),
		"812/fd/12": link("socket:[333]"),
		"self":      link("77"),
	}
	if h, ok := findPortHolderIn(proc, 445); !ok || h.pid != 812 || h.name != `sm\x1bbd` {
		t.Errorf("445 is held by %+v, %v; want pid 812, escaped", h, ok)
	}
	if h, ok := findPortHolderIn(proc, 446); !ok || h.pid != 77 {
		t.Errorf("446 is held by %+v, %v; want pid 77", h, ok)
	}
	if h, ok := findPortHolderIn(proc, 80); ok {
		t.Errorf("80 is held by %+v, want nobody", h)
	}
	delete(proc, "812/fd/12")
	if h, ok := findPortHolderIn(proc, 445); ok {
		t.Errorf("without its descriptor 445 is held by %+v, want nobody", h)
	}
}

func TestABusyPortIsExplained(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// The second address is busy: the first must be given back. It is one that
	// nobody else listens on, so that nobody takes the port meanwhile.
	free, err := net.Listen("tcp", "127.68.69.70:0")
	if err != nil {
		t.Fatal(err)
	}
	freeAddr := free.Addr().String()
	free.Close()
	_, _, err = listenAll(t.Context(), []string{freeAddr, l.Addr().String()}, true)
	if err == nil || !strings.Contains(err.Error(), "is held by signet.test (pid ") {
		t.Errorf("listenAll = %v, want the holder named", err)
	}
	again, err := net.Listen("tcp", freeAddr)
	if err != nil {
		t.Fatalf("the first address was not given back: %v", err)
	}
	again.Close()
}

func TestTheFirstLinesFitTheirReaders(t *testing.T) {
	text := func(share string, p place, acc firstAccount) string {
		n := &announcement{
			plan:    &servePlan{shares: []shareSpec{{name: share, path: "/srv/" + share}}, actor: actor{label: "ann (uid 1000)"}},
			account: acc, place: p,
			policy: admin.Status{Inbound: "Required", Guest: "Off", Encryption: "Offered", Dialects: []string{"2.0.2", "2.1", "3.1.1"}},
		}
		return n.text()
	}
	ann := firstAccount{name: "ann", create: true, password: password{text: "tulip-raven-4817-cobalt", generated: true}}
	tests := []struct {
		name, text string
		want       []string
		not        []string
	}{
		{"on port 445", text("Shared", place{host: "annpc", address: "192.168.1.20", port: 445}, ann), []string{
			"Serving  Shared   /srv/Shared   read and write   as ann (uid 1000)\n",
			"Signing  required   Guest off   Encryption offered   SMB 2.0.2-3.1.1   SMB1 never\n",
			"Sign in  ann   password tulip-raven-4817-cobalt   (shown this once; change it: signet user passwd ann; it is not your system password)\n",
			`Windows  \\annpc\Shared` + "\n",
			"macOS    smb://ann@annpc/Shared\n",
			"Linux    sudo mount -t cifs //annpc/Shared /mnt -o username=ann,vers=3.1.1,sign\n",
			`If the name is not found: \\192.168.1.20\Shared (an address: NTLM only, no Kerberos)` + "\n",
			"Stop     Ctrl-C\n",
		}, []string{"TCPPORT", "port="}},
		{"on another port", text("Shared", place{host: "annpc", port: 4445}, ann), []string{
			`net use Z: "\\annpc\Shared" /TCPPORT:4445`, "only from Windows 11 24H2 or Server 2025",
			"smb://ann@annpc:4445/Shared", ",sign,port=4445\n",
		}, []string{"If the name"}},
		{"with a space and a quote", text("Ann's Files", place{host: "annpc", port: 445}, ann), []string{
			`mount -t cifs '//annpc/Ann'\''s Files' /mnt`, "smb://ann@annpc/Ann%27s%20Files",
		}, nil},
		{"at an IPv6 address", text("S", place{host: "fe80::1", address: "fe80::1", port: 445}, ann), []string{
			`Windows  \\fe80--1.ipv6-literal.net\S`, "smb://ann@[fe80::1]/S",
		}, []string{"If the name"}},
		{"for an account that exists", text("S", place{host: "h", port: 445}, firstAccount{name: "ann"}), []string{
			"Sign in  ann   with its password",
		}, []string{"shown this once"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, want := range tt.want {
				if !strings.Contains(tt.text, want) {
					t.Errorf("%q is missing in\n%s", want, tt.text)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(tt.text, not) {
					t.Errorf("%q must not be in\n%s", not, tt.text)
				}
			}
		})
	}
}
