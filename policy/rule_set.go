package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Word is what rules say of one kind of protection.
type Word uint8

// Words. The zero value says nothing: then the property counts.
const (
	Unsaid Word = iota
	NotRequired
	Required
)

func (w Word) String() string {
	switch w {
	case Unsaid:
		return "unsaid"
	case NotRequired:
		return "not required"
	case Required:
		return "required"
	}
	return fmt.Sprintf("word %d", uint8(w))
}

// Party is whom rules are asked about. Its names are in the form of [Folding].
type Party struct {
	Address netip.Addr // without zone, IPv4 as IPv4; the zero value is not known and fits no rule that names one
	Account string     // ""; or of a user who has signed in, never of a guest
}

// Saying is what rules say of one kind of protection of one party.
type Saying struct {
	Word Word
	By   *Rule // whose word it is; nil: nobody's
	// Asked is the rule that will require it from its date on, and only asks so
	// far; nil: there is none that would count then.
	Asked *Rule
}

// Judgement is what rules say of one party.
type Judgement struct {
	Signing, Encryption Saying
}

// Words are the judgement as [Decide] wants it.
func (j Judgement) Words() RuleWords {
	return RuleWords{Signing: j.Signing.Word, Encryption: j.Encryption.Word, AskEncryption: j.Encryption.Asked != nil}
}

// ruleSet is the rules of a snapshot, ready to be asked. Immutable.
type ruleSet struct {
	all      []*Rule            // the most specific first
	sessions []*Rule            // those of them that name no share
	shares   map[string][]*Rule // the others, by folded name
}

// newRuleSet orders rules; nil if there are none. The error is a
// *[PropertyError]: two of one layer say the same of the same.
func newRuleSet(rules []*Rule) (*ruleSet, error) {
	if len(rules) == 0 {
		return nil, nil
	}
	set := &ruleSet{all: slices.Clone(rules), shares: make(map[string][]*Rule)}
	slices.SortStableFunc(set.all, func(a, b *Rule) int {
		return cmp.Or(b.compare(a), strings.Compare(a.Name, b.Name))
	})
	for _, r := range set.all {
		if r.share == "" {
			set.sessions = append(set.sessions, r)
		} else {
			set.shares[r.share] = append(set.shares[r.share], r)
		}
	}
	return set, set.check()
}

// check refuses rules of one layer that say the same of the same, or have one
// name.
func (set *ruleSet) check() error {
	type whom struct {
		layer          Layer
		share, account string
		address        netip.Prefix
	}
	said, counts, named := make(map[whom][]*Rule), make(map[Layer]int), make(map[string]*Rule)
	for _, r := range set.all {
		if counts[r.Origin.Layer]++; counts[r.Origin.Layer] > maxRules {
			return &PropertyError{Property: "rules", Problem: fmt.Sprintf("are more than %d", maxRules)}
		}
		key := fmt.Sprint(uint8(r.Origin.Layer), strings.ToLower(r.Name))
		if named[key] != nil {
			return r.refuse("Name", fmt.Sprintf("%s is of another rule already, of %s", r.Name, named[key].Whom()))
		}
		named[key] = r
		w := whom{r.Origin.Layer, r.share, r.account, r.address}
		for _, other := range said[w] {
			if k := r.bothSay(other); k != nil {
				return r.refuse(k.name, fmt.Sprintf("of %s is said by two rules, %s and %s", r.Whom(), other.Name, r.Name))
			}
		}
		said[w] = append(said[w], r)
	}
	return nil
}

// protection is a kind of protection that rules speak of.
type protection struct {
	name string // of the property
	says func(*RuleSpec) *bool
}

// protections is the table of them.
var protections = []*protection{signingRule, encryptionRule}

var (
	signingRule    = &protection{"RequireSecuritySignature", func(s *RuleSpec) *bool { return s.RequireSecuritySignature }}
	encryptionRule = &protection{"EncryptData", func(s *RuleSpec) *bool { return s.EncryptData }}
)

// bothSay returns a kind of protection that two rules both speak of, or nil.
func (r *Rule) bothSay(other *Rule) *protection {
	for _, k := range protections {
		if k.says(&r.RuleSpec) != nil && k.says(&other.RuleSpec) != nil {
			return k
		}
	}
	return nil
}

// compare returns whether r is more specific than other (1), less (-1), or
// neither. Of two that fit one party: an account goes before all addresses, a
// longer network before a shorter one.
func (r *Rule) compare(other *Rule) int {
	rank := func(r *Rule) (account, bits int) {
		if r.account != "" {
			account = 1
		}
		if !r.address.IsValid() {
			return account, -1
		}
		return account, r.address.Bits()
	}
	account, bits := rank(r)
	otherAccount, otherBits := rank(other)
	return cmp.Or(cmp.Compare(account, otherAccount), cmp.Compare(bits, otherBits))
}

// fits reports whether r is about p.
func (r *Rule) fits(p Party) bool {
	return (r.account == "" || r.account == p.Account) && r.reaches(p.Address)
}

// reaches reports whether r can be about who comes from a.
func (r *Rule) reaches(a netip.Addr) bool { return !r.address.IsValid() || r.address.Contains(a) }

// Judge returns what the rules of s say of p at a time: of its session, or, if
// share is not "", of its tree connect to the share of that folded name.
//
// The most specific rule that fits and speaks counts; of two that are as
// specific as each other, the stricter. One that only asks so far does not
// count, but is named.
func (s *Snapshot) Judge(p Party, share string, at time.Time) Judgement {
	list := s.rulesOf(share)
	if len(list) == 0 {
		return Judgement{}
	}
	return Judgement{Signing: signingRule.judge(list, p, at), Encryption: encryptionRule.judge(list, p, at)}
}

// rulesOf returns the rules of sessions, or of the share of that folded name.
func (s *Snapshot) rulesOf(share string) []*Rule {
	switch {
	case s.rules == nil:
		return nil
	case share == "":
		return s.rules.sessions
	}
	return s.rules.shares[share]
}

// judge asks the rules of list, the most specific of which is first.
func (k *protection) judge(list []*Rule, p Party, at time.Time) (said Saying) {
	for _, r := range list {
		if said.By != nil && r.compare(said.By) < 0 {
			return said
		}
		value := k.says(&r.RuleSpec)
		switch {
		case value == nil || r.Ended(at) || !r.fits(p):
		case *value && r.Warns(at):
			if said.Asked == nil {
				said.Asked = r
			}
		case *value:
			// A less specific one that asks is no news then.
			return Saying{Word: Required, By: r}
		case said.By == nil:
			said.Word, said.By = NotRequired, r
		}
	}
	return said
}

// NextChange returns the first time after at from which [Snapshot.Judge] may
// say something else of p; the zero time if there is none.
func (s *Snapshot) NextChange(p Party, share string, at time.Time) (next time.Time) {
	for _, r := range s.rulesOf(share) {
		for _, t := range []*time.Time{r.WarnUntil, r.Until} {
			if t != nil && t.After(at) && r.fits(p) && (next.IsZero() || t.Before(next)) {
				next = *t
			}
		}
	}
	return next
}

// MayRequireSigning reports whether the server, some account's session or some
// share may have to be signed by who comes from a, or will have to: what a
// client is told before it is known whom it signs in.
func (s *Snapshot) MayRequireSigning(a netip.Addr, at time.Time) bool {
	property := Get(s, RequireSecuritySignature)
	if s.rules == nil {
		return property
	}
	said := signingRule.judge(s.rules.sessions, Party{Address: a}, at)
	if said.Asked != nil || said.Word == Required || said.Word == Unsaid && property {
		return true
	}
	return slices.ContainsFunc(s.rules.all, func(r *Rule) bool {
		return (r.account != "" || r.share != "") && r.RequireSecuritySignature != nil && *r.RequireSecuritySignature &&
			!r.Ended(at) && r.reaches(a)
	})
}

// TreatsAlike reports whether no rule of s tells the two addresses apart.
func (s *Snapshot) TreatsAlike(a, b netip.Addr) bool {
	return a == b || s.rules == nil ||
		!slices.ContainsFunc(s.rules.all, func(r *Rule) bool { return r.reaches(a) != r.reaches(b) })
}

// Rules returns the rules of s, the most specific first. They are shared.
func (s *Snapshot) Rules() []*Rule {
	if s.rules == nil {
		return nil
	}
	return slices.Clone(s.rules.all)
}

// WithRules returns a copy of s in which the rules are those of v, instead of
// what there were. The error is a *[PropertyError].
func WithRules(s *Snapshot, v *Values) (*Snapshot, error) {
	set, err := newRuleSet(v.rules)
	return &Snapshot{held: s.held, rules: set}, err
}
