package policy_test

import (
	"errors"
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
	changed := policy.With(old, policy.RequireSecuritySignature, false, policy.Origin{Layer: policy.LayerCommandLine, Name: "--unsafe"})
	if !policy.Get(old, policy.RequireSecuritySignature) || policy.Get(changed, policy.RequireSecuritySignature) {
		t.Error("With changed the snapshot it was given, or not the copy")
	}
	if got := policy.OriginOf(changed, policy.RequireSecuritySignature).Layer; got != policy.LayerCommandLine {
		t.Errorf("origin %q, want command line", got)
	}
	if got := policy.OriginOf(changed, policy.EncryptData).Layer; got != policy.LayerProfile {
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
		if len(d.Allowed) == 0 {
			t.Errorf("%q: its values are not named", d.Name)
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

func TestAHigherLayerCountsWhateverTheOrder(t *testing.T) {
	of := func(layer policy.Layer, require string) *policy.Values {
		v := policy.NewValues(policy.Origin{Layer: layer, Name: "x"})
		if err := v.Set("SERVER.requiresecuritysignature", require); err != nil {
			t.Fatal(err)
		}
		return v
	}
	s, err := policy.Stack(of(policy.LayerCommandLine, "$true"), nil, of(policy.LayerFile, "0"), of(policy.LayerStore, "True"))
	if err != nil || !policy.Get(s, policy.RequireSecuritySignature) {
		t.Fatalf("%v, or the command line does not count", err)
	}
	if got := policy.OriginOf(s, policy.RequireSecuritySignature).String(); got != "command line x" {
		t.Errorf("origin %q, want command line x", got)
	}
	for _, setting := range s.Settings() {
		if setting.Name != "server.RequireSecuritySignature" {
			continue
		}
		want := []policy.HeldValue{
			{Value: "True", Origin: policy.Origin{Layer: policy.LayerStore, Name: "x"}},
			{Value: "False", Origin: policy.Origin{Layer: policy.LayerFile, Name: "x"}},
			{Value: "True", Origin: policy.Origin{Layer: policy.LayerProfile, Name: "signet"}},
		}
		if setting.Value != "True" || setting.Caution != "" || !slices.Equal(setting.Covered, want) {
			t.Errorf("%+v, want True above %v", setting, want)
		}
	}
}

func TestARefusedValueChangesNothing(t *testing.T) {
	v := policy.NewValues(policy.Origin{Layer: policy.LayerStore, Name: "x"})
	for name, text := range map[string]string{
		"server.EncryptData": "maybe", "server.Nothing": "True", "EncryptData": "True", "server.Smb2CreditsMax": "4294967297",
		"server.EncryptionCiphers": "AES_128_GCM,", "server.Smb2DialectMin": "",
	} {
		err := v.Set(name, text)
		if _, ok := errors.AsType[*policy.PropertyError](err); !ok {
			t.Errorf("Set(%s, %s) = %v, want a *PropertyError", name, text, err)
		}
	}
	s, err := policy.Stack(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range s.Settings() {
		if setting.Origin.Layer != policy.LayerProfile || setting.Caution != "" {
			t.Errorf("%+v, want the profile's", setting)
		}
	}
}

func TestEveryDefaultReadsBackAsItIsPrinted(t *testing.T) {
	for _, setting := range policy.Default().Settings() {
		v := policy.NewValues(policy.Origin{Layer: policy.LayerFile, Name: "x"})
		if err := v.Set(setting.Name, setting.Value); err != nil {
			t.Error(err)
		}
	}
}
