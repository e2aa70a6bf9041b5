package client_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/smbtest"
)

// random is n bytes that no pattern repeats.
func random(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// ways are the ways in which a session can be protected.
var ways = []struct {
	name   string
	server []string
	client []string
	want   func(client.SessionInfo) bool
}{
	{"3.1.1 GMAC", nil, nil, func(i client.SessionInfo) bool { return i.Server.Signing == "AES-128-GMAC" && i.Signed }},
	{"3.1.1 CMAC", []string{"server.SigningAlgorithms", "AES_128_CMAC"}, nil, func(i client.SessionInfo) bool { return i.Server.Signing == "AES-128-CMAC" && i.Signed }},
	{"3.1.1 HMAC", []string{"server.SigningAlgorithms", "HMAC_SHA256"}, nil, func(i client.SessionInfo) bool { return i.Server.Signing == "HMAC-SHA256" && i.Signed }},
	{"3.0.2", nil, []string{"client.Smb2DialectMax", "SMB302"}, func(i client.SessionInfo) bool { return i.Server.Dialect == "3.0.2" && i.Signed }},
	{"3.0", nil, []string{"client.Smb2DialectMax", "SMB300"}, func(i client.SessionInfo) bool { return i.Server.Dialect == "3.0" && i.Signed }},
	{"2.1", nil, []string{"client.Smb2DialectMax", "SMB210"}, func(i client.SessionInfo) bool { return i.Server.Dialect == "2.1" && i.Signed }},
	{"2.0.2", nil, []string{"client.Smb2DialectMax", "SMB202"}, func(i client.SessionInfo) bool { return i.Server.Dialect == "2.0.2" && i.Signed }},
	{"sealed AES-128-GCM", nil, []string{"client.RequireEncryption", "True", "client.EncryptionCiphers", "AES_128_GCM"}, sealedBy("AES-128-GCM")},
	{"sealed AES-128-CCM", nil, []string{"client.RequireEncryption", "True", "client.EncryptionCiphers", "AES_128_CCM"}, sealedBy("AES-128-CCM")},
	{"sealed AES-256-GCM", nil, []string{"client.RequireEncryption", "True", "client.EncryptionCiphers", "AES_256_GCM"}, sealedBy("AES-256-GCM")},
	{"sealed AES-256-CCM", nil, []string{"client.RequireEncryption", "True", "client.EncryptionCiphers", "AES_256_CCM"}, sealedBy("AES-256-CCM")},
	{"sealed 3.0.2", nil, []string{"client.RequireEncryption", "True", "client.Smb2DialectMax", "SMB302"}, sealedBy("AES-128-CCM")},
	{"sealed by the server", []string{"server.EncryptData", "True"}, nil, sealedBy("AES-128-GCM")},
	{
		"plain",
		[]string{"server.RequireSecuritySignature", "False"},
		[]string{"client.RequireSecuritySignature", "False"},
		func(i client.SessionInfo) bool { return !i.Signed && !i.Sealed },
	},
}

func sealedBy(cipher string) func(client.SessionInfo) bool {
	return func(i client.SessionInfo) bool { return i.Sealed && i.Server.Cipher == cipher }
}

func TestFileComesBackAsItWasWrittenInEveryProtection(t *testing.T) {
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: set(t, w.server...), Quiet: true})
			d := dialer()
			d.Policy = set(t, w.client...)
			share := connect(t, s, d)
			if i := share.Session().Info(); !w.want(i) {
				t.Fatalf("session: %+v", i)
			}
			ctx := bounded(t)
			data := random(2<<20 + 12345)
			f, err := share.Create(ctx, "dir.bin")
			if err != nil {
				t.Fatal(err)
			}
			if n, err := f.ReadFrom(bytes.NewReader(data)); n != int64(len(data)) || err != nil {
				t.Fatalf("ReadFrom: %d, %v", n, err)
			}
			got := make([]byte, len(data)+10)
			if n, err := f.ReadAt(got, 0); n != len(data) || err != io.EOF || !bytes.Equal(got[:n], data) {
				t.Fatalf("ReadAt: %d, %v", n, err)
			}
			f.Seek(100, io.SeekStart)
			var out bytes.Buffer
			if n, err := f.WriteTo(&out); n != int64(len(data)-100) || err != nil || !bytes.Equal(out.Bytes(), data[100:]) {
				t.Fatalf("WriteTo: %d, %v", n, err)
			}
			i, err := share.Stat(ctx, "dir.bin")
			if err != nil || i.Size() != int64(len(data)) || i.Name() != "dir.bin" {
				t.Fatalf("Stat: %v, %v", i, err)
			}
			if err := f.Sync(ctx); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if err := share.Mkdir(ctx, "sub"); err != nil {
				t.Fatal(err)
			}
			if err := share.Rename(ctx, "dir.bin", "sub/new.bin", false); err != nil {
				t.Fatal(err)
			}
			var names []string
			for i, err := range share.ReadDir(ctx, "sub") {
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, i.Name())
			}
			if len(names) != 1 || names[0] != "new.bin" {
				t.Fatalf("ReadDir: %q", names)
			}
			if err := share.RemoveDir(ctx, "sub"); err == nil {
				t.Fatal("a directory that is not empty is removed")
			}
			if err := share.Remove(ctx, `sub\new.bin`); err != nil {
				t.Fatal(err)
			}
			if _, err := share.Stat(ctx, "sub/new.bin"); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("Stat of what is gone: %v", err)
			}
			if err := share.RemoveDir(ctx, "sub"); err != nil {
				t.Fatal(err)
			}
		})
	}
}
