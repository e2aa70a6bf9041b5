package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/policy"
)

// testAudit does what all triggers do, with one Audit property on and all others
// off, and the other way round: what is raised besides what always is are the
// kinds that the property governs, all of them, or none of them.
func testAudit(t *testing.T, k *policy.Key[bool]) {
	t.Helper()
	governed := make(map[string]bool)
	for _, kind := range event.Kinds() {
		if kind.Switch == k.Name {
			governed[kind.Name] = true
		}
	}
	if len(governed) == 0 {
		t.Fatalf("%s governs no kind", k.Name)
	}
	raised := make(map[string]bool)
	for _, tr := range triggers {
		if tr.on == tr.off {
			continue
		}
		for _, alone := range []bool{true, false} {
			p := tr.policy
			if p == nil {
				p = policy.Default()
			}
			p = policy.With(auditAll(p, !alone), k, alone, inTest)
			var want []string
			for _, name := range strings.Fields(tr.on) {
				if slices.Contains(strings.Fields(tr.off), name) || governed[name] == alone {
					want = append(want, name)
				}
				raised[name] = true
			}
			var r recorder
			tr.do(t, smbtest.StartServer(t, smbtest.Options{Policy: p, Authenticator: tr.auth, Events: &r}))
			if got := r.names(); got != strings.Join(want, " ") {
				t.Errorf("%s, %s %v, all others %v: raised %q, want %q", tr.name, k.Name, alone, !alone, got, want)
			}
		}
	}
	for name := range governed {
		if !raised[name] {
			t.Errorf("nothing raises %s", name)
		}
	}
}

func TestServerProperty_AuditClientDoesNotSupportSigning(t *testing.T) {
	testAudit(t, policy.AuditClientDoesNotSupportSigning)
}

func TestServerProperty_AuditClientDoesNotSupportEncryption(t *testing.T) {
	testAudit(t, policy.AuditClientDoesNotSupportEncryption)
}

func TestServerProperty_AuditInsecureGuestLogon(t *testing.T) {
	testAudit(t, policy.AuditInsecureGuestLogon)
}

func TestServerProperty_AuditSmb1Access(t *testing.T) {
	testAudit(t, policy.AuditSmb1Access)
}

func TestServerProperty_AuditClientSpnSupport(t *testing.T) {
	testAudit(t, policy.AuditClientSpnSupport)
}
