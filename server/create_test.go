package server_test

import (
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

func TestNameThatLeadsOutOfTheShareIsBadSyntax(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	for name, want := range map[string]ntstatus.Status{
		`..`: ntstatus.ObjectPathSyntaxBad, `..\x`: ntstatus.ObjectPathSyntaxBad,
		`...`: ntstatus.ObjectNameNotFound, `x\..`: ntstatus.ObjectNameInvalid, `\x`: ntstatus.InvalidParameter,
	} {
		if got := p.Do(openExisting(name, dtyp.FileReadData)).Header.Status; got != want {
			t.Errorf("CREATE %q is %v, want %v", name, got, want)
		}
	}
}
