package interop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSmbclientAtEachDialectAndProtection prints the matrix of what smbclient
// negotiated, as the server's status told it.
func TestSmbclientAtEachDialectAndProtection(t *testing.T) {
	need(t, "smbclient")
	sealed := func(cipher string) []string {
		return []string{"--client-protection=encrypt", "--option=client smb3 encryption algorithms=" + cipher}
	}
	signed := func(algorithm string) []string {
		return []string{"--client-protection=sign", "--option=client smb3 signing algorithms=" + algorithm}
	}
	plainSign := []string{"--client-protection=sign"}
	for _, row := range []struct {
		protocol, dialect string
		options           []string
		algorithm, cipher string // as status must show them
	}{
		{"SMB2_02", "2.0.2", plainSign, "HMAC-SHA256", ""},
		{"SMB2_10", "2.1", plainSign, "HMAC-SHA256", ""},
		{"SMB3_00", "3.0", plainSign, "AES-128-CMAC", "AES-128-CCM"},
		{"SMB3_00", "3.0", sealed("AES-128-CCM"), "AES-128-CMAC", "AES-128-CCM"},
		{"SMB3_02", "3.0.2", plainSign, "AES-128-CMAC", "AES-128-CCM"},
		{"SMB3_02", "3.0.2", sealed("AES-128-CCM"), "AES-128-CMAC", "AES-128-CCM"},
		{"SMB3_11", "3.1.1", signed("AES-128-GMAC"), "AES-128-GMAC", "AES-128-GCM"},
		{"SMB3_11", "3.1.1", signed("AES-128-CMAC"), "AES-128-CMAC", "AES-128-GCM"},
		{"SMB3_11", "3.1.1", signed("HMAC-SHA256"), "HMAC-SHA256", "AES-128-GCM"},
		{"SMB3_11", "3.1.1", sealed("AES-128-GCM"), "AES-128-GMAC", "AES-128-GCM"},
		{"SMB3_11", "3.1.1", sealed("AES-128-CCM"), "AES-128-GMAC", "AES-128-CCM"},
		{"SMB3_11", "3.1.1", sealed("AES-256-GCM"), "AES-128-GMAC", "AES-256-GCM"},
		{"SMB3_11", "3.1.1", sealed("AES-256-CCM"), "AES-128-GMAC", "AES-256-CCM"},
	} {
		t.Run(row.dialect+" "+strings.Join(row.options, " "), func(t *testing.T) {
			s := startServer(t)
			dir := t.TempDir()
			c := smbclient{user: account + "%" + password, options: append([]string{
				"--option=client min protocol=" + row.protocol, "--max-protocol=" + row.protocol,
			}, row.options...)}
			must(t, os.Mkdir(filepath.Join(dir, "out"), 0o755))
			want := makeTree(t, filepath.Join(dir, "out"))
			c.do(t, s, filepath.Join(dir, "out"), "recurse ON", "prompt OFF", "mput *",
				"!"+strings.Join(s.statusCommand(), " ")+" >../status.json")
			expectTree(t, "on the server", readTree(t, s.share), want)
			expectSameContent(t, s.share, filepath.Join(dir, "out"))
			must(t, os.Mkdir(filepath.Join(dir, "back"), 0o755))
			listing := c.do(t, s, filepath.Join(dir, "back"), "recurse ON", "prompt OFF", "mget *", "ls", "mkdir new", "rename new old", "rmdir old")
			expectTree(t, "ls", parseListing(t, listing), want)
			expectSameContent(t, filepath.Join(dir, "back"), filepath.Join(dir, "out"))

			out, err := os.ReadFile(filepath.Join(dir, "status.json"))
			must(t, err)
			st, err := parseStatus(out)
			must(t, err)
			if len(st.Sessions) != 1 {
				t.Fatalf("status shows %d sessions, want 1: %s", len(st.Sessions), out)
			}
			got := st.Sessions[0]
			t.Logf("%-6s signing %-13s cipher %s", got.Dialect, got.SigningAlgorithm, got.Cipher)
			if got.Dialect != row.dialect || got.SigningAlgorithm != row.algorithm || got.Cipher != row.cipher || !got.Signed {
				t.Errorf("status shows %+v, want %s, %s, %q, signed", got, row.dialect, row.algorithm, row.cipher)
			}
		})
	}
}
