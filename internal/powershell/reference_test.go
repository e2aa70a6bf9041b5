package powershell_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/powershell"
)

// documented is a parameter as Microsoft's reference has it.
type documented struct {
	cmdlet, name, kind, sets string
	required                 bool
	position                 int // from 1 on; 0: by name only
	pipeline, aliases        string
	values                   string
}

// reference reads the parameters of Windows Server 2025.
func reference(t *testing.T) (list []documented) {
	t.Helper()
	data, err := os.ReadFile("testdata/smbshare-winserver2025.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := append(strings.Split(strings.TrimSuffix(line, "\n"), "\t"), "", "", "")
		d := documented{cmdlet: f[0], name: f[1], kind: f[2], sets: f[3], required: f[4] == "True", aliases: f[7], values: f[8]}
		if f[5] != "Named" {
			if _, err := fmt.Sscan(f[5], &d.position); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
		}
		d.pipeline = strings.TrimSuffix(strings.TrimPrefix(f[6], "True ("), ")")
		if d.pipeline == "False" {
			d.pipeline = ""
		}
		list = append(list, d)
	}
	return list
}

// typeOf is what a type of the reference is between brackets here.
func typeOf(kind string) string {
	suffix := ""
	if base, ok := strings.CutSuffix(kind, "[]"); ok {
		kind, suffix = base, "[]"
	}
	switch kind {
	case "Boolean":
		kind = "bool"
	case "SwitchParameter":
		kind = "switch"
	case "UInt32", "UInt64", "String", "UInt16":
		kind = strings.ToLower(kind)
	case "SmbInstance", "Smb2DialectMin", "Smb2DialectMax":
		kind = "string" // one of the accepted values
	}
	return kind + suffix
}

// differs lists in which columns the parameter is not what is documented.
func differs(d documented, p powershell.Parameter) (what []string) {
	columns := []struct{ name, got, want string }{
		{"type", p.Type, typeOf(d.kind)},
		{"sets", p.Set, strings.TrimPrefix(d.sets, "(All)")},
		{"required", fmt.Sprint(p.Required), fmt.Sprint(d.required)},
		{"position", fmt.Sprint(p.Position), fmt.Sprint(d.position)},
		{"pipeline", p.Pipeline, d.pipeline},
		{"aliases", strings.Join(p.Aliases, ", "), d.aliases},
		{"values", strings.Join(p.Values, ", "), d.values},
	}
	for _, c := range columns {
		if c.got != c.want {
			what = append(what, c.name)
		}
	}
	return what
}

// Everything that is not as in Windows is named, with the reason; and nothing is
// named that is.
func TestParametersAreThoseOfWindows(t *testing.T) {
	cmdlets, err := powershell.Cmdlets()
	if err != nil {
		t.Fatal(err)
	}
	byCmdlet := make(map[string][]documented)
	for _, d := range reference(t) {
		byCmdlet[d.cmdlet] = append(byCmdlet[d.cmdlet], d)
	}
	if len(cmdlets) != 18 || len(byCmdlet) < len(cmdlets) {
		t.Fatalf("%d cmdlets, %d documented", len(cmdlets), len(byCmdlet))
	}
	for _, c := range cmdlets {
		var found []powershell.Difference
		for _, d := range byCmdlet[c.Name] {
			i := slices.IndexFunc(c.Parameters, func(p powershell.Parameter) bool {
				return p.Name == d.name || slices.Contains(p.Aliases, d.name) && !slices.Contains([]string{"PSComputerName"}, d.name)
			})
			switch {
			case (d.name == "WhatIf" || d.name == "Confirm") && c.Acts:
			case i < 0:
				found = append(found, powershell.Difference{Parameter: d.name})
			case c.Parameters[i].Name == d.name:
				for _, what := range differs(d, c.Parameters[i]) {
					found = append(found, powershell.Difference{Parameter: d.name, What: what})
				}
			}
		}
		for _, p := range c.Parameters {
			inWindows := slices.ContainsFunc(byCmdlet[c.Name], func(d documented) bool { return d.name == p.Name })
			if p.Kind != "" && !slices.ContainsFunc(powershell.Kinds(), func(k powershell.Kind) bool { return k.Name == p.Kind }) {
				t.Errorf("%s -%s takes %s, which nothing writes", c.Name, p.Name, p.Kind)
			}
			if inWindows == p.Own {
				t.Errorf("%s -%s: Windows has it: %t; said to be Signet's own: %t", c.Name, p.Name, inWindows, p.Own)
			}
		}
		compareDifferences(t, c, found)
	}
}

// compareDifferences holds what was found against what a cmdlet says of itself.
func compareDifferences(t *testing.T, c powershell.Cmdlet, found []powershell.Difference) {
	t.Helper()
	is := func(a powershell.Difference) func(powershell.Difference) bool {
		return func(b powershell.Difference) bool { return a.Parameter == b.Parameter && a.What == b.What }
	}
	for _, f := range found {
		if !slices.ContainsFunc(c.Differences, is(f)) {
			t.Errorf("%s -%s is not what Windows has (%q: type, sets, required, position, pipeline, aliases, values; empty: it is missing), and nobody says why", c.Name, f.Parameter, f.What)
		}
	}
	for _, said := range c.Differences {
		if !slices.ContainsFunc(found, is(said)) {
			t.Errorf("%s -%s is said to differ (%q: %s), and does not", c.Name, said.Parameter, said.What, said.Why)
		}
		if said.Why == "" {
			t.Errorf("%s -%s differs without a reason", c.Name, said.Parameter)
		}
	}
}

// What Windows' objects have, ours have in the same order, or say why not.
func TestObjectsHaveThePropertiesOfWindowsInTheirOrder(t *testing.T) {
	data, err := os.ReadFile("testdata/smbshare-objects.tsv")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for line := range strings.Lines(string(data)) {
		kind, text, _ := strings.Cut(strings.TrimSpace(line), "\t")
		i := slices.IndexFunc(powershell.Kinds(), func(k powershell.Kind) bool { return k.Name == kind })
		if i < 0 {
			continue
		}
		compared++
		k := powershell.Kinds()[i]
		var want, got []string
		for name := range strings.FieldsSeq(text) {
			missing := slices.ContainsFunc(k.Missing, func(d powershell.Difference) bool { return d.Parameter == name && d.Why != "" })
			has := slices.ContainsFunc(k.Members, func(m powershell.Member) bool { return m.Name == name })
			if missing == has {
				t.Errorf("%s.%s: there: %t, said to be missing: %t", kind, name, has, missing)
			}
			if has {
				want = append(want, name)
			}
		}
		for _, m := range k.Members[:len(want)] {
			got = append(got, m.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s begins with %q, want %q", kind, got, want)
		}
	}
	if compared != 4 {
		t.Errorf("%d kinds were compared, want 4", compared)
	}
}
