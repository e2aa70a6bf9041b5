package history

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/policy"
)

// Verdict is what becomes of a device under a policy.
type Verdict uint8

// Verdicts. What was not observed is never called safe: who says that it can
// sign and never had to only should, and of whom nothing is known that the
// policy asks for is not seen.
const (
	Refused    Verdict = iota + 1 // it will be refused
	HasSigned                     // it has signed before
	ShouldSign                    // it could, and never had to
	NotSeen                       // nothing that was seen of it tells
)

func (v Verdict) String() string {
	switch v {
	case Refused:
		return "WillBeRefused"
	case HasSigned:
		return "HasSigned"
	case ShouldSign:
		return "ShouldSign"
	case NotSeen:
		return "NotSeen"
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// Foreseen is what becomes of one device and account, and why.
type Foreseen struct {
	Fact     Fact
	Verdict  Verdict
	Decision policy.Decision // of the server, if it decides; of a dialect that it does not speak the zero value
	Share    string          // of which the verdict is; "": of the session
	Why      string          // one sentence
	Do       string          // what to do about it; ""
}

// Change is a change of policy that is only thought of.
type Change struct {
	Before, After *policy.Snapshot
	Shares        map[string]policy.ShareDemands // what shares demand themselves, by folded name
	Fold          policy.Folding
}

// Foresee says what would become of who was seen after a change, at a time. It
// asks what the server asks, of the session and of each share that was connected
// to: the rules, and [policy.Decide].
func Foresee(f Fact, c *Change, at time.Time) Foreseen {
	out := Foreseen{Fact: f}
	lowest, highest := policy.Get(c.After, policy.Smb2DialectMin), policy.Get(c.After, policy.Smb2DialectMax)
	if f.Dialect < lowest {
		if f.Dialect == policy.Get(c.Before, policy.Smb2DialectMax) {
			return out.notSeen("It spoke SMB %v, the highest that there was; the lowest would be %v.", DialectName(f.Dialect), DialectName(lowest))
		}
		out.Verdict = Refused
		out.Why = fmt.Sprintf("It spoke SMB %v; the lowest would be %v.", DialectName(f.Dialect), DialectName(lowest))
		out.Do = "Update it, or allow its dialect."
		return out
	}
	in, known := c.situation(&f, at)
	if !out.decide(in, known) {
		return out
	}
	if highest != policy.DialectNone && f.Dialect > highest {
		return out.notSeen("It spoke SMB %v; the highest would be %v.", DialectName(f.Dialect), DialectName(highest))
	}
	if what := c.unseen(); what != "" {
		return out.notSeen("%s", what)
	}
	session := out.Decision
	for _, share := range slices.Sorted(maps.Keys(f.Shares)) {
		folded := c.Fold.Share(share)
		demands, there := c.Shares[folded]
		if !there {
			continue
		}
		in.Share = demands
		in.Rules.Share = c.After.Judge(c.party(&f), folded, at).Words()
		if out.Share = share; !out.decide(in, known) {
			return out
		}
	}
	out.Share, out.Decision = "", session
	switch {
	case !f.Signed.IsZero():
		out.Verdict, out.Why = HasSigned, "A request of it bore a valid signature."
	case !f.Sealed.IsZero():
		out.Verdict, out.Why = HasSigned, "A request of it was encrypted, which signs it, too."
	case f.Identity != policy.User:
		out.Verdict, out.Why = NotSeen, "It has no key to sign with, and nobody would demand it."
	case !f.Advertised:
		out.Verdict, out.Why = NotSeen, "It does not say that it can sign, and nobody would demand it."
	default:
		out.Verdict, out.Why = ShouldSign, "It says that it can sign, and never had to."
	}
	return out
}

// notSeen is the verdict that nothing tells, and why.
func (out *Foreseen) notSeen(format string, args ...any) Foreseen {
	out.Verdict, out.Why = NotSeen, fmt.Sprintf(format, args...)+" Whether it can was not seen."
	out.Do = "Try it with this device first."
	return *out
}

// decide asks whether the session, or out.Share in it, is refused, and reports
// whether it is not. Unless it is known whether the client can encrypt both may
// be: what holds either way is said.
func (out *Foreseen) decide(in policy.Situation, known bool) bool {
	out.Decision = policy.Decide(in)
	if !known {
		in.CanEncrypt = !in.CanEncrypt
		other := policy.Decide(in)
		if (other.Outcome == policy.Refused) != (out.Decision.Outcome == policy.Refused) {
			out.Decision = policy.Decision{}
			out.notSeen("It would have to encrypt%s, with other ciphers than before.", out.where())
			return false
		}
	}
	if out.Decision.Outcome != policy.Refused {
		return true
	}
	f := &out.Fact
	out.Verdict, out.Why, out.Do = Refused, out.Decision.Reason, remedy(*f)
	if out.Share != "" {
		out.Why = "In the share " + out.Share + ": " + out.Why
	}
	if !in.CanSign && f.Failed.After(later(f.Signed, f.Sealed)) && strings.Contains(out.Decision.Rule, "not sign") {
		out.Why += " Its last signature was wrong or missing."
	}
	return false
}

// where is of which share the verdict is, behind a word.
func (out *Foreseen) where() string {
	if out.Share == "" {
		return ""
	}
	return " in the share " + out.Share
}

// situation is what the server will decide about f's sessions by, and whether it
// is known what the client can encrypt with.
func (c *Change) situation(f *Fact, at time.Time) (in policy.Situation, known bool) {
	dialect := f.Dialect
	if highest := policy.Get(c.After, policy.Smb2DialectMax); highest != policy.DialectNone {
		dialect = min(dialect, highest)
	}
	proved := later(f.Signed, f.Sealed)
	in = policy.Situation{
		Client: policy.ClientDemands{AllowGuest: true},
		Server: policy.ServerDemands{
			RequireSigning:    policy.Get(c.After, policy.RequireSecuritySignature),
			EncryptData:       policy.Get(c.After, policy.EncryptData),
			RejectUnencrypted: policy.Get(c.After, policy.RejectUnencryptedAccess),
			AllowGuest:        policy.Get(c.After, policy.EnableGuestAccess),
		},
		Rules:    policy.RuleDemands{Session: c.After.Judge(c.party(f), "", at).Words()},
		Identity: f.Identity,
		Dialect:  dialect,
		CanSign:  !f.Failed.After(proved) && (f.Advertised || !proved.IsZero()),
	}
	in.CanEncrypt, known = c.canEncrypt(f, dialect)
	return in, known
}

// canEncrypt reports whether f's device will agree on a cipher at a dialect, and
// whether that is known. Only 3.1.1 has a choice, and of that only is known that
// one of the ciphers was agreed on that there were, or none.
func (c *Change) canEncrypt(f *Fact, dialect policy.Dialect) (can, known bool) {
	before, after := policy.Get(c.Before, policy.EncryptionCiphers), policy.Get(c.After, policy.EncryptionCiphers)
	switch {
	case dialect < policy.SMB300:
		return false, true
	case dialect != policy.SMB311 && !slices.Contains(after, policy.AES128CCM):
		return false, true
	case dialect != policy.SMB311:
		return f.Encrypts, f.Dialect == dialect && (f.Encrypts || slices.Contains(before, policy.AES128CCM))
	}
	if f.Encrypts {
		return true, containsAll(after, before)
	}
	return false, containsAll(before, after)
}

// containsAll reports whether all of some are in list.
func containsAll(list, some []policy.Cipher) bool {
	return !slices.ContainsFunc(some, func(c policy.Cipher) bool { return !slices.Contains(list, c) })
}

// unseen tells what a change demands of which no session shows anything: by
// which name clients call the server. It is "" if nothing.
func (c *Change) unseen() string {
	level := func(s *policy.Snapshot) int { return int(policy.Get(s, policy.SmbServerNameHardeningLevel)) }
	strict := func(s *policy.Snapshot) bool { return policy.Get(s, policy.EnableStrictNameChecking) }
	gone := slices.ContainsFunc(policy.Get(c.Before, policy.OptionalNames), func(name string) bool {
		return !slices.Contains(policy.Get(c.After, policy.OptionalNames), name)
	})
	switch {
	case level(c.After) > level(c.Before):
		return "Its sign-ins would have to name this server."
	case strict(c.After) && (!strict(c.Before) || gone), level(c.After) > 0 && gone:
		return "It would have to call this server by a name of its own."
	}
	return ""
}

// party is f as rules are asked about it.
func (c *Change) party(f *Fact) policy.Party {
	p := policy.Party{Address: f.Device}
	if f.Identity == policy.User {
		p.Account = c.Fold.Account(f.Account)
	}
	return p
}

// remedy is what to do about a device that will be refused.
func remedy(f Fact) string {
	switch {
	case f.Identity != policy.User:
		return "Give it an account with a password."
	case !f.Failed.IsZero() || !f.Advertised:
		return "Turn signing on at the device, or add an exception with an end date."
	}
	return "Update it, or add an exception with an end date."
}

// DialectName is a dialect as people write it: 3.1.1.
func DialectName(d policy.Dialect) string {
	return strings.TrimSuffix(fmt.Sprintf("%d.%d.%d", d>>8, d>>4&0xf, d&0xf), ".0")
}
