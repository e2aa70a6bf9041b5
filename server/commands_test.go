package server_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
)

// create is a CREATE of name with everything that varies in the table.
func create(name string, d fscc.CreateDisposition, access dtyp.AccessMask, options fscc.CreateOptions) *smb2.CreateRequest {
	return &smb2.CreateRequest{
		ImpersonationLevel: smb2.ImpersonationImpersonation, DesiredAccess: access,
		ShareAccess:       fscc.ShareRead | fscc.ShareWrite | fscc.ShareDelete,
		CreateDisposition: d, CreateOptions: options, Name: name,
	}
}

const (
	readAccess = dtyp.FileGenericRead
	bothAccess = dtyp.FileGenericRead | dtyp.FileGenericWrite
)

// makeFile makes a file with contents and closes it.
func makeFile(p *smbtest.Peer, name, contents string) {
	id := p.Open(name)
	if contents != "" {
		p.Write(id, 0, contents)
	}
	p.CloseFile(id)
}

// makeDir makes a directory.
func makeDir(p *smbtest.Peer, name string) {
	var res smb2.CreateResponse
	p.MustDo(create(name, fscc.DispositionCreate, bothAccess, fscc.OptionDirectoryFile), &res)
	p.CloseFile(res.FileID)
}

func TestCreateOnTheWire(t *testing.T) {
	const (
		open, openIf, make_      = fscc.DispositionOpen, fscc.DispositionOpenIf, fscc.DispositionCreate
		supersede                = fscc.DispositionSupersede
		overwrite, overwriteIf   = fscc.DispositionOverwrite, fscc.DispositionOverwriteIf
		directory, notADirectory = fscc.OptionDirectoryFile, fscc.OptionNonDirectoryFile
	)
	change := func(m *smb2.CreateRequest, f func(*smb2.CreateRequest)) *smb2.CreateRequest { f(m); return m }
	for _, c := range []struct {
		name    string
		request *smb2.CreateRequest
		status  ntstatus.Status
		action  fscc.CreateAction
	}{
		{"open a file", create("file", open, readAccess, 0), ntstatus.Success, fscc.ActionOpened},
		{"in other case", create("FILE", open, readAccess, 0), ntstatus.Success, fscc.ActionOpened},
		{"open what is missing", create("missing", open, readAccess, 0), ntstatus.ObjectNameNotFound, 0},
		{"open below what is missing", create(`missing\file`, open, readAccess, 0), ntstatus.ObjectPathNotFound, 0},
		{"open below a file", create(`file\file`, open, readAccess, 0), ntstatus.ObjectPathNotFound, 0},
		{"create", create("new", make_, bothAccess, 0), ntstatus.Success, fscc.ActionCreated},
		{"create what is there", create("file", make_, bothAccess, 0), ntstatus.ObjectNameCollision, 0},
		{"open or create, there", create("file", openIf, bothAccess, 0), ntstatus.Success, fscc.ActionOpened},
		{"open or create, missing", create("new", openIf, bothAccess, 0), ntstatus.Success, fscc.ActionCreated},
		{"overwrite, there", create("file", overwrite, bothAccess, 0), ntstatus.Success, fscc.ActionOverwritten},
		{"overwrite, missing", create("new", overwrite, bothAccess, 0), ntstatus.ObjectNameNotFound, 0},
		{"overwrite or create, there", create("file", overwriteIf, bothAccess, 0), ntstatus.Success, fscc.ActionOverwritten},
		{"overwrite or create, missing", create("new", overwriteIf, bothAccess, 0), ntstatus.Success, fscc.ActionCreated},
		{"supersede, there", create("file", supersede, bothAccess|dtyp.Delete, 0), ntstatus.Success, fscc.ActionSuperseded},
		{"supersede, missing", create("new", supersede, bothAccess|dtyp.Delete, 0), ntstatus.Success, fscc.ActionCreated},
		{"no such disposition", create("file", 6, readAccess, 0), ntstatus.InvalidParameter, 0},
		{"the root", create("", open, readAccess, directory), ntstatus.Success, fscc.ActionOpened},
		{"a directory", create("dir", open, readAccess, 0), ntstatus.Success, fscc.ActionOpened},
		{"a new directory", create("newdir", make_, readAccess, directory), ntstatus.Success, fscc.ActionCreated},
		{"a directory as a file", create("dir", open, readAccess, notADirectory), ntstatus.FileIsADirectory, 0},
		{"a file as a directory", create("file", open, readAccess, directory), ntstatus.NotADirectory, 0},
		{"both a file and a directory", create("file", open, readAccess, directory|notADirectory), ntstatus.InvalidParameter, 0},
		{"in a directory", create(`dir\inner`, make_, bothAccess, 0), ntstatus.Success, fscc.ActionCreated},
		{"a leading backslash", create(`\file`, open, readAccess, 0), ntstatus.InvalidParameter, 0},
		{"out of the share", create(`..`, open, readAccess, 0), ntstatus.ObjectPathSyntaxBad, 0},
		{"out of the share and down", create(`..\file`, open, readAccess, 0), ntstatus.ObjectPathSyntaxBad, 0},
		{"out of the share, later", create(`dir\x\..\..\..\file`, open, readAccess, 0), ntstatus.ObjectPathSyntaxBad, 0},
		{"upwards within", create(`dir\missing\..\..\file`, open, readAccess, 0), ntstatus.Success, fscc.ActionOpened},
		{"upwards to a directory", create(`dir\missing\..`, open, readAccess, directory), ntstatus.Success, fscc.ActionOpened},
		{"upwards to the root", create(`dir\..`, open, readAccess, directory), ntstatus.Success, fscc.ActionOpened},
		{"upwards within, at once", create(`dir\..\file`, open, readAccess, 0), ntstatus.InvalidParameter, 0},
		{"the same directory", create(`.\dir\.`, open, readAccess, directory), ntstatus.Success, fscc.ActionOpened},
		{"upwards from a stream", create(`dir\file:a\..\..\file`, open, readAccess, 0), ntstatus.ObjectNameInvalid, 0},
		{"upwards by a stream", create(`dir\..:$I30:$INDEX_ALLOCATION\file`, open, readAccess, 0), ntstatus.ObjectNameInvalid, 0},
		{"a slash in a name", create("dir/inner", make_, bothAccess, 0), ntstatus.ObjectNameInvalid, 0},
		{"a wildcard in a name", create("f*", open, readAccess, 0), ntstatus.ObjectNameInvalid, 0},
		{"NUL in a name", create("f\x00", open, readAccess, 0), ntstatus.ObjectNameInvalid, 0},
		{"a name that is too long", create(strings.Repeat("x", 300), make_, bothAccess, 0), ntstatus.ObjectNameInvalid, 0},
		{"no access at all", create("file", open, 0, 0), ntstatus.AccessDenied, 0},
		{"the most that is allowed", create("file", open, dtyp.MaximumAllowed, 0), ntstatus.Success, fscc.ActionOpened},
		{"the system's audit list", create("file", open, dtyp.AccessSystemSecurity, 0), ntstatus.PrivilegeNotHeld, 0},
		{"no such impersonation", change(create("file", open, readAccess, 0), func(m *smb2.CreateRequest) { m.ImpersonationLevel = 4 }), ntstatus.BadImpersonationLevel, 0},
		{"a lease without the context for it", change(create("file", open, readAccess, 0), func(m *smb2.CreateRequest) {
			m.RequestedOplockLevel = smb2.OplockLease
		}), ntstatus.Success, fscc.ActionOpened},
		{"a lease that is cut off", change(create("file", open, readAccess, 0), func(m *smb2.CreateRequest) {
			m.RequestedOplockLevel = smb2.OplockLease
			m.Contexts = []smb2.CreateContext{{Name: "RqLs", Data: make([]byte, 33)}}
		}), ntstatus.InvalidParameter, 0},
		{"a durable handle and what nobody knows", change(create("file", open, readAccess, 0), func(m *smb2.CreateRequest) {
			m.Contexts = []smb2.CreateContext{{Name: "DH2Q", Data: make([]byte, 32)}, {Name: "????"}}
		}), ntstatus.Success, fscc.ActionOpened},
		{"a snapshot", change(create("file", open, readAccess, 0), func(m *smb2.CreateRequest) {
			m.Contexts = []smb2.CreateContext{{Name: "TWrp", Data: make([]byte, 8)}}
		}), ntstatus.ObjectNameNotFound, 0},
		{"an extended attribute without a name", change(create("new", make_, bothAccess, 0), func(m *smb2.CreateRequest) {
			m.Contexts = []smb2.CreateContext{{Name: "ExtA", Data: make([]byte, 16)}}
		}), ntstatus.InvalidEAName, 0},
		{"half an extended attribute", change(create("new", make_, bothAccess, 0), func(m *smb2.CreateRequest) {
			m.Contexts = []smb2.CreateContext{{Name: "ExtA", Data: []byte{0, 0, 0, 0, 0, 200, 0, 0, 'A', 0}}}
		}), ntstatus.EAListInconsistent, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login()
			makeFile(p, "file", "content")
			makeDir(p, "dir")
			r := expectStatus(t, "CREATE", p, element(c.request), c.status)
			if c.status != ntstatus.Success || t.Failed() {
				return
			}
			var res smb2.CreateResponse
			r.Decode(t, &res)
			if res.CreateAction != c.action || res.OplockLevel != smb2.OplockNone || len(res.Contexts) != 0 {
				t.Errorf("action %d, oplock %d, %d contexts; want %d, none, none", res.CreateAction, res.OplockLevel, len(res.Contexts), c.action)
			}
		})
	}
}

func TestSharingAndDeletionOnTheWire(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p, other := s.Login(), s.Login()
	makeFile(p, "f", "x")
	alone := create("f", fscc.DispositionOpen, bothAccess|dtyp.Delete, 0)
	alone.ShareAccess = fscc.ShareDelete
	var res smb2.CreateResponse
	p.MustDo(alone, &res)
	expectStatus(t, "against the share mode", other, element(create("f", fscc.DispositionOpen, readAccess, 0)), ntstatus.SharingViolation)
	p.MustDo(setInfo(res.FileID, fscc.FileDispositionInformation, &fscc.DispositionInformation{DeletePending: true}), nil)
	expectStatus(t, "while being deleted", other, element(create("f", fscc.DispositionOpen, dtyp.FileReadAttributes, 0)), ntstatus.DeletePending)
	p.CloseFile(res.FileID)
	expectStatus(t, "once deleted", other, element(create("f", fscc.DispositionOpen, readAccess, 0)), ntstatus.ObjectNameNotFound)
}

func TestReadOnlyShareChangesNothing(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	makeFile(p, "f", "content")
	p.TreeConnect(smbtest.ReadOnlyShareName)
	for _, c := range []struct {
		what    string
		request *smb2.CreateRequest
		want    ntstatus.Status
	}{
		{"read", create("f", fscc.DispositionOpen, readAccess, 0), ntstatus.Success},
		{"the most", create("f", fscc.DispositionOpen, dtyp.MaximumAllowed, 0), ntstatus.Success},
		{"write", create("f", fscc.DispositionOpen, bothAccess, 0), ntstatus.AccessDenied},
		{"delete", create("f", fscc.DispositionOpen, dtyp.Delete, 0), ntstatus.AccessDenied},
		{"delete on close", create("f", fscc.DispositionOpen, readAccess|dtyp.Delete, fscc.OptionDeleteOnClose), ntstatus.AccessDenied},
		{"overwrite", create("f", fscc.DispositionOverwrite, readAccess, 0), ntstatus.AccessDenied},
		{"supersede", create("f", fscc.DispositionSupersede, readAccess, 0), ntstatus.AccessDenied},
		{"create", create("new", fscc.DispositionCreate, readAccess, 0), ntstatus.AccessDenied},
		{"make a directory", create("newdir", fscc.DispositionCreate, readAccess, fscc.OptionDirectoryFile), ntstatus.AccessDenied},
	} {
		s.Log.Reset()
		expectStatus(t, c.what, p, element(c.request), c.want)
		for _, call := range s.Log.Calls() {
			if verb, _, _ := strings.Cut(call, " "); slices.Contains([]string{"Create", "SetAttr", "Remove", "Rename", "Truncate", "WriteAt"}, verb) {
				t.Errorf("%s: the back end was asked for %s", c.what, call)
			}
		}
	}
	var res smb2.CreateResponse
	p.MustDo(create("f", fscc.DispositionOpen, dtyp.MaximumAllowed, 0), &res)
	expectStatus(t, "WRITE", p, element(&smb2.WriteRequest{FileID: res.FileID, Data: []byte("x")}), ntstatus.AccessDenied)
	expectStatus(t, "truncate", p, element(setInfo(res.FileID, fscc.FileEndOfFileInformation, &fscc.EndOfFileInformation{})), ntstatus.AccessDenied)
	expectStatus(t, "times", p, element(setInfo(res.FileID, fscc.FileBasicInformation, &fscc.BasicInformation{LastWriteTime: 1})), ntstatus.AccessDenied)
	expectStatus(t, "rename", p, element(setInfo(res.FileID, fscc.FileRenameInformation, &fscc.RenameInformation{FileName: "g"})), ntstatus.AccessDenied)
	expectStatus(t, "delete", p, element(setInfo(res.FileID, fscc.FileDispositionInformation, &fscc.DispositionInformation{DeletePending: true})), ntstatus.AccessDenied)
}

func TestReadAndWriteOnTheWire(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	makeFile(p, "f", "0123456789")
	makeDir(p, "dir")
	open := func(name string, access dtyp.AccessMask) smb2.FileID {
		var res smb2.CreateResponse
		p.MustDo(create(name, fscc.DispositionOpen, access, 0), &res)
		return res.FileID
	}
	both, reader, writer, looker := open("f", bothAccess), open("f", dtyp.FileReadData), open("f", dtyp.FileWriteData), open("f", dtyp.FileReadAttributes)
	dir := open("dir", bothAccess)
	for _, c := range []struct {
		what string
		m    smb2.Message
		want ntstatus.Status
	}{
		{"READ", &smb2.ReadRequest{FileID: reader, Length: 10}, ntstatus.Success},
		{"READ of the end", &smb2.ReadRequest{FileID: reader, Offset: 8, Length: 10}, ntstatus.Success},
		{"READ at the end", &smb2.ReadRequest{FileID: reader, Offset: 10, Length: 1}, ntstatus.EndOfFile},
		{"READ far behind the end", &smb2.ReadRequest{FileID: reader, Offset: 1 << 40, Length: 1}, ntstatus.EndOfFile},
		{"READ of fewer than the minimum", &smb2.ReadRequest{FileID: reader, Offset: 8, Length: 10, MinimumCount: 3}, ntstatus.EndOfFile},
		{"READ of the minimum", &smb2.ReadRequest{FileID: reader, Offset: 8, Length: 10, MinimumCount: 2}, ntstatus.Success},
		{"READ of nothing", &smb2.ReadRequest{FileID: reader}, ntstatus.Success},
		{"READ at a negative offset", &smb2.ReadRequest{FileID: reader, Offset: 1 << 63, Length: 1}, ntstatus.InvalidParameter},
		{"READ over the highest offset", &smb2.ReadRequest{FileID: reader, Offset: 1<<63 - 1, Length: 10}, ntstatus.InvalidParameter},
		{"READ without the right", &smb2.ReadRequest{FileID: writer, Length: 1}, ntstatus.AccessDenied},
		{"READ of an open for attributes", &smb2.ReadRequest{FileID: looker, Length: 1}, ntstatus.AccessDenied},
		{"READ of a directory", &smb2.ReadRequest{FileID: dir, Length: 1}, ntstatus.InvalidDeviceRequest},
		{"READ by RDMA", &smb2.ReadRequest{FileID: reader, Length: 1, Channel: smb2.ChannelRDMAV1}, ntstatus.InvalidParameter},
		{"READ of no open", &smb2.ReadRequest{FileID: smb2.FileID{Persistent: reader.Persistent, Volatile: reader.Volatile + 1000}, Length: 1}, ntstatus.FileClosed},
		{"READ of half an id", &smb2.ReadRequest{FileID: smb2.FileID{Volatile: reader.Volatile}, Length: 1}, ntstatus.FileClosed},
		{"READ of all ones", &smb2.ReadRequest{FileID: smb2.RelatedFileID, Length: 1}, ntstatus.FileClosed},
		{"WRITE", &smb2.WriteRequest{FileID: writer, Offset: 3, Data: []byte("abc")}, ntstatus.Success},
		{"WRITE through", &smb2.WriteRequest{FileID: both, Offset: 3, Data: []byte("abc"), Flags: smb2.WriteThrough}, ntstatus.Success},
		{"WRITE of nothing", &smb2.WriteRequest{FileID: both}, ntstatus.Success},
		{"WRITE at a negative offset", &smb2.WriteRequest{FileID: both, Offset: 1 << 63, Data: []byte("x")}, ntstatus.InvalidParameter},
		{"WRITE over the highest offset", &smb2.WriteRequest{FileID: both, Offset: 1<<63 - 1, Data: []byte("xx")}, ntstatus.InvalidParameter},
		{"WRITE without the right", &smb2.WriteRequest{FileID: reader, Data: []byte("x")}, ntstatus.AccessDenied},
		{"WRITE to a directory", &smb2.WriteRequest{FileID: dir, Data: []byte("x")}, ntstatus.InvalidDeviceRequest},
		{"WRITE by RDMA", &smb2.WriteRequest{FileID: both, Data: []byte("x"), Channel: smb2.ChannelRDMAV1}, ntstatus.InvalidParameter},
		{"FLUSH", &smb2.FlushRequest{FileID: writer}, ntstatus.Success},
		{"FLUSH without the right", &smb2.FlushRequest{FileID: reader}, ntstatus.AccessDenied},
		{"FLUSH of no open", &smb2.FlushRequest{}, ntstatus.FileClosed},
		{"LOCK", &smb2.LockRequest{FileID: both, Locks: []smb2.LockElement{{Length: 1, Flags: smb2.LockExclusive}}}, ntstatus.Success},
		{"CHANGE_NOTIFY for more than was paid", &smb2.ChangeNotifyRequest{FileID: dir, OutputBufferLength: 64<<10 + 1}, ntstatus.InvalidParameter},
		{"CHANGE_NOTIFY on a file", &smb2.ChangeNotifyRequest{FileID: both, OutputBufferLength: 1000}, ntstatus.InvalidParameter},
		{"OPLOCK_BREAK", &smb2.OplockBreakAcknowledgment{FileID: both}, ntstatus.InvalidDeviceState},
		{"lease break", &smb2.LeaseBreakAcknowledgment{}, ntstatus.ObjectNameNotFound},
	} {
		expectStatus(t, c.what, p, element(c.m), c.want)
	}
	if got := p.Read(both, 0, 100); got != "012abc6789" {
		t.Errorf("the file holds %q, want %q", got, "012abc6789")
	}
}

func TestMalformedBodiesAreInvalid(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	s.Log.Reset()
	for _, c := range []smb2.Command{
		smb2.CommandSessionSetup, smb2.CommandLogoff, smb2.CommandTreeConnect, smb2.CommandTreeDisconnect,
		smb2.CommandCreate, smb2.CommandIoctl, smb2.CommandEcho,
	} {
		expectStatus(t, "malformed "+c.String(), p, smbtest.Element{
			Message: &smb2.EchoRequest{},
			Header:  func(h *smb2.Header) { h.Command = c },
			Forge: func(msg []byte) {
				msg[smb2.HeaderSize] = 0xEE // StructureSize
				p.Signer.Unwatched().Sign(msg, transform.Client)
			},
		}, ntstatus.InvalidParameter)
	}
	expectUntouched(t, "malformed bodies", s)
}

func TestCloseTellsTheAttributesWhenAsked(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	for _, flags := range []smb2.CloseFlags{0, smb2.ClosePostQueryAttrib} {
		id := p.Open("f")
		p.Write(id, 0, "12345")
		var res smb2.CloseResponse
		p.MustDo(&smb2.CloseRequest{FileID: id, Flags: flags}, &res)
		want := smb2.CloseResponse{}
		if flags != 0 {
			if res.LastWriteTime == 0 || res.CreationTime == 0 {
				t.Errorf("times are missing: %+v", res)
			}
			want = res
			want.Flags, want.EndOfFile, want.FileAttributes = flags, 5, fscc.FileAttributeArchive
		}
		if res != want {
			t.Errorf("CLOSE with flags %d: %+v, want %+v", flags, res, want)
		}
		expectStatus(t, "CLOSE again", p, element(&smb2.CloseRequest{FileID: id}), ntstatus.FileClosed)
	}
}

func TestTreeConnectOnTheWire(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	for _, c := range []struct {
		path string
		want ntstatus.Status
	}{
		{`\\server\data`, ntstatus.Success},
		{`\\SERVER\DATA`, ntstatus.Success},
		{`\\10.1.2.3\IPC$`, ntstatus.Success},
		{`\\server\other`, ntstatus.BadNetworkName},
		{`\\server\`, ntstatus.InvalidParameter},
		{`\\server`, ntstatus.InvalidParameter},
		{`\\\data`, ntstatus.InvalidParameter},
		{`\server\data`, ntstatus.InvalidParameter},
		{`\\server\data\dir`, ntstatus.InvalidParameter},
		{`data`, ntstatus.InvalidParameter},
		{``, ntstatus.InvalidParameter},
	} {
		expectStatus(t, c.path, p, element(&smb2.TreeConnectRequest{Path: c.path}), c.want)
	}
}

func TestEchoWithAndWithoutASession(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	for _, c := range []struct {
		what     string
		session  smb2.SessionID
		unsigned bool
		want     ntstatus.Status
	}{
		{"signed", p.SessionID, false, ntstatus.Success},
		{"unsigned", p.SessionID, true, ntstatus.AccessDenied},
		{"no session", 0, true, ntstatus.Success},
		{"signed for no session", 0, false, ntstatus.UserSessionDeleted},
		{"unknown session", 4711, true, ntstatus.UserSessionDeleted},
	} {
		expectStatus(t, c.what, p, smbtest.Element{
			Message: &smb2.EchoRequest{}, Unsigned: c.unsigned, Header: func(h *smb2.Header) { h.SessionID = c.session },
		}, c.want)
	}
}

func TestQueryDirectoryOnTheWire(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	for _, name := range []string{"alpha", "beta", "gamma.txt", "delta.txt"} {
		makeFile(p, name, name)
	}
	var res smb2.CreateResponse
	p.MustDo(create("", fscc.DispositionOpen, readAccess, 0), &res)
	dir := res.FileID
	p.MustDo(create("", fscc.DispositionOpen, dtyp.FileReadAttributes, 0), &res)
	blind := res.FileID
	file := p.Open("alpha")
	for _, c := range []struct {
		what  string
		dir   smb2.FileID
		class fscc.FileInformationClass
		flags smb2.QueryDirectoryFlags
		name  string
		size  uint32
		want  ntstatus.Status
		names []string // sorted; nil: not compared
	}{
		{"all", dir, fscc.FileDirectoryInformation, 0, "*", 4096, ntstatus.Success, []string{".", "..", "alpha", "beta", "delta.txt", "gamma.txt"}},
		{"once more", dir, fscc.FileDirectoryInformation, 0, "*", 4096, ntstatus.NoMoreFiles, nil},
		{"the first pattern stays", dir, fscc.FileDirectoryInformation, 0, "alpha", 4096, ntstatus.NoMoreFiles, nil},
		{"restart", dir, fscc.FileNamesInformation, smb2.RestartScans, "*.txt", 4096, ntstatus.Success, []string{"delta.txt", "gamma.txt"}},
		{"reopen", dir, fscc.FileNamesInformation, smb2.Reopen, "?lpha", 4096, ntstatus.Success, []string{"alpha"}},
		{"in other case", dir, fscc.FileBothDirectoryInformation, smb2.RestartScans, "GAMMA.*", 4096, ntstatus.Success, []string{"gamma.txt"}},
		{"a single one", dir, fscc.FileFullDirectoryInformation, smb2.RestartScans | smb2.ReturnSingleEntry, "a*", 4096, ntstatus.Success, []string{"alpha"}},
		{"what is not there", dir, fscc.FileIDBothDirectoryInformation, smb2.RestartScans, "omega", 4096, ntstatus.NoMoreFiles, nil},
		{"once more, still restarted", dir, fscc.FileIDFullDirectoryInformation, smb2.RestartScans, "b*", 4096, ntstatus.Success, []string{"beta"}},
		{"the first search finds nothing", smb2.FileID{}, fscc.FileIDBothDirectoryInformation, 0, "omega", 4096, ntstatus.NoSuchFile, nil},
		{"no room for one entry", smb2.FileID{}, fscc.FileDirectoryInformation, 0, "gamma.txt", 70, ntstatus.InfoLengthMismatch, nil},
		{"no room for the fixed part", dir, fscc.FileDirectoryInformation, smb2.RestartScans, "*", 63, ntstatus.InfoLengthMismatch, nil},
		{"a file", file, fscc.FileDirectoryInformation, 0, "*", 4096, ntstatus.InvalidParameter, nil},
		{"without the right", blind, fscc.FileDirectoryInformation, 0, "*", 4096, ntstatus.AccessDenied, nil},
		{"a class of files", dir, fscc.FileBasicInformation, 0, "*", 4096, ntstatus.InvalidInfoClass, nil},
		{"no class", dir, 0xEE, 0, "*", 4096, ntstatus.InvalidInfoClass, nil},
		{"a class of Windows 11", dir, fscc.FileID64ExtdDirectoryInformation, smb2.RestartScans, "?????.txt", 4096, ntstatus.Success, []string{"delta.txt", "gamma.txt"}},
		{"another one", dir, fscc.FileIDAllExtdBothDirectoryInformation, smb2.RestartScans, "?????.txt", 4096, ntstatus.Success, []string{"delta.txt", "gamma.txt"}},
		{"with 128-bit ids", dir, fscc.FileIDExtdDirectoryInformation, smb2.RestartScans, "?????.txt", 4096, ntstatus.Success, []string{"delta.txt", "gamma.txt"}},
	} {
		if c.dir == (smb2.FileID{}) {
			p.MustDo(create("", fscc.DispositionOpen, readAccess, 0), &res)
			c.dir = res.FileID
		}
		r := expectStatus(t, c.what, p, element(&smb2.QueryDirectoryRequest{
			FileID: c.dir, FileInformationClass: c.class, Flags: c.flags, FileName: c.name, OutputBufferLength: c.size,
		}), c.want)
		if c.names == nil || r.Header.Status != ntstatus.Success {
			continue
		}
		var res smb2.QueryDirectoryResponse
		r.Decode(t, &res)
		names := entryNames(t, c.class, res.Output)
		slices.Sort(names)
		if !slices.Equal(names, c.names) {
			t.Errorf("%s: %q, want %q", c.what, names, c.names)
		}
	}
}

func TestAThousandEntriesAreListedOnceEachWhateverTheBuffer(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	p := s.Login()
	want := map[string]bool{".": true, "..": true}
	for i := range 1000 {
		name := fmt.Sprintf("file number %04d", i)
		makeFile(p, name, "")
		want[name] = true
	}
	for _, size := range []uint32{150, 1000, 65536} {
		var res smb2.CreateResponse
		p.MustDo(create("", fscc.DispositionOpen, readAccess, 0), &res)
		seen, rounds := make(map[string]bool), 0
		for {
			r := p.Do(&smb2.QueryDirectoryRequest{
				FileID: res.FileID, FileInformationClass: fscc.FileIDBothDirectoryInformation, FileName: "*", OutputBufferLength: size,
			})
			if r.Header.Status == ntstatus.NoMoreFiles {
				break
			}
			if r.Header.Status != ntstatus.Success {
				t.Fatalf("buffer of %d bytes, after %d entries: %v", size, len(seen), r.Header.Status)
			}
			var list smb2.QueryDirectoryResponse
			r.Decode(t, &list)
			if len(list.Output) > int(size) {
				t.Fatalf("%d bytes in a buffer of %d", len(list.Output), size)
			}
			for _, name := range entryNames(t, fscc.FileIDBothDirectoryInformation, list.Output) {
				if seen[name] || !want[name] {
					t.Fatalf("%q came twice or does not exist", name)
				}
				seen[name] = true
			}
			rounds++
		}
		if len(seen) != len(want) {
			t.Errorf("buffer of %d bytes: %d entries in %d answers, want %d", size, len(seen), rounds, len(want))
		}
		p.CloseFile(res.FileID)
	}
}

// entryNames returns the names of a directory listing.
func entryNames(t *testing.T, class fscc.FileInformationClass, b []byte) (names []string) {
	t.Helper()
	for e, err := range fscc.DirectoryEntries(class, b) {
		if err != nil {
			t.Fatalf("%v: %v", class, err)
		}
		names = append(names, e.FileName)
	}
	return names
}

// queryInfo is a QUERY_INFO of a file class.
func queryInfo(id smb2.FileID, kind smb2.InfoType, class uint8, size uint32) *smb2.QueryInfoRequest {
	return &smb2.QueryInfoRequest{FileID: id, InfoType: kind, FileInfoClass: class, OutputBufferLength: size}
}

// setInfo is a SET_INFO of a file class.
func setInfo(id smb2.FileID, class fscc.FileInformationClass, info fscc.Information) *smb2.SetInfoRequest {
	return &smb2.SetInfoRequest{FileID: id, InfoType: smb2.InfoFile, FileInfoClass: uint8(class), Input: fscc.AppendInformation(nil, info)}
}

func TestEveryFileInformationClassIsAnsweredOrRefused(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("file with a name")
	p.Write(id, 0, "content")
	answered := 0
	for class := range 256 {
		c := fscc.FileInformationClass(class)
		row, listed := c.Row()
		r := p.Do(queryInfo(id, smb2.InfoFile, uint8(c), 4096))
		switch r.Header.Status {
		case ntstatus.InvalidInfoClass:
			if listed {
				t.Errorf("%v is listed and answered InvalidInfoClass", c)
			}
			continue
		case ntstatus.NotSupported:
			if !listed {
				t.Errorf("%v is not listed and answered NotSupported", c)
			}
			continue
		case ntstatus.Success:
		case ntstatus.NoEAsOnFile:
			if c != fscc.FileFullEaInformation {
				t.Errorf("%v: %v", c, r.Header.Status)
			}
			continue
		default:
			t.Errorf("%v: %v", c, r.Header.Status)
			continue
		}
		answered++
		checkInformation(t, p, c.String(), row, func(size uint32) smb2.Message { return queryInfo(id, smb2.InfoFile, uint8(c), size) })
	}
	if answered != 16 {
		t.Errorf("%d classes are answered, want 16", answered)
	}
}

func TestEveryFileSystemInformationClassIsAnsweredOrRefused(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("")
	answered := 0
	for class := range 256 {
		c := fscc.FSInformationClass(class)
		row, listed := c.Row()
		r := p.Do(queryInfo(id, smb2.InfoFileSystem, uint8(c), 4096))
		want := ntstatus.InvalidInfoClass
		if listed {
			want = ntstatus.NotSupported
		}
		if r.Header.Status != ntstatus.Success {
			if r.Header.Status != want {
				t.Errorf("%v: %v, want %v", c, r.Header.Status, want)
			}
			continue
		}
		answered++
		checkInformation(t, p, c.String(), row, func(size uint32) smb2.Message { return queryInfo(id, smb2.InfoFileSystem, uint8(c), size) })
	}
	if answered != 6 {
		t.Errorf("%d classes are answered, want 6", answered)
	}
}

// checkInformation asks with every interesting length: the structure must
// decode, be cut off with BufferOverflow, and be refused below the minimum.
func checkInformation(t *testing.T, p *smbtest.Peer, name string, row fscc.Row, ask func(size uint32) smb2.Message) {
	t.Helper()
	var whole smb2.QueryInfoResponse
	p.MustDo(ask(4096), &whole)
	if err := fscc.DecodeInformation(whole.Output, row.New()); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for size := range uint32(len(whole.Output) + 2) {
		want := ntstatus.Success
		switch {
		case int(size) < row.MinimumOutput:
			want = ntstatus.InfoLengthMismatch
		case int(size) < len(whole.Output):
			want = ntstatus.BufferOverflow
		}
		r := p.Do(ask(size))
		if r.Header.Status != want {
			t.Errorf("%s in %d bytes: %v, want %v (minimum %d, whole %d)", name, size, r.Header.Status, want, row.MinimumOutput, len(whole.Output))
			continue
		}
		if want == ntstatus.BufferOverflow {
			var cut smb2.QueryInfoResponse
			r.Decode(t, &cut)
			if len(cut.Output) != int(size) {
				t.Errorf("%s in %d bytes: %d bytes came", name, size, len(cut.Output))
			}
		}
	}
}

func TestOtherInfoTypesAreRefused(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	for kind, want := range map[smb2.InfoType]ntstatus.Status{
		0: ntstatus.InvalidParameter, smb2.InfoQuota: ntstatus.NotSupported, 5: ntstatus.InvalidParameter,
	} {
		expectStatus(t, fmt.Sprintf("QUERY_INFO of type %d", kind), p, element(queryInfo(id, kind, 0, 100)), want)
	}
}

func TestSetInfoOnTheWire(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	makeFile(p, "taken", "x")
	makeDir(p, "dir")
	id := p.Open("f")
	p.Write(id, 0, "0123456789")
	day := dtyp.FileTimeOf(time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC))

	for _, c := range []struct {
		what  string
		class fscc.FileInformationClass
		info  fscc.Information
		want  ntstatus.Status
	}{
		{"times", fscc.FileBasicInformation, &fscc.BasicInformation{CreationTime: day, LastWriteTime: day}, ntstatus.Success},
		{"times that stay", fscc.FileBasicInformation, &fscc.BasicInformation{CreationTime: 0xFFFFFFFFFFFFFFFF, LastAccessTime: 0xFFFFFFFFFFFFFFFE}, ntstatus.Success},
		{"a negative time", fscc.FileBasicInformation, &fscc.BasicInformation{CreationTime: 0xFFFFFFFFFFFFFFF0}, ntstatus.InvalidParameter},
		{"shorter", fscc.FileEndOfFileInformation, &fscc.EndOfFileInformation{EndOfFile: 4}, ntstatus.Success},
		{"longer", fscc.FileEndOfFileInformation, &fscc.EndOfFileInformation{EndOfFile: 6}, ntstatus.Success},
		{"of negative length", fscc.FileEndOfFileInformation, &fscc.EndOfFileInformation{EndOfFile: 1 << 63}, ntstatus.InvalidParameter},
		{"allocation", fscc.FileAllocationInformation, &fscc.AllocationInformation{AllocationSize: 100}, ntstatus.Success},
		{"negative allocation", fscc.FileAllocationInformation, &fscc.AllocationInformation{AllocationSize: 1 << 63}, ntstatus.InvalidParameter},
		{"position", fscc.FilePositionInformation, &fscc.PositionInformation{CurrentByteOffset: 99}, ntstatus.Success},
		{"mode", fscc.FileModeInformation, &fscc.ModeInformation{Mode: fscc.OptionSequentialOnly}, ntstatus.Success},
		{"a mode that is none", fscc.FileModeInformation, &fscc.ModeInformation{Mode: fscc.OptionDirectoryFile}, ntstatus.InvalidParameter},
		{"rename over a file", fscc.FileRenameInformation, &fscc.RenameInformation{FileName: "taken"}, ntstatus.ObjectNameCollision},
		{"rename into nowhere", fscc.FileRenameInformation, &fscc.RenameInformation{FileName: `nowhere\f`}, ntstatus.ObjectPathNotFound},
		{"rename to no name", fscc.FileRenameInformation, &fscc.RenameInformation{FileName: `a*`}, ntstatus.ObjectNameInvalid},
		{"rename upwards", fscc.FileRenameInformation, &fscc.RenameInformation{FileName: `..\f`}, ntstatus.ObjectNameInvalid},
		{"rename below another root", fscc.FileRenameInformation, &fscc.RenameInformation{FileName: "g", RootDirectory: 1}, ntstatus.InvalidParameter},
		{"rename", fscc.FileRenameInformation, &fscc.RenameInformation{FileName: `dir\g`}, ntstatus.Success},
		{"replace", fscc.FileRenameInformation, &fscc.RenameInformation{FileName: "taken", ReplaceIfExists: true}, ntstatus.Success},
		{"a class that is only queried", fscc.FileStandardInformation, &fscc.StandardInformation{}, ntstatus.InvalidInfoClass},
		{"no class", 0xEE, &fscc.StandardInformation{}, ntstatus.InvalidInfoClass},
		{"a listed class that is not offered", fscc.FileShortNameInformation, &fscc.NameInformation{FileName: "h"}, ntstatus.NotSupported},
	} {
		expectStatus(t, c.what, p, element(setInfo(id, c.class, c.info)), c.want)
	}
	short := setInfo(id, fscc.FileBasicInformation, &fscc.BasicInformation{})
	short.Input = short.Input[:39]
	expectStatus(t, "too short", p, element(short), ntstatus.InfoLengthMismatch)
	short.Input = nil
	expectStatus(t, "empty", p, element(short), ntstatus.InvalidParameter)
	long := setInfo(id, fscc.FileRenameInformation, &fscc.RenameInformation{FileName: "long"})
	long.Input[16] = 0xFF // FileNameLength
	expectStatus(t, "a name longer than its message", p, element(long), ntstatus.InvalidParameter)

	var out smb2.QueryInfoResponse
	p.MustDo(queryInfo(id, smb2.InfoFile, uint8(fscc.FileAllInformation), 4096), &out)
	var all fscc.AllInformation
	if err := fscc.DecodeInformation(out.Output, &all); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s %d bytes at %d, created %v", all.NameInformation.FileName, all.StandardInformation.EndOfFile,
		all.PositionInformation.CurrentByteOffset, all.BasicInformation.CreationTime == day)
	if want := `\taken 6 bytes at 99, created true`; got != want {
		t.Errorf("after all that: %s, want %s", got, want)
	}
	if data := p.Read(id, 0, 100); data != "0123\x00\x00" {
		t.Errorf("the file holds %q, want %q", data, "0123\x00\x00")
	}
}

func TestIoctlsAreRefusedAsTheirKindDemands(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	all := smb2.RelatedFileID
	for _, c := range []struct {
		what string
		m    *smb2.IoctlRequest
		want ntstatus.Status
	}{
		{"DFS referral", &smb2.IoctlRequest{CtlCode: fscc.FSCTLDFSGetReferrals, FileID: all}, ntstatus.FSDriverRequired},
		{"DFS referral, extended", &smb2.IoctlRequest{CtlCode: fscc.FSCTLDFSGetReferralsEx, FileID: all}, ntstatus.FSDriverRequired},
		{"DFS referral of an open", &smb2.IoctlRequest{CtlCode: fscc.FSCTLDFSGetReferrals, FileID: id}, ntstatus.InvalidParameter},
		{"network interfaces", &smb2.IoctlRequest{CtlCode: fscc.FSCTLQueryNetworkInterfaceInfo, FileID: all}, ntstatus.NotSupported},
		{"wait for a pipe", &smb2.IoctlRequest{CtlCode: fscc.FSCTLPipeWait, FileID: all}, ntstatus.NotSupported},
		{"unknown", &smb2.IoctlRequest{CtlCode: 0x12345678, FileID: id}, ntstatus.InvalidDeviceRequest},
		{"unknown, of no open", &smb2.IoctlRequest{CtlCode: 0x12345678, FileID: smb2.FileID{Volatile: 7}}, ntstatus.FileClosed},
		{"file regions", &smb2.IoctlRequest{CtlCode: fscc.FSCTLQueryFileRegions, FileID: id}, ntstatus.InvalidDeviceRequest},
	} {
		c.m.Flags, c.m.MaxOutputResponse = smb2.IoctlIsFSCTL, 1000
		expectStatus(t, c.what, p, element(c.m), c.want)
	}
	expectStatus(t, "no FSCTL", p, element(&smb2.IoctlRequest{CtlCode: fscc.FSCTLDFSGetReferrals, FileID: all}), ntstatus.NotSupported)
	expectStatus(t, "without a tree", p, smbtest.Element{
		Message: &smb2.IoctlRequest{CtlCode: 0x12345678, FileID: id, Flags: smb2.IoctlIsFSCTL}, Header: func(h *smb2.Header) { h.TreeID = 0 },
	}, ntstatus.NetworkNameDeleted)
}

func TestValidateNegotiateInfoDisconnectsAt311(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	info := smb2.ValidateNegotiateInfoRequest{Capabilities: smb2.CapLargeMTU, GUID: p.ClientGUID, SecurityMode: p.Mode, Dialects: p.Dialects}
	p.Send(element(&smb2.IoctlRequest{
		CtlCode: fscc.FSCTLValidateNegotiateInfo, FileID: smb2.RelatedFileID, Flags: smb2.IoctlIsFSCTL, MaxOutputResponse: 24, Input: info.Append(nil),
	}))
	expectClosed(t, "VALIDATE_NEGOTIATE_INFO", p)
}

// removalOf is a gate that tells when name is about to be removed.
func removalOf(name string, removed chan<- struct{}) smbtest.Gate {
	var once sync.Once
	return func(_ context.Context, call string) error {
		if call == "Remove "+name {
			once.Do(func() { close(removed) })
		}
		return nil
	}
}

func TestWhateverEndsAnOpenDeletesWhatWasToBeDeleted(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, p *smbtest.Peer, id smb2.FileID){
		"CLOSE":           func(_ *testing.T, p *smbtest.Peer, id smb2.FileID) { p.CloseFile(id) },
		"TREE_DISCONNECT": func(_ *testing.T, p *smbtest.Peer, _ smb2.FileID) { p.MustDo(&smb2.TreeDisconnectRequest{}, nil) },
		"LOGOFF":          func(_ *testing.T, p *smbtest.Peer, _ smb2.FileID) { p.MustDo(&smb2.LogoffRequest{}, nil) },
		"a failed re-authentication": func(t *testing.T, p *smbtest.Peer, _ smb2.FileID) {
			if r := p.SessionSetup(smbtest.InitiatorFor(smbtest.User, "wrong")); r.Header.Status != ntstatus.LogonFailure {
				t.Fatalf("re-authentication: %v", r.Header.Status)
			}
		},
		"the end of the connection": func(_ *testing.T, p *smbtest.Peer, _ smb2.FileID) { p.Close() },
		"a protocol error": func(t *testing.T, p *smbtest.Peer, _ smb2.FileID) {
			p.SendRaw([]byte("nonsense"))
			expectClosed(t, "nonsense", p)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p, other := s.Login(), s.Login()
			makeFile(p, "doomed", "x")
			removed := make(chan struct{})
			s.Log.SetGate(removalOf("doomed", removed))
			var res smb2.CreateResponse
			m := create("doomed", fscc.DispositionOpen, readAccess|dtyp.Delete, fscc.OptionDeleteOnClose)
			m.ShareAccess = 0
			p.MustDo(m, &res)
			kept := p.Open("kept")
			end(t, p, res.FileID)
			<-removed // before the answer, where there is one
			if name == "TREE_DISCONNECT" {
				expectStatus(t, "afterwards", p, element(&smb2.ReadRequest{FileID: kept, Length: 1}), ntstatus.NetworkNameDeleted)
			}
			if name == "LOGOFF" {
				expectStatus(t, "afterwards", p, element(&smb2.ReadRequest{FileID: kept, Length: 1}), ntstatus.UserSessionDeleted)
			}
			if r := other.Do(create("doomed", fscc.DispositionOpen, readAccess, 0)); r.Header.Status != ntstatus.ObjectNameNotFound && r.Header.Status != ntstatus.DeletePending {
				t.Errorf("the file: %v, want it deleted", r.Header.Status)
			}
			other.MustDo(create("kept", fscc.DispositionOpen, readAccess, 0), nil)
		})
	}
}
