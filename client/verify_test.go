package client_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

func TestRogueThatIsGoodIsTaken(t *testing.T) {
	for _, d := range []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300, smb2.Dialect302, smb2.Dialect311} {
		s := &rogue{dialect: d}
		session, err := dialRogue(t, s)
		if err != nil {
			t.Fatalf("%v: %v", d, err)
		}
		if _, err := session.Share(bounded(t), "data"); err != nil {
			t.Fatalf("%v: %v", d, err)
		}
	}
}

// unproved are ways to answer an ECHO in a session that signs.
var unproved = []struct {
	name   string
	sealed bool // the session seals
	answer func(q *question)
	// What comes of it: a status, with the connection alive or not, or
	// (0) a *SignatureError or *ProtocolError that ends it.
	status ntstatus.Status
	alive  bool
	good   bool
}{
	{name: "signed", answer: func(q *question) { q.reply(ntstatus.Success, &smb2.EchoResponse{}) }, good: true, alive: true},
	{name: "unsigned", answer: func(q *question) { q.send(encode(q.answer(ntstatus.Success), &smb2.EchoResponse{})) }},
	{name: "flag without signature", answer: func(q *question) {
		h := q.answer(ntstatus.Success)
		h.Flags |= smb2.FlagSigned
		q.send(encode(h, &smb2.EchoResponse{}))
	}},
	{name: "altered", answer: func(q *question) {
		msg := encode(q.answer(ntstatus.Success), &smb2.EchoResponse{})
		q.side.Signer.Sign(msg, 1)
		msg[smb2.HeaderSize+2] ^= 1
		q.send(msg)
	}},
	{name: "altered status", answer: func(q *question) {
		msg := encode(q.answer(ntstatus.AccessDenied), &smb2.ErrorResponse{})
		q.side.Signer.Sign(msg, 1)
		msg[8] ^= 1
		q.send(msg)
	}},
	{name: "our own request", answer: func(q *question) { q.send(q.message) }},
	{name: "unsigned error that says much", answer: func(q *question) {
		q.send(encode(q.answer(ntstatus.ObjectNameNotFound), &smb2.ErrorResponse{}))
	}},
	{name: "unsigned end of a listing", answer: func(q *question) { q.send(encode(q.answer(ntstatus.NoMoreFiles), &smb2.ErrorResponse{})) }},
	{name: "unsigned end of the share", answer: func(q *question) {
		q.send(encode(q.answer(ntstatus.NetworkNameDeleted), &smb2.ErrorResponse{}))
	}, status: ntstatus.NetworkNameDeleted, alive: true},
	{name: "unsigned end of the session", answer: func(q *question) {
		h := q.answer(ntstatus.UserSessionDeleted)
		h.SessionID = 0
		q.send(encode(h, &smb2.ErrorResponse{}))
	}, status: ntstatus.UserSessionDeleted},
	{name: "end of the session with the flag and no signature", answer: func(q *question) {
		h := q.answer(ntstatus.UserSessionDeleted)
		h.Flags |= smb2.FlagSigned
		q.send(encode(h, &smb2.ErrorResponse{}))
	}, status: ntstatus.UserSessionDeleted},
	{name: "interim, then signed", answer: func(q *question) {
		h := q.answer(ntstatus.Pending)
		h.Flags |= smb2.FlagAsyncCommand
		h.AsyncID = 99
		q.send(encode(h, &smb2.ErrorResponse{}))
		h.Status, h.Credits = ntstatus.Success, 0
		q.sendSigned(encode(h, &smb2.EchoResponse{}))
	}, good: true, alive: true},
	{name: "interim, then unsigned", answer: func(q *question) {
		h := q.answer(ntstatus.Pending)
		h.Flags |= smb2.FlagAsyncCommand
		h.AsyncID = 99
		q.send(encode(h, &smb2.ErrorResponse{}))
		h.Status, h.Credits = ntstatus.Success, 0
		q.send(encode(h, &smb2.EchoResponse{}))
	}},
	{name: "pending without the flag", answer: func(q *question) { q.send(encode(q.answer(ntstatus.Pending), &smb2.ErrorResponse{})) }},
	{name: "another command", answer: func(q *question) {
		h := q.answer(ntstatus.Success)
		h.Command = smb2.CommandLogoff
		q.sendSigned(encode(h, &smb2.LogoffResponse{}))
	}},
	{name: "an answer to nothing, then a good one", answer: func(q *question) {
		h := q.answer(ntstatus.Success)
		h.MessageID += 1000
		q.send(encode(h, &smb2.EchoResponse{}))
		q.windows.next -= uint64(q.Credits)
		q.reply(ntstatus.Success, &smb2.EchoResponse{})
	}, good: true, alive: true},
	{name: "a break notification, then a good one", answer: func(q *question) {
		h := smb2.Header{Command: smb2.CommandOplockBreak, Flags: smb2.FlagServerToRedir, MessageID: smb2.UnsolicitedMessageID}
		q.send(encode(h, &smb2.OplockBreakNotification{}))
		q.reply(ntstatus.Success, &smb2.EchoResponse{})
	}, good: true, alive: true},
	{name: "garbage", answer: func(q *question) { q.send([]byte("\xfeSMBgarbage")) }},
	{name: "SMB1", answer: func(q *question) { q.send([]byte("\xffSMB0123456789012345678901234567890123")) }},
	{name: "empty", answer: func(q *question) { q.send(nil) }},

	{name: "sealed", sealed: true, answer: func(q *question) { q.reply(ntstatus.Success, &smb2.EchoResponse{}) }, good: true, alive: true},
	{name: "signed instead of sealed", sealed: true, answer: func(q *question) {
		q.sendSigned(encode(q.answer(ntstatus.Success), &smb2.EchoResponse{}))
	}},
	{name: "plain instead of sealed", sealed: true, answer: func(q *question) { q.send(encode(q.answer(ntstatus.Success), &smb2.EchoResponse{})) }},
	{name: "sealed and altered", sealed: true, answer: func(q *question) {
		msg := q.seal(encode(q.answer(ntstatus.Success), &smb2.EchoResponse{}))
		msg[len(msg)-1] ^= 1
		q.send(msg)
	}},
	{name: "sealed for another session", sealed: true, answer: func(q *question) {
		msg := q.seal(encode(q.answer(ntstatus.Success), &smb2.EchoResponse{}))
		msg[44] ^= 1
		q.send(msg)
	}},
	{name: "sealed with another session inside", sealed: true, answer: func(q *question) {
		h := q.answer(ntstatus.Success)
		h.SessionID++
		q.sendSealed(encode(h, &smb2.EchoResponse{}))
	}},
	{name: "interim that is not sealed", sealed: true, answer: func(q *question) {
		h := q.answer(ntstatus.Pending)
		h.Flags |= smb2.FlagAsyncCommand
		h.AsyncID = 99
		q.send(encode(h, &smb2.ErrorResponse{}))
	}},
	{name: "plain end of the session", sealed: true, answer: func(q *question) {
		q.send(encode(q.answer(ntstatus.UserSessionDeleted), &smb2.ErrorResponse{}))
	}, status: ntstatus.UserSessionDeleted},
}

func TestAnswersMustProveWhatTheSessionDemands(t *testing.T) {
	for _, c := range unproved {
		t.Run(c.name, func(t *testing.T) {
			s := &rogue{handle: func(q *question) bool {
				if q.Command == smb2.CommandEcho {
					c.answer(q)
				}
				return q.Command == smb2.CommandEcho
			}}
			var values []string
			if c.sealed {
				s.cipher, values = smb2.CipherAES128GCM, []string{"client.RequireEncryption", "True"}
			}
			session, err := dialRogue(t, s, values...)
			if err != nil {
				t.Fatal(err)
			}
			err = session.Echo(bounded(t))
			switch {
			case c.good:
				if err != nil {
					t.Errorf("got %v, want success", err)
				}
			case c.status != 0:
				if !errors.Is(err, c.status) {
					t.Errorf("got %v, want %v", err, c.status)
				}
			default:
				if _, ok := errors.AsType[*client.ConnectionError](err); !ok {
					t.Errorf("got %v, want the end of the connection", err)
				}
				if _, ok := errors.AsType[ntstatus.Status](err); ok {
					t.Errorf("%v passes an unproved status on", err)
				}
			}
			if !c.alive {
				select {
				case <-session.Done():
				case <-bounded(t).Done():
					t.Error("the connection lives on")
				}
			} else if err := session.Err(); err != nil {
				t.Errorf("the connection has ended: %v", err)
			}
		})
	}
}

// unsigned takes the signature off a message.
func unsigned(msg []byte) {
	h, _ := smb2.DecodeHeader(msg)
	h.Flags &^= smb2.FlagSigned
	h.Signature = [16]byte{}
	h.Put(msg)
}

func TestLastAnswerToTheSignInMustProveTheKey(t *testing.T) {
	for _, dialect := range []smb2.Dialect{smb2.Dialect202, smb2.Dialect300, smb2.Dialect311} {
		t.Run(fmt.Sprint(dialect), func(t *testing.T) {
			_, err := dialRogue(t, &rogue{dialect: dialect, forgeSetup: unsigned})
			r, ok := errors.AsType[*client.Refusal](err)
			if !ok || !strings.Contains(err.Error(), "server.RequireSecuritySignature to True on ROGUE") {
				t.Errorf("unsigned: %v (%+v)", err, r)
			}
			_, err = dialRogue(t, &rogue{dialect: dialect, forgeSetup: func(msg []byte) { msg[smb2.SignatureOffset] ^= 1 }})
			if _, ok := errors.AsType[*client.SignatureError](err); !ok {
				t.Errorf("wrongly signed: %v", err)
			}
		})
	}
}

func TestWrongPasswordIsAWrongPassword(t *testing.T) {
	_, err := dialRogue(t, &rogue{password: "another"})
	if !errors.Is(err, ntstatus.LogonFailure) || !strings.Contains(err.Error(), "wrong user name or password") {
		t.Fatalf("got %v", err)
	}
}

func TestGuestIsRefusedByTheSettingThatForbidsIt(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []string
		want   string // in the refusal; "": taken
	}{
		{"default", nil, "client.RequireSecuritySignature to False on this client"},
		{"signing not required", []string{"client.RequireSecuritySignature", "False"}, "client.EnableInsecureGuestLogons to True on this client"},
		{"guests allowed, signing required", []string{"client.EnableInsecureGuestLogons", "True"}, "client.RequireSecuritySignature to False on this client"},
		{"both", []string{"client.EnableInsecureGuestLogons", "True", "client.RequireSecuritySignature", "False"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			// As somebody does who sits between and cannot sign.
			s := &rogue{sessionFlags: smb2.SessionIsGuest, forgeSetup: func(msg []byte) {
				h, _ := smb2.DecodeHeader(msg)
				h.Flags &^= smb2.FlagSigned
				h.Put(msg)
			}}
			session, err := dialRogue(t, s, c.values...)
			if c.want == "" {
				if err != nil || session.Info().Signed {
					t.Fatalf("got %v", err)
				}
				return
			}
			if r, ok := errors.AsType[*client.Refusal](err); !ok || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v (%+v), want %q in it", err, r, c.want)
			}
		})
	}
}

func TestNegotiationOfWhatWasNotOfferedIsRefused(t *testing.T) {
	contexts := func(f func([]smb2.NegotiateContext) []smb2.NegotiateContext) func(*smb2.NegotiateResponse) {
		return func(r *smb2.NegotiateResponse) { r.Contexts = f(r.Contexts) }
	}
	for _, c := range []struct {
		name   string
		values []string
		tamper func(*smb2.NegotiateResponse)
	}{
		{"dialect below the minimum", []string{"client.Smb2DialectMin", "SMB300"}, func(r *smb2.NegotiateResponse) {
			r.DialectRevision, r.Contexts = smb2.Dialect210, nil
		}},
		{"unknown dialect", nil, func(r *smb2.NegotiateResponse) { r.DialectRevision, r.Contexts = 0x0312, nil }},
		{"wildcard dialect", nil, func(r *smb2.NegotiateResponse) { r.DialectRevision, r.Contexts = smb2.DialectWildcard, nil }},
		{"no preauthentication", nil, contexts(func(c []smb2.NegotiateContext) []smb2.NegotiateContext { return c[1:] })},
		{"two preauthentications", nil, contexts(func(c []smb2.NegotiateContext) []smb2.NegotiateContext { return append(c, c[0]) })},
		{"two signing contexts", nil, contexts(func(c []smb2.NegotiateContext) []smb2.NegotiateContext { return append(c, c[1]) })},
		{"unknown signing", nil, contexts(func(c []smb2.NegotiateContext) []smb2.NegotiateContext {
			return []smb2.NegotiateContext{c[0], smb2.SigningContext(smb2.SigningCapabilities{Algorithms: []smb2.SigningAlgorithm{9}})}
		})},
		{"two signing algorithms", nil, contexts(func(c []smb2.NegotiateContext) []smb2.NegotiateContext {
			return []smb2.NegotiateContext{c[0], smb2.SigningContext(smb2.SigningCapabilities{Algorithms: []smb2.SigningAlgorithm{1, 2}})}
		})},
		{"cipher not offered", []string{"client.EncryptionCiphers", "AES_256_GCM"}, contexts(func(c []smb2.NegotiateContext) []smb2.NegotiateContext {
			return append(c, smb2.EncryptionContext(smb2.EncryptionCapabilities{Ciphers: []smb2.Cipher{smb2.CipherAES128CCM}}))
		})},
		{"unknown hash", nil, contexts(func(c []smb2.NegotiateContext) []smb2.NegotiateContext {
			c[0] = smb2.PreauthIntegrityContext(smb2.PreauthIntegrityCapabilities{HashAlgorithms: []smb2.HashAlgorithm{2}})
			return c
		})},
		{"transfers of nothing", nil, func(r *smb2.NegotiateResponse) { r.MaxReadSize = 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &rogue{tamperNegotiate: c.tamper}
			_, err := dialRogue(t, s, c.values...)
			if _, ok := errors.AsType[*client.ProtocolError](err); !ok {
				t.Fatalf("got %v, want a protocol error", err)
			}
			for _, command := range s.commands() {
				if command == smb2.CommandSessionSetup {
					t.Error("the user's token was sent all the same")
				}
			}
		})
	}
}

func TestAlteredNegotiationEndsTheConnection(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(q *question)
	}{
		{"capabilities", func(q *question) {
			q.validate(q, func(v *smb2.ValidateNegotiateInfoResponse) { v.Capabilities |= smb2.CapEncryption })
		}},
		{"GUID", func(q *question) { q.validate(q, func(v *smb2.ValidateNegotiateInfoResponse) { v.GUID[0]++ }) }},
		{"mode", func(q *question) {
			q.validate(q, func(v *smb2.ValidateNegotiateInfoResponse) { v.SecurityMode |= smb2.SigningRequired })
		}},
		{"dialect", func(q *question) {
			q.validate(q, func(v *smb2.ValidateNegotiateInfoResponse) { v.Dialect = smb2.Dialect302 })
		}},
		{"access denied", func(q *question) { q.fail(ntstatus.AccessDenied) }},
		{"unsigned failure", func(q *question) { q.send(encode(q.answer(ntstatus.FileClosed), &smb2.ErrorResponse{})) }},
		{"unsigned refusal", func(q *question) { q.send(encode(q.answer(ntstatus.NotSupported), &smb2.ErrorResponse{})) }},
		{"hang-up", func(q *question) { q.nc.Close() }},
	} {
		for _, signing := range []string{"True", "False"} {
			t.Run(c.name+", signing required: "+signing, func(t *testing.T) {
				s := &rogue{dialect: smb2.Dialect300, handle: func(q *question) bool {
					if q.Command == smb2.CommandIoctl {
						c.answer(q)
					}
					return q.Command == smb2.CommandIoctl
				}}
				session, err := dialRogue(t, s, "client.RequireSecuritySignature", signing)
				if err != nil {
					t.Fatal(err)
				}
				if share, err := session.Share(bounded(t), "data"); err == nil {
					t.Fatalf("connected to %s", share.Path())
				}
				if session.Err() == nil {
					t.Error("the connection lives on")
				}
			})
		}
	}
}

func TestServerThatCannotValidateMaySaySoUnderItsSignature(t *testing.T) {
	s := &rogue{dialect: smb2.Dialect210, handle: func(q *question) bool {
		if q.Command == smb2.CommandIoctl {
			q.fail(ntstatus.InvalidDeviceRequest)
		}
		return q.Command == smb2.CommandIoctl
	}}
	session, err := dialRogue(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := session.Share(bounded(t), "data"); err != nil {
		t.Fatal(err)
	}
}

func TestCancelledContextEndsACallAtOnce(t *testing.T) {
	cancelled := make(chan struct{})
	ctx, cancel := context.WithCancelCause(bounded(t))
	cause := errors.New("enough")
	s := &rogue{handle: func(q *question) bool {
		switch q.Command {
		case smb2.CommandEcho: // is never answered
			cancel(cause)
			return true
		case smb2.CommandCancel:
			close(cancelled)
		}
		return false
	}}
	session, err := dialRogue(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Echo(ctx); !errors.Is(err, cause) {
		t.Fatalf("got %v", err)
	}
	select {
	case <-cancelled:
	case <-bounded(t).Done():
		t.Fatal("the server was not told")
	}
}

func TestUnprovedErrorIsNeverMissingFile(t *testing.T) {
	s := &rogue{handle: func(q *question) bool {
		if q.Command == smb2.CommandCreate {
			q.send(encode(q.answer(ntstatus.ObjectNameNotFound), &smb2.ErrorResponse{}))
		}
		return q.Command == smb2.CommandCreate
	}}
	session, err := dialRogue(t, s)
	if err != nil {
		t.Fatal(err)
	}
	share, err := session.Share(bounded(t), "data")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := share.Open(bounded(t), "f"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
}

// A device that cannot sign is served only where no side demands a signature,
// and never at 3.1.1.
func TestServerThatCannotSignIsTakenOnlyWhereNobodyAsksForSignatures(t *testing.T) {
	for _, c := range []struct {
		name    string
		dialect smb2.Dialect
		mode    smb2.SecurityMode
		values  []string
		forge   func([]byte)
		taken   bool
	}{
		{"nobody asks, 2.0.2", smb2.Dialect202, 0, []string{"client.RequireSecuritySignature", "False"}, unsigned, true},
		{"nobody asks, 2.1", smb2.Dialect210, smb2.SigningEnabled, []string{"client.RequireSecuritySignature", "False"}, unsigned, true},
		{"nobody asks, 3.0.2", smb2.Dialect302, smb2.SigningEnabled, []string{"client.RequireSecuritySignature", "False"}, unsigned, true},
		{"3.1.1", smb2.Dialect311, smb2.SigningEnabled, []string{"client.RequireSecuritySignature", "False"}, unsigned, false},
		{"the client asks", smb2.Dialect210, smb2.SigningEnabled, nil, unsigned, false},
		{"the server asks", smb2.Dialect210, smb2.SigningEnabled | smb2.SigningRequired, []string{"client.RequireSecuritySignature", "False"}, unsigned, false},
		{"encryption is asked for", smb2.Dialect302, smb2.SigningEnabled, []string{"client.RequireSecuritySignature", "False", "client.RequireEncryption", "True"}, unsigned, false},
		{"a wrong signature", smb2.Dialect210, smb2.SigningEnabled, []string{"client.RequireSecuritySignature", "False"}, func(msg []byte) { msg[smb2.SignatureOffset] ^= 1 }, false},
	} {
		s := &rogue{dialect: c.dialect, mode: c.mode, forgeSetup: c.forge}
		if c.dialect >= smb2.Dialect300 {
			s.cipher = smb2.CipherAES128CCM
		}
		session, err := dialRogue(t, s, c.values...)
		if (err == nil) != c.taken {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil && (session.Info().Signed || session.Info().Sealed) {
			t.Errorf("%s: said to be protected: %+v", c.name, session.Info())
		}
	}
}
