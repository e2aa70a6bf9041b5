package server_test

import (
	"bytes"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/server"
	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/memfs"
)

// encodedSD is text in SDDL as it goes over the wire.
func encodedSD(t testing.TB, text string) []byte {
	t.Helper()
	sd, err := dtyp.ParseSDDL(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	b, err := sd.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func querySecurity(id smb2.FileID, parts dtyp.SecurityInformation, size uint32) *smb2.QueryInfoRequest {
	return &smb2.QueryInfoRequest{InfoType: smb2.InfoSecurity, FileID: id, AdditionalInformation: parts, OutputBufferLength: size}
}

func setSecurity(id smb2.FileID, parts dtyp.SecurityInformation, sd []byte) *smb2.SetInfoRequest {
	return &smb2.SetInfoRequest{InfoType: smb2.InfoSecurity, FileID: id, AdditionalInformation: parts, Input: sd}
}

// securityOf is what a query for the DACL answers.
func securityOf(t *testing.T, p *smbtest.Peer, id smb2.FileID) string {
	t.Helper()
	var res smb2.QueryInfoResponse
	p.MustDo(querySecurity(id, dtyp.DACLSecurityInformation, 1<<16), &res)
	var sd dtyp.SecurityDescriptor
	if err := sd.UnmarshalBinary(res.Output); err != nil {
		t.Fatal(err)
	}
	text, err := sd.SDDL()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSecurityIsQueriedAndSetOnTheWire(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	create := smbtest.CreateFile("f")
	create.DesiredAccess = dtyp.MaximumAllowed
	var opened smb2.CreateResponse
	p.MustDo(create, &opened)
	id := opened.FileID
	const list = "D:P(A;;FR;;;WD)"
	expectStatus(t, "set", p, element(setSecurity(id, dtyp.DACLSecurityInformation|0x80000000, encodedSD(t, list))), ntstatus.Success)
	if got := securityOf(t, p, id); got != list {
		t.Errorf("the list is %s, want %s", got, list)
	}
	for what, c := range map[string]struct {
		req  smb2.Message
		want ntstatus.Status
	}{
		"an owner who is none":     {setSecurity(id, dtyp.OwnerSecurityInformation, encodedSD(t, "D:")), ntstatus.InvalidOwner},
		"another owner":            {setSecurity(id, dtyp.OwnerSecurityInformation, encodedSD(t, "O:SY")), ntstatus.InvalidOwner},
		"the audit list":           {setSecurity(id, dtyp.SACLSecurityInformation, encodedSD(t, "S:")), ntstatus.AccessDenied},
		"rubbish":                  {setSecurity(id, dtyp.DACLSecurityInformation, []byte("rubbish")), ntstatus.InvalidSecurityDescr},
		"a query of the audit":     {querySecurity(id, dtyp.SACLSecurityInformation, 100), ntstatus.AccessDenied},
		"a query of nothing":       {querySecurity(id, 0, 100), ntstatus.Success},
		"a query of unknown parts": {querySecurity(id, 0x80000000, 100), ntstatus.Success},
	} {
		expectStatus(t, what, p, element(c.req), c.want)
	}
}

func TestTooLittleRoomForADescriptorIsToldHowMuchIsNeeded(t *testing.T) {
	for dialect, want := range map[smb2.Dialect][]byte{
		smb2.Dialect311: {4, 0, 0, 0, 0, 0, 0, 0, 48, 0, 0, 0},
		smb2.Dialect302: {48, 0, 0, 0},
		smb2.Dialect202: {48, 0, 0, 0},
	} {
		s := smbtest.StartServer(t, smbtest.Options{})
		p := s.Login(func(p *smbtest.Peer) { p.Dialects = []smb2.Dialect{dialect} })
		id := p.Open("f")
		for _, size := range []uint32{0, 47} {
			r := p.Do(querySecurity(id, dtyp.DACLSecurityInformation, size))
			var body smb2.ErrorResponse
			r.Decode(t, &body)
			if r.Header.Status != ntstatus.BufferTooSmall || !bytes.Equal(body.Data, want) || int(body.ContextCount)*8+4 != len(want) {
				t.Errorf("%v, room for %d bytes: %v, %+v; want %v, % x", dialect, size, r.Header.Status, body, ntstatus.BufferTooSmall, want)
			}
		}
		expectStatus(t, "just enough", p, element(querySecurity(id, dtyp.DACLSecurityInformation, 48)), ntstatus.Success)
	}
}

func TestANewFileGetsTheDescriptorOfTheContext(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	const list = "D:(A;;FR;;;WD)"
	res := createWith(p, t, "f", smb2.CreateContext{Name: smb2.CreateSDBuffer, Data: encodedSD(t, list)})
	if got := securityOf(t, p, res.FileID); got != list {
		t.Errorf("the list is %s, want %s", got, list)
	}
	// It counts at the next open, and is passed over where the file is there.
	req := smbtest.CreateFile("f")
	req.DesiredAccess = dtyp.FileWriteData
	expectStatus(t, "open for writing", p, element(req), ntstatus.AccessDenied)
	req = smbtest.CreateFile("f")
	req.DesiredAccess = dtyp.GenericRead
	req.Contexts = []smb2.CreateContext{{Name: smb2.CreateSDBuffer, Data: encodedSD(t, "D:(A;;FA;;;WD)")}}
	expectStatus(t, "open for reading with another descriptor", p, element(req), ntstatus.Success)
	if got := securityOf(t, p, res.FileID); got != list {
		t.Errorf("after another open the list is %s, want %s", got, list)
	}
	req = smbtest.CreateFile("g")
	req.Contexts = []smb2.CreateContext{{Name: smb2.CreateSDBuffer, Data: []byte("rubbish")}}
	expectStatus(t, "rubbish", p, element(req), ntstatus.InvalidSecurityDescr)
}

func TestGroupsOfTheShareDecideWhoOneIs(t *testing.T) {
	staff := dtyp.NewSID(5, 21, 1, 2, 3, 2000)
	for what, c := range map[string]struct {
		groups []dtyp.SID
		want   ntstatus.Status
	}{
		"no group":           {nil, ntstatus.AccessDenied},
		"the group":          {[]dtyp.SID{dtyp.SIDBuiltinUsers, staff}, ntstatus.Success},
		"the administrators": {[]dtyp.SID{dtyp.SIDBuiltinUsers, dtyp.SIDBuiltinAdministrators}, ntstatus.AccessDenied},
	} {
		back := memfs.New()
		root, err := back.Root(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n, file, err := back.Create(t.Context(), nil, root, "f", false)
		if err != nil {
			t.Fatal(err)
		}
		sd, err := dtyp.ParseSDDL("O:SYG:SYD:(A;;FA;;;" + staff.String() + ")")
		if err != nil {
			t.Fatal(err)
		}
		if err := back.SetDescriptor(t.Context(), n, &sd); err != nil {
			t.Fatal(err)
		}
		file.Close()
		n.Close()
		root.Close()
		s := smbtest.StartServer(t, smbtest.Options{})
		share := &server.Share{
			Name: smbtest.ShareName, FS: back,
			Groups: func(*auth.Identity, *vfs.Cred) []dtyp.SID { return c.groups },
		}
		if err := s.SetShares([]*server.Share{share}); err != nil {
			t.Fatal(err)
		}
		p := s.Login()
		req := smbtest.CreateFile("f")
		req.DesiredAccess = dtyp.GenericRead
		expectStatus(t, what, p, element(req), c.want)
		if what == "the administrators" { // may take it
			req.DesiredAccess = dtyp.WriteOwner | dtyp.AccessSystemSecurity
			expectStatus(t, what+" take ownership", p, element(req), ntstatus.Success)
		}
	}
}
