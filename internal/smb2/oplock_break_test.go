package smb2

import (
	"strings"
	"testing"
)

func TestStructureSizeTellsLeaseBreaksFromOplockBreaks(t *testing.T) {
	for _, v := range vectors(t) {
		if !strings.HasPrefix(v.message, "OPLOCK_BREAK") {
			continue
		}
		if got, want := IsLeaseBreak(v.bytes), strings.Contains(v.message, "Lease"); got != want {
			t.Errorf("IsLeaseBreak(%s) = %t, want %t", v.name, got, want)
		}
		if IsLeaseBreak(v.bytes[:HeaderSize+1]) {
			t.Errorf("IsLeaseBreak(%s cut inside StructureSize) = true", v.name)
		}
	}
}
