package policy_test

import (
	"testing"

	"github.com/signet-smb/signet/policy"
)

func TestWeakeningsAreTheStepsThatLowerProtection(t *testing.T) {
	for _, c := range []struct {
		property, before, after string
		weaker                  bool
	}{
		{"server.RequireSecuritySignature", "True", "False", true},
		{"server.RequireSecuritySignature", "False", "True", false},
		{"server.RequireSecuritySignature", "False", "False", false},
		{"server.EncryptData", "True", "False", true},
		{"server.EncryptData", "False", "True", false},
		{"server.RejectUnencryptedAccess", "True", "False", true},
		{"server.Smb2DialectMin", "SMB311", "SMB300", true},
		{"server.Smb2DialectMin", "SMB300", "None", true},
		{"server.Smb2DialectMin", "None", "SMB311", false},
		{"server.Smb2DialectMax", "None", "SMB302", true},
		{"server.Smb2DialectMax", "None", "SMB311", false},
		{"server.Smb2DialectMax", "SMB300", "SMB210", true},
		{"server.Smb2DialectMax", "SMB210", "SMB300", false},
		{"server.Smb2DialectMax", "SMB300", "None", false},
		{"server.Smb2CreditsMax", "8192", "128", false},
	} {
		snapshots := make([]*policy.Snapshot, 2)
		for i, text := range []string{c.before, c.after} {
			v := policy.NewValues(policy.Origin{Layer: policy.LayerStore, Name: "test"})
			if err := v.Set(c.property, text); err != nil {
				t.Fatal(err)
			}
			var err error
			if snapshots[i], err = policy.Stack(v); err != nil {
				t.Fatal(err)
			}
		}
		got := policy.Weakenings(snapshots[0], snapshots[1])
		if len(got) == 1 != c.weaker {
			t.Errorf("%s from %s to %s: %+v, want weaker %v", c.property, c.before, c.after, got, c.weaker)
		}
		if c.weaker && len(got) == 1 && (got[0].Name != c.property || got[0].Before != c.before || got[0].After != c.after || got[0].Caution == "") {
			t.Errorf("%s from %s to %s: %+v", c.property, c.before, c.after, got[0])
		}
	}
}

func TestAValueIsFormattedAsWindowsWritesIt(t *testing.T) {
	for _, c := range [][3]string{
		{"SERVER.requiresecuritysignature", "$false", "False"},
		{"server.encryptionciphers", "aes_256_gcm,AES_128_GCM", "AES_256_GCM, AES_128_GCM"},
	} {
		d, err := policy.Find(c[0])
		if err != nil {
			t.Fatal(err)
		}
		v, err := d.Parse(c[1])
		if err != nil || d.Format(v) != c[2] {
			t.Errorf("%s %q is %q, %v, want %q", c[0], c[1], d.Format(v), err, c[2])
		}
	}
}
