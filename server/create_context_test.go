package server_test

import (
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
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
	res := createWith(t, p, smb2.CreateContext{Name: "QFid"}, smb2.CreateContext{Name: "????"}, smb2.CreateContext{Name: "QFid"})
	if len(res.Contexts) != 1 || res.Contexts[0].Name != "QFid" || len(res.Contexts[0].Data) != 32 {
		t.Fatalf("answered %+v, want one QFid of 32 bytes", res.Contexts)
	}
	var out smb2.QueryInfoResponse
	var info fscc.InternalInformation
	p.MustDo(&smb2.QueryInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileInternalInformation), OutputBufferLength: 8, FileID: res.FileID,
	}, &out)
	if err := fscc.DecodeInformation(out.Output, &info); err != nil {
		t.Fatal(err)
	}
	r := wire.NewReader(res.Contexts[0].Data)
	if got := r.U64(); got != info.IndexNumber {
		t.Errorf("DiskFileId %#x, FileInternalInformation says %#x", got, info.IndexNumber)
	}
	if r.U64() == 0 || r.U64() != 0 || r.U64() != 0 {
		t.Errorf("want a VolumeId and then zeros: %x", res.Contexts[0].Data)
	}
}

func TestMaximalAccessIsAnsweredUnlessTheClientKnowsTheFile(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	known := createWith(t, p).ChangeTime
	stamp := func(at dtyp.FileTime) []byte {
		w := wire.NewWriter(nil)
		w.U64(uint64(at))
		return w.Finish()
	}
	for _, c := range []struct {
		name   string
		data   []byte
		status ntstatus.Status
		rights dtyp.AccessMask
	}{
		{"without a time", nil, ntstatus.Success, dtyp.FileAllAccess},
		{"with another time", stamp(known + 1), ntstatus.Success, dtyp.FileAllAccess},
		{"with its change time", stamp(known), 0xC0000073, 0},
		{"with something else", []byte{1, 2, 3}, ntstatus.Success, dtyp.FileAllAccess},
	} {
		res := createWith(t, p, smb2.CreateContext{Name: "MxAc", Data: c.data})
		if len(res.Contexts) != 1 || res.Contexts[0].Name != "MxAc" || len(res.Contexts[0].Data) != 8 {
			t.Errorf("%s: answered %+v, want one MxAc of 8 bytes", c.name, res.Contexts)
			continue
		}
		r := wire.NewReader(res.Contexts[0].Data)
		if status, rights := ntstatus.Status(r.U32()), dtyp.AccessMask(r.U32()); status != c.status || rights != c.rights {
			t.Errorf("%s: %v, %#x, want %v, %#x", c.name, status, rights, c.status, c.rights)
		}
	}
}
