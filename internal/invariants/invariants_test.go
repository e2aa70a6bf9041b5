package invariants_test

import (
	"testing"

	"github.com/signet-smb/signet/internal/invariants"
)

func TestCheckPanicsOnlyWhenEnabledAndViolated(t *testing.T) {
	for _, cond := range []bool{true, false} {
		var got any
		func() {
			defer func() { got = recover() }()
			invariants.Check(cond, "count %d", 7)
		}()
		var want any
		if invariants.Enabled && !cond {
			want = "invariant violated: count 7"
		}
		if got != want {
			t.Errorf("Check(%v) with Enabled=%v: got panic %v, want %v", cond, invariants.Enabled, got, want)
		}
	}
}
