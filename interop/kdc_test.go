package interop

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The realm of the private KDC, and the names of its servers, of which only the
// first can be resolved.
const (
	realm      = "SIGNET.TEST"
	kerberized = "localhost"
	unresolved = "fs1.signet.test"
)

// kdc is a private MIT KDC with files of its own.
type kdc struct {
	dir     string
	address string
	config  string // krb5.conf
	stop    func() // ends it early
}

// needKDC skips the test, or fails it, where no KDC can run.
func needKDC(t *testing.T) {
	t.Helper()
	for _, name := range []string{"krb5kdc", "kdb5_util", "kadmin.local", "kinit"} {
		if _, err := exec.LookPath(name); err != nil {
			if _, err := os.Stat("/usr/sbin/" + name); err != nil {
				missing(t, name)
			}
		}
	}
}

// startKDC runs a KDC on a free port of the loopback until the test ends. It
// knows smbd's user, whose password is that of all tests, and two services,
// whose keys are in the file that keytab returns.
//
// It puts no PAC into tickets: smbd without a domain refuses those that have one.
func startKDC(t *testing.T) *kdc {
	t.Helper()
	needKDC(t)
	dir := publicDir(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	k := &kdc{dir: dir, address: l.Addr().String(), config: filepath.Join(dir, "krb5.conf")}
	must(t, l.Close())
	must(t, os.WriteFile(k.config, []byte(fmt.Sprintf(`[libdefaults]
 default_realm = %[1]s
 dns_lookup_kdc = false
 dns_lookup_realm = false
 rdns = false
 dns_canonicalize_hostname = false
 udp_preference_limit = 1
[realms]
 %[1]s = {
  kdc = %[2]s
 }
`, realm, k.address)), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "kdc.conf"), []byte(fmt.Sprintf(`[kdcdefaults]
 kdc_listen = ""
 kdc_tcp_listen = %[2]s
[realms]
 %[1]s = {
  database_name = %[3]s/principal
  key_stash_file = %[3]s/stash
  acl_file = %[3]s/acl
  max_life = 10h
  disable_pac = true
  supported_enctypes = aes256-cts-hmac-sha384-192:normal aes128-cts-hmac-sha256-128:normal aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
 }
[logging]
 kdc = FILE:%[3]s/kdc.log
`, realm, k.address, dir)), 0o644))
	k.run(t, "kdb5_util", "-r", realm, "create", "-s", "-P", "master")
	k.admin(t, `addprinc +requires_preauth -pw "`+password+`" nobody`)
	for _, host := range []string{kerberized, unresolved} {
		k.admin(t, "addprinc -randkey cifs/"+host)
	}
	k.start(t)
	return k
}

// start runs krb5kdc and waits until it listens.
func (k *kdc) start(t *testing.T) {
	t.Helper()
	cmd := k.command("krb5kdc", "-n", "-r", realm)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	must(t, cmd.Start())
	k.stop = sync.OnceFunc(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait() // it ends by the signal
	})
	t.Cleanup(func() {
		k.stop()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(k.dir, "kdc.log"))
			t.Logf("krb5kdc wrote:\n%s", log)
		}
	})
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", k.address)
		if err == nil {
			must(t, conn.Close())
			return
		}
		if time.Since(start) > patience {
			t.Fatalf("krb5kdc was not ready after %v: %v", patience, err)
		}
	}
}

// command is a program of MIT Kerberos that knows nothing but this KDC.
func (k *kdc) command(name string, args ...string) *exec.Cmd {
	path, err := exec.LookPath(name)
	if err != nil {
		path = "/usr/sbin/" + name // not in everybody's path
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), k.env()...)
	return cmd
}

// env makes programs use this KDC, and no tickets but those of cache.
func (k *kdc) env() []string {
	return []string{
		"KRB5_CONFIG=" + k.config, "KRB5_KDC_PROFILE=" + filepath.Join(k.dir, "kdc.conf"),
		"KRB5CCNAME=FILE:" + filepath.Join(k.dir, "cache"), "KRB5RCACHENAME=dfl:", "KRB5RCACHEDIR=" + k.dir,
	}
}

func (k *kdc) run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := k.command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

// admin changes the KDC's database.
func (k *kdc) admin(t *testing.T, query string) {
	t.Helper()
	out, err := k.command("kadmin.local", "-r", realm, "-q", query).CombinedOutput()
	if err != nil || strings.Contains(string(out), "while ") {
		t.Fatalf("kadmin.local %q: %v\n%s", query, err, out)
	}
}

// keytab writes the services' keys to a new file.
func (k *kdc) keytab(t *testing.T, principals ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keytab")
	k.admin(t, "ktadd -norandkey -k "+path+" "+strings.Join(principals, " "))
	return path
}

// kinit gets a ticket as a user would, into the cache of env.
func (k *kdc) kinit(t *testing.T, args ...string) {
	t.Helper()
	cmd := k.command("kinit", append(args, "nobody")...)
	cmd.Stdin = strings.NewReader(password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("kinit: %v\n%s", err, out)
	}
}

// smbd starts an smbd that takes the tickets of k, with the lines of global.
func (k *kdc) smbd(t *testing.T, share string, global ...string) *server {
	t.Helper()
	needSmbd(t)
	t.Setenv("KRB5_CONFIG", k.config)
	keytab := k.keytab(t, "cifs/"+kerberized, "cifs/"+unresolved)
	s, _ := startSmbd(t, share, append([]string{
		"realm = " + realm, "kerberos method = dedicated keytab", "dedicated keytab file = FILE:" + keytab,
		"private dir = " + filepath.Join(k.dir), // where its replay cache is
	}, global...)...)
	return s
}
