package history_test

import (
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/event/history"
	"github.com/signet-smb/signet/policy"
)

// ann is a user of a machine that says it can sign.
var ann = history.Sighting{
	Device: netip.MustParseAddr("192.0.2.7"), Name: "LAPTOP", Account: "ann", Identity: policy.User,
	Dialect: policy.SMB311, Advertised: true, Encrypts: true,
}

// with is ann's session, which did something.
func with(p history.Proof) history.Sighting {
	s := ann
	s.Proof, s.Advertised = p, false
	return s
}

func open(t *testing.T, path string) *history.History {
	t.Helper()
	h, err := history.Open(t.Context(), path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func since(t *testing.T, h *history.History, ago time.Duration) history.Seen {
	t.Helper()
	seen, err := h.Since(t.Context(), time.Now().Add(-ago))
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestOneFactForADeviceAndAnAccount(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "h"))
	shouting := with(history.Signed)
	shouting.Account, shouting.Device = "ANN", netip.MustParseAddr("::ffff:192.0.2.7")
	other := ann
	other.Account = "bob"
	for _, s := range []history.Sighting{ann, shouting, other} {
		h.Saw(s)
		since(t, h, time.Hour) // written, and merged with what is there
	}
	facts := since(t, h, time.Hour).Facts
	if len(facts) != 2 {
		t.Fatalf("got %d facts, want one of ann and one of bob: %+v", len(facts), facts)
	}
	for _, f := range facts {
		if isAnn := strings.EqualFold(f.Account, "ann"); f.Signed.IsZero() == isAnn || !f.Advertised || !f.Encrypts || f.Dialect != policy.SMB311 || f.Name != "LAPTOP" {
			t.Errorf("got %+v", f)
		}
	}
}

func TestFactsOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h")
	h := open(t, path)
	h.Saw(ann)
	h.Saw(with(history.Sealed))
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h.Saw(ann) // too late, and harmless
	facts := since(t, open(t, path), time.Hour).Facts
	if len(facts) != 1 || facts[0].Sealed.IsZero() || !facts[0].Signed.IsZero() {
		t.Errorf("got %+v, want one that has encrypted and never signed", facts)
	}
}

func TestATimeWithoutServerIsAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "h")
		for i, away := range []time.Duration{0, time.Minute, time.Hour} {
			time.Sleep(away)
			h := open(t, path)
			time.Sleep(10 * time.Minute)
			seen := since(t, h, 24*time.Hour)
			if want := max(0, i-1); len(seen.Gaps) != want {
				t.Errorf("after being away for %v: got gaps %v, want %d", away, seen.Gaps, want)
			}
			if got := seen.To.Sub(seen.From); got < 10*time.Minute || got > 2*time.Hour {
				t.Errorf("recorded for %v, which is not since the beginning", got)
			}
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestWhatIsNotSeenAgainIsForgotten(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "h"))
	h.Saw(ann)
	if seen := since(t, h, time.Hour); len(seen.Facts) != 1 {
		t.Fatalf("got %+v, want one", seen.Facts)
	}
	if err := h.WriteAt(t.Context(), time.Now().AddDate(0, 0, 91)); err != nil {
		t.Fatal(err)
	}
	if seen := since(t, h, 365*24*time.Hour); len(seen.Facts) != 0 {
		t.Errorf("got %+v after 91 days, want nothing", seen.Facts)
	}
}

// A stranger with many addresses fills neither memory nor file, and what was
// not recorded for it is told.
func TestTooManyDevicesAreAGap(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "h"))
	time.Sleep(2 * time.Millisecond) // the file counts milliseconds
	for i := range 5000 {
		s := ann
		s.Device = netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
		h.Saw(s)
	}
	seen := since(t, h, time.Hour)
	if len(seen.Facts) != 4096 || len(seen.Gaps) != 1 {
		t.Errorf("got %d facts and %d gaps, want 4096 and 1", len(seen.Facts), len(seen.Gaps))
	}
}

func TestGuestsAreOneWhateverTheyCallThemselves(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "h"))
	for i := range 10 {
		s := ann
		s.Identity, s.Account = policy.Guest, fmt.Sprintf("%d%s", i, strings.Repeat("x", 1000))
		h.Saw(s)
	}
	if facts := since(t, h, time.Hour).Facts; len(facts) != 1 || facts[0].Account != "" {
		t.Errorf("got %+v, want one without a name", facts)
	}
}

var folding = policy.Folding{Share: strings.ToUpper, Account: strings.ToUpper}

// stack is the policy in which these properties are set.
func stack(t *testing.T, set map[string]string) *policy.Snapshot {
	t.Helper()
	v := policy.NewValues(policy.Origin{Layer: policy.LayerStore, Name: "test"})
	for name, text := range set {
		if err := v.Set(name, text); err != nil {
			t.Fatal(err)
		}
	}
	p, err := policy.Stack(v)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// change is from one policy to another.
func change(t *testing.T, before, after map[string]string) *history.Change {
	t.Helper()
	return &history.Change{Before: stack(t, before), After: stack(t, after), Fold: folding}
}

func TestForesee(t *testing.T) {
	at := time.Now()
	fact := func(change func(*history.Fact)) history.Fact {
		f := history.Fact{Device: ann.Device, Account: "ann", Identity: policy.User, Dialect: policy.SMB311, Advertised: true, Encrypts: true, First: at, Last: at}
		change(&f)
		return f
	}
	signed := fact(func(f *history.Fact) { f.Signed = at })
	never := fact(func(*history.Fact) {})
	failed := fact(func(f *history.Fact) { f.Signed, f.Failed = at.Add(-time.Hour), at })
	mended := fact(func(f *history.Fact) { f.Signed, f.Failed = at, at.Add(-time.Hour) })
	sealed := fact(func(f *history.Fact) { f.Sealed, f.Advertised = at, false })
	silent := fact(func(f *history.Fact) { f.Advertised = false })
	guest := fact(func(f *history.Fact) { f.Identity, f.Account = policy.Guest, "" })
	old := fact(func(f *history.Fact) { f.Dialect, f.Encrypts = policy.SMB210, false })
	mute := fact(func(f *history.Fact) { f.Advertised, f.Dialect, f.Encrypts = false, policy.SMB210, false })
	for _, c := range []struct {
		name  string
		set   map[string]string
		fact  history.Fact
		want  history.Verdict
		rule  string
		words string // of Why
	}{
		{"has signed", nil, signed, history.HasSigned, "signing required", "bore a valid signature"},
		{"never had to", nil, never, history.ShouldSign, "signing required", "never had to"},
		{"failed last", nil, failed, history.Refused, "signing required, client does not sign", "wrong or missing"},
		{"failed once", nil, mended, history.HasSigned, "signing required", ""},
		{"encrypts", nil, sealed, history.HasSigned, "signing required", "encrypted"},
		{"says nothing", nil, silent, history.Refused, "signing required, client does not sign", ""},
		{"a guest", nil, guest, history.Refused, "guests off", "EnableGuestAccess"},
		{"a guest, signing required", map[string]string{"server.EnableGuestAccess": "True"}, guest, history.Refused, "no key, server requires signing", ""},
		{"a guest let in", map[string]string{"server.EnableGuestAccess": "True", "server.RequireSecuritySignature": "False"}, guest, history.NotSeen, "no key", "no key"},
		{"too old", map[string]string{"server.Smb2DialectMin": "SMB311"}, old, history.Refused, "", "It spoke SMB 2.1; the lowest would be 3.1.1."},
		{"cannot encrypt", map[string]string{"server.EncryptData": "True"}, old, history.Refused, policy.RuleServerEncrypts, ""},
		{"can encrypt", map[string]string{"server.EncryptData": "True"}, never, history.ShouldSign, "session sealed", ""},
		{"nothing required", map[string]string{"server.RequireSecuritySignature": "False"}, old, history.ShouldSign, "nobody requires signing", ""},
		{"nothing required of one that says nothing", map[string]string{"server.RequireSecuritySignature": "False", "server.Smb2DialectMax": "None"}, mute, history.NotSeen, "nobody requires signing", "does not say"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := history.Foresee(c.fact, change(t, nil, c.set), at)
			if got.Verdict != c.want || got.Decision.Rule != c.rule || !strings.Contains(got.Why, c.words) {
				t.Errorf("got %v by %q: %q, want %v by %q", got.Verdict, got.Decision.Rule, got.Why, c.want, c.rule)
			}
			if (got.Do == "") != (c.want != history.Refused) {
				t.Errorf("what to do: %q", got.Do)
			}
		})
	}
}

// A rule with an exception counts, as it does for the server.
func TestForeseeAsksTheRules(t *testing.T) {
	v := policy.NewValues(policy.Origin{Layer: policy.LayerStore, Name: "test"})
	until := time.Now().Add(time.Hour)
	err := v.AddRule(policy.RuleSpec{Name: "Scanner", Address: "192.0.2.7", RequireSecuritySignature: new(false), Until: &until, Reason: "old"}, folding)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Stack(v)
	if err != nil {
		t.Fatal(err)
	}
	f := history.Fact{Device: ann.Device, Account: "ann", Identity: policy.User, Dialect: policy.SMB210}
	if got := history.Foresee(f, &history.Change{Before: p, After: p, Fold: folding}, time.Now()); got.Verdict != history.NotSeen {
		t.Errorf("got %v: %s, want the exception to hold", got.Verdict, got.Why)
	}
	if got := history.Foresee(f, change(t, nil, nil), time.Now()); got.Verdict != history.Refused {
		t.Errorf("without the exception: got %v, want WillBeRefused", got.Verdict)
	}
}

// What no session has shown is not foreseen, one way or the other.
func TestWhatWasNotSeenIsNotForeseen(t *testing.T) {
	at := time.Now()
	user := func(d policy.Dialect, encrypts bool) history.Fact {
		return history.Fact{Device: ann.Device, Account: "ann", Identity: policy.User, Dialect: d, Advertised: true, Encrypts: encrypts, First: at, Last: at, Signed: at}
	}
	type set = map[string]string
	const ciphers, lowest, highest = "server.EncryptionCiphers", "server.Smb2DialectMin", "server.Smb2DialectMax"
	for _, c := range []struct {
		name          string
		before, after set
		fact          history.Fact
		want          history.Verdict
		words         string
	}{
		{"the highest is lowered", nil, set{highest: "SMB302"}, user(policy.SMB311, true), history.NotSeen, "It spoke SMB 3.1.1; the highest would be 3.0.2. Whether it can was not seen."},
		{"the highest is below what can be encrypted", nil, set{highest: "SMB210", "server.EncryptData": "True"}, user(policy.SMB311, true), history.Refused, "cannot encrypt"},
		{"the highest is what it spoke", nil, set{highest: "SMB302"}, user(policy.SMB302, true), history.HasSigned, ""},
		{"it spoke the highest that there was", set{highest: "SMB210"}, set{lowest: "SMB300"}, user(policy.SMB210, false), history.NotSeen, "the highest that there was"},
		{"it could have spoken more", set{highest: "SMB302"}, set{lowest: "SMB300"}, user(policy.SMB210, false), history.Refused, "It spoke SMB 2.1"},
		{"a cipher goes", nil, set{ciphers: "AES_256_GCM", "server.EncryptData": "True"}, user(policy.SMB311, true), history.NotSeen, "other ciphers"},
		{"a cipher goes, and nothing is encrypted", nil, set{ciphers: "AES_256_GCM"}, user(policy.SMB311, true), history.HasSigned, ""},
		{"a cipher comes", set{ciphers: "AES_256_GCM"}, set{"server.EncryptData": "True"}, user(policy.SMB311, true), history.HasSigned, ""},
		{"a cipher comes for one that had none", set{ciphers: "AES_256_GCM"}, set{"server.EncryptData": "True"}, user(policy.SMB311, false), history.NotSeen, "other ciphers"},
		{"none of all ciphers", nil, set{ciphers: "AES_256_GCM", "server.EncryptData": "True"}, user(policy.SMB311, false), history.Refused, "cannot encrypt"},
		{"the only cipher of 3.0 goes", nil, set{ciphers: "AES_128_GCM", "server.EncryptData": "True"}, user(policy.SMB302, true), history.Refused, "cannot encrypt"},
		{"the only cipher of 3.0 stays", nil, set{ciphers: "AES_128_CCM", "server.EncryptData": "True"}, user(policy.SMB302, true), history.HasSigned, ""},
		{"the only cipher of 3.0 comes", set{ciphers: "AES_128_GCM"}, set{"server.EncryptData": "True"}, user(policy.SMB302, false), history.NotSeen, ""},
		{"names are checked", nil, set{"server.SmbServerNameHardeningLevel": "1"}, user(policy.SMB311, true), history.NotSeen, "name this server"},
		{"names were checked", set{"server.SmbServerNameHardeningLevel": "1"}, set{"server.SmbServerNameHardeningLevel": "1"}, user(policy.SMB311, true), history.HasSigned, ""},
		{"a name goes", set{"server.OptionalNames": "files, nas", "server.EnableStrictNameChecking": "True"}, set{"server.OptionalNames": "nas", "server.EnableStrictNameChecking": "True"}, user(policy.SMB311, true), history.NotSeen, "a name of its own"},
		{"a name goes that nobody checks", set{"server.OptionalNames": "files"}, nil, user(policy.SMB311, true), history.HasSigned, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := history.Foresee(c.fact, change(t, c.before, c.after), at)
			if got.Verdict != c.want || !strings.Contains(got.Why, c.words) {
				t.Errorf("got %v: %q, want %v: %q", got.Verdict, got.Why, c.want, c.words)
			}
		})
	}
}

// A share may demand more than the server, by itself or by a rule.
func TestForeseeAsksForTheSharesThatWereConnectedTo(t *testing.T) {
	at := time.Now()
	old := history.Fact{Device: ann.Device, Account: "ann", Identity: policy.User, Dialect: policy.SMB210, Shares: map[string]time.Time{"Docs": at, "gone": at}}
	off := map[string]string{"server.RequireSecuritySignature": "False", "server.RejectUnencryptedAccess": "True"}
	for _, c := range []struct {
		name   string
		shares map[string]policy.ShareDemands
		rule   bool
		want   history.Verdict
		words  string
	}{
		{"no demands", map[string]policy.ShareDemands{"DOCS": {}}, false, history.NotSeen, "does not say that it can sign"},
		{"signing", map[string]policy.ShareDemands{"DOCS": {RequireSigning: true}}, false, history.Refused, "In the share Docs: The share, or a rule for it, requires signing"},
		{"encryption", map[string]policy.ShareDemands{"DOCS": {EncryptData: true}}, false, history.Refused, "In the share Docs: The client cannot encrypt"},
		{"signing by a rule", map[string]policy.ShareDemands{"DOCS": {}}, true, history.Refused, "In the share Docs: The share, or a rule for it, requires signing"},
		{"another share", map[string]policy.ShareDemands{"DOCS": {}, "VAULT": {EncryptData: true}}, false, history.NotSeen, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := policy.NewValues(policy.Origin{Layer: policy.LayerStore, Name: "test"})
			for name, text := range off {
				if err := v.Set(name, text); err != nil {
					t.Fatal(err)
				}
			}
			if c.rule {
				if err := v.AddRule(policy.RuleSpec{Name: "Docs", Share: "docs", RequireSecuritySignature: new(true)}, folding); err != nil {
					t.Fatal(err)
				}
			}
			after, err := policy.Stack(v)
			if err != nil {
				t.Fatal(err)
			}
			got := history.Foresee(old, &history.Change{Before: after, After: after, Shares: c.shares, Fold: folding}, at)
			if got.Verdict != c.want || !strings.Contains(got.Why, c.words) {
				t.Errorf("got %v: %q, want %v: %q", got.Verdict, got.Why, c.want, c.words)
			}
			if (got.Share == "Docs") != (c.want == history.Refused) {
				t.Errorf("got share %q", got.Share)
			}
		})
	}
}

// Of shares the last 32 are known, over processes, and only those of the time
// that is asked about.
func TestSharesAreRememberedWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "h")
		connect := func(h *history.History, share string) {
			s := with(history.Connected)
			s.Share = share
			h.Saw(s)
		}
		h := open(t, path)
		for i := range 33 {
			connect(h, fmt.Sprintf("share%02d", i))
			time.Sleep(time.Second)
		}
		if got := since(t, h, time.Hour).Facts[0].Shares; len(got) != 32 || !got["share00"].IsZero() || got["share32"].IsZero() {
			t.Errorf("got %d shares, want the last 32 of 33: %v", len(got), got)
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		h = open(t, path)
		connect(h, "late")
		if got := since(t, h, time.Hour).Facts[0].Shares; len(got) != 32 || got["late"].IsZero() || !got["share01"].IsZero() {
			t.Errorf("got %d shares, want the last 32 of 34: %v", len(got), got)
		}
		time.Sleep(2 * time.Hour)
		connect(h, "later")
		if got := since(t, h, time.Hour).Facts[0].Shares; len(got) != 1 || got["later"].IsZero() {
			t.Errorf("got %v, want what was within the hour", got)
		}
	})
}
