package server_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/invariants"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

func TestFrameAboveItsLimitDisconnects(t *testing.T) {
	const limit = 68 << 10
	s := smbtest.StartServer(t, smbtest.Options{})
	pad := func(msg []byte, size int) []byte { return append(msg, make([]byte, size-len(msg))...) }

	p := s.Dial()
	p.Negotiate()
	echo := p.Encode(element(&smb2.EchoRequest{}))
	p.SendRaw(pad(echo, limit))
	receiveOne(t, p) // no matter what
	p.SendRaw(pad(p.Encode(element(&smb2.EchoRequest{})), limit+1))
	expectClosed(t, "more than 68 KiB before the log-on", p)

	p = s.Login()
	id := p.Open("big")
	big := &smb2.WriteRequest{FileID: id, Data: bytes.Repeat([]byte("x"), 1<<20)}
	expectStatus(t, "WRITE of 1 MiB after the log-on", p, charged(p, big, 16), ntstatus.Success)
	// Commands without a payload stay small. 3.3.5.2
	p.SendRaw(pad(p.Encode(element(&smb2.EchoRequest{})), limit+1))
	expectClosed(t, "ECHO of more than 68 KiB", p)

	p = s.Login()
	p.SendRaw(make([]byte, 9<<20))
	expectClosed(t, "9 MiB", p)
}

func TestClientThatDoesNotSignInIsDisconnected(t *testing.T) {
	for name, begin := range map[string]func(p *smbtest.Peer){
		"that says nothing":    func(*smbtest.Peer) {},
		"after NEGOTIATE":      func(p *smbtest.Peer) { p.Negotiate() },
		"after a refused one":  func(p *smbtest.Peer) { p.Dialects = nil; p.Exchange(element(p.NegotiateRequest())) },
		"after a wrong answer": func(p *smbtest.Peer) { p.Negotiate(); p.SessionSetup(smbtest.InitiatorFor("eve", "")) },
		"byte by byte": func(p *smbtest.Peer) {
			for _, b := range append([]byte{0, 0, 0, 100}, make([]byte, 26)...) {
				p.SendBytes([]byte{b})
				time.Sleep(300 * time.Millisecond)
			}
		},
		"within a frame": func(p *smbtest.Peer) { p.Negotiate(); p.SendBytes([]byte{0, 0, 0, 100, 0xFE}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const timeout = 10
				s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Policy: policy.With(policy.Default(), policy.PendingClientTimeoutInSeconds, timeout, inTest)})
				p := s.Dial()
				start := time.Now()
				begin(p)
				expectClosed(t, name, p)
				if took := time.Since(start); took != timeout*time.Second {
					t.Errorf("disconnected after %v, want %d s", took, timeout)
				}
			})
		})
	}
}

func TestSignedInClientWithAnOpenFileMayBeIdleForAsLongAsItLikes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := smbtest.StartServer(t, smbtest.Options{Pipe: true})
		p := s.Login()
		p.Open("f")
		time.Sleep(30 * 24 * time.Hour)
		p.MustDo(&smb2.EchoRequest{}, nil)
	})
}

func TestClientThatNeverReadsIsNotReadEither(t *testing.T) {
	if !invariants.Enabled {
		t.Skip("memory on loan is counted only with -race or -tags invariants")
	}
	const mib = 1 << 20
	for name, request := range map[string]func(file smb2.FileID) smb2.Message{
		"large replies":                    func(f smb2.FileID) smb2.Message { return &smb2.ReadRequest{FileID: f, Length: mib} },
		"small replies in large buffers":   func(f smb2.FileID) smb2.Message { return &smb2.ReadRequest{FileID: f, Length: mib, Offset: mib - 1} },
		"failures that could become large": func(f smb2.FileID) smb2.Message { return &smb2.ReadRequest{FileID: f, Length: mib, Offset: 2 * mib} },
		"large requests":                   func(f smb2.FileID) smb2.Message { return &smb2.WriteRequest{FileID: f, Data: make([]byte, mib)} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Quiet: true})
				p := s.Login()
				expectStatus(t, "ECHO", p, asking(&smb2.EchoRequest{}, 8000), ntstatus.Success)
				id := p.Open("f")
				expectStatus(t, "size", p, element(setInfo(id, fscc.FileEndOfFileInformation, &fscc.EndOfFileInformation{EndOfFile: mib})), ntstatus.Success)

				before := bufpool.OutstandingBytes()
				const n = 100
				var sent atomic.Int32
				var wg sync.WaitGroup
				wg.Go(func() {
					for range n {
						msg := p.Encode(charged(p, request(id), 16))
						if !p.TrySend(msg) {
							return
						}
						sent.Add(1)
					}
				})
				synctest.Wait()
				held := bufpool.OutstandingBytes() - before
				t.Logf("%d of %d requests were read, %d KiB are held", sent.Load(), n, held>>10)
				// One request more than the budget may have been let in: its own
				// bytes and those that it announced.
				if limit := server.ConnectionBudget + 3*mib; held > limit {
					t.Errorf("%d bytes are held, want at most %d", held, limit)
				}
				p.Close()
				wg.Wait()
				synctest.Wait()
				if got := s.BytesHeld(); got != 0 {
					t.Errorf("the server still counts %d bytes", got)
				}
			})
		})
	}
}

func TestNothingIsHeldOnceAllIsAnswered(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	exchange(t, p, element(smbtest.CreateFile("f")), related(writeLast), related(readLast), related(flushLast))
	exchange(t, p, element(smbtest.CreateFile("f")), related(readLast), related(closeLast))
	mid, pending, _ := pendingFlush(t, s, p)
	p.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Header: naming(true, mid, pending)})
	receiveOne(t, p)
	s.Log.SetGate(nil)
	p.Send(element(smbtest.CreateFile("f")), smbtest.Element{Message: p.NegotiateRequest(), Unsigned: true})
	expectClosed(t, "NEGOTIATE in a compound", p)

	p = s.Login()
	p.Send(element(&smb2.ReadRequest{Length: 10}), smbtest.Element{Message: &smb2.TreeConnectRequest{}, Unsigned: true})
	p.Close()
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.BytesHeld(); got != 0 {
		t.Errorf("the server still counts %d bytes", got)
	}
}

func TestShutdownLetsRequestsInProgressFinish(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	idle, half := s.Login(), s.Login()
	half.SendBytes([]byte{0, 0, 0, 100, 0xFE})
	p := s.Login()
	_, _, release := pendingFlush(t, s, p)
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(context.Background()) }()
	expectClosed(t, "idle connection", idle)
	expectClosed(t, "connection within a frame", half)
	select {
	case err := <-done:
		t.Fatalf("Shutdown did not wait: %v", err)
	default:
	}
	release()
	if r := receiveOne(t, p); r.Header.Status != ntstatus.Success || !r.Signed {
		t.Errorf("FLUSH ended with %v, signed %v", r.Header.Status, r.Signed)
	}
	expectClosed(t, "after the last answer", p)
	if err := <-done; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func TestShutdownCutsOffWhatDoesNotFinishInTime(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	pendingFlush(t, s, p)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(ctx) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v, want %v", err, context.Canceled)
	}
}

func TestShutdownIsNotHeldUpByBusyConnections(t *testing.T) {
	// The deadline by which Shutdown ends a read must not be lost between two
	// frames.
	for range 30 {
		s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
		var wg sync.WaitGroup
		for range 4 {
			p := s.Login()
			wg.Go(func() {
				for range 10000 {
					if !p.TrySend(p.Encode(element(&smb2.EchoRequest{}))) {
						return
					}
					if _, ok := p.ReceiveRaw(); !ok {
						return
					}
				}
			})
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if err := s.Shutdown(ctx); err != nil {
			t.Fatalf("Shutdown: %v", err)
		}
		cancel()
		wg.Wait()
	}
}

func TestPolicyIsAskedAtAcceptLogOnAndTreeConnectOnly(t *testing.T) {
	var asked atomic.Int32
	var current atomic.Pointer[policy.Snapshot]
	current.Store(policy.Default())
	s := smbtest.StartServer(t, smbtest.Options{Policies: func() *policy.Snapshot {
		asked.Add(1)
		return current.Load()
	}})
	expectAsked := func(what string, want int32) {
		t.Helper()
		if got := asked.Swap(0); got != want {
			t.Errorf("%s: the policy was asked for %d times, want %d", what, got, want)
		}
	}
	p := s.Dial()
	casual(p)
	expectMode := func(p *smbtest.Peer, want smb2.SecurityMode) {
		t.Helper()
		if got := p.Negotiate().SecurityMode; got != want {
			t.Errorf("security mode %#x, want %#x", got, want)
		}
	}
	expectMode(p, smb2.SigningEnabled|smb2.SigningRequired)
	expectAsked("accept and NEGOTIATE", 1)

	// The session sees what the administrator has changed since.
	current.Store(relaxed())
	p.SessionSetup(smbtest.Initiator())
	expectAsked("two legs of SESSION_SETUP", 1)
	p.TreeConnect(smbtest.ShareName)
	expectAsked("TREE_CONNECT", 1)
	expectStatus(t, "unsigned CREATE in a session that need not sign", p,
		smbtest.Element{Message: smbtest.CreateFile("f"), Unsigned: true}, ntstatus.Success)

	// And keeps it: re-authentication does not ask again.
	current.Store(policy.Default())
	p.SessionSetup(smbtest.Initiator())
	expectStatus(t, "the same, after another change", p,
		smbtest.Element{Message: smbtest.CreateFile("f"), Unsigned: true}, ntstatus.Success)
	expectAsked("requests and re-authentication", 0)

	other := s.Login(casual)
	expectAsked("another client", 3)
	expectStatus(t, "unsigned CREATE in a new session", other,
		smbtest.Element{Message: smbtest.CreateFile("f"), Unsigned: true}, ntstatus.AccessDenied)
}

func TestReadGivesBackWhatItDoesNotNeed(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	makeFile(p, "f", "x")
	var res smb2.CreateResponse
	p.MustDo(create("f", fscc.DispositionOpen, dtyp.FileReadData, 0), &res)
	for range 50 {
		r := expectStatus(t, "READ", p, charged(p, &smb2.ReadRequest{FileID: res.FileID, Length: 8 << 20}, 128), ntstatus.Success)
		if len(r.Raw) != smb2.ReadDataOffset+1 {
			t.Fatalf("the answer has %d bytes", len(r.Raw))
		}
	}
}
