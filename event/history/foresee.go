package history

import (
	"fmt"
	"strings"
	"time"

	"github.com/signet-smb/signet/policy"
)

// Verdict is what becomes of a device under a policy.
type Verdict uint8

// Verdicts. What was not observed is never called safe: who says that it can
// sign and never had to only should.
const (
	Refused    Verdict = iota + 1 // it will be refused
	HasSigned                     // it has signed before
	ShouldSign                    // it could, and never had to
)

func (v Verdict) String() string {
	switch v {
	case Refused:
		return "WillBeRefused"
	case HasSigned:
		return "HasSigned"
	case ShouldSign:
		return "ShouldSign"
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// Foreseen is what becomes of one device and account, and why.
type Foreseen struct {
	Fact     Fact
	Verdict  Verdict
	Decision policy.Decision // of the server, if it decides; of a dialect that it does not speak the zero value
	Why      string          // one sentence
	Do       string          // what to do about it; ""
}

// Foresee says what would become of who was seen under policy p, at a time. It
// asks what the server asks: the rules about sessions, and [policy.Decide].
//
// Missing: what shares demand beyond the server.
func Foresee(f Fact, p *policy.Snapshot, at time.Time, fold policy.Folding) Foreseen {
	out := Foreseen{Fact: f}
	if lowest := policy.Get(p, policy.Smb2DialectMin); f.Dialect < lowest {
		out.Verdict = Refused
		out.Why = fmt.Sprintf("It spoke SMB %v; the lowest would be %v.", DialectName(f.Dialect), DialectName(lowest))
		out.Do = "Update it, or allow its dialect."
		return out
	}
	party := policy.Party{Address: f.Device}
	if f.Identity == policy.User {
		party.Account = fold.Account(f.Account)
	}
	proved := later(f.Signed, f.Sealed)
	out.Decision = policy.Decide(policy.Situation{
		Client: policy.ClientDemands{AllowGuest: true},
		Server: policy.ServerDemands{
			RequireSigning:    policy.Get(p, policy.RequireSecuritySignature),
			EncryptData:       policy.Get(p, policy.EncryptData),
			RejectUnencrypted: policy.Get(p, policy.RejectUnencryptedAccess),
			AllowGuest:        policy.Get(p, policy.EnableGuestAccess),
		},
		Rules:      policy.RuleDemands{Session: p.Judge(party, "", at).Words()},
		Identity:   f.Identity,
		Dialect:    f.Dialect,
		CanSign:    !f.Failed.After(proved) && (f.Advertised || !proved.IsZero()),
		CanEncrypt: f.Encrypts && len(policy.Get(p, policy.EncryptionCiphers)) > 0,
	})
	switch {
	case out.Decision.Outcome == policy.Refused:
		out.Verdict, out.Why, out.Do = Refused, out.Decision.Reason, remedy(f)
		if f.Failed.After(proved) && strings.Contains(out.Decision.Rule, "not sign") {
			out.Why += " Its last signature was wrong or missing."
		}
	case !f.Signed.IsZero():
		out.Verdict, out.Why = HasSigned, "A request of it bore a valid signature."
	case !f.Sealed.IsZero():
		out.Verdict, out.Why = HasSigned, "A request of it was encrypted, which signs it, too."
	case f.Identity != policy.User:
		out.Verdict, out.Why = ShouldSign, "It has no key to sign with, and nobody would demand it."
	case !f.Advertised:
		out.Verdict, out.Why = ShouldSign, "It does not say that it can sign, and nobody would demand it."
	default:
		out.Verdict, out.Why = ShouldSign, "It says that it can sign, and never had to."
	}
	return out
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
