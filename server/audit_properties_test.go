package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/policy"
)

// testAudit does what the trigger of that name does, with one Audit property on
// and with it off: the kind is raised only then.
func testAudit(t *testing.T, k *policy.Key[bool], name, kind string) {
	t.Helper()
	i := slices.IndexFunc(triggers, func(tr trigger) bool { return tr.name == name })
	if i < 0 {
		t.Fatalf("no trigger %q", name)
	}
	tr := triggers[i]
	for _, on := range []bool{true, false} {
		p := tr.policy
		if p == nil {
			p = policy.Default()
		}
		var r recorder
		s := smbtest.StartServer(t, smbtest.Options{Policy: policy.With(p, k, on, inTest), Authenticator: tr.auth, Events: &r})
		tr.do(t, s)
		if raised := slices.Contains(strings.Fields(r.names()), kind); raised != on {
			t.Errorf("%s %v: raised %q, want %s: %v", k.Name, on, r.names(), kind, on)
		}
	}
}

func TestServerProperty_AuditClientDoesNotSupportSigning(t *testing.T) {
	testAudit(t, policy.AuditClientDoesNotSupportSigning, "no word of signing", "ClientDoesNotSupportSigning")
}

func TestServerProperty_AuditClientDoesNotSupportEncryption(t *testing.T) {
	testAudit(t, policy.AuditClientDoesNotSupportEncryption, "no cipher at 3.1.1", "ClientDoesNotSupportEncryption")
}

func TestServerProperty_AuditInsecureGuestLogon(t *testing.T) {
	testAudit(t, policy.AuditInsecureGuestLogon, "a guest", "GuestLogon")
}

func TestServerProperty_AuditSmb1Access(t *testing.T) {
	testAudit(t, policy.AuditSmb1Access, "SMB1 only", "SMB1Access")
}

func TestServerProperty_AuditClientSpnSupport(t *testing.T) {
	testAudit(t, policy.AuditClientSpnSupport, "no SPN", "ClientSentNoSPN")
}
