package server_test

import (
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

func TestALeaseBreaksStepByStepAndCountsItsEpochs(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	holder, other := s.Login(), s.Login()
	held := mustOpen(t, holder, withLease("f", 1, leaseRWH))
	if want := (smb2.Lease{V2: true, LeaseKey: keyOf(1), LeaseState: leaseRWH, Epoch: 17}); held.lease != want || held.OplockLevel != smb2.OplockLease {
		t.Fatalf("granted %#x, %+v; want %+v", held.OplockLevel, held.lease, want)
	}
	// The same key does not break itself, and its state is told again.
	again := mustOpen(t, holder, withLease("f", 1, leaseR))
	if again.lease.LeaseState != leaseRWH || again.lease.Epoch != 17 {
		t.Errorf("a second open has %+v, want what the first has", again.lease)
	}
	pendingOpen(t, other, withLease("f", 1, leaseRWH)) // its own key of the same value
	expectLeaseBreak(t, holder, 1, leaseRWH, leaseRH, 18)
	breaking := mustOpen(t, holder, withLease("f", 1, leaseRWH))
	if breaking.lease.LeaseState != leaseRWH || breaking.lease.Flags != smb2.LeaseBreakInProgress {
		t.Errorf("an open while the lease breaks has %+v, want RWH, breaking", breaking.lease)
	}
	for _, c := range []struct {
		keeps smb2.LeaseState
		want  ntstatus.Status
	}{
		{leaseRWH, ntstatus.RequestNotAccepted},
		{1 << 20, ntstatus.RequestNotAccepted},
		{leaseRH, ntstatus.Success},
		{leaseRH, ntstatus.Unsuccessful},
	} {
		if r := keepLease(holder, 1, c.keeps); r.Header.Status != c.want {
			t.Errorf("acknowledgment that keeps %#x: %v, want %v", c.keeps, r.Header.Status, c.want)
		}
	}
	if r := keepLease(holder, 9, leaseRH); r.Header.Status != ntstatus.ObjectNameNotFound {
		t.Errorf("acknowledgment for a lease that is not there: %v, want OBJECT_NAME_NOT_FOUND", r.Header.Status)
	}
	second := decodeGranted(t, receiveOne(t, other))
	if second.lease.LeaseState != leaseRH {
		t.Errorf("the other client has %+v, want RH", second.lease)
	}
	// A write breaks all that others cache, and waits for no acknowledgment.
	other.Write(second.FileID, 0, "x")
	expectLeaseBreak(t, holder, 1, leaseRH, 0, 19)
	expectQuiet(t, other)
	keepLease(holder, 1, 0)
}

func TestALeaseKeyIsOfOneFileOnly(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	makeFile(p, "other", "")
	held := mustOpen(t, p, withLease("f", 1, leaseRWH))
	for _, name := range []string{"other", "new"} {
		expectStatus(t, name+" by the key of another file", p, element(withLease(name, 1, leaseR)), ntstatus.InvalidParameter)
	}
	expectStatus(t, "what was not to be created", p, element(create("new", fscc.DispositionOpen, readAccess, 0)), ntstatus.ObjectNameNotFound)
	p.CloseFile(held.FileID)
	p.CloseFile(mustOpen(t, p, withLease("other", 1, leaseR)).FileID)
}

// A break must not overtake the answer that tells the client of its lease.
// Here that waits, in a compound, for an open that breaks the lease.
func TestABreakComesAfterTheGrant(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	p.Send(element(withLease("f", 1, leaseRWH)), element(withLease("f", 2, leaseRWH)))
	replies, ok := p.Receive()
	if !ok || len(replies) != 2 || replies[1].Header.Status != ntstatus.Pending {
		t.Fatalf("received %+v, want the first CREATE's answer and an interim response", replies)
	}
	if got := decodeGranted(t, replies[0]); got.lease.LeaseState != leaseRWH {
		t.Errorf("granted %+v, want RWH", got.lease)
	}
	expectLeaseBreak(t, p, 1, leaseRWH, leaseRH, 18)
	keep := p.NextMessageID
	p.Send(element(&smb2.LeaseBreakAcknowledgment{LeaseKey: keyOf(1), LeaseState: leaseRH}))
	for range 2 {
		r := receiveOne(t, p)
		if r.Header.MessageID == keep {
			continue
		}
		if got := decodeGranted(t, r); got.lease.LeaseState != leaseRH {
			t.Errorf("the second open has %+v, want RH", got.lease)
		}
	}
}

// A CREATE waits in the middle of a compound, too: what follows it is done when
// it is. [MS-SMB2] <266>.
func TestACompoundGoesOnAfterItsCreateHasWaited(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	holder, other := s.Login(), s.Login()
	held := mustOpen(t, holder, withLease("f", 1, leaseRWH))
	holder.Write(held.FileID, 0, "content")
	related := smb2.FlagRelatedOperation
	other.Send(element(create("f", fscc.DispositionOpen, bothAccess, 0)),
		smbtest.Element{Message: readLast, Flags: related}, smbtest.Element{Message: closeLast, Flags: related})
	interim := receiveOne(t, other)
	if interim.Header.Command != smb2.CommandCreate || interim.Header.Status != ntstatus.Pending {
		t.Fatalf("received %+v, want an interim response to the CREATE", interim.Header)
	}
	expectLeaseBreak(t, holder, 1, leaseRWH, leaseRH, 18)
	keepLease(holder, 1, leaseRH)
	replies, ok := other.Receive()
	if !ok {
		t.Fatal("the connection is closed")
	}
	expectStatuses(t, "the rest", replies, ntstatus.Success, ntstatus.Success, ntstatus.Success)
	for _, r := range replies {
		if !r.Signed {
			t.Errorf("%v is not signed", r.Header.Command)
		}
	}
	if !replies[0].Header.Is(smb2.FlagAsyncCommand) || replies[0].Header.AsyncID != interim.Header.AsyncID {
		t.Errorf("answer %+v, want the one that was announced", replies[0].Header)
	}
	var res smb2.ReadResponse
	replies[1].Decode(t, &res)
	if string(res.Data) != "content" {
		t.Errorf("read %q", res.Data)
	}
}

// A rename waits in the middle of a compound, as Linux sends it, where Windows
// would fail. [MS-SMB2] <266>.
func TestACompoundGoesOnAfterItsRenameHasWaited(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	holder, other := s.Login(), s.Login()
	mustOpen(t, holder, withLease("f", 1, leaseRH))
	related := smb2.FlagRelatedOperation
	other.Send(element(create("f", fscc.DispositionOpen, dtyp.Delete, 0)),
		smbtest.Element{Message: setInfo(smb2.RelatedFileID, fscc.FileRenameInformation, &fscc.RenameInformation{FileName: "g"}), Flags: related},
		smbtest.Element{Message: closeLast, Flags: related})
	first, ok := other.Receive()
	if !ok {
		t.Fatal("the connection is closed")
	}
	expectStatuses(t, "what needs not wait", first, ntstatus.Success, ntstatus.Pending)
	expectLeaseBreak(t, holder, 1, leaseRH, leaseR, 18)
	keepLease(holder, 1, leaseR)
	rest, ok := other.Receive()
	if !ok {
		t.Fatal("the connection is closed")
	}
	expectStatuses(t, "the rest", rest, ntstatus.Success, ntstatus.Success)
	if h := rest[0].Header; !h.Is(smb2.FlagAsyncCommand) || h.AsyncID != first[1].Header.AsyncID || !rest[0].Signed || !rest[1].Signed {
		t.Errorf("answers %+v, want the one that was announced, and both signed", rest)
	}
	mustOpen(t, other, smbtest.CreateFile("g"))
}

func TestHandleCachingGivesWayToWhoCannotShare(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	holder, other := s.Login(), s.Login()
	rename := func(id smb2.FileID, to string) *smb2.SetInfoRequest {
		return setInfo(id, fscc.FileRenameInformation, &fscc.RenameInformation{FileName: to})
	}
	// The holder's programs have closed the file; its cache has not.
	held := mustOpen(t, holder, withLease("f", 1, leaseRH))
	alone := create("f", fscc.DispositionOpen, readAccess|dtyp.Delete, 0)
	alone.ShareAccess = 0
	pendingOpen(t, other, alone)
	expectLeaseBreak(t, holder, 1, leaseRH, leaseR, 18)
	holder.CloseFile(held.FileID)
	taken := decodeGranted(t, receiveOne(t, other))
	other.CloseFile(taken.FileID)

	// Who gives up the cache only, because the file is in use, denies the open.
	held = mustOpen(t, holder, withLease("f", 1, leaseRH))
	mid, _ := pendingOpen(t, other, alone)
	expectLeaseBreak(t, holder, 1, leaseRH, leaseR, 18)
	keepLease(holder, 1, leaseR)
	if r := receiveOne(t, other); r.Header.MessageID != mid || r.Header.Status != ntstatus.SharingViolation {
		t.Errorf("answer %+v, want SHARING_VIOLATION", r.Header)
	}
	holder.CloseFile(held.FileID)

	// A rename of the file, and of the directory that it is in.
	makeDir(holder, "dir")
	held = mustOpen(t, holder, withLease(`dir\g`, 2, leaseRH))
	deleter := mustOpen(t, other, create(`dir\g`, fscc.DispositionOpen, dtyp.Delete, 0))
	other.Send(element(rename(deleter.FileID, `dir\h`)))
	if r := receiveOne(t, other); r.Header.Status != ntstatus.Pending {
		t.Fatalf("rename: %v, want an interim response", r.Header.Status)
	}
	expectLeaseBreak(t, holder, 2, leaseRH, leaseR, 18)
	keepLease(holder, 2, leaseR)
	if r := receiveOne(t, other); r.Header.Status != ntstatus.Success {
		t.Errorf("rename: %v", r.Header.Status)
	}
	other.CloseFile(deleter.FileID)
	if got := mustOpen(t, holder, withLease(`dir\h`, 2, leaseRH)); got.lease.LeaseState != leaseRH {
		t.Errorf("the lease under the file's new name is %+v, want RH", got.lease)
	} else {
		holder.CloseFile(held.FileID)
		held = got
	}
	dir := mustOpen(t, other, create("dir", fscc.DispositionOpen, dtyp.Delete, fscc.OptionDirectoryFile))
	other.Send(element(rename(dir.FileID, "moved")))
	if r := receiveOne(t, other); r.Header.Status != ntstatus.Pending {
		t.Fatalf("rename of the directory: %v, want an interim response", r.Header.Status)
	}
	expectLeaseBreak(t, holder, 2, leaseRH, leaseR, 20)
	holder.CloseFile(held.FileID)
	if r := receiveOne(t, other); r.Header.Status != ntstatus.Success {
		t.Errorf("rename of the directory: %v", r.Header.Status)
	}
}

func TestABreakFindsAnotherChannel(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first, other := s.Login(), s.Login()
	oplock := mustOpen(t, first, withOplock("f", smb2.OplockBatch))
	mustOpen(t, first, withLease("g", 1, leaseRWH))
	second := bound(t, s, first, func(p *smbtest.Peer) { p.ClientGUID = first.ClientGUID })
	// One break is sent by the first channel, which is gone before it answers,
	// another when that is gone already.
	pendingOpen(t, other, withOplock("f", smb2.OplockNone))
	expectOplockBreak(t, first, oplock.FileID, smb2.OplockII)
	first.Close()
	expectOplockBreak(t, second, oplock.FileID, smb2.OplockII)
	keepOplock(second, oplock.FileID, smb2.OplockII)
	decodeGranted(t, receiveOne(t, other))
	pendingOpen(t, other, withOplock("g", smb2.OplockNone))
	expectLeaseBreak(t, second, 1, leaseRWH, leaseRH, 18)
	keepLease(second, 1, leaseRH)
	decodeGranted(t, receiveOne(t, other))
}

// A break that wants no acknowledgment is told again, too, when the connection
// is gone by which it was told: nobody would find out that it was lost.
func TestABreakWithoutAcknowledgmentFindsAnotherChannel(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first, other := s.Login(), s.Login()
	oplock := mustOpen(t, first, withOplock("f", smb2.OplockII))
	mustOpen(t, first, withLease("g", 1, leaseR))
	mustOpen(t, first, withLease("h", 2, leaseR)) // not broken, so not told of
	second := bound(t, s, first, func(p *smbtest.Peer) { p.ClientGUID = first.ClientGUID })
	for _, name := range []string{"f", "g"} {
		writer := mustOpen(t, other, withOplock(name, smb2.OplockNone))
		other.Write(writer.FileID, 0, "x")
	}
	expectOplockBreak(t, first, oplock.FileID, smb2.OplockNone)
	expectLeaseBreak(t, first, 1, leaseR, 0, 18)
	first.Close()
	seen := make(map[bool]bool)
	for range 2 { // in whatever order
		r := receiveOne(t, second)
		lease := r.Header.SessionID == 0
		if seen[lease] {
			t.Errorf("told twice: of a lease: %t", lease)
		}
		seen[lease] = true
		if lease {
			var m smb2.LeaseBreakNotification
			r.Decode(t, &m)
			if m.LeaseKey != keyOf(1) || m.CurrentLeaseState != leaseR || m.NewLeaseState != 0 || m.Flags != 0 {
				t.Errorf("told %+v, want that lease 1 is none", m)
			}
			continue
		}
		var m smb2.OplockBreakNotification
		r.Decode(t, &m)
		if m.FileID != oplock.FileID || m.OplockLevel != smb2.OplockNone {
			t.Errorf("told %+v, want that the oplock is none", m)
		}
	}
	expectQuiet(t, second)
}

// Two sessions of one client share a lease, and each has a connection.
func TestABreakIsToldAgainByAnotherSessionOfTheClient(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	first, other := s.Login(), s.Login()
	second := s.Login(func(p *smbtest.Peer) { p.ClientGUID = first.ClientGUID })
	mustOpen(t, first, withLease("f", 1, leaseR))
	mustOpen(t, second, withLease("f", 1, leaseR))
	writer := mustOpen(t, other, withOplock("f", smb2.OplockNone))
	other.Write(writer.FileID, 0, "x")
	expectLeaseBreak(t, second, 1, leaseR, 0, 18)
	second.Close()
	expectLeaseBreak(t, first, 1, leaseR, 0, 18)
	expectQuiet(t, first)
}
