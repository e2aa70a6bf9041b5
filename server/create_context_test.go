package server_test

import (
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// createWith opens or creates a file with create contexts.
func createWith(p *smbtest.Peer, t *testing.T, name string, contexts ...smb2.CreateContext) *smb2.CreateResponse {
	t.Helper()
	req := smbtest.CreateFile(name)
	req.Contexts = contexts
	res := &smb2.CreateResponse{}
	p.MustDo(req, res)
	return res
}

// onlyContext returns the one context of a reply, which has to have the tag.
func onlyContext(t *testing.T, res *smb2.CreateResponse, tag string) smb2.CreateContext {
	t.Helper()
	if len(res.Contexts) != 1 || res.Contexts[0].Name != tag {
		t.Fatalf("contexts of the reply: %q, want %q alone", res.Contexts, tag)
	}
	return res.Contexts[0]
}

func TestMaximalAccessTellsWhatTheUserCouldDo(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	first := createWith(p, t, "f")
	const all = dtyp.FileAllAccess
	for _, row := range []struct {
		name  string
		share string
		known dtyp.FileTime
		want  smb2.MaximalAccess
	}{
		{"no time", smbtest.ShareName, 0, smb2.MaximalAccess{MaximalAccess: all}},
		{"another time", smbtest.ShareName, first.ChangeTime + 1, smb2.MaximalAccess{MaximalAccess: all}},
		{"the time of the last change", smbtest.ShareName, first.ChangeTime, smb2.MaximalAccess{QueryStatus: ntstatus.NoneMapped}},
		{
			"a read-only share", smbtest.ReadOnlyShareName, 0,
			smb2.MaximalAccess{MaximalAccess: dtyp.FileGenericRead | dtyp.FileGenericExecute},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			p.TreeConnect(row.share)
			req := smbtest.CreateFile("f")
			req.DesiredAccess = dtyp.FileReadAttributes
			req.CreateDisposition = fscc.DispositionOpen
			req.Contexts = []smb2.CreateContext{smb2.QueryMaximalAccessContext(row.known)}
			var res smb2.CreateResponse
			p.MustDo(req, &res)
			got, err := onlyContext(t, &res, smb2.CreateQueryMaximalAccess).MaximalAccess()
			if err != nil || got != row.want {
				t.Errorf("maximal access %+v, %v, want %+v", got, err, row.want)
			}
		})
	}
}

func TestOnDiskIDIsThatOfTheInformationClasses(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	res := createWith(p, t, "f", smb2.QueryOnDiskIDContext())
	got, err := onlyContext(t, res, smb2.CreateQueryOnDiskID).OnDiskID()
	if err != nil || got.DiskFileID == 0 || got.VolumeID == 0 {
		t.Fatalf("on-disk id %+v, %v, want both parts set", got, err)
	}
	var internal fscc.InternalInformation
	queryFileInformation(t, p, res.FileID, fscc.FileInternalInformation, &internal)
	var id fscc.IDInformation
	queryFileInformation(t, p, res.FileID, fscc.FileIDInformation, &id)
	if internal.IndexNumber != got.DiskFileID || id.VolumeSerialNumber != got.VolumeID {
		t.Errorf("on-disk id %+v, FileInternalInformation %#x, FileIdInformation volume %#x: want the same",
			got, internal.IndexNumber, id.VolumeSerialNumber)
	}
}

// queryFileInformation asks for an information class of an open file.
func queryFileInformation(t *testing.T, p *smbtest.Peer, id smb2.FileID, class fscc.FileInformationClass, info fscc.Information) {
	t.Helper()
	var res smb2.QueryInfoResponse
	p.MustDo(&smb2.QueryInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(class), FileID: id, OutputBufferLength: 4096,
	}, &res)
	if err := fscc.DecodeInformation(res.Output, info); err != nil {
		t.Fatalf("%v: %v", class, err)
	}
}

func TestContextsAreAnsweredInAnyOrderAndOnce(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	res := createWith(p, t, "f",
		smb2.CreateContext{Name: "What", Data: []byte("nobody knows")},
		smb2.QueryOnDiskIDContext(),
		smb2.DurableHandleRequestContext(),
		smb2.LeaseContext(smb2.Lease{LeaseState: 7}),
		smb2.QueryMaximalAccessContext(0),
		smb2.QueryOnDiskIDContext(),
		smb2.AllocationSizeContext(4096),
		smb2.DurableHandleRequestV2Context(smb2.DurableHandleRequestV2{CreateGUID: dtyp.NewGUID()}),
	)
	var tags []string
	for _, c := range res.Contexts {
		tags = append(tags, c.Name)
	}
	if len(tags) != 2 || tags[0] != smb2.CreateQueryOnDiskID || tags[1] != smb2.CreateQueryMaximalAccess {
		t.Errorf("contexts of the reply: %q, want QFid and MxAc", tags)
	}
	if res.OplockLevel != smb2.OplockNone {
		t.Errorf("oplock level %#x, want none", res.OplockLevel)
	}
}

func TestContextsThatCannotBeHonouredFailTheCreate(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	for _, row := range []struct {
		name    string
		context smb2.CreateContext
		want    ntstatus.Status
	}{
		{"an extended attribute of no name", smb2.EABufferContext(fscc.FullEaInformation{EAs: []fscc.EA{{Name: "A=B", Value: []byte("b")}}}), ntstatus.InvalidEAName},
		{"a snapshot", smb2.TimewarpTokenContext(dtyp.FileTimeOf(time.Now())), ntstatus.ObjectNameNotFound},
		{"a reconnect", smb2.DurableHandleReconnectContext(smb2.FileID{Persistent: 1, Volatile: 1}), ntstatus.ObjectNameNotFound},
		{"a reconnect of version 2", smb2.DurableHandleReconnectV2Context(smb2.DurableHandleReconnectV2{}), ntstatus.ObjectNameNotFound},
		{"a tag that is too short", smb2.CreateContext{Name: "MxA"}, ntstatus.InvalidParameter},
		{"a maximal access query of the wrong length", smb2.CreateContext{Name: smb2.CreateQueryMaximalAccess, Data: make([]byte, 4)}, ntstatus.InvalidParameter},
		{"an allocation size of the wrong length", smb2.CreateContext{Name: smb2.CreateAllocationSize, Data: make([]byte, 4)}, ntstatus.InvalidParameter},
		{"more than the disk has", smb2.AllocationSizeContext(1 << 62), ntstatus.DiskFull},
		{"a negative size", smb2.AllocationSizeContext(1 << 63), ntstatus.InvalidParameter},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := smbtest.CreateFile("new")
			req.Contexts = []smb2.CreateContext{row.context}
			if r := p.Do(req); r.Header.Status != row.want {
				t.Fatalf("CREATE: %v, want %v", r.Header.Status, row.want)
			}
			open := smbtest.CreateFile("new")
			open.CreateDisposition = fscc.DispositionOpen
			if r := p.Do(open); r.Header.Status != ntstatus.ObjectNameNotFound {
				t.Errorf("OPEN afterwards: %v, want ObjectNameNotFound", r.Header.Status)
			}
		})
	}
}

func TestAllocationSizeOfAnExistingFileIsNoMatter(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	p.CloseFile(p.Open("f"))
	createWith(p, t, "f", smb2.AllocationSizeContext(1<<62))
}
