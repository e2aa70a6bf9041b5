package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSambasUsersSignInWithTheirOldPasswords makes accounts by Samba's own
// tools, in a private state, takes over what pdbedit prints of them, and signs
// in as them.
func TestSambasUsersSignInWithTheirOldPasswords(t *testing.T) {
	for _, tool := range []string{"pdbedit", "smbpasswd", "smbclient"} {
		need(t, tool)
	}
	if os.Geteuid() != 0 {
		missing(t, "the root user, whom smbpasswd needs,")
	}
	dir := publicDir(t)
	config := filepath.Join(dir, "smb.conf")
	text := "[global]\nserver role = standalone server\n"
	for _, name := range []string{"lock directory", "state directory", "cache directory", "pid directory", "private dir"} {
		sub := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		must(t, os.Mkdir(sub, 0o700))
		text += name + " = " + sub + "\n"
	}
	must(t, os.WriteFile(config, []byte(text), 0o644))
	passwords := map[string]string{"daemon": "Old täglich 17", "bin": "another one", "sys": "never again"}
	run := func(stdin, name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	for user, password := range passwords {
		run(password+"\n"+password+"\n", "smbpasswd", "-c", config, "-s", "-a", user)
	}
	run("", "smbpasswd", "-c", config, "-d", "sys")
	accounts := run("", "pdbedit", "-s", config, "-Lw")

	s := startServer(t)
	bin, err := binary()
	must(t, err)
	run(accounts, bin, "user", "import", "-", "--state", s.state)
	for user, password := range passwords {
		c := signingWith("AES-128-GMAC")
		c.user = user + "%" + password
		switch user {
		case "sys":
			c.refused(t, s, "", "ls", "NT_STATUS_ACCOUNT_DISABLED")
		default:
			c.do(t, s, "", "ls")
			c.user = user + "%" + password + "x"
			c.refused(t, s, "", "ls", "NT_STATUS_LOGON_FAILURE")
		}
	}
}
