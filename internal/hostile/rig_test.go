package hostile_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/signet-smb/signet/internal/invariants"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// protection is one way of protecting a session: a row of the catalogue's
// other dimension.
type protection struct {
	name    string
	dialect smb2.Dialect
	signing smb2.SigningAlgorithm // offered, at 3.1.1
	bare    bool                  // 3.1.1 without SMB2_SIGNING_CAPABILITIES
	cipher  smb2.Cipher           // sealed with; CipherNone: signed
}

// signedWays are all ways of signing.
var signedWays = []protection{
	{name: "2.0.2 HMAC", dialect: smb2.Dialect202},
	{name: "2.1 HMAC", dialect: smb2.Dialect210},
	{name: "3.0 CMAC", dialect: smb2.Dialect300},
	{name: "3.0.2 CMAC", dialect: smb2.Dialect302},
	{name: "3.1.1 CMAC by default", dialect: smb2.Dialect311, bare: true},
	{name: "3.1.1 HMAC", dialect: smb2.Dialect311, signing: smb2.SigningHMACSHA256},
	{name: "3.1.1 CMAC", dialect: smb2.Dialect311, signing: smb2.SigningAESCMAC},
	{name: "3.1.1 GMAC", dialect: smb2.Dialect311, signing: smb2.SigningAESGMAC},
}

// sealedWays are all ways of sealing.
var sealedWays = []protection{
	{name: "3.0 sealed, AES-128-CCM", dialect: smb2.Dialect300, cipher: smb2.CipherAES128CCM},
	{name: "3.0.2 sealed, AES-128-CCM", dialect: smb2.Dialect302, cipher: smb2.CipherAES128CCM},
	{name: "3.1.1 sealed, AES-128-CCM", dialect: smb2.Dialect311, signing: smb2.SigningAESGMAC, cipher: smb2.CipherAES128CCM},
	{name: "3.1.1 sealed, AES-128-GCM", dialect: smb2.Dialect311, signing: smb2.SigningAESGMAC, cipher: smb2.CipherAES128GCM},
	{name: "3.1.1 sealed, AES-256-CCM", dialect: smb2.Dialect311, signing: smb2.SigningAESGMAC, cipher: smb2.CipherAES256CCM},
	{name: "3.1.1 sealed, AES-256-GCM", dialect: smb2.Dialect311, signing: smb2.SigningAESGMAC, cipher: smb2.CipherAES256GCM},
}

// offer makes p negotiate w.
func (w *protection) offer(p *smbtest.Peer) {
	p.Dialects = []smb2.Dialect{w.dialect}
	p.Signing = []smb2.SigningAlgorithm{w.signing}
	if w.bare {
		p.Signing = nil
	}
	if w.cipher != smb2.CipherNone {
		p.Ciphers = []smb2.Cipher{w.cipher}
	}
}

// stride is the distance, in bits, between the cases of a loop over all bits:
// 1, or so that every byte and every bit of a byte still has its turn.
func stride(sampled int) int {
	if invariants.Enabled || testing.Short() {
		return sampled
	}
	return 1
}

// parallel lets servers be attacked at the same time, but where buffers are
// counted: no server could tell its own from another's.
func parallel(t *testing.T) {
	if !invariants.Enabled {
		t.Parallel()
	}
}

// rig is a server under attack and the client that attacks, signed in, with a
// file and the share's root open.
type rig struct {
	t *testing.T
	s *smbtest.Server
	w protection

	*smbtest.Peer
	file, dir smb2.FileID
	pending   bool // with a FLUSH that waits in the back end
	flushID   smb2.MessageID
	asyncID   smb2.AsyncID
	hold      atomic.Pointer[chan struct{}] // what the FLUSH waits for
	entered   chan struct{}

	setup []string // the calls that signing in and opening makes
	used  int      // cases since then
}

// sealing is a policy by which every session is sealed.
func sealing() *policy.Snapshot {
	return policy.With(policy.Default(), policy.EncryptData, true, policy.Origin{Layer: policy.LayerCommandLine, Name: "hostile_test"})
}

func newRig(t *testing.T, w protection, pending bool) *rig {
	t.Helper()
	opt := smbtest.Options{Pipe: true, Quiet: true}
	if w.cipher != smb2.CipherNone {
		opt.Policy = sealing()
	}
	r := &rig{t: t, s: smbtest.StartServer(t, opt), w: w, pending: pending, entered: make(chan struct{}, 1)}
	r.s.Log.SetGate(func(ctx context.Context, call string) error {
		hold := r.hold.Load()
		if hold == nil || call != "Sync" {
			return nil
		}
		r.entered <- struct{}{}
		select {
		case <-*hold:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	p := r.peer()
	p.Write(p.Open("victim"), 0, "victim's content")
	p.Close()
	r.s.Log.Reset()
	r.login()
	t.Cleanup(func() { r.Close() })
	return r
}

// login replaces the connection. All that reached the back end up to then
// must have been reported: late calls of a forged request fail here.
func (r *rig) login() {
	r.t.Helper()
	if r.Peer != nil {
		r.untouched("before a new log-on")
		r.Close()
	}
	r.Peer = r.peer()
	r.file = r.Open("victim")
	r.dir = r.Open("")
	if r.pending {
		hold := make(chan struct{})
		r.hold.Store(&hold)
		r.flushID = r.NextMessageID
		r.Send(smbtest.Element{Message: &smb2.FlushRequest{FileID: r.file}})
		replies, ok := r.Receive()
		if !ok || replies[0].Header.Status != ntstatus.Pending {
			r.t.Fatalf("FLUSH: %v %+v", ok, replies)
		}
		r.asyncID = replies[0].Header.AsyncID
		<-r.entered
	}
	calls := r.s.Log.Take()
	if r.setup == nil {
		r.setup = calls
	} else if !slices.Equal(calls, r.setup) {
		r.t.Fatalf("signing in made the calls %q, the first time %q", calls, r.setup)
	}
	r.used = 0
}

// peer returns a further client that is signed in, on a connection of its own.
func (r *rig) peer() *smbtest.Peer {
	r.t.Helper()
	p := smbtest.NewPeer(quiet{r.t}, r.s.DialConn())
	r.w.offer(p)
	p.Negotiate()
	if p.Dialect != r.w.dialect || p.Cipher != r.w.cipher && r.w.cipher != smb2.CipherNone {
		r.t.Fatalf("negotiated %v, %v, want %v, %v", p.Dialect, p.Cipher, r.w.dialect, r.w.cipher)
	}
	if reply := p.SessionSetup(smbtest.Initiator()); reply.Header.Status != ntstatus.Success {
		r.t.Fatalf("log-on: %v", reply.Header.Status)
	}
	p.Seal = r.w.cipher != smb2.CipherNone
	if reply := p.TreeConnect(smbtest.ShareName); reply.Header.Status != ntstatus.Success {
		r.t.Fatalf("tree connect: %v", reply.Header.Status)
	}
	return p
}

// quiet is a test that keeps no list of a hundred thousand connections; the
// rig closes them.
type quiet struct{ testing.TB }

func (quiet) Cleanup(func()) {}

// untouched fails if any call reached the back end.
func (r *rig) untouched(what string) {
	r.t.Helper()
	if calls := r.s.Log.Take(); len(calls) > 0 {
		r.t.Fatalf("%s: reached the back end: %q", what, calls)
	}
}

// alive checks that session, tree connect and open still are what they were:
// that no forged LOGOFF, TREE_DISCONNECT, CLOSE or CANCEL was obeyed.
func (r *rig) alive(what string) {
	r.t.Helper()
	r.MustDo(&smb2.ReadRequest{FileID: r.file, Length: 1}, nil)
	r.s.Log.Take()
	if r.pending {
		close(*r.hold.Load())
		replies, ok := r.Receive()
		if !ok || replies[0].Header.Status != ntstatus.Success || replies[0].Header.MessageID != r.flushID {
			r.t.Fatalf("%s: the FLUSH that waited ended with %v %+v", what, ok, replies)
		}
	}
}

// What a server may do with a request besides answering it with a status.
const (
	closed   = "connection closed"
	unheeded = "no answer"
)

// outcome sends msg and returns what comes of the element with the given
// MessageId. silent tells that there may be no answer, which is waited for no
// longer than the answer to an ECHO behind takes.
func (r *rig) outcome(msg []byte, id smb2.MessageID, silent bool) string {
	r.t.Helper()
	r.SendRaw(msg)
	var echo smb2.MessageID
	if silent {
		echo = r.NextMessageID
		r.Send(smbtest.Element{Message: &smb2.EchoRequest{}})
	}
	found := ""
	for {
		replies, ok := r.Receive()
		if !ok {
			if found == "" || silent {
				return closed
			}
			return found
		}
		for _, reply := range replies {
			switch {
			case silent && reply.Header.MessageID == echo && reply.Header.Command == smb2.CommandEcho:
				if found == "" {
					found = unheeded
				}
				return found
			case reply.Header.MessageID == id && found == "":
				found = reply.Header.Status.String()
			}
		}
		if found != "" && !silent {
			return found
		}
	}
}

// tally counts outcomes by field. Not safe for concurrent use.
type tally map[string]map[string]int

func (c tally) add(field, outcome string) {
	if c[field] == nil {
		c[field] = make(map[string]int)
	}
	c[field][outcome]++
}

func (c tally) merge(other tally) {
	for field, outcomes := range other {
		for outcome, n := range outcomes {
			if c[field] == nil {
				c[field] = make(map[string]int)
			}
			c[field][outcome] += n
		}
	}
}

func (c tally) total() (n int) {
	for _, outcomes := range c {
		for _, m := range outcomes {
			n += m
		}
	}
	return n
}

// String is a table with a line for each field and outcome.
func (c tally) String() string {
	var lines []string
	for field, outcomes := range c {
		for outcome, n := range outcomes {
			lines = append(lines, fmt.Sprintf("%-34s %-28s %7d", field, outcome, n))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
