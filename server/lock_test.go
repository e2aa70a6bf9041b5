package server_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
)

// The flags of lock elements, with FAIL_IMMEDIATELY and without.
const (
	waitShared, waitExclusive = smb2.LockShared, smb2.LockExclusive
	tryShared                 = smb2.LockShared | smb2.LockFailImmediately
	tryExclusive              = smb2.LockExclusive | smb2.LockFailImmediately
	unlock                    = smb2.LockUnlock
)

// rangeOf is one element of a LOCK.
func rangeOf(flags smb2.LockFlags, off, length uint64) smb2.LockElement {
	return smb2.LockElement{Offset: off, Length: length, Flags: flags}
}

// lockOf is a LOCK of id.
func lockOf(id smb2.FileID, ranges ...smb2.LockElement) *smb2.LockRequest {
	return &smb2.LockRequest{FileID: id, Locks: ranges}
}

// pendingLock lets p wait for the first ten bytes of id exclusively, which
// somebody else has. The next answer is the final one.
func pendingLock(t *testing.T, p *smbtest.Peer, id smb2.FileID) (mid smb2.MessageID, pending smb2.AsyncID) {
	t.Helper()
	mid = p.NextMessageID
	p.Send(element(lockOf(id, rangeOf(waitExclusive, 0, 10))))
	r := receiveOne(t, p)
	if r.Header.Status != ntstatus.Pending || !r.Header.Is(smb2.FlagAsyncCommand) || r.Header.AsyncID == 0 || r.Header.Credits == 0 {
		t.Fatalf("LOCK answered %+v, want an interim response", r.Header)
	}
	return mid, r.Header.AsyncID
}

// expectLocked wants the answer to the LOCK mid to be status.
func expectLocked(t *testing.T, p *smbtest.Peer, mid smb2.MessageID, status ntstatus.Status) {
	t.Helper()
	r := receiveOne(t, p)
	if r.Header.Command != smb2.CommandLock || r.Header.MessageID != mid || r.Header.Status != status ||
		!r.Header.Is(smb2.FlagAsyncCommand) || !r.Signed || r.Header.Credits != 0 {
		t.Errorf("answer %+v, signed %v; want %v to LOCK %d, asynchronous, signed, without credits", r.Header, r.Signed, status, mid)
	}
}

// twoSessions returns two users of one file; the first has its first ten bytes
// locked.
func twoSessions(t *testing.T, s *smbtest.Server) (holder, waiter *smbtest.Peer, held, wanted smb2.FileID) {
	t.Helper()
	holder, waiter = s.Login(), s.Login()
	held, wanted = holder.Open("f"), waiter.Open("f")
	holder.MustDo(lockOf(held, rangeOf(tryExclusive, 0, 10)), &smb2.LockResponse{})
	return holder, waiter, held, wanted
}

func TestLockRequestsAreJudgedInTheSpecificationsOrder(t *testing.T) {
	const (
		ok, invalid, refused = ntstatus.Success, ntstatus.InvalidParameter, ntstatus.LockNotGranted
		notLocked, badRange  = ntstatus.RangeNotLocked, ntstatus.InvalidLockRange
	)
	type ranges = []smb2.LockElement
	for _, c := range []struct {
		name   string
		ranges ranges
		want   ntstatus.Status
		free   []uint64 // bytes that another open can lock afterwards
		held   []uint64 // bytes that it cannot
	}{
		{"one", ranges{rangeOf(tryExclusive, 5, 2)}, ok, []uint64{4, 7}, []uint64{5, 6}},
		{"one that may wait and need not", ranges{rangeOf(waitExclusive, 5, 2)}, ok, []uint64{4, 7}, []uint64{5, 6}},
		{"several", ranges{rangeOf(tryExclusive, 0, 1), rangeOf(tryShared, 9, 1), rangeOf(tryShared, 9, 1)}, ok, []uint64{1, 8}, []uint64{0, 9}},
		{"no flags", ranges{rangeOf(0, 0, 1)}, invalid, []uint64{0}, nil},
		{"shared and exclusive", ranges{rangeOf(tryShared|tryExclusive, 0, 1)}, invalid, []uint64{0}, nil},
		{"FAIL_IMMEDIATELY alone", ranges{rangeOf(smb2.LockFailImmediately, 0, 1)}, invalid, []uint64{0}, nil},
		{"unknown flags", ranges{rangeOf(tryShared|0x100, 0, 1)}, invalid, []uint64{0}, nil},
		{"several that may wait", ranges{rangeOf(waitShared, 0, 1), rangeOf(waitShared, 1, 1)}, invalid, []uint64{0, 1}, nil},
		{"the second may wait", ranges{rangeOf(tryShared, 0, 1), rangeOf(waitShared, 1, 1)}, invalid, []uint64{0, 1}, nil},
		{"locks, then an unlock", ranges{rangeOf(tryExclusive, 0, 1), rangeOf(unlock, 0, 1)}, invalid, []uint64{0}, nil},
		{"the last is refused", ranges{rangeOf(tryExclusive, 0, 1), rangeOf(tryShared, 3, 1), rangeOf(tryExclusive, 20, 1)}, refused, []uint64{0, 3}, []uint64{20}},
		{"in each other's way", ranges{rangeOf(tryExclusive, 0, 5), rangeOf(tryExclusive, 4, 1)}, refused, []uint64{0, 4}, nil},
		{"the last goes beyond 2^64", ranges{rangeOf(tryExclusive, 0, 1), rangeOf(tryExclusive, 2, 1<<64-1)}, badRange, []uint64{0}, nil},
		{"one that may wait beyond 2^64", ranges{rangeOf(waitExclusive, 2, 1<<64-1)}, badRange, []uint64{2}, nil},
		{"unlock of what is not locked", ranges{rangeOf(unlock, 0, 1)}, notLocked, nil, nil},
		{"unlock of a part", ranges{rangeOf(unlock, 20, 5)}, notLocked, nil, []uint64{20}},
		{"unlock", ranges{rangeOf(unlock, 20, 10)}, ok, []uint64{20}, []uint64{40}},
		{"unlocks", ranges{rangeOf(unlock, 20, 10), rangeOf(unlock, 40, 10)}, ok, []uint64{20, 40}, nil},
		{"unlocks, the second of nothing", ranges{rangeOf(unlock, 20, 10), rangeOf(unlock, 0, 1), rangeOf(unlock, 40, 10)}, notLocked, []uint64{20}, []uint64{40}},
		{"unlock, then a lock", ranges{rangeOf(unlock, 20, 10), rangeOf(tryExclusive, 0, 1), rangeOf(unlock, 40, 10)}, invalid, []uint64{20, 0}, []uint64{40}},
		{"unlock, then no flags", ranges{rangeOf(unlock, 20, 10), rangeOf(0, 0, 1)}, invalid, []uint64{20}, []uint64{40}},
		{"unlock that is shared", ranges{rangeOf(unlock|smb2.LockShared, 20, 10)}, invalid, nil, []uint64{20}},
		{"unlock that is exclusive", ranges{rangeOf(unlock|smb2.LockExclusive, 20, 10)}, invalid, nil, []uint64{20}},
		{"unlock that fails immediately", ranges{rangeOf(unlock|smb2.LockFailImmediately, 20, 10)}, invalid, nil, []uint64{20}},
		{"unlock beyond 2^64", ranges{rangeOf(unlock, 2, 1<<64-1)}, badRange, nil, []uint64{20}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login()
			id, other := p.Open("f"), p.Open("f")
			p.MustDo(lockOf(id, rangeOf(tryExclusive, 20, 10), rangeOf(tryExclusive, 40, 10)), nil)
			expectStatus(t, c.name, p, element(lockOf(id, c.ranges...)), c.want)
			probe := func(at uint64, want ntstatus.Status) {
				t.Helper()
				expectStatus(t, fmt.Sprintf("byte %d afterwards", at), p, element(lockOf(other, rangeOf(tryExclusive, at, 1))), want)
			}
			for _, at := range c.free {
				probe(at, ok)
			}
			for _, at := range c.held {
				probe(at, refused)
			}
		})
	}
}

func TestLockNeedsAFileItsRightsAndARange(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	makeDir(p, "dir")
	makeFile(p, "f", "0123456789")
	open := func(name string, access dtyp.AccessMask, options fscc.CreateOptions) smb2.FileID {
		var res smb2.CreateResponse
		p.MustDo(create(name, fscc.DispositionOpen, access, options), &res)
		return res.FileID
	}
	both := open("f", bothAccess, 0)
	looker := open("f", dtyp.FileReadAttributes|dtyp.Synchronize, 0)
	dir := open("dir", dtyp.FileListDirectory, fscc.OptionDirectoryFile)
	lockCount := func(n byte) smbtest.Element {
		e := element(lockOf(both, rangeOf(tryExclusive, 0, 1)))
		e.Forge = func(msg []byte) {
			msg[smb2.HeaderSize+2] = n
			p.Signer.Unwatched().Sign(msg, transform.Client)
		}
		return e
	}
	for _, c := range []struct {
		what string
		e    smbtest.Element
		want ntstatus.Status
	}{
		{"no range", lockCount(0), ntstatus.InvalidParameter},
		{"more ranges than there are", lockCount(2), ntstatus.InvalidParameter},
		{"an open for attributes", element(lockOf(looker, rangeOf(tryShared, 0, 1))), ntstatus.AccessDenied},
		{"a directory", element(lockOf(dir, rangeOf(tryShared, 0, 1))), ntstatus.InvalidParameter},
		{"no open", element(lockOf(smb2.FileID{Persistent: 4711, Volatile: 4711}, rangeOf(tryShared, 0, 1))), ntstatus.FileClosed},
		{"all well", element(lockOf(both, rangeOf(tryShared, 0, 1))), ntstatus.Success},
	} {
		expectStatus(t, c.what, p, c.e, c.want)
	}
}

func TestReadsAndWritesRespectTheLocksOfOtherSessions(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p, q := s.Login(), s.Login()
	mine, theirs := p.Open("f"), q.Open("f")
	p.Write(mine, 0, "0123456789")
	p.MustDo(lockOf(mine, rangeOf(tryExclusive, 0, 4)), nil)
	p.MustDo(lockOf(mine, rangeOf(tryShared, 6, 2)), nil)
	const ok, conflict = ntstatus.Success, ntstatus.FileLockConflict
	for _, c := range []struct {
		what string
		p    *smbtest.Peer
		m    smb2.Message
		want ntstatus.Status
	}{
		{"owner reads", p, &smb2.ReadRequest{FileID: mine, Length: 10}, ok},
		{"owner writes to its exclusive range", p, &smb2.WriteRequest{FileID: mine, Data: []byte("ABCD")}, ok},
		{"owner writes to its shared range", p, &smb2.WriteRequest{FileID: mine, Offset: 7, Data: []byte("X")}, conflict},
		{"other reads the exclusive range", q, &smb2.ReadRequest{FileID: theirs, Offset: 3, Length: 1}, conflict},
		{"other reads what is free", q, &smb2.ReadRequest{FileID: theirs, Offset: 4, Length: 2}, ok},
		{"other reads the shared range", q, &smb2.ReadRequest{FileID: theirs, Offset: 4, Length: 10}, ok},
		{"other writes to the shared range", q, &smb2.WriteRequest{FileID: theirs, Offset: 5, Data: []byte("XX")}, conflict},
		{"other writes what is free", q, &smb2.WriteRequest{FileID: theirs, Offset: 4, Data: []byte("EF")}, ok},
		{"other writes nothing", q, &smb2.WriteRequest{FileID: theirs}, ok},
	} {
		expectStatus(t, c.what, c.p, element(c.m), c.want)
	}
	if got := p.Read(mine, 0, 100); got != "ABCDEF6789" {
		t.Errorf("the file holds %q, want %q", got, "ABCDEF6789")
	}
}

func TestLockThatWaitsIsGrantedWhenAnotherSessionLetsGo(t *testing.T) {
	for name, letGo := range map[string]func(*smbtest.Peer, smb2.FileID){
		"unlock":          func(p *smbtest.Peer, id smb2.FileID) { p.MustDo(lockOf(id, rangeOf(unlock, 0, 10)), nil) },
		"CLOSE":           func(p *smbtest.Peer, id smb2.FileID) { p.CloseFile(id) },
		"TREE_DISCONNECT": func(p *smbtest.Peer, _ smb2.FileID) { p.MustDo(&smb2.TreeDisconnectRequest{}, nil) },
		"LOGOFF":          func(p *smbtest.Peer, _ smb2.FileID) { p.MustDo(&smb2.LogoffRequest{}, nil) },
		"disconnect":      func(p *smbtest.Peer, _ smb2.FileID) { p.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			holder, waiter, held, wanted := twoSessions(t, s)
			mid, _ := pendingLock(t, waiter, wanted)
			barrier(t, waiter) // the connection is not held up
			letGo(holder, held)
			expectLocked(t, waiter, mid, ntstatus.Success)
			other := waiter.Open("f")
			expectStatus(t, "a third open", waiter, element(lockOf(other, rangeOf(tryShared, 9, 1))), ntstatus.LockNotGranted)
			waiter.MustDo(lockOf(wanted, rangeOf(unlock, 0, 10)), nil)
		})
	}
}

func TestInterimResponseToALockIsNotSignedAndTheFinalOneIs(t *testing.T) {
	forEachAlgorithm(t, func(t *testing.T, _ *smbtest.Server, p *smbtest.Peer) {
		held, wanted := p.Open("f"), p.Open("f")
		p.MustDo(lockOf(held, rangeOf(tryExclusive, 0, 10)), nil)
		mid := p.NextMessageID
		p.Send(element(lockOf(wanted, rangeOf(waitShared, 0, 10))))
		if r := receiveOne(t, p); r.Header.Status != ntstatus.Pending || r.Signed {
			t.Errorf("interim response %v, signed %v", r.Header.Status, r.Signed)
		}
		var replies []smbtest.Reply // of both LOCKs, in either order
		p.Send(element(lockOf(held, rangeOf(unlock, 0, 10))))
		for range 2 {
			replies = append(replies, receiveOne(t, p))
		}
		slices.SortFunc(replies, func(a, b smbtest.Reply) int { return int(a.Header.MessageID) - int(b.Header.MessageID) })
		expectStatuses(t, "LOCK, unlock", replies, ntstatus.Success, ntstatus.Success)
		if r := replies[0]; r.Header.MessageID != mid || !r.Signed {
			t.Errorf("final answer %+v, signed %v", r.Header, r.Signed)
		}
	})
}

func TestCancelEndsALockThatWaits(t *testing.T) {
	for _, async := range []bool{false, true} {
		t.Run(fmt.Sprintf("async %v", async), func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			holder, waiter, held, wanted := twoSessions(t, s)
			mid, pending := pendingLock(t, waiter, wanted)
			waiter.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Header: naming(async, mid, pending)})
			expectLocked(t, waiter, mid, ntstatus.Cancelled)
			// Nothing waits any more, and nothing is locked.
			holder.MustDo(lockOf(held, rangeOf(unlock, 0, 10)), nil)
			holder.MustDo(lockOf(held, rangeOf(tryExclusive, 0, 10)), nil)
			expectStatus(t, "unlock of what was not granted", waiter, element(lockOf(wanted, rangeOf(unlock, 0, 10))), ntstatus.RangeNotLocked)
		})
	}
}

func TestCancelWithoutARightSignatureLeavesALockWaiting(t *testing.T) {
	for name, c := range map[string]smbtest.Element{
		"unsigned":        {Message: &smb2.CancelRequest{}, Unsigned: true},
		"wrong signature": {Message: &smb2.CancelRequest{}, Forge: func(msg []byte) { msg[smb2.SignatureOffset] ^= 1 }},
	} {
		for _, async := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s async %v", name, async), func(t *testing.T) {
				s := smbtest.StartServer(t, smbtest.Options{})
				holder, waiter, held, wanted := twoSessions(t, s)
				mid, pending := pendingLock(t, waiter, wanted)
				c.Header = naming(async, mid, pending)
				waiter.Send(c)
				barrier(t, waiter)
				holder.CloseFile(held)
				expectLocked(t, waiter, mid, ntstatus.Success)
			})
		}
	}
}

// TestLockThatWaitsEndsWithItsOpen: what closes an open waits for the requests
// at work on it, so none may be left waiting. smbtorture's smb2.lock.cancel
// tells the status.
func TestLockThatWaitsEndsWithItsOpen(t *testing.T) {
	for name, end := range map[string]func(smb2.FileID) smb2.Message{
		"CLOSE":           func(id smb2.FileID) smb2.Message { return &smb2.CloseRequest{FileID: id} },
		"TREE_DISCONNECT": func(smb2.FileID) smb2.Message { return &smb2.TreeDisconnectRequest{} },
		"LOGOFF":          func(smb2.FileID) smb2.Message { return &smb2.LogoffRequest{} },
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			holder, waiter, held, wanted := twoSessions(t, s)
			locked, _ := pendingLock(t, waiter, wanted)
			waiter.Send(element(end(wanted)))
			statuses := make(map[smb2.Command]ntstatus.Status)
			for range 2 {
				r := receiveOne(t, waiter)
				if !r.Signed || r.Header.Command == smb2.CommandLock && r.Header.MessageID != locked {
					t.Errorf("answer %+v, signed %v", r.Header, r.Signed)
				}
				statuses[r.Header.Command] = r.Header.Status
			}
			if got := statuses[smb2.CommandLock]; got != ntstatus.RangeNotLocked {
				t.Errorf("the LOCK that waited ended with %v, want %v", got, ntstatus.RangeNotLocked)
			}
			if got := statuses[smb2.CommandOf(end(wanted))]; got != ntstatus.Success {
				t.Errorf("%s: %v", name, got)
			}
			holder.MustDo(lockOf(held, rangeOf(unlock, 0, 10)), nil)
			holder.MustDo(lockOf(held, rangeOf(tryExclusive, 0, 10)), nil)
		})
	}
}

func TestLockThatWaitsEndsWithItsConnection(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	holder, waiter, held, wanted := twoSessions(t, s)
	pendingLock(t, waiter, wanted)
	waiter.Close()
	third := s.Login()
	id := third.Open("f")
	mid, _ := pendingLock(t, third, id)
	holder.CloseFile(held)
	expectLocked(t, third, mid, ntstatus.Success)
}

// TestOpensThatGoTogetherAreClosedInTheOrderTheyWereOpened: smbtorture's
// smb2.lock.cancel-tdis and cancel-logoff see that Windows grants the lock
// that waits for an open that is closed with it.
func TestOpensThatGoTogetherAreClosedInTheOrderTheyWereOpened(t *testing.T) {
	for name, m := range map[string]smb2.Message{
		"TREE_DISCONNECT": &smb2.TreeDisconnectRequest{},
		"LOGOFF":          &smb2.LogoffRequest{},
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login()
			for range 20 { // enough to see that their order is no chance
				p.Open("another")
			}
			held, wanted := p.Open("f"), p.Open("f")
			p.MustDo(lockOf(held, rangeOf(tryExclusive, 0, 10)), nil)
			pendingLock(t, p, wanted)
			p.Send(element(m))
			for range 2 {
				if r := receiveOne(t, p); r.Header.Status != ntstatus.Success {
					t.Errorf("%v: %v", r.Header.Command, r.Header.Status)
				}
			}
		})
	}
}

func TestLockThatWaitsDoesNotHoldUpTheShutdown(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	_, waiter, _, wanted := twoSessions(t, s)
	mid, _ := pendingLock(t, waiter, wanted)
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(t.Context()) }()
	// The other connection ends at the same moment: then it is granted.
	if r := receiveOne(t, waiter); r.Header.MessageID != mid || r.Header.Status != ntstatus.Cancelled && r.Header.Status != ntstatus.Success {
		t.Errorf("answer %+v", r.Header)
	}
	if err := <-done; err != nil {
		t.Errorf("shutdown: %v", err)
	}
}

func TestLockInTheMiddleOfACompoundDoesNotWait(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	holder, waiter, held, _ := twoSessions(t, s)
	wait := lockOf(smb2.RelatedFileID, rangeOf(waitExclusive, 5, 1))
	free := lockOf(smb2.RelatedFileID, rangeOf(waitExclusive, 10, 1))
	replies := exchange(t, waiter, element(smbtest.CreateFile("f")), related(free), related(wait), related(writeLast), related(closeLast))
	expectStatuses(t, "LOCK in the middle", replies,
		ntstatus.Success, ntstatus.Success, ntstatus.InternalError, ntstatus.FileLockConflict, ntstatus.Success)
	for _, r := range replies {
		if r.Header.Is(smb2.FlagAsyncCommand) {
			t.Errorf("%v answered asynchronously", r.Header.Command)
		}
	}
	holder.MustDo(lockOf(held, rangeOf(unlock, 0, 10)), nil)
	holder.MustDo(lockOf(held, rangeOf(tryExclusive, 0, 20)), nil)
}

func TestLockAtTheEndOfACompoundWaits(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	holder, waiter, held, _ := twoSessions(t, s)
	waiter.Send(element(smbtest.CreateFile("f")), related(lockOf(smb2.RelatedFileID, rangeOf(waitExclusive, 5, 1))))
	replies, ok := waiter.Receive()
	if !ok {
		t.Fatal("connection closed")
	}
	expectStatuses(t, "CREATE+LOCK", replies, ntstatus.Success, ntstatus.Pending)
	holder.CloseFile(held)
	expectLocked(t, waiter, replies[1].Header.MessageID, ntstatus.Success)
}
