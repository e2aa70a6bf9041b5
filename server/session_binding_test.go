package server_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// multi is a policy by which sessions may have several channels.
func multi() *policy.Snapshot {
	return policy.With(policy.Default(), policy.EnableMultiChannel, true, inTest)
}

// speaking makes a peer that offers one dialect.
func speaking(d smb2.Dialect) func(*smbtest.Peer) {
	return func(p *smbtest.Peer) { p.Dialects = []smb2.Dialect{d} }
}

// further returns a peer on a new connection of first's client, negotiated.
func further(s *smbtest.Server, first *smbtest.Peer, setup ...func(*smbtest.Peer)) *smbtest.Peer {
	p := s.Dial()
	p.ClientGUID, p.Mode, p.Dialects, p.Signing, p.Ciphers = first.ClientGUID, first.Mode, first.Dialects, first.Signing, first.Ciphers
	for _, f := range setup {
		f(p)
	}
	p.Negotiate()
	return p
}

// bound returns a further channel of first's session.
func bound(t *testing.T, s *smbtest.Server, first *smbtest.Peer, setup ...func(*smbtest.Peer)) *smbtest.Peer {
	t.Helper()
	p := further(s, first, setup...)
	if r := p.Bind(first, smbtest.Initiator()); r.Header.Status != ntstatus.Success || !r.Signed && !p.Seal {
		t.Fatalf("binding: %v, signed %v", r.Header.Status, r.Signed)
	}
	return p
}

// firstToken is the first token of a log-on as user.
func firstToken(t *testing.T, user string) []byte {
	t.Helper()
	return nextToken(t, smbtest.InitiatorFor(user, smbtest.Password), nil)
}

func TestBoundChannelSharesTheSessionAndSignsWithAKeyOfItsOwn(t *testing.T) {
	hmac, cmac := signingWith(smb2.SigningHMACSHA256), signingWith(smb2.SigningAESCMAC)
	for _, c := range []struct {
		name          string
		first, second []func(*smbtest.Peer)
	}{
		{"3.0", []func(*smbtest.Peer){speaking(smb2.Dialect300)}, nil},
		{"3.0.2", []func(*smbtest.Peer){speaking(smb2.Dialect302)}, nil},
		{"3.1.1", nil, nil},
		{"HMAC-SHA256", []func(*smbtest.Peer){hmac}, nil},
		{"AES-CMAC, then HMAC-SHA256", []func(*smbtest.Peer){cmac}, []func(*smbtest.Peer){hmac}},
		{"HMAC-SHA256, then AES-CMAC", []func(*smbtest.Peer){hmac}, []func(*smbtest.Peer){cmac}},
		// Windows does not compare ClientGuids: smbtorture's bind_negative_smb3signCtoHd.
		{"another ClientGuid", nil, []func(*smbtest.Peer){func(p *smbtest.Peer) { p.ClientGUID = dtyp.NewGUID() }}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
			first := s.Login(c.first...)
			id := first.Open("f")
			second := bound(t, s, first, c.second...)
			if second.Keys.Signing == first.Keys.Signing {
				t.Error("both channels have one signing key")
			}
			second.Write(id, 0, "by the second")
			if got := first.Read(id, 0, 100); got != "by the second" {
				t.Errorf("the first channel reads %q", got)
			}
			sessions := s.Sessions()
			if len(sessions) != 1 || sessions[0].NumChannels != 2 {
				t.Errorf("sessions %+v, want one with two channels", sessions)
			}
		})
	}
}

// TestBindingIsRefusedAsWindowsDoes restates smbtorture's
// smb2.session.bind_negative: after each refusal the connection knows nothing
// of the session, which goes on.
func TestBindingIsRefusedAsWindowsDoes(t *testing.T) {
	g, c, h := signingWith(smb2.SigningAESGMAC), signingWith(smb2.SigningAESCMAC), signingWith(smb2.SigningHMACSHA256)
	ciphers := func(cipher smb2.Cipher) func(*smbtest.Peer) {
		return func(p *smbtest.Peer) { p.Ciphers = []smb2.Cipher{cipher} }
	}
	all := func(p *smbtest.Peer) {
		p.Dialects = []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300, smb2.Dialect302, smb2.Dialect311}
	}
	later := func(f ...func(*smbtest.Peer)) func(*smbtest.Peer) {
		return func(p *smbtest.Peer) {
			for _, f := range f {
				f(p)
			}
		}
	}
	d202, d210, d300, d302 := speaking(smb2.Dialect202), speaking(smb2.Dialect210), speaking(smb2.Dialect300), speaking(smb2.Dialect302)
	for _, row := range []struct {
		name          string
		first, second func(*smbtest.Peer)
		want          ntstatus.Status
	}{
		{"2.0.2", d202, d202, ntstatus.RequestNotAccepted},
		{"2.1", d210, d210, ntstatus.RequestNotAccepted},
		{"2.1 to 3.1.1", d210, later(all, c), ntstatus.InvalidParameter},
		{"3.1.1 to 2.1", c, d210, ntstatus.RequestNotAccepted},
		{"3.0.2 to 3.1.1", d302, later(all, c), ntstatus.InvalidParameter},
		{"3.0 to 3.0.2", d300, d302, ntstatus.InvalidParameter},
		{"GCM to CCM", later(c, ciphers(smb2.CipherAES128GCM)), ciphers(smb2.CipherAES128CCM), ntstatus.InvalidParameter},
		{"GCM to no cipher", c, func(p *smbtest.Peer) { p.Ciphers = nil }, ntstatus.InvalidParameter},
		{"CMAC to GMAC", c, g, ntstatus.NotSupported},
		{"HMAC to GMAC", h, g, ntstatus.NotSupported},
		{"GMAC to CMAC", g, c, ntstatus.RequestOutOfSequence},
		{"GMAC to HMAC", g, h, ntstatus.RequestOutOfSequence},
		{"GMAC to GMAC", g, g, ntstatus.NotSupported}, // ours: see session.bindingKey
		{"CMAC and GCM to GMAC and CCM", later(c, ciphers(smb2.CipherAES128GCM)), later(g, ciphers(smb2.CipherAES128CCM)), ntstatus.NotSupported},
		{"GMAC and GCM to CMAC and CCM", later(g, ciphers(smb2.CipherAES128GCM)), later(c, ciphers(smb2.CipherAES128CCM)), ntstatus.RequestOutOfSequence},
		{"3.0 to GMAC", d300, later(all, g), ntstatus.NotSupported},
		{"2.1 to GMAC", d210, later(all, g), ntstatus.NotSupported},
		{"GMAC to 3.0", g, d300, ntstatus.RequestOutOfSequence},
		{"GMAC to 2.1", g, d210, ntstatus.RequestOutOfSequence},
	} {
		for _, guid := range []string{"same ClientGuid", "another"} {
			t.Run(row.name+", "+guid, func(t *testing.T) {
				s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
				first := s.Login(row.first)
				second := further(s, first, row.second, func(p *smbtest.Peer) {
					if guid == "another" {
						p.ClientGUID = dtyp.NewGUID()
					}
				})
				for range 2 {
					if r := second.Bind(first, smbtest.Initiator()); r.Header.Status != row.want {
						t.Errorf("binding: %v, want %v", r.Header.Status, row.want)
					}
					expectNotBound(t, first, second)
				}
			})
		}
	}
}

// expectNotBound fails unless second's connection knows nothing of first's
// session, and first goes on.
func expectNotBound(t *testing.T, first, second *smbtest.Peer) {
	t.Helper()
	again := element(&smb2.SessionSetupRequest{SecurityMode: second.Mode, SecurityBuffer: firstToken(t, smbtest.User)})
	expectStatus(t, "SESSION_SETUP without the flag", second, again, ntstatus.UserSessionDeleted)
	again.Unsigned = true
	expectStatus(t, "unsigned SESSION_SETUP without the flag", second, again, ntstatus.UserSessionDeleted)
	expectStatus(t, "request", second, element(smbtest.CreateFile("no")), ntstatus.UserSessionDeleted)
	first.CloseFile(first.Open("yes"))
}

func TestHostileBindingsAreRefusedAndLeaveTheSessionAlone(t *testing.T) {
	wrongKey, err := transform.NewSigner(smb2.SigningAESCMAC, bytes.Repeat([]byte{7}, 16))
	if err != nil {
		t.Fatal(err)
	}
	bind := func(t *testing.T, p *smbtest.Peer) smbtest.Element {
		return element(p.BindRequest(firstToken(t, smbtest.User)))
	}
	for _, c := range []struct {
		name    string
		element func(t *testing.T, s *smbtest.Server, first, second *smbtest.Peer) smbtest.Element
		want    ntstatus.Status
	}{
		{"unsigned", func(t *testing.T, _ *smbtest.Server, _, second *smbtest.Peer) smbtest.Element {
			e := bind(t, second)
			e.Unsigned = true
			return e
		}, ntstatus.InvalidParameter},
		{"signed with another key", func(t *testing.T, _ *smbtest.Server, _, second *smbtest.Peer) smbtest.Element {
			second.Signer = wrongKey
			return bind(t, second)
		}, ntstatus.AccessDenied},
		{"signed with zeros", func(t *testing.T, _ *smbtest.Server, _, second *smbtest.Peer) smbtest.Element {
			e := bind(t, second)
			e.Forge = func(msg []byte) { clear(msg[smb2.SignatureOffset:smb2.HeaderSize]) }
			return e
		}, ntstatus.AccessDenied},
		{"token changed after signing", func(t *testing.T, _ *smbtest.Server, _, second *smbtest.Peer) smbtest.Element {
			e := bind(t, second)
			e.Forge = func(msg []byte) { msg[len(msg)-1] ^= 1 }
			return e
		}, ntstatus.AccessDenied},
		{"of somebody else's session", func(t *testing.T, s *smbtest.Server, _, second *smbtest.Peer) smbtest.Element {
			other := s.Login() // its key is not the one that signs
			second.SessionID = other.SessionID
			return bind(t, second)
		}, ntstatus.AccessDenied},
		{"of no session", func(t *testing.T, _ *smbtest.Server, _, second *smbtest.Peer) smbtest.Element {
			second.SessionID += 1000
			return bind(t, second)
		}, ntstatus.UserSessionDeleted},
		{"of a session that is still being authenticated", func(t *testing.T, s *smbtest.Server, _, second *smbtest.Peer) smbtest.Element {
			third := s.Dial()
			third.Negotiate()
			r := third.Do(&smb2.SessionSetupRequest{SecurityMode: third.Mode, SecurityBuffer: firstToken(t, smbtest.User)})
			second.SessionID = r.Header.SessionID
			return bind(t, second)
		}, ntstatus.RequestNotAccepted},
		{"in a compound", func(t *testing.T, _ *smbtest.Server, first, second *smbtest.Peer) smbtest.Element {
			second.ForgetSession()
			second.SessionSetup(smbtest.Initiator()) // for credits
			second.Join(first)
			r := exchange(t, second, bind(t, second), element(&smb2.EchoRequest{}))
			if r[0].Header.Status != ntstatus.InvalidParameter {
				t.Errorf("in a compound: %v", r[0].Header.Status)
			}
			e := bind(t, second)
			e.Unsigned = true
			return e
		}, ntstatus.InvalidParameter},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
			first := s.Login()
			second := further(s, first)
			second.Join(first)
			session, signer := second.SessionID, second.Signer
			expectStatus(t, c.name, second, c.element(t, s, first, second), c.want)
			second.SessionID, second.Signer = session, signer
			expectNotBound(t, first, second)
			// Nothing of it is left: a right one succeeds.
			if r := second.Bind(first, smbtest.Initiator()); r.Header.Status != ntstatus.Success {
				t.Errorf("binding afterwards: %v", r.Header.Status)
			}
		})
	}
}

func TestBindingByWhomeverDoesNotKnowThePasswordFailsAndLeavesTheSessionAlone(t *testing.T) {
	for _, c := range []struct {
		name string
		init auth.Initiator
		want ntstatus.Status
	}{
		{"wrong password", smbtest.InitiatorFor(smbtest.User, "wrong"), ntstatus.LogonFailure},
		{"another user", smbtest.InitiatorFor(smbtest.OtherUser, smbtest.Password), ntstatus.AccessDenied},
		{"anonymous", smbtest.InitiatorFor("", ""), ntstatus.NotSupported},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
			first := s.Login()
			second := further(s, first)
			if r := second.Bind(first, c.init); r.Header.Status != c.want || !r.Signed {
				t.Errorf("binding: %v, signed %v, want %v", r.Header.Status, r.Signed, c.want)
			}
			expectNotBound(t, first, second)
		})
	}
}

func TestSessionsOfGuestsAndAnonymousUsersAreNotBound(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: policy.With(relaxed(), policy.EnableMultiChannel, true, inTest)})
	first := s.Dial()
	casual(first)
	first.Negotiate()
	if r := first.SessionSetup(smbtest.InitiatorFor("", "")); r.Header.Status != ntstatus.Success {
		t.Fatalf("anonymous log-on: %v", r.Header.Status)
	}
	second := further(s, first)
	if r := second.Bind(first, smbtest.InitiatorFor("", "")); r.Header.Status != ntstatus.NotSupported {
		t.Errorf("binding an anonymous session: %v", r.Header.Status)
	}
	if r := second.Bind(first, smbtest.Initiator()); r.Header.Status != ntstatus.NotSupported {
		t.Errorf("binding an anonymous session as a user: %v", r.Header.Status)
	}
}

func TestBindingIsNotAcceptedWhereItIsSwitchedOff(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	first := s.Login(signingWith(smb2.SigningAESCMAC))
	second := further(s, first)
	if r := second.Bind(first, smbtest.Initiator()); r.Header.Status != ntstatus.RequestNotAccepted {
		t.Errorf("signed: %v", r.Header.Status)
	}
	expectStatus(t, "unsigned", second, smbtest.Element{Message: second.BindRequest(nil), Unsigned: true}, ntstatus.RequestNotAccepted)
	expectNotBound(t, first, second)
}

func TestBindingAChannelAgainIsNotAccepted(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	second := bound(t, s, first)
	for name, p := range map[string]*smbtest.Peer{"first": first, "second": second} {
		r := expectStatus(t, name, p, element(p.BindRequest(firstToken(t, smbtest.User))), ntstatus.RequestNotAccepted)
		if !r.Signed {
			t.Errorf("%s: the answer is not signed with the channel's key", name)
		}
		p.CloseFile(p.Open("f"))
	}
}

func TestAReplayedBindingBindsNothing(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	second := further(s, first)
	second.Join(first)
	init := smbtest.Initiator()
	var legs [][]byte
	token := nextToken(t, init, nil)
	for range 2 {
		leg := second.Encode(element(second.BindRequest(token)))
		legs = append(legs, leg)
		second.SendRaw(leg)
		second.Lenient = true // the last answer is signed with a key that nobody derives here
		r := receiveOne(t, second)
		var res smb2.SessionSetupResponse
		r.Decode(t, &res)
		token = nextToken(t, init, res.SecurityBuffer)
	}
	// Somebody who has seen the legs sends them on a connection of his own.
	third := further(s, first)
	want := []ntstatus.Status{ntstatus.MoreProcessingRequired, ntstatus.LogonFailure}
	third.Join(first) // to verify the answers only
	for i, leg := range legs {
		third.SendRaw(leg)
		if r := receiveOne(t, third); r.Header.Status != want[i] {
			t.Errorf("leg %d again: %v, want %v", i, r.Header.Status, want[i])
		}
	}
	third.NextMessageID += 2
	expectNotBound(t, first, third)
	if n := s.Sessions()[0].NumChannels; n != 2 {
		t.Errorf("%d channels, want 2", n)
	}
}

func TestAChangedLegGivesKeysThatDoNotMatch(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	second := further(s, first)
	second.Lenient = true
	second.Tamper = func(h *transform.PreauthHash) { h[5] ^= 1 }
	if r := second.Bind(first, smbtest.Initiator()); r.Header.Status != ntstatus.Success || r.Signed {
		t.Fatalf("last answer: %v, verifies %v; want the signature to be wrong for the client", r.Header.Status, r.Signed)
	}
	s.Log.Reset()
	expectStatus(t, "request with the client's key", second, element(smbtest.CreateFile("no")), ntstatus.AccessDenied)
	expectUntouched(t, "request with the client's key", s)
	first.CloseFile(first.Open("yes"))
}

func TestAChannelRefusesTheKeysOfOtherChannels(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	second, third := bound(t, s, first), bound(t, s, first)
	peers := []*smbtest.Peer{first, second, third}
	for i, p := range peers {
		for j, other := range peers {
			if i == j {
				continue
			}
			own := p.Signer
			p.Signer, p.Lenient = other.Signer, true
			s.Log.Reset()
			what := fmt.Sprintf("channel %d with the key of %d", i, j)
			expectStatus(t, what, p, element(smbtest.CreateFile("no")), ntstatus.AccessDenied)
			expectUntouched(t, what, s)
			p.Signer, p.Lenient = own, false
		}
	}
}

func TestASessionOnAConnectionThatItIsNotBoundToIsUnknown(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi()})
	first := s.Login()
	id := first.Open("f")
	second := further(s, first)
	second.Join(first)
	expectStatus(t, "READ", second, element(&smb2.ReadRequest{FileID: id, Length: 1}), ntstatus.UserSessionDeleted)
	// A session of its own does not help.
	second.ForgetSession()
	second.SessionSetup(smbtest.Initiator())
	second.SessionID = first.SessionID
	expectStatus(t, "READ signed with another session's key", second, element(&smb2.ReadRequest{FileID: id, Length: 1}), ntstatus.UserSessionDeleted)
}

func TestTheNumberOfChannelsIsBounded(t *testing.T) {
	const most = 32
	s := smbtest.StartServer(t, smbtest.Options{Policy: multi(), Quiet: true})
	first := s.Login()
	var last *smbtest.Peer
	for range most - 1 {
		last = bound(t, s, first)
	}
	refused := further(s, first)
	if r := refused.Bind(first, smbtest.Initiator()); r.Header.Status != ntstatus.InsufficientResources {
		t.Errorf("channel %d: %v, want InsufficientResources", most+1, r.Header.Status)
	}
	first.CloseFile(first.Open("f"))
	last.Close()
	eventually(t, "a channel less", func() bool { return s.Sessions()[0].NumChannels == most-1 })
	bound(t, s, first)
}

func TestMultiChannelIsOfferedToWhoAsksForItAndDoesNotSignWithGMAC(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy *policy.Snapshot
		setup  func(*smbtest.Peer)
		want   bool
		alg    smb2.SigningAlgorithm
	}{
		{"switched on", multi(), func(*smbtest.Peer) {}, true, smb2.SigningAESCMAC},
		{"switched off", policy.Default(), func(*smbtest.Peer) {}, false, smb2.SigningAESGMAC},
		{"3.0", multi(), speaking(smb2.Dialect300), true, smb2.SigningAESCMAC},
		{"2.1", multi(), speaking(smb2.Dialect210), false, smb2.SigningHMACSHA256},
		{"a client with one channel", multi(), func(p *smbtest.Peer) { p.Capabilities &^= smb2.CapMultiChannel }, false, smb2.SigningAESGMAC},
		{"a client that knows only AES-GMAC", multi(), signingWith(smb2.SigningAESGMAC), false, smb2.SigningAESGMAC},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: c.policy})
			p := s.Dial()
			c.setup(p)
			res := p.Negotiate()
			if got := res.Capabilities&smb2.CapMultiChannel != 0; got != c.want || p.Algorithm != c.alg {
				t.Errorf("offered %v, signing %v; want %v, %v", got, p.Algorithm, c.want, c.alg)
			}
		})
	}
}
