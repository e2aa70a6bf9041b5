package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The accounts of these tests that have a role; all have the one password.
const (
	boss   = "boss"
	viewer = "wendy"
)

// withRoles adds the accounts to a running server.
func withRoles(t *testing.T, s *server) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(file, []byte(password+"\n"), 0o600))
	s.signet(t, "user", "add", boss, "--role", "admin", "--password-file", file)
	s.signet(t, "user", "add", viewer, "--role", "viewer", "--password-file", file)
}

// sambaAs runs one of Samba's programs as an account and answers what it
// printed, and whether it said that all went well.
func sambaAs(t *testing.T, user, program string, args ...string) (out string, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	args = append(args, "--user="+user+"%"+password, "--configfile="+privateConfig(t), "--use-kerberos=off")
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+t.TempDir())
	b, err := cmd.CombinedOutput()
	return string(b), err == nil && !strings.Contains(string(b), "NT_STATUS_") && !strings.Contains(string(b), "WERR_")
}

// must445 carries port 445 of an address of this machine to a server: a part of
// Samba's net knows no other port.
func must445(t *testing.T, s *server) (host string) {
	t.Helper()
	return carry445(t, s, "127.77.0.1")
}

// carry445 is must445 with an address of 127.0.0.0/8.
func carry445(t *testing.T, s *server, address string) (host string) {
	t.Helper()
	l, err := net.Listen("tcp", address+":445")
	if err != nil {
		missing(t, "port 445 of "+address)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer in.Close()
				out, err := net.Dial("tcp", net.JoinHostPort(s.host, s.port))
				if err != nil {
					return
				}
				defer out.Close()
				go func() { _, _ = io.Copy(out, in); out.(*net.TCPConn).CloseWrite() }()
				_, _ = io.Copy(in, out)
			}()
		}
	}()
	return address
}

func TestNetRPCChangesSharesForAdministrators(t *testing.T) {
	need(t, "net")
	s := startServerSharing(t, "") // from the store, which is what can be changed
	withRoles(t, s)
	host := must445(t, s)
	folder := filepath.Join(publicDir(t), "more")
	must(t, os.Mkdir(folder, 0o755))
	share := func(user string, want bool, args ...string) string {
		t.Helper()
		out, ok := sambaAs(t, user, "net", append([]string{"rpc", "share", "--server=" + host}, args...)...)
		if ok != want {
			t.Errorf("net rpc share %q as %s: went well: %v, want %v\n%s", args, user, ok, want, out)
		}
		return out
	}
	share(account, false, "add", "more="+folder)
	share(viewer, false, "add", "more="+folder)
	expectLines(t, share(viewer, true, "list"), shareName, "IPC$")
	share(boss, true, "add", "more="+folder)
	expectLines(t, share(boss, true, "list"), shareName, "more", "IPC$")
	share(boss, false, "add", "more="+folder) // is there
	share(viewer, false, "delete", "more")
	share(boss, true, "delete", "more")
	share(boss, false, "delete", "more")
	share(boss, false, "delete", "IPC$")
	if out := share(boss, true, "list"); strings.Contains(out, "more") {
		t.Errorf("after delete:\n%s", out)
	}
	log := s.signet(t, "event", "list")
	for _, want := range []string{boss, "a share was added, changed or removed", "srvsvc.NetrShareAdd", viewer, "this needs the role admin"} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in the events:\n%s", want, log)
		}
	}
}

// TestImpacketChangesSharesAndTheRegistry: remark, limit, and who may use a share,
// by calls that are protected besides the session, or not. What lists of accounts
// cannot say changes nothing.
func TestImpacketChangesSharesAndTheRegistry(t *testing.T) {
	impacketAt{}.need(t)
	for _, level := range []string{"none", "integrity", "privacy"} {
		t.Run(level, func(t *testing.T) {
			s := startServerSharing(t, "")
			withRoles(t, s)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, systemPython, "testdata/impacket_share.py", s.host, s.port, boss, shareName, level)
			cmd.Stdin = strings.NewReader(password + "\n")
			var problem bytes.Buffer
			cmd.Stderr = &problem
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("impacket: %v\n%s", err, problem.Bytes())
			}
			var got struct {
				Changes             [][]int // status and ParmErr
				Remark              string
				MaxUses             int64
				Who, After, Comment string
				Group               []int // likewise
				Trees               []string
			}
			must(t, json.Unmarshal(out, &got))
			for _, c := range append(got.Changes, []int{0, 0}) {
				if !slices.Equal(c, []int{0, 0}) {
					t.Errorf("changes were answered %v", got.Changes)
				}
			}
			if got.Remark != "papers of all" || got.MaxUses != 7 || got.Who != "S-1-1-0=0x1200a9" || got.After != got.Who || !slices.Equal(got.Group, []int{87, 501}) {
				t.Errorf("impacket was told %+v", got)
			}
			if !slices.Contains(got.Trees, boss) || got.Comment != "by "+level {
				t.Errorf("tree connects of %q, comment %q", got.Trees, got.Comment)
			}
			list := s.signet(t, "share", "list", "--json")
			for _, want := range []string{`"Description":"papers of all"`, `"ConcurrentUserLimit":7`, `"FullAccess":[]`, `"ReadAccess":["Everyone"]`} {
				if !strings.Contains(list, want) {
					t.Errorf("no %s in %s", want, list)
				}
			}
		})
	}
}

func TestNetRPCRegistryReadsAndWritesThePolicy(t *testing.T) {
	need(t, "net")
	s := startServer(t)
	withRoles(t, s)
	const key = `HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters`
	registry := func(user string, want bool, args ...string) string {
		t.Helper()
		out, ok := sambaAs(t, user, "net", append([]string{"rpc", "registry", "--server=" + s.host, "--port=" + s.port}, args...)...)
		if ok != want {
			t.Errorf("net rpc registry %q as %s: went well: %v, want %v\n%s", args, user, ok, want, out)
		}
		return out
	}
	expectLines(t, registry(viewer, true, "enumerate", key), "Valuename = RequireSecuritySignature", "Valuename = srvcomment", "Type = REG_MULTI_SZ")
	expectLines(t, registry(viewer, true, "enumerate", `HKLM\SYSTEM\CurrentControlSet\Services`), "Keyname = LanmanServer", "Keyname = LanmanWorkstation")
	expectLines(t, registry(viewer, true, "getvalue", key, "EncryptData"), "Type = REG_DWORD", "Value = 0")
	registry(account, false, "getvalue", key, "EncryptData")
	registry(viewer, false, "setvalue", key, "EncryptData", "dword", "1")
	registry(boss, true, "setvalue", key, "srvcomment", "sz", "a file server")
	expectLines(t, registry(viewer, true, "getvalue", key, "srvcomment"), "Type = REG_SZ", `Value = "a file server"`)
	registry(boss, false, "setvalue", key, "EncryptData", "dword", "7")
	registry(boss, false, "setvalue", key, "SMB1", "dword", "1")
	registry(boss, true, "deletevalue", key, "srvcomment")
	if out := s.signet(t, "config", "get", "server", "AnnounceComment"); strings.TrimSpace(out) != "AnnounceComment :" {
		t.Errorf("after deletevalue: %q", out)
	}
}

func TestRpcclientNamesAccounts(t *testing.T) {
	need(t, "rpcclient")
	s := startServer(t)
	withRoles(t, s)
	rpcclient := func(user, command string) (string, bool) {
		t.Helper()
		return sambaAs(t, user, "rpcclient", s.host, "--port="+s.port, "--command="+command)
	}
	for _, c := range []struct {
		command string
		want    []string
	}{
		{"lookupsids S-1-5-32-544 S-1-1-0 S-1-5-11 S-1-22-1-0", []string{`S-1-5-32-544 BUILTIN\Administrators (4)`, `S-1-1-0 \Everyone (5)`, `S-1-5-11 NT AUTHORITY\Authenticated Users (5)`, `S-1-22-1-0 Unix User\root (1)`}},
		{"lookupnames Everyone Administrators", []string{"Everyone S-1-1-0 (Well-known Group: 5)", "Administrators S-1-5-32-544 (Local Group: 4)"}},
		{"lookupnames4 Everyone", []string{"Everyone S-1-1-0 (Well-known Group: 5)"}},
		{"getusername", nil},
		{"enumdomains", []string{"name:[Builtin] idx:[0x0]"}},
		{"enumdomusers", []string{"user:[" + account + "] rid:[0x3e8]", "user:[" + boss + "] rid:[0x3e9]"}},
		{"queryuser " + boss, []string{"User Name : " + boss, "user_rid : 0x3e9", "group_rid: 0x201", "acb_info : 0x00000210"}},
		{"querydispinfo", []string{"index: 0x1 RID: 0x3e8 acb: 0x00000210 Account: " + account + " Name: Desc:"}},
		{"querydominfo", []string{"Total Users: 3", "Server Role: ROLE_DOMAIN_PDC"}},
		{"enumalsgroups builtin", []string{"group:[Administrators] rid:[0x220]"}},
		{"querydominfo 7", []string{"Server Role: ROLE_DOMAIN_PDC"}},
		{"querydominfo 9", []string{"Domain Server State: 0x1"}},
		{"querydominfo 13", nil},
		{"getdompwinfo", []string{"min_password_length: 0"}},
		{"getusrdompwinfo 1001", nil},
		{"samquerysecobj", []string{"SID: S-1-5-32-544"}},
		{"querydispinfo2", nil},
		{"querydispinfo3", nil},
		{"enumdomgroups", []string{"group:[None] rid:[0x201]"}},
		{"enumalsgroups domain", nil},
		{"queryaliasmem builtin 545", nil},
		{"querygroup 513", []string{"Group Name: None"}},
		{"querygroupmem 513", []string{"rid:[0x3e9] attr:[0x7]"}},
		{"lookupdomain Builtin", []string{"SAMR_LOOKUP_DOMAIN: Domain Name: Builtin Domain SID: S-1-5-32"}},
		{"samlookuprids domain 1001", []string{"rid 0x3e9: " + boss + " (1)"}},
		{"samlookupnames domain " + boss, []string{"name " + boss + ": 0x3e9 (1)"}},
		{"queryusergroups 1001", []string{"group rid:[0x201] attr:[0x7]"}},
		{"netsharegetinfo " + shareName + " 502", []string{"netname: " + shareName, "path: C:" + strings.ReplaceAll(s.share, "/", `\`), "SID: S-1-1-0"}},
		{"netsessenum", nil},
		{"netfileenum", []string{`\PIPE\srvsvc`}},
		{"netdiskenum", nil},
	} {
		t.Run(c.command, func(t *testing.T) {
			out, ok := rpcclient(boss, c.command)
			if !ok {
				t.Fatalf("it failed:\n%s", out)
			}
			expectLines(t, out, c.want...)
		})
	}
	for _, command := range []string{"enumdomusers", "netsessenum", "netfileenum"} {
		if out, ok := rpcclient(account, command); ok {
			t.Errorf("%s by who has no role:\n%s", command, out)
		}
	}
	if out, ok := rpcclient(account, "lookupnames "+boss); !ok {
		t.Errorf("lookupnames by who has no role:\n%s", out)
	}
}

func TestImpacketAsksByRemoteProcedures(t *testing.T) {
	impacketAt{}.need(t)
	s := startServer(t)
	withRoles(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, systemPython, "testdata/impacket_rpc.py", s.host, s.port, viewer)
	cmd.Stdin = strings.NewReader(password + "\n")
	var problem bytes.Buffer
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("impacket: %v\n%s", err, problem.Bytes())
	}
	var got struct {
		Values   map[string][2]any `json:"values"`
		Signing  []any             `json:"signing"`
		Count    int               `json:"count"`
		Version  int               `json:"version"`
		Services []string          `json:"services"`
		Users    map[string][]any  `json:"users"`
		SameSID  bool              `json:"same_sid"`
		Names    []string          `json:"names"`
		Caller   string            `json:"caller"`
		Work     string            `json:"workgroup"`
		Shares   []string          `json:"shares"`
		Sessions []string          `json:"sessions"`
	}
	must(t, json.Unmarshal(out, &got))
	if v := got.Values["RequireSecuritySignature"]; v != [2]any{4.0, "01000000"} || got.Count != len(got.Values) || got.Version != 5 {
		t.Errorf("registry: RequireSecuritySignature %v, %d values of %d, version %d", v, len(got.Values), got.Count, got.Version)
	}
	if !slices.Equal(got.Signing, []any{4.0, 1.0}) || !slices.Equal(got.Services, []string{"LanmanServer", "LanmanWorkstation"}) {
		t.Errorf("registry: %v, %v", got.Signing, got.Services)
	}
	if !slices.Equal(got.Users[boss], []any{1001.0, boss, 528.0}) || len(got.Users) != 3 || !got.SameSID {
		t.Errorf("accounts %v, one SID for both: %v", got.Users, got.SameSID)
	}
	if !slices.Equal(got.Names, []string{account, boss, "Administrators"}) || got.Caller != viewer || got.Work != "WORKGROUP" {
		t.Errorf("names %q, caller %q, workgroup %q", got.Names, got.Caller, got.Work)
	}
	if !slices.Equal(got.Shares, []string{shareName, "IPC$"}) || !slices.Contains(got.Sessions, viewer) {
		t.Errorf("shares %q, sessions %q", got.Shares, got.Sessions)
	}
}

// TestTheClientReadsAndSetsSambasRegistry: smbd serves winreg by rpcd_winreg,
// with keys of its own.
func TestTheClientReadsAndSetsSambasRegistry(t *testing.T) {
	needSmbd(t)
	need(t, "net")
	folder := t.TempDir()
	must(t, os.Chmod(folder, 0o777))
	smbd, _ := startSmbd(t, folder, "admin users = nobody", "registry shares = no")
	file := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(file, []byte(password+"\n"), 0o600))
	bin, err := binary()
	must(t, err)
	config := func(args ...string) (string, error) {
		args = append(append([]string{"config"}, args...), "--target", "smb://nobody@"+net.JoinHostPort(smbd.host, smbd.port),
			"--password-file", file, "--state", filepath.Join(t.TempDir(), "state"))
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		out, err := exec.CommandContext(ctx, bin, args...).CombinedOutput()
		return string(out), err
	}
	if out, err := config("get", "server", "RequireSecuritySignature"); err != nil || strings.TrimSpace(out) != "RequireSecuritySignature : (not set)" {
		t.Fatalf("at first: %v\n%s", err, out)
	}
	if out, err := config("set", "server", "RequireSecuritySignature=true"); err != nil {
		t.Fatalf("set: %v\n%s", err, out)
	}
	if out, err := config("get", "server", "RequireSecuritySignature"); err != nil || strings.TrimSpace(out) != "RequireSecuritySignature : True" {
		t.Errorf("after set: %v\n%s", err, out)
	}
	if out, err := config("set", "client", "RequireSecuritySignature=false"); err == nil {
		t.Errorf("lowering protection without a reason went well:\n%s", out)
	}
}
