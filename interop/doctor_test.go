package interop

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
)

// sickness is one way in which smbd, or our way to it, can be set up wrongly.
type sickness struct {
	name     string
	global   []string                                      // lines of smb.conf
	before   func(t *testing.T, s *server, samba smbdTool) // with smbd running
	user     string                                        // instead of smbd's user
	password string                                        // instead of the right one
	share    string                                        // instead of the share
	flags    []string                                      // of signet doctor
	want     string                                        // the cause; "" if all is well
	exit     int
}

// sicknesses are what the doctor must tell apart.
var sicknesses = []sickness{
	{name: "nothing is wrong", want: "", exit: 0},
	{name: "unknown users are guests", global: []string{"map to guest = bad user"}, user: "stranger", want: "guest-only", exit: 3},
	{name: "a wrong password makes a guest", global: []string{"map to guest = bad password"}, password: "wrong", want: "guest-only", exit: 3},
	{name: "SMB1 only", global: []string{"server min protocol = NT1", "server max protocol = NT1"}, want: "smb1-only", exit: 1},
	{name: "server too old for us", global: []string{"server max protocol = SMB2_10"}, flags: []string{"--dialect-min", "SMB300"}, want: "no-common-dialect", exit: 3},
	{name: "server too new for us", global: []string{"server min protocol = SMB3_11"}, flags: []string{"--dialect-max", "SMB210"}, want: "no-common-dialect", exit: 3},
	{name: "NTLM off", global: []string{"ntlm auth = disabled"}, want: "ntlm-blocked-there", exit: 3},
	{name: "NTLM blocked by the client", flags: []string{"--block-ntlm"}, want: "ntlm-blocked-here", exit: 3},
	{name: "encryption required, and not offered", global: []string{"smb encrypt = required"}, flags: []string{"--dialect-max", "SMB210"}, want: "encryption-required", exit: 3},
	{name: "encryption required by us, and not there", global: []string{"server max protocol = SMB2_10"}, flags: []string{"--require-encryption"}, want: "encryption-missing", exit: 3},
	{name: "wrong password", password: "wrong", want: "wrong-password", exit: 3},
	{name: "unknown user", user: "stranger", want: "wrong-password", exit: 3},
	{name: "share missing", share: "nosuch", want: "share-missing", exit: 1},
	{name: "user not admitted to the share", global: []string{"invalid users = nobody"}, want: "no-right", exit: 3},
	{name: "no right to the folder", before: closeFolder, want: "no-right", exit: 3},
	{name: "account disabled", before: withAccount("smbpasswd", "-d", "nobody"), want: "account-disabled", exit: 3},
	{name: "account expired", before: withAccount("pdbedit", "-u", "nobody", "-K", "1000000000"), want: "account-expired", exit: 3},
	{name: "account locked", before: withAccount("pdbedit", "-u", "nobody", "-c", "[L]"), want: "account-locked", exit: 3},
	{name: "password to be changed", before: withAccount("net", "sam", "set", "pwdmustchangenow", "nobody", "yes"), want: "password-expired", exit: 3},
	{name: "address not allowed", global: []string{"hosts deny = ALL"}, want: "host-refused", exit: 3},
	{name: "server full", global: []string{"max smbd processes = 3"}, before: occupy, want: "server-full", exit: 1},
}

// TestDoctorNamesTheCause breaks Samba's smbd, or our way to it, in one way
// after the other, and wants the cause named each time.
func TestDoctorNamesTheCause(t *testing.T) {
	needSmbd(t)
	need(t, "pdbedit")
	need(t, "net")
	bin, err := binary()
	must(t, err)
	for _, row := range sicknesses {
		t.Run(row.name, func(t *testing.T) {
			share := filepath.Join(publicDir(t), "share")
			must(t, os.Mkdir(share, 0o755))
			must(t, os.Chmod(share, 0o777))
			s, _ := startSmbd(t, share, row.global...)
			if row.before != nil {
				row.before(t, s, smbdTool{filepath.Join(s.state, "smb.conf")})
			}
			args := append([]string{
				"doctor", "--json", "--timeout", "1m", "--user", cmp.Or(row.user, "nobody"), "--password-file", "-",
				"smb://" + net.JoinHostPort(s.host, s.port) + "/" + cmp.Or(row.share, shareName),
			}, row.flags...)
			cmd := exec.CommandContext(t.Context(), bin, args...)
			cmd.Stdin = bytes.NewReader([]byte(cmp.Or(row.password, password)))
			out, err := cmd.Output()
			if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || len(exit.Stderr) > 0) {
				t.Fatalf("signet %q: %v: %s", args, err, exit.Stderr)
			}
			var report struct {
				Steps []struct{ Name, Result, Detail string }
				Cause *struct{ ID string } // whatever its case in JSON
			}
			must(t, json.Unmarshal(out, &report))
			cause, step := "", "nothing fails"
			if report.Cause != nil {
				cause = report.Cause.ID
			}
			for _, s := range report.Steps {
				if s.Result == "failed" {
					step = s.Name + ": " + s.Detail
				}
			}
			code := cmd.ProcessState.ExitCode()
			t.Logf("%-40s | %d | %-20s | %s", row.name, code, cause, step)
			if cause != row.want || code != row.exit {
				t.Errorf("%s: cause %q and exit code %d, want %q and %d:\n%s", row.name, cause, code, row.want, row.exit, out)
			}
		})
	}
}

// smbdTool calls Samba's tools on a private smbd.
type smbdTool struct{ config string }

func (s smbdTool) run(t *testing.T, name string, args ...string) {
	t.Helper()
	option := map[string]string{"smbpasswd": "-c", "pdbedit": "-s", "net": "-s"}[name]
	if out, err := exec.Command(name, append([]string{option, s.config}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// withAccount changes smbd's account.
func withAccount(name string, args ...string) func(*testing.T, *server, smbdTool) {
	return func(t *testing.T, _ *server, samba smbdTool) { samba.run(t, name, args...) }
}

// closeFolder takes the share's folder from smbd's user.
func closeFolder(t *testing.T, s *server, _ smbdTool) {
	must(t, os.Chmod(s.share, 0o700))
}

// occupy holds the only connection that smbd takes: two of its three processes
// are not for clients.
func occupy(t *testing.T, s *server, _ smbdTool) {
	msg := smb2.Append(make([]byte, smb2.HeaderSize), &smb2.NegotiateRequest{
		SecurityMode: smb2.SigningEnabled, Dialects: []smb2.Dialect{smb2.Dialect210},
	})
	(&smb2.Header{Command: smb2.CommandNegotiate, Credits: 1}).Put(msg)
	msg = append([]byte{0, 0, 0, byte(len(msg))}, msg...)
	// smbd counts the connection that startSmbd made until its process ends.
	for start := time.Now(); time.Since(start) < patience; time.Sleep(50 * time.Millisecond) {
		nc, err := net.Dial("tcp", net.JoinHostPort(s.host, s.port))
		must(t, err)
		nc.Write(msg) // the answer tells
		if _, err = io.ReadFull(nc, make([]byte, 4)); err == nil {
			t.Cleanup(func() { nc.Close() })
			return
		}
		nc.Close()
	}
	t.Fatal("smbd takes no connection at all")
}
