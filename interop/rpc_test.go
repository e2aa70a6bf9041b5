package interop

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// samba runs one of Samba's programs with the account's credentials and
// answers what it printed. Whatever fails, fails the test.
func samba(t *testing.T, s *server, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	args = append([]string{
		"--port=" + s.port, "--user=" + account + "%" + password,
		"--configfile=" + privateConfig(t), "--use-kerberos=off",
	}, args...)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "NT_STATUS_") || strings.Contains(string(out), "WERR_") {
		t.Fatalf("%s %q: %v\n%s", program, args[4:], err, out)
	}
	return string(out)
}

// expectLines checks that each line of want is one of out's, spaces at its
// ends and runs of spaces inside aside.
func expectLines(t *testing.T, out string, want ...string) {
	t.Helper()
	var got []string
	for line := range strings.Lines(out) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("no line %q in\n%s", line, out)
		}
	}
}

func TestSmbclientListsTheShares(t *testing.T) {
	need(t, "smbclient")
	s := startServer(t)
	for _, options := range [][]string{
		{"--max-protocol=SMB2_02", "--client-protection=sign"},
		{"--max-protocol=SMB3_11", "--client-protection=sign"},
		{"--max-protocol=SMB3_11", "--client-protection=encrypt"},
	} {
		t.Run(strings.Join(options, " "), func(t *testing.T) {
			out := samba(t, s, "smbclient", append(options, "--grepable", "--list=//"+s.host)...)
			expectLines(t, out, "Disk|"+shareName+"|", "IPC|IPC$|Remote IPC")
		})
	}
}

func TestRpcclientAsksForSharesAndServer(t *testing.T) {
	need(t, "rpcclient")
	s := startServer(t)
	for _, c := range []struct {
		command string
		want    []string
	}{
		{"netshareenumall", []string{"netname: " + shareName, "netname: IPC$", "remark: Remote IPC"}}, // level 2
		{"netshareenumall 1", []string{"netname: " + shareName, "netname: IPC$"}},
		{"netshareenumall 502", []string{"netname: " + shareName, "type: 0x0", "netname: IPC$", "type: 0x80000003", "max_uses: -1", "num_uses: 1"}},
		{"netshareenum 502", []string{"netname: " + shareName}}, // NetrShareEnumSticky
		{"netsharegetinfo " + strings.ToUpper(shareName), []string{"netname: " + shareName, "type: 0x0"}},
		{"netsharegetinfo " + shareName + " 1", []string{"netname: " + shareName}},
		{"srvinfo", []string{s.host + " Sv NT SNT", "platform_id : 500", "os version : 10.0"}},
		{"srvinfo 102", []string{s.host + " Sv NT SNT", "platform_id : 500"}},
	} {
		t.Run(c.command, func(t *testing.T) {
			expectLines(t, samba(t, s, "rpcclient", s.host, "--command="+c.command), c.want...)
		})
	}
	t.Run("all on one pipe", func(t *testing.T) {
		out := samba(t, s, "rpcclient", s.host, "--command=netshareenumall;srvinfo;netremotetod;netsharegetinfo "+shareName)
		expectLines(t, out, "netname: IPC$", "platform_id : 500", "netname: "+shareName)
	})
}
