package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSmbclientAtAShareThatEncrypts lets a client that would only sign use a
// share that demands encryption, and one that cannot encrypt be refused.
func TestSmbclientAtAShareThatEncrypts(t *testing.T) {
	need(t, "smbclient")
	dir := publicDir(t)
	folder := filepath.Join(dir, "vault")
	must(t, os.Mkdir(folder, 0o755))
	if os.Geteuid() == 0 {
		uid, gid := nobody(t)
		must(t, os.Chown(folder, uid, gid))
	}
	config := filepath.Join(dir, "signet.yaml")
	must(t, os.WriteFile(config, fmt.Appendf(nil, "version: 1\nshares: [{Name: vault, Path: %q, EncryptData: True}]\n", folder), 0o600))
	s := startServer(t, "--config", config)

	c := signingWith("AES-128-GMAC")
	c.share = "vault"
	work := t.TempDir()
	must(t, os.WriteFile(filepath.Join(work, "secret"), []byte("nobody reads along"), 0o600))
	c.do(t, s, work, "put secret", "get secret back", "ls", "!"+strings.Join(s.statusCommand(), " ")+" >status.json")
	for _, name := range []string{filepath.Join(folder, "secret"), filepath.Join(work, "back")} {
		if got, err := os.ReadFile(name); string(got) != "nobody reads along" {
			t.Errorf("%s holds %q, %v", name, got, err)
		}
	}
	out, err := os.ReadFile(filepath.Join(work, "status.json"))
	must(t, err)
	st, err := parseStatus(out)
	must(t, err)
	if len(st.Sessions) != 1 || !st.Sessions[0].Encrypted || st.Sessions[0].Cipher == "" || st.UnsignedSessions != 0 {
		t.Errorf("status while connected: %+v, want one session that is encrypted", st)
	}

	old := smbclient{user: c.user, share: "vault", options: []string{"--max-protocol=SMB2_10", "--option=client min protocol=SMB2_02"}}
	if out, ok := old.run(t, s, work, "ls"); ok || !strings.Contains(out, "NT_STATUS_ACCESS_DENIED") {
		t.Errorf("smbclient at 2.1 printed\n%s\nwant NT_STATUS_ACCESS_DENIED", out)
	}
	old.share = ""
	old.do(t, s, work, "ls")
}
