package server_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// shutDown ends s: what closes a connection is counted at the connection's end.
func shutDown(t *testing.T, s *smbtest.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
}

// refusedFor are the reasons of m with how often, without those that did not
// happen: "signature:1 rights:2".
func refusedFor(m server.Metrics) string {
	var list []string
	for _, r := range m.Refusals {
		if r.Count > 0 {
			list = append(list, fmt.Sprintf("%v:%d", r.Reason, r.Count))
		}
	}
	return strings.Join(list, " ")
}

// ofCommand is what m has of a command: requests that did not wait, those that
// did, and those that failed.
func ofCommand(m server.Metrics, command smb2.Command) (quick, waited, failed uint64) {
	c := m.Commands[command]
	for _, n := range c.Buckets {
		quick += n
	}
	return quick, c.Waited, c.Failed
}

// TestEveryRefusalIsCountedByItsReason uses the ways to raise events: each that
// refuses somebody is counted, once, and nothing else is, whether events are
// taken or not.
func TestEveryRefusalIsCountedByItsReason(t *testing.T) {
	reasons := map[string]string{ // of triggers whose name stands here; others refuse nobody
		"SMB1 only":                                     "smb1:1",
		"SMB1 only, but it signs":                       "smb1:1",
		"a guest who is refused":                        "guest:1",
		"a wrong password":                              "sign_in:1",
		"no cipher where all is encrypted":              "encryption:1",
		"no cipher at an encrypted share":               "encryption:1",
		"not signed at a signed share":                  "share:1",
		"no access to a share":                          "share:1",
		"a negotiation that was altered":                "negotiation:1",
		"a wrong signature":                             "signature:1",
		"no signature":                                  "unsigned:1",
		"no signature at a signed share":                "unsigned:1",
		"neither signed nor sealed in a sealed session": "unsigned:1",
		"a sealed message that was altered":             "decryption:1",
	}
	for _, tr := range triggers {
		for _, sink := range []server.EventSink{nil, &recorder{}} {
			t.Run(fmt.Sprintf("%s/%T", tr.name, sink), func(t *testing.T) {
				opt := smbtest.Options{Policy: tr.policy, Authenticator: tr.auth, Events: sink, Quiet: true}
				s := smbtest.StartServer(t, opt)
				tr.do(t, s)
				shutDown(t, s) // what closes a connection is counted at its end
				if got, want := refusedFor(s.Metrics()), reasons[tr.name]; got != want {
					t.Errorf("refusals %q, want %q", got, want)
				}
			})
		}
	}
}

func TestRequestsAreCountedByCommandAndProof(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed(), Quiet: true})
	before := s.Metrics()
	p := s.Login(casual)
	id := p.Open("file")
	p.Write(id, 0, "data")
	for range 3 {
		p.MustDo(&smb2.ReadRequest{FileID: id, Length: 4}, &smb2.ReadResponse{})
	}
	expectStatus(t, "READ at the end", p, smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Offset: 4, Length: 4}}, ntstatus.EndOfFile)
	expectStatus(t, "no signature", p, smbtest.Element{Message: &smb2.EchoRequest{}, Unsigned: true}, ntstatus.Success)
	expectStatus(t, "CREATE", p, smbtest.Element{Message: create("none", fscc.DispositionOpen, readAccess, 0)}, ntstatus.ObjectNameNotFound)
	p.Seal = true
	expectStatus(t, "sealed", p, smbtest.Element{Message: &smb2.EchoRequest{}}, ntstatus.Success)
	m := s.Metrics()
	for _, c := range []struct {
		command               smb2.Command
		quick, waited, failed uint64
	}{
		{smb2.CommandNegotiate, 1, 0, 0},
		{smb2.CommandSessionSetup, 2, 0, 1},
		{smb2.CommandCreate, 2, 0, 1},
		{smb2.CommandRead, 4, 0, 1},
		{smb2.CommandWrite, 1, 0, 0},
		{smb2.CommandEcho, 2, 0, 0},
		{smb2.CommandLock, 0, 0, 0},
	} {
		if quick, waited, failed := ofCommand(m, c.command); quick != c.quick || waited != c.waited || failed != c.failed {
			t.Errorf("%v: %d, waited %d, failed %d; want %d, %d, %d", c.command, quick, waited, failed, c.quick, c.waited, c.failed)
		}
	}
	if took := m.Commands[smb2.CommandRead].Took; took <= 0 {
		t.Errorf("READs took %v", took)
	}
	if m.Requests.Sealed != 1 || m.Requests.Signed < 8 || m.Requests.Plain < 3 {
		t.Errorf("by proof: %+v", m.Requests)
	}
	if m.Received <= before.Received || m.Sent <= before.Sent {
		t.Errorf("bytes: received %d, sent %d", m.Received, m.Sent)
	}
}

func TestWhatWaitsIsCountedApart(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	holder, p := s.Login(), s.Login()
	held, wanted := holder.Open("file"), p.Open("file")
	holder.MustDo(lockOf(held, rangeOf(waitExclusive, 0, 10)), &smb2.LockResponse{})
	p.Send(smbtest.Element{Message: lockOf(wanted, rangeOf(waitExclusive, 0, 10))})
	if replies, ok := p.Receive(); !ok || replies[0].Header.Status != ntstatus.Pending {
		t.Fatalf("the interim response: %+v", replies)
	}
	if m := s.Metrics(); m.Waiting != 1 {
		t.Errorf("%d requests wait, want 1", m.Waiting)
	}
	holder.CloseFile(held)
	if replies, ok := p.Receive(); !ok || replies[0].Header.Status != ntstatus.Success {
		t.Fatalf("the response: %+v", replies)
	}
	m := s.Metrics()
	if quick, waited, failed := ofCommand(m, smb2.CommandLock); quick != 1 || waited != 1 || failed != 0 || m.Waiting != 0 {
		t.Errorf("LOCK: %d, waited %d, failed %d, waiting %d; want 1, 1, 0, 0", quick, waited, failed, m.Waiting)
	}
}

func TestWhatThereIsNowIsToldByKind(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed(), Quiet: true})
	s.Login(signingWith(smb2.SigningAESGMAC))
	s.Login(signingWith(smb2.SigningAESCMAC))
	s.Login(signingWith(smb2.SigningAESCMAC)).Open("held")
	s.Login(casual, at(smb2.Dialect210))
	s.Dial().Negotiate()
	m := s.Metrics()
	slices.SortFunc(m.Sessions, func(a, b server.SessionMetrics) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	got := fmt.Sprint(m.Sessions)
	for _, want := range []string{
		"{3.1.1 AES-128-GMAC AES-128-GCM true false 1}", "{3.1.1 AES-128-CMAC AES-128-GCM true false 2}", "{2.1 HMAC-SHA256  false false 1}",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("sessions %s, want %s among them", got, want)
		}
	}
	if m.Connections != 5 || m.PendingConnections != 1 || m.Opens != 1 || m.Accepted != 5 || m.SignIns != 4 || m.Credits < 5 || m.Memory < 0 {
		t.Errorf("%+v", m)
	}
	if m.Signing || m.Shutting || m.Limits.Connections <= 0 || m.Limits.Opens <= 0 || m.Limits.Sessions <= 0 || m.Limits.Memory <= 0 {
		t.Errorf("%+v", m)
	}
	shutDown(t, s)
	if m := s.Metrics(); !m.Shutting || m.Connections != 0 || len(m.Sessions) != 0 || m.Opens != 0 {
		t.Errorf("after Shutdown: %+v", m)
	}
}

func TestWhatExceedsALimitOrRightIsCounted(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy *policy.Snapshot
		do     func(t *testing.T, s *smbtest.Server)
		want   string
	}{
		{"files", limited(policy.MaxOpenFilesPerSession, 1), func(_ *testing.T, s *smbtest.Server) {
			p := s.Login()
			p.Open("a")
			p.Exchange(smbtest.Element{Message: smbtest.CreateFile("b")})
		}, "limit_opens:1"},
		{"tree connects", limited(policy.MaxTreeConnectPerSession, 1), func(_ *testing.T, s *smbtest.Server) {
			s.Login().TreeConnect(smbtest.ShareName)
		}, "limit_tree_connects:1"},
		{"rights", nil, func(_ *testing.T, s *smbtest.Server) {
			p := s.Login()
			p.TreeConnect(smbtest.ReadOnlyShareName)
			p.Exchange(smbtest.Element{Message: create("b", fscc.DispositionCreate, dtyp.FileGenericWrite, 0)})
		}, "rights:1"},
		{"dialects", policy.With(policy.Default(), policy.Smb2DialectMin, policy.Dialect(smb2.Dialect311), inTest), func(_ *testing.T, s *smbtest.Server) {
			p := s.Dial()
			p.Exchange(smbtest.Element{Message: &smb2.NegotiateRequest{Dialects: []smb2.Dialect{smb2.Dialect210}, SecurityMode: smb2.SigningEnabled}})
		}, "dialect:1"},
		{"protocol", nil, func(_ *testing.T, s *smbtest.Server) {
			p := s.Dial()
			p.SendRaw([]byte("no message of SMB at all"))
			p.Receive()
		}, "protocol:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: c.policy, Quiet: true})
			c.do(t, s)
			shutDown(t, s)
			if got := refusedFor(s.Metrics()); got != c.want {
				t.Errorf("refusals %q, want %q", got, c.want)
			}
		})
	}
}

// BenchmarkMetrics is what a look at the counters costs, with a hundred sessions.
func BenchmarkMetrics(b *testing.B) {
	s := smbtest.StartServer(b, smbtest.Options{Quiet: true, Unlogged: true})
	for range 100 {
		s.Login()
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Metrics()
	}
}
