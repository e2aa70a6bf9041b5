package policy_test

import (
	"encoding/csv"
	"iter"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/signet-smb/signet/policy"
)

var (
	allDialects   = []policy.Dialect{policy.SMB202, policy.SMB210, policy.SMB300, policy.SMB302, policy.SMB311}
	allIdentities = []policy.Identity{policy.User, policy.Guest, policy.Anonymous}
)

// situations walks the whole input space of Decide.
func situations() iter.Seq[policy.Situation] {
	return func(yield func(policy.Situation) bool) {
		for bits := range 1 << 11 {
			bit := func(n int) bool { return bits>>n&1 == 1 }
			s := policy.Situation{
				Client:  policy.ClientDemands{RequireSigning: bit(0), RequireEncryption: bit(1), AllowGuest: bit(2)},
				Server:  policy.ServerDemands{RequireSigning: bit(3), EncryptData: bit(4), RejectUnencrypted: bit(5), AllowGuest: bit(6)},
				Share:   policy.ShareDemands{RequireSigning: bit(7), EncryptData: bit(8)},
				CanSign: bit(9), CanEncrypt: bit(10),
			}
			for _, s.Dialect = range allDialects {
				for _, s.Identity = range allIdentities {
					if !yield(s) {
						return
					}
				}
			}
		}
	}
}

// promise is what holds of every decision.
type promise struct {
	what string
	kept func(s policy.Situation, d policy.Decision) bool
}

// expectPromises fails the test at the first situation in which a promise is
// broken, and returns how many situations there were.
func expectPromises(t *testing.T, all iter.Seq[policy.Situation], promises []promise) (n int) {
	t.Helper()
	for s := range all {
		n++
		d := policy.Decide(s)
		for _, p := range promises {
			if !p.kept(s, d) {
				t.Fatalf("%+v:\n%+v\nwant: %s", s, d, p.what)
			}
		}
	}
	return n
}

// TestDecisionsKeepTheirPromises walks the whole input space without rules.
func TestDecisionsKeepTheirPromises(t *testing.T) {
	promises := []promise{
		{"what is required of signing is never plain", func(s policy.Situation, d policy.Decision) bool {
			required := s.Client.RequireSigning || s.Server.RequireSigning || s.Share.RequireSigning
			return !required || d.Outcome != policy.Plain
		}},
		{"what is required of encryption is sealed or refused", func(s policy.Situation, d policy.Decision) bool {
			rejected := (s.Server.EncryptData || s.Share.EncryptData) && s.Server.RejectUnencrypted
			return !rejected && !s.Client.RequireEncryption || d.Outcome == policy.Sealed || d.Outcome == policy.Refused
		}},
		{"who has no key is never signed nor sealed", func(s policy.Situation, d policy.Decision) bool {
			return s.Identity == policy.User || d.Outcome == policy.Plain || d.Outcome == policy.Refused
		}},
		{"nothing is sealed below 3.0 or without a cipher", func(s policy.Situation, d policy.Decision) bool {
			return d.Outcome != policy.Sealed || s.Dialect >= policy.SMB300 && s.CanEncrypt
		}},
		{"who does not sign is not signed", func(s policy.Situation, d policy.Decision) bool {
			return d.Outcome != policy.Signed || s.CanSign
		}},
		{"a user who can do all that is asked is let in", func(s policy.Situation, d policy.Decision) bool {
			able := s.Identity == policy.User && s.CanSign && s.CanEncrypt && s.Dialect >= policy.SMB300
			return !able || d.Outcome != policy.Refused
		}},
		{"a guest needs both switches of the server", func(s policy.Situation, d policy.Decision) bool {
			both := s.Server.AllowGuest && !s.Server.RequireSigning
			return s.Identity != policy.Guest || both || d.Outcome == policy.Refused && d.By == policy.ServerSide
		}},
		{"a guest needs both switches of the client", func(s policy.Situation, d policy.Decision) bool {
			both := s.Client.AllowGuest && !s.Client.RequireSigning
			return s.Identity != policy.Guest || both || d.Outcome == policy.Refused
		}},
		{"a 3.1.1 user who neither signs nor seals gets nowhere", func(s policy.Situation, d policy.Decision) bool {
			return s.Dialect != policy.SMB311 || s.Identity != policy.User || s.CanSign || d.Outcome == policy.Refused || d.Outcome == policy.Sealed
		}},
		{"a refusal says by whom and with what", func(_ policy.Situation, d policy.Decision) bool {
			refused := d.Outcome == policy.Refused
			return refused == (d.By != 0) && refused == (d.Status != policy.StatusSuccess)
		}},
		{"all is explained", func(_ policy.Situation, d policy.Decision) bool {
			return d.Outcome != 0 && d.Rule != "" && d.Reason != "" && d.Section != ""
		}},
		{"requiring more never gives less protection", func(s policy.Situation, d policy.Decision) bool {
			s.Client.RequireSigning, s.Server.RequireSigning = true, true
			more := policy.Decide(s).Outcome
			return more >= d.Outcome || d.Outcome == policy.Refused && more != policy.Plain
		}},
	}
	if n := expectPromises(t, situations(), promises); n != 1<<11*5*3 {
		t.Errorf("%d situations, want all %d", n, 1<<11*5*3)
	}
}

// TestDecisionsAreThoseOfTheTable compares Decide with a table that was written
// by hand from what Windows documents. Guests are allowed by the server and,
// unless the client requires signing, by the client; a client can encrypt from
// 3.0 on.
func TestDecisionsAreThoseOfTheTable(t *testing.T) {
	f, err := os.Open("testdata/decision.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const header = "ClientRequire,ServerRequire,EncryptData,RejectUnencrypted,Identity,Dialect,CanSign,Outcome,Status,Rule,Section"
	if got := strings.Join(rows[0], ","); got != header {
		t.Fatalf("columns %s, want %s", got, header)
	}
	for i, row := range rows[1:] {
		is := func(column int) bool {
			b, err := strconv.ParseBool(row[column])
			if err != nil {
				t.Fatalf("line %d, column %d: %v", i+2, column+1, err)
			}
			return b
		}
		s := policy.Situation{
			Client:     policy.ClientDemands{RequireSigning: is(0), AllowGuest: true},
			Server:     policy.ServerDemands{RequireSigning: is(1), EncryptData: is(2), RejectUnencrypted: is(3), AllowGuest: true},
			CanSign:    is(6),
			CanEncrypt: true,
		}
		for _, identity := range allIdentities {
			if identity.String() == row[4] {
				s.Identity = identity
			}
		}
		for _, d := range allDialects {
			if name := "SMB" + strings.ReplaceAll(row[5], ".", ""); (map[policy.Dialect]string{
				policy.SMB202: "SMB202", policy.SMB210: "SMB21", policy.SMB300: "SMB30", policy.SMB302: "SMB302", policy.SMB311: "SMB311",
			})[d] == name {
				s.Dialect = d
			}
		}
		if s.Identity == 0 || s.Dialect == 0 {
			t.Fatalf("line %d: no such identity or dialect", i+2)
		}
		d := policy.Decide(s)
		got := []string{d.Outcome.String(), d.Status.String(), d.Rule, d.Section}
		if want := row[7:]; strings.Join(got, ",") != strings.Join(want, ",") {
			t.Errorf("line %d, %s:\ngot  %q\nwant %q", i+2, strings.Join(row[:7], ","), got, want)
		}
	}
}

func TestDecidingAllocatesNothing(t *testing.T) {
	s := policy.Situation{Identity: policy.User, Dialect: policy.SMB311, CanSign: true}
	if n := testing.AllocsPerRun(100, func() { policy.Decide(s) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkDecide(b *testing.B) {
	s := policy.Situation{Identity: policy.User, Dialect: policy.SMB311, CanSign: true}
	b.ReportAllocs()
	for b.Loop() {
		policy.Decide(s)
	}
}
