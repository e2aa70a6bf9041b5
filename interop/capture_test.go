package interop

import (
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// capture forwards connections to a server and writes down, for each message,
// what protected it.
type capture struct {
	listener net.Listener
	target   string
	pumps    sync.WaitGroup

	// tap, if set before the first connection, is shown each message as it is
	// forwarded, in an order in which an answer follows its request. connection
	// counts from 0. The message is its own to keep.
	tap func(connection int, fromClient bool, msg []byte)

	// alter, if set before the first connection, may change each message in
	// place before it is forwarded.
	alter func(fromClient bool, msg []byte)

	mu       sync.Mutex
	messages int
	unsigned map[string]int // kinds of messages that nothing protected
	broken   []string       // what could not be read
}

func startCapture(t *testing.T, s *server) *capture {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c := &capture{listener: l, target: net.JoinHostPort(s.host, s.port), unsigned: make(map[string]int)}
	c.pumps.Go(c.accept)
	return c
}

// behind is s as seen through the capture.
func (c *capture) behind(t *testing.T, s *server) *server {
	t.Helper()
	seen := *s
	var err error
	seen.host, seen.port, err = net.SplitHostPort(c.listener.Addr().String())
	must(t, err)
	return &seen
}

// stop ends the capture after the last connection did.
func (c *capture) stop() {
	c.listener.Close()
	c.pumps.Wait()
}

func (c *capture) accept() {
	for n := 0; ; n++ {
		client, err := c.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", c.target)
		if err != nil {
			c.note("dial: " + err.Error())
			client.Close()
			continue
		}
		c.pumps.Go(func() { c.pump(n, server, client, "request") })
		c.pumps.Go(func() { c.pump(n, client, server, "reply") })
	}
}

// pump copies frames from one end to the other until one of them closes.
func (c *capture) pump(connection int, to, from net.Conn, direction string) {
	defer to.Close()
	defer from.Close()
	header := make([]byte, 4)
	for {
		if _, err := io.ReadFull(from, header); err != nil {
			return
		}
		msg := make([]byte, int(header[1])<<16|int(header[2])<<8|int(header[3]))
		if _, err := io.ReadFull(from, msg); err != nil {
			return
		}
		if c.tap != nil {
			c.mu.Lock()
			c.tap(connection, direction == "request", msg)
			c.mu.Unlock()
		}
		c.look(msg, direction)
		if c.alter != nil {
			c.alter(direction == "request", msg)
		}
		if _, err := to.Write(append(header, msg...)); err != nil {
			return
		}
	}
}

func (c *capture) note(problem string) {
	c.mu.Lock()
	c.broken = append(c.broken, problem)
	c.mu.Unlock()
}

// look writes down what protects msg.
func (c *capture) look(msg []byte, direction string) {
	switch smb2.Protocol(msg) {
	case smb2.ProtocolSMB1: // clients that offer SMB1 besides
		c.mu.Lock()
		c.messages++
		c.unsigned["SMB1 "+direction]++
		c.mu.Unlock()
		return
	case smb2.ProtocolTransform:
		c.mu.Lock()
		c.messages++
		c.mu.Unlock()
		return
	}
	for e, err := range smb2.Chain(msg) {
		if err != nil {
			c.note(direction + ": " + err.Error())
			return
		}
		c.mu.Lock()
		c.messages++
		if !e.Header.Is(smb2.FlagSigned) || e.Header.Signature == [16]byte{} {
			kind := fmt.Sprintf("%v %s", e.Header.Command, direction)
			switch {
			case direction == "reply" && e.Header.MessageID == smb2.UnsolicitedMessageID:
				kind = fmt.Sprintf("%v notification", e.Header.Command)
			case direction == "reply":
				kind += " " + e.Header.Status.String()
			}
			c.unsigned[kind]++
		}
		c.mu.Unlock()
	}
}

// unsignable are the messages of docs/signing.md that nothing protects and
// that a session without errors has.
var unsignable = map[string]bool{
	"NEGOTIATE request":                                               true,
	"NEGOTIATE reply " + ntstatus.Success.String():                    true,
	"SESSION_SETUP request":                                           true,
	"SESSION_SETUP reply " + ntstatus.MoreProcessingRequired.String(): true,
	"FLUSH reply " + ntstatus.Pending.String():                        true, // interim responses
	"CREATE reply " + ntstatus.Pending.String():                       true,
	"SET_INFO reply " + ntstatus.Pending.String():                     true,
	"OPLOCK_BREAK notification":                                       true,
}

// TestNothingOfASessionIsUnsigned looks at every message that a real client
// and the server exchange, in sessions that the client itself would not sign.
func TestNothingOfASessionIsUnsigned(t *testing.T) {
	need(t, "smbclient")
	s := startServer(t)
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "out"), 0o755))
	makeTree(t, filepath.Join(dir, "out"))
	must(t, os.WriteFile(filepath.Join(dir, "out", "big"), make([]byte, 8<<20), 0o644))

	c := startCapture(t, s)
	client := smbclient{user: account + "%" + password, options: []string{"--client-protection=off"}}
	client.do(t, c.behind(t, s), filepath.Join(dir, "out"),
		"recurse ON", "prompt OFF", "mput *", "ls", "get big back", "rename big large", "del large")
	c.stop()

	if len(c.broken) > 0 {
		t.Errorf("the capture could not be read: %q", c.broken)
	}
	if c.messages < 100 {
		t.Errorf("the capture has %d messages, want a whole session", c.messages)
	}
	for _, kind := range slices.Sorted(maps.Keys(c.unsigned)) {
		if !unsignable[kind] {
			t.Errorf("%d × %s: neither signed nor sealed", c.unsigned[kind], kind)
		}
	}
	t.Logf("%d messages; without signature: %v", c.messages, c.unsigned)
}
