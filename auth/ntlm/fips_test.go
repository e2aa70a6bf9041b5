package ntlm

import (
	"crypto/fips140"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/signet-smb/signet/ntstatus"
)

func TestExchangesAreRefusedWhereApprovedAlgorithmsAreEnforced(t *testing.T) {
	if !fips140.Enforced() {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("under fips140=only: %v\n%s", err, out)
		}
		return
	}
	if err := Available(); !errors.Is(err, ntstatus.NotSupported) {
		t.Errorf("Available: %v, want NotSupported", err)
	}
	if _, _, err := newTestServer(nil).NewAcceptor().Accept(t.Context(), negotiate{Flags: requested}.encode()); !errors.Is(err, ntstatus.NotSupported) {
		t.Errorf("server: %v, want NotSupported", err)
	}
	if _, _, err := NewInitiator(Credentials{User: "ann", Password: "tulip"}).Step(t.Context(), nil); !errors.Is(err, ntstatus.NotSupported) {
		t.Errorf("client: %v, want NotSupported", err)
	}
}
