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

// streamsOf asks for the streams of an open with that much room, each
// "NAME SIZE".
func streamsOf(t *testing.T, p *smbtest.Peer, id smb2.FileID, room uint32) (ntstatus.Status, []string) {
	t.Helper()
	r := p.Do(&smb2.QueryInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileStreamInformation), FileID: id, OutputBufferLength: room,
	})
	if r.Header.Status != ntstatus.Success && r.Header.Status != ntstatus.BufferOverflow {
		return r.Header.Status, nil
	}
	var res smb2.QueryInfoResponse
	r.Decode(t, &res)
	if len(res.Output) > int(room) {
		t.Errorf("%d bytes, want at most %d", len(res.Output), room)
	}
	var info fscc.StreamInformation
	if err := fscc.DecodeInformation(res.Output, &info); err != nil {
		t.Fatalf("room for %d bytes: %v", room, err)
	}
	var list []string
	for _, s := range info.Streams {
		list = append(list, fmt.Sprintf("%s %d", s.StreamName, s.StreamSize))
	}
	return r.Header.Status, list
}

func TestStreamsAreListedAsFarAsThereIsRoom(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f:Two")
	p.Write(id, 0, "22")
	p.CloseFile(p.Open("f:one:$DATA"))
	all := []string{"::$DATA 0", ":Two:$DATA 2", ":one:$DATA 0"}
	// 24 bytes and the name, 14, to be aligned to 40; 24 and 20, to be aligned
	// to 88; 24 and 20.
	for _, c := range []struct {
		room   uint32
		status ntstatus.Status
		want   []string
	}{
		{1000, ntstatus.Success, all},
		{132, ntstatus.Success, all},
		{131, ntstatus.BufferOverflow, all[:2]},
		{84, ntstatus.BufferOverflow, all[:2]},
		{83, ntstatus.BufferOverflow, all[:1]},
		{38, ntstatus.BufferOverflow, all[:1]},
		{23, ntstatus.InfoLengthMismatch, nil},
	} {
		for what, open := range map[string]smb2.FileID{"stream": id, "file": p.Open("f")} {
			status, got := streamsOf(t, p, open, c.room)
			if status != c.status || !slices.Equal(got, c.want) {
				t.Errorf("room for %d bytes, by the %s: %v, %q, want %v, %q", c.room, what, status, got, c.status, c.want)
			}
		}
	}
	r := p.Do(&smb2.QueryInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileStreamInformation), FileID: id, OutputBufferLength: 37,
	})
	var res smb2.QueryInfoResponse
	if r.Decode(t, &res); r.Header.Status != ntstatus.BufferOverflow || len(res.Output) != 37 {
		t.Errorf("room for a part of the first: %v, %d bytes, want %v, 37", r.Header.Status, len(res.Output), ntstatus.BufferOverflow)
	}
}

func TestStreamsShowTheirOwnSizeAndNameAndTheRestOfTheirFile(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	var made smb2.CreateResponse
	create := smbtest.CreateFile("d")
	create.CreateOptions = fscc.OptionDirectoryFile
	p.MustDo(create, &made)
	for _, base := range []string{"d", "f"} {
		file := p.Open(base)
		id := p.Open(base + ":Name")
		p.Write(id, 0, "content")
		var res smb2.CreateResponse
		p.MustDo(openExisting(base+":NAME:$data", dtyp.FileAllAccess&^(dtyp.WriteDAC|dtyp.WriteOwner)), &res)
		if res.EndOfFile != 7 || res.FileAttributes&fscc.FileAttributeDirectory != 0 {
			t.Errorf("%s: opened with %d bytes, attributes %#x, want 7 and no directory", base, res.EndOfFile, res.FileAttributes)
		}
		var of, ofFile fscc.AllInformation
		queryFileInformation(t, p, id, fscc.FileAllInformation, &of)
		queryFileInformation(t, p, file, fscc.FileAllInformation, &ofFile)
		standard := of.StandardInformation
		if standard.EndOfFile != 7 || standard.Directory || standard.NumberOfLinks != 1 || ofFile.StandardInformation.EndOfFile != 0 {
			t.Errorf("%s: %+v, its file %+v", base, standard, ofFile.StandardInformation)
		}
		if of.InternalInformation != ofFile.InternalInformation || of.BasicInformation.LastWriteTime != ofFile.BasicInformation.LastWriteTime {
			t.Errorf("%s: the stream has another identity or time than the file", base)
		}
		if got, want := of.NameInformation.FileName, `\`+base+":Name"; got != want {
			t.Errorf("FileName = %q, want %q", got, want)
		}
		var normalized fscc.NameInformation
		queryFileInformation(t, p, id, fscc.FileNormalizedNameInformation, &normalized)
		if got, want := normalized.FileName, base+":Name"; got != want {
			t.Errorf("normalized name = %q, want %q", got, want)
		}
		if got := p.Read(res.FileID, 3, 100); got != "tent" {
			t.Errorf("%s: read %q", base, got)
		}
		setInformation(t, p, id, fscc.FileEndOfFileInformation, &fscc.EndOfFileInformation{EndOfFile: 3}, ntstatus.Success)
		setInformation(t, p, id, fscc.FileAllocationInformation, &fscc.AllocationInformation{AllocationSize: 1}, ntstatus.Success)
		setInformation(t, p, id, fscc.FileLinkInformation, &fscc.LinkInformation{FileName: "g"}, ntstatus.InvalidParameter)
		setInformation(t, p, id, fscc.FileRenameInformation, &fscc.RenameInformation{FileName: ":New"}, ntstatus.Success)
		if _, got := streamsOf(t, p, file, 1000); !slices.Contains(got, ":New:$DATA 1") || strings.Contains(fmt.Sprint(got), "Name") {
			t.Errorf("%s: streams %q, want New, 1 byte", base, got)
		}
		setInformation(t, p, id, fscc.FileDispositionInformation, &fscc.DispositionInformation{DeletePending: true}, ntstatus.Success)
		queryFileInformation(t, p, id, fscc.FileStandardInformation, &standard)
		if !standard.DeletePending || standard.NumberOfLinks != 1 {
			t.Errorf("%s: %+v, want delete pending and one link", base, standard)
		}
		p.CloseFile(id)
		p.CloseFile(res.FileID)
		if _, got := streamsOf(t, p, file, 1000); strings.Contains(fmt.Sprint(got), "New") {
			t.Errorf("%s: the stream is still there: %q", base, got)
		}
	}
}
