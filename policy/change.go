package policy

import "strings"

// Format writes a value that Parse has returned, as Windows would.
func (d Definition) Format(value any) string { return d.format(value) }

// Weakening is a property that protects less than before.
type Weakening struct {
	Name          string // "server.RequireSecuritySignature"
	Before, After string
	Caution       string // why that is not recommended
}

// Weakenings returns which properties protect less in after than in before, in
// the order of their definitions.
func Weakenings(before, after *Snapshot) []Weakening {
	var list []Weakening
	for i, d := range definitions {
		old, new := before.top(i).value, after.top(i).value
		if d.format(old) == d.format(new) {
			continue
		}
		if caution := d.lowers(old, new); caution != "" {
			list = append(list, Weakening{Name: d.Name, Before: d.format(old), After: d.format(new), Caution: caution})
		}
	}
	return list
}

// lowers returns why the step from old to new is not recommended; "" if it
// lowers no protection.
func (d Definition) lowers(old, new any) string {
	_, property, _ := strings.Cut(d.Name, ".")
	if row, ok := protectors[property]; ok {
		if !row.lowers(old, new) {
			return ""
		}
		if caution := d.caution(new); caution != "" {
			return caution
		}
		return row.caution
	}
	return d.caution(new)
}

// protector is how to compare two values of a property whose values by
// themselves do not tell whether protection is lost between them.
type protector struct {
	lowers  func(old, new any) bool
	caution string // unless the value has one of its own
}

// protectors is the table of such properties, of either side.
var protectors = map[string]protector{
	"BlockNTLM":         {switchedOff, "Not recommended. With NTLM allowed, sign-ins can be relayed, and passwords guessed from what was recorded."},
	"EncryptData":       {switchedOff, "Not recommended. Without encryption, what is read and written can be read on the way."},
	"RequireEncryption": {switchedOff, "Not recommended. Without encryption, what is read and written can be read on the way."},
	"HardenedPaths":     {hardensLess, "Not recommended. Group policy and sign-in scripts are read from such shares: whoever stands in for the server runs what he likes here."},
	"Smb2DialectMin":    {lowerDialect, "Not recommended. Below SMB 3.1.1 it is not certain that a tampered negotiation is noticed, and below SMB 3.0 nothing can be encrypted."},
	"Smb2DialectMax":    {func(old, new any) bool { return lowerDialect(highest(old), highest(new)) }, "Not recommended. The best dialect is the safest."},
}

func switchedOff(old, new any) bool { return old == true && new == false }

func hardensLess(old, new any) bool {
	before, ok := old.([]HardenedPath)
	after, alike := new.([]HardenedPath)
	return ok && alike && HardensLess(before, after)
}

func lowerDialect(old, new any) bool {
	before, ok := old.(Dialect)
	after, alike := new.(Dialect)
	return ok && alike && after < before
}

// highest makes of "no bound" the highest dialect that there is.
func highest(value any) any {
	if value == DialectNone {
		return SMB311
	}
	return value
}
