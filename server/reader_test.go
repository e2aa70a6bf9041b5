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
