package server_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// The states of leases that are ever held.
const (
	leaseR   = smb2.LeaseReadCaching
	leaseRH  = leaseR | smb2.LeaseHandleCaching
	leaseRW  = leaseR | smb2.LeaseWriteCaching
	leaseRWH = leaseRH | smb2.LeaseWriteCaching
)

// withOplock is a CREATE that opens or creates a file and asks for an oplock.
func withOplock(name string, level smb2.OplockLevel) *smb2.CreateRequest {
	m := smbtest.CreateFile(name)
	m.RequestedOplockLevel = level
	return m
}

// keyOf is a lease key.
func keyOf(b byte) smb2.LeaseKey { return smb2.LeaseKey{b, ^b} }

// withLease is a CREATE that asks for a lease of version 2, key b and epoch 16.
func withLease(name string, b byte, state smb2.LeaseState) *smb2.CreateRequest {
	m := withOplock(name, smb2.OplockLease)
	m.Contexts = []smb2.CreateContext{smb2.LeaseContext(smb2.Lease{V2: true, LeaseKey: keyOf(b), LeaseState: state, Epoch: 16})}
	return m
}

// granted is what a CREATE was granted.
type granted struct {
	smb2.CreateResponse
	lease smb2.Lease // zero without one
}

// decodeGranted reads the answer to a CREATE that must have succeeded.
func decodeGranted(t *testing.T, r smbtest.Reply) granted {
	t.Helper()
	if r.Header.Command != smb2.CommandCreate || r.Header.Status != ntstatus.Success {
		t.Fatalf("received %v %v, want a CREATE that succeeds", r.Header.Command, r.Header.Status)
	}
	var g granted
	r.Decode(t, &g.CreateResponse)
	for _, c := range g.Contexts {
		if c.Name == smb2.CreateLease {
			var err error
			if g.lease, err = c.Lease(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return g
}

// mustOpen is what a CREATE that waits for nobody is granted.
func mustOpen(t *testing.T, p *smbtest.Peer, m *smb2.CreateRequest) granted {
	t.Helper()
	return decodeGranted(t, p.Do(m))
}

// pendingOpen sends a CREATE that has to wait. The next answer is the final one.
func pendingOpen(t *testing.T, p *smbtest.Peer, m *smb2.CreateRequest) (mid smb2.MessageID, pending smb2.AsyncID) {
	t.Helper()
	mid = p.NextMessageID
	p.Send(element(m))
	r := receiveOne(t, p)
	if r.Header.Status != ntstatus.Pending || !r.Header.Is(smb2.FlagAsyncCommand) || r.Header.AsyncID == 0 || r.Header.Credits == 0 {
		t.Fatalf("CREATE answered %+v, want an interim response", r.Header)
	}
	return mid, r.Header.AsyncID
}

// receiveBreak wants the next message to be a notification of session id, which
// is read into m. [MS-SMB2] 3.3.4.6, 3.3.4.7.
func receiveBreak(t *testing.T, p *smbtest.Peer, id smb2.SessionID, m smb2.Message) smbtest.Reply {
	t.Helper()
	r := receiveOne(t, p)
	h := r.Header
	if h.Command != smb2.CommandOplockBreak || h.MessageID != smb2.UnsolicitedMessageID || h.Status != ntstatus.Success ||
		h.SessionID != id || h.TreeID != 0 || h.Flags != smb2.FlagServerToRedir || h.Credits != 0 || h.Signature != [16]byte{} {
		t.Fatalf("received %+v, want a break notification of session %v, neither asked for nor signed", h, id)
	}
	r.Decode(t, m)
	return r
}

// expectOplockBreak wants an oplock to break to level.
func expectOplockBreak(t *testing.T, p *smbtest.Peer, id smb2.FileID, level smb2.OplockLevel) {
	t.Helper()
	var m smb2.OplockBreakNotification
	receiveBreak(t, p, p.SessionID, &m)
	if want := (smb2.OplockBreakNotification{FileID: id, OplockLevel: level}); m != want {
		t.Fatalf("received %+v, want %+v", m, want)
	}
}

// expectLeaseBreak wants the lease b to break.
func expectLeaseBreak(t *testing.T, p *smbtest.Peer, b byte, from, to smb2.LeaseState, epoch uint16) {
	t.Helper()
	want := smb2.LeaseBreakNotification{LeaseKey: keyOf(b), CurrentLeaseState: from, NewLeaseState: to, NewEpoch: epoch}
	if from != leaseR {
		want.Flags = smb2.LeaseBreakAckRequired
	}
	var m smb2.LeaseBreakNotification
	receiveBreak(t, p, 0, &m)
	if m != want {
		t.Fatalf("received %+v, want %+v", m, want)
	}
}

// expectQuiet wants nothing to have come that p did not ask for.
func expectQuiet(t *testing.T, p *smbtest.Peer) {
	t.Helper()
	if r := p.Do(&smb2.EchoRequest{}); r.Header.Command != smb2.CommandEcho {
		t.Errorf("%v %v came unasked", r.Header.Command, r.Header.Status)
	}
}

// keepOplock acknowledges the break of an oplock, and keepLease that of a lease.
func keepOplock(p *smbtest.Peer, id smb2.FileID, level smb2.OplockLevel) smbtest.Reply {
	return p.Do(&smb2.OplockBreakAcknowledgment{FileID: id, OplockLevel: level})
}

func keepLease(p *smbtest.Peer, b byte, state smb2.LeaseState) smbtest.Reply {
	return p.Do(&smb2.LeaseBreakAcknowledgment{LeaseKey: keyOf(b), LeaseState: state})
}

func TestAnOpenWaitsUntilTheHolderOfABatchOplockAnswers(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	holder, other := s.Login(), s.Login()
	held := mustOpen(t, holder, withOplock("f", smb2.OplockBatch))
	if held.OplockLevel != smb2.OplockBatch {
		t.Fatalf("oplock %#x, want batch", held.OplockLevel)
	}
	mid, _ := pendingOpen(t, other, withOplock("f", smb2.OplockBatch))
	expectOplockBreak(t, holder, held.FileID, smb2.OplockII)
	expectQuiet(t, other) // it waits

	var res smb2.OplockBreakResponse
	if r := keepOplock(holder, held.FileID, smb2.OplockII); r.Header.Status != ntstatus.Success || !r.Signed {
		t.Fatalf("acknowledgment: %v, signed %t", r.Header.Status, r.Signed)
	} else if r.Decode(t, &res); res != (smb2.OplockBreakResponse{FileID: held.FileID, OplockLevel: smb2.OplockII}) {
		t.Errorf("acknowledgment answered %+v", res)
	}
	r := receiveOne(t, other)
	if r.Header.MessageID != mid || !r.Header.Is(smb2.FlagAsyncCommand) || !r.Signed {
		t.Errorf("answer %+v, signed %t; want that to CREATE %d, asynchronous and signed", r.Header, r.Signed, mid)
	}
	if got := decodeGranted(t, r); got.OplockLevel != smb2.OplockII {
		t.Errorf("the second open has oplock %#x, want level II", got.OplockLevel)
	}
	// A write breaks both, its own too, and waits for nobody.
	other.Write(decodeGranted(t, r).FileID, 0, "x")
}

func TestAWriteBreaksLevelIIOplocksWithoutWaiting(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	holder, writer := s.Login(), s.Login()
	makeFile(holder, "f", "before")
	id := writer.Open("f")
	held := mustOpen(t, holder, withOplock("f", smb2.OplockBatch))
	if held.OplockLevel != smb2.OplockII {
		t.Fatalf("oplock %#x beside another open, want level II", held.OplockLevel)
	}
	writer.Write(id, 0, "x")
	expectOplockBreak(t, holder, held.FileID, smb2.OplockNone)
	// Nobody waits for an acknowledgment of that. [MS-SMB2] 3.3.5.22.1.
	if r := keepOplock(holder, held.FileID, smb2.OplockNone); r.Header.Status != ntstatus.InvalidOplockProtocol {
		t.Errorf("acknowledgment of a level II break: %v, want INVALID_OPLOCK_PROTOCOL", r.Header.Status)
	}
	writer.Write(id, 0, "y")
	expectQuiet(t, holder)
}

func TestOplockBreaksAreSealedWhereTheSessionIsAndLeaseBreaksAreNot(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.EncryptData, true)})
	login := func() *smbtest.Peer {
		p := negotiatedPeer(s)
		p.SessionSetup(smbtest.Initiator())
		p.Seal = true
		p.TreeConnect(smbtest.ShareName)
		return p
	}
	holder, other := login(), login()
	held := mustOpen(t, holder, withOplock("f", smb2.OplockBatch))
	mustOpen(t, holder, withLease("g", 1, leaseRWH))
	pendingOpen(t, other, withOplock("f", smb2.OplockNone))
	var m smb2.OplockBreakNotification
	if r := receiveBreak(t, holder, holder.SessionID, &m); !r.Sealed {
		t.Error("the oplock break of a sealed session is not sealed")
	}
	keepOplock(holder, held.FileID, smb2.OplockNone)
	decodeGranted(t, receiveOne(t, other))
	pendingOpen(t, other, withOplock("g", smb2.OplockNone))
	var l smb2.LeaseBreakNotification
	if r := receiveBreak(t, holder, 0, &l); r.Sealed {
		t.Error("a lease break is sealed, by nobody's key")
	}
	keepLease(holder, 1, leaseRH)
	decodeGranted(t, receiveOne(t, other))
}

func TestWhatEndsTheWaitForABreak(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(t *testing.T, holder, waiter *smbtest.Peer, held smb2.FileID, pending smb2.AsyncID)
		want ntstatus.Status // of the CREATE that waits
	}{
		{"an acknowledgment", func(_ *testing.T, holder, _ *smbtest.Peer, held smb2.FileID, _ smb2.AsyncID) {
			keepOplock(holder, held, smb2.OplockNone)
		}, ntstatus.Success},
		{"an acknowledgment that keeps too much", func(t *testing.T, holder, _ *smbtest.Peer, held smb2.FileID, _ smb2.AsyncID) {
			if r := keepOplock(holder, held, smb2.OplockBatch); r.Header.Status != ntstatus.InvalidOplockProtocol {
				t.Errorf("acknowledgment: %v, want INVALID_OPLOCK_PROTOCOL", r.Header.Status)
			}
		}, ntstatus.Success},
		{"CLOSE by the holder", func(_ *testing.T, holder, _ *smbtest.Peer, held smb2.FileID, _ smb2.AsyncID) {
			holder.CloseFile(held)
		}, ntstatus.Success},
		{"the end of the holder's connection", func(_ *testing.T, holder, _ *smbtest.Peer, _ smb2.FileID, _ smb2.AsyncID) {
			holder.Close()
		}, ntstatus.Success},
		{"LOGOFF by the holder", func(_ *testing.T, holder, _ *smbtest.Peer, _ smb2.FileID, _ smb2.AsyncID) {
			holder.Do(&smb2.LogoffRequest{})
		}, ntstatus.Success},
		{"CANCEL", func(_ *testing.T, _, waiter *smbtest.Peer, _ smb2.FileID, pending smb2.AsyncID) {
			waiter.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Flags: smb2.FlagAsyncCommand, Header: func(h *smb2.Header) { h.AsyncID = pending }})
		}, ntstatus.Cancelled},
		{"TREE_DISCONNECT by who waits", func(_ *testing.T, _, waiter *smbtest.Peer, _ smb2.FileID, _ smb2.AsyncID) {
			waiter.Send(element(&smb2.TreeDisconnectRequest{}))
		}, ntstatus.Cancelled},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			holder, waiter := s.Login(), s.Login()
			held := mustOpen(t, holder, withOplock("f", smb2.OplockExclusive))
			mid, pending := pendingOpen(t, waiter, withOplock("f", smb2.OplockNone))
			expectOplockBreak(t, holder, held.FileID, smb2.OplockII)
			c.end(t, holder, waiter, held.FileID, pending)
			for {
				r := receiveOne(t, waiter)
				if r.Header.MessageID != mid {
					continue // the answer to what ended it
				}
				if r.Header.Status != c.want {
					t.Errorf("the CREATE ends with %v, want %v", r.Header.Status, c.want)
				}
				return
			}
		})
	}
}

// Whoever does not answer loses what it cached, and who waits goes on.
// [MS-SMB2] 3.3.6.1.
func TestServerProperty_OplockBreakWait(t *testing.T) {
	for _, seconds := range []uint32{5, 35} {
		synctest.Test(t, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Policy: set(policy.OplockBreakWait, seconds)})
			holder, other := s.Login(), s.Login()
			held := mustOpen(t, holder, withOplock("f", smb2.OplockBatch))
			mustOpen(t, holder, withLease("g", 1, leaseRWH))
			for _, name := range []string{"f", "g"} {
				begun := time.Now()
				pendingOpen(t, other, withOplock(name, smb2.OplockNone))
				if name == "f" {
					expectOplockBreak(t, holder, held.FileID, smb2.OplockII)
				} else {
					expectLeaseBreak(t, holder, 1, leaseRWH, leaseRH, 18)
				}
				decodeGranted(t, receiveOne(t, other))
				if got, want := time.Since(begun), time.Duration(seconds)*time.Second; got != want {
					t.Errorf("%s: opened after %v, want %v", name, got, want)
				}
			}
			if r := keepOplock(holder, held.FileID, smb2.OplockII); r.Header.Status != ntstatus.InvalidOplockProtocol {
				t.Errorf("late acknowledgment of an oplock break: %v, want INVALID_OPLOCK_PROTOCOL", r.Header.Status)
			}
			if r := keepLease(holder, 1, leaseRH); r.Header.Status != ntstatus.Unsuccessful {
				t.Errorf("late acknowledgment of a lease break: %v, want UNSUCCESSFUL", r.Header.Status)
			}
		})
	}
}

func TestServerProperty_EnableOplocks(t *testing.T) {
	for enable, want := range map[bool]smb2.OplockLevel{true: smb2.OplockBatch, false: smb2.OplockNone} {
		p := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.EnableOplocks, enable)}).Login()
		if got := mustOpen(t, p, withOplock("f", smb2.OplockBatch)).OplockLevel; got != want {
			t.Errorf("EnableOplocks %v: oplock %#x, want %#x", enable, got, want)
		}
		if got := mustOpen(t, p, withLease("g", 1, leaseRWH)).lease.LeaseState; got != leaseRWH {
			t.Errorf("EnableOplocks %v: lease %#x, want RWH all the same", enable, got)
		}
	}
}

func TestServerProperty_EnableLeasing(t *testing.T) {
	for enable, want := range map[bool]smb2.OplockLevel{true: smb2.OplockLease, false: smb2.OplockNone} {
		p := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.EnableLeasing, enable)}).Login()
		if got := mustOpen(t, p, withLease("f", 1, leaseRWH)); got.OplockLevel != want || got.lease != (smb2.Lease{}) != enable {
			t.Errorf("EnableLeasing %v: oplock %#x, lease %+v; want %#x", enable, got.OplockLevel, got.lease, want)
		}
		if got := mustOpen(t, p, withOplock("g", smb2.OplockBatch)).OplockLevel; got != smb2.OplockBatch {
			t.Errorf("EnableLeasing %v: oplock %#x, want batch all the same", enable, got)
		}
	}
}

func TestServerProperty_EnableDirectoryHandleLeasing(t *testing.T) {
	for enable, want := range map[bool]smb2.LeaseState{true: leaseRH, false: 0} {
		p := smbtest.StartServer(t, smbtest.Options{Policy: set(policy.EnableDirectoryHandleLeasing, enable)}).Login()
		makeDir(p, "dir")
		m := withLease("dir", 1, leaseRWH)
		m.DesiredAccess, m.CreateOptions = dtyp.FileListDirectory, fscc.OptionDirectoryFile
		if got := mustOpen(t, p, m); got.lease.LeaseState != want || enable != (got.OplockLevel == smb2.OplockLease) {
			t.Errorf("EnableDirectoryHandleLeasing %v: oplock %#x, lease %+v; want %#x", enable, got.OplockLevel, got.lease, want)
		}
		if got := mustOpen(t, p, withLease("f", 2, leaseRWH)).lease.LeaseState; got != leaseRWH {
			t.Errorf("EnableDirectoryHandleLeasing %v: lease of a file %#x, want RWH all the same", enable, got)
		}
	}
}
