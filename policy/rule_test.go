package policy_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/policy"
)

var (
	fold   = policy.Folding{Share: strings.ToUpper, Account: strings.ToUpper}
	stored = policy.Origin{Layer: policy.LayerStore, Name: "revision 1"}

	noon    = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	tonight = noon.Add(8 * time.Hour)
	june    = noon.AddDate(0, 0, 30)
)

// requires and exempts make a rule of what follows: "address 10.0.0.0/8",
// "account ann", "share docs".
func requires(name string, whom ...string) policy.RuleSpec {
	s := policy.RuleSpec{Name: name, RequireSecuritySignature: new(true)}
	for _, w := range whom {
		what, value, _ := strings.Cut(w, " ")
		*map[string]*string{"address": &s.Address, "account": &s.Account, "share": &s.Share}[what] = value
	}
	return s
}

func exempts(name string, until time.Time, whom ...string) policy.RuleSpec {
	s := requires(name, whom...)
	s.RequireSecuritySignature, s.Until, s.Reason = new(false), &until, "test"
	return s
}

func warns(name string, until time.Time, whom ...string) policy.RuleSpec {
	s := requires(name, whom...)
	s.WarnUntil = &until
	return s
}

// ruled is the default policy with rules.
func ruled(t *testing.T, specs ...policy.RuleSpec) *policy.Snapshot {
	t.Helper()
	s, err := policy.WithRules(policy.Default(), valuesOf(t, stored, specs...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valuesOf(t *testing.T, from policy.Origin, specs ...policy.RuleSpec) *policy.Values {
	t.Helper()
	v := policy.NewValues(from)
	for _, spec := range specs {
		if err := v.AddRule(spec, fold); err != nil {
			t.Fatalf("%+v: %v", spec, err)
		}
	}
	return v
}

func TestTheMostSpecificRuleCountsAndOfEqualsTheStricter(t *testing.T) {
	s := ruled(t,
		requires("wide", "address 10.0.0.0/8"),
		exempts("lab", june, "address 10.1.0.0/16"),
		requires("bench", "address 10.1.2.0/24"),
		exempts("scanner", june, "address 10.1.2.7"),
		requires("ann", "account Ann"),
		exempts("ann-lab", june, "account ann", "address 10.1.0.0/16"),
		requires("eve-six", "account eve", "address fd00::/8"),
		exempts("bob", tonight, "account bob"),
		warns("soon", june, "address 10.3.0.0/16"),
		exempts("printer", tonight, "address 10.3.0.9"),
		warns("bob-soon", june, "account bob", "address 10.1.2.7"),
		requires("docs", "share Docs"),
		exempts("docs-scanner", june, "share docs", "address 10.1.2.7"),
	)
	for _, c := range []struct {
		address, account, share string
		at                      time.Time
		word                    policy.Word
		by, asked               string
	}{
		{"192.0.2.1", "CARL", "", noon, policy.Unsaid, "", ""},
		{"10.9.9.9", "CARL", "", noon, policy.Required, "wide", ""},
		{"10.1.9.9", "CARL", "", noon, policy.NotRequired, "lab", ""},
		{"10.1.2.9", "CARL", "", noon, policy.Required, "bench", ""},
		{"10.1.2.7", "CARL", "", noon, policy.NotRequired, "scanner", ""},
		{"10.1.2.7", "CARL", "", june, policy.Required, "bench", ""},
		{"10.1.2.7", "ANN", "", noon, policy.NotRequired, "ann-lab", ""},
		{"10.1.2.7", "ANN", "", june, policy.Required, "ann", ""},
		{"10.2.0.1", "ANN", "", noon, policy.Required, "ann", ""},
		{"fd00::1", "EVE", "", noon, policy.Required, "eve-six", ""},
		{"10.9.9.9", "EVE", "", noon, policy.Required, "wide", ""},
		{"192.0.2.1", "EVE", "", noon, policy.Unsaid, "", ""},
		{"10.9.9.9", "BOB", "", noon, policy.NotRequired, "bob", ""},
		{"10.9.9.9", "BOB", "", tonight, policy.Required, "wide", ""},
		{"10.1.2.7", "BOB", "", noon, policy.NotRequired, "bob", "bob-soon"},
		{"10.1.2.7", "BOB", "", june, policy.Required, "bob-soon", ""},
		{"10.3.0.1", "CARL", "", noon, policy.Required, "wide", ""}, // who warns lifts nothing
		{"10.3.0.9", "CARL", "", noon, policy.NotRequired, "printer", ""},
		{"10.3.0.9", "CARL", "", tonight, policy.Required, "wide", ""},
		{"10.1.2.7", "", "", noon, policy.NotRequired, "scanner", ""},
		{"", "ANN", "", noon, policy.Required, "ann", ""},
		{"", "CARL", "", noon, policy.Unsaid, "", ""},
		{"10.9.9.9", "CARL", "DOCS", noon, policy.Required, "docs", ""},
		{"10.1.2.7", "CARL", "DOCS", noon, policy.NotRequired, "docs-scanner", ""},
		{"10.1.2.7", "CARL", "DOCS", june, policy.Required, "docs", ""},
		{"10.1.2.7", "CARL", "OTHER", noon, policy.Unsaid, "", ""},
	} {
		p := policy.Party{Account: c.account}
		if c.address != "" {
			p.Address = netip.MustParseAddr(c.address)
		}
		said := s.Judge(p, c.share, c.at).Signing
		if said.Word != c.word || nameOf(said.By) != c.by || nameOf(said.Asked) != c.asked {
			t.Errorf("%+v: %v by %q, asked by %q", c, said.Word, nameOf(said.By), nameOf(said.Asked))
		}
		if e := s.Judge(p, c.share, c.at).Encryption; e != (policy.Saying{}) {
			t.Errorf("%+v: encryption %+v, want nothing", c, e)
		}
	}
}

func nameOf(r *policy.Rule) string {
	if r == nil {
		return ""
	}
	return r.Name
}

func TestOfRulesOfSeveralLayersThatAreAlikeTheStricterCounts(t *testing.T) {
	file := valuesOf(t, policy.Origin{Layer: policy.LayerFile, Name: "f"}, requires("net", "address 10.0.0.0/8"))
	store := valuesOf(t, stored, exempts("NET", june, "address 10.0.0.0/8"))
	s, err := policy.Stack(store, file)
	if err != nil {
		t.Fatal(err)
	}
	said := s.Judge(policy.Party{Address: netip.MustParseAddr("10.0.0.1")}, "", noon).Signing
	if said.Word != policy.Required || said.By.Origin.Layer != policy.LayerFile {
		t.Errorf("%+v, want what the file requires", said)
	}
	if o := s.Overlaps("net", noon); len(o) != 1 || !strings.Contains(o[0], "stricter, and as specific") {
		t.Errorf("overlaps %q", o)
	}
}

func TestRulesThatMakeNoSenseAreRefused(t *testing.T) {
	both := exempts("x", june, "address 10.0.0.7")
	both.WarnUntil = &tonight
	noUntil, noReason, nothing := exempts("x", june, "address 10.0.0.7"), exempts("x", june, "address 10.0.0.7"), requires("x", "address 10.0.0.7")
	noUntil.Until, noReason.Reason, nothing.RequireSecuritySignature = nil, "", nil
	never := warns("x", june, "address 10.0.0.7")
	never.Until = &june
	control := requires("x", "account ann")
	control.Reason = "a\x1bb"
	for _, c := range []struct {
		spec     policy.RuleSpec
		property string
	}{
		{requires("", "account ann"), "Name"},
		{requires("-x", "account ann"), "Name"},
		{requires("a b", "account ann"), "Name"},
		{requires("é", "account ann"), "Name"},
		{requires(strings.Repeat("x", 65), "account ann"), "Name"},
		{requires("x"), "Address"},
		{requires("x", "address 10.0.0.7/24"), "Address"},
		{requires("x", "address 10.0.0.256"), "Address"},
		{requires("x", "address scanner"), "Address"},
		{requires("x", "address fe80::1%eth0"), "Address"},
		{requires("x", "address ::ffff:10.0.0.0/104"), "Address"},
		{requires("x", `account HOST\ann`), "Account"},
		{requires("x", "account ann@host"), "Account"},
		{requires("x", "account a\nb"), "Account"},
		{requires("x", "share a/b"), "Share"},
		{requires("x", "share "+strings.Repeat("s", 81)), "Share"},
		{exempts("x", june, "share docs"), "Address"},
		{nothing, "RequireSecuritySignature"},
		{noUntil, "Until"},
		{noReason, "Reason"},
		{control, "Reason"},
		{both, "WarnUntil"},
		{never, "WarnUntil"},
	} {
		err := policy.NewValues(stored).AddRule(c.spec, fold)
		if e, ok := errors.AsType[*policy.PropertyError](err); !ok || e.Property != c.property {
			t.Errorf("%+v: %v, want a refusal of %s", c.spec, err, c.property)
		}
	}
	for _, pair := range [][2]policy.RuleSpec{
		{requires("a", "address 10.0.0.7"), exempts("b", june, "address ::ffff:10.0.0.7")},
		{requires("a", "account ann"), requires("b", "account ANN")},
		{requires("a", "share docs"), warns("b", june, "share DOCS")},
		{requires("a", "share docs"), requires("A", "account ann")},
	} {
		_, err := policy.WithRules(policy.Default(), valuesOf(t, stored, pair[:]...))
		if _, ok := errors.AsType[*policy.PropertyError](err); !ok {
			t.Errorf("%s and %s: %v, want a refusal", pair[0].String(), pair[1].String(), err)
		}
	}
	many := policy.NewValues(stored)
	for i := range 1001 {
		if err := many.AddRule(requires("r"+strings.Repeat("x", i%50)+string(rune('a'+i/50)), "address 10.0.0.7"), fold); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := policy.WithRules(policy.Default(), many); err == nil {
		t.Error("1001 rules are taken")
	}
}

func TestWhatProtectsLessIsFound(t *testing.T) {
	at := func(s policy.RuleSpec, until time.Time) policy.RuleSpec { s.Until = &until; return s }
	require, exempt := requires("r", "address 10.0.0.0/8"), exempts("r", june, "address 10.0.0.7")
	for _, c := range []struct {
		what          string
		before, after []policy.RuleSpec
		want          bool
	}{
		{"nothing", nil, nil, false},
		{"a requirement comes", nil, []policy.RuleSpec{require}, false},
		{"a requirement goes", []policy.RuleSpec{require}, nil, true},
		{"a requirement warns only", []policy.RuleSpec{require}, []policy.RuleSpec{warns("r", june, "address 10.0.0.0/8")}, true},
		{"a requirement warns for longer", []policy.RuleSpec{warns("r", tonight, "account a")}, []policy.RuleSpec{warns("r", june, "account a")}, true},
		{"a requirement warns less long", []policy.RuleSpec{warns("r", june, "account a")}, []policy.RuleSpec{warns("r", tonight, "account a")}, false},
		{"a requirement gets an end", []policy.RuleSpec{require}, []policy.RuleSpec{at(require, june)}, true},
		{"a requirement loses its end", []policy.RuleSpec{at(require, june)}, []policy.RuleSpec{require}, false},
		{"a requirement is about others", []policy.RuleSpec{require}, []policy.RuleSpec{requires("r", "address 10.0.0.0/9")}, true},
		{"a requirement becomes an exception", []policy.RuleSpec{requires("r", "address 10.0.0.7")}, []policy.RuleSpec{exempt}, true},
		{"an exception comes", nil, []policy.RuleSpec{exempt}, true},
		{"an exception that is over comes", nil, []policy.RuleSpec{at(exempt, noon)}, false},
		{"an exception goes", []policy.RuleSpec{exempt}, nil, false},
		{"an exception ends sooner", []policy.RuleSpec{exempt}, []policy.RuleSpec{at(exempt, tonight)}, false},
		{"an exception ends later", []policy.RuleSpec{at(exempt, tonight)}, []policy.RuleSpec{exempt}, true},
		{"an exception is about others", []policy.RuleSpec{exempt}, []policy.RuleSpec{exempts("r", june, "address 10.0.0.8")}, true},
		{"a requirement that is over goes", []policy.RuleSpec{at(require, noon)}, nil, false},
	} {
		list := policy.RuleWeakenings(ruled(t, c.before...), ruled(t, c.after...), noon)
		if (len(list) > 0) != c.want || len(list) > 1 || len(list) == 1 && (list[0].Name != "rule.r" || list[0].Caution == "" || list[0].Before == list[0].After) {
			t.Errorf("%s: %+v, want protection lowered: %t", c.what, list, c.want)
		}
	}
}

func TestClientsAreToldThatTheyMayHaveToSign(t *testing.T) {
	off := policy.With(policy.Default(), policy.RequireSecuritySignature, false, stored)
	for _, c := range []struct {
		what     string
		property bool
		rules    []policy.RuleSpec
		want     bool
	}{
		{"the property", true, nil, true},
		{"nothing", false, nil, false},
		{"another network", false, []policy.RuleSpec{requires("r", "address 10.2.0.0/16")}, false},
		{"its network", false, []policy.RuleSpec{requires("r", "address 10.1.0.0/16")}, true},
		{"its network, later", false, []policy.RuleSpec{warns("r", june, "address 10.1.0.0/16")}, true},
		{"an account", false, []policy.RuleSpec{requires("r", "account ann")}, true},
		{"an account elsewhere", false, []policy.RuleSpec{requires("r", "account ann", "address 10.2.0.0/16")}, false},
		{"a share", false, []policy.RuleSpec{requires("r", "share docs")}, true},
		{"a share, later", false, []policy.RuleSpec{warns("r", june, "share docs")}, true},
		{"an exception from the property", true, []policy.RuleSpec{exempts("r", june, "address 10.1.0.7")}, false},
		{"one that is over", true, []policy.RuleSpec{exempts("r", noon, "address 10.1.0.7")}, true},
		{"an account's exception", true, []policy.RuleSpec{exempts("r", june, "account ann")}, true},
		{"an exception within a network", false, []policy.RuleSpec{requires("r", "address 10.0.0.0/8"), exempts("e", june, "address 10.1.0.7")}, false},
		{"an exception where a share requires it", false, []policy.RuleSpec{requires("r", "share docs"), exempts("e", june, "address 10.1.0.7")}, true},
	} {
		base := off
		if c.property {
			base = policy.Default()
		}
		s, err := policy.WithRules(base, valuesOf(t, stored, c.rules...))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.MayRequireSigning(netip.MustParseAddr("10.1.0.7"), noon); got != c.want {
			t.Errorf("%s: %t, want %t", c.what, got, c.want)
		}
	}
}

func TestChangesOfWhatRulesSayAreForeseen(t *testing.T) {
	s := ruled(t, exempts("a", june, "address 10.0.0.7"), warns("b", tonight, "address 10.0.0.0/8"), exempts("c", tonight, "account ann"))
	p := policy.Party{Address: netip.MustParseAddr("10.0.0.7")}
	for _, c := range []struct{ at, want time.Time }{{noon, tonight}, {tonight, june}, {june, time.Time{}}} {
		if got := s.NextChange(p, "", c.at); !got.Equal(c.want) {
			t.Errorf("after %v: %v, want %v", c.at, got, c.want)
		}
	}
	if got := s.NextChange(policy.Party{Address: netip.MustParseAddr("192.0.2.1")}, "", noon); !got.IsZero() {
		t.Errorf("of nobody: %v, want never", got)
	}
	other := netip.MustParseAddr("10.0.0.8")
	if s.TreatsAlike(p.Address, other) || !s.TreatsAlike(other, netip.MustParseAddr("10.9.0.1")) || !policy.Default().TreatsAlike(p.Address, other) {
		t.Error("TreatsAlike does not see which addresses rules name")
	}
}

func TestOverlapsAreSaid(t *testing.T) {
	encrypt := requires("vault", "share docs")
	encrypt.RequireSecuritySignature, encrypt.EncryptData = nil, new(true)
	s := ruled(t, requires("wide", "address 10.0.0.0/8"), exempts("lab", june, "address 10.1.0.0/16"), encrypt,
		requires("docs", "share docs"), exempts("docs-lab", june, "share docs", "address 10.1.0.0/16"), requires("far", "address 192.0.2.0/24"), exempts("over", noon, "address 10.0.0.0/9"))
	for name, want := range map[string][]string{
		"wide":     {"rule wide (address 10.0.0.0/8) still requires RequireSecuritySignature: docs-lab is no exception from it", "rule lab (address 10.1.0.0/16) also speaks of RequireSecuritySignature: where both fit, lab counts"},
		"LAB":      {"rule docs (share docs) still requires", "rule wide (address 10.0.0.0/8) also speaks of RequireSecuritySignature: where both fit, lab counts, which is more specific"},
		"docs-lab": {"where both fit, docs-lab counts", "rule wide (address 10.0.0.0/8) still requires", "of the server, and of the share itself, still counts there"},
		"vault":    nil,
		"far":      nil,
		"nobody":   nil,
		"over":     nil,
	} {
		got := s.Overlaps(name, noon)
		for _, text := range want {
			found := false
			for _, sentence := range got {
				found = found || strings.Contains(sentence, text)
			}
			if !found {
				t.Errorf("%s: %q is missing %q", name, got, text)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d overlaps, want %d: %q", name, len(got), len(want), got)
		}
	}
}

func TestJudgingAllocatesNothing(t *testing.T) {
	s := ruled(t, requires("wide", "address 10.0.0.0/8"), exempts("lab", june, "address 10.1.0.0/16"), requires("docs", "share docs"))
	p := policy.Party{Address: netip.MustParseAddr("10.1.0.1"), Account: "ANN"}
	if n := testing.AllocsPerRun(100, func() { s.Judge(p, "", noon); s.Judge(p, "DOCS", noon) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
