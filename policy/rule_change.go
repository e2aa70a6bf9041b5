package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// rulePrefix is before the names of rules where those of properties stand, too.
const rulePrefix = "rule."

// RuleProperty is the name of a rule where names of properties stand: one name
// whatever its case.
func RuleProperty(name string) string { return rulePrefix + strings.ToLower(name) }

// IsRuleProperty reports whether property is the name of a rule.
func IsRuleProperty(property string) bool { return strings.HasPrefix(property, rulePrefix) }

// Why a change of rules is not recommended.
const (
	cautionException = "Not recommended. Until its end, what the rule is about goes without the protection that others have."
	cautionLess      = "Not recommended. What the rule required is not required any more."
)

// RuleWeakenings returns which rules protect less in after than in before, as
// of a time, by name: exceptions that are new, longer or about others, and
// requirements that are gone, later, shorter or about others.
func RuleWeakenings(before, after *Snapshot, at time.Time) []Weakening {
	old, new := before.rulesInForce(at), after.rulesInForce(at)
	names := make(map[string]bool)
	for name := range old {
		names[name] = true
	}
	for name := range new {
		names[name] = true
	}
	var list []Weakening
	for name := range names {
		if caution := new[name].lessThan(old[name]); caution != "" {
			list = append(list, Weakening{Name: name, Before: old[name].text(), After: new[name].text(), Caution: caution})
		}
	}
	slices.SortFunc(list, func(a, b Weakening) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// rulesInForce returns the rules that are not over, by the name of their
// property and, below the store, their layer.
func (s *Snapshot) rulesInForce(at time.Time) map[string]*Rule {
	byName := make(map[string]*Rule)
	for _, r := range s.Rules() {
		if !r.Ended(at) {
			name := RuleProperty(r.Name)
			if r.Origin.Layer != LayerStore {
				name += " (" + r.Origin.String() + ")"
			}
			byName[name] = r
		}
	}
	return byName
}

// text is the rule in a line; nil is none.
func (r *Rule) text() string {
	if r == nil {
		return "none"
	}
	return r.String()
}

// lessThan returns why r, which stands in the place of old, protects less; ""
// if it does not. Either may be nil.
func (r *Rule) lessThan(old *Rule) string {
	for _, k := range protections {
		was, is := old.on(k), r.on(k)
		switch {
		case is == NotRequired && (was != NotRequired || !r.sameWhom(old) || r.Until.After(*old.Until)):
			return cautionException
		case was == Required && (is != Required || !r.sameWhom(old) || later(r.WarnUntil, old.WarnUntil) || sooner(r.Until, old.Until)):
			return cautionLess
		}
	}
	return ""
}

// on returns what r says of k; of nil: nothing.
func (r *Rule) on(k *protection) Word {
	if r == nil {
		return Unsaid
	}
	switch value := k.says(&r.RuleSpec); {
	case value == nil:
		return Unsaid
	case *value:
		return Required
	}
	return NotRequired
}

func (r *Rule) sameWhom(other *Rule) bool {
	return r.share == other.share && r.account == other.account && r.address == other.address
}

// later reports whether a requirement begins later at a than at b; nil is at
// once.
func later(a, b *time.Time) bool { return a != nil && (b == nil || a.After(*b)) }

// sooner reports whether a requirement ends sooner at a than at b; nil is
// never.
func sooner(a, b *time.Time) bool { return a != nil && (b == nil || a.Before(*b)) }

// Overlaps says in sentences where the rule called name, of the store, meets
// others that are not over and say something else of the same, and which one
// counts there.
func (s *Snapshot) Overlaps(name string, at time.Time) []string {
	rules := s.Rules()
	i := slices.IndexFunc(rules, func(r *Rule) bool {
		return r.Origin.Layer == LayerStore && strings.EqualFold(r.Name, name) && !r.Ended(at)
	})
	if i < 0 {
		return nil
	}
	r := rules[i]
	var list []string
	for _, k := range protections {
		mine := r.on(k)
		for _, other := range rules {
			if theirs := other.on(k); other != r && !other.Ended(at) && mine != Unsaid && theirs != Unsaid && r.meets(other) {
				if text := r.overlap(other, k, mine, theirs); text != "" {
					list = append(list, text)
				}
			}
		}
		if mine == NotRequired && r.share != "" {
			list = append(list, fmt.Sprintf("%s of the server, and of the share itself, still counts there: rule %s lifts only what less specific rules of the share require", k.name, r.Name))
		}
	}
	return list
}

// meets reports whether there can be somebody whom both rules are about.
func (r *Rule) meets(other *Rule) bool {
	oneNames := func(a, b string) bool { return a == "" || b == "" || a == b }
	return oneNames(r.share, other.share) && oneNames(r.account, other.account) &&
		(!r.address.IsValid() || !other.address.IsValid() || r.address.Overlaps(other.address))
}

// overlap says which of two rules counts where both fit; "" if that makes no
// difference.
func (r *Rule) overlap(other *Rule, k *protection, mine, theirs Word) string {
	switch {
	case r.share != other.share && mine != theirs:
		exception, requirement := r, other
		if mine == Required {
			exception, requirement = other, r
		}
		return fmt.Sprintf("rule %s (%s) still requires %s: %s is no exception from it", requirement.Name, requirement.Whom(), k.name, exception.Name)
	case r.share != other.share || mine == theirs && r.WarnUntil == nil && other.WarnUntil == nil:
		return ""
	}
	counts, why := r, "more specific"
	switch c := r.compare(other); {
	case c < 0:
		counts = other
	case c == 0 && mine == theirs:
		return ""
	case c == 0:
		why = "stricter, and as specific"
		if theirs == Required {
			counts = other
		}
	}
	return fmt.Sprintf("rule %s (%s) also speaks of %s: where both fit, %s counts, which is %s", other.Name, other.Whom(), k.name, counts.Name, why)
}
