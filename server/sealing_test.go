package server_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// sealed is a policy by which the server seals everything.
func sealed() *policy.Snapshot {
	return policy.With(policy.Default(), policy.EncryptData, true, inTest)
}

// forEachCipher runs f in a sub-test for each cipher, with a server of its own
// and a peer that is signed in and seals.
func forEachCipher(t *testing.T, f func(t *testing.T, s *smbtest.Server, p *smbtest.Peer)) {
	t.Helper()
	for _, c := range transform.Ciphers {
		t.Run(c.Name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login(func(p *smbtest.Peer) { p.Ciphers = []smb2.Cipher{c.ID} })
			if p.Cipher != c.ID {
				t.Fatalf("negotiated %v, want %v", p.Cipher, c.ID)
			}
			p.Seal = true
			f(t, s, p)
		})
	}
}

func TestSealedRequestsAreAnsweredSealed(t *testing.T) {
	forEachCipher(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
		id := p.Open("secret")
		p.Write(id, 0, "nobody reads along")
		r := p.Do(&smb2.ReadRequest{FileID: id, Length: 100})
		var res smb2.ReadResponse
		r.Decode(t, &res)
		if !r.Sealed || r.Signed || string(res.Data) != "nobody reads along" {
			t.Errorf("READ: %q, sealed %v, signed %v; want it sealed and not signed", res.Data, r.Sealed, r.Signed)
		}
		for what, m := range map[string]smb2.Message{
			"failure":     &smb2.CloseRequest{},
			"malformed":   &smb2.CreateRequest{Name: `\absolute`, DesiredAccess: 1},
			"end of file": &smb2.ReadRequest{FileID: id, Offset: 1000, Length: 1},
		} {
			if r := p.Do(m); !r.Sealed || !r.Header.Status.IsError() {
				t.Errorf("%s: %v, sealed %v; want an error, sealed", what, r.Header.Status, r.Sealed)
			}
		}
		replies := exchange(t, p, smbtest.Element{Message: smbtest.CreateFile("chain")},
			related(&smb2.WriteRequest{FileID: smb2.RelatedFileID, Data: []byte("x")}),
			related(&smb2.CloseRequest{FileID: smb2.RelatedFileID}))
		expectStatuses(t, "sealed compound", replies, ntstatus.Success, ntstatus.Success, ntstatus.Success)
		for _, r := range replies {
			if !r.Sealed || r.Signed {
				t.Errorf("compound, %v: sealed %v, signed %v", r.Header.Command, r.Sealed, r.Signed)
			}
		}
		if r := p.Do(&smb2.LogoffRequest{}); !r.Sealed || r.Header.Status != ntstatus.Success {
			t.Errorf("LOGOFF: %v, sealed %v; want success, sealed by the session that it ends", r.Header.Status, r.Sealed)
		}
	})
}

func TestSignedAndSealedRequestsMayAlternate(t *testing.T) {
	forEachCipher(t, func(t *testing.T, _ *smbtest.Server, p *smbtest.Peer) {
		for i := range 6 {
			p.Seal = i%2 == 0
			r := p.Do(&smb2.EchoRequest{})
			if r.Header.Status != ntstatus.Success || r.Sealed != p.Seal || r.Signed == p.Seal {
				t.Errorf("request sealed %v: %v, sealed %v, signed %v", p.Seal, r.Header.Status, r.Sealed, r.Signed)
			}
		}
	})
}

func TestInterimResponseToASealedRequestIsSealed(t *testing.T) {
	forEachCipher(t, func(t *testing.T, _ *smbtest.Server, p *smbtest.Peer) {
		id := p.Open("f")
		p.Send(smbtest.Element{Message: &smb2.FlushRequest{FileID: id}})
		for _, want := range []ntstatus.Status{ntstatus.Pending, ntstatus.Success} {
			if r := receiveOne(t, p); r.Header.Status != want || !r.Sealed || r.Signed {
				t.Errorf("FLUSH: %v, sealed %v, signed %v; want %v, sealed", r.Header.Status, r.Sealed, r.Signed, want)
			}
		}
	})
}

func TestSealedCancelCancels(t *testing.T) {
	forEachCipher(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
		mid, pending, _ := pendingFlush(t, s, p)
		p.Send(smbtest.Element{Message: &smb2.CancelRequest{}, Header: naming(true, mid, pending)})
		if r := receiveOne(t, p); r.Header.Status != ntstatus.Cancelled || !r.Sealed {
			t.Errorf("FLUSH: %v, sealed %v; want STATUS_CANCELLED, sealed", r.Header.Status, r.Sealed)
		}
	})
}

func TestNoSingleFlippedBitOfASealedRequestReachesTheBackEnd(t *testing.T) {
	// Each flip costs a connection: the ciphers share the bits among them, so
	// that together they meet every 7th.
	step, first := 7*len(transform.Ciphers), 0
	forEachCipher(t, func(t *testing.T, s *smbtest.Server, p *smbtest.Peer) {
		cipher, flips := p.Cipher, 0
		bit := first
		first += 7
		for ; ; bit += step {
			s.Log.Reset()
			msg := p.Encode(smbtest.Element{Message: smbtest.CreateFile("flipped")})
			if bit/8 >= len(msg) {
				break
			}
			msg[bit/8] ^= 1 << (bit % 8)
			p.SendRaw(msg)
			what := fmt.Sprintf("bit %d of byte %d of the sealed message", bit%8, bit/8)
			expectClosed(t, what, p)
			expectUntouched(t, what, s)
			flips++
			p = s.Login(func(p *smbtest.Peer) { p.Ciphers = []smb2.Cipher{cipher} })
			p.Seal = true
		}
		t.Logf("%d flipped bits, %d connections closed", flips, flips)
		s.Log.Reset()
		p.MustDo(smbtest.CreateFile("flipped"), nil)
		if len(s.Log.Calls()) == 0 {
			t.Error("the unchanged request left no trace in the call log")
		}
	})
}

func TestSealedMessageThatIsNotWhatItsSessionMaySendDisconnects(t *testing.T) {
	create := func() smbtest.Element { return smbtest.Element{Message: smbtest.CreateFile("x")} }
	for name, elements := range map[string]func(other smb2.SessionID) []smbtest.Element{
		"first element RELATED": func(smb2.SessionID) []smbtest.Element {
			e := create()
			e.Flags = smb2.FlagRelatedOperation
			return []smbtest.Element{e}
		},
		"first element RELATED, identifiers all ones": func(smb2.SessionID) []smbtest.Element {
			return []smbtest.Element{related(smbtest.CreateFile("x"))}
		},
		"meant for another session": func(other smb2.SessionID) []smbtest.Element {
			e := create()
			e.Header = func(h *smb2.Header) { h.SessionID = other }
			return []smbtest.Element{e}
		},
		"meant for no session": func(smb2.SessionID) []smbtest.Element {
			e := create()
			e.Header = func(h *smb2.Header) { h.SessionID = 0 }
			return []smbtest.Element{e}
		},
		"second element meant for another session": func(other smb2.SessionID) []smbtest.Element {
			e := create()
			e.Header = func(h *smb2.Header) { h.SessionID = other }
			return []smbtest.Element{create(), e}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Login()
			first := *p
			p.ForgetSession()
			if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.Success {
				t.Fatalf("second session: %v", r.Header.Status)
			}
			p.TreeID = first.TreeID
			p.Seal = true
			s.Log.Reset()
			p.Send(elements(first.SessionID)...)
			expectClosed(t, name, p)
			expectUntouched(t, name, s)
		})
	}
}

func TestSealedMessageOfASessionOnAnotherConnectionDisconnects(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	p, other := s.Login(), s.Login()
	p.Seal = true
	msg := p.Encode(smbtest.Element{Message: smbtest.CreateFile("x")})
	s.Log.Reset()
	other.SendRaw(msg)
	expectClosed(t, "sealed by a session of another connection", other)
	expectUntouched(t, "sealed by a session of another connection", s)
	p.Seal = false
	p.MustDo(&smb2.EchoRequest{}, nil)
}

func TestSealedMessageBeforeTheLogOnIsCompleteDisconnects(t *testing.T) {
	for _, stage := range []string{"before NEGOTIATE", "before SESSION_SETUP", "in the middle of SESSION_SETUP"} {
		t.Run(stage, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{})
			p := s.Dial()
			if stage != "before NEGOTIATE" {
				p.Negotiate()
			}
			if stage == "in the middle of SESSION_SETUP" {
				logOnUpToTheLastLeg(t, p)
			}
			key := make([]byte, 16)
			rand.Read(key)
			sealer, err := transform.NewSealer(smb2.CipherAES128GCM, key, p.SessionID)
			if err != nil {
				t.Fatal(err)
			}
			plain := p.Encode(smbtest.Element{Message: smbtest.CreateFile("x")})
			msg, err := sealer.Seal(append(make([]byte, smb2.TransformHeaderSize), plain...))
			if err != nil {
				t.Fatal(err)
			}
			p.SendRaw(msg)
			expectClosed(t, stage, p)
			expectUntouched(t, stage, s)
		})
	}
}

func TestMessageWithoutAnSMB2HeaderInsideASealedOneDisconnects(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{})
	for name, inner := range map[string][]byte{
		"empty":        {},
		"short":        {0xFE, 'S', 'M', 'B', 64, 0},
		"SMB1":         append([]byte{0xFF, 'S', 'M', 'B', 0x72}, make([]byte, 64)...),
		"sealed again": append([]byte{0xFD, 'S', 'M', 'B'}, make([]byte, 96)...),
		"compressed":   append([]byte{0xFC, 'S', 'M', 'B'}, make([]byte, 96)...),
	} {
		p := s.Login()
		msg := p.SealRaw(inner)
		s.Log.Reset()
		p.SendRaw(msg)
		expectClosed(t, name, p)
		expectUntouched(t, name, s)
	}
}

func TestPlainRequestOnASealedSessionIsDenied(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: sealed()})
	p := s.Dial()
	p.Negotiate()
	r := p.SessionSetup(smbtest.Initiator())
	var res smb2.SessionSetupResponse
	r.Decode(t, &res)
	if r.Header.Status != ntstatus.Success || res.SessionFlags != smb2.SessionEncryptData || !r.Signed {
		t.Fatalf("log-on: %v, flags %#x, signed %v; want ENCRYPT_DATA, signed", r.Header.Status, res.SessionFlags, r.Signed)
	}
	for _, unsigned := range []bool{true, false} {
		for _, m := range []smb2.Message{&smb2.TreeConnectRequest{Path: `\\server\data`}, smbtest.CreateFile("x"), &smb2.EchoRequest{}, &smb2.LogoffRequest{}} {
			expectStatus(t, fmt.Sprintf("%v, unsigned %v", smb2.CommandOf(m), unsigned), p,
				smbtest.Element{Message: m, Unsigned: unsigned}, ntstatus.AccessDenied)
		}
	}
	expectUntouched(t, "plain requests", s)
	p.Seal = true
	if r := p.TreeConnect(smbtest.ShareName); r.Header.Status != ntstatus.Success {
		t.Fatalf("sealed TREE_CONNECT: %v", r.Header.Status)
	}
	p.Open("x")
	if infos := s.Sessions(); len(infos) != 1 || !infos[0].Encrypted || infos[0].Signed {
		t.Errorf("Sessions() = %+v, want one that is sealed and not signed", infos)
	}
}

func TestSealedSessionStaysSealedAfterReauthentication(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Policy: sealed()})
	p := s.Dial()
	p.Negotiate()
	p.SessionSetup(smbtest.Initiator())
	p.Seal = true
	r := p.SessionSetup(smbtest.Initiator())
	var res smb2.SessionSetupResponse
	r.Decode(t, &res)
	if r.Header.Status != ntstatus.Success || !r.Sealed || res.SessionFlags != smb2.SessionEncryptData {
		t.Errorf("re-authentication: %v, sealed %v, flags %#x", r.Header.Status, r.Sealed, res.SessionFlags)
	}
	p.MustDo(&smb2.EchoRequest{}, nil)
}

func TestClientWithoutACipherIsRefusedWhereSealingIsRequired(t *testing.T) {
	for name, ciphers := range map[string][]smb2.Cipher{"no context": nil, "no overlap": {0x7777}} {
		t.Run(name, func(t *testing.T) {
			s := smbtest.StartServer(t, smbtest.Options{Policy: sealed()})
			p := s.Dial()
			p.Ciphers = ciphers
			p.Negotiate()
			if r := p.SessionSetup(smbtest.Initiator()); r.Header.Status != ntstatus.AccessDenied {
				t.Errorf("log-on: %v, want AccessDenied", r.Header.Status)
			}
		})
	}
}

func TestServerUsesEachNonceOnce(t *testing.T) {
	forEachCipher(t, func(t *testing.T, _ *smbtest.Server, p *smbtest.Peer) {
		seen := make(map[string]bool)
		for range 50 {
			p.Send(smbtest.Element{Message: &smb2.EchoRequest{}})
			raw, ok := p.ReceiveRaw()
			if !ok {
				t.Fatal("connection closed")
			}
			h, err := smb2.DecodeTransformHeader(raw)
			if err != nil {
				t.Fatal(err)
			}
			nonce := string(bytes.Clone(h.Nonce[:]))
			if seen[nonce] {
				t.Fatalf("nonce % x was used twice", nonce)
			}
			seen[nonce] = true
		}
	})
}
