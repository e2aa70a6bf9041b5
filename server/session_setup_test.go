package server_test

import (
	"context"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

func TestUnsignedReauthenticationIsRefused(t *testing.T) {
	for name, opt := range map[string]smbtest.Options{"signing required": {}, "not required": {Policy: relaxed()}} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, opt)
			p := s.Login(casual)
			id := p.Open("f")
			token, _, err := smbtest.Initiator().Step(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			expectStatus(t, "unsigned SESSION_SETUP", p, smbtest.Element{
				Message:  &smb2.SessionSetupRequest{SecurityMode: p.Mode, SecurityBuffer: token},
				Unsigned: true,
			}, ntstatus.AccessDenied)
			p.Write(id, 0, "the session lives on")
		})
	}
}

func TestReauthenticationKeepsTheKeysAndTheOpens(t *testing.T) {
	forEachAlgorithm(t, func(t *testing.T, _ *smbtest.Server, p *smbtest.Peer) {
		id := p.Open("f")
		keys := p.Keys
		r := p.SessionSetup(smbtest.Initiator()) // signed, for the peer has a key
		if r.Header.Status != ntstatus.Success || !r.Signed {
			t.Fatalf("re-authentication: %v, signed %v", r.Header.Status, r.Signed)
		}
		if p.Keys != keys {
			t.Fatal("the peer has derived new keys")
		}
		p.Write(id, 0, "same key, same open")
	})
}

func TestFailedReauthenticationEndsTheSession(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	if r := p.SessionSetup(smbtest.InitiatorFor(smbtest.User, "wrong")); r.Header.Status != ntstatus.LogonFailure {
		t.Fatalf("re-authentication with a wrong password: %v", r.Header.Status)
	}
	s.Log.Reset()
	expectStatus(t, "WRITE afterwards", p, smbtest.Element{
		Message: &smb2.WriteRequest{FileID: id, Data: []byte("x")},
	}, ntstatus.UserSessionDeleted)
	expectUntouched(t, "WRITE afterwards", s)
	if n := len(s.Sessions()); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestPreviousSessionIsEndedBeforeTheAnswer(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	old := s.Login()
	exclusive := smbtest.CreateFile("held")
	exclusive.ShareAccess = 0
	exclusive.CreateOptions = fscc.OptionDeleteOnClose
	old.MustDo(exclusive, nil)

	p := s.Dial()
	p.PreviousSessionID = old.SessionID
	p.Negotiate()
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
		t.Fatalf("log-on: %v", r.Header.Status)
	}
	p.TreeConnect(smbtest.ShareName)
	again := smbtest.CreateFile("held")
	again.CreateDisposition = fscc.DispositionOpen
	if r := p.Do(again); r.Header.Status != ntstatus.ObjectNameNotFound {
		t.Errorf("the old session's file: %v, want it deleted", r.Header.Status)
	}
	if r := old.Do(&smb2.EchoRequest{}); r.Header.Status != ntstatus.UserSessionDeleted {
		t.Errorf("the old session answers %v, want UserSessionDeleted", r.Header.Status)
	}
}

func TestPreviousSessionOfSomebodyElseIsLeftAlone(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
	old := s.Login(casual)
	for name, init := range map[string]auth.Initiator{
		"anonymous":  smbtest.InitiatorFor("", ""),
		"other user": smbtest.InitiatorFor(smbtest.OtherUser, smbtest.Password),
	} {
		p := s.Dial()
		casual(p)
		p.PreviousSessionID = old.SessionID
		p.Negotiate()
		if r := p.SessionSetup(init); r.Header.Status != ntstatus.Success {
			t.Fatalf("%s: log-on: %v", name, r.Header.Status)
		}
		old.MustDo(&smb2.EchoRequest{}, nil)
	}
}

func TestGuestsAndAnonymousUsersAreRefusedWhereSigningIsRequired(t *testing.T) {
	t.Run("anonymous", func(t *testing.T) {
		s := smbtest.StartServer(t, smbtest.Options{})
		p := s.Dial()
		p.Negotiate()
		if r := p.SessionSetup(smbtest.InitiatorFor("", "")); r.Header.Status != ntstatus.AccessDenied {
			t.Errorf("anonymous log-on: %v, want AccessDenied", r.Header.Status)
		}
		if n := len(s.Sessions()); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
	t.Run("guest", func(t *testing.T) {
		s := smbtest.StartServer(t, smbtest.Options{Policy: withGuests(policy.Default()), Authenticator: everyone(auth.Guest)})
		p := s.Dial()
		p.Negotiate()
		if r := p.SessionSetup(anybody{}); r.Header.Status != ntstatus.AccessDenied {
			t.Errorf("guest log-on: %v, want AccessDenied", r.Header.Status)
		}
		if n := len(s.Sessions()); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

func TestGuestIsToldSoAndNeitherSignsNorSeals(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: withGuests(relaxed()), Authenticator: everyone(auth.Guest)})
	p := s.Dial() // its REQUIRED bit does not bind a session that cannot sign
	p.Negotiate()
	r := p.SessionSetup(anybody{})
	var res smb2.SessionSetupResponse
	r.Decode(t, &res)
	if r.Header.Status != ntstatus.Success || r.Signed || res.SessionFlags != smb2.SessionIsGuest {
		t.Fatalf("guest log-on: %v, signed %v, flags %#x", r.Header.Status, r.Signed, res.SessionFlags)
	}
	if infos := s.Sessions(); len(infos) != 1 || infos[0].Signed {
		t.Errorf("Sessions() = %+v, want one that does not sign", infos)
	}
}

func TestAnonymousUserReachesIPCOnly(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
	p := s.Dial()
	casual(p)
	p.Negotiate()
	r := p.SessionSetup(smbtest.InitiatorFor("", ""))
	var res smb2.SessionSetupResponse
	r.Decode(t, &res)
	if r.Header.Status != ntstatus.Success || res.SessionFlags != smb2.SessionIsNull || r.Signed {
		t.Fatalf("anonymous log-on: %v, flags %#x, signed %v", r.Header.Status, res.SessionFlags, r.Signed)
	}
	for _, unsigned := range []bool{true, false} {
		tree := func(share string) smbtest.Element {
			return smbtest.Element{Message: &smb2.TreeConnectRequest{Path: `\\server\` + share}, Unsigned: unsigned}
		}
		expectStatus(t, "share", p, tree(smbtest.ShareName), ntstatus.AccessDenied)
		expectStatus(t, "read-only share", p, tree(smbtest.ReadOnlyShareName), ntstatus.AccessDenied)
		r := expectStatus(t, "IPC$", p, tree("ipc$"), ntstatus.Success)
		var res smb2.TreeConnectResponse
		r.Decode(t, &res)
		if res.ShareType != smb2.ShareTypePipe {
			t.Errorf("IPC$ is of type %d, want a pipe share", res.ShareType)
		}
		p.TreeID = r.Header.TreeID
		expectStatus(t, "CREATE in IPC$", p, smbtest.Element{Message: smbtest.CreateFile("samr"), Unsigned: unsigned}, ntstatus.ObjectNameNotFound)
		expectStatus(t, "wrong signature", p, smbtest.Element{
			Message: &smb2.TreeConnectRequest{Path: `\\server\ipc$`}, Flags: smb2.FlagSigned, Unsigned: true,
		}, ntstatus.AccessDenied)
	}
	expectUntouched(t, "anonymous", s)
}

func TestWrongPasswordAndUnknownUserLookAlike(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	for _, c := range []struct{ user, password string }{
		{smbtest.User, "wrong"}, {smbtest.User, ""}, {"nobody", smbtest.Password}, {"nobody", "wrong"},
	} {
		p := s.Dial()
		p.Negotiate()
		r := p.SessionSetup(smbtest.InitiatorFor(c.user, c.password))
		if r.Header.Status != ntstatus.LogonFailure || r.Signed || len(r.Raw) != smb2.HeaderSize+9 {
			t.Errorf("%s/%s: %v, signed %v, %d bytes; want STATUS_LOGON_FAILURE, unsigned, empty",
				c.user, c.password, r.Header.Status, r.Signed, len(r.Raw))
		}
		if n := len(s.Sessions()); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
		// Nothing is left behind, and the connection may try again.
		expectStatus(t, "next leg", p, smbtest.Element{Message: &smb2.SessionSetupRequest{}}, ntstatus.UserSessionDeleted)
		p.SessionID = 0
		if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
			t.Errorf("second try: %v", r.Header.Status)
		}
		p.MustDo(&smb2.LogoffRequest{}, nil)
	}
}

func TestAuthenticationsInProgressAreBounded(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Dial()
	p.Negotiate()
	begun := 0
	for range 100 {
		token, _, err := smbtest.Initiator().Step(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		r := exchange(t, p, smbtest.Element{Message: &smb2.SessionSetupRequest{SecurityBuffer: token}})[0]
		switch r.Header.Status {
		case ntstatus.MoreProcessingRequired:
			begun++
		case ntstatus.RequestNotAccepted:
		default:
			t.Fatalf("log-on %d: %v", begun, r.Header.Status)
		}
	}
	if begun != 16 {
		t.Errorf("%d log-ons are in progress at the same time, want 16", begun)
	}
}

func TestSessionSetupInACompoundIsInvalid(t *testing.T) {
	// Its reply belongs to the hash that the next leg is keyed by: a second one
	// behind it in the same message would wait for it for ever.
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	p.ForgetSession()
	token, _, err := smbtest.Initiator().Step(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	setup := &smb2.SessionSetupRequest{SecurityBuffer: token}
	replies := exchange(t, p, smbtest.Element{Message: setup}, related(setup), smbtest.Element{Message: setup})
	expectStatuses(t, "compound", replies, ntstatus.InvalidParameter, ntstatus.InvalidParameter, ntstatus.InvalidParameter)
}

// everyone is an Authenticator that takes anybody for one kind of identity, at
// the first token.
type everyone auth.Kind

func (everyone) InitialToken() []byte { return nil }

func (e everyone) NewAcceptor() auth.Acceptor { return e }

func (everyone) Accept(context.Context, []byte) ([]byte, bool, error) { return nil, true, nil }

func (e everyone) Identity() *auth.Identity {
	return &auth.Identity{Kind: auth.Kind(e), Account: "Guest", SID: dtyp.NewSID(5, 32, 546), Mechanism: "none"}
}

func (everyone) SessionKey() []byte { return nil }

// anybody is the initiator that everyone accepts.
type anybody struct{}

func (anybody) Step(context.Context, []byte) ([]byte, bool, error) {
	return []byte("let me in"), true, nil
}

func (anybody) SessionKey() []byte { return nil }
