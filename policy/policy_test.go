package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/policy"
)

func TestDefaultsAreThoseOfProfileSignet(t *testing.T) {
	s := policy.Default()
	if !policy.Get(s, policy.RequireSecuritySignature) {
		t.Error("RequireSecuritySignature = false, want true")
	}
	if policy.Get(s, policy.EncryptData) {
		t.Error("EncryptData = true, want false")
	}
	want := []policy.SigningAlgorithm{policy.AESGMAC, policy.AESCMAC, policy.HMACSHA256}
	if got := policy.Get(s, policy.SigningAlgorithms); !slices.Equal(got, want) {
		t.Errorf("SigningAlgorithms = %v, want %v", got, want)
	}
	if got := policy.OriginOf(s, policy.EncryptData).String(); got != "profile signet" {
		t.Errorf("origin %q, want profile signet", got)
	}
}

func TestWithChangesACopyAndNamesItsOrigin(t *testing.T) {
	old := policy.Default()
	changed := policy.With(old, policy.RequireSecuritySignature, false, policy.Origin{Layer: "command line", Name: "--unsafe"})
	if !policy.Get(old, policy.RequireSecuritySignature) || policy.Get(changed, policy.RequireSecuritySignature) {
		t.Error("With changed the snapshot it was given, or not the copy")
	}
	if got := policy.OriginOf(changed, policy.RequireSecuritySignature).Layer; got != "command line" {
		t.Errorf("origin %q, want command line", got)
	}
	if got := policy.OriginOf(changed, policy.EncryptData).Layer; got != "profile" {
		t.Errorf("origin of another key %q, want profile", got)
	}
}

func TestEveryDefinitionIsDocumented(t *testing.T) {
	seen := make(map[string]bool)
	for _, d := range policy.Definitions() {
		side, name, ok := strings.Cut(d.Name, ".")
		if !ok || side != "server" && side != "client" || name == "" {
			t.Errorf("%q: want server.Name or client.Name", d.Name)
		}
		if seen[d.Name] {
			t.Errorf("%q is defined twice", d.Name)
		}
		seen[d.Name] = true
		if d.Doc == "" || d.Scope == 0 || d.Reload == 0 {
			t.Errorf("%q: doc, scope or reload class is missing", d.Name)
		}
		if d.Section != "local" && !strings.HasPrefix(d.Section, "[MS-") {
			t.Errorf("%q: section %q, want one of a specification, or local", d.Name, d.Section)
		}
	}
}

func TestLookUpAllocatesNothing(t *testing.T) {
	s := policy.Default()
	if n := testing.AllocsPerRun(100, func() { policy.Get(s, policy.RequireSecuritySignature) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkGet(b *testing.B) {
	s := policy.Default()
	b.ReportAllocs()
	for b.Loop() {
		policy.Get(s, policy.Smb2CreditsMax)
	}
}
