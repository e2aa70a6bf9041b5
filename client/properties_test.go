package client_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/policy"
)

func TestClientProperty_RequireSecuritySignature(t *testing.T) {
	for _, c := range []struct {
		value  string
		server smb2.SecurityMode
		signed bool
	}{
		{"True", smb2.SigningEnabled, true},
		{"False", smb2.SigningEnabled, false},
		{"False", smb2.SigningEnabled | smb2.SigningRequired, true}, // the server wants it
	} {
		session, err := dialRogue(t, &rogue{mode: c.server}, "client.RequireSecuritySignature", c.value)
		if err != nil {
			t.Fatal(err)
		}
		i := session.Info()
		if i.Signed != c.signed || i.SigningRequiredByClient != (c.value == "True") || i.SigningRequiredByServer != (c.server&smb2.SigningRequired != 0) {
			t.Errorf("%s with a server of mode %d: %+v", c.value, c.server, i)
		}
	}
}

func TestClientProperty_RequireEncryption(t *testing.T) {
	session, err := dialRogue(t, &rogue{cipher: smb2.CipherAES128GCM}, "client.RequireEncryption", "True")
	if err != nil || !session.Info().Sealed || !session.Info().EncryptionRequiredByClient {
		t.Fatalf("with a cipher: %v", err)
	}
	session, err = dialRogue(t, &rogue{cipher: smb2.CipherAES128GCM})
	if err != nil || session.Info().Sealed {
		t.Fatalf("not required: %v", err)
	}
	_, err = dialRogue(t, &rogue{}, "client.RequireEncryption", "True")
	if r, ok := errors.AsType[*client.Refusal](err); !ok || !strings.Contains(err.Error(), "client.RequireEncryption") {
		t.Fatalf("without a cipher: %v (%+v)", err, r)
	}
}

func TestClientProperty_EnableInsecureGuestLogons(t *testing.T) {
	for _, value := range []string{"True", "False"} {
		s := &rogue{sessionFlags: smb2.SessionIsGuest}
		_, err := dialRogue(t, s, "client.RequireSecuritySignature", "False", "client.EnableInsecureGuestLogons", value)
		if (err == nil) != (value == "True") {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// offered is the NEGOTIATE that a client with these values sends.
func offered(t *testing.T, values ...string) smb2.NegotiateRequest {
	t.Helper()
	var req smb2.NegotiateRequest
	s := &rogue{handle: func(q *question) bool {
		if err := smb2.Decode(q.message, &req); err != nil {
			t.Error(err)
		}
		q.nc.Close()
		return true
	}}
	if _, err := dialRogue(t, s, values...); err == nil {
		t.Fatal("signed in on a server that hung up")
	}
	return req
}

func TestClientProperty_Smb2DialectMin(t *testing.T) {
	got := offered(t, "client.Smb2DialectMin", "SMB300").Dialects
	if want := []smb2.Dialect{smb2.Dialect300, smb2.Dialect302, smb2.Dialect311}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestClientProperty_Smb2DialectMax(t *testing.T) {
	got := offered(t, "client.Smb2DialectMax", "SMB210").Dialects
	if want := []smb2.Dialect{smb2.Dialect202, smb2.Dialect210}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestClientProperty_EncryptionCiphers(t *testing.T) {
	req := offered(t, "client.EncryptionCiphers", "AES_256_CCM, AES_128_GCM")
	i := slices.IndexFunc(req.Contexts, func(c smb2.NegotiateContext) bool { return c.Type == smb2.ContextEncryption })
	got, err := req.Contexts[i].Encryption()
	if want := []smb2.Cipher{smb2.CipherAES256CCM, smb2.CipherAES128GCM}; err != nil || !slices.Equal(got.Ciphers, want) {
		t.Errorf("got %v, %v, want %v", got.Ciphers, err, want)
	}
}

func TestClientProperty_EnableLargeMtu(t *testing.T) {
	for value, want := range map[string]uint32{"True": 1 << 20, "False": 64 << 10} {
		var mu sync.Mutex
		largest := uint32(0)
		s := &rogue{handle: func(q *question) bool {
			var req smb2.ReadRequest
			if q.Command == smb2.CommandRead && smb2.Decode(q.message, &req) == nil {
				mu.Lock()
				largest = max(largest, req.Length)
				mu.Unlock()
			}
			return false
		}}
		session, err := dialRogue(t, s, "client.EnableLargeMtu", value)
		if err != nil {
			t.Fatal(err)
		}
		share, err := session.Share(bounded(t), "data")
		if err != nil {
			t.Fatal(err)
		}
		f, err := share.Open(bounded(t), "f")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := f.ReadAt(make([]byte, 3<<20), 0); n != 3<<20 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		mu.Lock()
		if largest != want {
			t.Errorf("%s: requests of up to %d bytes, want %d", value, largest, want)
		}
		mu.Unlock()
	}
}

func TestClientProperty_BlockNTLM(t *testing.T) {
	s := &rogue{}
	_, err := dialRogue(t, s, "client.BlockNTLM", "True")
	if r, ok := errors.AsType[*client.Refusal](err); !ok || !strings.Contains(err.Error(), "client.BlockNTLM") {
		t.Fatalf("got %v (%+v)", err, r)
	}
	if slices.Contains(s.commands(), smb2.CommandSessionSetup) {
		t.Error("a token was sent all the same")
	}
}

func TestClientProperty_BlockNTLMServerExceptionList(t *testing.T) {
	if _, err := dialRogue(t, &rogue{}, "client.BlockNTLM", "True", "client.BlockNTLMServerExceptionList", "other,rogue"); err != nil {
		t.Fatal(err)
	}
	if _, err := dialRogue(t, &rogue{}, "client.BlockNTLM", "True", "client.BlockNTLMServerExceptionList", "other"); err == nil {
		t.Fatal("the exception of another server counts")
	}
}

// silence signs in on a rogue that then answers no ECHO, sends one, and
// returns how long that took to fail. It runs in a bubble of synctest.
func silence(t *testing.T, other bool, values ...string) time.Duration {
	t.Helper()
	s := &rogue{handle: func(q *question) bool {
		return q.Command == smb2.CommandEcho || q.Command == smb2.CommandLogoff // and never answered
	}}
	d := dialer()
	d.Policy = set(t, values...)
	session, err := d.DialConn(t.Context(), s.start(t), "ROGUE")
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	share, err := session.Share(t.Context(), "data")
	if err != nil {
		t.Fatal(err)
	}
	if other { // answers to something else keep coming
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		wg.Go(func() {
			for ctx.Err() == nil {
				f, err := share.Open(ctx, "f")
				if err != nil {
					return
				}
				f.Close()
				select {
				case <-ctx.Done():
				case <-time.After(5 * time.Second):
				}
			}
		})
	}
	start := time.Now()
	if err := session.Echo(t.Context()); !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "no answer") {
		t.Errorf("got %v", err)
	}
	return time.Since(start)
}

func TestClientProperty_SessionTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if took := silence(t, false, "client.SessionTimeout", "20"); took < 20*time.Second || took > 30*time.Second {
			t.Errorf("given up after %v", took)
		}
	})
}

func TestClientProperty_ExtendedSessionTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := silence(t, true, "client.SessionTimeout", "20", "client.ExtendedSessionTimeout", "100")
		if took < 100*time.Second || took > 110*time.Second {
			t.Errorf("given up after %v", took)
		}
	})
}

func TestClientProperty_MaxCmds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var held []*question
		s := &rogue{handle: func(q *question) bool {
			if q.Command == smb2.CommandEcho {
				held = append(held, q)
			}
			return q.Command == smb2.CommandEcho
		}}
		d := dialer()
		d.Policy = set(t, "client.MaxCmds", "3")
		session, err := d.DialConn(t.Context(), s.start(t), "ROGUE")
		if err != nil {
			t.Fatal(err)
		}
		defer session.Close()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := session.Echo(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		for answered := 0; answered < 8; {
			synctest.Wait()
			if len(held) > 3 || len(held) == 0 {
				t.Fatalf("%d requests at a time, after %d", len(held), answered)
			}
			batch := held
			held = nil
			for _, q := range batch {
				q.reply(0, &smb2.EchoResponse{})
				answered++
			}
		}
		wg.Wait()
	})
}

// recorder keeps events.
type recorder struct {
	mu    sync.Mutex
	kinds []string
}

func (r *recorder) Record(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kinds = append(r.kinds, e.Kind.Name)
}

// recorded signs in and returns the events of that.
func recorded(t *testing.T, s *rogue, values ...string) []string {
	t.Helper()
	r := new(recorder)
	d := dialer()
	d.Policy, d.Events = set(t, values...), r
	session, err := d.DialConn(bounded(t), s.start(t), "ROGUE")
	if err == nil {
		session.Close()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kinds
}

func TestClientProperty_AuditInsecureGuestLogon(t *testing.T) {
	open := []string{"client.RequireSecuritySignature", "False", "client.EnableInsecureGuestLogons", "True"}
	if got := recorded(t, &rogue{sessionFlags: smb2.SessionIsGuest}, open...); len(got) != 0 {
		t.Errorf("off: %q", got)
	}
	if got := recorded(t, &rogue{sessionFlags: smb2.SessionIsGuest}, append(open, "client.AuditInsecureGuestLogon", "True")...); !slices.Equal(got, []string{"InsecureGuestLogonAllowed"}) {
		t.Errorf("on: %q", got)
	}
	if got := recorded(t, &rogue{sessionFlags: smb2.SessionIsGuest}); !slices.Equal(got, []string{"InsecureGuestLogonRefused"}) {
		t.Errorf("refused: %q", got)
	}
}

func TestClientProperty_AuditServerDoesNotSupportEncryption(t *testing.T) {
	if got := recorded(t, &rogue{}); len(got) != 0 {
		t.Errorf("off: %q", got)
	}
	if got := recorded(t, &rogue{}, "client.AuditServerDoesNotSupportEncryption", "True"); !slices.Equal(got, []string{"ServerDoesNotSupportEncryption"}) {
		t.Errorf("on: %q", got)
	}
	if got := recorded(t, &rogue{cipher: smb2.CipherAES128CCM}, "client.AuditServerDoesNotSupportEncryption", "True"); len(got) != 0 {
		t.Errorf("of one that can: %q", got)
	}
}

func TestClientProperty_AuditServerDoesNotSupportSigning(t *testing.T) {
	silent := func(r *smb2.NegotiateResponse) { r.SecurityMode = 0 }
	if got := recorded(t, &rogue{tamperNegotiate: silent}); len(got) != 0 {
		t.Errorf("off: %q", got)
	}
	if got := recorded(t, &rogue{tamperNegotiate: silent}, "client.AuditServerDoesNotSupportSigning", "True"); !slices.Equal(got, []string{"ServerDoesNotSupportSigning"}) {
		t.Errorf("on: %q", got)
	}
}

func TestForgedAnswersAreEvents(t *testing.T) {
	for want, c := range map[string]struct {
		cipher smb2.Cipher
		answer func(q *question)
	}{
		"SignatureValidationFailed": {0, func(q *question) { q.send(encode(q.answer(0), &smb2.EchoResponse{})) }},
		"UnencryptedMessage":        {smb2.CipherAES128GCM, func(q *question) { q.send(encode(q.answer(0), &smb2.EchoResponse{})) }},
		"ReplyCannotBeDecrypted": {smb2.CipherAES128GCM, func(q *question) {
			msg := q.seal(encode(q.answer(0), &smb2.EchoResponse{}))
			msg[60] ^= 1
			q.send(msg)
		}},
	} {
		r := new(recorder)
		d := dialer()
		d.Events = r
		if c.cipher != 0 {
			d.Policy = set(t, "client.RequireEncryption", "True")
		}
		s := &rogue{cipher: c.cipher, handle: func(q *question) bool {
			if q.Command == smb2.CommandEcho {
				c.answer(q)
			}
			return q.Command == smb2.CommandEcho
		}}
		session, err := d.DialConn(bounded(t), s.start(t), "ROGUE")
		if err != nil {
			t.Fatal(err)
		}
		if err := session.Echo(bounded(t)); err == nil {
			t.Errorf("%s: taken", want)
		}
		session.Close()
		if !slices.Equal(r.kinds, []string{want}) {
			t.Errorf("got %q, want %q", r.kinds, want)
		}
	}
}

func TestDefaultPolicyIsTheProducts(t *testing.T) {
	session, err := dialRogue(t, &rogue{})
	if err != nil {
		t.Fatal(err)
	}
	if i := session.Info(); !i.Signed || !i.SigningRequiredByClient || i.Identity != policy.User {
		t.Errorf("%+v", i)
	}
}

// asksForOplocks reports whether a client with these values asks for what keeps
// a file open when its connection is lost.
func asksForOplocks(t *testing.T, values ...string) bool {
	t.Helper()
	k := &keeper{}
	session := lasting(t, rogues(t, k.durable(t, 0, true, nil)), values...)
	if _, err := shareOf(t, session).Open(bounded(t), "f"); err != nil {
		t.Fatal(err)
	}
	return k.opened.RequestedOplockLevel != smb2.OplockNone && len(k.opened.Contexts) > 0
}

func TestClientProperty_OplocksDisabled(t *testing.T) {
	for value, want := range map[string]bool{"False": true, "True": false} {
		if got := asksForOplocks(t, "client.OplocksDisabled", value); got != want {
			t.Errorf("%s: %t", value, got)
		}
	}
}

func TestClientProperty_UseOpportunisticLocking(t *testing.T) {
	for value, want := range map[string]bool{"False": false, "True": true} {
		if got := asksForOplocks(t, "client.UseOpportunisticLocking", value); got != want {
			t.Errorf("%s: %t", value, got)
		}
	}
}
