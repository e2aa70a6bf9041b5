package policy_test

import (
	"strings"
	"testing"

	"github.com/signet-smb/signet/policy"
)

// hardenedBy is the value of client.HardenedPaths that text says.
func hardenedBy(t *testing.T, text string) []policy.HardenedPath {
	t.Helper()
	v := policy.NewValues(policy.Origin{Layer: policy.LayerStore, Name: "test"})
	if err := v.Set("client.HardenedPaths", text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	s, err := policy.Stack(v)
	if err != nil {
		t.Fatal(err)
	}
	return policy.Get(s, policy.HardenedPaths)
}

func TestHardenedPathsAreWrittenAsWindowsRegistryHasThem(t *testing.T) {
	d, err := policy.Find("client.HardenedPaths")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{`\\*\SYSVOL=RequireMutualAuthentication=1, RequireIntegrity=1`, `\\*\SYSVOL=RequireMutualAuthentication, RequireIntegrity`},
		{`\\fs1\* = requireprivacy=1,RequireIntegrity=0 ;`, `\\fs1\*=RequirePrivacy`},
		{`\\fs1\my files=RequireIntegrity;\\*\*=RequirePrivacy`, `\\fs1\my files=RequireIntegrity; \\*\*=RequirePrivacy`},
		{`\\*\odd=RequireIntegrity=0`, `\\*\odd=`},
	} {
		value, err := d.Parse(c.text)
		if err != nil || d.Format(value) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.text, d.Format(value), err, c.want)
		}
		if again, err := d.Parse(strings.TrimSuffix(d.Format(value), "=")); c.want != `\\*\odd=` && (err != nil || d.Format(again) != c.want) {
			t.Errorf("%s: written and read again: %v", c.text, err)
		}
	}
	for _, text := range []string{
		`SYSVOL=RequireIntegrity`, `\\*=RequireIntegrity`, `\\*\SYSVOL`, `\\*\SYSVOL=Integrity`, `\\*\SYSVOL=RequireIntegrity=2`,
		`\\f*\SYSVOL=RequireIntegrity`, `\\fs1\a\b=RequireIntegrity`, `\\fs1\a=RequireIntegrity;\\FS1\A=RequirePrivacy`, "\\\\fs1\\a\x00=RequireIntegrity",
	} {
		if v, err := d.Parse(text); err == nil {
			t.Errorf("%q is taken as %v", text, v)
		}
	}
}

func TestWhatSeveralPatternsDemandIsDemandedTogether(t *testing.T) {
	list := hardenedBy(t, `\\*\data=RequireIntegrity; \\fs1\*=RequirePrivacy; \\fs2\data=RequireMutualAuthentication`)
	for _, c := range []struct {
		server, share              string
		mutual, integrity, privacy bool
	}{
		{"FS1", "Data", false, true, true},
		{"fs1", "other", false, false, true},
		{"fs2", "data", true, true, false},
		{"fs3", "other", false, false, false},
	} {
		h := policy.Hardened(list, c.server, c.share)
		if h.MutualAuthentication != c.mutual || h.Integrity != c.integrity || h.Privacy != c.privacy {
			t.Errorf(`\\%s\%s: %+v, want %+v`, c.server, c.share, h, c)
		}
	}
}

func TestLessHardeningIsLessProtection(t *testing.T) {
	for _, c := range []struct {
		before, after string
		less          bool
	}{
		{`\\*\a=RequireIntegrity`, `\\*\A=RequireIntegrity, RequirePrivacy`, false},
		{`\\*\a=RequireIntegrity`, `\\*\*=RequireIntegrity`, false},
		{`\\fs1\a=RequireIntegrity, RequirePrivacy`, `\\fs1\*=RequireIntegrity; \\*\a=RequirePrivacy`, false},
		{`\\*\a=RequireIntegrity`, `\\fs1\a=RequireIntegrity`, true},
		{`\\*\a=RequireIntegrity`, `\\*\a=RequirePrivacy`, true},
		{`\\*\a=RequireIntegrity`, ``, true},
		{``, `\\*\a=RequireIntegrity`, false},
	} {
		if got := policy.HardensLess(hardenedBy(t, c.before), hardenedBy(t, c.after)); got != c.less {
			t.Errorf("from %s to %s: less is %v, want %v", c.before, c.after, got, c.less)
		}
	}
}
