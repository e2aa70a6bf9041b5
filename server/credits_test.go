package server_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// asking makes an element that asks for credits.
func asking(m smb2.Message, credits uint16) smbtest.Element {
	return smbtest.Element{Message: m, Header: func(h *smb2.Header) { h.Credits = credits }}
}

// charged makes an element that pays for a payload with several credits.
func charged(p *smbtest.Peer, m smb2.Message, charge uint16) smbtest.Element {
	return smbtest.Element{Message: m, Header: func(h *smb2.Header) {
		h.CreditCharge = charge
		p.NextMessageID += smb2.MessageID(max(charge, 1) - 1)
		p.Credits -= int(max(charge, 1) - 1)
	}}
}

func TestBeforeTheLogOnACreditIsGrantedForACreditUsed(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Dial()
	p.Negotiate() // asks for 64, as all requests of the peer
	if p.Credits != 1 {
		t.Errorf("%d credits after NEGOTIATE, want 1", p.Credits)
	}
	for range 3 {
		r := expectStatus(t, "ECHO", p, asking(&smb2.EchoRequest{}, 0xFFFF), ntstatus.Success)
		if r.Header.Credits != 1 || p.Credits != 1 {
			t.Errorf("ECHO granted %d credits, %d held; want 1 and 1", r.Header.Credits, p.Credits)
		}
	}
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success || p.Credits < 2 {
		t.Errorf("log-on: %v, %d credits held; want more from now on", r.Header.Status, p.Credits)
	}
}

func TestClientNeverHoldsMoreThanSmb2CreditsMax(t *testing.T) {
	for _, limit := range []uint32{1, 16, 512, 8192} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{
				Policy: policy.With(policy.Default(), policy.Smb2CreditsMax, limit, inTest),
			})
			p := s.Login()
			for range 5 {
				expectStatus(t, "ECHO", p, asking(&smb2.EchoRequest{}, 0xFFFF), ntstatus.Success)
				if p.Credits != int(limit) {
					t.Errorf("%d credits held, want %d", p.Credits, limit)
				}
			}
			if limit >= 512 {
				replies := exchange(t, p, asking(&smb2.EchoRequest{}, 0xFFFF), asking(&smb2.EchoRequest{}, 0xFFFF), asking(&smb2.EchoRequest{}, 0xFFFF))
				if p.Credits != int(limit) {
					t.Errorf("%d credits held after a compound of %d, want %d", p.Credits, len(replies), limit)
				}
			}
			// The id behind the last one granted ends the connection.
			p.NextMessageID += smb2.MessageID(p.Credits)
			p.Send(element(&smb2.EchoRequest{}))
			expectClosed(t, "message id not granted", p)
		})
	}
}

func TestMessageIdsMayComeInAnyOrder(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	expectStatus(t, "ECHO", p, asking(&smb2.EchoRequest{}, 300), ntstatus.Success)
	first, n := p.NextMessageID, 200
	for _, i := range rand.Perm(n) {
		p.NextMessageID = first + smb2.MessageID(i)
		p.Send(element(&smb2.EchoRequest{}))
	}
	seen := make(map[smb2.MessageID]bool)
	for range n {
		seen[receiveOne(t, p).Header.MessageID] = true
	}
	if len(seen) != n {
		t.Errorf("%d different ids answered, want %d", len(seen), n)
	}
	p.NextMessageID = first + smb2.MessageID(n)
	barrier(t, p)
}

func TestMessageIdThatIsUsedOrNotGrantedDisconnects(t *testing.T) {
	for name, change := range map[string]func(*smb2.Header){
		"used":                    func(h *smb2.Header) { h.MessageID-- },
		"the first of all":        func(h *smb2.Header) { h.MessageID = 0 },
		"far ahead":               func(h *smb2.Header) { h.MessageID += 1 << 20 },
		"half way round":          func(h *smb2.Header) { h.MessageID += 1 << 63 },
		"a charge beyond the end": func(h *smb2.Header) { h.CreditCharge = 0xFFFF },
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login()
			p.RepeatMessageIDs()
			s.Log.Reset()
			p.Send(smbtest.Element{Message: smbtest.CreateFile("x"), Header: change})
			expectClosed(t, name, p)
			expectUntouched(t, name, s)
		})
	}
}

func TestPayloadMustBePaidFor(t *testing.T) {
	const credit = 64 << 10
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	expectStatus(t, "ECHO", p, asking(&smb2.EchoRequest{}, 1000), ntstatus.Success)
	id := p.Open("f")
	dir := p.Open("")
	read := func(n uint32) smb2.Message { return &smb2.ReadRequest{FileID: id, Length: n} }
	write := func(n uint32) smb2.Message { return &smb2.WriteRequest{FileID: id, Data: make([]byte, n)} }
	list := func(n uint32) smb2.Message {
		return &smb2.QueryDirectoryRequest{FileID: dir, FileInformationClass: fscc.FileDirectoryInformation, FileName: "*", Flags: smb2.RestartScans, OutputBufferLength: n}
	}
	query := func(n uint32) smb2.Message {
		return &smb2.QueryInfoRequest{FileID: id, InfoType: smb2.InfoFile, FileInfoClass: uint8(fscc.FileBasicInformation), OutputBufferLength: n}
	}
	ioctl := func(n uint32) smb2.Message {
		return &smb2.IoctlRequest{FileID: id, CtlCode: fscc.FSCTLQueryFileRegions, Flags: smb2.IoctlIsFSCTL, MaxOutputResponse: n}
	}
	for _, c := range []struct {
		name    string
		request func(n uint32) smb2.Message
		paid    ntstatus.Status // when paid for
	}{
		{"WRITE", write, ntstatus.Success},
		{"READ", read, ntstatus.Success},
		{"QUERY_DIRECTORY", list, ntstatus.Success},
		{"QUERY_INFO", query, ntstatus.Success},
		{"IOCTL", ioctl, ntstatus.InvalidDeviceRequest},
	} {
		for _, row := range []struct {
			size   uint32
			charge uint16
			paid   bool
		}{
			{credit, 0, true},
			{credit + 1, 0, false},
			{credit, 1, true},
			{credit + 1, 1, false},
			{credit + 1, 2, true},
			{3 * credit, 2, false},
			{3 * credit, 3, true},
		} {
			want := c.paid
			if !row.paid {
				want = ntstatus.InvalidParameter
			}
			s.Log.Reset()
			what := fmt.Sprintf("%s of %d bytes for %d credits", c.name, row.size, row.charge)
			expectStatus(t, what, p, charged(p, c.request(row.size), row.charge), want)
			if !row.paid {
				expectUntouched(t, what, s)
			}
		}
	}
	for name, m := range map[string]smb2.Message{
		"READ": read(8<<20 + 1), "QUERY_DIRECTORY": list(8<<20 + 1), "QUERY_INFO": query(8<<20 + 1), "IOCTL": ioctl(8<<20 + 1),
	} {
		expectStatus(t, name+" above the maximum", p, charged(p, m, 129), ntstatus.InvalidParameter)
	}
}

func TestCancelNeedsNoCredit(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	held := p.Credits
	for range 100 {
		p.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Header: func(h *smb2.Header) { h.MessageID = 1 << 40 }})
	}
	r := expectStatus(t, "ECHO", p, asking(&smb2.EchoRequest{}, 1), ntstatus.Success)
	if r.Header.Credits != 1 || p.Credits != held {
		t.Errorf("%d credits held, want %d", p.Credits, held)
	}
}
