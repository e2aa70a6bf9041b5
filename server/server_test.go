package server_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAFileIsWrittenReadAndDeletedOverEachSigningAlgorithm(t *testing.T) {
	for _, alg := range []smb2.SigningAlgorithm{smb2.SigningAESGMAC, smb2.SigningAESCMAC, smb2.SigningHMACSHA256} {
		t.Run(alg.String(), func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login(func(p *smbtest.Peer) { p.Signing = []smb2.SigningAlgorithm{alg} })
			if p.Algorithm != alg {
				t.Fatalf("negotiated %v, want %v", p.Algorithm, alg)
			}
			id := p.Open("hello.txt")
			p.Write(id, 0, "hello, world")
			if got := p.Read(id, 7, 100); got != "world" {
				t.Errorf("read %q, want %q", got, "world")
			}
			p.CloseFile(id)
			if r := p.Do(&smb2.ReadRequest{FileID: id, Length: 1}); r.Header.Status != ntstatus.FileClosed {
				t.Errorf("read after close: %v, want FileClosed", r.Header.Status)
			}
		})
	}
}
