package krb5

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBothSidesHaveOneKeyAtEveryEncryptionType(t *testing.T) {
	for _, etype := range etypes {
		for _, subkey := range []bool{true, false} {
			t.Run(fmt.Sprintf("etype %d, acceptor's subkey %v", etype, subkey), func(t *testing.T) {
				r := newRealm(t)
				r.etype, r.info.EType = etype, etype
				i, token := r.begin(r.client())
				answer, a := r.accept(token, subkey, nil)
				sum := a.request.Authenticator.Cksum
				if sum.CksumType != 0x8003 || len(sum.Checksum) != 24 || binary.LittleEndian.Uint32(sum.Checksum[20:]) != contextFlags {
					t.Errorf("checksum %+v", sum)
				}
				if got := a.request.Authenticator; got.CRealm != testRealm || got.CName.PrincipalNameString() != testUser {
					t.Errorf("authenticator of %v@%s", got.CName, got.CRealm)
				}
				if i.SessionKey() != nil {
					t.Error("there is a key before the service has proved anything")
				}
				out, done, err := i.Step(t.Context(), answer)
				if err != nil || !done || out != nil {
					t.Fatalf("AP-REP: %x, %v, %v", out, done, err)
				}
				if !bytes.Equal(i.SessionKey(), a.key.KeyValue) {
					t.Errorf("keys %x and %x", i.SessionKey(), a.key.KeyValue)
				}
				checkMICs(t, i, a)
			})
		}
	}
}

// checkMICs has both sides sign, and alters what they have signed.
func checkMICs(t *testing.T, i *initiator, a *accepted) {
	t.Helper()
	message := []byte("the list of mechanisms")
	ours, err := i.GetMIC(message)
	if err != nil {
		t.Fatal(err)
	}
	peer := a.signing()
	asSeen := signing{key: a.key, flags: peer.flags &^ flagSentByAcceptor, seq: uint64(a.request.Authenticator.SeqNumber)}
	if want, _ := asSeen.sign(message); !bytes.Equal(ours, want) {
		t.Errorf("our signature\n got %x\nwant %x", ours, want)
	}
	theirs, err := peer.sign(message)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.VerifyMIC(message, theirs); err != nil {
		t.Errorf("their signature: %v", err)
	}
	if i.VerifyMIC([]byte("another list"), theirs) == nil || i.VerifyMIC(message, ours) == nil || i.VerifyMIC(message, nil) == nil {
		t.Error("a signature of another message, our own, or none counts as theirs")
	}
	for n := range theirs {
		bad := bytes.Clone(theirs)
		bad[n] ^= 1
		if i.VerifyMIC(message, bad) == nil {
			t.Errorf("byte %d of a signature does not count", n)
		}
	}
}

// What is sealed counts to the last bit. Around it the library reads some
// lengths and tags of ASN.1 leniently: such a change is refused, or changes
// nothing.
func TestAlteredAPRepProvesNothing(t *testing.T) {
	r := newRealm(t)
	c := r.client()
	for _, mask := range []byte{0x01, 0x80} {
		i, token := r.begin(c)
		answer, a := r.accept(token, true, nil)
		const frame = 48 // bytes before what is sealed
		passed := 0
		for n := range answer {
			bad := bytes.Clone(answer)
			bad[n] ^= mask
			again := *i // as if nothing had come yet
			_, done, err := again.Step(t.Context(), bad)
			if done && n < frame && bytes.Equal(again.SessionKey(), a.key.KeyValue) {
				passed++
				continue
			}
			if done || err == nil || again.SessionKey() != nil {
				t.Fatalf("byte %d of %x does not count", n, answer)
			}
			if got := reasonOf(err); got != NotProved && got != NoEncryptionType {
				t.Errorf("byte %d: %v", n, err)
			}
		}
		if passed > 10 {
			t.Errorf("%d bytes of the frame do not count", passed)
		}
		if _, done, err := i.Step(t.Context(), answer); err != nil || !done {
			t.Errorf("the answer itself: %v", err)
		}
	}
}

func TestServiceThatProvesNothingIsRefused(t *testing.T) {
	r := newRealm(t)
	c := r.client()
	other, otherToken := r.begin(c)
	otherAnswer, _ := r.accept(otherToken, true, nil)
	if _, _, err := other.Step(t.Context(), otherAnswer); err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]func(token []byte, i *initiator) []byte{
		"nothing":                      func([]byte, *initiator) []byte { return nil },
		"our own token":                func(token []byte, _ *initiator) []byte { return token },
		"the answer to another":        func([]byte, *initiator) []byte { return otherAnswer },
		"a token of 1 MiB":             func([]byte, *initiator) []byte { return bytesOf(0x60, 1<<20) },
		"a token of another mechanism": func([]byte, *initiator) []byte { return []byte("\x60\x06\x06\x01\x2b\x02\x00\x00") },
		"another key": func(token []byte, i *initiator) []byte {
			key := types.EncryptionKey{KeyType: i.ticket.key.KeyType, KeyValue: bytesOf(7, len(i.ticket.key.KeyValue))}
			answer, _ := r.accept(token, true, &key)
			return answer
		},
		"our subkey instead of the ticket's key": func(token []byte, i *initiator) []byte {
			answer, _ := r.accept(token, true, &i.subkey)
			return answer
		},
		"another time": func(_ []byte, i *initiator) []byte {
			return r.apRep(messages.EncAPRepPart{CTime: i.seconds.Add(time.Second), Cusec: i.micro}, i.ticket.key)
		},
		"other microseconds": func(_ []byte, i *initiator) []byte {
			return r.apRep(messages.EncAPRepPart{CTime: i.seconds, Cusec: i.micro + 1}, i.ticket.key)
		},
	} {
		t.Run(name, func(t *testing.T) {
			i, token := r.begin(c)
			_, done, err := i.Step(t.Context(), answer(token, i))
			if done || reasonOf(err) != NotProved || i.SessionKey() != nil {
				t.Errorf("done %v, %v", done, err)
			}
			if _, done, err := i.Step(t.Context(), nil); done || err == nil {
				t.Error("it goes on")
			}
		})
	}
}

func TestWeakSubkeyOfTheServiceIsRefused(t *testing.T) {
	r := newRealm(t)
	for _, key := range []types.EncryptionKey{
		{KeyType: 23, KeyValue: bytesOf(1, 16)}, {KeyType: 18, KeyValue: bytesOf(1, 31)}, {KeyType: 18}, {KeyValue: []byte{1}},
	} {
		i, _ := r.begin(r.client())
		_, done, err := i.Step(t.Context(), r.apRep(messages.EncAPRepPart{CTime: i.seconds, Cusec: i.micro, Subkey: key}, i.ticket.key))
		if done || reasonOf(err) != NoEncryptionType || i.SessionKey() != nil {
			t.Errorf("type %d, %d bytes: done %v, %v", key.KeyType, len(key.KeyValue), done, err)
		}
	}
}

func TestServiceSaysWhyItRefuses(t *testing.T) {
	r := newRealm(t)
	r.stime = time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	c := r.client()
	for code, want := range map[int32]Reason{
		errorcode.KRB_AP_ERR_SKEW: ClockSkew, errorcode.KRB_AP_ERR_TKT_EXPIRED: TicketExpired,
		errorcode.KRB_AP_ERR_MODIFIED: Refused, errorcode.KRB_AP_ERR_NOKEY: Refused, errorcode.KRB_ERR_GENERIC: Refused, 9999: Refused,
	} {
		i, _ := r.begin(c)
		_, _, err := i.Step(t.Context(), r.errorToken(code))
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Reason != want || e.Code != code || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%d: %v", code, err)
		}
		if want == ClockSkew && (!e.Theirs.Equal(r.stime) || !strings.Contains(err.Error(), r.stime.Format(time.RFC3339))) {
			t.Errorf("clocks: %v", err)
		}
	}
}

func TestReplayedTicketIsRefusedAndEveryRequestIsNew(t *testing.T) {
	r := newRealm(t)
	c := r.client()
	i, token := r.begin(c)
	r.accept(token, true, nil)
	answer, a := r.accept(token, true, nil)
	if a != nil {
		t.Fatal("the service takes a replay")
	}
	if _, done, err := i.Step(t.Context(), answer); done || reasonOf(err) != Refused {
		t.Errorf("done %v, %v", done, err)
	}
	next, token2 := r.begin(c)
	if bytes.Equal(token, token2) || bytes.Equal(i.subkey.KeyValue, next.subkey.KeyValue) {
		t.Error("two exchanges are the same")
	}
	if got := r.requests(); hasPrefix(got, testService) != 1 || hasPrefix(got, "AS") != 2 {
		t.Errorf("asked for %q, want the ticket once", got)
	}
}

func TestKDCThatLiesIsFound(t *testing.T) {
	for name, row := range map[string]struct {
		change func(r *realm)
		want   Reason
	}{
		"another nonce": {func(r *realm) { r.part = func(_ string, p *messages.EncKDCRepPart) { p.Nonce++ } }, KDCForged},
		"another service": {func(r *realm) {
			r.part = on("TGS", func(p *messages.EncKDCRepPart) { p.SName.NameString = []string{"cifs", "evil"} })
		}, KDCForged},
		"another service at the AS": {func(r *realm) {
			r.part = on("AS", func(p *messages.EncKDCRepPart) { p.SName.NameString = []string{"krbtgt", "EVIL"} })
		}, KDCForged},
		"no service":    {func(r *realm) { r.part = on("TGS", func(p *messages.EncKDCRepPart) { p.SName.NameString = nil }) }, KDCForged},
		"another realm": {func(r *realm) { r.part = on("TGS", func(p *messages.EncKDCRepPart) { p.SRealm = "EVIL" }) }, KDCForged},
		"another user": {func(r *realm) {
			r.rep = func(_ string, p *messages.KDCRepFields) { p.CName.NameString = []string{"eve"} }
		}, KDCForged},
		"another user's realm": {func(r *realm) { r.rep = func(_ string, p *messages.KDCRepFields) { p.CRealm = "EVIL" } }, KDCForged},
		"altered":              {func(r *realm) { r.rep = func(_ string, p *messages.KDCRepFields) { p.EncPart.Cipher[20] ^= 1 } }, WrongPassword},
		"altered at the TGS": {func(r *realm) {
			r.rep = func(kind string, p *messages.KDCRepFields) {
				if kind == "TGS" {
					p.EncPart.Cipher[20] ^= 1
				}
			}
		}, KDCForged},
		"nothing sealed": {func(r *realm) { r.rep = func(_ string, p *messages.KDCRepFields) { p.EncPart.Cipher = []byte{1} } }, WrongPassword},
		"an RC4 key": {func(r *realm) {
			r.part = on("TGS", func(p *messages.EncKDCRepPart) { p.Key = types.EncryptionKey{KeyType: 23, KeyValue: bytesOf(1, 16)} })
		}, NoEncryptionType},
		"a key cut short": {func(r *realm) {
			r.part = on("TGS", func(p *messages.EncKDCRepPart) { p.Key.KeyValue = p.Key.KeyValue[:8] })
		}, NoEncryptionType},
		"expired": {func(r *realm) {
			r.part = on("TGS", func(p *messages.EncKDCRepPart) { p.EndTime = time.Now().Add(-time.Minute).UTC() })
		}, TicketExpired},
		"another clock": {func(r *realm) {
			r.part = on("AS", func(p *messages.EncKDCRepPart) { p.AuthTime = time.Now().Add(time.Hour).UTC() })
		}, ClockSkew},
		"few rounds":           {func(r *realm) { r.info.S2KParams = []byte{0, 0, 0, 1} }, KDCRefused},
		"2^31 rounds":          {func(r *realm) { r.info.S2KParams = []byte{0x80, 0, 0, 0} }, KDCRefused},
		"RC4 wanted":           {func(r *realm) { r.info.EType = 23 }, NoEncryptionType},
		"another salt":         {func(r *realm) { r.info.Salt = "pepper" }, WrongPassword},
		"4 GiB":                {func(r *realm) { r.answer = func(string, []byte) []byte { return bytesOf(0xFF, 4) } }, KDCUnreachable},
		"an empty answer":      {func(r *realm) { r.answer = func(string, []byte) []byte { return make([]byte, 4) } }, KDCUnreachable},
		"cut":                  {func(r *realm) { r.answer = func(_ string, b []byte) []byte { return b[:len(b)-1] } }, KDCUnreachable},
		"hangs up":             {func(r *realm) { r.answer = func(string, []byte) []byte { return nil } }, KDCUnreachable},
		"junk":                 {func(r *realm) { r.answer = func(string, []byte) []byte { return []byte("\x00\x00\x00\x02\x6b\x80") } }, KDCForged},
		"junk in an error":     {func(r *realm) { r.answer = func(string, []byte) []byte { return []byte("\x00\x00\x00\x02\x7e\x00") } }, KDCUnreachable},
		"referred to itself":   {func(r *realm) { r.referral = map[string]string{testRealm: testRealm} }, KDCForged},
		"referred in a circle": {func(r *realm) { r.referral = map[string]string{testRealm: "OTHER.TEST", "OTHER.TEST": testRealm} }, KDCForged},
		"referred to nowhere":  {func(r *realm) { r.referral = map[string]string{testRealm: "NOWHERE.TEST"} }, UnknownRealm},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRealm(t)
			row.change(r)
			i := r.client().Initiator(testService)
			out, done, err := i.Step(t.Context(), nil)
			if out != nil || done || reasonOf(err) != row.want {
				t.Errorf("%d bytes, done %v, %v; want %v", len(out), done, err, row.want)
			}
		})
	}
}

// on changes what one kind of answer holds.
func on(kind string, f func(*messages.EncKDCRepPart)) func(string, *messages.EncKDCRepPart) {
	return func(k string, p *messages.EncKDCRepPart) {
		if k == kind {
			f(p)
		}
	}
}

func TestKDCSaysWhyItRefuses(t *testing.T) {
	for code, want := range map[int32]Reason{
		errorcode.KDC_ERR_C_PRINCIPAL_UNKNOWN: UnknownUser, errorcode.KDC_ERR_PREAUTH_FAILED: WrongPassword, errorcode.KDC_ERR_ETYPE_NOSUPP: NoEncryptionType,
		errorcode.KDC_ERR_CLIENT_REVOKED: AccountDisabled, errorcode.KDC_ERR_KEY_EXPIRED: PasswordExpired, errorcode.KRB_AP_ERR_SKEW: ClockSkew,
		errorcode.KDC_ERR_POLICY: KDCRefused, errorcode.KDC_ERR_SVC_UNAVAILABLE: KDCUnreachable, -5: KDCRefused,
	} {
		r := newRealm(t)
		r.refuse = map[string]int32{"AS": code}
		_, _, err := r.client().Initiator(testService).Step(t.Context(), nil)
		if reasonOf(err) != want || strings.Contains(err.Error(), "\x1b") || !strings.Contains(err.Error(), testRealm) {
			t.Errorf("AS %d: %v, want %v", code, err, want)
		}
	}
	for code, want := range map[int32]Reason{
		errorcode.KDC_ERR_S_PRINCIPAL_UNKNOWN: UnknownService, errorcode.KRB_AP_ERR_TKT_EXPIRED: TicketExpired,
		errorcode.KRB_AP_ERR_BAD_INTEGRITY: KDCRefused, errorcode.KRB_AP_ERR_SKEW: ClockSkew,
	} {
		r := newRealm(t)
		r.refuse = map[string]int32{testService: code}
		_, _, err := r.client().Initiator(testService).Step(t.Context(), nil)
		if reasonOf(err) != want || !strings.Contains(err.Error(), testService) {
			t.Errorf("TGS %d: %v, want %v", code, err, want)
		}
	}
}

func TestServiceOfAnotherRealmIsFound(t *testing.T) {
	for name, row := range map[string]struct {
		change  func(*realm)
		domains map[string]string
		want    []string
	}{
		"by referral": {
			func(r *realm) { r.referral = map[string]string{testRealm: "OTHER.TEST", "OTHER.TEST": "THIRD.TEST"} }, nil,
			[]string{"AS", "AS", testService + "@" + testRealm, testService + "@OTHER.TEST", testService + "@THIRD.TEST"},
		},
		"by krb5.conf": {
			func(*realm) {},
			map[string]string{".signet.test": "OTHER.TEST"},
			[]string{"AS", "AS", "krbtgt/OTHER.TEST@" + testRealm, testService + "@OTHER.TEST"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRealm(t)
			row.change(r)
			c := r.client(func(o *Options) { o.Config.Domains = row.domains })
			i, token := r.begin(c)
			answer, _ := r.accept(token, true, nil)
			if _, done, err := i.Step(t.Context(), answer); err != nil || !done {
				t.Errorf("done %v, %v", done, err)
			}
			if got := r.requests(); !slices.Equal(got, row.want) {
				t.Errorf("asked for %q, want %q", got, row.want)
			}
		})
	}
}

func TestWaitForAKDCEndsWithTheContext(t *testing.T) {
	var peer net.Conn
	c := newRealm(t).client(func(o *Options) {
		o.Dial = func(context.Context, string, string) (net.Conn, error) {
			var ours net.Conn
			ours, peer = net.Pipe()
			return ours, nil
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, _, err := c.Initiator(testService).Step(ctx, nil)
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if peer != nil {
		peer.Close()
	}
}

func TestNextKDCIsAskedIfOneIsDown(t *testing.T) {
	r := newRealm(t)
	var dialled []string
	c := r.client(func(o *Options) {
		o.Config.Realms[testRealm] = []string{"down", "[::1]:1088", "never"}
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled = append(dialled, address)
			if address == "down:88" {
				return nil, os.ErrDeadlineExceeded
			}
			return r.dial(ctx, network, address)
		}
	})
	r.begin(c)
	if want := []string{"down:88", "[::1]:1088"}; !slices.Equal(dialled[:2], want) || slices.Contains(dialled, "never:88") {
		t.Errorf("dialled %q, want %q first", dialled, want)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	o := Options{User: "ann", Password: "tulip"}
	for _, text := range []string{fmt.Sprint(o), fmt.Sprintf("%+v", o), fmt.Sprintf("%#v", &o), fmt.Sprintf("%s", []Options{o})} {
		if strings.Contains(text, "tulip") {
			t.Errorf("%q", text)
		}
	}
}

func TestTicketTooLargeForTheProtocolIsSaid(t *testing.T) {
	r := newRealm(t)
	r.rep = func(kind string, p *messages.KDCRepFields) {
		if kind == "TGS" {
			p.Ticket.EncPart.Cipher = bytesOf(1, maxToken)
		}
	}
	if _, _, err := r.client().Initiator(testService).Step(t.Context(), nil); reasonOf(err) != TicketTooLarge {
		t.Errorf("got %v", err)
	}
}
