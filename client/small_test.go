package client_test

import (
	"bytes"
	"errors"
	"io/fs"
	"testing"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
)

func TestSmallFilesAreWrittenAndReadInOneMessage(t *testing.T) {
	share := connect(t, smbtest.StartServer(t, smbtest.Options{}), dialer())
	at := time.Unix(1_500_000_000, 123_456_700)
	for _, n := range []int{0, 1, 100, client.SmallFile} {
		data := bytes.Repeat([]byte("x"), n)
		name := "file" + string(rune('a'+n%26))
		if err := share.WriteNew(bounded(t), name, data, client.Times{LastWrite: at, Creation: at.Add(-time.Hour)}, fscc.FileAttributeHidden); err != nil {
			t.Fatalf("WriteNew of %d bytes: %v", n, err)
		}
		if err := share.WriteNew(bounded(t), name, nil, client.Times{}, 0); !errors.Is(err, fs.ErrExist) {
			t.Errorf("WriteNew of a name that is taken: %v, want fs.ErrExist", err)
		}
		got, i, err := share.ReadHead(bounded(t), name)
		if err != nil || !bytes.Equal(got, data) {
			t.Fatalf("ReadHead: %d bytes, %v, want %d", len(got), err, n)
		}
		if i.Size() != int64(n) || !i.LastWriteTime.Equal(at) || !i.CreationTime.Equal(at.Add(-time.Hour)) || i.FileAttributes&fscc.FileAttributeHidden == 0 {
			t.Errorf("ReadHead says %+v", i)
		}
	}
	if err := share.WriteNew(bounded(t), "large", make([]byte, client.SmallFile+1), client.Times{}, 0); err == nil {
		t.Error("WriteNew took more than SmallFile bytes")
	}
	if err := share.WriteFile(bounded(t), "larger", make([]byte, client.SmallFile+5)); err != nil {
		t.Fatal(err)
	}
	got, i, err := share.ReadHead(bounded(t), "larger")
	if err != nil || len(got) != client.SmallFile || i.Size() != client.SmallFile+5 {
		t.Errorf("ReadHead of a larger file: %d bytes of %v, %v", len(got), i, err)
	}
}

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
	if _, i, err := share.ReadHead(bounded(t), "x"); err != nil || i.Size() != 1<<40 {
		t.Errorf("ReadHead: %v, %v", i, err)
	}
	if n := len(s.commands()); s.commands()[n-1] != smb2.CommandClose {
		t.Errorf("the file stays open: %v", s.commands())
	}
}
