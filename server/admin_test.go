package server_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/server"
)

func TestWhatAClientHoldsIsListed(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	var res smb2.CreateResponse
	req := smbtest.CreateFile("Report.txt")
	p.MustDo(req, &res)

	sessions := s.Sessions()
	if len(sessions) != 1 || sessions[0].SecondsExists > 60 || sessions[0].SecondsIdle > sessions[0].SecondsExists || sessions[0].SecondsIdle < 0 {
		t.Fatalf("Sessions = %+v", sessions)
	}
	client := sessions[0].ClientComputerName
	open := server.OpenFileInfo{
		FileID: res.FileID.Volatile, SessionID: uint64(p.SessionID), ShareName: smbtest.ShareName,
		ShareRelativePath: "Report.txt", ClientComputerName: client, ClientUserName: smbtest.User,
		Permissions: uint32(req.DesiredAccess),
	}
	if got := s.OpenFiles(); len(got) != 1 || got[0] != open {
		t.Errorf("OpenFiles = %+v, want %+v", got, open)
	}
	connection := server.ConnectionInfo{
		ClientComputerName: client, ServerAddress: s.Addr(), Dialect: "3.1.1",
		SigningAlgorithm: "AES-128-GMAC", Cipher: "AES-128-GCM", NumSessions: 1,
	}
	got := s.Connections()
	if len(got) == 1 {
		got[0].SecondsExists = 0
	}
	if len(got) != 1 || got[0] != connection {
		t.Errorf("Connections = %+v, want %+v", got, connection)
	}
	p.CloseFile(res.FileID)
	if got := s.OpenFiles(); len(got) != 0 {
		t.Errorf("OpenFiles after CLOSE = %+v", got)
	}
}

func TestAConnectionThatNegotiatedNothingIsListed(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Dial()
	for len(s.Connections()) == 0 { // accepted a moment later
		select {
		case <-t.Context().Done():
			t.Fatal("never listed")
		case <-time.After(time.Millisecond):
		}
	}
	if c := s.Connections()[0]; c.Dialect != "" || c.Cipher != "" || c.NumSessions != 0 || c.ServerAddress != s.Addr() {
		t.Errorf("before NEGOTIATE: %+v", c)
	}
	p.Negotiate()
	if c := s.Connections()[0]; c.Dialect != "3.1.1" || c.NumSessions != 0 {
		t.Errorf("after NEGOTIATE: %+v", c)
	}
	if got := s.Sessions(); len(got) != 0 {
		t.Errorf("Sessions = %+v, but nobody signed in", got)
	}
}

func TestClosingASessionFreesWhatItHeld(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p, other := s.Login(), s.Login()
	exclusive := smbtest.CreateFile("held")
	exclusive.ShareAccess = 0
	exclusive.CreateOptions = fscc.OptionDeleteOnClose
	var res smb2.CreateResponse
	p.MustDo(exclusive, &res)

	if err := s.CloseSession(uint64(p.SessionID)); err != nil {
		t.Fatal(err)
	}
	if got := s.Sessions(); len(got) != 1 || got[0].SessionID != uint64(other.SessionID) {
		t.Errorf("Sessions = %+v, want the other one alone", got)
	}
	if got := s.OpenFiles(); len(got) != 0 {
		t.Errorf("OpenFiles = %+v", got)
	}
	again := smbtest.CreateFile("held")
	again.CreateDisposition = fscc.DispositionOpen
	if r := other.Do(again); r.Header.Status != ntstatus.ObjectNameNotFound {
		t.Errorf("the file that was to be deleted on close: %v, want ObjectNameNotFound", r.Header.Status)
	}
	expectStatus(t, "READ afterwards", p, smbtest.Element{
		Message: &smb2.ReadRequest{FileID: res.FileID, Length: 1},
	}, ntstatus.UserSessionDeleted)
	if err := s.CloseSession(uint64(p.SessionID)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("closing it again: %v, want fs.ErrNotExist", err)
	}
	// The connection stays: its client may sign in again.
	p.ForgetSession()
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
		t.Errorf("log-on afterwards: %v", r.Header.Status)
	}
}

func TestClosingByHandEndsTheLocksThatWait(t *testing.T) {
	for name, end := range map[string]func(*smbtest.Server, *smbtest.Peer, smb2.FileID) error{
		"session": func(s *smbtest.Server, p *smbtest.Peer, _ smb2.FileID) error {
			return s.CloseSession(uint64(p.SessionID))
		},
		"open": func(s *smbtest.Server, _ *smbtest.Peer, id smb2.FileID) error { return s.CloseOpenFile(id.Volatile) },
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			holder, waiter, held, wanted := twoSessions(t, s)
			mid, _ := pendingLock(t, waiter, wanted)
			if err := end(s, waiter, wanted); err != nil {
				t.Fatal(err)
			}
			expectLocked(t, waiter, mid, ntstatus.RangeNotLocked)
			holder.MustDo(lockOf(held, rangeOf(unlock, 0, 10)), nil)
			holder.MustDo(lockOf(held, rangeOf(tryExclusive, 0, 10)), nil)
		})
	}
}

func TestASessionThatIsBeingAuthenticatedIsNotClosedByHand(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Dial()
	p.Negotiate()
	token, _, err := smbtest.Initiator().Step(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Do(&smb2.SessionSetupRequest{SecurityMode: p.Mode, SecurityBuffer: token})
	if r.Header.Status != ntstatus.MoreProcessingRequired {
		t.Fatalf("first leg: %v", r.Header.Status)
	}
	if err := s.CloseSession(uint64(r.Header.SessionID)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("CloseSession: %v, want fs.ErrNotExist", err)
	}
}

func TestClosingAnOpenFileLeavesTheSession(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	exclusive := smbtest.CreateFile("held")
	exclusive.ShareAccess = 0
	var res smb2.CreateResponse
	p.MustDo(exclusive, &res)
	kept := p.Open("kept")

	if err := s.CloseOpenFile(res.FileID.Volatile); err != nil {
		t.Fatal(err)
	}
	expectStatus(t, "READ of the closed file", p, smbtest.Element{
		Message: &smb2.ReadRequest{FileID: res.FileID, Length: 1},
	}, ntstatus.FileClosed)
	p.Write(kept, 0, "still open")
	p.CloseFile(p.Open("held"))
	for _, id := range []uint64{res.FileID.Volatile, 0, 1<<64 - 1} {
		if err := s.CloseOpenFile(id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("CloseOpenFile(%#x): %v, want fs.ErrNotExist", id, err)
		}
	}
	if got := s.OpenFiles(); len(got) != 1 || got[0].ShareRelativePath != "kept" {
		t.Errorf("OpenFiles = %+v, want kept alone", got)
	}
}

func TestListingAndClosingMayRaceWithClients(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 200 {
			for _, f := range s.OpenFiles() {
				if !strings.HasPrefix(f.ShareRelativePath, "f") || f.Permissions&uint32(dtyp.FileReadData) == 0 {
					t.Errorf("listed: %+v", f)
				}
				if err := s.CloseOpenFile(f.FileID); err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("CloseOpenFile: %v", err)
				}
			}
			s.Connections()
			s.Sessions()
		}
	}()
	p := s.Login()
	for working := true; working; {
		select {
		case <-done:
			working = false
		default:
		}
		id := p.Open("f")
		switch r := p.Do(&smb2.CloseRequest{FileID: id}); r.Header.Status {
		case ntstatus.Success, ntstatus.FileClosed:
		default:
			t.Fatalf("CLOSE: %v", r.Header.Status)
		}
	}
	if got := s.OpenFiles(); len(got) != 0 {
		t.Errorf("left open: %+v", got)
	}
}
