package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// recorder is an EventSink that remembers.
type recorder struct {
	mu     sync.Mutex
	events []event.Event
}

// Record implements server.EventSink.
func (r *recorder) Record(e event.Event) {
	r.mu.Lock()
	r.events = append(r.events, e)
	r.mu.Unlock()
}

// all returns the events so far.
func (r *recorder) all() []event.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// names returns the kinds of the events so far.
func (r *recorder) names() string {
	var names []string
	for _, e := range r.all() {
		names = append(names, e.Kind.Name)
	}
	return strings.Join(names, " ")
}

// auditAll is p with every Audit property set to on.
func auditAll(p *policy.Snapshot, on bool) *policy.Snapshot {
	for _, k := range []*policy.Key[bool]{
		policy.AuditClientDoesNotSupportSigning, policy.AuditClientDoesNotSupportEncryption,
		policy.AuditInsecureGuestLogon, policy.AuditSmb1Access, policy.AuditClientSpnSupport,
	} {
		p = policy.With(p, k, on, inTest)
	}
	return p
}

// targeting begins a log-on that is meant for the service spn.
func targeting(spn string) auth.Initiator {
	return spnego.NewInitiator(spnego.Offer{OID: spnego.NTLMSSP, Initiator: ntlm.NewInitiator(ntlm.Credentials{
		User: smbtest.User, Domain: "WORKGROUP", Password: smbtest.Password, Workstation: "PC7", TargetSPN: spn,
	})})
}

// signIn signs a new peer in, by the service's right name.
func signIn(s *smbtest.Server, setup ...func(*smbtest.Peer)) *smbtest.Peer {
	p := s.Dial()
	for _, f := range setup {
		f(p)
	}
	p.Negotiate()
	p.SessionSetup(targeting("cifs/signet"))
	return p
}

// flip damages the signature of an element.
func flip(msg []byte) { msg[smb2.SignatureOffset] ^= 1 }

// trigger is a way to raise events.
type trigger struct {
	name   string
	policy *policy.Snapshot // nil: the default
	auth   server.Authenticator
	do     func(t *testing.T, s *smbtest.Server)
	on     string // what is raised with every Audit property on
	off    string // ... and off
}

var triggers = []trigger{
	{name: "a good client", do: func(t *testing.T, s *smbtest.Server) {
		p := signIn(s)
		p.TreeConnect(smbtest.ShareName)
		p.CloseFile(p.Open("f"))
	}},
	{
		name: "SMB1 only", on: "SMB1Refused SMB1Access SMB1ClientDoesNotSign", off: "SMB1Refused",
		do: func(t *testing.T, s *smbtest.Server) {
			p := s.Dial()
			p.SendRaw(smb1(smb1Negotiate, "NT LM 0.12"))
			p.Receive()
		},
	},
	{
		name: "SMB1 only, but it signs", on: "SMB1Refused SMB1Access", off: "SMB1Refused",
		do: func(t *testing.T, s *smbtest.Server) {
			p := s.Dial()
			msg := smb1(smb1Negotiate, "NT LM 0.12")
			msg[10] = 4
			p.SendRaw(msg)
			p.Receive()
		},
	},
	{name: "SMB1 that leads to SMB2", do: func(t *testing.T, s *smbtest.Server) {
		p := s.Dial()
		p.SendRaw(smb1(smb1Negotiate, "NT LM 0.12", "SMB 2.???"))
		p.Receive()
	}},
	{
		name: "no word of signing", policy: relaxed(), on: "ClientDoesNotSupportSigning",
		do: func(t *testing.T, s *smbtest.Server) { signIn(s, func(p *smbtest.Peer) { p.Mode = 0 }) },
	},
	{
		name: "no cipher at 3.1.1", on: "ClientDoesNotSupportEncryption",
		do: func(t *testing.T, s *smbtest.Server) { signIn(s, func(p *smbtest.Peer) { p.Ciphers = nil }) },
	},
	{
		name: "no cipher at 2.1", on: "ClientDoesNotSupportEncryption",
		do: func(t *testing.T, s *smbtest.Server) { signIn(s, at(smb2.Dialect210)) },
	},
	{
		name: "a guest", policy: withGuests(relaxed()), auth: everyone(auth.Guest), on: "GuestLogon",
		do: func(t *testing.T, s *smbtest.Server) {
			p := s.Dial()
			p.Negotiate()
			p.SessionSetup(anybody{})
		},
	},
	{
		name: "a guest who is refused", auth: everyone(auth.Guest), on: "AuthenticationFailed", off: "AuthenticationFailed",
		do: func(t *testing.T, s *smbtest.Server) {
			p := s.Dial()
			p.Negotiate()
			p.SessionSetup(anybody{})
		},
	},
	{
		name: "no SPN", policy: relaxed(), auth: everyone(auth.User), on: "ClientSentNoSPN",
		do: func(t *testing.T, s *smbtest.Server) {
			p := s.Dial()
			p.Negotiate()
			p.SessionSetup(anybody{})
		},
	},
	{name: "an empty SPN", on: "ClientSentEmptySPN", do: func(t *testing.T, s *smbtest.Server) {
		p := s.Dial()
		p.Negotiate()
		p.SessionSetup(targeting(""))
	}},
	{
		name: "SPNs of others", on: "ClientSentUnknownSPN ClientSentUnknownSPN ClientSentUnknownSPN",
		do: func(t *testing.T, s *smbtest.Server) {
			for _, spn := range []string{"cifs/elsewhere", "ldap/signet", "signet"} {
				p := s.Dial()
				p.Negotiate()
				p.SessionSetup(targeting(spn))
			}
		},
	},
	{name: "SPNs of ours", do: func(t *testing.T, s *smbtest.Server) {
		for _, spn := range []string{"cifs/SIGNET", "HOST/signet", "cifs/127.0.0.1", "cifs/localhost:445"} {
			p := s.Dial()
			p.Negotiate()
			p.SessionSetup(targeting(spn))
		}
	}},
	{
		name: "a wrong password", on: "AuthenticationFailed", off: "AuthenticationFailed",
		do: func(t *testing.T, s *smbtest.Server) {
			p := s.Dial()
			p.Negotiate()
			p.SessionSetup(smbtest.InitiatorFor(smbtest.User, "wrong"))
		},
	},
	{
		name: "no cipher where all is encrypted", policy: policy.With(relaxed(), policy.EncryptData, true, inTest),
		on: "UnencryptedRefused", off: "UnencryptedRefused",
		do: func(t *testing.T, s *smbtest.Server) {
			signIn(s, func(p *smbtest.Peer) { p.Ciphers = nil })
		},
	},
	{
		name: "no cipher at an encrypted share", policy: relaxed(),
		on: "ClientDoesNotSupportEncryption UnencryptedRefused", off: "UnencryptedRefused",
		do: func(t *testing.T, s *smbtest.Server) {
			protect(t, s)
			signIn(s, at(smb2.Dialect210)).TreeConnect(sealedShare)
		},
	},
	{
		name: "not signed at a signed share", policy: relaxed(),
		on: "ClientDoesNotSupportEncryption ShareAccessDenied", off: "ShareAccessDenied",
		do: func(t *testing.T, s *smbtest.Server) {
			p := signIn(s, at(smb2.Dialect210))
			protect(t, s)
			p.Exchange(smbtest.Element{Message: &smb2.TreeConnectRequest{Path: `\\s\` + signedShare}, Unsigned: true})
		},
	},
	{
		name: "no access to a share", on: "ShareAccessDenied", off: "ShareAccessDenied",
		do: func(t *testing.T, s *smbtest.Server) {
			if err := s.SetShares([]*server.Share{{Name: "closed", FS: s.Log, Access: func(*auth.Identity) dtyp.AccessMask { return 0 }}}); err != nil {
				t.Fatal(err)
			}
			signIn(s).TreeConnect("closed")
		},
	},
	{
		name: "a negotiation that was altered", on: "NegotiateValidationFailed", off: "NegotiateValidationFailed",
		do: func(t *testing.T, s *smbtest.Server) {
			p := signIn(s, func(p *smbtest.Peer) { p.Dialects = []smb2.Dialect{smb2.Dialect302} })
			p.TreeConnect(smbtest.ShareName)
			info := smb2.ValidateNegotiateInfoRequest{
				Capabilities: p.Capabilities, GUID: p.ClientGUID, SecurityMode: p.Mode,
				Dialects: []smb2.Dialect{smb2.Dialect302, smb2.Dialect311},
			}
			if _, ok := p.Exchange(smbtest.Element{Message: &smb2.IoctlRequest{
				CtlCode: fscc.FSCTLValidateNegotiateInfo, FileID: smb2.RelatedFileID, Flags: smb2.IoctlIsFSCTL, MaxOutputResponse: 24, Input: info.Append(nil),
			}}); ok {
				t.Error("the connection goes on")
			}
		},
	},
	{
		name: "a wrong signature", on: "BadSignature", off: "BadSignature",
		do: func(t *testing.T, s *smbtest.Server) {
			signIn(s).Exchange(smbtest.Element{Message: &smb2.EchoRequest{}, Forge: flip})
		},
	},
	{
		name: "no signature", on: "UnsignedRefused", off: "UnsignedRefused",
		do: func(t *testing.T, s *smbtest.Server) {
			signIn(s).Exchange(smbtest.Element{Message: &smb2.EchoRequest{}, Unsigned: true})
		},
	},
	{
		name: "no signature, by an exception", policy: ruled(policy.Default(), unsigned(device, tomorrow)),
		on: "ClientDoesNotSupportEncryption ExceptionUsed", off: "ExceptionUsed",
		do: func(t *testing.T, s *smbtest.Server) {
			p := signIn(s, at(smb2.Dialect210))
			p.Exchange(smbtest.Element{Message: &smb2.EchoRequest{}})
			for range 2 {
				p.Exchange(smbtest.Element{Message: &smb2.EchoRequest{}, Unsigned: true})
			}
		},
	},
	{
		name: "no signature at a share that will have to be signed", policy: ruled(relaxed(), warning(signs(share), tomorrow)),
		on: "ClientDoesNotSupportEncryption RuleWillRefuse", off: "RuleWillRefuse",
		do: func(t *testing.T, s *smbtest.Server) {
			p := signIn(s, at(smb2.Dialect210))
			p.TreeConnect(smbtest.ShareName)
			for _, name := range []string{"a", "b"} {
				p.Exchange(smbtest.Element{Message: smbtest.CreateFile(name), Unsigned: true})
			}
		},
	},
	{
		name: "not encrypted, by an exception", policy: ruled(policy.With(policy.Default(), policy.EncryptData, true, inTest), unencrypted(device, tomorrow)),
		on: "ExceptionUsed", off: "ExceptionUsed",
		do: func(t *testing.T, s *smbtest.Server) { signIn(s) },
	},
	{
		name: "no cipher where it will be needed", policy: ruled(policy.Default(), warning(encrypts(ours), tomorrow)),
		on: "ClientDoesNotSupportEncryption RuleWillRefuse", off: "RuleWillRefuse",
		do: func(t *testing.T, s *smbtest.Server) {
			signIn(s, func(p *smbtest.Peer) { p.Ciphers = nil })
		},
	},
	{
		name: "who can is signed and encrypted where a rule warns", policy: ruled(policy.Default(), warning(encrypts(ours), tomorrow), warning(signs(account), tomorrow)),
		do: func(t *testing.T, s *smbtest.Server) {
			p := signIn(s)
			p.Seal = true
			p.TreeConnect(smbtest.ShareName)
		},
	},
	{
		name: "no signature at a signed share", policy: relaxed(), on: "UnsignedRefused", off: "UnsignedRefused",
		do: func(t *testing.T, s *smbtest.Server) {
			protect(t, s)
			p := signIn(s, casual)
			p.TreeConnect(signedShare)
			p.Exchange(smbtest.Element{Message: smbtest.CreateFile("f"), Unsigned: true})
		},
	},
	{
		name: "neither signed nor sealed in a sealed session", policy: policy.With(relaxed(), policy.EncryptData, true, inTest),
		on: "UnsignedRefused", off: "UnsignedRefused",
		do: func(t *testing.T, s *smbtest.Server) {
			signIn(s, casual).Exchange(smbtest.Element{Message: &smb2.EchoRequest{}, Unsigned: true})
		},
	},
	{
		name: "a sealed message that was altered", on: "CannotDecrypt", off: "CannotDecrypt",
		do: func(t *testing.T, s *smbtest.Server) {
			p := signIn(s)
			p.Seal = true
			msg := p.Encode(smbtest.Element{Message: &smb2.EchoRequest{}})
			msg[len(msg)-1] ^= 1
			p.SendRaw(msg)
			p.Receive()
		},
	},
}

// protect gives s the shares of startProtecting.
func protect(t *testing.T, s *smbtest.Server) {
	t.Helper()
	err := s.SetShares([]*server.Share{
		{Name: sealedShare, FS: s.Log, EncryptData: true},
		{Name: signedShare, FS: s.Log, RequireSecuritySignature: true},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEachTriggerRaisesItsEventsAndNoOthers(t *testing.T) {
	for _, tr := range triggers {
		for _, on := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, audited %v", tr.name, on), func(t *testing.T) {
				p, want := tr.policy, tr.off
				if p == nil {
					p = policy.Default()
				}
				if on {
					want = tr.on
				}
				var r recorder
				s := smbtest.StartServer(t, smbtest.Options{Policy: auditAll(p, on), Authenticator: tr.auth, Events: &r})
				tr.do(t, s)
				if got := r.names(); got != want {
					t.Errorf("raised %q, want %q: %+v", got, want, r.all())
				}
			})
		}
	}
}

// Every kind that the server raises has a trigger.
func TestEveryKindOfTheServerIsTriggered(t *testing.T) {
	for _, k := range event.Kinds() {
		if k.ByClient || k.Channel == event.OwnOperational || k.Channel == event.OwnAdministration {
			continue
		}
		if !slices.ContainsFunc(triggers, func(tr trigger) bool { return slices.Contains(strings.Fields(tr.on), k.Name) }) {
			t.Errorf("nothing triggers %s", k.Name)
		}
	}
}

func TestABadSignatureSaysWhichMessageOfWhom(t *testing.T) {
	var r recorder
	s := smbtest.StartServer(t, smbtest.Options{Events: &r})
	p := signIn(s)
	p.TreeConnect(smbtest.ShareName)
	id := p.NextMessageID
	p.Exchange(smbtest.Element{Message: &smb2.CloseRequest{}, Forge: flip})
	got := r.all()
	if len(got) != 1 {
		t.Fatalf("raised %+v", got)
	}
	e := got[0]
	e.Client = e.Client[:len("127.0.0.1:")]
	want := event.Event{
		Kind: event.BadSignature, Client: "127.0.0.1:", ClientName: "PC7", User: smbtest.User, Domain: "WORKGROUP",
		SessionID: uint64(p.SessionID), TreeID: uint32(p.TreeID), MessageID: uint64(id), Command: "CLOSE",
		Dialect: "3.1.1", Status: ntstatus.AccessDenied.String(),
	}
	if e != want {
		t.Errorf("raised %+v\nwant   %+v", e, want)
	}
}

// The peer's words reach the sink as they are, and the setting is named.
func TestARefusedSignInSaysWhoAndWhy(t *testing.T) {
	const name = "a\r\nb\x1b[2J\u202e=HYPERLINK(\"x\")"
	var r recorder
	s := smbtest.StartServer(t, smbtest.Options{Events: &r})
	p := s.Dial()
	p.Negotiate()
	p.SessionSetup(smbtest.InitiatorFor(name, "x"))
	p = s.Dial()
	p.Negotiate()
	p.SessionSetup(smbtest.InitiatorFor("", ""))
	got := r.all()
	if len(got) != 2 || got[0].User != name || got[0].Status != ntstatus.LogonFailure.String() || got[0].Reason == "" {
		t.Fatalf("raised %+v", got)
	}
	if !strings.Contains(got[1].Reason, "RequireSecuritySignature is True") {
		t.Errorf("the refusal of an anonymous user does not name the setting: %q", got[1].Reason)
	}
}

// Where nobody listens an event costs a comparison.
func BenchmarkSignedEchoWithSink(b *testing.B) {
	for _, sink := range []struct {
		name string
		sink server.EventSink
	}{{"none", nil}, {"recorder", &recorder{}}} {
		b.Run(sink.name, func(b *testing.B) {
			s := smbtest.StartServer(b, smbtest.Options{Events: sink.sink, Quiet: true})
			p := s.Login()
			b.ReportAllocs()
			for b.Loop() {
				p.Do(&smb2.EchoRequest{})
			}
		})
	}
}

// lines is the handler of a log that keeps what is more than chatter.
type lines struct {
	slog.Handler // discards
	mu           sync.Mutex
	said         []string
}

// Enabled implements slog.Handler.
func (*lines) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

// Handle implements slog.Handler.
func (l *lines) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "logon" {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, r.Message)
	return nil
}

// WithAttrs implements slog.Handler.
func (l *lines) WithAttrs([]slog.Attr) slog.Handler { return l }

// A sink writes a line for each event, and the server writes those of refusals
// where there is none: nothing is said twice, and nothing goes unsaid.
func TestARefusalIsSaidOnce(t *testing.T) {
	for _, tr := range triggers {
		if tr.off == "" {
			continue
		}
		for _, sink := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, sink %v", tr.name, sink), func(t *testing.T) {
				log := &lines{Handler: slog.DiscardHandler}
				opt := smbtest.Options{Policy: tr.policy, Authenticator: tr.auth, Logger: slog.New(log)}
				want := 1
				if sink {
					opt.Events, want = new(recorder), 0
				}
				t.Run("until the server ends", func(t *testing.T) { tr.do(t, smbtest.StartServer(t, opt)) })
				if len(log.said) != want {
					t.Errorf("the server said %q, want %d lines", log.said, want)
				}
			})
		}
	}
}
