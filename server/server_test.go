package server_test

import (
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// allDialects are the dialects that the server speaks.
var allDialects = []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300, smb2.Dialect302, smb2.Dialect311}

func TestEachDialectCarriesAFileSignedAndSealed(t *testing.T) {
	for _, d := range allDialects {
		for _, seal := range []bool{false, true} {
			if seal && d < smb2.Dialect300 {
				continue // has no sealing
			}
			t.Run(fmt.Sprintf("%v sealed %v", d, seal), func(t *testing.T) {
				s := smbtest.StartServer(t, smbtest.Options{})
				p := s.Login(func(p *smbtest.Peer) { p.Dialects = []smb2.Dialect{d} })
				p.Seal = seal
				if p.Dialect != d {
					t.Fatalf("negotiated %v, want %v", p.Dialect, d)
				}
				id := p.Open("f")
				p.Write(id, 0, "data")
				var res smb2.ReadResponse
				r := p.MustDo(&smb2.ReadRequest{FileID: id, Length: 10}, &res)
				if string(res.Data) != "data" || r.Sealed != seal || r.Signed == seal {
					t.Errorf("read %q, sealed %v, signed %v", res.Data, r.Sealed, r.Signed)
				}
			})
		}
	}
}

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
