package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// again reconnects without losing time.
var again = client.Reconnect{Delay: time.Nanosecond}

// line makes connections of a test, and cuts them.
type line struct {
	make func(n int) (net.Conn, error) // the n-th one, from 0 on

	mu    sync.Mutex
	count int
	last  net.Conn
}

// refused is what a host says where nobody listens.
var refused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

func (l *line) connect(context.Context, string, string) (net.Conn, error) {
	l.mu.Lock()
	n := l.count
	l.count++
	l.mu.Unlock()
	nc, err := l.make(n)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = nc
	return plain{nc}, nil // which leaves the socket to us
}

// plain is a connection of no kind in particular.
type plain struct{ net.Conn }

// dialled is how often somebody has tried to connect.
func (l *line) dialled() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// cut ends the connection that was made last.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last.Close()
}

// to is a line to s.
func to(s *smbtest.Server) *line {
	return &line{make: func(int) (net.Conn, error) { return net.Dial("tcp", s.Addr()) }}
}

// rogues is a line to one scripted server after the other; behind the last
// nobody listens.
func rogues(t *testing.T, list ...*rogue) *line {
	return &line{make: func(n int) (net.Conn, error) {
		if n >= len(list) {
			return nil, refused
		}
		return list[n].start(t), nil
	}}
}

// lasting signs in over l, in a session that outlives its connection.
func lasting(t *testing.T, l *line, values ...string) *client.Session {
	t.Helper()
	session, err := lastingErr(t, l, again, values...)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func lastingErr(t *testing.T, l *line, r client.Reconnect, values ...string) (*client.Session, error) {
	t.Helper()
	d := dialer()
	d.Policy, d.Connect, d.Reconnect = set(t, values...), l.connect, r
	session, err := d.Dial(bounded(t), "SIGNET")
	if err == nil {
		t.Cleanup(func() { session.Close() })
	}
	return session, err
}

// shareOf connects to the share.
func shareOf(t *testing.T, s *client.Session) *client.Share {
	t.Helper()
	share, err := s.Share(bounded(t), smbtest.ShareName)
	if err != nil {
		t.Fatal(err)
	}
	return share
}

func TestSessionOutlivesItsConnection(t *testing.T) {
	for name, values := range map[string][]string{
		"3.1.1":  nil,
		"sealed": {"client.RequireEncryption", "True"},
		"3.0":    {"client.Smb2DialectMax", "SMB300"},
		"2.1":    {"client.Smb2DialectMax", "SMB210"},
		"2.0.2":  {"client.Smb2DialectMax", "SMB202"},
	} {
		t.Run(name, func(t *testing.T) {
			l := to(smbtest.StartServer(t, smbtest.Options{Quiet: true}))
			session := lasting(t, l, values...)
			share, ctx := shareOf(t, session), bounded(t)
			before := session.Info()
			if err := share.WriteFile(ctx, "f", []byte("before")); err != nil {
				t.Fatal(err)
			}
			l.cut()
			if got, err := share.ReadFile(ctx, "f"); err != nil || string(got) != "before" {
				t.Fatalf("%q, %v", got, err)
			}
			after := session.Info()
			if l.dialled() != 2 || after.ID == before.ID || after.Signed != before.Signed || after.Sealed != before.Sealed {
				t.Errorf("connection %d: %+v, and before %+v", l.dialled(), after, before)
			}
			if err := session.Err(); err != nil {
				t.Errorf("the session has ended: %v", err)
			}
			l.cut()
			if err := errors.Join(session.Echo(ctx), share.Rename(ctx, "f", "g", false)); err != nil {
				t.Errorf("after the second: %v", err)
			}
		})
	}
}

func TestSessionThatIsNotToReconnectEndsWithItsConnection(t *testing.T) {
	l := to(smbtest.StartServer(t, smbtest.Options{Quiet: true}))
	session, err := lastingErr(t, l, client.Reconnect{Never: true})
	if err != nil {
		t.Fatal(err)
	}
	l.cut()
	<-session.Done()
	if err := session.Echo(bounded(t)); err == nil || session.Err() == nil || l.dialled() != 1 {
		t.Errorf("%v, %v, connection %d", err, session.Err(), l.dialled())
	}
}

func TestFileThatTheServerHasNotKeptIsLost(t *testing.T) {
	l := to(smbtest.StartServer(t, smbtest.Options{Quiet: true}))
	share, ctx := shareOf(t, lasting(t, l)), bounded(t)
	f, err := share.Create(ctx, "f")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("kept")); err != nil {
		t.Fatal(err)
	}
	l.cut()
	for range 2 {
		_, err = f.ReadAt(make([]byte, 4), 0)
		if e, ok := errors.AsType[*client.LostError](err); !ok || e.Name != "f" || !errors.Is(err, ntstatus.FileClosed) {
			t.Fatalf("got %v", err)
		}
	}
	if err := f.Close(); err == nil {
		t.Error("a lost file was closed")
	}
	if got, err := share.ReadFile(ctx, "f"); err != nil || string(got) != "kept" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWhatMustNotBeDoneTwiceIsUncertain(t *testing.T) {
	hangUp := func(command smb2.Command) func(*question) bool {
		return only(command, func(q *question) { q.nc.Close() })
	}
	for _, c := range []struct {
		name string
		on   smb2.Command
		do   func(context.Context, *client.Share) error
	}{
		{"mkdir", smb2.CommandCreate, func(ctx context.Context, sh *client.Share) error { return sh.Mkdir(ctx, "d") }},
		{"remove", smb2.CommandSetInfo, func(ctx context.Context, sh *client.Share) error { return sh.Remove(ctx, "f") }},
		{"rename", smb2.CommandSetInfo, func(ctx context.Context, sh *client.Share) error { return sh.Rename(ctx, "f", "g", true) }},
		{"link", smb2.CommandSetInfo, func(ctx context.Context, sh *client.Share) error { return sh.Link(ctx, "f", "g") }},
		{"create new", smb2.CommandCreate, func(ctx context.Context, sh *client.Share) error {
			_, err := sh.OpenFile(ctx, "f", client.OpenOptions{Disposition: client.CreateNew})
			return err
		}},
		{"delete on close", smb2.CommandCreate, func(ctx context.Context, sh *client.Share) error {
			_, err := sh.OpenFile(ctx, "f", client.OpenOptions{Options: fscc.OptionDeleteOnClose})
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			first, second := &rogue{handle: hangUp(c.on)}, &rogue{}
			session := lasting(t, rogues(t, first, second))
			share := shareOf(t, session)
			err := c.do(bounded(t), share)
			if e, ok := errors.AsType[*client.ConnectionError](err); !ok || !e.Uncertain {
				t.Fatalf("got %v", err)
			}
			if slices.Contains(second.commands(), c.on) {
				t.Error("it was asked for twice")
			}
			if err := session.Echo(bounded(t)); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestNewConnectionMustProveAsMuch(t *testing.T) {
	gcm := smb2.CipherAES256GCM
	lax := []string{"client.RequireSecuritySignature", "False", "client.EnableInsecureGuestLogons", "True"}
	for _, c := range []struct {
		name       string
		old, worse *rogue
		values     []string
	}{
		{"lower dialect", &rogue{}, &rogue{dialect: smb2.Dialect302}, nil},
		{"lowest dialect", &rogue{dialect: smb2.Dialect302}, &rogue{dialect: smb2.Dialect210}, nil},
		{"no cipher", &rogue{cipher: gcm}, &rogue{}, nil},
		{"weaker cipher", &rogue{cipher: gcm}, &rogue{cipher: smb2.CipherAES128GCM}, nil},
		{"not sealed", &rogue{cipher: gcm, sessionFlags: smb2.SessionEncryptData}, &rogue{cipher: gcm}, nil},
		{"guest", &rogue{}, &rogue{sessionFlags: smb2.SessionIsGuest}, lax},
		{"not signed", &rogue{mode: smb2.SigningEnabled | smb2.SigningRequired}, &rogue{}, lax},
		{"no key", &rogue{dialect: smb2.Dialect302}, &rogue{dialect: smb2.Dialect302, forgeSetup: func(msg []byte) {
			clear(msg[smb2.SignatureOffset : smb2.SignatureOffset+16])
			msg[16] &^= byte(smb2.FlagSigned)
		}}, lax},
	} {
		t.Run(c.name, func(t *testing.T) {
			third := &rogue{}
			l := rogues(t, c.old, c.worse, third)
			session := lasting(t, l, c.values...)
			l.cut()
			err := session.Echo(bounded(t))
			if e, ok := errors.AsType[*client.Refusal](err); !ok || e.Rule != client.RuleLess {
				t.Fatalf("got %v", err)
			}
			<-session.Done()
			if session.Err() == nil || l.dialled() != 2 {
				t.Errorf("the session lives on: %v, connection %d", session.Err(), l.dialled())
			}
			for _, command := range c.worse.commands() {
				if command != smb2.CommandNegotiate && command != smb2.CommandSessionSetup {
					t.Errorf("the worse server was asked for %v", command)
				}
			}
		})
	}
}

func TestServerThatRefusesTheUserIsNotAskedAgain(t *testing.T) {
	l := rogues(t, &rogue{}, &rogue{password: "changed"}, &rogue{})
	session := lasting(t, l)
	l.cut()
	for range 3 {
		if err := session.Echo(bounded(t)); !errors.Is(err, ntstatus.LogonFailure) {
			t.Fatalf("got %v", err)
		}
	}
	if l.dialled() != 2 {
		t.Errorf("%d connections", l.dialled())
	}
}

func TestConnectionOnWhichRulesWereBrokenIsNotMadeAgain(t *testing.T) {
	for name, answer := range map[string]func(*question){
		"unsigned": func(q *question) { q.send(encode(q.answer(ntstatus.Success), &smb2.EchoResponse{})) },
		"malformed": func(q *question) {
			h := q.answer(ntstatus.Success)
			h.Command = smb2.CommandRead
			q.sendSigned(encode(h, &smb2.EchoResponse{}))
		},
		"too long": func(q *question) { q.nc.Write([]byte{0, 0xFF, 0xFF, 0xFF}) },
	} {
		t.Run(name, func(t *testing.T) {
			l := rogues(t, &rogue{handle: only(smb2.CommandEcho, answer)}, &rogue{})
			session := lasting(t, l)
			for range 2 {
				if err := session.Echo(bounded(t)); err == nil {
					t.Fatal("no error")
				}
			}
			<-session.Done()
			if l.dialled() != 1 {
				t.Errorf("%d connections", l.dialled())
			}
		})
	}
}

func TestReconnectIsGivenUp(t *testing.T) {
	l := rogues(t, &rogue{})
	session, err := lastingErr(t, l, client.Reconnect{Attempts: 3, Delay: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	l.cut()
	err = session.Echo(bounded(t))
	if _, ok := errors.AsType[*client.ConnectionError](err); !ok || !errors.Is(err, syscall.ECONNREFUSED) || l.dialled() != 1+3 {
		t.Fatalf("got %v after %d connections", err, l.dialled())
	}
	if session.Err() != nil {
		t.Errorf("the session has ended: %v", session.Err())
	}
}

func TestServerThatHangsUpOnEverythingIsGivenUp(t *testing.T) {
	l := &line{make: func(int) (net.Conn, error) {
		s := &rogue{handle: only(smb2.CommandEcho, func(q *question) { q.nc.Close() })}
		return s.start(t), nil
	}}
	session := lasting(t, l)
	if err := session.Echo(bounded(t)); err == nil || l.dialled() > 10 {
		t.Errorf("%v after %d connections", err, l.dialled())
	}
}

func TestWaitForAReconnectEndsWithTheContextAndWithTheSession(t *testing.T) {
	dialling := make(chan struct{}, 10)
	ended := make(chan struct{})
	first := &rogue{}
	d := dialer()
	n := 0
	var last net.Conn
	d.Connect = func(ctx context.Context, _, _ string) (net.Conn, error) {
		if n++; n == 1 {
			last = first.start(t)
			return last, nil
		}
		dialling <- struct{}{}
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	}
	session, err := d.Dial(bounded(t), "SIGNET")
	if err != nil {
		t.Fatal(err)
	}
	d.Reconnect = again // too late
	last.Close()
	ctx, cancel := context.WithCancel(bounded(t))
	wait := make(chan error)
	go func() { wait <- session.Echo(ctx) }()
	<-dialling
	cancel()
	if err := <-wait; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	go func() { wait <- session.Echo(bounded(t)) }()
	session.Close()
	<-ended
	if err := <-wait; err == nil {
		t.Error("an operation of a closed session succeeds")
	}
}

// keeper is what scripted servers with durable files have in common.
type keeper struct {
	leaseKey smb2.LeaseKey
	opened   smb2.CreateRequest // the first
	back     smb2.CreateRequest // the second, on the next connection
	mu       sync.Mutex
	stored   []byte
	flags    []smb2.Header // of WRITEs on the second connection
}

// durable is a server that keeps one file, as the n-th connection sees it.
// handle comes before it.
func (k *keeper) durable(t *testing.T, n int, leases bool, handle func(*question) bool) *rogue {
	return &rogue{
		tamperNegotiate: func(res *smb2.NegotiateResponse) {
			if leases {
				res.Capabilities |= smb2.CapLeasing
			}
		},
		handle: func(q *question) bool {
			if handle != nil && handle(q) {
				return true
			}
			k.mu.Lock()
			defer k.mu.Unlock()
			switch q.Command {
			case smb2.CommandIoctl:
				return q.validate(q, func(said *smb2.ValidateNegotiateInfoResponse) {
					if leases {
						said.Capabilities |= smb2.CapLeasing
					}
				})
			case smb2.CommandCreate:
				var req smb2.CreateRequest
				if err := smb2.Decode(q.message, &req); err != nil {
					t.Error(err)
				}
				if n == 0 {
					k.opened = req
				} else {
					k.back = req
				}
				res := &smb2.CreateResponse{FileID: smb2.FileID{Persistent: 1, Volatile: uint64(10 + n)}, OplockLevel: req.RequestedOplockLevel}
				for _, c := range req.Contexts {
					switch c.Name {
					case smb2.CreateDurableHandleV2:
						res.Contexts = append(res.Contexts, smb2.DurableHandleResponseV2Context(smb2.DurableHandleResponseV2{Timeout: 60000}))
					case smb2.CreateDurableHandle:
						res.Contexts = append(res.Contexts, smb2.DurableHandleResponseContext())
					case smb2.CreateLease:
						l, err := c.Lease()
						if err != nil {
							t.Error(err)
						}
						l.Epoch++
						k.leaseKey = l.LeaseKey
						res.Contexts = append(res.Contexts, smb2.LeaseContext(l))
					}
				}
				q.reply(ntstatus.Success, res)
			case smb2.CommandWrite:
				var req smb2.WriteRequest
				if err := smb2.Decode(q.message, &req); err != nil {
					t.Error(err)
				}
				if req.FileID.Volatile != uint64(10+n) {
					t.Errorf("connection %d: a WRITE to %+v", n, req.FileID)
				}
				if n > 0 {
					k.flags = append(k.flags, q.Header)
				}
				if end := int(req.Offset) + len(req.Data); end > len(k.stored) {
					k.stored = append(k.stored, make([]byte, end-len(k.stored))...)
				}
				copy(k.stored[req.Offset:], req.Data)
				q.reply(ntstatus.Success, &smb2.WriteResponse{Count: uint32(len(req.Data))})
			case smb2.CommandRead:
				var req smb2.ReadRequest
				if err := smb2.Decode(q.message, &req); err != nil {
					t.Error(err)
				}
				if req.FileID.Volatile != uint64(10+n) {
					t.Errorf("connection %d: a READ of %+v", n, req.FileID)
				}
				if req.Offset >= uint64(len(k.stored)) {
					q.fail(ntstatus.EndOfFile)
					break
				}
				q.reply(ntstatus.Success, &smb2.ReadResponse{Data: k.stored[req.Offset:min(int(req.Offset)+int(req.Length), len(k.stored))]})
			default:
				return false
			}
			return true
		},
	}
}

// hangUpAt ends the connection at the n-th request of a command.
func hangUpAt(command smb2.Command, n int) func(*question) bool {
	return func(q *question) bool {
		if q.Command != command {
			return false
		}
		n--
		if n == 0 {
			q.nc.Close()
		}
		return n <= 0
	}
}

// context is the one of req with the tag; nil if there is none.
func contextOf(req *smb2.CreateRequest, tag string) *smb2.CreateContext {
	i := slices.IndexFunc(req.Contexts, func(c smb2.CreateContext) bool { return c.Name == tag })
	if i < 0 {
		return nil
	}
	return &req.Contexts[i]
}

func TestFileThatTheServerHasKeptStaysOpen(t *testing.T) {
	for _, c := range []struct {
		name   string
		leases bool
		values []string
		tag    string
		v2     bool
	}{
		{"lease, version 2", true, nil, smb2.CreateDurableHandleReconnectV2, true},
		{"oplock, version 2", false, nil, smb2.CreateDurableHandleReconnectV2, true},
		{"3.0", true, []string{"client.Smb2DialectMax", "SMB300"}, smb2.CreateDurableHandleReconnectV2, true},
		{"lease, version 1", true, []string{"client.Smb2DialectMax", "SMB210"}, smb2.CreateDurableHandleReconnect, false},
		{"oplock, version 1", false, []string{"client.Smb2DialectMax", "SMB202"}, smb2.CreateDurableHandleReconnect, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := &keeper{}
			list := []*rogue{
				k.durable(t, 0, c.leases, hangUpAt(smb2.CommandWrite, 3)),
				k.durable(t, 1, c.leases, hangUpAt(smb2.CommandRead, 2)),
				k.durable(t, 2, c.leases, nil),
			}
			for _, r := range list {
				if len(c.values) > 0 {
					r.dialect = map[string]smb2.Dialect{"SMB300": smb2.Dialect300, "SMB210": smb2.Dialect210, "SMB202": smb2.Dialect202}[c.values[1]]
				}
			}
			share := shareOf(t, lasting(t, rogues(t, list...), c.values...))
			f, err := share.OpenFile(bounded(t), "dir/f", client.OpenOptions{
				Access: dtyp.GenericRead | dtyp.GenericWrite, Disposition: client.CreateNew, EAs: []fscc.EA{{Name: "A"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			data := random(3<<20 + 5)
			if n, err := f.Write(data); n != len(data) || err != nil {
				t.Fatalf("wrote %d, %v", n, err)
			}
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(f)
			if err != nil || !bytes.Equal(got, data) {
				t.Fatalf("read %d bytes, %v; equal: %t", len(got), err, bytes.Equal(got, data))
			}
			ctx := contextOf(&k.back, c.tag)
			if ctx == nil || k.back.Name != `dir\f` || k.back.RequestedOplockLevel != k.opened.RequestedOplockLevel || contextOf(&k.back, smb2.CreateEABuffer) != nil {
				t.Fatalf("opened by %+v, and again by %+v", k.opened, k.back)
			}
			if c.v2 {
				asked, err := contextOf(&k.opened, smb2.CreateDurableHandleV2).DurableHandleRequestV2()
				wanted, err2 := ctx.DurableHandleReconnectV2()
				if err != nil || err2 != nil || wanted.CreateGUID != asked.CreateGUID || wanted.FileID.Persistent != 1 {
					t.Errorf("asked for %+v, and for %+v back: %v, %v", asked, wanted, err, err2)
				}
				if len(k.flags) == 0 || !k.flags[0].Is(smb2.FlagReplayOperation) || k.flags[0].ChannelSequence() != 1 {
					t.Errorf("WRITEs on the second connection: %+v", k.flags)
				}
			} else if len(k.flags) == 0 || k.flags[0].Is(smb2.FlagReplayOperation) || k.flags[0].Status != 0 {
				t.Errorf("WRITEs on the second connection: %+v", k.flags)
			}
			if c.leases {
				l, err := contextOf(&k.back, smb2.CreateLease).Lease()
				if err != nil || l.LeaseKey != k.leaseKey || l.LeaseState != smb2.LeaseReadCaching|smb2.LeaseHandleCaching || l.V2 != c.v2 {
					t.Errorf("lease %+v, %v", l, err)
				}
			}
		})
	}
}

func TestDurableFileIsNotAskedForWhereItCannotBe(t *testing.T) {
	k := &keeper{}
	share := shareOf(t, lasting(t, rogues(t, k.durable(t, 0, true, nil))))
	for name, o := range map[string]client.OpenOptions{
		"dir":        {Options: fscc.OptionDirectoryFile},
		"temporary":  {Options: fscc.OptionDeleteOnClose},
		"attributes": {Access: dtyp.FileReadAttributes},
		"f:stream":   {},
	} {
		if _, err := share.OpenFile(bounded(t), name, o); err != nil {
			t.Fatal(err)
		}
		if k.opened.RequestedOplockLevel != smb2.OplockNone || len(k.opened.Contexts) != 0 {
			t.Errorf("%s: %+v", name, k.opened)
		}
	}
}

func TestFileIsLostWhereTheServerHasNothingToGive(t *testing.T) {
	for name, change := range map[string]func(*rogue){
		"forgotten": func(r *rogue) {
			r.handle = only(smb2.CommandCreate, func(q *question) { q.fail(ntstatus.ObjectNameNotFound) })
		},
		"another server": func(r *rogue) {
			r.tamperNegotiate = func(res *smb2.NegotiateResponse) { res.ServerGUID = dtyp.GUID{9} }
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := &keeper{}
			second := k.durable(t, 1, true, nil)
			change(second)
			l := rogues(t, k.durable(t, 0, true, nil), second)
			session := lasting(t, l)
			f, err := shareOf(t, session).Open(bounded(t), "f")
			if err != nil {
				t.Fatal(err)
			}
			l.cut()
			_, err = f.ReadAt(make([]byte, 1), 0)
			if _, ok := errors.AsType[*client.LostError](err); !ok {
				t.Fatalf("got %v", err)
			}
			if err := session.Echo(bounded(t)); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// sealing makes r encrypt the session, but for what is sent with question.send.
func sealing(r *rogue) *rogue {
	r.cipher, r.sessionFlags = smb2.CipherAES128GCM, smb2.SessionEncryptData
	return r
}

// What a server says of a lease is of no session: it is not sealed either.
func TestBrokenLeaseIsGivenBackOnceAndPromisesNothingMore(t *testing.T) {
	for name, with := range map[string]func(*rogue) *rogue{"signed": func(r *rogue) *rogue { return r }, "sealed": sealing} {
		t.Run(name, func(t *testing.T) { brokenLease(t, with) })
	}
}

func brokenLease(t *testing.T, with func(*rogue) *rogue) {
	t.Helper()
	k := &keeper{}
	acked := make(chan smb2.LeaseBreakAcknowledgment, 100)
	first := k.durable(t, 0, true, func(q *question) bool {
		switch q.Command {
		case smb2.CommandOplockBreak:
			var m smb2.LeaseBreakAcknowledgment
			if err := smb2.Decode(q.message, &m); err != nil {
				t.Error(err)
			}
			acked <- m
			q.reply(ntstatus.Success, &smb2.LeaseBreakResponse{LeaseKey: m.LeaseKey, LeaseState: m.LeaseState})
		case smb2.CommandEcho:
			h := smb2.Header{Command: smb2.CommandOplockBreak, Flags: smb2.FlagServerToRedir, MessageID: smb2.UnsolicitedMessageID}
			for range 10 {
				q.send(encode(h, &smb2.LeaseBreakNotification{
					Flags: smb2.LeaseBreakAckRequired, LeaseKey: k.leaseKey, CurrentLeaseState: 3, NewLeaseState: smb2.LeaseReadCaching, NewEpoch: 2,
				}))
			}
			return false
		default:
			return false
		}
		return true
	})
	second := k.durable(t, 1, true, nil)
	l := rogues(t, with(first), with(second))
	session := lasting(t, l)
	f, err := shareOf(t, session).Open(bounded(t), "f")
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Echo(bounded(t)); err != nil {
		t.Fatal(err)
	}
	if got, want := <-acked, (smb2.LeaseBreakAcknowledgment{LeaseKey: k.leaseKey, LeaseState: smb2.LeaseReadCaching}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	l.cut()
	_, err = f.ReadAt(make([]byte, 1), 0)
	if _, ok := errors.AsType[*client.LostError](err); !ok {
		t.Errorf("got %v", err)
	}
	if len(acked) != 0 {
		t.Errorf("%d further acknowledgments", len(acked))
	}
	if slices.Contains(second.commands(), smb2.CommandCreate) {
		t.Error("a file was asked for that was not promised any more")
	}
}

func TestOplockBrokenBeforeAnybodyKnowsOfItIsGivenBack(t *testing.T) {
	k := &keeper{}
	acked := make(chan smb2.OplockBreakAcknowledgment, 1)
	s := k.durable(t, 0, false, func(q *question) bool {
		switch q.Command {
		case smb2.CommandOplockBreak:
			var m smb2.OplockBreakAcknowledgment
			if err := smb2.Decode(q.message, &m); err != nil {
				t.Error(err)
			}
			acked <- m
			q.reply(ntstatus.Success, &smb2.OplockBreakResponse{FileID: m.FileID, OplockLevel: m.OplockLevel})
			return true
		case smb2.CommandCreate:
			h := smb2.Header{Command: smb2.CommandOplockBreak, Flags: smb2.FlagServerToRedir, MessageID: smb2.UnsolicitedMessageID}
			q.send(encode(h, &smb2.OplockBreakNotification{FileID: smb2.FileID{Persistent: 1, Volatile: 10}, OplockLevel: smb2.OplockII}))
		}
		return false
	})
	if _, err := shareOf(t, lasting(t, rogues(t, s))).Open(bounded(t), "f"); err != nil {
		t.Fatal(err)
	}
	if got, want := <-acked, (smb2.OplockBreakAcknowledgment{FileID: smb2.FileID{Persistent: 1, Volatile: 10}, OplockLevel: smb2.OplockII}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestOplockBreakThatIsNotSealedIsDroppedInASealedSession(t *testing.T) {
	k := &keeper{}
	s := sealing(k.durable(t, 0, false, func(q *question) bool {
		if q.Command == smb2.CommandCreate {
			h := smb2.Header{Command: smb2.CommandOplockBreak, Flags: smb2.FlagServerToRedir, MessageID: smb2.UnsolicitedMessageID}
			q.send(encode(h, &smb2.OplockBreakNotification{FileID: smb2.FileID{Persistent: 1, Volatile: 10}, OplockLevel: smb2.OplockII}))
		}
		return false
	}))
	session := lasting(t, rogues(t, s))
	if _, err := shareOf(t, session).Open(bounded(t), "f"); err != nil {
		t.Fatal(err)
	}
	if err := session.Echo(bounded(t)); err != nil { // behind what might be said of the oplock
		t.Fatal(err)
	}
	if slices.Contains(s.commands(), smb2.CommandOplockBreak) {
		t.Error("it was acknowledged")
	}
}

func TestIdleSessionWithDurableFilesReconnectsByItself(t *testing.T) {
	k := &keeper{}
	signedIn := make(chan struct{})
	second := k.durable(t, 1, true, nil)
	second.tamperSetup = func(final bool, _ *smb2.Header, _ *smb2.SessionSetupResponse) {
		if final {
			close(signedIn)
		}
	}
	l := rogues(t, k.durable(t, 0, true, nil), second)
	if _, err := shareOf(t, lasting(t, l)).Open(bounded(t), "f"); err != nil {
		t.Fatal(err)
	}
	l.cut()
	select {
	case <-signedIn:
	case <-bounded(t).Done():
		t.Fatal("nobody has signed in again")
	}
}
