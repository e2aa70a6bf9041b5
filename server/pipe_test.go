package server_test

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
	"github.com/signet-smb/signet/internal/rpc/srvsvc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// pipeRights is what Samba's clients ask of a pipe.
const pipeRights = dtyp.FileGenericRead | dtyp.FileGenericWrite

// createPipe is a CREATE of a pipe.
func createPipe(name string) *smb2.CreateRequest {
	req := smbtest.CreateFile(name)
	req.DesiredAccess = pipeRights
	return req
}

// inIPC returns a peer that is connected to IPC$.
func inIPC(t *testing.T, s *smbtest.Server) *smbtest.Peer {
	t.Helper()
	p := s.Login()
	if r := p.TreeConnect("IPC$"); r.Header.Status != ntstatus.Success {
		t.Fatalf("IPC$: %v", r.Header.Status)
	}
	return p
}

// openPipe opens srvsvc.
func openPipe(t *testing.T, p *smbtest.Peer) smb2.FileID {
	t.Helper()
	var res smb2.CreateResponse
	p.MustDo(createPipe("srvsvc"), &res)
	return res.FileID
}

// srvsvcPipe returns a peer with srvsvc open.
func srvsvcPipe(t *testing.T) (*smbtest.Server, *smbtest.Peer, smb2.FileID) {
	t.Helper()
	s := smbtest.StartServer(t, smbtest.Options{})
	p := inIPC(t, s)
	return s, p, openPipe(t, p)
}

// bindPDU is a bind to srvsvc.
func bindPDU(t *testing.T) []byte {
	t.Helper()
	return rpctest.PDU(rpctest.Header{Kind: rpctest.Bind, Flags: rpctest.First | rpctest.Last, CallID: 1},
		rpctest.BindBody(t, 4280, 0, rpctest.Offer{UUID: srvsvc.UUID, Version: 3, Transfer: []rpctest.Syntax{{UUID: rpctest.NDR20, Version: 2}}}))
}

// bindAckSize is the length of the answer to it.
const bindAckSize = 68

// transceive is the FSCTL that writes a message and reads up to room bytes.
func transceive(id smb2.FileID, message []byte, room uint32) *smb2.IoctlRequest {
	return &smb2.IoctlRequest{CtlCode: fscc.FSCTLPipeTransceive, FileID: id, Input: message, MaxOutputResponse: room, Flags: smb2.IoctlIsFSCTL}
}

// peek is the FSCTL that looks at up to room bytes.
func peek(id smb2.FileID, room uint32) *smb2.IoctlRequest {
	return &smb2.IoctlRequest{CtlCode: fscc.FSCTLPipePeek, FileID: id, MaxOutputResponse: room, Flags: smb2.IoctlIsFSCTL}
}

// setModes sets FilePipeInformation.
func setModes(id smb2.FileID, read fscc.PipeReadMode, completion fscc.PipeCompletionMode) *smb2.SetInfoRequest {
	return &smb2.SetInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FilePipeInformation), FileID: id,
		Input: fscc.AppendInformation(nil, &fscc.PipeInformation{ReadMode: read, CompletionMode: completion}),
	}
}

// queryPipe reads an information class.
func queryPipe(t *testing.T, p *smbtest.Peer, id smb2.FileID, class fscc.FileInformationClass, into fscc.Information) {
	t.Helper()
	var res smb2.QueryInfoResponse
	p.MustDo(&smb2.QueryInfoRequest{InfoType: smb2.InfoFile, FileInfoClass: uint8(class), FileID: id, OutputBufferLength: 1024}, &res)
	if err := fscc.DecodeInformation(res.Output, into); err != nil {
		t.Fatalf("%v: %v", class, err)
	}
}

// expectData does a READ or IOCTL and compares status and length of the data.
func expectData(t *testing.T, what string, p *smbtest.Peer, m smb2.Message, status ntstatus.Status, size int) []byte {
	t.Helper()
	r := expectStatus(t, what, p, smbtest.Element{Message: m}, status)
	if status.IsError() {
		return nil
	}
	var data []byte
	switch m.(type) {
	case *smb2.ReadRequest:
		var res smb2.ReadResponse
		r.Decode(t, &res)
		data = res.Data
	case *smb2.IoctlRequest:
		var res smb2.IoctlResponse
		r.Decode(t, &res)
		data = res.Output
	}
	if len(data) != size {
		t.Errorf("%s: %d bytes, want %d", what, len(data), size)
	}
	return data
}

// smbPipe carries PDUs over an open, by WRITE and READ or by transactions.
type smbPipe struct {
	t           *testing.T
	p           *smbtest.Peer
	id          smb2.FileID
	transaction bool
	room        uint32   // of a READ or transaction, bytes
	answers     [][]byte // that a transaction has read
}

func (c *smbPipe) Send(pdu []byte) {
	c.t.Helper()
	last := pdu[3]&rpctest.Last != 0
	if !c.transaction || !last {
		c.p.MustDo(&smb2.WriteRequest{FileID: c.id, Data: pdu}, nil)
		return
	}
	r := c.p.Do(transceive(c.id, pdu, c.room))
	var res smb2.IoctlResponse
	r.Decode(c.t, &res)
	c.answers = append(c.answers, c.rest(r.Header.Status, res.Output))
}

func (c *smbPipe) Receive() []byte {
	c.t.Helper()
	if len(c.answers) > 0 {
		a := c.answers[0]
		c.answers = c.answers[1:]
		return a
	}
	return c.rest(ntstatus.BufferOverflow, nil)
}

// rest reads on until a whole message has come.
func (c *smbPipe) rest(status ntstatus.Status, data []byte) []byte {
	c.t.Helper()
	data = slices.Clone(data)
	for status == ntstatus.BufferOverflow {
		r := c.p.Do(&smb2.ReadRequest{FileID: c.id, Length: c.room})
		if status = r.Header.Status; status.IsError() {
			c.t.Fatalf("READ: %v", status)
		}
		var res smb2.ReadResponse
		r.Decode(c.t, &res)
		data = append(data, res.Data...)
	}
	return data
}

// shareNames lists the shares by an RPC.
func shareNames(t *testing.T, c *rpctest.Client) (names []string) {
	t.Helper()
	w := ndr.NewWriter()
	w.UniqueString(`\\server`)
	w.U32(0)
	w.U32(0)
	w.Pointer(true)
	w.U32(0)
	w.Pointer(false)
	w.U32(0xFFFF_FFFF)
	w.Pointer(false)
	stub, fault := c.Call(15, w.Finish())
	if fault != 0 {
		t.Fatalf("NetrShareEnum: fault %#x", fault)
	}
	r := ndr.NewReader(stub)
	r.Switch(0)
	r.Switch(0)
	r.Pointer()
	n := int(r.U32())
	r.Pointer()
	r.Count(n, 4)
	for range n {
		r.Pointer()
	}
	for range n {
		names = append(names, r.String(80))
	}
	if r.Err() != nil {
		t.Fatalf("answer %x: %v", stub, r.Err())
	}
	return names
}

func TestSharesAreListedOverAPipe(t *testing.T) {
	for _, c := range []struct {
		name        string
		transaction bool
		room        uint32
	}{
		{"WRITE and READ", false, 4280},
		{"transactions", true, 4280},
		{"WRITE and READ in little room", false, 17},
		{"transactions in little room", true, 17},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, p, id := srvsvcPipe(t)
			client := rpctest.Dial(t, &smbPipe{t: t, p: p, id: id, transaction: c.transaction, room: c.room}, srvsvc.UUID, 3)
			if got, want := shareNames(t, client), []string{"data", "readonly", "IPC$"}; !slices.Equal(got, want) {
				t.Errorf("shares %q, want %q", got, want)
			}
			p.CloseFile(id)
		})
	}
}

// TestPipesAreFoundByTheirNameAlone: nothing is taken off a name's front, as
// smbtorture's rpc.samba3.smb2-pipe-name wants it.
func TestPipesAreFoundByTheirNameAlone(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := inIPC(t, s)
	for _, c := range []struct {
		name string
		want ntstatus.Status
	}{
		{"srvsvc", ntstatus.Success},
		{"SrvSvc", ntstatus.Success},
		{`\srvsvc`, ntstatus.ObjectNameNotFound},
		{`\PIPE\srvsvc`, ntstatus.ObjectNameNotFound},
		{`pipe\srvsvc`, ntstatus.ObjectNameNotFound},
		{"", ntstatus.ObjectNameNotFound},
		{"winreg", ntstatus.ObjectNameNotFound},
		{`srvsvc\`, ntstatus.ObjectNameNotFound},
		{`pipe`, ntstatus.ObjectNameNotFound},
	} {
		expectStatus(t, c.name, p, smbtest.Element{Message: createPipe(c.name)}, c.want)
	}
	expectUntouched(t, "pipes", s)
}

func TestAPipeGrantsReadingAndWritingOnly(t *testing.T) {
	p := inIPC(t, smbtest.StartServer(t, smbtest.Options{}))
	for _, c := range []struct {
		ask, grant dtyp.AccessMask
	}{
		{pipeRights, pipeRights},
		{dtyp.MaximumAllowed, pipeRights},
		{dtyp.GenericRead, dtyp.FileGenericRead},
		{dtyp.FileReadData, dtyp.FileReadData},
		{0, 0},
		{dtyp.FileAllAccess, 0},
		{dtyp.WriteDAC | pipeRights, 0},
	} {
		req := createPipe("srvsvc")
		req.DesiredAccess = c.ask
		if c.grant == 0 {
			expectStatus(t, "too much", p, smbtest.Element{Message: req}, ntstatus.AccessDenied)
			continue
		}
		var res smb2.CreateResponse
		p.MustDo(req, &res)
		var got fscc.AccessInformation
		queryPipe(t, p, res.FileID, fscc.FileAccessInformation, &got)
		if got.AccessFlags != c.grant {
			t.Errorf("asked for %#x: granted %#x, want %#x", c.ask, got.AccessFlags, c.grant)
		}
		if c.grant&dtyp.FileWriteData == 0 {
			expectStatus(t, "WRITE", p, smbtest.Element{Message: &smb2.WriteRequest{FileID: res.FileID, Data: []byte{5}}}, ntstatus.AccessDenied)
			expectStatus(t, "transaction", p, smbtest.Element{Message: transceive(res.FileID, []byte{5}, 100)}, ntstatus.AccessDenied)
		}
	}
}

func TestASessionHasSoManyPipes(t *testing.T) {
	p := inIPC(t, smbtest.StartServer(t, smbtest.Options{}))
	var last smb2.FileID
	for range 64 {
		last = openPipe(t, p)
	}
	expectStatus(t, "one too many", p, smbtest.Element{Message: createPipe("srvsvc")}, ntstatus.PipeNotAvailable)
	p.CloseFile(last)
	openPipe(t, p)
}

func TestMessagesAreReadOneByOne(t *testing.T) {
	_, p, id := srvsvcPipe(t)
	p.MustDo(&smb2.WriteRequest{FileID: id, Data: bindPDU(t)}, nil)
	alter := slices.Clone(bindPDU(t))
	alter[2] = rpctest.AlterContext
	p.MustDo(&smb2.WriteRequest{FileID: id, Data: alter}, nil)
	const alterAckSize = 56
	read := func(n uint32) *smb2.ReadRequest { return &smb2.ReadRequest{FileID: id, Length: n} }

	var local fscc.PipeLocalInformation
	queryPipe(t, p, id, fscc.FilePipeLocalInformation, &local)
	if local.NamedPipeState != fscc.PipeConnected || local.ReadDataAvailable != bindAckSize+alterAckSize || local.NamedPipeType != fscc.PipeMessageType {
		t.Errorf("FilePipeLocalInformation: %+v, want a connected pipe with %d bytes", local, bindAckSize+alterAckSize)
	}
	expectStatus(t, "transaction with answers unread", p, smbtest.Element{Message: transceive(id, alter, 4280)}, ntstatus.PipeBusy)
	head := expectData(t, "PEEK", p, peek(id, 16+60), ntstatus.BufferOverflow, 16+60)
	if got := binary.LittleEndian.Uint32(head[4:]); got != bindAckSize+alterAckSize {
		t.Errorf("PEEK: ReadDataAvailable %d, want %d", got, bindAckSize+alterAckSize)
	}
	if n, size := binary.LittleEndian.Uint32(head[8:]), binary.LittleEndian.Uint32(head[12:]); n != 2 || size != bindAckSize {
		t.Errorf("PEEK: %d messages, the first of %d bytes; want 2 and %d", n, size, bindAckSize)
	}
	part := expectData(t, "READ of a part", p, read(60), ntstatus.BufferOverflow, 60)
	if string(part) != string(head[16:]) {
		t.Errorf("PEEK saw\n     %x\nREAD %x", head[16:], part)
	}
	expectData(t, "READ of nothing", p, read(0), ntstatus.BufferOverflow, 0)
	expectStatus(t, "READ of too little", p, smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Length: 4, MinimumCount: 5}}, ntstatus.EndOfFile)
	expectData(t, "READ of the rest", p, read(4280), ntstatus.Success, bindAckSize-60-4)
	expectData(t, "PEEK at the second", p, peek(id, 1024), ntstatus.Success, 16+alterAckSize)
	expectData(t, "READ of the second", p, read(4280), ntstatus.Success, alterAckSize)
	expectData(t, "PEEK at nothing", p, peek(id, 1024), ntstatus.Success, 16)
	expectData(t, "PEEK without room", p, peek(id, 0), ntstatus.Success, 0)
	expectStatus(t, "PEEK in too little room", p, smbtest.Element{Message: peek(id, 15)}, ntstatus.BufferTooSmall)
}

func TestAStreamOfBytesKnowsNoMessages(t *testing.T) {
	_, p, id := srvsvcPipe(t)
	var modes fscc.PipeInformation
	queryPipe(t, p, id, fscc.FilePipeInformation, &modes)
	if want := (fscc.PipeInformation{ReadMode: fscc.PipeMessageMode, CompletionMode: fscc.PipeQueueOperation}); modes != want {
		t.Errorf("FilePipeInformation: %+v, want %+v", modes, want)
	}
	for _, m := range []*smb2.SetInfoRequest{setModes(id, 2, 0), setModes(id, 1, 2)} {
		expectStatus(t, "unknown mode", p, smbtest.Element{Message: m}, ntstatus.InvalidParameter)
	}
	p.MustDo(setModes(id, fscc.PipeByteStreamMode, fscc.PipeCompleteOperation), nil)
	expectStatus(t, "READ of nothing", p, smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Length: 10}}, ntstatus.PipeEmpty)
	expectStatus(t, "transaction", p, smbtest.Element{Message: transceive(id, bindPDU(t), 4280)}, ntstatus.InvalidPipeState)
	p.MustDo(&smb2.WriteRequest{FileID: id, Data: bindPDU(t)}, nil)
	p.MustDo(&smb2.WriteRequest{FileID: id, Data: bindPDU(t)}, nil) // refused, by 24 bytes
	expectData(t, "READ of a part", p, &smb2.ReadRequest{FileID: id, Length: 60}, ntstatus.Success, 60)
	expectData(t, "READ of all", p, &smb2.ReadRequest{FileID: id, Length: 4280}, ntstatus.Success, bindAckSize-60+24)
	expectStatus(t, "back to messages", p, smbtest.Element{Message: setModes(id, fscc.PipeMessageMode, 0)}, ntstatus.InvalidParameter)
}

func TestAPipeThatTheServerEndedIsDisconnected(t *testing.T) {
	_, p, id := srvsvcPipe(t)
	nak := expectData(t, "transaction", p, transceive(id, []byte("\x04\x00\x0b\x03\x10\x00\x00\x00\x10\x00\x00\x00\x01\x00\x00\x00"), 4280), ntstatus.Success, 24)
	if a := rpctest.Parse(t, nak); a.Kind != rpctest.BindNak {
		t.Errorf("answer %+v, want bind_nak", a)
	}
	for what, m := range map[string]smb2.Message{
		"READ": &smb2.ReadRequest{FileID: id, Length: 10}, "WRITE": &smb2.WriteRequest{FileID: id, Data: bindPDU(t)},
		"transaction": transceive(id, bindPDU(t), 100), "PEEK": peek(id, 100),
	} {
		expectStatus(t, what, p, smbtest.Element{Message: m}, ntstatus.PipeDisconnected)
	}
	var local fscc.PipeLocalInformation
	if queryPipe(t, p, id, fscc.FilePipeLocalInformation, &local); local.NamedPipeState != fscc.PipeDisconnected {
		t.Errorf("state %d, want disconnected", local.NamedPipeState)
	}
	p.CloseFile(id)
}

// waitingRead sends a READ that finds nothing and returns its interim answer.
func waitingRead(t *testing.T, p *smbtest.Peer, id smb2.FileID) smb2.Header {
	t.Helper()
	p.Send(smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Length: 4280}})
	replies, ok := p.Receive()
	if !ok || len(replies) != 1 || replies[0].Header.Status != ntstatus.Pending {
		t.Fatalf("READ of an empty pipe: %+v, want an interim answer", replies)
	}
	return replies[0].Header
}

// expectBoth receives the answers to two requests, in any order, and compares
// their statuses by command.
func expectBoth(t *testing.T, what string, p *smbtest.Peer, want map[smb2.Command]ntstatus.Status) {
	t.Helper()
	for range len(want) {
		replies, ok := p.Receive()
		if !ok || len(replies) != 1 {
			t.Fatalf("%s: %+v, connection open: %v", what, replies, ok)
		}
		if h := replies[0].Header; h.Status != want[h.Command] {
			t.Errorf("%s: %v answered %v, want %v", what, h.Command, h.Status, want[h.Command])
		}
	}
}

func TestAReadOfAnEmptyPipeWaitsUntilSomethingEndsIt(t *testing.T) {
	t.Run("an answer", func(t *testing.T) {
		_, p, id := srvsvcPipe(t)
		waitingRead(t, p, id)
		p.Send(smbtest.Element{Message: &smb2.WriteRequest{FileID: id, Data: bindPDU(t)}})
		expectBoth(t, "WRITE", p, map[smb2.Command]ntstatus.Status{smb2.CommandWrite: ntstatus.Success, smb2.CommandRead: ntstatus.Success})
	})
	t.Run("two wait, one message", func(t *testing.T) {
		_, p, id := srvsvcPipe(t)
		waitingRead(t, p, id)
		waitingRead(t, p, id)
		p.Send(smbtest.Element{Message: &smb2.WriteRequest{FileID: id, Data: bindPDU(t)}})
		expectBoth(t, "WRITE", p, map[smb2.Command]ntstatus.Status{smb2.CommandWrite: ntstatus.Success, smb2.CommandRead: ntstatus.Success})
		p.Send(smbtest.Element{Message: &smb2.CloseRequest{FileID: id}})
		expectBoth(t, "CLOSE", p, map[smb2.Command]ntstatus.Status{smb2.CommandClose: ntstatus.Success, smb2.CommandRead: ntstatus.FileClosed})
	})
	t.Run("the end of the conversation", func(t *testing.T) {
		_, p, id := srvsvcPipe(t)
		waitingRead(t, p, id)
		waitingRead(t, p, id)
		p.Send(smbtest.Element{Message: &smb2.WriteRequest{FileID: id, Data: make([]byte, 16)}})
		got := map[ntstatus.Status]int{}
		for range 3 {
			replies, _ := p.Receive()
			got[replies[0].Header.Status]++
		}
		if got[ntstatus.Success] != 2 || got[ntstatus.PipeDisconnected] != 1 {
			t.Errorf("WRITE and two READs answered %v, want two successes and a disconnected pipe", got)
		}
	})
	t.Run("CANCEL", func(t *testing.T) {
		_, p, id := srvsvcPipe(t)
		h := waitingRead(t, p, id)
		p.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Flags: smb2.FlagAsyncCommand, Header: func(c *smb2.Header) {
			c.MessageID, c.AsyncID = h.MessageID, h.AsyncID
		}})
		expectBoth(t, "CANCEL", p, map[smb2.Command]ntstatus.Status{smb2.CommandRead: ntstatus.Cancelled})
		p.CloseFile(id)
	})
	t.Run("CLOSE", func(t *testing.T) {
		_, p, id := srvsvcPipe(t)
		waitingRead(t, p, id)
		p.Send(smbtest.Element{Message: &smb2.CloseRequest{FileID: id}})
		expectBoth(t, "CLOSE", p, map[smb2.Command]ntstatus.Status{smb2.CommandClose: ntstatus.Success, smb2.CommandRead: ntstatus.FileClosed})
	})
	t.Run("TREE_DISCONNECT", func(t *testing.T) {
		_, p, id := srvsvcPipe(t)
		waitingRead(t, p, id)
		p.Send(smbtest.Element{Message: &smb2.TreeDisconnectRequest{}})
		expectBoth(t, "TREE_DISCONNECT", p, map[smb2.Command]ntstatus.Status{smb2.CommandTreeDisconnect: ntstatus.Success, smb2.CommandRead: ntstatus.FileClosed})
	})
	t.Run("LOGOFF", func(t *testing.T) {
		_, p, id := srvsvcPipe(t)
		waitingRead(t, p, id)
		p.Send(smbtest.Element{Message: &smb2.LogoffRequest{}})
		expectBoth(t, "LOGOFF", p, map[smb2.Command]ntstatus.Status{smb2.CommandLogoff: ntstatus.Success, smb2.CommandRead: ntstatus.FileClosed})
	})
	t.Run("disconnection", func(t *testing.T) {
		_, p, id := srvsvcPipe(t)
		waitingRead(t, p, id)
		p.Close() // the server's end of the test would hang
	})
	t.Run("an orderly shutdown", func(t *testing.T) {
		s, p, id := srvsvcPipe(t)
		waitingRead(t, p, id)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown with a READ waiting: %v", err)
		}
	})
	t.Run("a compound that goes on", func(t *testing.T) {
		_, p, id := srvsvcPipe(t)
		replies := exchange(t, p, smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Length: 10}}, related(&smb2.CloseRequest{FileID: id}))
		expectStatuses(t, "READ, CLOSE", replies, ntstatus.InternalError, ntstatus.Success)
	})
}

func TestPipesAreAskedInOneCompound(t *testing.T) {
	p := inIPC(t, smbtest.StartServer(t, smbtest.Options{}))
	all := smb2.RelatedFileID
	replies := exchange(t, p, smbtest.Element{Message: createPipe("srvsvc")}, related(transceive(all, bindPDU(t), 4280)), related(&smb2.CloseRequest{FileID: all}))
	expectStatuses(t, "CREATE, transaction, CLOSE", replies, ntstatus.Success, ntstatus.Success, ntstatus.Success)
	var created smb2.CreateResponse
	var res smb2.IoctlResponse
	replies[0].Decode(t, &created)
	replies[1].Decode(t, &res)
	if a := rpctest.Parse(t, res.Output); a.Kind != rpctest.BindAck || res.FileID != created.FileID {
		t.Errorf("transaction: %+v for %v, want bind_ack for %v", a, res.FileID, created.FileID)
	}
}

func TestCommandsForFilesAreRefusedOnPipes(t *testing.T) {
	s, p, id := srvsvcPipe(t)
	query := func(kind smb2.InfoType, class uint8) *smb2.QueryInfoRequest {
		return &smb2.QueryInfoRequest{InfoType: kind, FileInfoClass: class, FileID: id, OutputBufferLength: 1024}
	}
	for _, c := range []struct {
		name string
		m    smb2.Message
		want ntstatus.Status
	}{
		{"LOCK", &smb2.LockRequest{FileID: id, Locks: []smb2.LockElement{{Length: 1, Flags: smb2.LockExclusive}}}, ntstatus.InvalidDeviceRequest},
		{"QUERY_DIRECTORY", &smb2.QueryDirectoryRequest{FileID: id, FileInformationClass: fscc.FileNamesInformation, FileName: "*", OutputBufferLength: 100}, ntstatus.InvalidDeviceRequest},
		{"CHANGE_NOTIFY", &smb2.ChangeNotifyRequest{FileID: id, OutputBufferLength: 100}, ntstatus.InvalidDeviceRequest},
		{"volume", query(smb2.InfoFileSystem, uint8(fscc.FileFsSizeInformation)), ntstatus.InvalidDeviceRequest},
		{"security", query(smb2.InfoSecurity, 0), ntstatus.NotSupported},
		{"FileBasicInformation", query(smb2.InfoFile, uint8(fscc.FileBasicInformation)), ntstatus.NotSupported},
		{"FileAllInformation", query(smb2.InfoFile, uint8(fscc.FileAllInformation)), ntstatus.NotSupported},
		{"set FileBasicInformation", &smb2.SetInfoRequest{InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileBasicInformation), FileID: id, Input: make([]byte, 40)}, ntstatus.NotSupported},
		{"FSCTL for files", &smb2.IoctlRequest{CtlCode: fscc.FSCTLSetSparse, FileID: id, Flags: smb2.IoctlIsFSCTL}, ntstatus.InvalidDeviceRequest},
		{"unbuffered READ", &smb2.ReadRequest{FileID: id, Length: 1, Flags: smb2.ReadUnbuffered}, ntstatus.InvalidParameter},
		{"WRITE through", &smb2.WriteRequest{FileID: id, Data: []byte{5}, Flags: smb2.WriteThrough}, ntstatus.InvalidParameter},
		{"WRITE of more than a fragment", &smb2.WriteRequest{FileID: id, Data: make([]byte, 1<<16)}, ntstatus.InvalidParameter},
		{"FLUSH", &smb2.FlushRequest{FileID: id}, ntstatus.Success},
		{"FileStandardInformation", query(smb2.InfoFile, uint8(fscc.FileStandardInformation)), ntstatus.Success},
		{"CLOSE", &smb2.CloseRequest{FileID: id, Flags: smb2.ClosePostQueryAttrib}, ntstatus.Success},
	} {
		expectStatus(t, c.name, p, smbtest.Element{Message: c.m}, c.want)
	}
	expectUntouched(t, "pipes", s)
}

func TestPipeFSCTLsAreRefusedOnFiles(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("file")
	expectStatus(t, "transaction", p, smbtest.Element{Message: transceive(id, bindPDU(t), 100)}, ntstatus.InvalidDeviceRequest)
	expectStatus(t, "PEEK", p, smbtest.Element{Message: peek(id, 100)}, ntstatus.InvalidDeviceRequest)
	if got := p.Read(id, 0, 0); got != "" {
		t.Errorf("the file holds %q", got)
	}
}

func TestNobodyWaitsForAPipeThatExists(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := inIPC(t, s)
	// [MS-FSCC] 2.3.49: Timeout, NameLength, TimeoutSpecified, Padding, Name.
	wait := func(name string, more uint32) *smb2.IoctlRequest {
		in := make([]byte, 8)
		in = binary.LittleEndian.AppendUint32(in, uint32(2*len(name))+more)
		in = append(in, 1, 0)
		for _, c := range []byte(name) {
			in = append(in, c, 0)
		}
		return &smb2.IoctlRequest{CtlCode: fscc.FSCTLPipeWait, FileID: smb2.RelatedFileID, Input: in, Flags: smb2.IoctlIsFSCTL}
	}
	expectStatus(t, "srvsvc", p, smbtest.Element{Message: wait("SRVSVC", 0)}, ntstatus.Success)
	expectStatus(t, "winreg", p, smbtest.Element{Message: wait("winreg", 0)}, ntstatus.ObjectNameNotFound)
	expectStatus(t, "cut off", p, smbtest.Element{Message: wait("srvsvc", 2)}, ntstatus.ObjectNameNotFound)
	expectStatus(t, "far too long", p, smbtest.Element{Message: wait("srvsvc", 1<<31)}, ntstatus.ObjectNameNotFound)
	expectStatus(t, "in a share of files", s.Login(), smbtest.Element{Message: wait("srvsvc", 0)}, ntstatus.NotSupported)
}

func TestTheAnonymousUserMayListSharesAndNoMore(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed(), Authenticator: everyone(auth.Anonymous)})
	p := s.Dial()
	casual(p)
	p.Negotiate()
	p.SessionSetup(anybody{})
	if r := p.TreeConnect("IPC$"); r.Header.Status != ntstatus.Success {
		t.Fatalf("IPC$: %v", r.Header.Status)
	}
	client := rpctest.Dial(t, &smbPipe{t: t, p: p, id: openPipe(t, p), room: 4280}, srvsvc.UUID, 3)
	if names := shareNames(t, client); !slices.Contains(names, smbtest.ShareName) {
		t.Errorf("shares %q, want %q among them", names, smbtest.ShareName)
	}
	w := ndr.NewWriter()
	w.Pointer(false)
	w.String(strings.ToUpper(smbtest.ShareName))
	w.U32(502)
	stub, fault := client.Call(16, w.Finish())
	if fault != 0 || len(stub) < 4 || binary.LittleEndian.Uint32(stub[len(stub)-4:]) != 5 {
		t.Errorf("share at level 502: fault %#x, %x; want ERROR_ACCESS_DENIED", fault, stub)
	}
}
