package server_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/server"
	"github.com/signet-smb/signet/vfs"
)

// reauthenticated signs p in anew as user.
func reauthenticated(t *testing.T, p *smbtest.Peer, user string) {
	t.Helper()
	password := smbtest.Password
	if user == "" {
		password = ""
	}
	if r := p.SessionSetup(smbtest.InitiatorFor(user, password)); r.Header.Status != ntstatus.Success || !r.Signed {
		t.Fatalf("re-authentication as %q: %v, signed %v", user, r.Header.Status, r.Signed)
	}
}

// TestAfterReauthenticationAsAnotherUserOpensStayAndNewOnesAreHis restates
// smbtorture's smb2.session.reauth2 to 4, which keep a file open, and goes on
// to what is opened then.
func TestAfterReauthenticationAsAnotherUserOpensStayAndNewOnesAreHis(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	const read = dtyp.FileGenericRead | dtyp.FileGenericExecute
	share := &server.Share{Name: smbtest.ShareName, FS: s.Log, Access: func(id *auth.Identity) dtyp.AccessMask {
		if id.Account == smbtest.User {
			return dtyp.FileAllAccess
		}
		return read
	}}
	if err := s.SetShares([]*server.Share{share}); err != nil {
		t.Fatal(err)
	}
	p := s.Login()
	id := p.Open("f")
	reauthenticated(t, p, smbtest.OtherUser)
	if got := s.Sessions()[0].ClientUserName; got != smbtest.OtherUser {
		t.Errorf("the session is shown as %q's", got)
	}
	p.Write(id, 0, "with the access of before")
	expectStatus(t, "CREATE for writing in the old tree connect", p, element(smbtest.CreateFile("g")), ntstatus.AccessDenied)
	reauthenticated(t, p, smbtest.User)
	p.CloseFile(p.Open("g"))
	p.CloseFile(id)
	p.MustDo(&smb2.TreeDisconnectRequest{}, nil)
	if n := len(s.OpenFiles()); n != 0 {
		t.Errorf("%d files are open", n)
	}
}

func TestATreeConnectOfAUserWithoutAccessOpensNothing(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	for name, share := range map[string]*server.Share{
		"no access": {Access: func(id *auth.Identity) dtyp.AccessMask {
			if id.Account == smbtest.User {
				return dtyp.FileAllAccess
			}
			return 0
		}},
		"nobody on disk": {Cred: func(id *auth.Identity) (*vfs.Cred, error) {
			if id.Account == smbtest.User {
				return nil, nil
			}
			return nil, errors.New("no such user here")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			share.Name, share.FS = smbtest.ShareName, s.Log
			if err := s.SetShares([]*server.Share{share}); err != nil {
				t.Fatal(err)
			}
			p := s.Login()
			id := p.Open("f")
			reauthenticated(t, p, smbtest.OtherUser)
			s.Log.Reset()
			expectStatus(t, "CREATE", p, element(smbtest.CreateFile("f")), ntstatus.AccessDenied)
			expectUntouched(t, "CREATE", s)
			p.Write(id, 0, "still open")
			p.MustDo(&smb2.LogoffRequest{}, nil)
		})
	}
}

func TestWhoBindsIsTheUserThatTheSessionHasNow(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	reauthenticated(t, first, smbtest.OtherUser)
	second := further(s, first)
	if r := second.Bind(first, smbtest.Initiator()); r.Header.Status != ntstatus.AccessDenied {
		t.Errorf("the user before: %v", r.Header.Status)
	}
	if r := second.Bind(first, smbtest.InitiatorFor(smbtest.OtherUser, smbtest.Password)); r.Header.Status != ntstatus.Success {
		t.Errorf("the user of now: %v", r.Header.Status)
	}
}

func TestAUserWhoBecomesAnonymousReachesIPCOnly(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
	p := s.Login()
	id := p.Open("f")
	reauthenticated(t, p, "")
	p.Write(id, 0, "still open")
	expectStatus(t, "CREATE in the old tree connect", p, element(smbtest.CreateFile("g")), ntstatus.AccessDenied)
	if r := p.TreeConnect(smbtest.ShareName); r.Header.Status != ntstatus.AccessDenied {
		t.Errorf("TREE_CONNECT: %v", r.Header.Status)
	}
	reauthenticated(t, p, smbtest.User)
	p.Write(id, 0, "still open")
	p.CloseFile(p.Open("g"))
}

func TestNobodyBecomesAUserInAnAnonymousSession(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
	p := s.Dial()
	casual(p)
	p.Negotiate()
	if r := p.SessionSetup(smbtest.InitiatorFor("", "")); r.Header.Status != ntstatus.Success {
		t.Fatal(r.Header.Status)
	}
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.AccessDenied {
		t.Errorf("re-authentication as a user: %v", r.Header.Status)
	}
	if n := len(s.Sessions()); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// TestATreeConnectThatRacesWithReauthenticationIsOfTheUserOfNow: a TREE_CONNECT
// that was judged for the user before must not be there after the change.
func TestATreeConnectThatRacesWithReauthenticationIsOfTheUserOfNow(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	second := bound(t, s, first)
	var asked atomic.Int32
	judging, judged := make(chan struct{}), make(chan struct{})
	share := &server.Share{Name: "slow", FS: s.Log, Cred: func(id *auth.Identity) (*vfs.Cred, error) {
		if id.Account == smbtest.User && asked.Add(1) == 1 {
			close(judging)
			<-judged
		}
		return nil, nil
	}}
	if err := s.SetShares([]*server.Share{{Name: smbtest.ShareName, FS: s.Log}, share}); err != nil {
		t.Fatal(err)
	}
	first.Send(element(&smb2.TreeConnectRequest{Path: `\\server\slow`}))
	<-judging
	reauthenticated(t, second, smbtest.OtherUser)
	close(judged)
	if r := receiveOne(t, first); r.Header.Status != ntstatus.RequestNotAccepted {
		t.Errorf("TREE_CONNECT of the user before: %v, want RequestNotAccepted", r.Header.Status)
	}
	if r := first.TreeConnect("slow"); r.Header.Status != ntstatus.Success {
		t.Errorf("TREE_CONNECT of the user of now: %v", r.Header.Status)
	}
}

func TestAUserBecomesAnonymousWhereNobodySignsInAnonymously(t *testing.T) {
	forEachAlgorithm(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
		stranger := s.Dial()
		stranger.Negotiate()
		if r := stranger.SessionSetup(smbtest.InitiatorFor("", "")); r.Header.Status != ntstatus.AccessDenied {
			t.Errorf("an anonymous sign-in: %v, want %v", r.Header.Status, ntstatus.AccessDenied)
		}
		id := p.Open("f")
		reauthenticated(t, p, "")
		p.Write(id, 0, "still open")
		expectStatus(t, "CREATE in the old tree connect", p, element(smbtest.CreateFile("g")), ntstatus.AccessDenied)
		if r := p.TreeConnect(smbtest.ShareName); r.Header.Status != ntstatus.AccessDenied {
			t.Errorf("TREE_CONNECT: %v", r.Header.Status)
		}
		unsigned := element(&smb2.WriteRequest{FileID: id, Data: []byte("unsigned")})
		unsigned.Unsigned = true
		s.Log.Reset()
		expectStatus(t, "an unsigned WRITE", p, unsigned, ntstatus.AccessDenied)
		expectUntouched(t, "an unsigned WRITE", s)
		reauthenticated(t, p, smbtest.User)
		p.CloseFile(p.Open("g"))
	})
}

// TestWhatAShareDemandsIsNotTakenBackWhenAUserBecomesAnonymous: the session
// need not sign, the share's requests must, and an anonymous user could not
// connect to it at all.
func TestWhatAShareDemandsIsNotTakenBackWhenAUserBecomesAnonymous(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
	if err := s.SetShares([]*server.Share{{Name: smbtest.ShareName, FS: s.Log, RequireSecuritySignature: true}}); err != nil {
		t.Fatal(err)
	}
	p := s.Login(casual)
	id := p.Open("f")
	reauthenticated(t, p, "")
	unsigned := element(&smb2.WriteRequest{FileID: id, Data: []byte("unsigned")})
	unsigned.Unsigned = true
	s.Log.Reset()
	expectStatus(t, "an unsigned WRITE", p, unsigned, ntstatus.AccessDenied)
	expectUntouched(t, "an unsigned WRITE", s)
	p.Write(id, 0, "signed")
}

func TestNobodyBindsASessionThatBecameAnonymous(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	reauthenticated(t, first, "")
	for user, password := range map[string]string{"": "", smbtest.User: smbtest.Password} {
		second := further(s, first)
		if r := second.Bind(first, smbtest.InitiatorFor(user, password)); !r.Header.Status.IsError() {
			t.Errorf("%q: %v", user, r.Header.Status)
		}
	}
}
