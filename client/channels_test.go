package client_test

import (
	"bytes"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// counted is a connection that counts what is written to it.
type counted struct {
	net.Conn
	writes atomic.Int64
}

func (c *counted) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

// several is a session over n connections, which it also returns.
func several(t *testing.T, n int, values ...string) (*client.Session, *line, []*counted, *smbtest.Server) {
	t.Helper()
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true, Policy: set(t, "server.EnableMultiChannel", "True")})
	var conns []*counted
	l := &line{make: func(int) (net.Conn, error) {
		nc, err := net.Dial("tcp", s.Addr())
		c := &counted{Conn: nc}
		conns = append(conns, c)
		return c, err
	}}
	session := lasting(t, l, append([]string{"client.EnableMultiChannel", "True"}, values...)...)
	for range n - 1 {
		if err := session.Bind(bounded(t)); err != nil {
			t.Fatal(err)
		}
	}
	if i := session.Info(); i.Channels != n || i.Server.Signing == "AES-128-GMAC" || len(s.Sessions()) != 1 {
		t.Fatalf("%+v, and %d sessions", i, len(s.Sessions()))
	}
	return session, l, conns, s
}

func TestOperationsTakeTurnsOnTheConnectionsOfASession(t *testing.T) {
	for name, values := range map[string][]string{"signed": nil, "sealed": {"client.RequireEncryption", "True"}} {
		t.Run(name, func(t *testing.T) {
			session, _, conns, _ := several(t, 3, values...)
			share, ctx := shareOf(t, session), bounded(t)
			f, err := share.Create(ctx, "f")
			if err != nil {
				t.Fatal(err)
			}
			var before [3]int64
			for i, c := range conns {
				before[i] = c.writes.Load()
			}
			data := random(12 << 20)
			var wg sync.WaitGroup
			for i := range 12 {
				wg.Go(func() {
					if n, err := f.WriteAt(data[i<<20:(i+1)<<20], int64(i)<<20); n != 1<<20 || err != nil {
						t.Errorf("wrote %d, %v", n, err)
					}
				})
			}
			wg.Wait()
			got := make([]byte, len(data))
			if _, err := f.ReadAt(got, 0); err != nil || !bytes.Equal(got, data) {
				t.Errorf("%v; equal: %t", err, bytes.Equal(got, data))
			}
			for i, c := range conns {
				if c.writes.Load() == before[i] {
					t.Errorf("connection %d has carried nothing", i)
				}
			}
			if err := session.Reauthenticate(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLostConnectionIsTakenOverByTheOthers(t *testing.T) {
	session, l, conns, s := several(t, 3)
	share, ctx := shareOf(t, session), bounded(t)
	f, err := share.Create(ctx, "f")
	if err != nil {
		t.Fatal(err)
	}
	id := session.Info().ID
	for i, c := range conns[:2] { // the first one, too
		c.Close()
		if _, err := f.WriteAt([]byte("text"), int64(4*i)); err != nil {
			t.Fatal(err)
		}
		if now := session.Info(); now.ID != id || now.Channels != 2-i || l.dialled() != 3 || len(s.Sessions()) != 1 {
			t.Errorf("after %d: %+v, %d connections, %d sessions", i+1, now, l.dialled(), len(s.Sessions()))
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	conns[2].Close()
	if got, err := share.ReadFile(ctx, "f"); err != nil || string(got) != "texttext" {
		t.Fatalf("%q, %v", got, err)
	}
	if now := session.Info(); now.ID == id || l.dialled() != 4 {
		t.Errorf("after all: %+v, %d connections", now, l.dialled())
	}
}

// Whoever sits on the wire and cuts one connection after the other does not
// get the session onto fewer of them, nor another session.
func TestLostChannelIsReplaced(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true, Policy: set(t, "server.EnableMultiChannel", "True")})
	made := make(chan *smbtest.Proxy, 16)
	l := &line{make: func(int) (net.Conn, error) {
		nc, err := net.Dial("tcp", s.Addr())
		p := &smbtest.Proxy{Conn: nc}
		made <- p
		return p, err
	}}
	session := lasting(t, l, "client.EnableMultiChannel", "True")
	first := <-made
	if err := session.BindKept(bounded(t)); err != nil {
		t.Fatal(err)
	}
	second := <-made
	id := session.Info().ID
	share, ctx := shareOf(t, session), bounded(t)
	f, err := share.Create(ctx, "f")
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, cut := range []*smbtest.Proxy{second, first} {
		cut.Close()
		select {
		case <-made:
		case <-ctx.Done():
			t.Fatal("no connection in the place of the lost one")
		}
		for session.Info().Channels != 2 { // the sign-in on it is under way
			if ctx.Err() != nil {
				t.Fatalf("%d channels", session.Info().Channels)
			}
			runtime.Gosched()
		}
		for range 4 { // on both of them
			if _, err := f.WriteAt([]byte("text"), int64(len(want))); err != nil {
				t.Fatal(err)
			}
			want += "text"
		}
	}
	if now := session.Info(); now.ID != id || len(s.Sessions()) != 1 {
		t.Errorf("%+v, and %d sessions", now, len(s.Sessions()))
	}
	if got, err := share.ReadFile(ctx, "f"); err != nil || string(got) != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if err := session.Close(); err != nil { // ends all that watches
		t.Error(err)
	}
}

func TestRuleBrokenOnOneConnectionEndsAll(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true, Policy: set(t, "server.EnableMultiChannel", "True")})
	var alter atomic.Bool
	l := &line{make: func(n int) (net.Conn, error) {
		nc, err := net.Dial("tcp", s.Addr())
		return &smbtest.Proxy{Conn: nc, Reply: func(msg []byte) [][]byte {
			if n == 1 && alter.Load() {
				msg[smb2.SignatureOffset] ^= 1
			}
			return [][]byte{msg}
		}}, err
	}}
	session := lasting(t, l, "client.EnableMultiChannel", "True")
	if err := session.Bind(bounded(t)); err != nil {
		t.Fatal(err)
	}
	alter.Store(true)
	var failed error
	for range 3 {
		if err := session.Echo(bounded(t)); err != nil && failed == nil {
			failed = err
		}
	}
	if !client.Altered(failed) {
		t.Errorf("got %v", failed)
	}
	<-session.Done()
	if err := session.Echo(bounded(t)); err == nil || l.dialled() != 2 {
		t.Errorf("%v after %d connections", err, l.dialled())
	}
}

func TestFurtherConnectionMustLeadToTheSameServer(t *testing.T) {
	on := smbtest.Options{Quiet: true, Policy: set(t, "server.EnableMultiChannel", "True")}
	one, other := smbtest.StartServer(t, on), smbtest.StartServer(t, on)
	l := &line{make: func(n int) (net.Conn, error) {
		switch n {
		case 0:
			return net.Dial("tcp", one.Addr())
		case 1:
			return net.Dial("tcp", other.Addr())
		case 2: // somebody who alters the last answer
			nc, err := net.Dial("tcp", one.Addr())
			answers := 0
			return &smbtest.Proxy{Conn: nc, Reply: func(msg []byte) [][]byte {
				if answers++; answers == 3 {
					msg[smb2.SignatureOffset] ^= 1
				}
				return [][]byte{msg}
			}}, err
		case 3: // or the negotiation
			nc, err := net.Dial("tcp", one.Addr())
			answers := 0
			return &smbtest.Proxy{Conn: nc, Reply: func(msg []byte) [][]byte {
				if answers++; answers == 1 {
					msg[smb2.HeaderSize+2] ^= 2 // SecurityMode
				}
				return [][]byte{msg}
			}}, err
		}
		return nil, refused
	}}
	session := lasting(t, l, "client.EnableMultiChannel", "True")
	for i := range 4 {
		if err := session.Bind(bounded(t)); err == nil {
			t.Errorf("bound to connection %d", i+1)
		}
	}
	if err := session.Echo(bounded(t)); err != nil || session.Info().Channels != 1 {
		t.Errorf("%v, %d channels", err, session.Info().Channels)
	}
}

func TestSessionThatSignsWithGMACIsNotBound(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	l := to(s)
	session := lasting(t, l)
	if err := session.Bind(bounded(t)); err == nil || session.Info().Channels != 1 {
		t.Errorf("%v, %d channels", err, session.Info().Channels)
	}
}

// tells is how often a client connects, to whom such interfaces are told.
func tells(t *testing.T, list []smb2.NetworkInterface, values ...string) int {
	t.Helper()
	server := func() *rogue {
		return &rogue{
			algorithm:       smb2.SigningAESCMAC,
			tamperNegotiate: func(res *smb2.NegotiateResponse) { res.Capabilities |= smb2.CapMultiChannel },
			handle: func(q *question) bool {
				var req smb2.IoctlRequest
				switch {
				case q.Command == smb2.CommandSessionSetup && q.SessionID != 0 && q.side == nil && q.Is(smb2.FlagSigned):
					q.send(encode(q.answer(ntstatus.RequestNotAccepted), &smb2.ErrorResponse{})) // a binding
				case q.Command == smb2.CommandIoctl && smb2.Decode(q.message, &req) == nil && req.CtlCode == fscc.FSCTLQueryNetworkInterfaceInfo:
					info := smb2.NetworkInterfaceInfo{Interfaces: list}
					q.reply(ntstatus.Success, &smb2.IoctlResponse{CtlCode: req.CtlCode, FileID: req.FileID, Output: info.Append(nil)})
				default:
					return false
				}
				return true
			},
		}
	}
	l := &line{make: func(int) (net.Conn, error) { return server().start(t), nil }}
	session := lasting(t, l, values...)
	if err := session.Echo(bounded(t)); err != nil {
		t.Fatal(err)
	}
	return l.dialled()
}

func queues(count int) []smb2.NetworkInterface {
	var list []smb2.NetworkInterface
	for i := range count {
		list = append(list,
			smb2.NetworkInterface{IfIndex: uint32(i + 1), Capability: smb2.RSSCapable, LinkSpeed: 10e9, Address: netip.MustParseAddr("192.0.2.1")},
			smb2.NetworkInterface{IfIndex: uint32(i + 1), Capability: smb2.RSSCapable, LinkSpeed: 10e9, Address: netip.MustParseAddr("2001:db8::1")})
	}
	return append(list, smb2.NetworkInterface{IfIndex: 99, LinkSpeed: 1e9, Address: netip.MustParseAddr("192.0.2.9")})
}

func TestClientProperty_EnableMultiChannel(t *testing.T) {
	for value, want := range map[string]int{"False": 1, "True": 4} {
		if got := tells(t, queues(1), "client.EnableMultiChannel", value); got != want {
			t.Errorf("%s: %d connections, want %d", value, got, want)
		}
	}
}

func TestClientProperty_ConnectionCountPerRssNetworkInterface(t *testing.T) {
	for value, want := range map[string]int{"1": 2, "3": 6} {
		got := tells(t, queues(2), "client.EnableMultiChannel", "True", "client.ConnectionCountPerRssNetworkInterface", value)
		if got != want {
			t.Errorf("%s: %d connections, want %d", value, got, want)
		}
	}
}

func TestClientProperty_MaximumConnectionCountPerServer(t *testing.T) {
	for value, want := range map[string]int{"1": 1, "5": 5, "64": 64} {
		got := tells(t, queues(100), "client.EnableMultiChannel", "True", "client.MaximumConnectionCountPerServer", value)
		if got != want {
			t.Errorf("%s: %d connections, want %d", value, got, want)
		}
	}
}

func TestInterfacesThatLieTakeNoConnection(t *testing.T) {
	for _, list := range [][]smb2.NetworkInterface{
		nil,
		{{IfIndex: 1, Capability: smb2.RSSCapable, LinkSpeed: 1, Address: netip.MustParseAddr("0.0.0.0")}},
		{{IfIndex: 1, Capability: smb2.RSSCapable, LinkSpeed: 1, Address: netip.MustParseAddr("224.0.0.1")}},
		{{IfIndex: 1, Capability: smb2.RSSCapable, LinkSpeed: 1}},
	} {
		if got := tells(t, list, "client.EnableMultiChannel", "True"); got != 1 {
			t.Errorf("%+v: %d connections", list, got)
		}
	}
}
