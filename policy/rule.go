package policy

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// RuleSpec is a rule as it is written down: what is demanded of some clients,
// accounts or shares, instead of what the properties of the server say.
//
// Whom it is about is all that it names: of a rule with an Account and an
// Address both must fit. It names a client by address only. A client also says
// what it is called, but says so itself, and anybody can say the same.
type RuleSpec struct {
	Name    string `json:"Name"`              // unique in its layer without regard to case
	Share   string `json:"Share,omitempty"`   // "": it is about sessions
	Address string `json:"Address,omitempty"` // "10.0.0.7", "10.0.0.0/8", "fd00::/8"; "": any
	Account string `json:"Account,omitempty"` // as it is stored, without domain; "": any, also those without

	// nil says nothing, False makes the rule an exception.
	RequireSecuritySignature *bool `json:"RequireSecuritySignature,omitempty"`
	EncryptData              *bool `json:"EncryptData,omitempty"`

	WarnUntil *time.Time `json:"WarnUntil,omitempty"` // before that, what it requires is asked for, and nobody refused
	Until     *time.Time `json:"Until,omitempty"`     // its end; nil: none
	Reason    string     `json:"Reason,omitempty"`
}

// Bounds of a rule, and of rules.
const (
	maxRules       = 1000 // of one layer
	maxRuleName    = 64
	maxRuleShare   = 80 // characters; [MS-SRVS] 2.2.4.23
	maxRuleAccount = 256
	maxRuleReason  = 1000
)

// Folding are the forms by which names are compared: two shares, or accounts,
// are one if their forms are.
type Folding struct {
	Share, Account func(string) string
}

// Rule is a rule in a snapshot. Immutable.
type Rule struct {
	RuleSpec
	Origin Origin

	address netip.Prefix // zero: any
	share   string       // folded; "": it is about sessions
	account string       // folded; "": any
}

// newRule reads and checks spec.
func newRule(spec RuleSpec, fold Folding, from Origin) (*Rule, error) {
	r := &Rule{RuleSpec: spec, Origin: from}
	if err := r.checkName(); err != nil {
		return nil, err
	}
	if err := r.checkWhom(); err != nil {
		return nil, err
	}
	if err := r.checkWhat(); err != nil {
		return nil, err
	}
	if r.Share != "" {
		r.share = fold.Share(r.Share)
	}
	if r.Account != "" {
		r.account = fold.Account(r.Account)
	}
	return r, nil
}

// refuse makes the refusal of what r says of a property.
func (r *Rule) refuse(property, problem string, allowed ...string) error {
	return &PropertyError{Property: property, Problem: problem, Allowed: allowed}
}

func (r *Rule) checkName() error {
	letter := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
	}
	for i, c := range r.Name {
		if !letter(c) && (i == 0 || !strings.ContainsRune("-_.", c)) {
			return r.refuse("Name", fmt.Sprintf("cannot be %q", r.Name), "letters, digits, and behind the first of them - _ .")
		}
	}
	if r.Name == "" || len(r.Name) > maxRuleName {
		return r.refuse("Name", "is missing or too long", fmt.Sprintf("1 to %d letters, digits, - _ .", maxRuleName))
	}
	return nil
}

// checkWhom checks and reads whom r is about.
func (r *Rule) checkWhom() (err error) {
	if r.Share == "" && r.Address == "" && r.Account == "" {
		return r.refuse("Address", "is missing, and so are Share and Account: for everybody there is the property of the server")
	}
	if strings.ContainsAny(r.Share, "\\/:*?\"<>|") || utf8.RuneCountInString(r.Share) > maxRuleShare || !isLine(r.Share) {
		return r.refuse("Share", fmt.Sprintf("cannot be %q", r.Share), "the name of a share")
	}
	if strings.ContainsAny(r.Account, "\\/@") || len(r.Account) > maxRuleAccount || !isLine(r.Account) {
		return r.refuse("Account", fmt.Sprintf("cannot be %q", r.Account), "the name of an account, without domain")
	}
	if r.Address == "" {
		return nil
	}
	if r.address, err = parseAddress(r.Address); err != nil {
		return r.refuse("Address", fmt.Sprintf("cannot be %q: %v", r.Address, err), "an address, 10.0.0.7 or fd00::7", "a network, 10.0.0.0/8 or fd00::/8")
	}
	r.Address = addressText(r.address)
	return nil
}

// isLine reports whether text is what people can read in one line.
func isLine(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl) && strings.TrimSpace(text) == text
}

// parseAddress reads an address or a network.
func parseAddress(text string) (netip.Prefix, error) {
	var p netip.Prefix
	if a, err := netip.ParseAddr(text); err == nil {
		if a.Zone() != "" {
			return p, fmt.Errorf("a zone means nothing to others")
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return p, fmt.Errorf("this is neither an address nor a network")
	case p.Addr().Is4In6():
		return p, fmt.Errorf("write IPv4 as IPv4")
	case p != p.Masked():
		return p, fmt.Errorf("it says more than the network %s", p.Masked())
	}
	return p, nil
}

// addressText is how an address or a network is written.
func addressText(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// checkWhat checks what r says, and for how long.
func (r *Rule) checkWhat() error {
	switch {
	case r.RequireSecuritySignature == nil && r.EncryptData == nil:
		return r.refuse("RequireSecuritySignature", "is missing, and so is EncryptData", "True", "False")
	case utf8.RuneCountInString(r.Reason) > maxRuleReason || !isLine(r.Reason):
		return r.refuse("Reason", "cannot be that", fmt.Sprintf("a line of at most %d characters", maxRuleReason))
	case r.WarnUntil != nil && (r.WarnUntil.IsZero() || r.Exempts()):
		return r.refuse("WarnUntil", "is for rules that only require: an exception has an end, Until")
	case r.WarnUntil != nil && r.Until != nil && !r.WarnUntil.Before(*r.Until):
		return r.refuse("WarnUntil", "is not before Until: it would never refuse anybody")
	case !r.Exempts():
		return nil
	case r.Until == nil || r.Until.IsZero():
		return r.refuse("Until", "is missing: a rule that lowers protection has an end", "a time, 2026-12-31T18:00:00Z")
	case r.Reason == "":
		return r.refuse("Reason", "is missing: a rule that lowers protection says why")
	case r.Share != "" && r.Address == "" && r.Account == "":
		return r.refuse("Address", "is missing, and so is Account: of a share itself there is nothing to except", "Address", "Account")
	}
	return nil
}

// Exempts reports whether the rule is an exception: whether it lowers
// protection.
func (s *RuleSpec) Exempts() bool {
	return s.RequireSecuritySignature != nil && !*s.RequireSecuritySignature || s.EncryptData != nil && !*s.EncryptData
}

// Ended reports whether the rule is over.
func (s *RuleSpec) Ended(at time.Time) bool { return s.Until != nil && !at.Before(*s.Until) }

// Warns reports whether the rule only asks, so far, for what it will require.
func (s *RuleSpec) Warns(at time.Time) bool { return s.WarnUntil != nil && at.Before(*s.WarnUntil) }

// Whom says whom the rule is about, in words.
func (s *RuleSpec) Whom() string {
	var parts []string
	for _, p := range [][2]string{{"share", s.Share}, {"account", s.Account}, {"address", s.Address}} {
		if p[1] != "" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	return strings.Join(parts, ", ")
}

// String says all of the rule but its name and reason, in a line.
func (s *RuleSpec) String() string {
	text := s.Whom() + ":"
	for _, p := range []struct {
		name  string
		value *bool
	}{{"RequireSecuritySignature", s.RequireSecuritySignature}, {"EncryptData", s.EncryptData}} {
		if p.value != nil {
			text += " " + p.name + "=" + formatBool(*p.value)
		}
	}
	if s.WarnUntil != nil {
		text += ", warns until " + s.WarnUntil.UTC().Format(time.RFC3339)
	}
	if s.Until != nil {
		text += ", until " + s.Until.UTC().Format(time.RFC3339)
	}
	return text
}
