package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// rogueShare signs in on s and connects to its share.
func rogueShare(t testing.TB, s *rogue, values ...string) *client.Share {
	t.Helper()
	session, err := dialRogue(t, s, values...)
	if err != nil {
		t.Fatal(err)
	}
	share, err := session.Share(bounded(t), "data")
	if err != nil {
		t.Fatal(err)
	}
	return share
}

// only answers requests of one command by answer.
func only(command smb2.Command, answer func(q *question)) func(*question) bool {
	return func(q *question) bool {
		if q.Command == command {
			answer(q)
		}
		return q.Command == command
	}
}

func TestReadThatBringsMoreThanAskedEndsTheConnection(t *testing.T) {
	share := rogueShare(t, &rogue{handle: only(smb2.CommandRead, func(q *question) {
		q.reply(ntstatus.Success, &smb2.ReadResponse{Data: make([]byte, 101)})
	})})
	f, err := share.Open(bounded(t), "f")
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 100, 200)
	if n, err := f.ReadAt(p, 0); n != 0 || err == nil {
		t.Fatalf("%d, %v", n, err)
	}
	if share.Session().Err() == nil {
		t.Error("the connection lives on")
	}
}

func TestWriteThatClaimsMoreThanWasSentEndsTheConnection(t *testing.T) {
	share := rogueShare(t, &rogue{handle: only(smb2.CommandWrite, func(q *question) {
		q.reply(ntstatus.Success, &smb2.WriteResponse{Count: 1 << 31})
	})})
	f, err := share.Create(bounded(t), "f")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := f.Write(make([]byte, 10)); n != 0 || err == nil {
		t.Fatalf("%d, %v", n, err)
	}
	if share.Session().Err() == nil {
		t.Error("the connection lives on")
	}
}

func TestSizeThatAServerClaimsTakesNoMemory(t *testing.T) {
	share := rogueShare(t, &rogue{handle: func(q *question) bool {
		switch q.Command {
		case smb2.CommandCreate:
			q.reply(ntstatus.Success, &smb2.CreateResponse{EndOfFile: 1<<63 + 5, AllocationSize: 1<<64 - 1})
		case smb2.CommandRead:
			var req smb2.ReadRequest
			smb2.Decode(q.message, &req)
			if req.Offset > 0 {
				q.fail(ntstatus.EndOfFile)
			} else {
				q.reply(ntstatus.Success, &smb2.ReadResponse{Data: make([]byte, min(req.Length, 64<<10))})
			}
		default:
			return false
		}
		return true
	}})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	data, err := share.ReadFile(bounded(t), "f")
	runtime.ReadMemStats(&after)
	if err != nil || len(data) != 64<<10 {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 64<<20 {
		t.Errorf("%d bytes taken for a file of 64 KiB", taken)
	}
	f, err := share.Open(bounded(t), "f")
	if err != nil || f.OpenInfo().Size() < 0 {
		t.Fatalf("%v, %v", f, err)
	}
}

// listing answers QUERY_DIRECTORY with pages of names.
func listing(pages ...[]string) func(q *question) {
	next := 0
	return func(q *question) {
		if next == len(pages) {
			q.fail(ntstatus.NoMoreFiles)
			return
		}
		p, err := fscc.NewDirectoryPacker(fscc.FileIDBothDirectoryInformation, nil, 64<<10)
		if err != nil {
			q.t.Error(err)
			return
		}
		for _, name := range pages[next] {
			p.Add(&fscc.DirectoryEntry{FileName: name})
		}
		next++
		q.reply(ntstatus.Success, &smb2.QueryDirectoryResponse{Output: p.Finish()})
	}
}

func TestNamesThatLeadElsewhereAreNoEntries(t *testing.T) {
	bad := []string{`..\x`, "a/b", `C:\x`, "nul\x00x", `\abs`, "/abs", `..\..\etc\passwd`, strings.Repeat("x", 300)}
	share := rogueShare(t, &rogue{handle: only(smb2.CommandQueryDirectory, listing(append([]string{".", "..", "good"}, bad...), []string{"after"}))})
	var got []string
	refused := 0
	for i, err := range share.ReadDir(bounded(t), "") {
		if e, ok := errors.AsType[*client.NameError](err); ok {
			refused++
			if i != nil || strings.Contains(err.Error(), "\x00") {
				t.Errorf("%q: %v", e.Name, i)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, i.Name())
	}
	if !slices.Equal(got, []string{"good", "after"}) || refused != len(bad) {
		t.Errorf("got %q, and %d refused of %d", got, refused, len(bad))
	}
}

func TestEndlessDirectoryEndsWithTheContext(t *testing.T) {
	pages := make([][]string, 1<<16)
	for i := range pages {
		pages[i] = []string{"again"}
	}
	share := rogueShare(t, &rogue{handle: only(smb2.CommandQueryDirectory, listing(pages...))})
	ctx, cancel := context.WithCancel(bounded(t))
	n := 0
	for _, err := range share.ReadDir(ctx, "") {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			break
		}
		if n++; n == 100 {
			cancel()
		}
	}
	cancel()
	if n > 101 {
		t.Errorf("%d entries after the end of the context", n)
	}
}

func TestListingsThatLieEndTheConnection(t *testing.T) {
	for name, out := range map[string][]byte{
		"empty page":     nil,
		"cut off":        make([]byte, 10),
		"offset outside": append([]byte{0xF0, 0xFF, 0xFF, 0x7F}, make([]byte, 120)...),
		"long name":      append(make([]byte, 60), append([]byte{0xFE, 0xFF, 0xFF, 0x7F}, make([]byte, 60)...)...),
	} {
		t.Run(name, func(t *testing.T) {
			share := rogueShare(t, &rogue{handle: only(smb2.CommandQueryDirectory, func(q *question) {
				q.reply(ntstatus.Success, &smb2.QueryDirectoryResponse{Output: out})
			})})
			var last error
			for _, err := range share.ReadDir(bounded(t), "") {
				last = err
			}
			if _, ok := errors.AsType[*client.ProtocolError](last); !ok {
				t.Fatalf("got %v", last)
			}
		})
	}
}

func TestServerThatGrantsLittleIsServedWithLittle(t *testing.T) {
	for _, grant := range []uint16{1, 2, 5, 17, 100} {
		share := rogueShare(t, &rogue{grant: grant, handle: only(smb2.CommandQueryInfo, func(q *question) {
			q.reply(ntstatus.Success, &smb2.QueryInfoResponse{Output: fscc.AppendInformation(nil, &fscc.AllInformation{})})
		})})
		if _, err := share.Stat(bounded(t), "f"); err != nil {
			t.Fatalf("%d credits: %v", grant, err)
		}
		f, err := share.Create(bounded(t), "f")
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if n, err := f.ReadAt(make([]byte, 3<<19), 0); n != 3<<19 || err != nil {
					t.Errorf("read: %d, %v", n, err)
				}
				if n, err := f.WriteAt(make([]byte, 3<<19), 0); n != 3<<19 || err != nil {
					t.Errorf("write: %d, %v", n, err)
				}
			})
		}
		wg.Wait()
	}
}

func TestHangUpEndsEverything(t *testing.T) {
	s := &rogue{handle: only(smb2.CommandRead, func(q *question) { q.nc.Close() })}
	share := rogueShare(t, s)
	f, err := share.Open(bounded(t), "f")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			_, err := f.ReadAt(make([]byte, 10<<20), 0)
			if _, ok := errors.AsType[*client.ConnectionError](err); !ok {
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	if err := f.Close(); err == nil {
		t.Error("closed on a connection that has ended")
	}
}

func TestFrameThatIsTooLongTakesNoMemory(t *testing.T) {
	s := &rogue{handle: only(smb2.CommandEcho, func(q *question) {
		q.nc.Write([]byte{0, 0xFF, 0xFF, 0xFF})
	})}
	session, err := dialRogue(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Echo(bounded(t)); err == nil || !strings.Contains(err.Error(), "frame too large") {
		t.Fatalf("got %v", err)
	}
}

func TestFileThatNeverEndsIsReadToTheEndOfTheContext(t *testing.T) {
	share := rogueShare(t, &rogue{})
	f, err := share.Open(bounded(t), "f")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(bounded(t))
	n := 0
	_, err = f.WithContext(ctx).WriteTo(writer(func(p []byte) (int, error) {
		if n += len(p); n > 20<<20 {
			cancel()
		}
		return len(p), nil
	}))
	cancel()
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v after %d bytes", err, n)
	}
}

// writer is a function as an io.Writer.
type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func TestErrorOfTheOtherSideOfACopyIsItsOwn(t *testing.T) {
	share := rogueShare(t, &rogue{})
	f, err := share.Create(bounded(t), "f")
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	if _, err := f.WriteTo(writer(func([]byte) (int, error) { return 0, full })); err != full {
		t.Errorf("WriteTo: %v", err)
	}
	broken := errors.New("broken")
	n, err := f.ReadFrom(io.MultiReader(bytes.NewReader(make([]byte, 3<<20)), failing{broken}))
	if err != broken || n != 3<<20 {
		t.Errorf("ReadFrom: %d, %v", n, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
