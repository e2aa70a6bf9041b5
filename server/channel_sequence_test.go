package server_test

import (
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// sequenced is an element sent with a channel sequence number.
func sequenced(m smb2.Message, seq uint16, flags smb2.HeaderFlags) smbtest.Element {
	return smbtest.Element{Message: m, Flags: flags, Header: func(h *smb2.Header) { h.Status = ntstatus.Status(seq) }}
}

func TestRequestsOfALostChannelChangeNothing(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	var res smb2.CreateResponse
	r := expectStatus(t, "CREATE", p, sequenced(smbtest.CreateFile("f"), 0xFFFE, 0), ntstatus.Success)
	r.Decode(t, &res)
	id := res.FileID
	write := &smb2.WriteRequest{FileID: id, Data: []byte("x")}
	set := setInfo(id, fscc.FilePositionInformation, &fscc.PositionInformation{})
	control := &smb2.IoctlRequest{CtlCode: fscc.FSCTLSrvRequestResumeKey, FileID: id, Flags: smb2.IoctlIsFSCTL, MaxOutputResponse: 32}
	read := &smb2.ReadRequest{FileID: id, Length: 1}
	const gone = ntstatus.FileNotAvailable
	for _, c := range []struct {
		what string
		e    smbtest.Element
		want ntstatus.Status
	}{
		{"WRITE under the sequence of CREATE", sequenced(write, 0xFFFE, 0), ntstatus.Success},
		{"a WRITE that is late", sequenced(write, 0xFFFD, 0), gone},
		{"a WRITE that is later than half of all numbers", sequenced(write, 0x7FFE, 0), gone},
		{"WRITE after a channel was lost", sequenced(write, 1, 0), ntstatus.Success}, // round the corner
		{"a WRITE of the lost channel", sequenced(write, 0xFFFE, 0), gone},
		{"a SET_INFO of it", sequenced(set, 0, 0), gone},
		{"an IOCTL of it", sequenced(control, 0, 0), gone},
		{"a READ of it", sequenced(read, 0, 0), ntstatus.Success},
		{"a WRITE repeated", sequenced(write, 1, smb2.FlagReplayOperation), ntstatus.Success},
		{"a WRITE repeated by the lost channel", sequenced(write, 0, smb2.FlagReplayOperation), gone},
		{"a WRITE repeated under the next", sequenced(write, 2, smb2.FlagReplayOperation), ntstatus.Success},
		{"SET_INFO", sequenced(set, 2, 0), ntstatus.Success},
		{"IOCTL", sequenced(control, 2, 0), ntstatus.Success},
		{"WRITE as far ahead as may be", sequenced(write, 2+0x7FFF, 0), ntstatus.Success},
		{"CLOSE of the lost channel", sequenced(&smb2.CloseRequest{FileID: id}, 0, 0), ntstatus.Success},
	} {
		expectStatus(t, c.what, p, c.e, c.want)
	}
}

func TestChannelSequencesAreNoMatterBefore3(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login(func(p *smbtest.Peer) { p.Dialects = []smb2.Dialect{smb2.Dialect210} })
	id := p.Open("f")
	for _, seq := range []uint16{5, 4, 0xFFFF} {
		expectStatus(t, "WRITE", p, sequenced(&smb2.WriteRequest{FileID: id, Data: []byte("x")}, seq, 0), ntstatus.Success)
	}
}

func TestWriteIsNotRepeatedWhileTheFirstMayBeUnderWay(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("f")
	entered, release := holdCalls(t, s, "WriteAt")
	write := &smb2.WriteRequest{FileID: id, Data: []byte("x")}
	p.Send(sequenced(write, 0, 0)) // and its channel is lost
	<-entered
	expectStatus(t, "its repetition", p, sequenced(write, 1, smb2.FlagReplayOperation), ntstatus.FileNotAvailable)
	expectStatus(t, "the same again", p, sequenced(write, 1, smb2.FlagReplayOperation), ntstatus.FileNotAvailable)
	expectStatus(t, "what repeats nothing", p, sequenced(
		setInfo(id, fscc.FileBasicInformation, &fscc.BasicInformation{FileAttributes: fscc.FileAttributeHidden}), 1, 0), ntstatus.Success)
	release()
	if replies, ok := p.Receive(); !ok || replies[0].Header.Status != ntstatus.Success {
		t.Fatalf("the first WRITE: %v, %v", replies, ok)
	}
	expectStatus(t, "its repetition, now that it is done", p, sequenced(write, 1, smb2.FlagReplayOperation), ntstatus.Success)
	look := smbtest.CreateFile("f")
	look.DesiredAccess = dtyp.FileReadAttributes
	expectStatus(t, "another open", p, sequenced(look, 9, 0), ntstatus.Success)
}
