package dtyp_test

import (
	"testing"

	"github.com/signet-smb/signet/dtyp"
)

func TestGenericRightsBecomeThoseOfFiles(t *testing.T) {
	for _, c := range []struct{ in, want dtyp.AccessMask }{
		{0, 0},
		{dtyp.GenericAll, dtyp.FileAllAccess},
		{dtyp.GenericRead, dtyp.FileReadData | dtyp.FileReadAttributes | dtyp.FileReadEA | dtyp.ReadControl | dtyp.Synchronize},
		{dtyp.GenericWrite, dtyp.FileWriteData | dtyp.FileAppendData | dtyp.FileWriteAttributes | dtyp.FileWriteEA | dtyp.ReadControl | dtyp.Synchronize},
		{dtyp.GenericExecute, dtyp.FileExecute | dtyp.FileReadAttributes | dtyp.ReadControl | dtyp.Synchronize},
		{dtyp.GenericRead | dtyp.Delete, dtyp.FileGenericRead | dtyp.Delete},
		{dtyp.MaximumAllowed | dtyp.FileReadData, dtyp.MaximumAllowed | dtyp.FileReadData},
	} {
		if got := c.in.MapGeneric(); got != c.want {
			t.Errorf("MapGeneric(0x%08X) = 0x%08X, want 0x%08X", uint32(c.in), uint32(got), uint32(c.want))
		}
	}
}

func TestHasWantsEveryRightAndHasAnyOne(t *testing.T) {
	m := dtyp.FileReadData | dtyp.Delete
	if !m.Has(dtyp.Delete) || m.Has(dtyp.Delete|dtyp.WriteDAC) || !m.Has(0) {
		t.Error("Has")
	}
	if !m.HasAny(dtyp.Delete|dtyp.WriteDAC) || m.HasAny(dtyp.WriteDAC) || m.HasAny(0) {
		t.Error("HasAny")
	}
}
