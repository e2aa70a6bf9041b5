package interop

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// decision is a row of signet config decide: what the policy says of a client.
type decision struct {
	ClientRequire bool
	ServerRequire bool
	Identity      string
	Dialect       string
	CanSign       bool
	Outcome       string
	Status        string
	Rule          string
	Section       string
}

// byClient reports whether it is the client that refuses.
func (d *decision) byClient() bool {
	return d.Status == "0xC05D0003" || d.Status == "SMB_GUEST_LOGON_BLOCKED"
}

// requiredBy is what status must say of a session that is signed.
func (d *decision) requiredBy() string {
	switch {
	case d.Outcome != "signed":
		return ""
	case d.ClientRequire && d.ServerRequire:
		return "both"
	case d.ServerRequire:
		return "server"
	}
	return "client"
}

// credentials are a user and a password with which a client becomes what the
// decision is about.
func (d *decision) credentials() (user, pass string) {
	switch d.Identity {
	case "user":
		return account, password
	case "guest":
		return "stranger", "whatever"
	}
	return "", ""
}

// Who the users of refused sign-ins are in events.
const (
	guest   = "Guest"
	noOne   = ""
	setting = "RequireSecuritySignature is True"
)

// tree is the share at which the decision is looked at: nobody reaches more than
// IPC$ without a name.
func (d *decision) tree() string {
	if d.Identity == "anonymous" {
		return "IPC$"
	}
	return shareName
}

// observed is how a client fared.
type observed struct {
	outcome    string // in the words of a decision
	status     string // of what was refused, "" if the client refused
	requiredBy string // of what is signed
}

// ofSession is how a client fared that was let in, by what status showed.
func ofSession(t *testing.T, st status) observed {
	t.Helper()
	if len(st.Sessions) != 1 {
		t.Fatalf("status shows %d sessions while one client is connected: %+v", len(st.Sessions), st)
	}
	switch s := st.Sessions[0]; {
	case s.Encrypted:
		return observed{"sealed", "SUCCESS", ""}
	case s.Signed:
		return observed{"signed", "SUCCESS", s.SigningRequiredBy}
	}
	return observed{"plain", "SUCCESS", ""}
}

// decisions asks the running server for its table.
func (s *server) decisions(t *testing.T) []decision {
	t.Helper()
	var table struct{ Decisions []decision }
	must(t, json.Unmarshal([]byte(s.signet(t, "config", "decide", "--all", "--json")), &table))
	return table.Decisions
}

// observer is a client that can be put into situations. observe returns how it
// fared in each of those that it can play, by index.
type observer struct {
	name    string
	need    func(t *testing.T)
	plays   func(d *decision) bool
	observe func(t *testing.T, s *server, ds []decision) []observed
}

var observers = []observer{
	{
		"smbclient", smbclient{}.need,
		func(d *decision) bool { return d.CanSign }, // it always signs when told
		func(t *testing.T, s *server, ds []decision) (all []observed) {
			for i := range ds {
				all = append(all, observeSmbclient(t, s, &ds[i]))
				s.expectNobodySignedIn(t)
			}
			return all
		},
	},
	{
		"impacket", impacketAt{}.need,
		// At 3.0 it encrypts unasked; it has no rule about guests of its own.
		func(d *decision) bool { return (d.Dialect == "2.0.2" || d.Dialect == "2.1") && !d.byClient() },
		observeImpacket,
	},
	{
		"scripted", func(*testing.T) {},
		func(d *decision) bool { return !d.byClient() },
		func(t *testing.T, s *server, ds []decision) (all []observed) {
			for i := range ds {
				all = append(all, observePeer(t, s, &ds[i]))
			}
			return all
		},
	},
}

// TestEveryClientMeetsWhatIsDecided puts real clients into every situation that
// client and server can be in as to signing, and prints what they met beside
// what the policy decides.
func TestEveryClientMeetsWhatIsDecided(t *testing.T) {
	var printed strings.Builder
	printed.WriteString("client    client   server   identity   dialect  client    decided                       met                           required by\n")
	printed.WriteString("          requires requires                     signs\n")
	for _, required := range []string{"True", "False"} {
		for _, o := range observers {
			t.Run("server requires "+required+" "+o.name, func(t *testing.T) {
				o.need(t)
				s := startDeciding(t, required)
				ds := s.decisions(t)
				expectTable(t, ds)
				ds = slices.DeleteFunc(ds, func(d decision) bool { return !o.plays(&d) })
				if len(ds) == 0 {
					t.Fatal("the table has no row that this client can play")
				}
				for i, got := range o.observe(t, s, ds) {
					d := &ds[i]
					want := observed{d.Outcome, d.Status, d.requiredBy()}
					switch {
					case d.byClient() && d.Identity == "anonymous":
						// Samba's client, the only one with such a rule here, lets
						// anonymous users be, whatever it requires.
						want = observed{"plain", "SUCCESS", ""}
					case d.byClient():
						want.status = ""
					}
					if got != want {
						t.Errorf("%+v: met %+v", *d, got)
					}
					fmt.Fprintf(&printed, "%-9s %-8v %-8v %-10s %-8s %-9v %-29s %-29s %s\n", o.name, d.ClientRequire, d.ServerRequire,
						d.Identity, d.Dialect, d.CanSign, d.Outcome+" "+d.Status, got.outcome+" "+got.status, got.requiredBy)
				}
				expectSettingNamed(t, s, required == "True")
			})
		}
	}
	t.Logf("what was decided and met:\n%s", printed.String())
}

// expectTable checks that the rows of the table that was written by hand are
// among those of a server's where nothing is encrypted.
func expectTable(t *testing.T, ds []decision) {
	t.Helper()
	f, err := os.Open("../policy/testdata/decision.csv")
	must(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	must(t, err)
	compared := 0
	for _, row := range rows[1:] { // behind the names of the columns
		i := slices.IndexFunc(ds, func(d decision) bool {
			said := []any{d.ClientRequire, d.ServerRequire, false, row[3], d.Identity, d.Dialect, d.CanSign}
			for column, value := range said {
				if fmt.Sprint(value) != row[column] {
					return false
				}
			}
			return true
		})
		if i < 0 {
			continue // the other server's, or encrypted
		}
		compared++
		d := &ds[i]
		if got := []string{d.Outcome, d.Status, d.Rule, d.Section}; !slices.Equal(got, row[7:]) {
			t.Errorf("%q: the server says %q", row, got)
		}
	}
	if compared < 10 {
		t.Errorf("%d rows of the table are about this server, want 10 at least", compared)
	}
}

// startDeciding starts a server that takes guests if signing lets it.
func startDeciding(t *testing.T, required string) *server {
	t.Helper()
	config := filepath.Join(publicDir(t), "signet.yaml")
	must(t, os.WriteFile(config, fmt.Appendf(nil, "version: 1\n"+
		"server: {RequireSecuritySignature: %s, EnableGuestAccess: True, EnableAuthRateLimiter: False}\n"+
		"client: {EnableInsecureGuestLogons: True}\n", required), 0o600))
	return startServer(t, "--config", config)
}

// expectSettingNamed checks that the events about guests and anonymous users who
// were refused name the property to blame, and that there are none if they were
// not.
func expectSettingNamed(t *testing.T, s *server, refused bool) {
	t.Helper()
	var list struct {
		Events []struct{ User, Status, Reason string }
	}
	must(t, json.Unmarshal([]byte(s.signet(t, "event", "list", "--id", "AuthenticationFailed", "--json")), &list))
	named := make(map[string]bool)
	for _, e := range list.Events {
		if e.Status != "STATUS_ACCESS_DENIED" || !strings.Contains(e.Reason, setting) {
			t.Errorf("a refused sign-in of %q: %s, %q; want ACCESS_DENIED, and the setting by name", e.User, e.Status, e.Reason)
		}
		named[e.User] = true
	}
	if named[guest] != refused || named[noOne] != refused {
		t.Errorf("events of refused sign-ins: %+v; want some of a guest and of an anonymous user: %v", list.Events, refused)
	}
}

// observeSmbclient signs in with Samba's client, which signs when it or the
// server requires it, and else not.
func observeSmbclient(t *testing.T, s *server, d *decision) observed {
	t.Helper()
	protocol := map[string]string{"2.0.2": "SMB2_02", "2.1": "SMB2_10", "3.0": "SMB3_00", "3.0.2": "SMB3_02", "3.1.1": "SMB3_11"}[d.Dialect]
	protection := "off"
	if d.ClientRequire {
		protection = "sign"
	}
	user, pass := d.credentials()
	c := smbclient{user: user + "%" + pass, share: d.tree(), options: []string{
		"--option=client min protocol=" + protocol, "--max-protocol=" + protocol, "--client-protection=" + protection,
	}}
	dir := t.TempDir()
	command := "!" + strings.Join(s.statusCommand(), " ") + " >status.json"
	commands := []string{command}
	if d.tree() == shareName {
		commands = []string{"ls", command}
	}
	out, ok := c.run(t, s, dir, commands...)
	if !ok {
		return observed{"refused", refusalIn(d, out), ""}
	}
	text, err := os.ReadFile(filepath.Join(dir, "status.json"))
	must(t, err)
	st, err := parseStatus(text)
	must(t, err)
	if d.Identity == "anonymous" {
		c.share = shareName
		c.refused(t, s, dir, "ls", "NT_STATUS_ACCESS_DENIED")
	}
	return ofSession(t, st)
}

// refusalIn finds the status in what smbclient printed. Of what it refuses by
// itself it says what it likes.
func refusalIn(d *decision, out string) string {
	if d.byClient() {
		return ""
	}
	_, rest, ok := strings.Cut(out, "NT_STATUS_")
	if !ok {
		return "no status: " + out
	}
	return rest[:strings.IndexFunc(rest+" ", func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') })]
}

// impacketCase is a case of testdata/impacket_cases.py.
type impacketCase struct {
	User     string `json:"user"`
	Password string `json:"password"`
	Dialect  string `json:"dialect"`
	Require  bool   `json:"require"`
	Sign     bool   `json:"sign"`
	Tree     string `json:"tree"`
	Alone    bool   `json:"alone"`
}

// impacketFared is what became of it.
type impacketFared struct {
	Step   string          `json:"step"` // at which it ended; "": all went well
	Code   uint32          `json:"code"`
	Status json.RawMessage `json:"status"`
}

// fareImpacket runs cases one after the other in one process.
func fareImpacket(t *testing.T, s *server, cases ...impacketCase) (fared []impacketFared) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, systemPython, append([]string{"testdata/impacket_cases.py", s.host, s.port, shareName}, s.statusCommand()...)...)
	in, err := json.Marshal(cases)
	must(t, err)
	var problem bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &problem
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("impacket: %v\n%s", err, problem.Bytes())
	}
	must(t, json.Unmarshal(out, &fared))
	if len(fared) != len(cases) {
		t.Fatalf("impacket answered %d of %d cases", len(fared), len(cases))
	}
	return fared
}

// observeImpacket signs in with impacket's client, also such that it stops
// signing.
func observeImpacket(t *testing.T, s *server, ds []decision) (all []observed) {
	t.Helper()
	cases := make([]impacketCase, len(ds))
	for i := range ds {
		d := &ds[i]
		user, pass := d.credentials()
		cases[i] = impacketCase{user, pass, d.Dialect, d.ClientRequire, d.CanSign, d.tree(), true}
	}
	for i, f := range fareImpacket(t, s, cases...) {
		d := &ds[i]
		if f.Step != "" {
			if d.Identity == "user" && f.Step != "connect" {
				t.Errorf("%+v: refused at %q, want at the first request", *d, f.Step)
			}
			all = append(all, observed{"refused", shortStatus(ntstatus.Status(f.Code)), ""})
			continue
		}
		st, err := parseStatus(f.Status)
		must(t, err)
		all = append(all, ofSession(t, st))
	}
	return all
}

// shortStatus is a status as decisions write it.
func shortStatus(s ntstatus.Status) string { return strings.TrimPrefix(s.String(), "STATUS_") }

// observePeer signs in with the scripted client, at every dialect. It does
// whatever it is told, so what it meets is the server's doing alone.
func observePeer(t *testing.T, s *server, d *decision) observed {
	t.Helper()
	nc, err := net.Dial("tcp", net.JoinHostPort(s.host, s.port))
	must(t, err)
	p := smbtest.NewPeer(t, nc)
	defer func() {
		p.Close()
		s.expectNobodySignedIn(t)
	}()
	p.Dialects = []smb2.Dialect{peerDialects[d.Dialect]}
	p.Mode = smb2.SigningEnabled
	if d.ClientRequire {
		p.Mode |= smb2.SigningRequired
	}
	p.Negotiate()
	if r := p.SessionSetup(smbtest.InitiatorFor(d.credentials())); r.Header.Status != ntstatus.Success {
		return observed{"refused", shortStatus(r.Header.Status), ""}
	}
	unsigned := !d.CanSign || d.Identity != "user"
	if d.Outcome == "plain" && d.Dialect != "3.1.1" {
		unsigned = true // as it would where nobody asks for more
	}
	replies, ok := p.Exchange(smbtest.Element{Message: &smb2.TreeConnectRequest{Path: `\\server\` + d.tree()}, Unsigned: unsigned})
	switch {
	case !ok:
		return observed{"refused", "CONNECTION_RESET", ""}
	case replies[0].Header.Status != ntstatus.Success:
		return observed{"refused", shortStatus(replies[0].Header.Status), ""}
	}
	p.TreeID = replies[0].Header.TreeID
	st, err := s.status(t.Context())
	must(t, err)
	seen := ofSession(t, st)
	// What it gets away with tells more than what the server says of it.
	met := "plain"
	replies, ok = p.Exchange(smbtest.Element{Message: &smb2.TreeDisconnectRequest{}, Unsigned: true})
	if !ok || replies[0].Header.Status != ntstatus.Success {
		met = "signed"
	}
	if seen.outcome != met {
		t.Errorf("%+v: status shows it as %s, and it is %s", *d, seen.outcome, met)
	}
	return seen
}

// peerDialects are the dialects by their names.
var peerDialects = map[string]smb2.Dialect{
	"2.0.2": smb2.Dialect202, "2.1": smb2.Dialect210, "3.0": smb2.Dialect300, "3.0.2": smb2.Dialect302, "3.1.1": smb2.Dialect311,
}
