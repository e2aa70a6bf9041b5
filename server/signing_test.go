package server_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
)

// closed stands for "the connection was closed without an answer" among the
// outcomes of a forgery.
const closed = "connection closed"

// flipOutcomes says, by field of the header, what the server may do about one
// flipped bit. Everything that is not listed, the body included, is
// AccessDenied. [MS-SMB2] 2.2.1, 3.3.5.2.
var flipOutcomes = []struct {
	field    string
	from, to int // bytes, to excluded
	allowed  []string
}{
	{"ProtocolId, StructureSize", 0, 6, []string{closed}},
	{"CreditCharge", 6, 8, []string{closed, "STATUS_ACCESS_DENIED"}}, // more credits than there are
	{"Command", 12, 14, []string{closed, "STATUS_ACCESS_DENIED"}},    // no such command
	{"Flags", 16, 20, []string{closed, "STATUS_ACCESS_DENIED", "STATUS_INVALID_PARAMETER"}},
	{"NextCommand", 20, 24, []string{closed}},
	{"MessageId", 24, 32, []string{closed, "STATUS_ACCESS_DENIED"}}, // outside the window, or not
	{"SessionId", 40, 48, []string{"STATUS_USER_SESSION_DELETED"}},
}

// allowedFor returns the name of the field that the byte at offset belongs to
// and what may come of a flip there.
func allowedFor(offset int) (field string, allowed []string) {
	for _, row := range flipOutcomes {
		if row.from <= offset && offset < row.to {
			return row.field, row.allowed
		}
	}
	switch {
	case offset >= smb2.HeaderSize:
		return "body", []string{"STATUS_ACCESS_DENIED"}
	case offset >= smb2.SignatureOffset:
		return "Signature", []string{"STATUS_ACCESS_DENIED"}
	}
	return "other header fields", []string{"STATUS_ACCESS_DENIED"}
}

func TestNoSingleFlippedBitOfASignedRequestReachesTheBackEnd(t *testing.T) {
	const step = 7 // of the bits, so that every byte and every position in a byte is met
	requests := map[string]func(*smbtest.Peer) smb2.Message{
		"CREATE": func(*smbtest.Peer) smb2.Message { return smbtest.CreateFile("flipped") },
		"WRITE": func(p *smbtest.Peer) smb2.Message {
			return &smb2.WriteRequest{FileID: p.Open("victim"), Data: []byte("never written")}
		},
	}
	for _, name := range slices.Sorted(maps.Keys(requests)) {
		t.Run(name, func(t *testing.T) {
			forEachAlgorithm(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
				alg := p.Algorithm
				var m smb2.Message
				login := func() {
					if p != nil {
						p.Close()
					}
					p = s.Login(signingWith(alg))
					m = requests[name](p)
					s.Log.Reset()
				}
				login()
				bits := len(smb2.Append(make([]byte, smb2.HeaderSize), m)) * 8
				count := make(map[string]int)
				for bit := 0; bit < bits; bit += step {
					what := fmt.Sprintf("bit %d of byte %d", bit%8, bit/8)
					p.Send(smbtest.Element{Message: m, Forge: func(msg []byte) { msg[bit/8] ^= 1 << (bit % 8) }})
					replies, ok := p.Receive()
					outcome := closed
					if ok {
						outcome = replies[0].Header.Status.String()
					}
					field, allowed := allowedFor(bit / 8)
					if !slices.Contains(allowed, outcome) {
						t.Errorf("%s (%s): %s, want one of %q", what, field, outcome, allowed)
					}
					expectUntouched(t, what, s)
					count[field+": "+outcome]++
					if !ok || field == "CreditCharge" || field == "MessageId" {
						login() // the peer's own count of ids is off
					}
				}
				for _, k := range slices.Sorted(maps.Keys(count)) {
					t.Logf("%4d  %s", count[k], k)
				}
				// The oracle is not blind: the same request, unchanged, arrives.
				login()
				p.MustDo(m, nil)
				if len(s.Log.Calls()) == 0 {
					t.Error("the unchanged request left no trace in the call log")
				}
			})
		})
	}
}

func TestForgedRequestsReachNothing(t *testing.T) {
	forgeries := []struct {
		name  string
		forge func(s *smbtest.Server, p *smbtest.Peer) smbtest.Element
		want  string
	}{
		{"the SIGNED flag is stripped", func(*smbtest.Server, *smbtest.Peer) smbtest.Element {
			return smbtest.Element{Forge: func(msg []byte) { msg[16] &^= byte(smb2.FlagSigned) }}
		}, "STATUS_ACCESS_DENIED"},
		{"flag and signature are stripped", func(*smbtest.Server, *smbtest.Peer) smbtest.Element {
			return smbtest.Element{Unsigned: true}
		}, "STATUS_ACCESS_DENIED"},
		{"the signature is zeros", func(*smbtest.Server, *smbtest.Peer) smbtest.Element {
			return smbtest.Element{Forge: func(msg []byte) { clear(msg[smb2.SignatureOffset:smb2.HeaderSize]) }}
		}, "STATUS_ACCESS_DENIED"},
		{"the signature is all ones", func(*smbtest.Server, *smbtest.Peer) smbtest.Element {
			return smbtest.Element{Forge: func(msg []byte) {
				copy(msg[smb2.SignatureOffset:], bytes.Repeat([]byte{0xFF}, transform.SignatureSize))
			}}
		}, "STATUS_ACCESS_DENIED"},
		{"the signature is that of another message", func(_ *smbtest.Server, p *smbtest.Peer) smbtest.Element {
			p.RepeatMessageIDs()
			id := p.NextMessageID
			other := p.Encode(smbtest.Element{Message: smbtest.CreateFile("another")})
			p.NextMessageID = id
			return smbtest.Element{Forge: func(msg []byte) {
				copy(msg[smb2.SignatureOffset:smb2.HeaderSize], other[smb2.SignatureOffset:])
			}}
		}, "STATUS_ACCESS_DENIED"},
		{"the header is another's and the body this one's", func(_ *smbtest.Server, p *smbtest.Peer) smbtest.Element {
			p.RepeatMessageIDs()
			id := p.NextMessageID
			other := p.Encode(smbtest.Element{Message: smbtest.CreateFile("another")})
			p.NextMessageID = id
			return smbtest.Element{Forge: func(msg []byte) { copy(msg, other[:smb2.HeaderSize]) }}
		}, "STATUS_ACCESS_DENIED"},
		{"it is signed with the key of another session", func(s *smbtest.Server, p *smbtest.Peer) smbtest.Element {
			other := s.Login(signingWith(p.Algorithm))
			return smbtest.Element{Forge: func(msg []byte) { other.Signer.Unwatched().Sign(msg, transform.Client) }}
		}, "STATUS_ACCESS_DENIED"},
		{"it is signed with another algorithm", func(_ *smbtest.Server, p *smbtest.Peer) smbtest.Element {
			i := slices.Index(algorithms, p.Algorithm)
			signer, err := transform.NewSigner(algorithms[(i+1)%len(algorithms)], p.Keys.Signing[:])
			if err != nil {
				panic(err)
			}
			return smbtest.Element{Forge: func(msg []byte) { signer.Unwatched().Sign(msg, transform.Client) }}
		}, "STATUS_ACCESS_DENIED"},
		{"it is what the server itself would sign", func(_ *smbtest.Server, p *smbtest.Peer) smbtest.Element {
			return smbtest.Element{Flags: smb2.FlagServerToRedir, Forge: func(msg []byte) { p.Signer.Unwatched().Sign(msg, transform.Server) }}
		}, closed},
		{"the last byte is changed", func(_ *smbtest.Server, p *smbtest.Peer) smbtest.Element {
			return smbtest.Element{Forge: func(msg []byte) { msg[len(msg)-1]++ }}
		}, "STATUS_ACCESS_DENIED"},
	}
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			forEachAlgorithm(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
				e := f.forge(s, p)
				e.Message = smbtest.CreateFile("forged")
				s.Log.Reset()
				p.Send(e)
				replies, ok := p.Receive()
				got := closed
				if ok {
					got = replies[0].Header.Status.String()
				}
				if got != f.want {
					t.Errorf("got %s, want %s", got, f.want)
				}
				expectUntouched(t, f.name, s)
			})
		})
	}
}

func TestGMACSignatureMadeInTheServersRoleIsRefused(t *testing.T) {
	// Only GMAC mixes the sender into the signature; the others are told apart
	// by SERVER_TO_REDIR, see TestForgedRequestsReachNothing.
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login(signingWith(smb2.SigningAESGMAC))
	s.Log.Reset()
	expectStatus(t, "signed in the server's role", p, smbtest.Element{
		Message: smbtest.CreateFile("reflected"),
		Forge:   func(msg []byte) { p.Signer.Unwatched().Sign(msg, transform.Server) },
	}, ntstatus.AccessDenied)
	expectUntouched(t, "reflected signature", s)
}

func TestReplayedMessageDisconnects(t *testing.T) {
	forEachAlgorithm(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
		id := p.Open("log.txt")
		msg := p.Encode(smbtest.Element{Message: &smb2.WriteRequest{FileID: id, Data: []byte("pay 100")}})
		p.SendRaw(msg)
		if replies, ok := p.Receive(); !ok || replies[0].Header.Status != ntstatus.Success {
			t.Fatalf("first time: %v %v", ok, replies)
		}
		s.Log.Reset()
		p.SendRaw(msg)
		expectClosed(t, "replayed WRITE", p)
		expectUntouched(t, "replayed WRITE", s)
	})
}

func TestRelatedElementIsHeldToTheSessionOfTheElementBefore(t *testing.T) {
	write := func() smbtest.Element {
		return related(&smb2.WriteRequest{FileID: smb2.RelatedFileID, Data: []byte("forged")})
	}
	unsigned := write()
	unsigned.Unsigned = true
	wrong := write()
	wrong.Forge = func(msg []byte) { msg[smb2.SignatureOffset] ^= 1 }
	noSession := write()
	noSession.Unsigned = true
	noSession.Header = func(h *smb2.Header) { h.SessionID, h.TreeID = 0, 0 }
	for name, forged := range map[string]smbtest.Element{
		"unsigned, SessionId all ones": unsigned,
		"unsigned, SessionId 0":        noSession,
		"wrong signature":              wrong,
	} {
		t.Run(name, func(t *testing.T) {
			forEachAlgorithm(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
				s.Log.Reset()
				replies := exchange(t, p, smbtest.Element{Message: smbtest.CreateFile("ridden")}, forged)
				expectStatuses(t, name, replies, ntstatus.Success, ntstatus.AccessDenied)
				if calls := strings.Join(s.Log.Calls(), "; "); strings.Contains(calls, "WriteAt") {
					t.Errorf("the forged WRITE reached the back end: %s", calls)
				}
			})
		})
	}
}

func TestUnsignedRequestsRacingTheLastLegOfALogOnReachNothing(t *testing.T) {
	// The connection has a first session, hence the credits to pipeline. The
	// second one's identifier is known from its first leg.
	rounds := 150
	if testing.Short() {
		rounds = 20
	}
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	outcomes := make(map[string]int)
	for range rounds {
		p := s.Login()
		s.Log.Reset()
		p.ForgetSession()
		p.Lenient = true // it has no key
		last := logOnUpToTheLastLeg(t, p)
		unsigned := func(m smb2.Message) smbtest.Element {
			return smbtest.Element{Message: m, Unsigned: true}
		}
		racing := related(smbtest.CreateFile("raced"))
		racing.Unsigned = true
		p.SendRaw(last)
		p.Send(unsigned(smbtest.CreateFile("raced")))
		p.Send(unsigned(&smb2.TreeConnectRequest{Path: `\\server\data`}), racing)
		p.Send(unsigned(&smb2.WriteRequest{FileID: smb2.FileID{Persistent: 1, Volatile: 1}, Data: []byte("x")}))
		for range 4 {
			replies, ok := p.Receive()
			if !ok {
				outcomes[closed]++
				break
			}
			for _, r := range replies {
				outcomes[r.Header.Command.String()+" "+r.Header.Status.String()]++
				if r.Header.Command != smb2.CommandSessionSetup && !r.Header.Status.IsError() {
					t.Fatalf("unsigned %v answered %v", r.Header.Command, r.Header.Status)
				}
			}
		}
		expectUntouched(t, "unsigned requests behind the last leg", s)
		p.Close()
	}
	for _, k := range slices.Sorted(maps.Keys(outcomes)) {
		t.Logf("%4d  %s", outcomes[k], k)
	}
}

func TestNothingCanBePipelinedBehindTheFirstLogOn(t *testing.T) {
	// Before a session is valid the client holds one credit: a request behind
	// the last leg is outside the window.
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Dial()
	p.Negotiate()
	p.Lenient = true // it has no key
	last := logOnUpToTheLastLeg(t, p)
	p.SendRaw(last)
	p.Send(smbtest.Element{Message: &smb2.TreeConnectRequest{Path: `\\server\data`}, Unsigned: true})
	for {
		replies, ok := p.Receive()
		if !ok {
			break
		}
		// The reply to the last leg may be faster, and grants credits; then the
		// TREE_CONNECT is refused for what it is.
		for _, r := range replies {
			if r.Header.Command == smb2.CommandTreeConnect && !r.Header.Status.IsError() {
				t.Fatalf("unsigned TREE_CONNECT answered %v", r.Header.Status)
			}
		}
		if replies[0].Header.Command == smb2.CommandTreeConnect {
			break
		}
	}
	expectUntouched(t, "pipelined behind the log-on", s)
}

// logOnUpToTheLastLeg runs a log-on on p, which has no session, up to the last
// request, which it returns unsent.
func logOnUpToTheLastLeg(t *testing.T, p *smbtest.Peer) (last []byte) {
	t.Helper()
	init := smbtest.Initiator()
	token, _, err := init.Step(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Send(smbtest.Element{Message: &smb2.SessionSetupRequest{SecurityMode: p.Mode, SecurityBuffer: token}})
	replies, ok := p.Receive()
	if !ok || replies[0].Header.Status != ntstatus.MoreProcessingRequired {
		t.Fatalf("first leg: %v %v", ok, replies)
	}
	p.SessionID = replies[0].Header.SessionID
	var res smb2.SessionSetupResponse
	replies[0].Decode(t, &res)
	if token, _, err = init.Step(t.Context(), res.SecurityBuffer); err != nil {
		t.Fatal(err)
	}
	return p.Encode(smbtest.Element{Message: &smb2.SessionSetupRequest{SecurityMode: p.Mode, SecurityBuffer: token}})
}

func TestSignedNegotiateIsInvalid(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Dial()
	signer, err := transform.NewSigner(smb2.SigningAESCMAC, make([]byte, 16))
	if err != nil {
		t.Fatal(err)
	}
	expectStatus(t, "signed NEGOTIATE", p, smbtest.Element{
		Message: p.NegotiateRequest(),
		Forge:   func(msg []byte) { signer.Unwatched().Sign(msg, transform.Client) },
	}, ntstatus.InvalidParameter)
}

func TestSignedSessionSetupWithoutASessionIsRefused(t *testing.T) {
	for _, id := range []smb2.SessionID{0, 4711, 0xFFFFFFFFFFFFFFFF} {
		t.Run(fmt.Sprintf("SessionId %#x", id), func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Dial()
			p.Negotiate()
			p.SessionID = id
			expectStatus(t, "signed SESSION_SETUP", p, smbtest.Element{
				Message: &smb2.SessionSetupRequest{SecurityMode: p.Mode},
				Flags:   smb2.FlagSigned,
			}, ntstatus.UserSessionDeleted)
		})
	}
}

func TestSignedRequestWhileTheSessionIsBeingMadeIsNotSupported(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Dial()
	p.Negotiate()
	logOnUpToTheLastLeg(t, p)
	p.NextMessageID-- // the last leg was not sent
	expectStatus(t, "signed without a key", p, smbtest.Element{
		Message: &smb2.TreeConnectRequest{Path: `\\server\data`}, Flags: smb2.FlagSigned,
	}, ntstatus.NotSupported)
}

func TestUnsignedTreeConnectDisconnectsThoughNobodyRequiresSigning(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
	p := s.Dial()
	casual(p)
	p.Negotiate()
	if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
		t.Fatalf("log-on: %v", r.Header.Status)
	}
	p.Send(smbtest.Element{Message: &smb2.TreeConnectRequest{Path: `\\server\data`}, Unsigned: true})
	expectClosed(t, "unsigned TREE_CONNECT at 3.1.1", p)
}

func TestSignedRequestIsVerifiedThoughNobodyRequiresIt(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
	p := s.Login(casual)
	s.Log.Reset()
	expectStatus(t, "wrong signature", p, smbtest.Element{
		Message: smbtest.CreateFile("wrong"), Forge: func(msg []byte) { msg[len(msg)-1] ^= 1 },
	}, ntstatus.AccessDenied)
	expectUntouched(t, "wrong signature", s)

	// The control: without a signature it may pass, for nobody requires one.
	expectStatus(t, "unsigned", p, smbtest.Element{Message: smbtest.CreateFile("plain"), Unsigned: true}, ntstatus.Success)
}

func TestReplyIsSignedWhenTheRequestWas(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
	p := s.Login(casual)
	for _, c := range []struct {
		unsigned bool
		message  smb2.Message
		want     ntstatus.Status
	}{
		{false, &smb2.EchoRequest{}, ntstatus.Success},
		{true, &smb2.EchoRequest{}, ntstatus.Success},
		{false, &smb2.CloseRequest{}, ntstatus.FileClosed},
		{true, &smb2.CloseRequest{}, ntstatus.FileClosed},
	} {
		r := expectStatus(t, "request", p, smbtest.Element{Message: c.message, Unsigned: c.unsigned}, c.want)
		if r.Signed == c.unsigned {
			t.Errorf("%v, request signed %v: answer %v signed %v", r.Header.Command, !c.unsigned, r.Header.Status, r.Signed)
		}
	}
}

func TestRefusalOfAnUnsignedRequestIsSignedWhenTheSessionRequiresIt(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	r := expectStatus(t, "unsigned", p, smbtest.Element{Message: smbtest.CreateFile("x"), Unsigned: true}, ntstatus.AccessDenied)
	if !r.Signed {
		t.Error("the client would have to believe an unsigned answer")
	}
}

func TestInterimResponseIsNotSignedAndTheFinalOneIs(t *testing.T) {
	forEachAlgorithm(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
		id := p.Open("f")
		p.Send(smbtest.Element{Message: &smb2.FlushRequest{FileID: id}})
		var got []string
		for range 2 {
			replies, ok := p.Receive()
			if !ok {
				t.Fatal("connection closed")
			}
			r := replies[0]
			got = append(got, fmt.Sprintf("%v signed=%v async=%v credits>0=%v",
				r.Header.Status, r.Signed, r.Header.Is(smb2.FlagAsyncCommand), r.Header.Credits > 0))
		}
		want := []string{
			"STATUS_PENDING signed=false async=true credits>0=true",
			"STATUS_SUCCESS signed=true async=true credits>0=false",
		}
		if !slices.Equal(got, want) {
			t.Errorf("FLUSH answered\n%q, want\n%q", got, want)
		}
	})
}

func TestLastSessionSetupReplyIsSignedThoughNobodyRequiresIt(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
	p := s.Dial()
	casual(p)
	p.Negotiate()
	if r := p.SessionSetup(smbtest.Initiator()); !r.Signed {
		t.Errorf("log-on answered %v, signed %v, want signed", r.Header.Status, r.Signed)
	}
}

func TestClientsRequiredBitBindsTheServer(t *testing.T) {
	for _, c := range []struct {
		name             string
		negotiate, setup smb2.SecurityMode
	}{
		{"in SESSION_SETUP", smb2.SigningEnabled, smb2.SigningRequired},
		{"in SESSION_SETUP, both bits", smb2.SigningEnabled, smb2.SigningEnabled | smb2.SigningRequired},
		{"in NEGOTIATE", smb2.SigningEnabled | smb2.SigningRequired, smb2.SigningEnabled},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: relaxed()})
			p := s.Dial()
			p.Mode = c.negotiate
			p.Negotiate()
			p.Mode = c.setup
			if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
				t.Fatalf("log-on: %v", r.Header.Status)
			}
			p.TreeConnect(smbtest.ShareName)
			s.Log.Reset()
			expectStatus(t, "unsigned CREATE", p, smbtest.Element{Message: smbtest.CreateFile("x"), Unsigned: true}, ntstatus.AccessDenied)
			expectUntouched(t, "unsigned CREATE", s)
			infos := s.Sessions()
			if len(infos) != 1 || !infos[0].Signed || infos[0].SigningRequiredBy != "client" {
				t.Errorf("Sessions() = %+v, want one that is signed by the client's wish", infos)
			}
		})
	}
}

func TestSessionInfoSaysWhoRequiredSigning(t *testing.T) {
	const no, yes = smb2.SigningEnabled, smb2.SigningEnabled | smb2.SigningRequired
	for _, c := range []struct {
		server           bool
		negotiate, setup smb2.SecurityMode
		want             string
	}{
		{true, yes, yes, "both"},
		{true, yes, no, "both"},
		{true, no, yes, "both"},
		{true, no, no, "server"},
		{false, yes, yes, "client"},
		{false, yes, no, "client"},
		{false, no, yes, "client"},
		{false, no, no, ""},
	} {
		t.Run(fmt.Sprintf("server %v client %v in NEGOTIATE, %v in SESSION_SETUP", c.server, c.negotiate, c.setup), func(t *testing.T) {
			opt := smbtest.Options{}
			if !c.server {
				opt.Policy = relaxed()
			}
			s := smbtest.StartServer(t, opt)
			p := s.Dial()
			p.Mode = c.negotiate
			p.Negotiate()
			p.Mode = c.setup
			p.SessionSetup(smbtest.Initiator())
			infos := s.Sessions()
			if len(infos) != 1 {
				t.Fatalf("%d sessions, want 1", len(infos))
			}
			if got := infos[0].SigningRequiredBy; got != c.want {
				t.Errorf("SigningRequiredBy = %q, want %q", got, c.want)
			}
		})
	}
}

func TestCancelWithoutARightSignatureIsDropped(t *testing.T) {
	unsigned := smbtest.Element{Message: &smb2.CancelRequest{}, Unsigned: true}
	wrong := smbtest.Element{Message: &smb2.CancelRequest{}, Forge: func(msg []byte) { msg[smb2.SignatureOffset] ^= 1 }}
	sessionless := smbtest.Element{Message: &smb2.CancelRequest{}, Unsigned: true}
	for name, c := range map[string]struct {
		element smbtest.Element
		session func(smb2.SessionID) smb2.SessionID
	}{
		"unsigned":                    {unsigned, func(id smb2.SessionID) smb2.SessionID { return id }},
		"wrong signature":             {wrong, func(id smb2.SessionID) smb2.SessionID { return id }},
		"unsigned, without a session": {sessionless, func(smb2.SessionID) smb2.SessionID { return 0 }},
		"unsigned, unknown session":   {sessionless, func(smb2.SessionID) smb2.SessionID { return 4711 }},
	} {
		for _, async := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s async %v", name, async), func(t *testing.T) {
				forEachAlgorithm(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
					mid, pending, release := pendingFlush(t, s, p)
					e := c.element
					e.Header = func(h *smb2.Header) {
						naming(async, mid, pending)(h)
						h.SessionID = c.session(h.SessionID)
					}
					p.Send(e)
					barrier(t, p)
					release()
					if r := receiveOne(t, p); r.Header.Status != ntstatus.Success {
						t.Errorf("FLUSH ended with %v, want it untouched", r.Header.Status)
					}
				})
			})
		}
	}
}

func TestCancelWithItsSignatureCancels(t *testing.T) {
	for _, async := range []bool{false, true} {
		t.Run(fmt.Sprintf("async %v", async), func(t *testing.T) {
			forEachAlgorithm(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
				mid, pending, _ := pendingFlush(t, s, p)
				p.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Header: naming(async, mid, pending)})
				r := receiveOne(t, p)
				if r.Header.Status != ntstatus.Cancelled || r.Header.MessageID != mid || !r.Signed {
					t.Errorf("answer %v to message %d, signed %v; want STATUS_CANCELLED to %d, signed",
						r.Header.Status, r.Header.MessageID, r.Signed, mid)
				}
				barrier(t, p) // nothing is sent for the CANCEL itself
			})
		})
	}
}

func TestOneSessionCannotCancelAnothersRequest(t *testing.T) {
	for _, async := range []bool{false, true} {
		t.Run(fmt.Sprintf("async %v", async), func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login()
			mid, pending, release := pendingFlush(t, s, p)
			first := *p
			p.ForgetSession()
			if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
				t.Fatalf("second session: %v", r.Header.Status)
			}
			p.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Header: naming(async, mid, pending)})
			barrier(t, p)
			p.SessionID, p.Signer = first.SessionID, first.Signer
			release()
			if r := receiveOne(t, p); r.Header.Status != ntstatus.Success {
				t.Errorf("FLUSH of the first session ended with %v, want it untouched", r.Header.Status)
			}
		})
	}
}

// pendingFlush leaves a FLUSH waiting in the back end, its interim response
// received. The next answer is the final one, after release or CANCEL.
func pendingFlush(t *testing.T, s *smbtest.Server, p *smbtest.Peer) (mid smb2.MessageID, pending smb2.AsyncID, release func()) {
	t.Helper()
	id := p.Open("slow")
	entered, release := holdCalls(t, s, "Sync")
	mid = p.NextMessageID
	p.Send(smbtest.Element{Message: &smb2.FlushRequest{FileID: id}})
	r := receiveOne(t, p)
	if r.Header.Status != ntstatus.Pending {
		t.Fatalf("FLUSH answered %v, want an interim response", r.Header.Status)
	}
	<-entered
	return mid, r.Header.AsyncID, release
}

// naming makes a CANCEL name its target by MessageId or by AsyncId.
func naming(async bool, mid smb2.MessageID, id smb2.AsyncID) func(*smb2.Header) {
	return func(h *smb2.Header) {
		h.MessageID = mid
		if async {
			h.Flags |= smb2.FlagAsyncCommand
			h.AsyncID = id
			h.TreeID = 0
		}
	}
}

// receiveOne receives an answer that is no compound.
func receiveOne(t *testing.T, p *smbtest.Peer) smbtest.Reply {
	t.Helper()
	replies, ok := p.Receive()
	if !ok || len(replies) != 1 {
		t.Fatalf("open %v, %d answers, want 1", ok, len(replies))
	}
	return replies[0]
}

func TestNothingIsSignedUnderTheMessageIdOfUnsolicitedMessages(t *testing.T) {
	for _, m := range []smb2.Message{&smb2.EchoRequest{}, smbtest.CreateFile("x"), &smb2.SessionSetupRequest{}} {
		t.Run(smb2.CommandOf(m).String(), func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login()
			s.Log.Reset()
			p.Send(smbtest.Element{Message: m, Forge: func(msg []byte) {
				copy(msg[24:32], bytes.Repeat([]byte{0xFF}, 8))
			}})
			expectClosed(t, "MessageId all ones", p)
			expectUntouched(t, "MessageId all ones", s)
		})
	}
}

// Samba's client gives the connection up when the answer to a signed request
// lacks the flag, whatever the status.
func TestErrorWithoutAKeyBearsTheSignedFlag(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p := s.Login()
	for name, e := range map[string]smbtest.Element{
		"unknown session": {Message: &smb2.EchoRequest{}, Header: func(h *smb2.Header) { h.SessionID += 77 }},
		"RELATED first":   {Message: closeLast, Flags: smb2.FlagRelatedOperation},
	} {
		h := exchange(t, p, e)[0].Header
		if !h.Status.IsError() || !h.Is(smb2.FlagSigned) || h.Signature != [16]byte{} {
			t.Errorf("%s: %v, flags %v, signature %x, want an error, signed, zero", name, h.Status, h.Flags, h.Signature)
		}
	}
	p.Signer = nil
	unsigned := smbtest.Element{Message: &smb2.EchoRequest{}, Header: func(h *smb2.Header) { h.SessionID += 77 }}
	if h := exchange(t, p, unsigned)[0].Header; h.Is(smb2.FlagSigned) {
		t.Errorf("the answer to an unsigned request has flags %v", h.Flags)
	}
}
