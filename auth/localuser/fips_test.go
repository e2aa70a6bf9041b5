package localuser_test

import (
	"crypto/fips140"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/signet-smb/signet/auth/localuser"
	"github.com/signet-smb/signet/ntstatus"
)

func TestStoreOpensWhereApprovedAlgorithmsAreEnforced(t *testing.T) {
	if !fips140.Enforced() {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("under fips140=only: %v\n%s", err, out)
		}
		return
	}
	s, _ := newStore(t)
	if _, err := s.Add(t.Context(), localuser.NewAccount{Name: "ann", Password: "tulip"}); !errors.Is(err, ntstatus.NotSupported) {
		t.Errorf("Add: %v, want NotSupported: an NT hash cannot be made", err)
	}
	if list, err := s.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("List = %v, %v", list, err)
	}
}
