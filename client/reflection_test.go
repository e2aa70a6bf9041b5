package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
)

func TestSignInOnOurselvesIsRefused(t *testing.T) {
	s := &rogue{}
	d := dialer()
	d.IsSelf = func(guid dtyp.GUID) bool { return guid == dtyp.GUID{1, 2, 3} }
	_, err := d.DialConn(bounded(t), s.start(t), "ROGUE")
	if r, ok := errors.AsType[*client.Refusal](err); !ok {
		t.Fatalf("got %v (%+v)", err, r)
	}
	for _, command := range s.commands() {
		if command == smb2.CommandSessionSetup {
			t.Error("a token was sent all the same")
		}
	}
}

// A server that passes our sign-in on to our own server shows that server's
// challenge, whatever GUID it shows.
func TestReflectedSignInIsRefused(t *testing.T) {
	own := &ntlm.Server{NetBIOSName: "OWN", Accounts: rogueAccounts{"x"}}
	s := &rogue{mechanism: own}
	d := dialer()
	d.Credentials.IsOwn = own.Issued
	_, err := d.DialConn(bounded(t), s.start(t), "ROGUE")
	if _, ok := errors.AsType[*client.Refusal](err); !ok || !strings.Contains(err.Error(), "reflecting") {
		t.Fatalf("got %v", err)
	}
	setups := 0
	for _, command := range s.commands() {
		if command == smb2.CommandSessionSetup {
			setups++
		}
	}
	if setups != 1 {
		t.Errorf("%d tokens were sent, want none that proves anything", setups)
	}
	d.Credentials.IsOwn = (&ntlm.Server{}).Issued
	session, err := d.DialConn(bounded(t), (&rogue{}).start(t), "ROGUE")
	if err != nil {
		t.Fatalf("another server: %v", err)
	}
	session.Close()
}
