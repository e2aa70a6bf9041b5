//go:build linux

package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/invariants"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// formsOf is how a password or its NT hash could be written somewhere. Go's
// own traces show arguments as words of eight bytes.
func formsOf(password string) map[string]string {
	h := ntlm.HashPassword(password)
	word := func(i int) string { return fmt.Sprintf("%#x", binary.LittleEndian.Uint64(h[i:])) }
	return map[string]string{
		"password":                   password,
		"hash":                       string(h[:]),
		"hash in hexadecimal digits": hex.EncodeToString(h[:]),
		"hash in base64":             base64.RawStdEncoding.EncodeToString(h[:]),
		"hash in base64url":          base64.RawURLEncoding.EncodeToString(h[:]),
		"first half of the hash":     word(0),
		"second half of the hash":    word(8),
	}
}

// asNobody is what root needs besides to serve a folder.
func asNobody() []string {
	if os.Geteuid() != 0 {
		return nil
	}
	return []string{"--run-as", "nobody"}
}

// What a thief of the state gets without the key, and whoever sees logs and
// output: the server signs users in and refuses others, accounts come, change
// and go, and in the end the process is made to crash.
func TestNoSecretIsInStateLogsOrOutput(t *testing.T) {
	b, dir, addr := serveSMB(t, 0, asNobody()...)
	secrets := []string{"tulip-raven-4817", "cobalt-zebra-1234", "amber-otter-5678", "wrong-guess-9999"}
	shown := map[string]string{}
	command := func(password string, args ...string) {
		t.Helper()
		r := run(t, signet(t, dir, 0, []string{"SIGNET_PASSWORD=" + password}, append(args, "--state", "state")...))
		if r.code != 0 {
			t.Fatal(args, r)
		}
		shown[strings.Join(args, " ")] = r.stdout + r.stderr
	}
	logOn := func(user, password string, want ntstatus.Status) {
		t.Helper()
		if _, got, _ := signIn(t, addr, user, password, "pub"); got != want {
			t.Fatalf("%s with %s: %v, want %v", user, password, got, want)
		}
	}
	command(secrets[1], "user", "add", "bob")
	logOn("ann", secrets[0], ntstatus.Success)
	logOn("bob", secrets[1], ntstatus.Success)
	logOn("bob", secrets[3], ntstatus.LogonFailure)
	logOn("nobody such", secrets[3], ntstatus.LogonFailure)
	command(secrets[2], "user", "passwd", "bob")
	logOn("bob", secrets[2], ntstatus.Success)
	command("", "user", "list", "--json")
	command("", "status", "--json")
	command("", "session", "list", "--json")
	command("", "user", "remove", "bob")

	read := func(when string) {
		t.Helper()
		key := false
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			if strings.HasPrefix(d.Name(), "core") {
				t.Errorf("%s: there is a file %s", when, path)
			}
			if d.Name() == "secrets.key" {
				key = true
				return nil
			}
			data, err := os.ReadFile(path)
			shown[when+": "+path] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if !key {
			t.Errorf("%s: no key among the files: they are not the state", when)
		}
	}
	read("while it serves")
	b.signal(t, syscall.SIGABRT)
	r := b.wait(t)
	if !strings.Contains(r.stderr, "goroutine ") {
		t.Errorf("the server did not crash:\n%s", r.stderr)
	}
	shown["output"], shown["log and crash"] = r.stdout, r.stderr
	read("after the crash")
	for where, text := range shown {
		for _, secret := range secrets {
			for form, needle := range formsOf(secret) {
				if strings.Contains(text, needle) {
					t.Errorf("%s shows the %s of %q", where, form, secret)
				}
			}
		}
	}
}

// Somebody with access to the folder swaps a directory of the share for a
// symbolic link to one outside, over and over, while a client opens and
// overwrites files below that name.
func TestNothingOutsideTheShareIsEverOpened(t *testing.T) {
	opens := 100_000
	if invariants.Enabled {
		opens = 5_000 // the race detector takes its time
	}
	_, dir, addr := serveSMB(t, 0, asNobody()...)
	inside, outside := filepath.Join(dir, "pub", "swap"), filepath.Join(dir, "outside")
	link := filepath.Join(dir, "pub", "link")
	for _, d := range []string{inside, outside} {
		if err := errors.Join(os.Mkdir(d, 0o777), os.Chmod(d, 0o777)); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"read", "overwrite"} {
			path := filepath.Join(d, name)
			if err := errors.Join(os.WriteFile(path, []byte(filepath.Base(d)), 0o666), os.Chmod(path, 0o666)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	before := looks(t, outside)

	stop, swapped := make(chan struct{}), make(chan int)
	go func() {
		// A pause, since dozens of exchanges for each open would be waste.
		pause := time.NewTicker(20 * time.Microsecond)
		defer pause.Stop()
		for n := 0; ; n++ {
			select {
			case <-stop:
				swapped <- n
				return
			case <-pause.C:
			}
			if err := unix.Renameat2(unix.AT_FDCWD, inside, unix.AT_FDCWD, link, unix.RENAME_EXCHANGE); err != nil {
				t.Errorf("exchange: %v", err)
			}
		}
	}()

	p := connect(t, addr, "ann")
	statuses := map[ntstatus.Status]int{}
	for i := range opens {
		req := smbtest.CreateFile([]string{`swap\read`, `swap\overwrite`, `Link\Read`, `swap\new`}[i%4])
		req.CreateDisposition = []fscc.CreateDisposition{
			fscc.DispositionOpen, fscc.DispositionOverwriteIf, fscc.DispositionOpen, fscc.DispositionOpenIf,
		}[i%4]
		req.DesiredAccess = dtyp.FileReadData | dtyp.FileWriteData | dtyp.Delete
		r := p.Do(req)
		statuses[r.Header.Status]++
		if r.Header.Status != ntstatus.Success {
			continue
		}
		var res smb2.CreateResponse
		r.Decode(t, &res)
		if res.EndOfFile == uint64(len("outside")) {
			t.Fatalf("open %d led outside: %+v", i, res)
		}
		p.CloseFile(res.FileID)
	}
	close(stop)
	t.Logf("%d opens beside %d exchanges: %v", opens, <-swapped, statuses)
	if statuses[ntstatus.Success] == 0 || len(statuses) < 2 {
		t.Errorf("the opens never met the exchange: %v", statuses)
	}
	after := looks(t, outside)
	for path, was := range before {
		if after[path] != was {
			t.Errorf("%s was changed: %+v, before %+v", path, after[path], was)
		}
	}
	if len(after) != len(before) {
		t.Errorf("outside are %d files, before %d", len(after), len(before))
	}
}

// A real file system of 256 KiB fills up under a client, which frees space and
// goes on.
func TestAFullDiskIsToldAndForgotten(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	_, dir, addr := serveSMB(t, 0, "--run-as", "nobody")
	small := filepath.Join(dir, "pub", "small")
	if err := os.Mkdir(small, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", small, "tmpfs", 0, "size=256k,mode=0777"); err != nil {
		t.Skipf("cannot mount a tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(small, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	p := connect(t, addr, "ann")
	first, second := p.Open(`small\first`), p.Open(`small\second`)
	data := strings.Repeat("x", 32<<10)
	write := func(id smb2.FileID, off uint64) ntstatus.Status {
		return p.Do(&smb2.WriteRequest{FileID: id, Offset: off, Data: []byte(data)}).Header.Status
	}
	written := uint64(0)
	for ; written < 1<<20; written += uint64(len(data)) {
		if got := write(first, written); got != ntstatus.Success {
			if got != ntstatus.DiskFull {
				t.Errorf("WRITE to a full disk: %v, want DiskFull", got)
			}
			break
		}
	}
	if written == 0 || written >= 1<<20 {
		t.Fatalf("%d bytes fit into 256 KiB", written)
	}
	if got := write(second, 0); got != ntstatus.DiskFull {
		t.Errorf("WRITE to another file: %v, want DiskFull", got)
	}
	if got := p.Read(first, written-uint64(len(data)), len(data)); got != data {
		t.Error("what was written before does not read back")
	}
	p.MustDo(&smb2.SetInfoRequest{
		FileID: first, InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileEndOfFileInformation), Input: make([]byte, 8),
	}, nil)
	if got := write(second, 0); got != ntstatus.Success {
		t.Errorf("WRITE once there is room: %v", got)
	}
}
