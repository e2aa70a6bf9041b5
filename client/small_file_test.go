package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

func TestSmallFilesTravelInOneMessage(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	share, ctx := connect(t, s, dialer()), bounded(t)
	when := time.Date(2001, 2, 3, 4, 5, 6, 700, time.UTC)
	for _, size := range []int{0, 1, 1000, client.MaxSmallFile} {
		data := random(size)
		meta := client.NewFile{Times: client.Times{LastWrite: when}, Attributes: fscc.FileAttributeHidden}
		if err := share.WriteNewFile(ctx, "f", data, meta); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		p := make([]byte, client.MaxSmallFile)
		n, i, err := share.ReadSmallFile(ctx, "f", p)
		if err != nil || !bytes.Equal(p[:n], data) {
			t.Fatalf("%d bytes: got %d, %v", size, n, err)
		}
		if i.Size() != int64(size) || !i.LastWriteTime.Equal(when) || i.FileAttributes&fscc.FileAttributeHidden == 0 {
			t.Errorf("%d bytes: %v, written %v, %v", size, i.Size(), i.LastWriteTime, i.FileAttributes)
		}
		if err := share.WriteNewFile(ctx, "f", []byte("other"), client.NewFile{}); !errors.Is(err, fs.ErrExist) {
			t.Errorf("a name that is taken: %v", err)
		}
		if got, err := share.ReadFile(ctx, "f"); err != nil || !bytes.Equal(got, data) {
			t.Errorf("a file that was there: %d bytes, %v", len(got), err)
		}
		if err := share.Remove(ctx, "f"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReadSmallFileTellsThatThereIsMore(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	share, ctx := connect(t, s, dialer()), bounded(t)
	if err := share.WriteFile(ctx, "f", []byte("longer")); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 4)
	if n, i, err := share.ReadSmallFile(ctx, "f", p); n != 4 || i.Size() != 6 || err != nil {
		t.Errorf("%d of %d, %v", n, i.Size(), err)
	}
	if _, _, err := share.ReadSmallFile(ctx, "f", make([]byte, client.MaxSmallFile+1)); !errors.Is(err, ntstatus.InvalidParameter) {
		t.Errorf("too much at once: %v", err)
	}
	if err := share.WriteNewFile(ctx, "g", make([]byte, client.MaxSmallFile+1), client.NewFile{}); !errors.Is(err, ntstatus.InvalidParameter) {
		t.Errorf("too much at once: %v", err)
	}
}

// A file that another client has made is not removed because ours could not be;
// what is half written is.
func TestSmallFilesWorkWithOneCreditAtATime(t *testing.T) {
	s := &rogue{grant: 1}
	session, err := dialRogue(t, s)
	if err != nil {
		t.Fatal(err)
	}
	share, err := session.Share(bounded(t), "data")
	if err != nil {
		t.Fatal(err)
	}
	if _, i, err := share.ReadSmallFile(bounded(t), "x", make([]byte, client.MaxSmallFile)); err != nil || i.Size() != 1<<40 {
		t.Errorf("ReadSmallFile: %v, %v", i, err)
	}
	if n := len(s.commands()); s.commands()[n-1] != smb2.CommandClose {
		t.Errorf("the file stays open: %v", s.commands())
	}
}

func TestNewFileThatCouldNotBeWrittenIsRemoved(t *testing.T) {
	for _, c := range []struct {
		name    string
		create  ntstatus.Status
		write   ntstatus.Status
		count   uint32
		removed bool
	}{
		{"taken", ntstatus.ObjectNameCollision, ntstatus.ObjectNameCollision, 0, false},
		{"disk full", ntstatus.Success, ntstatus.DiskFull, 0, true},
		{"half of it", ntstatus.Success, ntstatus.Success, 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var creates []fscc.CreateDisposition
			s := &rogue{}
			s.handle = func(q *question) bool {
				switch q.Command {
				case smb2.CommandCreate:
					var req smb2.CreateRequest
					smb2.Decode(q.message, &req)
					creates = append(creates, req.CreateDisposition)
					if len(creates) == 1 && c.create != ntstatus.Success {
						q.fail(c.create)
						return true
					}
					return false
				case smb2.CommandWrite:
					if c.write != ntstatus.Success {
						q.fail(c.write)
					} else {
						q.reply(ntstatus.Success, &smb2.WriteResponse{Count: c.count})
					}
					return true
				case smb2.CommandSetInfo:
					q.reply(ntstatus.Success, &smb2.SetInfoResponse{})
					return true
				}
				return false
			}
			share := rogueShare(t, s)
			if err := share.WriteNewFile(bounded(t), "f", []byte("data"), client.NewFile{}); err == nil {
				t.Fatal("no error")
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			want := []fscc.CreateDisposition{fscc.DispositionCreate}
			if c.removed {
				want = append(want, fscc.DispositionOpen)
			}
			if !slices.Equal(creates, want) {
				t.Errorf("got CREATEs %v, want %v", creates, want)
			}
		})
	}
}

func TestStatEachKeepsTheOrderAndGoesOnAfterErrors(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	share, ctx := connect(t, s, dialer()), bounded(t)
	const n = 200
	var names []string
	for i := range n {
		name := fmt.Sprint("f", i)
		names = append(names, name)
		if i%7 != 3 { // the others are missing
			if err := share.WriteFile(ctx, name, make([]byte, i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	i := 0
	for info, err := range share.StatEach(ctx, slices.Values(names)) {
		switch missing := i%7 == 3; {
		case missing != errors.Is(err, fs.ErrNotExist):
			t.Fatalf("%d: %v", i, err)
		case !missing && (info.Name() != names[i] || info.Size() != int64(i) || info.FileID == 0):
			t.Fatalf("%d: %v, %d bytes, number %d", i, info.Name(), info.Size(), info.FileID)
		}
		i++
	}
	if i != n {
		t.Errorf("%d answers", i)
	}
	for range share.StatEach(ctx, slices.Values(names)) {
		break // whoever has enough leaves nothing behind
	}
	for range share.StatEach(ctx, slices.Values([]string{})) {
		t.Error("an answer to nothing")
	}
}
