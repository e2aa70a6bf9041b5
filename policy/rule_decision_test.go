package policy_test

import (
	"iter"
	"testing"

	"github.com/signet-smb/signet/policy"
)

// ruledSituations walks the whole input space of Decide with rules. Dialects
// between those named decide as the one below them: 2.0.2 as 2.1, 3.0.2 as 3.0.
// Whether guests are let in at all is decided before rules are asked.
func ruledSituations() iter.Seq[policy.Situation] {
	words := []policy.Word{policy.Unsaid, policy.NotRequired, policy.Required}
	return func(yield func(policy.Situation) bool) {
		for bits := range 1 << 11 {
			bit := func(n int) bool { return bits>>n&1 == 1 }
			s := policy.Situation{
				Client:  policy.ClientDemands{RequireSigning: bit(0), RequireEncryption: bit(1), AllowGuest: true},
				Server:  policy.ServerDemands{RequireSigning: bit(2), EncryptData: bit(3), RejectUnencrypted: bit(4), AllowGuest: true},
				Share:   policy.ShareDemands{RequireSigning: bit(5), EncryptData: bit(6)},
				CanSign: bit(7), CanEncrypt: bit(8),
			}
			s.Rules.Session.AskEncryption, s.Rules.Share.AskEncryption = bit(9), bit(10)
			for n := range 81 {
				s.Rules.Session.Signing, s.Rules.Session.Encryption = words[n%3], words[n/3%3]
				s.Rules.Share.Signing, s.Rules.Share.Encryption = words[n/9%3], words[n/27]
				for _, s.Dialect = range []policy.Dialect{policy.SMB210, policy.SMB300, policy.SMB311} {
					for _, s.Identity = range []policy.Identity{policy.User, policy.Guest} {
						if !yield(s) {
							return
						}
					}
				}
			}
		}
	}
}

// TestDecisionsWithRulesKeepTheirPromises walks the whole input space with
// rules.
func TestDecisionsWithRulesKeepTheirPromises(t *testing.T) {
	promises := []promise{
		{"what a rule requires of signing is never plain", func(s policy.Situation, d policy.Decision) bool {
			required := s.Rules.Session.Signing == policy.Required || s.Rules.Share.Signing == policy.Required
			return !required || d.Outcome != policy.Plain
		}},
		{"an exception leaves what client, share and the share's rules require", func(s policy.Situation, d policy.Decision) bool {
			required := s.Client.RequireSigning || s.Share.RequireSigning || s.Rules.Share.Signing == policy.Required
			return !required || d.Outcome != policy.Plain
		}},
		{"without an exception of the session the server's word stands", func(s policy.Situation, d policy.Decision) bool {
			return !s.Server.RequireSigning || s.Rules.Session.Signing == policy.NotRequired || d.Outcome != policy.Plain
		}},
		{"an exception from signing is none from encryption, nor the other way round", func(s policy.Situation, d policy.Decision) bool {
			encrypt := s.Rules.Session.Encryption == policy.Required || s.Server.EncryptData && s.Rules.Session.Encryption != policy.NotRequired
			sign := s.Rules.Session.Signing == policy.Required || s.Server.RequireSigning && s.Rules.Session.Signing != policy.NotRequired
			onlySigned := encrypt && s.Server.RejectUnencrypted && d.Outcome == policy.Signed
			plain := sign && d.Outcome == policy.Plain
			return !onlySigned && !plain
		}},
		{"what a rule requires of encryption is sealed or refused", func(s policy.Situation, d policy.Decision) bool {
			required := s.Rules.Session.Encryption == policy.Required || s.Share.EncryptData || s.Rules.Share.Encryption == policy.Required
			return !required || !s.Server.RejectUnencrypted || d.Outcome == policy.Sealed || d.Outcome == policy.Refused
		}},
		{"what is asked for is sealed where it can be", func(s policy.Situation, d policy.Decision) bool {
			able := s.Identity == policy.User && s.CanEncrypt && s.Dialect >= policy.SMB300
			return !s.Rules.Session.AskEncryption || !able || d.Outcome == policy.Sealed
		}},
		{"asking refuses nobody and weakens nothing", func(s policy.Situation, d policy.Decision) bool {
			s.Rules.Session.AskEncryption, s.Rules.Share.AskEncryption = false, false
			without := policy.Decide(s)
			return d.Outcome == without.Outcome || d.Outcome == policy.Sealed
		}},
		{"an exception frees users only", func(s policy.Situation, d policy.Decision) bool {
			if s.Identity == policy.User {
				return true
			}
			for _, w := range []*policy.Word{&s.Rules.Session.Signing, &s.Rules.Session.Encryption} {
				if *w == policy.NotRequired {
					*w = policy.Unsaid
				}
			}
			return policy.Decide(s) == d
		}},
		{"an exception of a share takes nothing from what the share demands", func(s policy.Situation, d policy.Decision) bool {
			for _, w := range []*policy.Word{&s.Rules.Share.Signing, &s.Rules.Share.Encryption} {
				if *w == policy.NotRequired {
					*w = policy.Unsaid
				}
			}
			return policy.Decide(s) == d
		}},
		{"who has no key is never signed nor sealed", func(s policy.Situation, d policy.Decision) bool {
			return s.Identity == policy.User || d.Outcome == policy.Plain || d.Outcome == policy.Refused
		}},
		{"a user who can do all that is asked is let in", func(s policy.Situation, d policy.Decision) bool {
			able := s.Identity == policy.User && s.CanSign && s.CanEncrypt && s.Dialect >= policy.SMB300
			return !able || d.Outcome != policy.Refused
		}},
	}
	if n := expectPromises(t, ruledSituations(), promises); n != 1<<11*81*3*2 {
		t.Errorf("%d situations, want all %d", n, 1<<11*81*3*2)
	}
}

func TestRulesThatSayNothingDecideNothing(t *testing.T) {
	for s := range situations() {
		ruled := s
		ruled.Rules.Share.Signing, ruled.Rules.Share.Encryption = policy.NotRequired, policy.NotRequired
		if got, want := policy.Decide(ruled), policy.Decide(s); got != want {
			t.Fatalf("%+v:\ngot  %+v\nwant %+v", ruled, got, want)
		}
	}
}
