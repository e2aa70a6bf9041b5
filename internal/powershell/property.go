package powershell

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/signet-smb/signet/policy"
)

// windowsTable says what Windows prints of each side, and in which order.
//
//go:embed windows.tsv
var windowsTable string

// Property is a property of the configuration, as PowerShell has it.
type Property struct {
	Name    string
	Type    string // Boolean, UInt32, UInt64, String or String[]
	Values  []string
	Windows bool // Windows has it, too
	Default string
	Help    string
}

// Properties returns the properties of a side, server or client: Windows' in
// Windows' order, then Signet's own in order of their names. The error says
// what Windows has and Signet has not.
func Properties(side string) ([]Property, error) {
	defined := make(map[string]Property)
	settings := policy.Default().Settings()
	for i, d := range policy.Definitions() {
		if name, ok := strings.CutPrefix(d.Name, side+"."); ok {
			defined[name] = propertyOf(name, d, settings[i].Value)
		}
	}
	var list []Property
	for line := range strings.Lines(windowsTable) {
		row := strings.Split(strings.TrimSpace(line), "\t")
		if row[0] != side {
			continue
		}
		p, ok := defined[row[1]]
		if !ok {
			return nil, fmt.Errorf("package policy has no %s.%s, which Windows has", side, row[1])
		}
		delete(defined, row[1])
		p.Windows = true
		switch row[2] {
		case "Enum", p.Type:
		case "String[]":
			p.Type = row[2]
		case "UInt32": // of a few words that are numbers
			if _, err := strconv.ParseUint(p.Default, 10, 32); err != nil {
				return nil, fmt.Errorf("%s.%s is a number in Windows, and %q here", side, p.Name, p.Default)
			}
			p.Type = row[2]
		default:
			return nil, fmt.Errorf("%s.%s is %s in Windows, and %s here", side, p.Name, row[2], p.Type)
		}
		list = append(list, p)
	}
	var own []Property
	for _, p := range defined {
		own = append(own, p)
	}
	slices.SortFunc(own, func(a, b Property) int { return strings.Compare(a.Name, b.Name) })
	return append(list, own...), nil
}

// propertyOf makes a property of its definition.
func propertyOf(name string, d policy.Definition, standard string) Property {
	p := Property{Name: name, Default: standard, Help: d.Doc, Type: "String"}
	switch d.Default.(type) {
	case bool:
		p.Type = "Boolean"
	case uint32:
		p.Type = "UInt32"
	case uint64:
		p.Type = "UInt64"
	case policy.Dialect:
		p.Values = d.Allowed
	case policy.NameHardening:
		p.Values = []string{"0", "1", "2"}
	}
	switch d.State {
	case policy.Works:
		if p.Type != "Boolean" && p.Values == nil {
			p.Help += " Values: " + strings.Join(d.Allowed, ", ") + "."
		}
	case policy.Planned, policy.NotApplicable:
		p.Help += " It is kept and shown, and changes nothing: " + d.Why + "."
	}
	return p
}
