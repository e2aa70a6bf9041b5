package client_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// held is a rogue that takes several chains in one message, and from hold on
// answers no CREATE before the gate is open.
type held struct {
	rogue
	mu   sync.Mutex
	gate chan struct{} // nil: nothing is held
}

// newHeld also returns the share, whose messages carry several chains.
func newHeld(t *testing.T, values ...string) (*held, *client.Share) {
	t.Helper()
	s := &held{}
	s.cipher = smb2.CipherAES128GCM
	s.handle = func(q *question) bool {
		if q.Command == smb2.CommandCreate {
			s.mu.Lock()
			gate := s.gate
			s.mu.Unlock()
			if gate != nil {
				<-gate
			}
		}
		return false
	}
	session, err := dialRogue(t, &s.rogue, values...)
	if err != nil {
		t.Fatal(err)
	}
	share := shareOf(t, session)
	if able, err := share.TryTogether(bounded(t)); !able || err != nil {
		t.Fatalf("several chains in one message: %v, %v", able, err)
	}
	return s, share
}

// hold closes the gate; the result opens it.
func (s *held) hold(t *testing.T) (open func()) {
	gate := make(chan struct{})
	s.mu.Lock()
	s.gate = gate
	s.mu.Unlock()
	open = sync.OnceFunc(func() { close(gate) })
	t.Cleanup(open)
	return open
}

// reads has n callers read length bytes of files, and returns when all but two
// of them wait to be sent. The result waits for the callers.
func reads(t *testing.T, share *client.Share, n, length int) (wait func() []error) {
	t.Helper()
	var at sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		at.Go(func() {
			var got int
			got, _, errs[i] = share.ReadSmallFile(bounded(t), fmt.Sprint("f", i), make([]byte, length))
			if errs[i] == nil && got != length {
				errs[i] = fmt.Errorf("%d bytes", got)
			}
		})
	}
	awaitWaiting(t, share, n-2)
	return func() []error {
		at.Wait()
		return errs
	}
}

// awaitWaiting returns when so many operations wait to be sent.
func awaitWaiting(t *testing.T, share *client.Share, n int) {
	t.Helper()
	for ctx := bounded(t); share.WaitingTogether() != n; runtime.Gosched() {
		if ctx.Err() != nil {
			t.Fatalf("%d operations wait to be sent, not %d", share.WaitingTogether(), n)
		}
	}
}

func TestOperationsThatWaitLeaveInOneMessage(t *testing.T) {
	for name, c := range map[string]struct {
		values   []string
		length   int
		messages int64 // two for the first two callers, and those of the others
	}{
		"signed":            {nil, 1000, 2 + 1},
		"sealed":            {[]string{"client.RequireEncryption", "True"}, 1000, 2 + 1},
		"as much as fits":   {nil, client.MaxSmallFile, 2 + 4}, // 4, 4, 4 and 2 files of 64 KiB
		"nothing to be got": {nil, 1, 2 + 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, share := newHeld(t, c.values...)
			before := s.frames.Load()
			open := s.hold(t)
			wait := reads(t, share, 16, c.length)
			open()
			for i, err := range wait() {
				if err != nil {
					t.Errorf("f%d: %v", i, err)
				}
			}
			if n := s.frames.Load() - before; n != c.messages {
				t.Errorf("%d messages for 16 files, want %d", n, c.messages)
			}
		})
	}
}

// Who gives up before its request has left has asked for nothing, and gives its
// credits back.
func TestOperationThatGivesUpWhileItWaitsIsNotSent(t *testing.T) {
	s, share := newHeld(t)
	open := s.hold(t)
	wait := reads(t, share, 6, 100)
	ctx, cancel := context.WithCancel(bounded(t))
	gone := make(chan error, 1)
	go func() {
		_, err := share.Stat(ctx, "f")
		gone <- err
	}()
	awaitWaiting(t, share, 5)
	free := share.FreeCredits()
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up: %v", err)
	}
	if n, m := share.WaitingTogether(), share.FreeCredits(); n != 4 || m != free+2 {
		t.Errorf("%d wait to be sent; %d credits, and %d before", n, m, free)
	}
	open()
	for i, err := range wait() {
		if err != nil {
			t.Errorf("f%d: %v", i, err)
		}
	}
	creates := 0
	for _, c := range s.commands() {
		if c == smb2.CommandCreate {
			creates++
		}
	}
	if creates != 2+6 { // those that have tried it, and the others'
		t.Errorf("%d files were opened", creates)
	}
}

// A file that somebody must give up first takes as long as that takes; others
// do not wait for it.
func TestOperationsDoNotWaitForOneThatIsPending(t *testing.T) {
	s := &rogue{}
	var mu sync.Mutex
	var late []*question // CREATEs that wait, and the CLOSEs behind them
	pending := 0         // how many are to
	s.handle = func(q *question) bool {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case q.Command == smb2.CommandCreate && pending > 0:
			pending--
			h := q.answer(ntstatus.Pending)
			h.Flags |= smb2.FlagAsyncCommand
			h.AsyncID = smb2.AsyncID(q.MessageID)
			msg := encode(h, &smb2.ErrorResponse{})
			q.grant = 1 // which the interim answer has brought
			late = append(late, q)
			q.send(msg)
			return true
		case q.Is(smb2.FlagRelatedOperation) && len(late) > 0 && q.MessageID == late[len(late)-1].MessageID+1:
			late = append(late, q)
			return true
		}
		return false
	}
	session, err := dialRogue(t, s)
	if err != nil {
		t.Fatal(err)
	}
	share := shareOf(t, session)
	if able, err := share.TryTogether(bounded(t)); !able || err != nil {
		t.Fatalf("several chains in one message: %v, %v", able, err)
	}
	mu.Lock()
	pending = 2
	mu.Unlock()
	slow := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := share.Stat(bounded(t), "slow")
			slow <- err
		}()
	}
	for ctx := bounded(t); ; runtime.Gosched() {
		mu.Lock()
		n := len(late)
		mu.Unlock()
		if n == 4 {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("%d requests wait at the server", n)
		}
	}
	if _, err := share.Stat(bounded(t), "f"); err != nil {
		t.Errorf("a file that nobody uses: %v", err)
	}
	mu.Lock()
	for _, q := range late {
		if q.Command == smb2.CommandCreate {
			h := q.answer(ntstatus.Success)
			h.Flags |= smb2.FlagAsyncCommand
			h.AsyncID = smb2.AsyncID(q.MessageID)
			q.sendSigned(encode(h, &smb2.CreateResponse{FileID: smb2.FileID{Persistent: 1, Volatile: 2}}))
		} else {
			q.good()
		}
	}
	mu.Unlock()
	for range 2 {
		if err := <-slow; err != nil {
			t.Errorf("a file that somebody had to give up: %v", err)
		}
	}
}

func TestOperationsThatWaitEndWithTheConnection(t *testing.T) {
	s, share := newHeld(t)
	open := s.hold(t)
	wait := reads(t, share, 10, 100)
	s.nc.Close()
	open()
	for i, err := range wait() {
		if _, ok := errors.AsType[*client.ConnectionError](err); !ok {
			t.Errorf("f%d: %v", i, err)
		}
	}
	if n := share.WaitingTogether(); n != 0 {
		t.Errorf("%d operations wait to be sent", n)
	}
}

// [MS-SMB2] 3.3.5.2.7: a server may refuse what mixes related and unrelated
// requests.
func TestNothingLeavesTogetherWhereItIsRefused(t *testing.T) {
	for name, s := range map[string]*rogue{
		"refused": {handle: func(q *question) bool {
			if q.Command == smb2.CommandCreate {
				q.fail(ntstatus.InvalidParameter)
				return true
			}
			return false
		}},
		"a message takes little": {tamperNegotiate: func(res *smb2.NegotiateResponse) { res.MaxReadSize = 64 << 10 }},
		"an old dialect":         {dialect: smb2.Dialect202},
	} {
		t.Run(name, func(t *testing.T) {
			session, err := dialRogue(t, s)
			if err != nil {
				t.Fatal(err)
			}
			if able, err := shareOf(t, session).TryTogether(bounded(t)); able || err != nil {
				t.Errorf("%v, %v", able, err)
			}
		})
	}
}
