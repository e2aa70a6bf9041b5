package client_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/policy"
)

func TestClientProperty_HardenedPaths(t *testing.T) {
	const plain = "client.RequireSecuritySignature"
	for _, c := range []struct {
		name     string
		s        *rogue
		hardened string
		kerberos bool
		share    string
		refused  string // a part of the reason
		signed   bool   // how requests about the share travel
		sealed   bool
	}{
		{"the default, elsewhere", &rogue{}, "", false, "data", "", false, false},
		{"the default, SYSVOL by NTLM", &rogue{}, "", false, "sysvol", "Kerberos", false, false},
		{"the default, SYSVOL by Kerberos", &rogue{}, "", true, "SYSVOL", "", true, false},
		{"signing of one share", &rogue{}, `\\rogue\DATA=RequireIntegrity`, false, "data", "", true, false},
		{"signing of every share of a server", &rogue{}, `\\ROGUE\*=RequireIntegrity`, false, "data", "", true, false},
		{"signing of another server", &rogue{}, `\\other\*=RequireIntegrity`, false, "data", "", false, false},
		{"encryption of a share everywhere", &rogue{cipher: smb2.CipherAES128GCM}, `\\*\data=RequirePrivacy`, false, "data", "", false, true},
		{"encryption without a cipher", &rogue{}, `\\*\data=RequirePrivacy`, false, "data", "encryption", false, false},
		{"signing for a guest", &rogue{sessionFlags: smb2.SessionIsGuest}, `\\*\data=RequireIntegrity`, false, "data", "no key", false, false},
		{"several demands", &rogue{cipher: smb2.CipherAES128GCM}, `\\*\data=RequireIntegrity; \\rogue\*=RequirePrivacy`, false, "data", "", false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var mu sync.Mutex
			var signed, sealed, plainly int
			var commands []smb2.Command
			c.s.handle = func(q *question) bool {
				mu.Lock()
				defer mu.Unlock()
				commands = append(commands, q.Command)
				if q.Command != smb2.CommandCreate && q.Command != smb2.CommandClose {
					return false
				}
				switch {
				case q.sealed:
					sealed++
				case q.Is(smb2.FlagSigned):
					signed++
				default:
					plainly++
				}
				return false
			}
			d := dialer()
			values := []string{plain, "False", "client.EnableInsecureGuestLogons", "True"}
			if c.hardened != "" {
				values = append(values, "client.HardenedPaths", c.hardened)
			}
			d.Policy = set(t, values...)
			if c.kerberos {
				d.Kerberos, c.s.kerberos = &tickets{}, &ticketAcceptor{oid: spnego.MSKerberos}
			}
			session, err := d.DialConn(bounded(t), c.s.start(t), "ROGUE")
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			share, err := session.Share(bounded(t), c.share)
			if c.refused != "" {
				r, ok := errors.AsType[*client.Refusal](err)
				mu.Lock()
				defer mu.Unlock()
				if !ok || r.Rule != client.RuleHardened || !strings.Contains(r.Reason, c.refused) || !strings.Contains(r.Reason, "client.HardenedPaths") {
					t.Errorf("got %v, want a refusal by client.HardenedPaths for want of %s", err, c.refused)
				}
				if slices.Contains(commands, smb2.CommandTreeConnect) {
					t.Error("the server was asked for the share all the same")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			f, err := share.Open(bounded(t), "f")
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			mu.Lock()
			defer mu.Unlock()
			if (signed > 0) != c.signed || (sealed > 0) != c.sealed || (plainly > 0) == (c.signed || c.sealed) {
				t.Errorf("%d requests signed, %d sealed, %d plain; want signed %v, sealed %v", signed, sealed, plainly, c.signed, c.sealed)
			}
		})
	}
}

func TestProgramMayDemandMoreOfAShareThanThePolicy(t *testing.T) {
	d := dialer()
	d.Hardened = []policy.HardenedPath{{Server: "*", Share: "data", Privacy: true}}
	session, err := d.DialConn(bounded(t), (&rogue{}).start(t), "ROGUE")
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if _, err := session.Share(bounded(t), "data"); err == nil || !strings.Contains(err.Error(), "demands encryption") {
		t.Errorf("got %v, want a refusal for want of encryption", err)
	}
	if _, err := session.Share(bounded(t), "other"); err != nil {
		t.Errorf("another share: %v", err)
	}
}

// eventRecorder keeps events.
type eventRecorder struct {
	mu     sync.Mutex
	events []event.Event
}

func (r *eventRecorder) Record(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func TestServersReachedByAddressOrAliasAreEvents(t *testing.T) {
	aliases := map[string]string{"files": "fs1.corp.example.", "fs1": "fs1.corp.example.", "fs1.corp.example": "fs1.corp.example.", "nowhere": ""}
	for _, c := range []struct {
		host string
		want *event.Kind
	}{
		{"192.0.2.7", event.TargetIsAddress},
		{"[2001:db8::7]:445", event.TargetIsAddress},
		{"127.0.0.1", nil},
		{"files", event.TargetIsAlias},
		{"fs1", nil},
		{"FS1.corp.example", nil},
		{"nowhere", nil},
	} {
		t.Run(c.host, func(t *testing.T) {
			var r eventRecorder
			d := dialer()
			d.Events, d.Connect = &r, (&rogue{}).connect(t)
			d.LookupCNAME = func(_ context.Context, host string) (string, error) {
				canonical := aliases[strings.ToLower(host)]
				if canonical == "" {
					return "", errors.New("no such host")
				}
				return canonical, nil
			}
			session, err := d.Dial(bounded(t), c.host)
			if err != nil {
				t.Fatal(err)
			}
			session.Close()
			r.mu.Lock()
			defer r.mu.Unlock()
			var got []*event.Kind
			for _, e := range r.events {
				got = append(got, e.Kind)
				if e.User != smbtest.User || e.Client == "" || e.Reason == "" {
					t.Errorf("event %+v, want user, server and reason", e)
				}
			}
			if want := []*event.Kind{c.want}; c.want == nil && len(got) > 0 || c.want != nil && !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
