package localuser_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/signet-smb/signet/auth/localuser"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/ntstatus"
)

// logon runs one exchange against the accounts of s.
func logon(t *testing.T, s *localuser.Store, c ntlm.Credentials) (sid string, err error) {
	t.Helper()
	n := &ntlm.Server{NetBIOSName: "HOST", Accounts: s}
	server := spnego.Server{Mechanisms: []spnego.Mechanism{{OID: spnego.NTLMSSP, Name: "NTLM", NewAcceptor: n.NewAcceptor}}}
	acceptor := server.NewAcceptor()
	client := spnego.NewInitiator(spnego.Offer{OID: spnego.NTLMSSP, Initiator: ntlm.NewInitiator(c)})
	var token []byte
	for {
		if token, _, err = client.Step(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		var done bool
		if token, done, err = acceptor.Accept(t.Context(), token); err != nil {
			return "", err
		}
		if !done {
			continue
		}
		if _, done, err := client.Step(t.Context(), token); err != nil || !done || !bytes.Equal(client.SessionKey(), acceptor.SessionKey()) {
			t.Errorf("client done %v, %v, keys %x and %x", done, err, client.SessionKey(), acceptor.SessionKey())
		}
		return acceptor.Identity().SID.String(), nil
	}
}

func TestStoredAccountsLogOn(t *testing.T) {
	s, _ := newStore(t)
	ann := add(t, s, "Änn", "tulip-raven-48-cobalt")
	bob := add(t, s, "bob", "pässwörd 😀")
	for _, tc := range []struct {
		c    ntlm.Credentials
		want string
	}{
		{ntlm.Credentials{User: "änn", Password: "tulip-raven-48-cobalt"}, ann.SID.String()},
		{ntlm.Credentials{User: `HOST\ÄNN`, Password: "tulip-raven-48-cobalt"}, ann.SID.String()},
		{ntlm.Credentials{User: "bob@host", Password: "pässwörd 😀"}, bob.SID.String()},
	} {
		if sid, err := logon(t, s, tc.c); err != nil || sid != tc.want {
			t.Errorf("%v: %s, %v, want %s", tc.c, sid, err, tc.want)
		}
	}
	for _, c := range []ntlm.Credentials{
		{User: "bob", Password: "tulip-raven-48-cobalt"},
		{User: "eve", Password: "x"},
		{User: "@", Password: "x"}, // names nobody, as the decoy does
		{User: "@", Hash: new(ntlm.NTHash)},
	} {
		if sid, err := logon(t, s, c); !errors.Is(err, ntstatus.LogonFailure) {
			t.Errorf("%v: %s, %v, want LogonFailure", c, sid, err)
		}
	}
	if err := s.Update(t.Context(), "bob", localuser.Change{Disabled: new(true)}); err != nil {
		t.Fatal(err)
	}
	if _, err := logon(t, s, ntlm.Credentials{User: "bob", Password: "pässwörd 😀"}); !errors.Is(err, ntstatus.AccountDisabled) {
		t.Errorf("disabled: %v, want AccountDisabled", err)
	}
	if err := s.Remove(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	if _, err := logon(t, s, ntlm.Credentials{User: "bob", Password: "pässwörd 😀"}); !errors.Is(err, ntstatus.LogonFailure) {
		t.Errorf("removed: %v, want LogonFailure", err)
	}
}
