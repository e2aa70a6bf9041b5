package server_test

import (
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// heldChain sends a compound whose first element hangs in the back end, and
// whose others are about an open that the first has nothing to do with.
func heldChain(t *testing.T, s *smbtest.Server, p *smbtest.Peer, others ...smbtest.Element) (release func()) {
	t.Helper()
	entered, release := holdCalls(t, s, "Create slow")
	p.Send(append([]smbtest.Element{element(smbtest.CreateFile("slow"))}, others...)...)
	<-entered
	return release
}

// smbtorture's smb2.compound_find.compound_find_close.
func TestCloseDoesNotOvertakeWhatCameBeforeIt(t *testing.T) {
	list := func(id smb2.FileID) *smb2.QueryDirectoryRequest {
		return &smb2.QueryDirectoryRequest{
			FileInformationClass: fscc.FileNamesInformation, FileID: id, FileName: "*", OutputBufferLength: 1000,
		}
	}
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	dir := p.Open("")
	release := heldChain(t, s, p, element(list(dir)), related(list(smb2.RelatedFileID)))
	p.Send(element(&smb2.CloseRequest{FileID: dir}))
	barrier(t, p)
	release()
	for range 2 { // the answers may come in any order
		answers, ok := p.Receive()
		switch {
		case !ok:
			t.Fatal("the server closed the connection")
		case answers[0].Header.Command == smb2.CommandClose:
			expectStatuses(t, "CLOSE", answers, ntstatus.Success)
		default:
			expectStatuses(t, "CREATE+QUERY_DIRECTORY+QUERY_DIRECTORY", answers, ntstatus.Success, ntstatus.Success, ntstatus.NoMoreFiles)
		}
	}
	expectStatus(t, "the same once more", p, element(list(dir)), ntstatus.FileClosed)
}

func TestForgedCloseDoesNotEvenWait(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	release := heldChain(t, s, p, element(&smb2.FlushRequest{FileID: id}))
	expectStatus(t, "CLOSE with a wrong signature", p, smbtest.Element{
		Message: &smb2.CloseRequest{FileID: id},
		Forge:   func(msg []byte) { msg[smb2.SignatureOffset] ^= 1 },
	}, ntstatus.AccessDenied)
	release()
	for done := 0; done < 2; {
		replies, ok := p.Receive()
		if !ok {
			t.Fatal("the server closed the connection")
		}
		for _, r := range replies {
			if r.Header.Status == ntstatus.Pending {
				continue
			}
			if done++; r.Header.Status != ntstatus.Success {
				t.Errorf("%v: %v, want success", r.Header.Command, r.Header.Status)
			}
		}
	}
}

func TestCloseDoesNotWaitForARequestThatIsRefused(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	read := &smb2.ReadRequest{FileID: id, Length: 1}
	p.Send(smbtest.Element{Message: read, Forge: func(msg []byte) { msg[smb2.SignatureOffset] ^= 1 }})
	p.Send(smbtest.Element{Message: read, Header: func(h *smb2.Header) { h.TreeID++ }})
	p.Send(element(&smb2.CloseRequest{FileID: id}))
	got := make(map[ntstatus.Status]int)
	for range 3 {
		got[receiveOne(t, p).Header.Status]++
	}
	if got[ntstatus.AccessDenied] != 1 || got[ntstatus.NetworkNameDeleted] != 1 || got[ntstatus.Success] != 1 {
		t.Errorf("answers %v, want one refusal of each kind and a CLOSE that succeeds", got)
	}
}

// smbtorture's smb2.session-id.
func TestSessionIDsFitInto32Bits(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	for range 3 {
		p := s.Login()
		if p.SessionID == 0 || p.SessionID >= 1<<32 {
			t.Errorf("SessionId %#x, want one that 32 bits hold", p.SessionID)
		}
	}
}

func TestNoMoreRequestsWaitThanAsynchronousCredits(t *testing.T) {
	const limit = 3
	s := smbtest.StartServer(t, smbtest.Options{
		Policy: policy.With(policy.Default(), policy.AsynchronousCredits, limit, inTest),
	})
	_, p, _, wanted := twoSessions(t, s)
	var waiting []smb2.MessageID
	for range limit {
		mid, _ := pendingLock(t, p, wanted)
		waiting = append(waiting, mid)
	}
	expectStatus(t, "one LOCK more", p, element(lockOf(wanted, rangeOf(waitExclusive, 0, 10))), ntstatus.InsufficientResources)
	expectStatus(t, "FLUSH, which need not say that it waits", p, element(&smb2.FlushRequest{FileID: wanted}), ntstatus.Success)
	p.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Header: func(h *smb2.Header) { h.MessageID = waiting[0] }})
	expectLocked(t, p, waiting[0], ntstatus.Cancelled)
	pendingLock(t, p, wanted)
}
