package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"testing"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

func TestSharesAreListed(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	list, err := dial(t, s, dialer()).Shares(bounded(t))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, sh := range list {
		names = append(names, sh.Name+" "+sh.Kind.String())
	}
	slices.Sort(names)
	if want := []string{"IPC$ pipe", "data disk", "readonly disk"}; !slices.Equal(names, want) {
		t.Fatalf("got %q, want %q", names, want)
	}
}

func TestStreamsAreNamesBehindAColon(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	share, ctx := connect(t, s, dialer()), bounded(t)
	if err := errors.Join(share.WriteFile(ctx, "f", []byte("main")), share.WriteFile(ctx, "f:side", []byte("stream"))); err != nil {
		t.Fatal(err)
	}
	list, err := share.Streams(ctx, "f")
	if want := []client.Stream{{"", 4}, {"side", 6}}; err != nil || !slices.Equal(list, want) {
		t.Fatalf("got %v, %v, want %v", list, err, want)
	}
	if got, err := share.ReadFile(ctx, "f:side"); err != nil || string(got) != "stream" {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestExtendedAttributesAreKept(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	share, ctx := connect(t, s, dialer()), bounded(t)
	if err := share.WriteFile(ctx, "f", nil); err != nil {
		t.Fatal(err)
	}
	if list, err := share.EAs(ctx, "f"); err != nil || len(list) != 0 {
		t.Fatalf("before: %v, %v", list, err)
	}
	if err := share.SetEAs(ctx, "f", fscc.EA{Name: "COLOUR", Value: []byte("green")}, fscc.EA{Name: "SIZE", Value: []byte("9")}); err != nil {
		t.Fatal(err)
	}
	if err := share.SetEAs(ctx, "f", fscc.EA{Name: "SIZE"}); err != nil {
		t.Fatal(err)
	}
	list, err := share.EAs(ctx, "f")
	if err != nil || len(list) != 1 || list[0].Name != "COLOUR" || string(list[0].Value) != "green" {
		t.Fatalf("after: %v, %v", list, err)
	}
}

func TestServerCopiesWithoutTheData(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	share, ctx := connect(t, s, dialer()), bounded(t)
	data := random(18<<20 + 777)
	if err := share.WriteFile(ctx, "from", data); err != nil {
		t.Fatal(err)
	}
	if n, err := share.Copy(ctx, "from", "to"); n != int64(len(data)) || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if got, err := share.ReadFile(ctx, "to"); err != nil || !bytes.Equal(got, data) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
}

func TestFileSystemTellsItsSize(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	i, err := connect(t, s, dialer()).FSInfo(bounded(t))
	if err != nil || i.Total == 0 || i.Available > i.Total || i.BlockSize == 0 || i.Type == "" {
		t.Fatalf("%+v, %v", i, err)
	}
}

// lockedByOne is a file, opened in two sessions, whose first ten bytes the first
// one has locked.
func lockedByOne(ctx context.Context, t *testing.T) (one, two *client.File) {
	t.Helper()
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	one, err := connect(t, s, dialer()).Create(ctx, "f")
	if err != nil {
		t.Fatal(err)
	}
	two, err = connect(t, s, dialer()).OpenFile(ctx, "f", client.OpenOptions{Access: dtyp.GenericRead | dtyp.GenericWrite})
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Lock(ctx, 0, 10, client.ExclusiveLock); err != nil {
		t.Fatal(err)
	}
	return one, two
}

func TestLockKeepsOthersOut(t *testing.T) {
	ctx := bounded(t)
	f, g := lockedByOne(ctx, t)
	if err := g.TryLock(ctx, 5, 1, client.ExclusiveLock); !errors.Is(err, ntstatus.LockNotGranted) {
		t.Fatalf("second lock: %v", err)
	}
	if _, err := g.WriteAt([]byte("x"), 5); !errors.Is(err, ntstatus.FileLockConflict) {
		t.Fatalf("write into a lock: %v", err)
	}
	waiting := make(chan error, 1)
	go func() { waiting <- g.Lock(ctx, 5, 1, client.SharedLock) }()
	if err := f.Unlock(ctx, 0, 10); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; err != nil {
		t.Fatalf("waiting lock: %v", err)
	}
	if err := g.Unlock(ctx, 7, 1); !errors.Is(err, ntstatus.RangeNotLocked) {
		t.Fatalf("unlock of what is not locked: %v", err)
	}
}

func TestContextEndsAWaitingLock(t *testing.T) {
	ctx := bounded(t)
	f, g := lockedByOne(ctx, t)
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := g.Lock(short, 0, 1, client.ExclusiveLock); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	// If the server took the lock before it heard of that, it is given back.
	if err := f.Unlock(ctx, 0, 10); err != nil {
		t.Fatal(err)
	}
	if err := f.Lock(ctx, 0, 10, client.ExclusiveLock); err != nil {
		t.Fatalf("lock of what nobody has: %v", err)
	}
}

func TestErrorsSpeakTheStandardLibrarysWords(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	session := dial(t, s, dialer())
	ctx := bounded(t)
	share, err := session.Share(ctx, smbtest.ShareName)
	if err != nil {
		t.Fatal(err)
	}
	readonly, err := session.Share(ctx, smbtest.ReadOnlyShareName)
	if err != nil {
		t.Fatal(err)
	}
	if err := share.Mkdir(ctx, "d"); err != nil {
		t.Fatal(err)
	}
	_, open := share.Open(ctx, "none")
	_, write := readonly.Create(ctx, "f")
	_, missing := session.Share(ctx, "nothing")
	for _, c := range []struct {
		name string
		got  error
		want error
	}{
		{"missing", open, fs.ErrNotExist},
		{"taken", share.Mkdir(ctx, "d"), fs.ErrExist},
		{"read-only", write, fs.ErrPermission},
		{"no share", missing, ntstatus.BadNetworkName},
		{"up", share.Mkdir(ctx, "../x"), ntstatus.ObjectPathSyntaxBad},
	} {
		e, ok := errors.AsType[*client.Error](c.got)
		if !errors.Is(c.got, c.want) || !ok || e.Op == "" || e.Path == "" {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestReadAtTheEndIsEOF(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	share, ctx := connect(t, s, dialer()), bounded(t)
	if err := share.WriteFile(ctx, "f", []byte("abc")); err != nil {
		t.Fatal(err)
	}
	f, err := share.Open(ctx, "f")
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 3)
	if n, err := f.ReadAt(p, 0); n != 3 || err != nil {
		t.Errorf("whole: %d, %v", n, err)
	}
	if n, err := f.ReadAt(p, 1); n != 2 || err != io.EOF {
		t.Errorf("beyond: %d, %v", n, err)
	}
	if got, err := io.ReadAll(f); string(got) != "abc" || err != nil {
		t.Errorf("all: %q, %v", got, err)
	}
	if n, err := f.Read(p); n != 0 || err != io.EOF {
		t.Errorf("end: %d, %v", n, err)
	}
	if _, err := f.ReadAt(p, -1); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("negative: %v", err)
	}
	f.Close()
	if _, err := f.Read(p); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}
