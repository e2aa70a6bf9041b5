package interop

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/auth/krb5"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/doctor"
	"github.com/signet-smb/signet/policy"
)

// ourKerberos is our client of k's user, with its password.
func (k *kdc) ourKerberos(t *testing.T, o krb5.Options) *krb5.Client {
	t.Helper()
	config, err := krb5.ReadConfig(k.config)
	must(t, err)
	o.Config = config
	c, err := krb5.NewClient(o)
	must(t, err)
	return c
}

// kerberosShare connects to the share of s with c's tickets, NTLM blocked.
func kerberosShare(t *testing.T, s *server, c *krb5.Client, values ...string) *client.Share {
	t.Helper()
	v := policy.NewValues(policy.Origin{Layer: policy.LayerCommandLine, Name: "test"})
	must(t, v.Set("client.BlockNTLM", "True"))
	for i := 0; i < len(values); i += 2 {
		must(t, v.Set(values[i], values[i+1]))
	}
	snapshot, err := policy.Stack(v)
	must(t, err)
	d := client.Dialer{Kerberos: c, Policy: snapshot}
	session, err := d.Dial(t.Context(), net.JoinHostPort(kerberized, s.port))
	must(t, err)
	t.Cleanup(func() { session.Close() })
	share, err := session.Share(t.Context(), shareName)
	must(t, err)
	return share
}

// TestKerberosOnSmbd signs in at every dialect, with every signing algorithm
// and cipher, and works with files.
func TestKerberosOnSmbd(t *testing.T) {
	k := startKDC(t)
	c := k.ourKerberos(t, krb5.Options{User: "nobody", Password: password})
	for _, algorithm := range []string{"", "aes-128-gmac", "aes-128-cmac", "hmac-sha256"} {
		t.Run("signing "+algorithm, func(t *testing.T) {
			var lines []string
			if algorithm != "" {
				lines = append(lines, "server smb3 signing algorithms = "+algorithm)
			}
			s := k.smbd(t, nobodysFolder(t), lines...)
			for _, w := range ourWays() {
				if w.smbd == algorithm {
					t.Run(w.name, func(t *testing.T) {
						ctx, cancel := context.WithTimeout(t.Context(), patience)
						defer cancel()
						share := kerberosShare(t, s, c, w.client...)
						i := share.Session().Info()
						if !w.want(i) || i.Mechanism != "Kerberos" || i.User != "nobody@"+realm || i.NTLMReason != nil {
							t.Fatalf("session: %+v", i)
						}
						name := strings.ReplaceAll(w.name, " ", "-")
						f, err := share.Create(ctx, name)
						must(t, err)
						_, err = f.WriteAt([]byte("by ticket"), 0)
						must(t, err)
						must(t, f.Close())
						data, err := share.ReadFile(ctx, name)
						if err != nil || string(data) != "by ticket" {
							t.Errorf("read %q, %v", data, err)
						}
					})
				}
			}
		})
	}
}

// TestKerberosByWhateverGetsTickets signs in with a password, a cache that
// kinit has made, and a keytab, at every encryption type.
func TestKerberosByWhateverGetsTickets(t *testing.T) {
	k := startKDC(t)
	s := k.smbd(t, nobodysFolder(t))
	k.kinit(t)
	keytab := k.keytab(t, "nobody")
	for name, o := range map[string]krb5.Options{
		"password": {User: "nobody", Password: password},
		"realm":    {User: "nobody@" + strings.ToLower(realm), Password: password},
		"domain":   {User: `signet\nobody`, Password: password},
		"cache":    {Cache: filepath.Join(k.dir, "cache")},
		"keytab":   {Keytab: keytab},
	} {
		t.Run(name, func(t *testing.T) {
			i := kerberosShare(t, s, k.ourKerberos(t, o)).Session().Info()
			if i.Mechanism != "Kerberos" || i.User != "nobody@"+realm || !i.Signed {
				t.Errorf("session: %+v", i)
			}
		})
	}
}

// ailment is one way in which Kerberos can fail.
type ailment struct {
	name     string
	before   func(t *testing.T, k *kdc) // with everything running
	global   []string                   // lines of smb.conf
	plain    bool                       // smbd without Kerberos
	kinit    bool                       // there are tickets
	user     string                     // --user, with the password
	password string                     // instead of the right one
	shift    time.Duration              // of our clock
	host     string                     // instead of the one that has a service
	flags    []string                   // instead of -k
	want     string                     // the cause; "" if all is well
	says     string                     // in what is printed of the step that fails
	exit     int
}

// admin is a step of kadmin before the sign-in.
func admin(query string) func(*testing.T, *kdc) {
	return func(t *testing.T, k *kdc) { k.admin(t, query) }
}

var ailments = []ailment{
	{name: "nothing is wrong, tickets", kinit: true},
	{name: "nothing is wrong, password", user: "nobody@" + realm},
	{name: "nothing is wrong, nobody asked for Kerberos", kinit: true, flags: []string{"--user", "nobody"}},
	{name: "no ticket", want: "ticket-missing", says: "kinit", exit: 1},
	{name: "wrong password", user: "nobody", password: "wrong", want: "wrong-password", exit: 3},
	{name: "unknown user", user: "stranger", want: "wrong-password", says: "does not know the user", exit: 3},
	{name: "unknown service", kinit: true, before: admin("delprinc -force cifs/" + kerberized), want: "spn-missing", says: "cifs/localhost", exit: 3},
	{name: "an address", kinit: true, host: "127.0.0.1", want: "spn-missing", says: "An address", exit: 3},
	{name: "KDC down", user: "nobody", before: func(_ *testing.T, k *kdc) { k.stop() }, want: "kdc-unreachable", says: realm, exit: 1},
	{name: "new key of the service", kinit: true, before: admin("cpw -randkey cifs/" + kerberized), want: "kerberos-refused", says: "keytab", exit: 3},
	{name: "NTLM only", kinit: true, plain: true, want: "kerberos-not-offered", exit: 3},
	{name: "NTLM only, NTLM blocked", plain: true, flags: []string{"--block-ntlm", "--user", "nobody"}, want: "ntlm-blocked-here", exit: 3},
	{name: "user disabled", user: "nobody", before: admin("modprinc -allow_tix nobody"), want: "account-disabled", exit: 3},
	{name: "password expired", user: "nobody", before: admin("modprinc -pwexpire yesterday nobody"), want: "password-expired", exit: 3},
	{name: "RC4 only", user: "nobody", before: admin(`cpw -e rc4-hmac:normal -pw "` + password + `" nobody`), want: "kerberos-etype", says: "AES only", exit: 3},
	{name: "user unknown to the server", user: "stranger", before: admin(`addprinc -pw "` + password + `" stranger`), want: "kerberos-refused", exit: 3},
	{name: "our clock an hour ahead", shift: time.Hour, user: "nobody", want: "clock-skew", says: "ours"},
	{name: "our clock an hour behind", shift: -time.Hour, user: "nobody", want: "clock-skew", says: "theirs"},
	{name: "expired ticket", kinit: true, shift: 11 * time.Hour, want: "ticket-expired", says: "it ended"},
}

// TestDoctorNamesTheCauseOfKerberos breaks the KDC, smbd or our set-up in one
// way after the other. Where our clock is the fault, the doctor runs in this
// process, whose tickets have a clock of their own.
func TestDoctorNamesTheCauseOfKerberos(t *testing.T) {
	bin, err := binary()
	must(t, err)
	for _, row := range ailments {
		t.Run(row.name, func(t *testing.T) {
			k := startKDC(t)
			var s *server
			if row.plain {
				needSmbd(t)
				s, _ = startSmbd(t, nobodysFolder(t), row.global...)
			} else {
				s = k.smbd(t, nobodysFolder(t), row.global...)
			}
			if row.kinit {
				k.kinit(t)
			}
			if row.before != nil {
				row.before(t, k)
			}
			for _, kv := range k.env() {
				name, value, _ := strings.Cut(kv, "=")
				t.Setenv(name, value)
			}
			host := cmp.Or(row.host, kerberized)
			if row.shift != 0 {
				k.examine(t, row, host, s.port)
				return
			}
			args := []string{"doctor", "--json", "--timeout", "1m", "smb://" + net.JoinHostPort(host, s.port) + "/" + shareName}
			switch {
			case row.flags != nil:
				args = append(append(args, row.flags...), "--password-file", "-")
			case row.user != "":
				args = append(args, "-k", "--user", row.user, "--password-file", "-")
			default:
				args = append(args, "-k")
			}
			cmd := exec.CommandContext(t.Context(), bin, args...)
			cmd.Stdin = strings.NewReader(cmp.Or(row.password, password))
			out, err := cmd.Output()
			if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || len(exit.Stderr) > 0) {
				t.Fatalf("signet %q: %v: %s", args, err, exit.Stderr)
			}
			var report struct {
				Steps []struct{ Name, Result, Detail string }
				Cause *struct{ ID string }
			}
			must(t, json.Unmarshal(out, &report))
			cause, step := "", ""
			if report.Cause != nil {
				cause = report.Cause.ID
			}
			for _, s := range report.Steps {
				if s.Result == "failed" {
					step = s.Name + ": " + s.Detail
				}
			}
			t.Logf("%-44s | %d | %-20s | %s", row.name, cmd.ProcessState.ExitCode(), cause, step)
			if cause != row.want || cmd.ProcessState.ExitCode() != row.exit || !strings.Contains(step, row.says) {
				t.Errorf("cause %q, exit code %d, step %q; want %q, %d, %q:\n%s", cause, cmd.ProcessState.ExitCode(), step, row.want, row.exit, row.says, out)
			}
		})
	}
}

// examine is the doctor with a clock of its own for Kerberos.
func (k *kdc) examine(t *testing.T, row ailment, host, port string) {
	t.Helper()
	o := krb5.Options{User: row.user, Now: func() time.Time { return time.Now().Add(row.shift) }}
	if row.user != "" {
		o.Password = password
	}
	d := doctor.Doctor{Timeout: patience, Dialer: client.Dialer{Kerberos: k.ourKerberos(t, o)}}
	r := d.Examine(t.Context(), doctor.Target{Host: host, Port: port, Share: shareName})
	cause, step := "", ""
	if r.Cause != nil {
		cause = r.Cause.ID
	}
	for _, s := range r.Steps {
		if s.Result == doctor.Failed {
			step = s.Detail
		}
	}
	t.Logf("%-44s | - | %-20s | %s", row.name, cause, step)
	if cause != row.want || !strings.Contains(step, row.says) {
		t.Errorf("cause %q, step %q; want %q, %q", cause, step, row.want, row.says)
	}
}

// TestSignetSignsInByTheTicketsThereAre runs the program as users do.
func TestSignetSignsInByTheTicketsThereAre(t *testing.T) {
	bin, err := binary()
	must(t, err)
	k := startKDC(t)
	withTickets := k.smbd(t, nobodysFolder(t))
	without, _ := startSmbd(t, nobodysFolder(t))
	k.kinit(t)
	for name, row := range map[string]struct {
		on      *server
		args    []string
		want    string // Authentication; "": it fails
		user    string
		warning string
	}{
		"-k":                    {withTickets, []string{"-k"}, "Kerberos", "nobody@" + realm, ""},
		"nothing asked for":     {withTickets, nil, "Kerberos", "nobody@" + realm, ""},
		"NTLM blocked":          {withTickets, []string{"--block-ntlm"}, "Kerberos", "nobody@" + realm, ""},
		"password":              {withTickets, []string{"-k", "--user", "nobody", "--password-file", "-"}, "Kerberos", "nobody@" + realm, ""},
		"another user":          {withTickets, []string{"--user", "daemon", "--password-file", "-"}, "", "", "wrong user name or password"},
		"server without a key":  {without, []string{"--user", "nobody", "--password-file", "-"}, "NTLMv2", "nobody", "by NTLM instead of Kerberos"},
		"-k, server without it": {without, []string{"-k"}, "", "", "refuses the Kerberos ticket"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"info", "--json", "smb://" + net.JoinHostPort(kerberized, row.on.port)}, row.args...)
			cmd := exec.CommandContext(t.Context(), bin, args...)
			cmd.Env = append(os.Environ(), k.env()...)
			cmd.Stdin = strings.NewReader(password)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if (err == nil) != (row.want != "") || !strings.Contains(stderr.String(), row.warning) || row.warning == "" && stderr.Len() > 0 {
				t.Fatalf("signet %q: %v: %s", args, err, stderr.String())
			}
			if err != nil {
				return
			}
			var info struct{ Authentication, User string }
			must(t, json.Unmarshal(out, &info))
			if info.Authentication != row.want || info.User != row.user {
				t.Errorf("signet %q: %s", args, out)
			}
		})
	}
}
