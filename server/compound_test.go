package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// element makes an element that stands for itself.
func element(m smb2.Message) smbtest.Element { return smbtest.Element{Message: m} }

// onLast are requests on the open of the element before.
var (
	writeLast     = &smb2.WriteRequest{FileID: smb2.RelatedFileID, Data: []byte("hello")}
	readLast      = &smb2.ReadRequest{FileID: smb2.RelatedFileID, Length: 100}
	closeLast     = &smb2.CloseRequest{FileID: smb2.RelatedFileID}
	flushLast     = &smb2.FlushRequest{FileID: smb2.RelatedFileID}
	querySizeLast = &smb2.QueryInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileStandardInformation),
		OutputBufferLength: 24, FileID: smb2.RelatedFileID,
	}
	ioctlLast = &smb2.IoctlRequest{CtlCode: fscc.FSCTLQueryFileRegions, FileID: smb2.RelatedFileID, Flags: smb2.IoctlIsFSCTL}
)

// openExisting opens name, which has to exist, for access.
func openExisting(name string, access dtyp.AccessMask) *smb2.CreateRequest {
	m := smbtest.CreateFile(name)
	m.CreateDisposition, m.DesiredAccess = fscc.DispositionOpen, access
	return m
}

func TestRelatedElementsWorkOnTheOpenBefore(t *testing.T) {
	forEachAlgorithm(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
		replies := exchange(t, p, element(smbtest.CreateFile("f")), related(writeLast), related(querySizeLast), related(readLast), related(closeLast))
		expectStatuses(t, "CREATE+WRITE+QUERY_INFO+READ+CLOSE", replies,
			ntstatus.Success, ntstatus.Success, ntstatus.Success, ntstatus.Success, ntstatus.Success)
		var size smb2.QueryInfoResponse
		var data smb2.ReadResponse
		replies[2].Decode(t, &size)
		replies[3].Decode(t, &data)
		var info fscc.StandardInformation
		if err := fscc.DecodeInformation(size.Output, &info); err != nil || info.EndOfFile != 5 || string(data.Data) != "hello" {
			t.Errorf("size %d (%v), data %q", info.EndOfFile, err, data.Data)
		}
		if n := s.Sessions()[0].NumOpens; n != 0 {
			t.Errorf("%d opens are left", n)
		}
	})
}

func TestTheLastReplyOfACompoundIsPaddedAndASingleOneIsNot(t *testing.T) {
	forEachAlgorithm(t, func(t *testing.T, _ *smbtest.Server, p *smbtest.Peer) {
		id := p.Open("f")
		p.Write(id, 0, "123")
		read := element(&smb2.ReadRequest{FileID: id, Length: 3})
		const unpadded = smb2.ReadDataOffset + 3
		for _, c := range []struct {
			elements []smbtest.Element
			want     int // bytes of the last reply
		}{
			{[]smbtest.Element{read}, unpadded},
			{[]smbtest.Element{read, read}, (unpadded + 7) &^ 7},
		} {
			replies := exchange(t, p, c.elements...)
			last := replies[len(replies)-1]
			var data smb2.ReadResponse
			last.Decode(t, &data)
			if len(last.Raw) != c.want || !last.Signed || string(data.Data) != "123" {
				t.Errorf("%d elements: the last reply has %d bytes, signed %v, with %q; want %d, true, 123", len(c.elements), len(last.Raw), last.Signed, data.Data, c.want)
			}
		}
	})
}

func TestCompoundRepliesAreWellFormedSignedEachAndGrantOnTheLast(t *testing.T) {
	forEachAlgorithm(t, func(t *testing.T, _ *smbtest.Server, p *smbtest.Peer) {
		p.Send(element(smbtest.CreateFile("f")), related(writeLast), related(readLast), related(closeLast))
		raw, ok := p.ReceiveRaw()
		if !ok {
			t.Fatal("connection closed")
		}
		var i int
		for e, err := range smb2.Chain(raw) {
			if err != nil {
				t.Fatal(err)
			}
			last := e.Header.NextCommand == 0
			if e.Offset%8 != 0 {
				t.Errorf("answer %d begins at byte %d, no multiple of 8", i, e.Offset)
			}
			if !p.Verifies(e.Message) {
				t.Errorf("answer %d (%v): wrong signature", i, e.Header.Command)
			}
			if got, want := e.Header.Is(smb2.FlagRelatedOperation), i > 0; got != want {
				t.Errorf("answer %d: RELATED %v, want %v", i, got, want)
			}
			if got := e.Header.Credits; (got > 0) != last {
				t.Errorf("answer %d grants %d credits, last %v", i, got, last)
			}
			if e.Header.SessionID != p.SessionID || e.Header.TreeID != p.TreeID {
				t.Errorf("answer %d: session %#x tree %#x, want %#x %#x", i, e.Header.SessionID, e.Header.TreeID, p.SessionID, p.TreeID)
			}
			p.Credits += int(e.Header.Credits)
			i++
		}
		if i != 4 {
			t.Errorf("%d answers in one message, want 4", i)
		}
	})
}

func TestStatusesInChains(t *testing.T) {
	const ok = ntstatus.Success
	missing := element(openExisting("missing", dtyp.FileReadData))
	readOnly := element(openExisting("f", dtyp.FileReadData))
	wholeFile := element(openExisting("f", dtyp.FileGenericRead|dtyp.FileGenericWrite))
	otherSession := func(e smbtest.Element) smbtest.Element {
		e.Header = func(h *smb2.Header) { h.SessionID += 77 }
		return e
	}
	otherTree := func(e smbtest.Element) smbtest.Element {
		e.Header = func(h *smb2.Header) { h.TreeID += 77 }
		return e
	}
	closeNothing := element(&smb2.CloseRequest{FileID: smb2.FileID{Persistent: 1, Volatile: 1}})
	for _, c := range []struct {
		name  string
		chain []smbtest.Element
		want  []ntstatus.Status
	}{
		{
			"a failed CREATE fails all that is related to it",
			[]smbtest.Element{missing, related(querySizeLast), related(writeLast), related(closeLast)},
			[]ntstatus.Status{ntstatus.ObjectNameNotFound, ntstatus.ObjectNameNotFound, ntstatus.ObjectNameNotFound, ntstatus.ObjectNameNotFound},
		},
		// smbtorture's smb2.compound.related6: the file must be closed.
		{
			"a failure in the middle fails nothing else",
			[]smbtest.Element{readOnly, related(readLast), related(writeLast), related(readLast), related(closeLast)},
			[]ntstatus.Status{ok, ok, ntstatus.AccessDenied, ok, ok},
		},
		{
			"a refused FSCTL in the middle fails nothing else",
			[]smbtest.Element{readOnly, related(ioctlLast), related(closeLast)},
			[]ntstatus.Status{ok, ntstatus.InvalidDeviceRequest, ok},
		},
		// smbtorture's smb2.compound.related5.
		{
			"an FSCTL on no open",
			[]smbtest.Element{element(ioctlLast), related(closeLast)},
			[]ntstatus.Status{ntstatus.FileClosed, ntstatus.FileClosed},
		},
		// <269>
		{
			"RELATED first fails all that is related to it",
			[]smbtest.Element{related(smbtest.CreateFile("x")), related(writeLast), related(closeLast)},
			[]ntstatus.Status{ntstatus.InvalidParameter, ntstatus.InvalidParameter, ntstatus.InvalidParameter},
		},
		{"RELATED alone", []smbtest.Element{related(smbtest.CreateFile("x"))}, []ntstatus.Status{ntstatus.InvalidParameter}},
		{
			"unrelated elements stand for themselves",
			[]smbtest.Element{missing, element(&smb2.EchoRequest{}), closeNothing, readOnly},
			[]ntstatus.Status{ntstatus.ObjectNameNotFound, ok, ntstatus.FileClosed, ok},
		},
		// <268>: each element without RELATED begins a chain.
		{
			"chains behind each other",
			[]smbtest.Element{missing, related(closeLast), readOnly, related(readLast), related(closeLast), wholeFile, related(writeLast), related(closeLast)},
			[]ntstatus.Status{ntstatus.ObjectNameNotFound, ntstatus.ObjectNameNotFound, ok, ok, ok, ok, ok, ok},
		},
		{
			"RELATED first, then a chain that is whole",
			[]smbtest.Element{related(closeLast), readOnly, related(closeLast)},
			[]ntstatus.Status{ntstatus.InvalidParameter, ok, ok},
		},
		{
			"nothing before generates a FileId",
			[]smbtest.Element{element(&smb2.EchoRequest{}), related(closeLast), related(readLast)},
			[]ntstatus.Status{ok, ntstatus.InvalidHandle, ntstatus.InvalidHandle},
		},
		{
			"an open that the client names itself",
			[]smbtest.Element{closeNothing, related(readLast)},
			[]ntstatus.Status{ntstatus.FileClosed, ntstatus.FileClosed},
		},
		{
			"CLOSE, then more of the same",
			[]smbtest.Element{readOnly, related(closeLast), related(readLast), related(closeLast)},
			[]ntstatus.Status{ok, ok, ntstatus.FileClosed, ntstatus.FileClosed},
		},
		{
			"unknown session",
			[]smbtest.Element{otherSession(readOnly), related(closeLast)},
			[]ntstatus.Status{ntstatus.UserSessionDeleted, ntstatus.UserSessionDeleted},
		},
		{
			"unknown tree connect",
			[]smbtest.Element{otherTree(readOnly), related(closeLast)},
			[]ntstatus.Status{ntstatus.NetworkNameDeleted, ntstatus.NetworkNameDeleted},
		},
		{
			"TREE_CONNECT, then CREATE in it",
			[]smbtest.Element{element(&smb2.TreeConnectRequest{Path: `\\server\readonly`}), related(openExisting("f", dtyp.FileReadData)), related(readLast), related(closeLast)},
			[]ntstatus.Status{ok, ok, ok, ok},
		},
		{
			"a refused TREE_CONNECT leaves no tree",
			[]smbtest.Element{
				{Message: &smb2.TreeConnectRequest{Path: `\\server\nowhere`}, Header: func(h *smb2.Header) { h.TreeID = 0 }},
				related(readOnly.Message), related(closeLast),
			},
			[]ntstatus.Status{ntstatus.BadNetworkName, ntstatus.InvalidParameter, ntstatus.InvalidParameter},
		},
		{
			"LOGOFF, then more",
			[]smbtest.Element{readOnly, {Message: &smb2.LogoffRequest{}, Flags: smb2.FlagRelatedOperation}, related(readLast), related(closeLast)},
			[]ntstatus.Status{ok, ok, ntstatus.UserSessionDeleted, ntstatus.UserSessionDeleted},
		},
		{
			"TREE_DISCONNECT, then more",
			[]smbtest.Element{readOnly, {Message: &smb2.TreeDisconnectRequest{}, Flags: smb2.FlagRelatedOperation}, related(readLast)},
			[]ntstatus.Status{ok, ok, ntstatus.NetworkNameDeleted},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login()
			id := p.Open("f")
			p.Write(id, 0, "content")
			p.CloseFile(id)
			expectStatuses(t, c.name, exchange(t, p, c.chain...), c.want...)
		})
	}
}

func TestEndOfADirectoryIsNoReasonToKeepItOpen(t *testing.T) {
	// macOS lists in one message: CREATE, QUERY_DIRECTORY twice, CLOSE.
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	list := &smb2.QueryDirectoryRequest{
		FileInformationClass: fscc.FileIDBothDirectoryInformation, FileID: smb2.RelatedFileID, FileName: "*", OutputBufferLength: 1000,
	}
	none := *list
	none.FileName = "nothing like it"
	replies := exchange(t, p, element(openExisting("", dtyp.FileListDirectory)), related(list), related(list), related(closeLast))
	expectStatuses(t, "listing", replies, ntstatus.Success, ntstatus.Success, ntstatus.NoMoreFiles, ntstatus.Success)
	replies = exchange(t, p, element(openExisting("", dtyp.FileListDirectory)), related(&none), related(closeLast))
	expectStatuses(t, "search", replies, ntstatus.Success, ntstatus.NoSuchFile, ntstatus.Success)
	if n := s.Sessions()[0].NumOpens; n != 0 {
		t.Errorf("%d opens are left", n)
	}
}

func TestFlushInTheMiddleOfACompoundDoesNotGoAsync(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	p.Send(element(smbtest.CreateFile("f")), related(writeLast), related(flushLast), related(closeLast))
	replies, ok := p.Receive()
	if !ok {
		t.Fatal("connection closed")
	}
	expectStatuses(t, "FLUSH in the middle", replies, ntstatus.Success, ntstatus.Success, ntstatus.Success, ntstatus.Success)
	for _, r := range replies {
		if r.Header.Is(smb2.FlagAsyncCommand) {
			t.Errorf("%v answered asynchronously", r.Header.Command)
		}
	}
}

func TestFlushAtTheEndOfACompoundSendsWhatIsReadyFirst(t *testing.T) {
	forEachAlgorithm(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
		entered, release := holdCalls(t, s, "Sync")
		p.Send(element(smbtest.CreateFile("f")), related(writeLast), related(flushLast))
		replies, ok := p.Receive()
		if !ok {
			t.Fatal("connection closed")
		}
		<-entered
		expectStatuses(t, "before the flush is done", replies, ntstatus.Success, ntstatus.Success, ntstatus.Pending)
		for i, r := range replies {
			if want := i < 2; r.Signed != want {
				t.Errorf("%v %v: signed %v, want %v", r.Header.Command, r.Header.Status, r.Signed, want)
			}
			if last := i == 2; (r.Header.Credits > 0) != last {
				t.Errorf("answer %d grants %d credits", i, r.Header.Credits)
			}
		}
		release()
		r := receiveOne(t, p)
		if r.Header.Status != ntstatus.Success || r.Header.AsyncID != replies[2].Header.AsyncID || !r.Signed || r.Header.Credits != 0 {
			t.Errorf("last answer %+v, signed %v", r.Header, r.Signed)
		}
	})
}

func TestEachElementOfACompoundIsVerifiedForItself(t *testing.T) {
	forEachAlgorithm(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
		for bad := range 3 {
			s.Log.Reset()
			var chain []smbtest.Element
			var want []ntstatus.Status
			for i := range 3 {
				e := element(smbtest.CreateFile(fmt.Sprintf("f%d", i)))
				status := ntstatus.Success
				if i == bad {
					e.Forge = func(msg []byte) { msg[len(msg)-1] ^= 0x80 } // padding, but for the last one
					status = ntstatus.AccessDenied
				}
				chain, want = append(chain, e), append(want, status)
			}
			expectStatuses(t, fmt.Sprintf("element %d forged", bad), exchange(t, p, chain...), want...)
			calls := strings.Join(s.Log.Calls(), ";")
			for i := range 3 {
				if got := strings.Contains(calls, fmt.Sprintf("Lookup f%d", i)); got != (i != bad) {
					t.Errorf("element %d forged: element %d reached the back end: %v (%s)", bad, i, got, calls)
				}
			}
		}
	})
}

func TestMalformedChainsDisconnectAndRunNothing(t *testing.T) {
	next := func(n uint32) smbtest.Element {
		e := element(smbtest.CreateFile("x"))
		e.Header = func(h *smb2.Header) { h.NextCommand = n }
		return e
	}
	long := slices.Repeat([]smbtest.Element{element(&smb2.CancelRequest{})}, 200)
	for name, chain := range map[string][]smbtest.Element{
		"NextCommand behind the end":     {next(4000)},
		"NextCommand within the header":  {next(8)},
		"NextCommand at its own end":     {next(uint32(len(smb2.Append(make([]byte, 64), smbtest.CreateFile("x")))))},
		"a good element, then a bad one": {element(smbtest.CreateFile("x")), next(0xFFFFFFF8)},
		"too many elements":              long,
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login()
			p.RepeatMessageIDs()
			s.Log.Reset()
			p.Send(chain...)
			expectClosed(t, name, p)
			expectUntouched(t, name, s)
		})
	}
}

func TestCancelsInACompoundAreNotAnswered(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	p.RepeatMessageIDs()
	cancel := smbtest.Element{Message: &smb2.CancelRequest{}, Header: func(h *smb2.Header) { h.MessageID = 4711 }}
	p.Send(cancel, element(&smb2.EchoRequest{}), cancel)
	replies, ok := p.Receive()
	if !ok || len(replies) != 1 || replies[0].Header.Command != smb2.CommandEcho || replies[0].Header.NextCommand != 0 {
		t.Errorf("answers %+v, want one to the ECHO", replies)
	}
	p.Send(cancel, cancel)
	barrier(t, p)
}

func TestElementRelatedToNoSessionIsInvalid(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	nobody := smbtest.Element{Message: closeLast, Header: func(h *smb2.Header) { h.SessionID = 0xFFFFFFFFFFFFFFFF }}
	expectStatuses(t, "CLOSE of no session, RELATED CLOSE", exchange(t, p, nobody, related(closeLast)),
		ntstatus.UserSessionDeleted, ntstatus.InvalidParameter)
}
