package server_test

import (
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// The READ is alone when it comes, so it is run by who reads the connection.
// What comes behind it must not wait for it.
func TestSlowRequestHoldsUpNothingThatComesBehindIt(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("slow")
	p.Write(id, 0, "content")
	for range 3 { // who took over is replaced like the first
		entered, release := holdCalls(t, s, "ReadAt")
		p.Send(smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Length: 7}})
		<-entered
		p.Send(smbtest.Element{Message: &smb2.EchoRequest{}})
		if r := receiveOne(t, p); r.Header.Command != smb2.CommandEcho {
			t.Fatalf("got an answer to %v, want one to the ECHO behind it", r.Header.Command)
		}
		release()
		var res smb2.ReadResponse
		r := receiveOne(t, p)
		r.Decode(t, &res)
		if r.Header.Status != ntstatus.Success || string(res.Data) != "content" {
			t.Errorf("READ: %v, %q", r.Header.Status, res.Data)
		}
	}
}

// As a WRITE that AES-GMAC signs is run by the reader, however large it is.
func TestSlowLargeWriteHoldsUpNothingThatComesBehindIt(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login(signingWith(smb2.SigningAESGMAC))
	id := p.Open("slow")
	entered, release := holdCalls(t, s, "WriteAt")
	const charge = 4 // of 64 KiB each
	p.Send(smbtest.Element{
		Message: &smb2.WriteRequest{FileID: id, Data: make([]byte, charge<<16)},
		Header:  func(h *smb2.Header) { h.CreditCharge = charge },
	})
	p.NextMessageID += charge - 1
	<-entered
	p.Send(smbtest.Element{Message: &smb2.EchoRequest{}})
	if r := receiveOne(t, p); r.Header.Command != smb2.CommandEcho {
		t.Fatalf("got an answer to %v, want one to the ECHO behind it", r.Header.Command)
	}
	release()
	var res smb2.WriteResponse
	r := receiveOne(t, p)
	r.Decode(t, &res)
	if r.Header.Status != ntstatus.Success || res.Count != charge<<16 {
		t.Errorf("WRITE: %v, %d bytes", r.Header.Status, res.Count)
	}
}

func TestConnectionThatEndsDuringASlowRequestIsClosedAfterIt(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	id := p.Open("slow")
	p.Write(id, 0, "content")
	entered, release := holdCalls(t, s, "ReadAt")
	p.Send(smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Length: 7}})
	<-entered
	p.Close()
	release() // StartServer's cleanup finds what was left open
}
