package server_test

import (
	"bytes"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// encoded is the encoding of an FSCTL's buffer.
func encoded(info fscc.Information) []byte { return fscc.AppendInformation(nil, info) }

func TestFSCTLsOfRangesOnTheWire(t *testing.T) {
	const chunk = 64 << 10
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	p.Write(id, 0, string(bytes.Repeat([]byte("x"), chunk)))
	p.Write(id, 2*chunk, "y")
	ranges := func(r ...fscc.AllocatedRange) []byte { return encoded(&fscc.AllocatedRanges{Ranges: r}) }
	all := &fscc.AllocatedRange{Length: 1 << 40}
	for _, c := range []struct {
		name  string
		code  fscc.FSCTL
		input []byte
		room  uint32
		want  ntstatus.Status
		out   []byte
	}{
		{
			"of a file that is not sparse", fscc.FSCTLQueryAllocatedRanges, encoded(all), 1024, ntstatus.Success,
			ranges(fscc.AllocatedRange{Length: 2*chunk + 1}),
		},
		{"make it sparse", fscc.FSCTLSetSparse, nil, 0, ntstatus.Success, nil},
		{
			"of a sparse file", fscc.FSCTLQueryAllocatedRanges, encoded(all), 1024, ntstatus.Success,
			ranges(fscc.AllocatedRange{Length: chunk}, fscc.AllocatedRange{FileOffset: 2 * chunk, Length: 1}),
		},
		{
			"with room for one and a half", fscc.FSCTLQueryAllocatedRanges, encoded(all), 24, ntstatus.BufferOverflow,
			ranges(fscc.AllocatedRange{Length: chunk}),
		},
		{"with room for none", fscc.FSCTLQueryAllocatedRanges, encoded(all), 15, ntstatus.BufferTooSmall, nil},
		{"half a query", fscc.FSCTLQueryAllocatedRanges, encoded(all)[:8], 1024, ntstatus.InvalidParameter, nil},
		{"zero the first", fscc.FSCTLSetZeroData, encoded(&fscc.ZeroData{BeyondFinalZero: chunk}), 0, ntstatus.Success, nil},
		{"zero backwards", fscc.FSCTLSetZeroData, encoded(&fscc.ZeroData{FileOffset: 2, BeyondFinalZero: 1}), 0, ntstatus.InvalidParameter, nil},
		{"half a range to zero", fscc.FSCTLSetZeroData, make([]byte, 8), 0, ntstatus.InvalidParameter, nil},
		{
			"after zeroing", fscc.FSCTLQueryAllocatedRanges, encoded(all), 1024, ntstatus.Success,
			ranges(fscc.AllocatedRange{FileOffset: 2 * chunk, Length: 1}),
		},
		{"no longer sparse", fscc.FSCTLSetSparse, []byte{0}, 0, ntstatus.Success, nil},
		{
			"trim", fscc.FSCTLFileLevelTrim, encoded(&fscc.FileLevelTrim{Ranges: []fscc.TrimRange{{Length: chunk}, {Length: 1}}}), 4,
			ntstatus.Success, encoded(&fscc.FileLevelTrimOutput{NumRangesProcessed: 1}),
		},
		{"trim without an answer", fscc.FSCTLFileLevelTrim, encoded(&fscc.FileLevelTrim{Ranges: []fscc.TrimRange{{Length: chunk}}}), 0, ntstatus.Success, nil},
		{"trim by a lock's key", fscc.FSCTLFileLevelTrim, encoded(&fscc.FileLevelTrim{Key: 1, Ranges: []fscc.TrimRange{{Length: chunk}}}), 4, ntstatus.InvalidParameter, nil},
		{"trim nothing", fscc.FSCTLFileLevelTrim, encoded(&fscc.FileLevelTrim{}), 4, ntstatus.InvalidParameter, nil},
		{"trim with room for half an answer", fscc.FSCTLFileLevelTrim, encoded(&fscc.FileLevelTrim{Ranges: []fscc.TrimRange{{Length: 1}}}), 2, ntstatus.InvalidParameter, nil},
	} {
		status, out := control(t, p, c.code, id, c.input, c.room)
		if status != c.want || !bytes.Equal(out, c.out) {
			t.Errorf("%s: %v, % x, want %v, % x", c.name, status, out, c.want, c.out)
		}
	}
}

func TestFSCTLsOfFilesOnTheWire(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	none, lznt1 := &fscc.CompressionState{}, &fscc.CompressionState{CompressionState: fscc.CompressionFormatLZNT1}
	for _, c := range []struct {
		name  string
		code  fscc.FSCTL
		input []byte
		room  uint32
		want  ntstatus.Status
		out   []byte
	}{
		{"compression", fscc.FSCTLGetCompression, nil, 2, ntstatus.Success, encoded(none)},
		{"compression with room for half of it", fscc.FSCTLGetCompression, nil, 1, ntstatus.InvalidParameter, nil},
		{"no compression", fscc.FSCTLSetCompression, encoded(none), 0, ntstatus.Success, nil},
		{"some compression", fscc.FSCTLSetCompression, encoded(lznt1), 0, ntstatus.NotSupported, nil},
		{"half a compression", fscc.FSCTLSetCompression, []byte{0}, 0, ntstatus.InvalidParameter, nil},
		{"reparse point", fscc.FSCTLGetReparsePoint, nil, 1024, ntstatus.NotAReparsePoint, nil},
		{"object id with too little room", fscc.FSCTLCreateOrGetObjectID, nil, 63, ntstatus.InvalidParameter, nil},
		{"set an object id", fscc.FSCTLSetObjectID, make([]byte, 64), 0, ntstatus.InvalidDeviceRequest, nil},
		{"file regions", fscc.FSCTLQueryFileRegions, nil, 1024, ntstatus.InvalidDeviceRequest, nil},
		{"NTFS volume data", fscc.FSCTLGetNTFSVolumeData, nil, 1024, ntstatus.InvalidDeviceRequest, nil},
	} {
		status, out := control(t, p, c.code, id, c.input, c.room)
		if status != c.want || !bytes.Equal(out, c.out) {
			t.Errorf("%s: %v, % x, want %v, % x", c.name, status, out, c.want, c.out)
		}
	}
}

func TestObjectIDStaysWithItsFile(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	ask := func(id smb2.FileID, code fscc.FSCTL) fscc.ObjectID {
		t.Helper()
		status, out := control(t, p, code, id, nil, 64)
		var oid fscc.ObjectID
		if err := fscc.DecodeInformation(out, &oid); status != ntstatus.Success || err != nil {
			t.Fatalf("%v: %v, %v", code, status, err)
		}
		return oid
	}
	id := p.Open("f")
	first := ask(id, fscc.FSCTLCreateOrGetObjectID)
	setInformation(t, p, id, fscc.FileRenameInformation, &fscc.RenameInformation{FileName: "g"}, ntstatus.Success)
	p.CloseFile(id)
	if got := ask(p.Open("g"), fscc.FSCTLGetObjectID); got != first || got.ObjectID == (dtyp.GUID{}) {
		t.Errorf("after a rename: %+v, want %+v", got, first)
	}
	if got := ask(p.Open("f"), fscc.FSCTLCreateOrGetObjectID); got.ObjectID == first.ObjectID {
		t.Errorf("another file has the object id %v, too", got.ObjectID)
	}
}

// setInformation sets an information class of an open file.
func setInformation(t *testing.T, p *smbtest.Peer, id smb2.FileID, class fscc.FileInformationClass, info fscc.Information, want ntstatus.Status) {
	t.Helper()
	r := p.Do(&smb2.SetInfoRequest{InfoType: smb2.InfoFile, FileInfoClass: uint8(class), FileID: id, Input: encoded(info)})
	if r.Header.Status != want {
		t.Errorf("set %v to %+v: %v, want %v", class, info, r.Header.Status, want)
	}
}

func TestFSCTLsThatChangeOrShowDataNeedTheirRight(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	p.Write(p.Open("f"), 0, "content")
	open := func(rights dtyp.AccessMask) smb2.FileID {
		req := smbtest.CreateFile("f")
		req.DesiredAccess = rights
		var res smb2.CreateResponse
		p.MustDo(req, &res)
		return res.FileID
	}
	reader, writer := open(dtyp.FileReadData), open(dtyp.FileWriteData|dtyp.FileWriteAttributes)
	for _, c := range []struct {
		code  fscc.FSCTL
		id    smb2.FileID
		input fscc.Information
	}{
		{fscc.FSCTLQueryAllocatedRanges, writer, &fscc.AllocatedRange{Length: 1}},
		{fscc.FSCTLSetZeroData, reader, &fscc.ZeroData{BeyondFinalZero: 1}},
		{fscc.FSCTLSetSparse, reader, &fscc.SetSparse{SetSparse: true}},
		{fscc.FSCTLFileLevelTrim, reader, &fscc.FileLevelTrim{Ranges: []fscc.TrimRange{{Length: 4096}}}},
		{fscc.FSCTLSetCompression, reader, &fscc.CompressionState{}},
	} {
		if status, _ := control(t, p, c.code, c.id, encoded(c.input), 64); status != ntstatus.AccessDenied {
			t.Errorf("%v: %v, want AccessDenied", c.code, status)
		}
	}
}
