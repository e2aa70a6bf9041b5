package server_test

import (
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
)

// createWith opens f with contexts and returns those of the answer.
func createWith(t *testing.T, p *smbtest.Peer, contexts ...smb2.CreateContext) (res smb2.CreateResponse) {
	t.Helper()
	req := smbtest.CreateFile("f")
	req.Contexts = contexts
	p.MustDo(req, &res)
	return res
}

func TestOnDiskIDIsThatOfTheFileAndItsVolume(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	res := createWith(t, p, smb2.QueryOnDiskIDContext(), smb2.CreateContext{Name: "????"}, smb2.QueryOnDiskIDContext())
	if len(res.Contexts) != 1 || res.Contexts[0].Name != smb2.CreateQueryOnDiskID {
		t.Fatalf("answered %+v, want one QFid", res.Contexts)
	}
	var out smb2.QueryInfoResponse
	var info fscc.InternalInformation
	p.MustDo(&smb2.QueryInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileInternalInformation), OutputBufferLength: 8, FileID: res.FileID,
	}, &out)
	if err := fscc.DecodeInformation(out.Output, &info); err != nil {
		t.Fatal(err)
	}
	got, err := res.Contexts[0].OnDiskID()
	if err != nil || got.DiskFileID != info.IndexNumber || got.VolumeID == 0 {
		t.Errorf("OnDiskID %+v, %v, want file %#x of a volume", got, err, info.IndexNumber)
	}
}

func TestMaximalAccessIsAnsweredUnlessTheClientKnowsTheFile(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	known := createWith(t, p).ChangeTime
	all := smb2.MaximalAccess{MaximalAccess: dtyp.FileAllAccess}
	for name, c := range map[string]struct {
		asked smb2.CreateContext
		want  smb2.MaximalAccess
	}{
		"without a time":       {smb2.QueryMaximalAccessContext(0), all},
		"with another time":    {smb2.QueryMaximalAccessContext(known + 1), all},
		"with its change time": {smb2.QueryMaximalAccessContext(known), smb2.MaximalAccess{QueryStatus: 0xC0000073}},
		"with something else":  {smb2.CreateContext{Name: smb2.CreateQueryMaximalAccess, Data: []byte{1, 2, 3}}, all},
	} {
		res := createWith(t, p, c.asked)
		if len(res.Contexts) != 1 || res.Contexts[0].Name != smb2.CreateQueryMaximalAccess {
			t.Errorf("%s: answered %+v, want one MxAc", name, res.Contexts)
			continue
		}
		if got, err := res.Contexts[0].MaximalAccess(); got != c.want || err != nil {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, c.want)
		}
	}
}
