package interop

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// needSmbd skips the test, or fails it, where smbd cannot run.
func needSmbd(t *testing.T) {
	t.Helper()
	need(t, "smbd")
	if os.Geteuid() != 0 {
		missing(t, "the root user, whom smbd needs,")
	}
}

// startSmbd serves a folder by a private smbd on this machine until the test
// ends, with Samba's own settings but for the lines of global.
func startSmbd(t *testing.T, share string, global ...string) (*server, smbclient) {
	t.Helper()
	return startSmbdPrepared(t, share, func(string) {}, global...)
}

// startSmbdPrepared is startSmbd of which prepare sees the configuration when the
// account is there.
func startSmbdPrepared(t *testing.T, share string, prepare func(config string), global ...string) (*server, smbclient) {
	t.Helper()
	const user = "nobody" // as whom Signet acts, so each may change the other's files
	dir := publicDir(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := &server{share: share, state: dir}
	s.host, s.port, err = net.SplitHostPort(l.Addr().String())
	must(t, err)
	must(t, l.Close())

	text := "[global]\nserver role = standalone server\nmap to guest = never\nguest account = daemon\ninterfaces = 127.0.0.1/8\n" +
		"bind interfaces only = yes\nsmb ports = " + s.port + "\ndisable netbios = yes\ndisable spoolss = yes\n" +
		"load printers = no\nlogging = file\nlog file = " + filepath.Join(dir, "log") + "\n"
	for _, kind := range []string{"lock", "state", "cache", "private", "pid", "ncalrpc", "binddns", "winbindd socket"} {
		sub := filepath.Join(dir, strings.ReplaceAll(kind, " ", "-"))
		must(t, os.Mkdir(sub, 0o755))
		name := kind + " directory"
		if kind == "private" || kind == "ncalrpc" || kind == "binddns" {
			name = kind + " dir"
		}
		text += name + " = " + sub + "\n"
	}
	text += strings.Join(global, "\n") + "\n"
	text += "[" + shareName + "]\npath = " + share + "\nread only = no\n"
	config := filepath.Join(dir, "smb.conf")
	must(t, os.WriteFile(config, []byte(text), 0o644))

	add := exec.Command("smbpasswd", "-c", config, "-s", "-a", user)
	add.Stdin = strings.NewReader(password + "\n" + password + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("smbpasswd: %v\n%s", err, out)
	}
	prepare(config)
	cmd := exec.Command("smbd", "--foreground", "--no-process-group", "--configfile="+config)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its children end with it
	must(t, cmd.Start())
	t.Cleanup(func() {
		must(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM))
		_ = cmd.Wait() // it ends by the signal
		stopRPCHelper(filepath.Join(dir, "pid", "samba-dcerpcd.pid"))
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("smbd wrote:\n%s", log)
		}
	})
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", net.JoinHostPort(s.host, s.port))
		if err == nil {
			must(t, conn.Close())
			break
		}
		if time.Since(start) > patience {
			t.Fatalf("smbd was not ready after %v: %v", patience, err)
		}
	}
	c := signingWith("AES-128-GMAC")
	c.user = user + "%" + password
	return s, c
}

// stopRPCHelper ends the process that smbd has started for named pipes, if any,
// and its children. It has left smbd's process group, and would stay for a while.
func stopRPCHelper(pidFile string) {
	text, err := os.ReadFile(pidFile)
	if err != nil {
		return
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && pid > 1 {
		_ = syscall.Kill(-pid, syscall.SIGTERM)
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
}
