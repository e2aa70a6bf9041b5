package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// openToWatch opens the directory name as somebody who only looks.
func openToWatch(p *smbtest.Peer, name string) smb2.FileID {
	var res smb2.CreateResponse
	p.MustDo(create(name, fscc.DispositionOpen, dtyp.FileListDirectory, fscc.OptionDirectoryFile), &res)
	return res.FileID
}

// watchOf is a CHANGE_NOTIFY of id for names.
func watchOf(id smb2.FileID) *smb2.ChangeNotifyRequest {
	return &smb2.ChangeNotifyRequest{
		FileID: id, OutputBufferLength: 1000,
		CompletionFilter: fscc.NotifyChangeFileName | fscc.NotifyChangeDirName,
	}
}

// pendingWatch sends m, which has to wait.
func pendingWatch(t *testing.T, p *smbtest.Peer, m *smb2.ChangeNotifyRequest) (mid smb2.MessageID, pending smb2.AsyncID) {
	t.Helper()
	mid = p.NextMessageID
	p.Send(element(m))
	r := receiveOne(t, p)
	if r.Header.Status != ntstatus.Pending || !r.Header.Is(smb2.FlagAsyncCommand) || r.Header.AsyncID == 0 || r.Header.Credits == 0 {
		t.Fatalf("CHANGE_NOTIFY answered %+v, want an interim response", r.Header)
	}
	return mid, r.Header.AsyncID
}

// changesIn says what the answer r tells.
func changesIn(t *testing.T, r smbtest.Reply) string {
	t.Helper()
	if r.Header.Status != ntstatus.Success {
		return r.Header.Status.String()
	}
	var res smb2.ChangeNotifyResponse
	r.Decode(t, &res)
	var info fscc.NotifyInformation
	if err := fscc.DecodeInformation(res.Output, &info); err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, c := range info.Changes {
		words = append(words, fmt.Sprintf("%d %s", c.Action, c.FileName))
	}
	return strings.Join(words, ", ")
}

// expectChanges wants the next answer to be that to the CHANGE_NOTIFY mid,
// which has waited.
func expectChanges(t *testing.T, p *smbtest.Peer, mid smb2.MessageID, want string) {
	t.Helper()
	r := receiveOne(t, p)
	if r.Header.Command != smb2.CommandChangeNotify || r.Header.MessageID != mid || !r.Header.Is(smb2.FlagAsyncCommand) || !r.Signed || r.Header.Credits != 0 {
		t.Errorf("answer %+v, signed %v; want one to CHANGE_NOTIFY %d, asynchronous, signed, without credits", r.Header, r.Signed, mid)
	}
	if got := changesIn(t, r); got != want {
		t.Errorf("CHANGE_NOTIFY %d was told %q, want %q", mid, got, want)
	}
}

// twoAtADirectory returns two users of one directory; the first watches it.
func twoAtADirectory(t *testing.T, o smbtest.Options) (watcher, maker *smbtest.Peer, dir smb2.FileID) {
	t.Helper()
	s := smbtest.StartServer(t, o)
	watcher, maker = s.Login(), s.Login()
	makeDir(maker, "dir")
	return watcher, maker, openToWatch(watcher, "dir")
}

func TestChangesOfOthersAndOnesOwnAreToldOneRequestAfterTheOther(t *testing.T) {
	p, q, dir := twoAtADirectory(t, smbtest.Options{})
	first, _ := pendingWatch(t, p, watchOf(dir))
	second, _ := pendingWatch(t, p, watchOf(dir))
	barrier(t, p) // the connection is not held up
	q.CloseFile(q.Open(`dir\a`))
	expectChanges(t, p, first, "1 a")
	p.Send(element(smbtest.CreateFile(`dir\b`)))
	var replies []smbtest.Reply // of both, in either order
	for range 2 {
		replies = append(replies, receiveOne(t, p))
	}
	for _, r := range replies {
		if r.Header.MessageID == second && changesIn(t, r) != "1 b" {
			t.Errorf("the second request was told %q, want b", changesIn(t, r))
		}
		if r.Header.Status != ntstatus.Success {
			t.Errorf("%v answered %v", r.Header.Command, r.Header.Status)
		}
	}
	q.CloseFile(q.Open(`dir\c`))
	q.CloseFile(q.Open(`dir\d`))
	r := expectStatus(t, "CHANGE_NOTIFY after changes", p, element(watchOf(dir)), ntstatus.Success)
	if got := changesIn(t, r); got != "1 c, 1 d" || r.Header.Is(smb2.FlagAsyncCommand) {
		t.Errorf("told at once %q, want c and d", got)
	}
}

// Many requests, sent without waiting for anything, take their places in the
// order in which they came.
func TestRequestsForChangesAreAnsweredInTheOrderInWhichTheyCame(t *testing.T) {
	const many = 20
	p, q, dir := twoAtADirectory(t, smbtest.Options{})
	first := p.NextMessageID
	for range many {
		p.Send(element(watchOf(dir)))
	}
	for range many {
		if r := receiveOne(t, p); r.Header.Status != ntstatus.Pending {
			t.Fatalf("CHANGE_NOTIFY answered %v, want an interim response", r.Header.Status)
		}
	}
	for i := range many {
		q.CloseFile(q.Open(fmt.Sprintf(`dir\%d`, i)))
		expectChanges(t, p, first+smb2.MessageID(i), fmt.Sprintf("1 %d", i))
	}
}

func TestCancelEndsTheWaitAndKeepsWhatHappensLater(t *testing.T) {
	for _, async := range []bool{false, true} {
		t.Run(fmt.Sprintf("async %v", async), func(t *testing.T) {
			p, q, dir := twoAtADirectory(t, smbtest.Options{})
			mid, pending := pendingWatch(t, p, watchOf(dir))
			p.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Header: naming(async, mid, pending)})
			expectChanges(t, p, mid, ntstatus.Cancelled.String())
			q.CloseFile(q.Open(`dir\a`))
			r := expectStatus(t, "the next request", p, element(watchOf(dir)), ntstatus.Success)
			if got := changesIn(t, r); got != "1 a" {
				t.Errorf("told %q, want a", got)
			}
		})
	}
}

func TestWhateverClosesTheOpenEndsTheWait(t *testing.T) {
	for name, end := range map[string]func(*smbtest.Peer, smb2.FileID) smb2.Message{
		"CLOSE":           func(_ *smbtest.Peer, id smb2.FileID) smb2.Message { return &smb2.CloseRequest{FileID: id} },
		"TREE_DISCONNECT": func(*smbtest.Peer, smb2.FileID) smb2.Message { return &smb2.TreeDisconnectRequest{} },
		"LOGOFF":          func(*smbtest.Peer, smb2.FileID) smb2.Message { return &smb2.LogoffRequest{} },
	} {
		t.Run(name, func(t *testing.T) {
			p, q, dir := twoAtADirectory(t, smbtest.Options{})
			mid, _ := pendingWatch(t, p, watchOf(dir))
			p.Send(element(end(p, dir)))
			// Which of the two answers comes first is nobody's promise.
			for range 2 {
				r := receiveOne(t, p)
				want := ntstatus.Success
				if r.Header.MessageID == mid {
					mid, want = 0, ntstatus.NotifyCleanup
				}
				if r.Header.Status != want {
					t.Errorf("%v %d answered %v, want %v", r.Header.Command, r.Header.MessageID, r.Header.Status, want)
				}
			}
			if mid != 0 {
				t.Errorf("CHANGE_NOTIFY %d was not answered", mid)
			}
			q.CloseFile(q.Open(`dir\a`)) // and nobody is told
		})
	}
}

func TestALostConnectionLeavesNoWatch(t *testing.T) {
	p, q, dir := twoAtADirectory(t, smbtest.Options{})
	pendingWatch(t, p, watchOf(dir))
	p.Close()
	q.CloseFile(q.Open(`dir\a`))
}

func TestADirectoryThatIsToBeDeletedEndsTheWait(t *testing.T) {
	p, q, dir := twoAtADirectory(t, smbtest.Options{})
	mid, _ := pendingWatch(t, p, watchOf(dir))
	var res smb2.CreateResponse
	q.MustDo(create("dir", fscc.DispositionOpen, dtyp.Delete, fscc.OptionDirectoryFile), &res)
	q.MustDo(&smb2.SetInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileDispositionInformation), FileID: res.FileID,
		Input: []byte{1},
	}, nil)
	expectChanges(t, p, mid, ntstatus.DeletePending.String())
}

func TestMoreChangesThanFitAreToldAsEnumDir(t *testing.T) {
	p, q, dir := twoAtADirectory(t, smbtest.Options{})
	m := watchOf(dir)
	m.OutputBufferLength = 0
	mid, _ := pendingWatch(t, p, m)
	q.CloseFile(q.Open(`dir\a`))
	r := receiveOne(t, p)
	var res smb2.ChangeNotifyResponse
	r.Decode(t, &res)
	if r.Header.MessageID != mid || r.Header.Status != ntstatus.NotifyEnumDir || len(res.Output) != 0 {
		t.Errorf("answered %v with %d bytes; want %v with none", r.Header.Status, len(res.Output), ntstatus.NotifyEnumDir)
	}
}

func TestATreeIsToldWithItsPaths(t *testing.T) {
	p, q, dir := twoAtADirectory(t, smbtest.Options{})
	makeDir(q, `dir\below`)
	m := watchOf(dir)
	m.Flags = smb2.WatchTree
	mid, _ := pendingWatch(t, p, m)
	q.CloseFile(q.Open(`dir\below\a`))
	expectChanges(t, p, mid, `1 below\a`)
}

func TestWatchingNeedsADirectoryAndTheRightToListIt(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	makeDir(p, "dir")
	var looks smb2.CreateResponse
	p.MustDo(create("dir", fscc.DispositionOpen, dtyp.FileReadAttributes, fscc.OptionDirectoryFile), &looks)
	for _, c := range []struct {
		what string
		id   smb2.FileID
		want ntstatus.Status
	}{
		{"a file", p.Open("f"), ntstatus.InvalidParameter},
		{"a directory that may not be listed", looks.FileID, ntstatus.AccessDenied},
		{"no open", smb2.FileID{Persistent: 4711, Volatile: 4711}, ntstatus.FileClosed},
	} {
		expectStatus(t, c.what, p, element(watchOf(c.id)), c.want)
	}
}

func TestWatchesThatWaitAreBounded(t *testing.T) {
	p, q, dir := twoAtADirectory(t, smbtest.Options{Policy: limited(policy.AsynchronousCredits, 2)})
	first, _ := pendingWatch(t, p, watchOf(dir))
	pendingWatch(t, p, watchOf(dir))
	expectStatus(t, "the third", p, element(watchOf(dir)), ntstatus.InsufficientResources)
	q.CloseFile(q.Open(`dir\a`))
	expectChanges(t, p, first, "1 a")
}

// Only the last element of a compound may wait ([MS-SMB2] <266>). What has
// happened is told all the same.
func TestAWatchInTheMiddleOfACompoundDoesNotWait(t *testing.T) {
	p, q, dir := twoAtADirectory(t, smbtest.Options{})
	mid, pending := pendingWatch(t, p, watchOf(dir))
	p.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Header: naming(true, mid, pending)})
	expectChanges(t, p, mid, ntstatus.Cancelled.String())
	replies := exchange(t, p, element(watchOf(dir)), element(&smb2.EchoRequest{}))
	expectStatuses(t, "with nothing to tell", replies, ntstatus.InternalError, ntstatus.Success)
	q.CloseFile(q.Open(`dir\a`))
	replies = exchange(t, p, element(watchOf(dir)), element(&smb2.EchoRequest{}))
	expectStatuses(t, "with something to tell", replies, ntstatus.Success, ntstatus.Success)
}
