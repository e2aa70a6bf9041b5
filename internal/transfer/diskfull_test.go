package transfer

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs/faultfs"
	"github.com/signet-smb/signet/vfs/memfs"
)

// A server whose disk is full in the middle of a file keeps what it had by that
// name, and no part of the other; files that fit are copied all the same.
func TestDiskThatIsFullInTheMiddleOfAFileLeavesNothingOfIt(t *testing.T) {
	const room = 1 << 20
	var full atomic.Bool
	back := faultfs.New(memfs.New())
	back.SetFault(func(_ context.Context, op faultfs.Op) error {
		if full.Load() && op.Call == "WriteAt" && op.Off+int64(op.Len) > room {
			return &faultfs.Short{N: int(min(max(room-op.Off, 0), int64(op.Len))), Err: syscall.ENOSPC}
		}
		return nil
	})
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true, Unlogged: true, FS: back})
	d := &client.Dialer{Credentials: client.Credentials{User: smbtest.User, Password: smbtest.Password}}
	session, err := d.Dial(t.Context(), s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	share, err := session.Share(t.Context(), smbtest.ShareName)
	if err != nil {
		t.Fatal(err)
	}
	if err := share.WriteFile(t.Context(), "large", []byte("what was there")); err != nil {
		t.Fatal(err)
	}

	local, dir := openDir(t)
	files := map[string][]byte{"large": noise(1, 3*room), "other": noise(2, room/2), "small": noise(3, 100)}
	jobs := make([]Job, 0, len(files))
	for _, name := range []string{"large", "other", "small"} {
		if err := os.WriteFile(filepath.Join(dir, name), files[name], 0o644); err != nil {
			t.Fatal(err)
		}
		e, err := local.Stat(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, Job{Entry: e, From: name, To: name})
	}
	put := func() (problems []error) {
		var mu sync.Mutex
		tr := &Transfer{From: local, To: NewShare(share), Problem: func(_ string, err error) {
			mu.Lock()
			defer mu.Unlock()
			problems = append(problems, err)
		}}
		if err := tr.Run(t.Context(), jobs...); err != nil {
			t.Fatal(err)
		}
		return problems
	}
	check := func(large []byte) {
		t.Helper()
		var names []string
		for i, err := range share.ReadDir(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, i.Name())
		}
		slices.Sort(names)
		if want := []string{"large", "other", "small"}; !slices.Equal(names, want) {
			t.Errorf("got %q, want %q", names, want)
		}
		for name, want := range map[string][]byte{"large": large, "other": files["other"], "small": files["small"]} {
			if got, err := share.ReadFile(t.Context(), name); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes, %v; want %d", name, len(got), err, len(want))
			}
		}
	}

	full.Store(true)
	if problems := put(); len(problems) != 1 || !errors.Is(problems[0], ntstatus.DiskFull) && !errors.Is(problems[0], syscall.ENOSPC) {
		t.Errorf("told: %v; want that the disk is full, once", problems)
	}
	check([]byte("what was there"))
	full.Store(false)
	if problems := put(); len(problems) != 0 {
		t.Errorf("told, with room for all: %v", problems)
	}
	check(files["large"])
}
