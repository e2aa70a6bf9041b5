package server_test

import (
	"fmt"
	"net"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/vfs"
)

// ruled is s with rules, which make sense.
func ruled(s *policy.Snapshot, specs ...policy.RuleSpec) *policy.Snapshot {
	v := policy.NewValues(inTest)
	for _, spec := range specs {
		if err := v.AddRule(spec, policy.Folding{Share: vfs.Fold, Account: auth.Upcase}); err != nil {
			panic(fmt.Sprintf("%+v: %v", spec, err))
		}
	}
	s, err := policy.WithRules(s, v)
	if err != nil {
		panic(err)
	}
	return s
}

// signs, encrypts and the others make a rule of whom it is about.
func signs(whom policy.RuleSpec) policy.RuleSpec {
	whom.Name, whom.RequireSecuritySignature = "signs", new(true)
	return whom
}

func encrypts(whom policy.RuleSpec) policy.RuleSpec {
	whom.Name, whom.EncryptData = "encrypts", new(true)
	return whom
}

func unsigned(whom policy.RuleSpec, until time.Time) policy.RuleSpec {
	whom.Name, whom.RequireSecuritySignature, whom.Until, whom.Reason = "unsigned", new(false), &until, "test"
	return whom
}

func unencrypted(whom policy.RuleSpec, until time.Time) policy.RuleSpec {
	whom.Name, whom.EncryptData, whom.Until, whom.Reason = "unencrypted", new(false), &until, "test"
	return whom
}

func warning(rule policy.RuleSpec, until time.Time) policy.RuleSpec {
	rule.WarnUntil = &until
	return rule
}

// Whom the rules of these tests are about: tests come from this machine, as
// smbtest.User.
var (
	ours     = policy.RuleSpec{Address: "127.0.0.0/8"}
	device   = policy.RuleSpec{Address: "127.0.0.1"}
	foreign  = policy.RuleSpec{Address: "192.0.2.0/24"}
	account  = policy.RuleSpec{Account: "ALICE"}
	other    = policy.RuleSpec{Account: smbtest.OtherUser}
	both     = policy.RuleSpec{Account: smbtest.User, Address: "127.0.0.1"}
	share    = policy.RuleSpec{Share: "DATA"}
	atShare  = policy.RuleSpec{Share: "data", Address: "127.0.0.1"}
	tomorrow = time.Now().Add(24 * time.Hour)
)

// TestTheServerDoesWhatRulesSay has a client that signs and encrypts when it
// must, and not else, meet every kind of rule at every kind of dialect.
func TestTheServerDoesWhatRulesSay(t *testing.T) {
	on, off := policy.Default(), relaxed()
	sealedServer := policy.With(on, policy.EncryptData, true, inTest)
	for _, c := range []struct {
		name     string
		property *policy.Snapshot
		rules    []policy.RuleSpec
		want2    policy.Outcome // at 2.0.2 and 2.1
		want3    policy.Outcome // at 3.0 and 3.1.1
		told     bool           // that signing may be required
	}{
		{"its network has to sign", off, []policy.RuleSpec{signs(ours)}, policy.Signed, policy.Signed, true},
		{"another network has to sign", off, []policy.RuleSpec{signs(foreign)}, policy.Plain, policy.Plain, false},
		{"the device need not sign", on, []policy.RuleSpec{unsigned(device, tomorrow)}, policy.Plain, policy.Plain, false},
		{"the device need not sign in a network that has to", off, []policy.RuleSpec{signs(ours), unsigned(device, tomorrow)}, policy.Plain, policy.Plain, false},
		{"the exception is over", on, []policy.RuleSpec{unsigned(device, time.Now())}, policy.Signed, policy.Signed, true},
		{"the account need not sign", on, []policy.RuleSpec{unsigned(account, tomorrow)}, policy.Plain, policy.Plain, true},
		{"another account need not sign", on, []policy.RuleSpec{unsigned(other, tomorrow)}, policy.Signed, policy.Signed, true},
		{"the account has to sign", off, []policy.RuleSpec{signs(account)}, policy.Signed, policy.Signed, true},
		{"another account has to sign", off, []policy.RuleSpec{signs(other)}, policy.Plain, policy.Plain, true},
		{"the account has to sign, at a device that need not", on, []policy.RuleSpec{signs(account), unsigned(device, tomorrow)}, policy.Signed, policy.Signed, true},
		{"the account need not sign, at this device", on, []policy.RuleSpec{signs(account), unsigned(both, tomorrow)}, policy.Plain, policy.Plain, true},
		{"the share has to be signed", off, []policy.RuleSpec{signs(share)}, policy.Signed, policy.Signed, true},
		{"the share has to be signed, by a device that need not sign", on, []policy.RuleSpec{signs(share), unsigned(device, tomorrow)}, policy.Signed, policy.Signed, true},
		{"the share has to be signed, but not by this device", off, []policy.RuleSpec{signs(share), unsigned(atShare, tomorrow)}, policy.Plain, policy.Plain, true},
		{"the session has to be signed, the share not by this device", on, []policy.RuleSpec{unsigned(atShare, tomorrow)}, policy.Signed, policy.Signed, true},
		{"its network has to encrypt", off, []policy.RuleSpec{encrypts(ours)}, policy.Refused, policy.Sealed, false},
		{"the account has to encrypt", off, []policy.RuleSpec{encrypts(account)}, policy.Refused, policy.Sealed, false},
		{"the share has to be encrypted", off, []policy.RuleSpec{encrypts(share)}, policy.Refused, policy.Sealed, false},
		{"the share has to be encrypted, but not by this device", off, []policy.RuleSpec{encrypts(share), unencrypted(atShare, tomorrow)}, policy.Plain, policy.Plain, false},
		{"the device need not encrypt", sealedServer, []policy.RuleSpec{unencrypted(device, tomorrow)}, policy.Signed, policy.Signed, true},
		{"the account need not encrypt", sealedServer, []policy.RuleSpec{unencrypted(account, tomorrow)}, policy.Signed, policy.Signed, true},
		{"another account need not encrypt", sealedServer, []policy.RuleSpec{unencrypted(other, tomorrow)}, policy.Refused, policy.Sealed, true},
		{"its network will have to sign", off, []policy.RuleSpec{warning(signs(ours), tomorrow)}, policy.Plain, policy.Plain, true},
		{"the share will have to be signed", off, []policy.RuleSpec{warning(signs(share), tomorrow)}, policy.Plain, policy.Plain, true},
		{"its network will have to encrypt", off, []policy.RuleSpec{warning(encrypts(ours), tomorrow)}, policy.Plain, policy.Sealed, false},
		{"the share will have to be encrypted", off, []policy.RuleSpec{warning(encrypts(share), tomorrow)}, policy.Plain, policy.Sealed, false},
		{"a warning lifts nothing", on, []policy.RuleSpec{warning(signs(device), tomorrow)}, policy.Signed, policy.Signed, true},
		{"its network had to be warned", off, []policy.RuleSpec{warning(signs(ours), time.Now())}, policy.Signed, policy.Signed, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: ruled(c.property, c.rules...), Quiet: true})
			for _, d := range []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300, smb2.Dialect311} {
				want := c.want3
				if d < smb2.Dialect300 {
					want = c.want2
				}
				in := policy.Situation{Identity: policy.User, Dialect: policy.Dialect(d), CanSign: true, CanEncrypt: d >= smb2.Dialect300}
				in.Rules.Session.Signing = policy.Required // so that experience leaves to us what the client is told
				if got := experience(t, s, in, smbtest.ShareName); got.outcome != want || got.outcome == policy.Refused && got.status != ntstatus.AccessDenied {
					t.Errorf("%v: %v %v, want %v", d, got.outcome, got.status, want)
				}
				p := s.Dial()
				p.Dialects = []smb2.Dialect{d}
				if told := p.Negotiate().SecurityMode&smb2.SigningRequired != 0; told != c.told {
					t.Errorf("%v: told that signing may be required: %t, want %t", d, told, c.told)
				}
				p.Close()
			}
		})
	}
}

func TestAnExceptionFreesNoGuest(t *testing.T) {
	snapshot := ruled(withGuests(policy.Default()), unsigned(device, tomorrow))
	s := smbtest.StartServer(t, smbtest.Options{Policy: snapshot, Authenticator: everyone(auth.Guest)})
	if got := logOn(t, negotiatedPeer(s, casual), anybody{}); got != ntstatus.AccessDenied {
		t.Errorf("a guest from a device that need not sign: %v, want ACCESS_DENIED", got)
	}
	// A guest has no account, whatever name he gave.
	snapshot = ruled(withGuests(relaxed()), unsigned(account, tomorrow), signs(ours))
	s = smbtest.StartServer(t, smbtest.Options{Policy: snapshot, Authenticator: everyone(auth.Guest)})
	if got := logOn(t, negotiatedPeer(s, casual), anybody{}); got != ntstatus.AccessDenied {
		t.Errorf("a guest where all have to sign: %v, want ACCESS_DENIED", got)
	}
}

// unsignedCreate is a request about the share, not signed.
func unsignedCreate(name string) smbtest.Element {
	return smbtest.Element{Message: smbtest.CreateFile(name), Unsigned: true}
}

func TestAnExceptionOfAnAccountEndsWithAnotherAccountInItsSession(t *testing.T) {
	for _, d := range []smb2.Dialect{smb2.Dialect210, smb2.Dialect302, smb2.Dialect311} {
		s := smbtest.StartServer(t, smbtest.Options{Policy: ruled(policy.Default(), unsigned(account, tomorrow))})
		p := s.Login(at(d))
		expectStatus(t, "not signed, by the account", p, unsignedCreate("a"), ntstatus.Success)
		reauthenticated(t, p, smbtest.OtherUser)
		expectStatus(t, "not signed, by another account", p, unsignedCreate("b"), ntstatus.AccessDenied)
		expectStatus(t, "signed, by another account", p, element(smbtest.CreateFile("c")), ntstatus.Success)
		reauthenticated(t, p, smbtest.User)
		expectStatus(t, "not signed, by the account again", p, unsignedCreate("d"), ntstatus.AccessDenied)
	}
	// Encryption cannot be begun in a session: who would need it is not let in.
	snapshot := ruled(policy.With(policy.Default(), policy.EncryptData, true, inTest), unencrypted(account, tomorrow))
	p := smbtest.StartServer(t, smbtest.Options{Policy: snapshot}).Login(at(smb2.Dialect311))
	if got := logOn(t, p, smbtest.InitiatorFor(smbtest.OtherUser, smbtest.Password)); got != ntstatus.AccessDenied {
		t.Errorf("another account in a session that is not encrypted: %v, want ACCESS_DENIED", got)
	}
	// In tree connects, too.
	snapshot = ruled(relaxed(), signs(share), unsigned(policy.RuleSpec{Share: "data", Account: smbtest.User}, tomorrow))
	p = smbtest.StartServer(t, smbtest.Options{Policy: snapshot}).Login(at(smb2.Dialect311))
	expectStatus(t, "not signed at the share, by the account", p, unsignedCreate("a"), ntstatus.Success)
	reauthenticated(t, p, smbtest.OtherUser)
	expectStatus(t, "not signed at the share, by another account", p, unsignedCreate("b"), ntstatus.AccessDenied)
}

func TestExceptionsAndWarningsEndToTheMoment(t *testing.T) {
	const span = 5 * time.Minute
	for name, c := range map[string]struct {
		property *policy.Snapshot
		rules    func(end time.Time) []policy.RuleSpec
		seal     bool // what is demanded at the end
	}{
		"exception of an account": {policy.Default(), func(end time.Time) []policy.RuleSpec { return []policy.RuleSpec{unsigned(account, end)} }, false},
		"warning":                 {relaxed(), func(end time.Time) []policy.RuleSpec { return []policy.RuleSpec{warning(signs(account), end)} }, false},
		"warning at a share":      {relaxed(), func(end time.Time) []policy.RuleSpec { return []policy.RuleSpec{warning(signs(share), end)} }, false},
		"exception at a share": {relaxed(), func(end time.Time) []policy.RuleSpec {
			return []policy.RuleSpec{signs(share), unsigned(policy.RuleSpec{Share: "data", Account: "alice"}, end)}
		}, false},
		"exception from encryption": {policy.With(relaxed(), policy.EncryptData, true, inTest), func(end time.Time) []policy.RuleSpec {
			return []policy.RuleSpec{unencrypted(account, end)}
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				end := time.Now().Add(span)
				s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Policy: ruled(c.property, c.rules(end)...)})
				p := s.Login(at(smb2.Dialect311))
				expectStatus(t, "at first", p, unsignedCreate("a"), ntstatus.Success)
				if got := s.Noncomplying(ruled(c.property, c.rules(end)...), end.Add(-time.Nanosecond)); len(got) != 0 {
					t.Errorf("before the end %d sessions do not comply", len(got))
				}
				if got := s.Noncomplying(ruled(c.property, c.rules(end)...), end); len(got) != 1 {
					t.Errorf("at the end %d sessions do not comply, want one", len(got))
				}
				time.Sleep(span - time.Nanosecond)
				expectStatus(t, "before the end", p, unsignedCreate("b"), ntstatus.Success)
				time.Sleep(time.Nanosecond)
				expectStatus(t, "at the end, not signed", p, unsignedCreate("c"), ntstatus.AccessDenied)
				want := ntstatus.Success
				if c.seal {
					want = ntstatus.AccessDenied
				}
				expectStatus(t, "at the end, signed", p, element(smbtest.CreateFile("d")), want)
				if c.seal {
					p.Seal = true
					expectStatus(t, "at the end, sealed", p, element(smbtest.CreateFile("e")), ntstatus.Success)
				}
			})
		})
	}
}

func TestAnExceptionOfAnotherAccountEndsInTheSessionThatItTookOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const span = 5 * time.Minute
		hers := unencrypted(account, time.Now().Add(2*span))
		his := unencrypted(other, time.Now().Add(span))
		his.Name = "his"
		snapshot := ruled(policy.With(relaxed(), policy.EncryptData, true, inTest), hers, his)
		s := smbtest.StartServer(t, smbtest.Options{Pipe: true, Policy: snapshot})
		p := s.Login(at(smb2.Dialect311))
		reauthenticated(t, p, smbtest.OtherUser)
		time.Sleep(span - time.Nanosecond)
		expectStatus(t, "before the end of his exception", p, element(smbtest.CreateFile("a")), ntstatus.Success)
		time.Sleep(time.Nanosecond)
		expectStatus(t, "at its end", p, element(smbtest.CreateFile("b")), ntstatus.AccessDenied)
	})
}

func TestRulesAreChangedLive(t *testing.T) {
	var now atomic.Pointer[policy.Snapshot]
	now.Store(relaxed())
	s := smbtest.StartServer(t, smbtest.Options{Policies: now.Load})
	old := s.Login(at(smb2.Dialect210))
	signing := s.Login(at(smb2.Dialect210), func(p *smbtest.Peer) { p.Mode |= smb2.SigningRequired })

	strict := ruled(relaxed(), signs(ours))
	now.Store(strict)
	expectStatus(t, "the session from before", old, unsignedCreate("a"), ntstatus.Success)
	expectStatus(t, "a session from now on", s.Login(at(smb2.Dialect210)), unsignedCreate("b"), ntstatus.AccessDenied)
	if got, want := s.Noncomplying(strict, time.Now()), []uint64{uint64(old.SessionID)}; !slices.Equal(got, want) {
		t.Errorf("%#x do not comply, want %#x", got, want)
	}

	strict = ruled(relaxed(), signs(share))
	now.Store(strict)
	expectStatus(t, "the tree connect from before", old, unsignedCreate("c"), ntstatus.Success)
	got := s.Noncomplying(strict, time.Now())
	if !slices.Contains(got, uint64(old.SessionID)) || slices.Contains(got, uint64(signing.SessionID)) {
		t.Errorf("%#x do not comply, want %#x and not %#x", got, uint64(old.SessionID), uint64(signing.SessionID))
	}
	if r := old.TreeConnect(smbtest.ShareName); r.Header.Status != ntstatus.Success {
		t.Fatal(r.Header.Status)
	}
	expectStatus(t, "a tree connect from now on", old, unsignedCreate("d"), ntstatus.AccessDenied)
}

func TestASessionIsNotBoundToAnAddressThatRulesTreatOtherwise(t *testing.T) {
	far := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	for name, c := range map[string]struct {
		rules []policy.RuleSpec
		want  ntstatus.Status
	}{
		"an exception of the first": {[]policy.RuleSpec{unsigned(device, tomorrow)}, ntstatus.AccessDenied},
		"a share's, of the first":   {[]policy.RuleSpec{signs(atShare)}, ntstatus.AccessDenied},
		"the same of both":          {[]policy.RuleSpec{signs(ours)}, ntstatus.Success},
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: ruled(multi(), c.rules...)})
			nc, err := far.Dial("tcp", s.Addr())
			if err != nil && runtime.GOOS != "linux" {
				t.Skipf("this machine has no second loopback address: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			cmac := signingWith(smb2.SigningAESCMAC)
			first := s.Login(cmac)
			p := smbtest.NewPeer(t, nc)
			p.ClientGUID, p.Mode, p.Dialects, p.Signing, p.Ciphers = first.ClientGUID, first.Mode, first.Dialects, first.Signing, first.Ciphers
			p.Negotiate()
			if got := p.Bind(first, smbtest.Initiator()).Header.Status; got != c.want {
				t.Errorf("binding from 127.0.0.2: %v, want %v", got, c.want)
			}
		})
	}
}
