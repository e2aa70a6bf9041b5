package interop

import (
	"encoding/json"
	"fmt"
	"os/user"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/ntstatus"
)

// TestSigningIsRequiredOrNotFromTheNextSessionOn changes the requirement of a
// running server, twice, while a signed session is at work.
func TestSigningIsRequiredOrNotFromTheNextSessionOn(t *testing.T) {
	impacketAt{}.need(t)
	s := startServer(t)
	client, err := dialGo(t, s, account, password)
	must(t, err)
	share, err := client.Mount(shareName)
	must(t, err)
	kept, err := share.Create("kept open")
	must(t, err)
	first := s.onlySession(t)

	// worksOn lets the session that is open write, read and list.
	worksOn := func(when string) {
		t.Helper()
		if _, err := kept.Write([]byte(when)); err != nil {
			t.Errorf("%s: the file that is open: %v", when, err)
		}
		name := strings.ReplaceAll(when, " ", "-")
		must(t, share.WriteFile(name, []byte(when), 0o644))
		got, err := share.ReadFile(name)
		if err != nil || string(got) != when {
			t.Errorf("%s: the session that is open reads %q, %v", when, got, err)
		}
		if listed := listGo(t, share, ""); listed[name] != int64(len(when)) {
			t.Errorf("%s: it lists %v", when, listed)
		}
		if now := s.onlySession(t); now.SessionID != first.SessionID || !now.Signed || now.SigningAlgorithm != first.SigningAlgorithm {
			t.Errorf("%s: status shows %+v, want the session %+v", when, now, first)
		}
	}
	// unsigned lets a client in, or not, that does not sign what it asks for.
	unsigned := func(when string, want ntstatus.Status) {
		t.Helper()
		for i, f := range fareImpacket(t, s, unsignedAt("2.0.2"), unsignedAt("2.1")) {
			step := ""
			if want != ntstatus.Success {
				step = "connect" // the first request of all
			}
			if ntstatus.Status(f.Code) != want || f.Step != step {
				t.Errorf("%s: unsigned client %d ended at %q with %v, want %q with %v", when, i, f.Step, ntstatus.Status(f.Code), step, want)
			}
		}
	}

	worksOn("before the first change")
	unsigned("before the first change", ntstatus.AccessDenied)
	s.signet(t, "config", "set", "server", "RequireSecuritySignature=false", "--reason", whyNotRequired)
	unsigned("while signing is not required", ntstatus.Success)
	worksOn("while signing is not required")
	s.signet(t, "config", "set", "server", "RequireSecuritySignature=true", "--reason", whyRequired)
	unsigned("once signing is required again", ntstatus.AccessDenied)
	worksOn("once signing is required again")

	must(t, kept.Close())
	expectHistory(t, s)
	must(t, share.Umount())
	must(t, client.Logoff())
	s.expectNobodySignedIn(t)
}

// The reasons of the changes, as they were given.
const (
	whyNotRequired = "the scanner in room 12 cannot sign"
	whyRequired    = "the scanner is gone"
)

// expectHistory checks that the server tells both changes, who made them and
// why, and which layer holds the value now.
func expectHistory(t *testing.T, s *server) {
	t.Helper()
	type change struct{ Property, New string }
	type revision struct {
		By, Means, Reason string
		Changes           []change
	}
	var history struct{ Revisions []revision }
	must(t, json.Unmarshal([]byte(s.signet(t, "config", "history", "--json")), &history))
	me, err := user.Current()
	must(t, err)
	by := fmt.Sprintf("%s (uid %s)", me.Username, me.Uid)
	const name = "server.RequireSecuritySignature"
	want := []revision{
		{by, "Socket", whyRequired, []change{{name, "True"}}},
		{by, "Socket", whyNotRequired, []change{{name, "False"}}},
	}
	if !reflect.DeepEqual(history.Revisions, want) {
		t.Errorf("config history tells\n     %+v\nwant %+v", history.Revisions, want)
	}
	explained := s.signet(t, "config", "explain", "server", "RequireSecuritySignature")
	for _, line := range []string{"Value        : True\n", "Held by      : store revision 2\n", "Reason       : " + whyRequired + "\n", "Below        : profile signet: True\n"} {
		if !strings.Contains(explained, line) {
			t.Errorf("config explain says\n%swant the line %q", explained, line)
		}
	}
}

// unsignedAt is a client of our account that stops signing once it is signed in.
func unsignedAt(dialect string) impacketCase {
	return impacketCase{User: account, Password: password, Dialect: dialect, Tree: shareName}
}

// onlySession returns the one session that there is, once those are gone whose
// clients have left.
func (s *server) onlySession(t *testing.T) session {
	t.Helper()
	var st status
	for start := time.Now(); time.Since(start) < patience; time.Sleep(50 * time.Millisecond) {
		var err error
		st, err = s.status(t.Context())
		must(t, err)
		if len(st.Sessions) == 1 {
			return st.Sessions[0]
		}
	}
	t.Fatalf("status shows %d sessions, want 1: %+v", len(st.Sessions), st.Sessions)
	return session{}
}
