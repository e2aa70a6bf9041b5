package interop

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// matrixClient is a client that does the same work as all others. prepare fills
// the folder out of this machine with what it can carry. work puts it, lists all that is there, asks for the server's
// status while connected, gets all into back, and then changes names as
// [changedNames] says.
type matrixClient interface {
	need(t *testing.T)
	prepare(t *testing.T, out string) tree
	work(t *testing.T, s *server, out, back string) (listing tree, st status)
}

// changedNames is what a client leaves of a tree that makeTree made: a file
// renamed, a file deleted, a folder made and renamed, another made and removed.
func changedNames(made tree) tree {
	left := maps.Clone(made)
	left["renamed.txt"] = made["readme.txt"]
	delete(left, "readme.txt")
	delete(left, "nothing")
	left["old"] = -1
	return left
}

// TestEveryClientAtEachDialectAndProtection prints the matrix of what clients
// negotiated, as the server's status told it while they were connected.
func TestEveryClientAtEachDialectAndProtection(t *testing.T) {
	sealed := func(cipher string) []string {
		return []string{"--client-protection=encrypt", "--option=client smb3 encryption algorithms=" + cipher}
	}
	signed := func(algorithm string) []string {
		return []string{"--client-protection=sign", "--option=client smb3 signing algorithms=" + algorithm}
	}
	plainSign := []string{"--client-protection=sign"}
	samba := func(protocol string, options []string) smbclient {
		return smbclient{user: account + "%" + password, options: append([]string{
			"--option=client min protocol=" + protocol, "--max-protocol=" + protocol,
		}, options...)}
	}
	var printed strings.Builder
	for _, row := range []struct {
		name, dialect     string
		client            matrixClient
		algorithm, cipher string // as status must show them
	}{
		{"smbclient signing", "2.0.2", samba("SMB2_02", plainSign), "HMAC-SHA256", ""},
		{"smbclient signing", "2.1", samba("SMB2_10", plainSign), "HMAC-SHA256", ""},
		{"smbclient signing", "3.0", samba("SMB3_00", plainSign), "AES-128-CMAC", "AES-128-CCM"},
		{"smbclient sealing", "3.0", samba("SMB3_00", sealed("AES-128-CCM")), "AES-128-CMAC", "AES-128-CCM"},
		{"smbclient signing", "3.0.2", samba("SMB3_02", plainSign), "AES-128-CMAC", "AES-128-CCM"},
		{"smbclient sealing", "3.0.2", samba("SMB3_02", sealed("AES-128-CCM")), "AES-128-CMAC", "AES-128-CCM"},
		{"smbclient signing", "3.1.1", samba("SMB3_11", signed("AES-128-GMAC")), "AES-128-GMAC", "AES-128-GCM"},
		{"smbclient signing", "3.1.1", samba("SMB3_11", signed("AES-128-CMAC")), "AES-128-CMAC", "AES-128-GCM"},
		{"smbclient signing", "3.1.1", samba("SMB3_11", signed("HMAC-SHA256")), "HMAC-SHA256", "AES-128-GCM"},
		{"smbclient sealing", "3.1.1", samba("SMB3_11", sealed("AES-128-GCM")), "AES-128-GMAC", "AES-128-GCM"},
		{"smbclient sealing", "3.1.1", samba("SMB3_11", sealed("AES-128-CCM")), "AES-128-GMAC", "AES-128-CCM"},
		{"smbclient sealing", "3.1.1", samba("SMB3_11", sealed("AES-256-GCM")), "AES-128-GMAC", "AES-256-GCM"},
		{"smbclient sealing", "3.1.1", samba("SMB3_11", sealed("AES-256-CCM")), "AES-128-GMAC", "AES-256-CCM"},
		{"go-smb2", "2.1", goSMB2At(0x0210), "HMAC-SHA256", ""},
		{"go-smb2", "3.0.2", goSMB2At(0x0302), "AES-128-CMAC", "AES-128-CCM"},
		{"go-smb2", "3.1.1", goSMB2At(0x0311), "AES-128-CMAC", "AES-128-GCM"},
		{"impacket", "2.0.2", impacketAt{"2.0.2"}, "HMAC-SHA256", ""},
		{"impacket", "2.1", impacketAt{"2.1"}, "HMAC-SHA256", ""},
		{"impacket", "3.0", impacketAt{"3.0"}, "AES-128-CMAC", "AES-128-CCM"},
	} {
		t.Run(strings.Join([]string{row.name, row.dialect, row.algorithm, row.cipher}, " "), func(t *testing.T) {
			row.client.need(t)
			s := startServer(t)
			dir := t.TempDir()
			out, back := filepath.Join(dir, "out"), filepath.Join(dir, "back")
			must(t, os.Mkdir(out, 0o755))
			must(t, os.Mkdir(back, 0o755))
			want := row.client.prepare(t, out)

			listing, st := row.client.work(t, s, out, back)
			expectTree(t, "listed", listing, want)
			expectTree(t, "got back", readTree(t, back), want)
			expectSameContent(t, back, out)
			expectTree(t, "on the server at the end", readTree(t, s.share), changedNames(want))
			expectSameHash(t, filepath.Join(s.share, "renamed.txt"), filepath.Join(out, "readme.txt"))

			if len(st.Sessions) != 1 {
				t.Fatalf("status shows %d sessions, want 1: %+v", len(st.Sessions), st)
			}
			got := st.Sessions[0]
			if got.Dialect != row.dialect || got.SigningAlgorithm != row.algorithm || got.Cipher != row.cipher || !got.Signed {
				t.Errorf("status shows %+v, want %s, %s, %q, signed", got, row.dialect, row.algorithm, row.cipher)
			}
			fmt.Fprintf(&printed, "%-18s %-6s %-13s %s\n", row.name, got.Dialect, got.SigningAlgorithm, got.Cipher)
		})
	}
	t.Run("nmap", func(t *testing.T) { printed.WriteString(testNmap(t)) })
	t.Logf("what was negotiated:\n%s", printed.String())
}
