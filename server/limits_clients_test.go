package server_test

import (
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// limited is the default policy with one limit set.
func limited(k *policy.Key[uint32], v uint32) *policy.Snapshot {
	return policy.With(policy.Default(), k, v, inTest)
}

// dialFrom returns a peer on a connection from another address of this host.
func dialFrom(t *testing.T, s *smbtest.Server, from string) *smbtest.Peer {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	nc, err := d.Dial("tcp", s.Addr())
	if err != nil {
		t.Skipf("this host has no address %s: %v", from, err)
	}
	return smbtest.NewPeer(t, nc)
}

// loginFrom is dialFrom with everything that Login does.
func loginFrom(t *testing.T, s *smbtest.Server, from string) *smbtest.Peer {
	t.Helper()
	p := dialFrom(t, s, from)
	p.Negotiate()
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
		t.Fatalf("log-on from %s: %v", from, r.Header.Status)
	}
	if r := p.TreeConnect(smbtest.ShareName); r.Header.Status != ntstatus.Success {
		t.Fatalf("tree connect from %s: %v", from, r.Header.Status)
	}
	return p
}

// What a client takes one more of.
var (
	takeSession = func(_ *testing.T, p *smbtest.Peer) ntstatus.Status {
		first := *p
		p.ForgetSession()
		status := p.SessionSetup(smbtest.Initiator()).Header.Status
		// The first session goes on, on the same connection.
		first.NextMessageID, first.Credits = p.NextMessageID, p.Credits
		*p = first
		return status
	}
	takeExchange = func(t *testing.T, p *smbtest.Peer) ntstatus.Status {
		token, _, err := smbtest.Initiator().Step(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		replies := exchange(t, p, smbtest.Element{
			Message: &smb2.SessionSetupRequest{SecurityMode: p.Mode, SecurityBuffer: token}, Unsigned: true,
			Header: func(h *smb2.Header) { h.SessionID = 0 },
		})
		if status := replies[0].Header.Status; status != ntstatus.MoreProcessingRequired {
			return status
		}
		return ntstatus.Success
	}
	takeTree = func(_ *testing.T, p *smbtest.Peer) ntstatus.Status {
		return p.TreeConnect(smbtest.ShareName).Header.Status
	}
	takeOpen = func(_ *testing.T, p *smbtest.Peer) ntstatus.Status {
		return p.Do(smbtest.CreateFile("f")).Header.Status
	}
	takePipe = func(t *testing.T, p *smbtest.Peer) ntstatus.Status {
		tree := p.TreeID
		defer func() { p.TreeID = tree }()
		if status := p.TreeConnect("IPC$").Header.Status; status != ntstatus.Success {
			t.Fatal(status)
		}
		return p.Do(createPipe("srvsvc")).Header.Status
	}
)

func TestEachLimitEndsWithItsStatusAndHurtsNobodyElse(t *testing.T) {
	for _, c := range []struct {
		key  *policy.Key[uint32]
		max  uint32
		take func(*testing.T, *smbtest.Peer) ntstatus.Status
		fit  int // how many more a client that is signed in can take
		want ntstatus.Status
	}{
		{policy.MaxSessionPerConnection, 3, takeSession, 2, ntstatus.InsufficientResources},
		{policy.MaxSessions, 48, takeSession, 34, ntstatus.InsufficientResources}, // the last quarter is for others; another client has one
		{policy.MaxPendingSessionPerConnection, 2, takeExchange, 2, ntstatus.RequestNotAccepted},
		{policy.MaxTreeConnectPerSession, 3, takeTree, 2, ntstatus.InsufficientResources},
		{policy.MaxOpenFilesPerSession, 3, takeOpen, 3, ntstatus.TooManyOpenedFiles},
		{policy.MaxOpenFilesPerSession, 2, takePipe, 2, ntstatus.TooManyOpenedFiles},
		{policy.MaxOpenFilesPerAddress, 3, takeOpen, 3, ntstatus.TooManyOpenedFiles},
		{policy.MaxOpenFiles, 16, takeOpen, 12, ntstatus.TooManyOpenedFiles},
		{policy.MaxPipesPerSession, 2, takePipe, 2, ntstatus.PipeNotAvailable},
	} {
		t.Run(c.want.String(), func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: limited(c.key, c.max), Quiet: true})
			other := loginFrom(t, s, "127.0.0.2")
			greedy := s.Login()
			for i := range c.fit {
				if got := c.take(t, greedy); got != ntstatus.Success {
					t.Fatalf("number %d of %d: %v", i+1, c.fit, got)
				}
			}
			for range 3 {
				if got := c.take(t, greedy); got != c.want {
					t.Fatalf("one too many: %v, want %v", got, c.want)
				}
			}
			if got := c.take(t, other); got != ntstatus.Success {
				t.Errorf("another client: %v", got)
			}
			greedy.MustDo(&smb2.EchoRequest{}, nil)

			// What is over is given back.
			greedy.Close()
			waitFor(t, "one connection", func() bool { return len(s.Connections()) == 1 })
			again := s.Login()
			for i := range c.fit - 1 { // the other client has taken one
				if got := c.take(t, again); got != ntstatus.Success {
					t.Fatalf("after the client left, number %d of %d: %v", i+1, c.fit, got)
				}
			}
		})
	}
}

// waitFor waits until cond holds: what the server does once a connection has
// ended, nobody is told.
func waitFor(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); !cond(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestOpensAreLimitedByTheDescriptorsOfTheProcess(t *testing.T) {
	// A quarter is for connections, 64 for the process, two for each open.
	s := smbtest.StartServer(t, smbtest.Options{Descriptors: 128, Quiet: true})
	other := loginFrom(t, s, "127.0.0.2")
	greedy := s.Login()
	for i := range 12 {
		if got := takeOpen(t, greedy); got != ntstatus.Success {
			t.Fatalf("open %d: %v", i+1, got)
		}
	}
	if got := takeOpen(t, greedy); got != ntstatus.TooManyOpenedFiles {
		t.Errorf("open 13 of a client: %v, want %v", got, ntstatus.TooManyOpenedFiles)
	}
	if got := takeOpen(t, other); got != ntstatus.Success {
		t.Errorf("another client: %v", got)
	}
}

func TestOpenThatFailsIsNotCounted(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: limited(policy.MaxOpenFilesPerSession, 1)})
	p := s.Login()
	for range 3 {
		if got := p.Do(openExisting("none", smbtest.CreateFile("").DesiredAccess)).Header.Status; got != ntstatus.ObjectNameNotFound {
			t.Fatalf("open of a file that is not there: %v", got)
		}
		p.CloseFile(p.Open("f"))
	}
}

func TestLocksOfAnOpenAreLimited(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: limited(policy.MaxLocksPerOpen, 3)})
	greedy, other, held, free := twoSessions(t, s)
	exclusive := func(id smb2.FileID, at uint64) *smb2.LockRequest {
		return lockOf(id, rangeOf(smb2.LockExclusive|smb2.LockFailImmediately, at, 1))
	}
	for i := range uint64(2) { // it holds one already
		greedy.MustDo(exclusive(held, 100+i), nil)
	}
	expectStatus(t, "fourth lock", greedy, element(exclusive(held, 200)), ntstatus.InsufficientResources)
	expectStatus(t, "lock of another client", other, element(exclusive(free, 300)), ntstatus.Success)
}

func TestHalfOpenConnectionsOfOneAddressMakeRoomForEachOther(t *testing.T) {
	p := policy.With(limited(policy.MaxPendingConnections, 8), policy.MaxPendingConnectionsPerAddress, 2, inTest)
	s := smbtest.StartServer(t, smbtest.Options{Policy: p})
	good := s.Dial()
	good.Negotiate()
	var crowd []*smbtest.Peer
	for range 5 {
		p := dialFrom(t, s, "127.0.0.2")
		p.Negotiate()
		crowd = append(crowd, p)
	}
	for _, p := range crowd[:3] {
		expectClosed(t, "one of the oldest of the crowd", p)
	}
	if r := crowd[3].SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
		t.Errorf("one that is left: %v", r.Header.Status)
	}
	if r := good.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
		t.Errorf("the good client: %v", r.Header.Status)
	}
}

func TestConnectionsOfAnAddressAreLimitedAlthoughSignedIn(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: limited(policy.MaxConnectionsPerAddress, 2)})
	first, second := loginFrom(t, s, "127.0.0.2"), loginFrom(t, s, "127.0.0.2")
	expectClosed(t, "the third", dialFrom(t, s, "127.0.0.2"))
	s.Login()
	first.MustDo(&smb2.EchoRequest{}, nil)
	second.Close()
	waitFor(t, "two connections", func() bool { return len(s.Connections()) == 2 })
	loginFrom(t, s, "127.0.0.2")
}

func TestStrangerHoldsAtMostAQuarterOfAMebibyte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Quiet: true})
		p := s.Dial()
		pad := func(e smbtest.Element) []byte {
			msg := p.Encode(e)
			return append(msg, make([]byte, 68<<10-len(msg))...)
		}
		// It reads no answer, so the first request is all that is read of it.
		if !p.TrySend(pad(element(p.NegotiateRequest()))) {
			t.Fatal("NEGOTIATE was not read")
		}
		var second atomic.Bool
		done := make(chan struct{})
		go func() {
			defer close(done)
			second.Store(p.TrySend(pad(element(&smb2.EchoRequest{}))))
		}()
		synctest.Wait()
		if held := s.BytesHeld(); held == 0 || held > 256<<10 {
			t.Errorf("%d bytes are held, want some, and at most 256 KiB", held)
		}
		if second.Load() {
			t.Error("a second request was read although nobody took the answer to the first")
		}
		p.Close()
		<-done
		synctest.Wait()
		if held := s.BytesHeld(); held != 0 {
			t.Errorf("%d bytes are held for a connection that is gone", held)
		}
	})
}

func TestFirstMessageAfterTheLogOnMayBeLarge(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	for range 20 {
		p := s.Dial()
		p.Negotiate()
		if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
			t.Fatal(r.Header.Status)
		}
		write := &smb2.WriteRequest{Data: make([]byte, 1<<20)}
		expectStatus(t, "WRITE of 1 MiB without a tree connect", p, charged(p, write, 16), ntstatus.NetworkNameDeleted)
	}
}

func TestMemoryOfPipesCountsAndIsLimited(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	p := inIPC(t, s)
	// The beginning of a fragment whose end never comes.
	part := make([]byte, 60000)
	copy(part, bindPDU(t))
	part[8], part[9] = 0xFF, 0xFF
	full := ntstatus.Success
	pipes := 0
	for ; full == ntstatus.Success; pipes++ {
		var res smb2.CreateResponse
		if r := p.Do(createPipe("srvsvc")); r.Header.Status != ntstatus.Success {
			t.Fatalf("pipe %d: %v", pipes, r.Header.Status)
		} else {
			r.Decode(t, &res)
		}
		full = p.Do(&smb2.WriteRequest{FileID: res.FileID, Data: part}).Header.Status
	}
	if full != ntstatus.InsufficientResources || pipes < 30 {
		t.Errorf("after %d pipes: %v, want %v", pipes, full, ntstatus.InsufficientResources)
	}
	if held := s.BytesHeld(); held < int64(pipes-1)*60000 || held > 6<<20 {
		t.Errorf("%d pipes hold %d bytes", pipes, held)
	}
	other := inIPC(t, s)
	other.MustDo(&smb2.WriteRequest{FileID: openPipe(t, other), Data: bindPDU(t)}, nil)
	p.Close()
	other.Close()
	waitFor(t, "all bytes to be given back", func() bool { return s.BytesHeld() == 0 })
}

func TestConnectionsThatHoldMostAreClosedWhenMemoryIsOut(t *testing.T) {
	// A quarter of 64 MiB is for messages that have not come whole.
	s := smbtest.StartServer(t, smbtest.Options{Policy: limited(policy.MaxMemoryInMB, 64), Quiet: true})
	good := s.Login()
	id := good.Open("f")
	for range 12 {
		p := loginFrom(t, s, "127.0.0.2")
		p.SendBytes(append([]byte{0, 0x80, 0, 0}, make([]byte, 2<<20)...)) // 8 MiB announced, 2 MiB sent
	}
	waitFor(t, "connections to be closed", func() bool { return len(s.Connections()) <= 4 })
	if held := s.BytesHeld(); held > 32<<20 {
		t.Errorf("%d bytes are held", held)
	}
	write := &smb2.WriteRequest{FileID: id, Data: make([]byte, 4<<20)}
	expectStatus(t, "ECHO", good, asking(&smb2.EchoRequest{}, 100), ntstatus.Success)
	expectStatus(t, "WRITE of 4 MiB by another client", good, charged(good, write, 64), ntstatus.Success)
}

// heldRead lets p read with so many credits' worth of memory, and not end.
func heldRead(t *testing.T, s *smbtest.Server, p *smbtest.Peer, credits uint16) {
	t.Helper()
	expectStatus(t, "ECHO", p, asking(&smb2.EchoRequest{}, 1000), ntstatus.Success)
	id := p.Open("held")
	p.Write(id, 0, "x")
	entered, _ := holdCalls(t, s, "ReadAt")
	p.Send(charged(p, &smb2.ReadRequest{FileID: id, Length: uint32(credits) << 16}, credits))
	<-entered
}

func TestServerProperty_Smb2CreditsMin(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: limited(policy.MaxMemoryInMB, 1)})
	p := s.Login()
	expectStatus(t, "ECHO", p, asking(&smb2.EchoRequest{}, 1000), ntstatus.Success)
	if p.Credits < 1000 {
		t.Fatalf("%d credits while memory is plenty", p.Credits)
	}
	heldRead(t, s, s.Login(), 20) // 1.25 MiB
	late := s.Login()
	for range 3 {
		expectStatus(t, "ECHO", late, asking(&smb2.EchoRequest{}, 1000), ntstatus.Success)
	}
	if want := int(policy.Get(policy.Default(), policy.Smb2CreditsMin)); late.Credits != want {
		t.Errorf("%d credits while memory is short, want %d", late.Credits, want)
	}
	expectStatus(t, "ECHO of who has many", p, asking(&smb2.EchoRequest{}, 1000), ntstatus.Success)
}

func TestWhoHoldsTwiceWhatThereIsIsClosed(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: limited(policy.MaxMemoryInMB, 1)})
	good, greedy := s.Login(), loginFrom(t, s, "127.0.0.2")
	heldRead(t, s, greedy, 40) // 2.5 MiB
	good.MustDo(&smb2.EchoRequest{}, nil)
	expectClosed(t, "who holds 2.5 MiB of 1", greedy)
	good.MustDo(&smb2.EchoRequest{}, nil)
}
