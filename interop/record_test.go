//go:build full

package interop

import (
	"bytes"
	endian "encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	wire "github.com/signet-smb/signet/internal/smb2"
)

var recordInto = flag.String("record", "", "write the recordings of first contacts into this folder")

// recorder writes down the requests of one connection in the form of
// server/testdata/firstcontact, without the decoded fields and the answers:
// the test of that folder adds them. Safe for concurrent use.
type recorder struct {
	mu       sync.Mutex
	lines    []string
	commands map[string]int
	n        int
	requests map[wire.MessageID]int // number of each request
	trees    map[wire.TreeID]int    // number of the TREE_CONNECT
	opens    map[wire.FileID]int    // number of the CREATE
	begun    bool                   // a log-on's first leg was seen
	only     int                    // the connection of the first request
	err      error
}

func newRecorder() *recorder {
	return &recorder{
		commands: map[string]int{}, requests: map[wire.MessageID]int{},
		trees: map[wire.TreeID]int{}, opens: map[wire.FileID]int{},
	}
}

// tap is for a capture's field of that name.
func (r *recorder) tap(connection int, fromClient bool, msg []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n == 0 { // who only looks whether the port is open sends none
		r.only = connection
	}
	switch {
	case connection != r.only:
		r.err = errors.New("the client made a further connection")
		return
	case wire.Protocol(msg) == wire.ProtocolSMB1:
		r.n++
		r.lines = append(r.lines, fmt.Sprintf("> %d SMB1", r.n), "  = "+hex.EncodeToString(msg))
		return
	case wire.Protocol(msg) != wire.ProtocolSMB2:
		r.err = fmt.Errorf("not plain SMB2: %x", msg[:min(len(msg), 64)])
		return
	}
	sign := ">"
	for e, err := range wire.Chain(msg) {
		if err != nil {
			r.err = err
			return
		}
		if fromClient {
			r.request(sign, e.Header, e.Message)
			sign = "+"
		} else {
			r.answer(e.Header, e.Message)
		}
	}
}

func (r *recorder) request(sign string, h wire.Header, msg []byte) {
	r.n++
	r.requests[h.MessageID] = r.n
	r.commands[h.Command.String()]++
	line := fmt.Sprintf("%s %d", sign, r.n)
	if h.TreeID == 0xFFFFFFFF {
		line += " tree=all"
	} else if n, ok := r.trees[h.TreeID]; ok {
		line += fmt.Sprintf(" tree=%d", n)
	}
	line += fmt.Sprintf(" charge=%d credits=%d", h.CreditCharge, h.Credits)
	if h.Is(wire.FlagRelatedOperation) {
		line += " related"
	}
	if other := h.Flags &^ (wire.FlagRelatedOperation | wire.FlagSigned); other != 0 {
		line += fmt.Sprintf(" flags=%#x", uint32(other))
	}
	if h.Command == wire.CommandSessionSetup {
		r.lines = append(r.lines, line+r.logon(msg))
		return
	}
	body := hex.EncodeToString(msg[wire.HeaderSize:])
	for id, n := range r.opens {
		b := endian.LittleEndian.AppendUint64(nil, id.Persistent)
		body = strings.ReplaceAll(body, hex.EncodeToString(endian.LittleEndian.AppendUint64(b, id.Volatile)), fmt.Sprintf("$%d.", n))
	}
	r.lines = append(r.lines, line+" "+h.Command.String(), "  = "+body)
}

// logon is a SESSION_SETUP without its token, which a replay makes anew.
func (r *recorder) logon(msg []byte) string {
	var m wire.SessionSetupRequest
	if err := wire.Decode(msg, &m); err != nil {
		r.err = err
		return ""
	}
	kind := "next"
	if !r.begun {
		r.begun = true
		kind = "ntlm"
		if bytes.HasPrefix(m.SecurityBuffer, []byte("NTLMSSP\x00")) {
			kind = "raw"
		}
	}
	return fmt.Sprintf(" logon=%s SESSION_SETUP SecurityMode=%#x Capabilities=%#x", kind, uint16(m.SecurityMode), uint32(m.Capabilities))
}

func (r *recorder) answer(h wire.Header, msg []byte) {
	if h.Status != 0 {
		return
	}
	switch n := r.requests[h.MessageID]; h.Command {
	case wire.CommandTreeConnect:
		r.trees[h.TreeID] = n
	case wire.CommandCreate:
		var res wire.CreateResponse
		if err := wire.Decode(msg, &res); err != nil {
			r.err = err
			return
		}
		r.opens[res.FileID] = n
	}
}

// TestFirstContactsCanBeRecorded lets each client mount or connect, browse and
// copy, as server/testdata/firstcontact shows, and records it. With
//
//	go test -tags full -run FirstContacts -record ../server/testdata/firstcontact
//
// the recordings replace those; "go test ./server -run FirstContact -update"
// then adds what our server answers.
func TestFirstContactsCanBeRecorded(t *testing.T) {
	for name, client := range map[string]func(t *testing.T, s *server, dir string){
		"smbclient-4.17": func(t *testing.T, s *server, dir string) {
			need(t, "smbclient")
			c := smbclient{user: account + "%" + password, share: "data"}
			c.run(t, s, dir, "ls", "cd folder", "ls", "get inner.txt", "cd ..", "put new.txt", "allinfo new.txt", "volume",
				"mkdir made", "rename new.txt renamed.txt", "del renamed.txt", "rmdir made")
		},
		"go-smb2": func(t *testing.T, s *server, dir string) {
			session, err := dialGo(t, s, account, password)
			must(t, err)
			share, err := session.Mount("data")
			must(t, err)
			_, err = share.ReadDir("")
			must(t, err)
			_, err = share.Stat(`folder\inner.txt`)
			must(t, err)
			_, err = share.ReadFile(`folder\inner.txt`)
			must(t, err)
			must(t, share.WriteFile("new.txt", []byte("new\n"), 0o644))
			must(t, share.Mkdir("made", 0o755))
			must(t, share.Rename("new.txt", "renamed.txt"))
			must(t, share.Remove("renamed.txt"))
			must(t, share.Remove("made"))
			_, err = share.Statfs("")
			must(t, err)
			must(t, share.Umount())
			must(t, session.Logoff())
		},
		"impacket-0.10": func(t *testing.T, s *server, dir string) {
			impacketAt{}.need(t)
			cmd := exec.CommandContext(t.Context(), systemPython, "-c", impacketBrowses, s.host, s.port, account, dir)
			cmd.Stdin = strings.NewReader(password + "\n")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("impacket: %v\n%s", err, out)
			}
		},
		"cifs.ko-6.1": func(t *testing.T, s *server, dir string) {
			need(t, "qemu-system-x86_64")
			cmd := exec.CommandContext(t.Context(), "kernel/kernel-mount", "--port", s.port, "--share", "data", "--user", account,
				"--opts", "vers=3.1.1,sign", "--timeout", "60", "--",
				"set -x; cd $MNT && ls -la && df . && dd if=folder/inner.txt 2>/dev/null && echo new >new.txt && ls -l new.txt && "+
					"mkdir made && mv new.txt renamed.txt && rm renamed.txt && rmdir made")
			cmd.Env = append(os.Environ(), "SMB_PASSWORD="+password)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("kernel-mount: %v\n%q", err, out)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := startServerSharing(t, "data")
			must(t, os.Mkdir(filepath.Join(s.share, "folder"), 0o755))
			must(t, os.WriteFile(filepath.Join(s.share, "hello.txt"), []byte("Hello, world\n"), 0o644))
			must(t, os.WriteFile(filepath.Join(s.share, "folder", "inner.txt"), []byte("inside\n"), 0o644))
			if os.Geteuid() == 0 {
				uid, gid := nobody(t)
				must(t, os.Chown(filepath.Join(s.share, "folder"), uid, gid))
			}
			dir := t.TempDir()
			must(t, os.WriteFile(filepath.Join(dir, "new.txt"), []byte("new\n"), 0o644))
			r := newRecorder()
			c := startCapture(t, s)
			c.tap = r.tap
			t.Cleanup(func() {
				if r.mu.Lock(); t.Failed() {
					t.Logf("the last requests were\n%s", strings.Join(r.lines[max(0, len(r.lines)-6):], "\n"))
				}
				r.mu.Unlock()
			})
			client(t, c.behind(t, s), dir)
			c.stop()
			must(t, r.err)
			for _, command := range []string{"NEGOTIATE", "SESSION_SETUP", "TREE_CONNECT", "CREATE", "QUERY_DIRECTORY", "READ", "WRITE", "CLOSE"} {
				if r.commands[command] == 0 {
					t.Errorf("no %s among %v", command, slices.Sorted(maps.Keys(r.commands)))
				}
			}
			if *recordInto != "" {
				writeRecording(t, filepath.Join(*recordInto, name+".txt"), r.lines)
			}
		})
	}
}

// writeRecording replaces the requests of a table and leaves its head.
func writeRecording(t *testing.T, file string, lines []string) {
	t.Helper()
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var head strings.Builder
	for line := range strings.Lines(string(old)) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		head.WriteString(line)
	}
	must(t, os.WriteFile(file, []byte(head.String()+"\n"+strings.Join(lines, "\n")+"\n"), 0o644))
}

// impacketBrowses is the session recorded of impacket, at 2.1: at 3.0 it seals
// all behind a tree connect.
const impacketBrowses = `
import sys
from io import BytesIO
from impacket.smb3structs import SMB2_DIALECT_21
from impacket.smbconnection import SMBConnection
host, port, user, dir = sys.argv[1:]
smb = SMBConnection(host, host, sess_port=int(port), preferredDialect=SMB2_DIALECT_21)
smb.login(user, sys.stdin.readline().rstrip("\n"))
smb.listShares()
smb.listPath("data", "*")
smb.getFile("data", "folder\\inner.txt", BytesIO().write)
smb.putFile("data", "new.txt", BytesIO(b"new\n").read)
smb.createDirectory("data", "made")
smb.rename("data", "new.txt", "renamed.txt")
smb.deleteFile("data", "renamed.txt")
smb.deleteDirectory("data", "made")
smb.logoff()
`
