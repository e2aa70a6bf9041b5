package interop

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/ntstatus"
)

// TestRpcclientAuthenticatesItsCalls binds as Samba's bindings say. At level
// connect nothing is signed, and so nothing is shown that needs a role.
func TestRpcclientAuthenticatesItsCalls(t *testing.T) {
	need(t, "rpcclient")
	s := startServer(t)
	withRoles(t, s)
	for _, c := range []struct {
		binding string
		role    bool // counts
	}{
		{"", true},
		{"sign", true},
		{"seal", true},
		{"packet", true},
		{"connect", false},
		{"spnego,sign", true},
		{"spnego,seal", true},
		{"spnego,connect", false},
		{"ntlm,sign", true},
		{"ntlm,seal", true},
		{"ntlm,connect", false},
		{"bigendian,ntlm,seal", true},
		{"print,seal", true},
	} {
		t.Run(c.binding, func(t *testing.T) {
			rpcclient := func(command string) (string, bool) {
				return sambaAs(t, boss, "rpcclient", "ncacn_np:"+s.host+"["+c.binding+"]", "--port="+s.port, "--command="+command)
			}
			for command, want := range map[string]string{
				"srvinfo":                             "platform_id",
				"netshareenum 1":                      "netname: " + shareName,
				"lookupsids S-1-5-32-544":             `BUILTIN\Administrators`,
				"getusername":                         "Account Name: " + boss,
				"netsharegetinfo " + shareName + " 1": "netname: " + shareName,
			} {
				if out, ok := rpcclient(command); !ok || !strings.Contains(out, want) {
					t.Errorf("%s: went well: %v, want %q\n%s", command, ok, want, out)
				}
			}
			for _, command := range []string{"enumdomusers", "netsessenum"} {
				if out, ok := rpcclient(command); ok != c.role {
					t.Errorf("%s: went well: %v, want %v\n%s", command, ok, c.role, out)
				}
			}
		})
	}
}

// TestNetAdministersInSignedAndSealedSessions: `net rpc share` and `net rpc
// registry`, where the server demands signatures, and where it demands encryption.
// net of Samba 4.17 protects these calls by nothing but the session.
func TestNetAdministersInSignedAndSealedSessions(t *testing.T) {
	need(t, "net")
	s := startServerSharing(t, "")
	withRoles(t, s)
	host := must445(t, s)
	const key = `HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters`
	for _, c := range []struct {
		protection, encryptData string
		options                 []string
	}{
		{"integrity", "False", []string{"--client-protection=sign", "--option=client ipc signing=required"}},
		{"integrity-old", "False", []string{"--option=client ipc signing=required", "--option=client ipc min protocol=SMB2_02", "--option=client ipc max protocol=SMB2_10"}},
		{"privacy", "True", []string{"--client-protection=encrypt", "--option=client ipc signing=required"}},
	} {
		t.Run(c.protection, func(t *testing.T) {
			s.signet(t, "config", "set", "server", "EncryptData="+c.encryptData, "--reason", "test")
			name := "more-" + c.protection
			folder := filepath.Join(publicDir(t), name)
			must(t, os.Mkdir(folder, 0o755))
			net := func(user string, want bool, args ...string) string {
				t.Helper()
				args = append(append([]string{"rpc"}, args...), append(slices.Clone(c.options), "--server="+host)...)
				out, ok := sambaAs(t, user, "net", args...)
				if ok != want {
					t.Errorf("net %q as %s: went well: %v, want %v\n%s", args, user, ok, want, out)
				}
				return out
			}
			net(viewer, false, "share", "add", name+"="+folder)
			net(boss, true, "share", "add", name+"="+folder)
			expectLines(t, net(viewer, true, "share", "list"), shareName, name, "IPC$")
			net(boss, true, "share", "delete", name)
			net(viewer, false, "registry", "setvalue", key, "srvcomment", "sz", name)
			net(boss, true, "registry", "setvalue", key, "srvcomment", "sz", name)
			expectLines(t, net(viewer, true, "registry", "getvalue", key, "srvcomment"), `Value = "`+name+`"`)
		})
	}
}

// TestImpacketSealsItsCalls: unlike Samba's programs, it takes another account
// for the calls than the session's.
func TestImpacketSealsItsCalls(t *testing.T) {
	impacketAt{}.need(t)
	s := startServer(t)
	withRoles(t, s)
	run := func(level, caller, secret string) (out, problem string, ok bool) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		cmd := exec.CommandContext(ctx, systemPython, "testdata/impacket_sealed.py", s.host, s.port, viewer, caller, level)
		cmd.Stdin = strings.NewReader(password + "\n" + secret + "\n")
		var b strings.Builder
		cmd.Stderr = &b
		o, err := cmd.Output()
		return string(o), b.String(), err == nil
	}
	for _, level := range []string{"connect", "integrity", "privacy"} {
		out, problem, ok := run(level, viewer, password)
		if !ok {
			t.Fatalf("%s: %s", level, problem)
		}
		var got struct {
			Value, Caller string
			Shares        []string
		}
		must(t, json.Unmarshal([]byte(out), &got))
		value := "RequireSecuritySignature=1"
		if level == "connect" {
			value = "refused"
		}
		if got.Value != value || got.Caller != viewer || !slices.Equal(got.Shares, []string{shareName, "IPC$"}) {
			t.Errorf("%s: %+v, want %s of %s", level, got, value, viewer)
		}
	}
	// Another account for the calls: it is who calls, and may what both may.
	out, problem, ok := run("privacy", account, password)
	if !ok || !strings.Contains(out, `"Caller": "`+account+`"`) || !strings.Contains(out, `"Value": "refused"`) {
		t.Errorf("calls of who has no role in a viewer's session: %v\n%s%s", ok, out, problem)
	}
	if out, _, ok := run("privacy", viewer, "wrong"); ok {
		t.Errorf("a wrong password for the calls:\n%s", out)
	}
	if log := s.signet(t, "event", "list"); !strings.Contains(log, "wrong password") {
		t.Errorf("nothing is told of the wrong password:\n%s", log)
	}
}

// TestImpacketsRegReadsTheRegistry runs reg.py as it is: it seals its calls.
func TestImpacketsRegReadsTheRegistry(t *testing.T) {
	impacketAt{}.need(t)
	s := startServer(t)
	withRoles(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	script := "/usr/share/doc/python3-impacket/examples/reg.py"
	if found, _ := filepath.Glob(script); len(found) == 0 {
		missing(t, script)
	}
	out, err := exec.CommandContext(ctx, systemPython, script, boss+":"+password+"@"+must445(t, s),
		"query", "-keyName", `HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters`, "-v", "RequireSecuritySignature").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "RequireSecuritySignature\tREG_DWORD\t 1") {
		t.Errorf("reg.py: %v\n%s", err, out)
	}
}

// TestARegistryWriteChangesWhatTheNextUnsignedClientGets writes with `net rpc
// registry` and measures with impacket.
func TestARegistryWriteChangesWhatTheNextUnsignedClientGets(t *testing.T) {
	need(t, "net")
	impacketAt{}.need(t)
	s := startServer(t)
	withRoles(t, s)
	const key = `HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters`
	expect := func(when string, want ntstatus.Status) {
		t.Helper()
		if f := fareImpacket(t, s, unsignedAt("2.1"))[0]; ntstatus.Status(f.Code) != want {
			t.Errorf("%s: an unsigned client gets %v, want %v", when, ntstatus.Status(f.Code), want)
		}
	}
	expect("at first", ntstatus.AccessDenied)
	for value, want := range map[string]ntstatus.Status{"0": ntstatus.Success, "1": ntstatus.AccessDenied} {
		if out, ok := sambaAs(t, boss, "net", "rpc", "registry", "--server="+s.host, "--port="+s.port,
			"setvalue", key, "RequireSecuritySignature", "dword", value); !ok {
			t.Fatalf("setvalue %s:\n%s", value, out)
		}
		expect("after setvalue "+value, want)
	}
}
