package server_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// ea makes an extended attribute.
func ea(name, value string) fscc.EA {
	e := fscc.EA{Name: name}
	if value != "" {
		e.Value = []byte(value)
	}
	return e
}

// askEAs queries the extended attributes of a file and returns their names and
// values.
func askEAs(t *testing.T, p *smbtest.Peer, id smb2.FileID, change func(*smb2.QueryInfoRequest)) (ntstatus.Status, []fscc.EA) {
	t.Helper()
	req := &smb2.QueryInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileFullEaInformation), FileID: id, OutputBufferLength: 65536,
	}
	if change != nil {
		change(req)
	}
	r := p.Do(req)
	status := r.Header.Status
	if status != ntstatus.Success && status != ntstatus.BufferOverflow {
		return status, nil
	}
	var res smb2.QueryInfoResponse
	r.Decode(t, &res)
	if len(res.Output) > int(req.OutputBufferLength) {
		t.Errorf("%d bytes, want at most %d", len(res.Output), req.OutputBufferLength)
	}
	var info fscc.FullEaInformation
	if err := fscc.DecodeInformation(res.Output, &info); err != nil {
		t.Fatal(err)
	}
	return status, info.EAs
}

func setEAs(t *testing.T, p *smbtest.Peer, id smb2.FileID, want ntstatus.Status, eas ...fscc.EA) {
	t.Helper()
	setInformation(t, p, id, fscc.FileFullEaInformation, &fscc.FullEaInformation{EAs: eas}, want)
}

func TestExtendedAttributesAreEnumeratedAsAsked(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("file")
	if status, _ := askEAs(t, p, id, nil); status != ntstatus.NoEAsOnFile {
		t.Errorf("of none: %v, want %v", status, ntstatus.NoEAsOnFile)
	}
	one, two, three := ea("ONE", "1"), ea("THREE", "333"), ea("TWO", "22")
	setEAs(t, p, id, ntstatus.Success, two, one, three)

	names := func(names ...string) func(*smb2.QueryInfoRequest) {
		return func(r *smb2.QueryInfoRequest) {
			r.Input = fscc.AppendInformation(nil, &fscc.GetEaInformation{Names: names})
		}
	}
	flags := func(f smb2.QueryInfoFlags, index uint32, room uint32) func(*smb2.QueryInfoRequest) {
		return func(r *smb2.QueryInfoRequest) {
			r.Flags, r.AdditionalInformation, r.OutputBufferLength = f, dtyp.SecurityInformation(index), room
		}
	}
	const restart, single, indexed = smb2.QueryRestartScan, smb2.QueryReturnSingleEntry, smb2.QueryIndexSpecified
	for _, row := range []struct {
		what   string
		change func(*smb2.QueryInfoRequest)
		status ntstatus.Status
		want   []fscc.EA
	}{
		{"all", nil, ntstatus.Success, []fscc.EA{one, two, three}},
		{"behind all", nil, ntstatus.NoMoreEAs, nil},
		{"the first again", flags(restart|single, 0, 100), ntstatus.Success, []fscc.EA{one}},
		{"the next", flags(single, 0, 100), ntstatus.Success, []fscc.EA{two}},
		{"from the second", flags(indexed, 2, 100), ntstatus.Success, []fscc.EA{two, three}},
		{"the rest, which that did not move", flags(0, 0, 100), ntstatus.Success, []fscc.EA{three}},
		{"from the one before the first", flags(indexed, 0, 100), ntstatus.NonexistentEAEntry, nil},
		{"from behind the last", flags(indexed, 4, 100), ntstatus.NonexistentEAEntry, nil},
		// 8 + 3 + 1 + 1 bytes, to be aligned, and 8 + 5 + 1 + 3.
		{"with room for nearly two", flags(restart, 0, 32), ntstatus.BufferOverflow, []fscc.EA{one}},
		{"with room for two", flags(restart, 0, 33), ntstatus.BufferOverflow, []fscc.EA{one, two}},
		{"without room for one", flags(restart, 0, 12), ntstatus.BufferTooSmall, nil},
		{"without room for anything", flags(restart, 0, 7), ntstatus.InfoLengthMismatch, nil},
		{"by name", names("two", "none", "One", "TWO"), ntstatus.Success, []fscc.EA{three, ea("none", ""), one}},
		{"by a name that is none", names("A*"), ntstatus.InvalidEAName, nil},
		{"by half a name", func(r *smb2.QueryInfoRequest) { r.Input = []byte{0, 0, 0, 0, 9, 'A'} }, ntstatus.EAListInconsistent, nil},
	} {
		status, got := askEAs(t, p, id, row.change)
		if status != row.status || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %v %+v, want %v %+v", row.what, status, got, row.status, row.want)
		}
	}
}

func TestExtendedAttributesAreSetWithinTheirLimits(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("file")
	setEAs(t, p, id, ntstatus.Success, ea("A", "b"), ea("GONE", "x"))
	setEAs(t, p, id, ntstatus.InvalidEAName, ea("B", "b"), ea("C:", "x"))
	setEAs(t, p, id, ntstatus.InvalidEAName, fscc.EA{Flags: 1, Name: "B", Value: []byte("b")})
	setEAs(t, p, id, ntstatus.EATooLarge, ea("B", strings.Repeat("b", 65_519)))
	setEAs(t, p, id, ntstatus.Success, ea("gone", ""), ea("a", "c"), ea("none", ""))
	if _, got := askEAs(t, p, id, nil); !reflect.DeepEqual(got, []fscc.EA{ea("A", "c")}) {
		t.Errorf("left: %+v, want A alone", got)
	}
	r := p.Do(&smb2.SetInfoRequest{
		InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileFullEaInformation), FileID: id, Input: bytes.Repeat([]byte{9}, 40),
	})
	if r.Header.Status != ntstatus.EAListInconsistent {
		t.Errorf("a list that is none: %v, want %v", r.Header.Status, ntstatus.EAListInconsistent)
	}

	// A header of 4 bytes with all, and 4 + 1 bytes with each.
	var size fscc.EaInformation
	queryFileInformation(t, p, id, fscc.FileEaInformation, &size)
	var all fscc.AllInformation
	queryFileInformation(t, p, id, fscc.FileAllInformation, &all)
	if want := uint32(4 + 5 + 1 + 1); size.EaSize != want || all.EaInformation.EaSize != want {
		t.Errorf("EaSize = %d, with all %d, want %d", size.EaSize, all.EaInformation.EaSize, want)
	}
}

func TestExtendedAttributesComeWithANewFile(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	open := func(eas ...fscc.EA) (smb2.FileID, ntstatus.Status) {
		t.Helper()
		r := p.Do(&smb2.CreateRequest{
			ImpersonationLevel: smb2.ImpersonationImpersonation,
			DesiredAccess:      dtyp.FileReadEA | dtyp.FileReadAttributes,
			ShareAccess:        fscc.ShareRead | fscc.ShareWrite | fscc.ShareDelete,
			CreateDisposition:  fscc.DispositionOpenIf,
			Name:               "new",
			Contexts:           []smb2.CreateContext{smb2.EABufferContext(fscc.FullEaInformation{EAs: eas})},
		})
		var res smb2.CreateResponse
		if r.Header.Status == ntstatus.Success {
			r.Decode(t, &res)
		}
		return res.FileID, r.Header.Status
	}
	if _, status := open(ea("A", strings.Repeat("x", 65_530))); status != ntstatus.EATooLarge {
		t.Errorf("too large: %v, want %v", status, ntstatus.EATooLarge)
	}
	for _, again := range []string{"a new file", "an old one"} {
		id, status := open(ea("A", again))
		if status != ntstatus.Success {
			t.Fatalf("%s: %v", again, status)
		}
		if _, got := askEAs(t, p, id, nil); !reflect.DeepEqual(got, []fscc.EA{ea("A", "a new file")}) {
			t.Errorf("%s has %+v, want those it was made with", again, got)
		}
		setEAs(t, p, id, ntstatus.AccessDenied, ea("A", "without the right"))
		p.CloseFile(id)
	}
}
