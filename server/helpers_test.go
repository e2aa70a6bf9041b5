package server_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// algorithms are all signing algorithms.
var algorithms = []smb2.SigningAlgorithm{smb2.SigningAESGMAC, smb2.SigningAESCMAC, smb2.SigningHMACSHA256}

// inTest is where test policies come from.
var inTest = policy.Origin{Layer: policy.LayerCommandLine, Name: "server_test"}

// relaxed is a policy by which the server does not require signing.
func relaxed() *policy.Snapshot {
	return policy.With(policy.Default(), policy.RequireSecuritySignature, false, inTest)
}

// withGuests is s with guests let in.
func withGuests(s *policy.Snapshot) *policy.Snapshot {
	return policy.With(s, policy.EnableGuestAccess, true, inTest)
}

// casual makes a peer that can sign but does not require it.
func casual(p *smbtest.Peer) { p.Mode = smb2.SigningEnabled }

// signingWith makes a peer that offers one signing algorithm.
func signingWith(alg smb2.SigningAlgorithm) func(*smbtest.Peer) {
	return func(p *smbtest.Peer) { p.Signing = []smb2.SigningAlgorithm{alg} }
}

// forEachAlgorithm runs f in a sub-test for each signing algorithm, with a
// server of its own and a peer that is signed in.
func forEachAlgorithm(t *testing.T, f func(t *testing.T, s *smbtest.Server, p *smbtest.Peer)) {
	t.Helper()
	for _, alg := range algorithms {
		t.Run(alg.String(), func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login(signingWith(alg))
			if p.Algorithm != alg {
				t.Fatalf("negotiated %v, want %v", p.Algorithm, alg)
			}
			f(t, s, p)
		})
	}
}

// related makes a RELATED element of m, its identifiers all ones as real
// clients send them.
func related(m smb2.Message) smbtest.Element {
	return smbtest.Element{Message: m, Flags: smb2.FlagRelatedOperation, Header: func(h *smb2.Header) {
		h.SessionID = 0xFFFFFFFFFFFFFFFF
		h.TreeID = 0xFFFFFFFF
	}}
}

// exchange sends elements and returns their final answers.
func exchange(t *testing.T, p *smbtest.Peer, elements ...smbtest.Element) []smbtest.Reply {
	t.Helper()
	replies, ok := p.Exchange(elements...)
	if !ok {
		t.Fatalf("the server closed the connection after %d of %d answers", len(replies), len(elements))
	}
	return replies
}

// expectStatuses compares the statuses of replies, in order.
func expectStatuses(t *testing.T, what string, replies []smbtest.Reply, want ...ntstatus.Status) {
	t.Helper()
	if len(replies) != len(want) {
		t.Fatalf("%s: %d answers, want %d", what, len(replies), len(want))
	}
	for i, r := range replies {
		if r.Header.Status != want[i] {
			t.Errorf("%s: answer %d (%v) is %v, want %v", what, i, r.Header.Command, r.Header.Status, want[i])
		}
	}
}

// expectStatus sends one element and compares the status of its answer.
func expectStatus(t *testing.T, what string, p *smbtest.Peer, e smbtest.Element, want ntstatus.Status) smbtest.Reply {
	t.Helper()
	replies := exchange(t, p, e)
	expectStatuses(t, what, replies, want)
	return replies[0]
}

// expectClosed fails unless the server closes the connection without a word.
func expectClosed(t *testing.T, what string, p *smbtest.Peer) {
	t.Helper()
	if replies, ok := p.Receive(); ok {
		t.Fatalf("%s: answered %v %v, want the connection closed", what, replies[0].Header.Command, replies[0].Header.Status)
	}
}

// expectUntouched fails if any call reached the back end.
func expectUntouched(t *testing.T, what string, s *smbtest.Server) {
	t.Helper()
	if calls := s.Log.Calls(); len(calls) > 0 {
		t.Fatalf("%s: reached the back end: %q", what, calls)
	}
}

// eventually waits until done, for what happens after a connection is gone and
// nobody answers.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("%s: not within a minute", what)
		case <-time.After(time.Millisecond):
		}
	}
}

// nextToken is what init answers to a token of the server.
func nextToken(t *testing.T, init auth.Initiator, token []byte) []byte {
	t.Helper()
	token, _, err := init.Step(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// barrier is a command of its own whose answer shows that whatever runs on
// the read loop and was sent before has been dealt with.
func barrier(t *testing.T, p *smbtest.Peer) {
	t.Helper()
	p.MustDo(&smb2.EchoRequest{}, nil)
}

// holdCalls lets calls of the back end that begin with one of names wait until
// release is called, or their request is cancelled. entered tells of each.
func holdCalls(t *testing.T, s *smbtest.Server, name string) (entered <-chan struct{}, release func()) {
	t.Helper()
	in, out := make(chan struct{}, 64), make(chan struct{})
	s.Log.SetGate(func(ctx context.Context, call string) error {
		if len(call) < len(name) || call[:len(name)] != name {
			return nil
		}
		in <- struct{}{}
		select {
		case <-out:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	var once sync.Once
	release = func() { once.Do(func() { close(out) }) }
	t.Cleanup(release)
	return in, release
}
