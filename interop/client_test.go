package interop

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// ourWay is how our own client is set, and what must come of it.
type ourWay struct {
	name   string
	client []string // properties and their values
	smbd   string   // the only signing algorithm of the server; "": as it likes
	want   func(client.SessionInfo) bool
}

// ourWays are every dialect, signing algorithm and cipher.
func ourWays() []ourWay {
	signed := func(dialect, algorithm string) func(client.SessionInfo) bool {
		return func(i client.SessionInfo) bool {
			return i.Signed && i.Server.Dialect == dialect && i.Server.Signing == algorithm
		}
	}
	sealed := func(dialect, cipher string) func(client.SessionInfo) bool {
		return func(i client.SessionInfo) bool {
			return i.Sealed && i.Server.Dialect == dialect && i.Server.Cipher == cipher
		}
	}
	list := []ourWay{
		{"2.0.2", []string{"client.Smb2DialectMax", "SMB202"}, "", signed("2.0.2", "HMAC-SHA256")},
		{"2.1", []string{"client.Smb2DialectMax", "SMB210"}, "", signed("2.1", "HMAC-SHA256")},
		{"3.0", []string{"client.Smb2DialectMax", "SMB300"}, "", signed("3.0", "AES-128-CMAC")},
		{"3.0.2", []string{"client.Smb2DialectMax", "SMB302"}, "", signed("3.0.2", "AES-128-CMAC")},
		{"3.1.1 GMAC", nil, "aes-128-gmac", signed("3.1.1", "AES-128-GMAC")},
		{"3.1.1 CMAC", nil, "aes-128-cmac", signed("3.1.1", "AES-128-CMAC")},
		{"3.1.1 HMAC", nil, "hmac-sha256", signed("3.1.1", "HMAC-SHA256")},
		{"3.0 sealed", []string{"client.Smb2DialectMax", "SMB300", "client.RequireEncryption", "True"}, "", sealed("3.0", "AES-128-CCM")},
	}
	for _, c := range []string{"AES-128-GCM", "AES-128-CCM", "AES-256-GCM", "AES-256-CCM"} {
		list = append(list, ourWay{
			"3.1.1 " + c,
			[]string{"client.RequireEncryption", "True", "client.EncryptionCiphers", strings.ReplaceAll(c, "-", "_")},
			"", sealed("3.1.1", c),
		})
	}
	return list
}

// ourShare signs in on s with our own client and connects to its share.
func ourShare(t *testing.T, s *server, user string, values ...string) *client.Share {
	t.Helper()
	v := policy.NewValues(policy.Origin{Layer: policy.LayerCommandLine, Name: "test"})
	for i := 0; i < len(values); i += 2 {
		must(t, v.Set(values[i], values[i+1]))
	}
	snapshot, err := policy.Stack(v)
	must(t, err)
	d := client.Dialer{Credentials: client.Credentials{User: user, Password: password}, Policy: snapshot}
	session, err := d.Dial(t.Context(), net.JoinHostPort(s.host, s.port))
	must(t, err)
	t.Cleanup(func() { session.Close() })
	share, err := session.Share(t.Context(), shareName)
	must(t, err)
	return share
}

func TestOurClientOnSignet(t *testing.T) {
	for _, algorithm := range []string{"", "aes-128-gmac", "aes-128-cmac", "hmac-sha256"} {
		t.Run("signing "+algorithm, func(t *testing.T) {
			config := filepath.Join(publicDir(t), "signet.yaml")
			text := "version: 1\nserver:\n  EnableAuthRateLimiter: True\n"
			if algorithm != "" {
				text += "  SigningAlgorithms: " + strings.ReplaceAll(strings.ToUpper(algorithm), "-", "_") + "\n"
			}
			must(t, os.WriteFile(config, []byte(text), 0o600))
			s := startServer(t, "--config", config)
			for _, w := range ourWays() {
				if w.smbd == algorithm {
					t.Run(w.name, func(t *testing.T) { ourWork(t, s, account, w) })
				}
			}
		})
	}
}

func TestOurClientOnSmbd(t *testing.T) {
	needSmbd(t)
	for _, algorithm := range []string{"", "aes-128-gmac", "aes-128-cmac", "hmac-sha256"} {
		t.Run("signing "+algorithm, func(t *testing.T) {
			lines := []string{"vfs objects = streams_xattr acl_xattr", "ea support = yes"}
			if algorithm != "" {
				lines = append(lines, "server smb3 signing algorithms = "+algorithm)
			}
			s, _ := startSmbd(t, nobodysFolder(t), lines...)
			for _, w := range ourWays() {
				if w.smbd == algorithm {
					t.Run(w.name, func(t *testing.T) { ourWork(t, s, "nobody", w) })
				}
			}
		})
	}
}

// nobodysFolder is a folder that the account of private servers may write.
func nobodysFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(publicDir(t), "share")
	must(t, os.Mkdir(dir, 0o777))
	must(t, os.Chmod(dir, 0o777))
	return dir
}

// ourWork does with our own client what files are for.
func ourWork(t *testing.T, s *server, user string, w ourWay) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	share := ourShare(t, s, user, w.client...)
	if i := share.Session().Info(); !w.want(i) {
		t.Fatalf("session: %+v", i)
	}
	shares, err := share.Session().Shares(ctx)
	must(t, err)
	if !slices.ContainsFunc(shares, func(i client.ShareInfo) bool { return i.Name == shareName }) {
		t.Errorf("shares: %+v", shares)
	}

	big := make([]byte, 9<<20+321)
	rand.NewChaCha8([32]byte{7}).Read(big)
	must(t, share.Mkdir(ctx, "dir"))
	must(t, share.WriteFile(ctx, "dir/big", big))
	must(t, share.WriteFile(ctx, "dir/Ünïcode ☃", []byte("small")))
	must(t, share.WriteFile(ctx, "dir/empty", nil))
	for name, want := range map[string][]byte{"dir/big": big, "dir/Ünïcode ☃": []byte("small"), "dir/empty": nil} {
		if got, err := share.ReadFile(ctx, name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	if onDisk, err := os.ReadFile(filepath.Join(s.share, "dir", "big")); err != nil || !bytes.Equal(onDisk, big) {
		t.Errorf("on the server's disk: %d bytes, %v", len(onDisk), err)
	}
	if n, err := share.Copy(ctx, "dir/big", "dir/copy"); n != int64(len(big)) || err != nil {
		t.Errorf("copy: %d, %v", n, err)
	}
	if got, err := share.ReadFile(ctx, "dir/copy"); err != nil || !bytes.Equal(got, big) {
		t.Errorf("the copy: %d bytes, %v", len(got), err)
	}
	must(t, share.Rename(ctx, "dir/copy", "dir/renamed", false))
	if err := share.Rename(ctx, "dir/renamed", "dir/big", false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("rename onto another: %v", err)
	}
	var names []string
	for i, err := range share.ReadDir(ctx, "dir") {
		must(t, err)
		names = append(names, i.Name())
	}
	slices.Sort(names)
	if want := []string{"big", "empty", "renamed", "Ünïcode ☃"}; !slices.Equal(names, want) {
		t.Errorf("listing: %q, want %q", names, want)
	}

	when := time.Date(2020, 2, 29, 12, 34, 56, 0, time.UTC)
	must(t, share.Chtimes(ctx, "dir/big", client.Times{LastWrite: when}))
	must(t, share.Truncate(ctx, "dir/big", 12345))
	must(t, share.SetAttributes(ctx, "dir/empty", fscc.FileAttributeReadonly|fscc.FileAttributeHidden))
	i, err := share.Stat(ctx, "dir/empty")
	if err != nil || i.Mode()&0o200 != 0 || i.FileAttributes&fscc.FileAttributeHidden == 0 {
		t.Errorf("attributes: %v, %v", i, err)
	}
	must(t, share.SetAttributes(ctx, "dir/empty", 0))
	if i, err := share.Stat(ctx, "dir/big"); err != nil || i.Size() != 12345 || i.FileID == 0 {
		t.Errorf("stat: %+v, %v", i, err)
	}
	opened, err := share.Open(ctx, "dir/big")
	must(t, err)
	if i, err := opened.Stat(ctx); err != nil || i.NumberOfLinks != 1 {
		t.Errorf("stat of the open file: %+v, %v", i, err)
	}
	must(t, opened.Close())
	ourStreams(ctx, t, share)
	ourLocks(ctx, t, share, ourShare(t, s, user, w.client...))
	if i, err := share.FSInfo(ctx); err != nil || i.Total == 0 || i.Available > i.Total {
		t.Errorf("file system: %+v, %v", i, err)
	}

	for _, name := range names {
		must(t, share.Remove(ctx, "dir/"+name))
	}
	must(t, share.RemoveDir(ctx, "dir"))
	if _, err := share.Stat(ctx, "dir"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("stat of what is gone: %v", err)
	}
}

// ourStreams is about what hangs on a file.
func ourStreams(ctx context.Context, t *testing.T, share *client.Share) {
	t.Helper()
	must(t, share.WriteFile(ctx, "dir/big:side", []byte("stream")))
	streams, err := share.Streams(ctx, "dir/big")
	if err != nil || !slices.Contains(streams, client.Stream{Name: "side", Size: 6}) {
		t.Errorf("streams: %v, %v", streams, err)
	}
	must(t, share.SetEAs(ctx, "dir/big", fscc.EA{Name: "COLOUR", Value: []byte("green")}))
	eas, err := share.EAs(ctx, "dir/big")
	if err != nil || !slices.ContainsFunc(eas, func(e fscc.EA) bool { return e.Name == "COLOUR" && string(e.Value) == "green" }) {
		t.Errorf("extended attributes: %v, %v", eas, err)
	}
}

// TestOurClientOnWhatOnlySmbdHas is about previous versions, changes, and
// security descriptors.
func TestOurClientOnWhatOnlySmbdHas(t *testing.T) {
	needSmbd(t)
	dir := nobodysFolder(t)
	past := time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC)
	old := filepath.Join(dir, ".snapshots", past.Format("@GMT-2006.01.02-15.04.05"))
	must(t, os.MkdirAll(old, 0o755))
	must(t, os.WriteFile(filepath.Join(old, "file"), []byte("before"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "file"), []byte("after"), 0o666))
	must(t, os.Chmod(filepath.Join(dir, "file"), 0o666))
	s, _ := startSmbd(t, dir, "vfs objects = acl_xattr shadow_copy2", "shadow:snapdir = "+filepath.Join(dir, ".snapshots"), "shadow:basedir = "+dir, "shadow:mountpoint = "+dir, "inherit acls = yes")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	share := ourShare(t, s, "nobody")

	times, err := share.Snapshots(ctx, "")
	if err != nil || !slices.Equal(times, []time.Time{past}) {
		t.Errorf("snapshots: %v, %v, want %v", times, err, past)
	}
	if got, err := share.At(past).ReadFile(ctx, "file"); err != nil || string(got) != "before" {
		t.Errorf("previous version: %q, %v", got, err)
	}
	if got, err := share.ReadFile(ctx, "file"); err != nil || string(got) != "after" {
		t.Errorf("now: %q, %v", got, err)
	}

	must(t, share.WriteFile(ctx, "mine", nil))
	const dacl = dtyp.DACLSecurityInformation
	want, err := dtyp.ParseSDDL("D:P(A;;FA;;;WD)")
	must(t, err)
	must(t, share.SetSecurity(ctx, "mine", dacl, want))
	sd, err := share.Security(ctx, "mine", dacl)
	must(t, err)
	if text, err := sd.SDDL(); err != nil || !strings.Contains(text, "(A;;FA;;;WD)") {
		t.Errorf("security: %s, %v", text, err)
	}

	must(t, share.Mkdir(ctx, "watched"))
	watch, stop := context.WithCancel(ctx)
	defer stop()
	// Nobody can tell from outside when the server has begun to watch; so
	// names are made until one is told.
	made := make(chan struct{})
	go func() {
		defer close(made)
		for i := 0; watch.Err() == nil; i++ {
			if err := share.WriteFile(watch, "watched/new", nil); err != nil {
				return
			}
			if err := share.Remove(watch, "watched/new"); err != nil {
				return
			}
		}
	}()
	for c, err := range share.Watch(watch, "watched", client.FileNames, false) {
		if err != nil {
			t.Errorf("watch: %v", err)
		}
		if !c.Missed && c.Name != "new" {
			t.Errorf("watch: %+v", c)
		}
		break
	}
	stop()
	<-made
}

// ourLocks is about byte ranges, between two sessions.
func ourLocks(ctx context.Context, t *testing.T, one, two *client.Share) {
	t.Helper()
	both := client.OpenOptions{Access: dtyp.GenericRead | dtyp.GenericWrite}
	f, err := one.OpenFile(ctx, "dir/renamed", both)
	must(t, err)
	defer f.Close()
	g, err := two.OpenFile(ctx, "dir/renamed", both)
	must(t, err)
	defer g.Close()
	must(t, f.Lock(ctx, 100, 50, client.ExclusiveLock))
	if err := g.TryLock(ctx, 149, 1, client.SharedLock); !errors.Is(err, ntstatus.LockNotGranted) && !errors.Is(err, ntstatus.FileLockConflict) {
		t.Errorf("lock of what is locked: %v", err)
	}
	// The lock breaks g's lease, with which it may be read on; Samba allows it
	// until the break is acknowledged.
	read := func() (err error) { _, err = g.ReadAt(make([]byte, 10), 120); return err }
	for end := time.Now().Add(10 * time.Second); !errors.Is(read(), ntstatus.FileLockConflict); {
		if time.Now().After(end) {
			t.Errorf("read of what is locked: %v", read())
			break
		}
	}
	waiting := make(chan error, 1)
	go func() { waiting <- g.Lock(ctx, 100, 1, client.ExclusiveLock) }()
	must(t, f.Unlock(ctx, 100, 50))
	if err := <-waiting; err != nil {
		t.Errorf("lock that waited: %v", err)
	}
	if n, err := g.ReadAt(make([]byte, 10), 120); n != 10 || err != nil && err != io.EOF {
		t.Errorf("read of what is free: %d, %v", n, err)
	}
}
