package auth_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/ntstatus"
)

func TestAccountNameLeavesTheDomainOff(t *testing.T) {
	for in, want := range map[string]string{
		"ann": "ann", `HOST\ann`: "ann", `.\ann`: "ann", `WORKGROUP\ann`: "ann", `A\B\ann`: "ann",
		"ann@host": "ann", "ann@host.example": "ann", `D\ann@host@x`: "ann",
		"": "", `\`: "", "@": "", "@host": "",
	} {
		if got := auth.AccountName(in); got != want {
			t.Errorf("AccountName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFailureAnswersItsStatusBeforeThatOfItsCause(t *testing.T) {
	f := &auth.Failure{Status: ntstatus.LogonFailure, Mechanism: "NTLMv2", Reason: "r", Err: errors.Join(ntstatus.InternalError, fs.ErrNotExist)}
	if s, ok := errors.AsType[ntstatus.Status](error(f)); !ok || s != ntstatus.LogonFailure {
		t.Errorf("status %v, %v, want LogonFailure", s, ok)
	}
	if !errors.Is(f, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	if got, want := (&auth.Failure{Status: ntstatus.LogonFailure, Mechanism: "SPNEGO", Reason: "r"}).Error(), "SPNEGO logon: r: STATUS_LOGON_FAILURE"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestCaseOfTheUserNameFollowsWindows(t *testing.T) {
	for in, want := range map[string]string{
		"ann": "ANN", "Straße": "STRAßE", "ÿ": "Ÿ", "äöü": "ÄÖÜ", "жук": "ЖУК",
		"ı": "ı", "ſ": "ſ", "µ": "µ", "𐐨": "𐐨", "": "",
	} {
		if got := auth.Upcase(in); got != want {
			t.Errorf("Upcase(%q) = %q, want %q", in, got, want)
		}
	}
}
