package krb5

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/asn1tools"
	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/iana/asnAppTag"
	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/iana/msgtype"
	"github.com/jcmturner/gokrb5/v8/iana/patype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// Who is in the test realm.
const (
	testRealm    = "SIGNET.TEST"
	testUser     = "ann"
	testPassword = "tulip"
	testService  = "cifs/fs1.signet.test"
	testSalt     = "salt of ann"
)

// realm is a KDC and the services of its realm, played in this process: real
// ciphers and messages, and tickets that are numbers. What it says wrongly the
// test decides.
type realm struct {
	t     testing.TB
	etype int32
	now   func() time.Time

	info     types.ETypeInfo2Entry                        // of the user's key
	refuse   map[string]int32                             // error codes: "AS", or a service
	referral map[string]string                            // realm to realm
	part     func(kind string, p *messages.EncKDCRepPart) // changes what is sealed
	rep      func(kind string, r *messages.KDCRepFields)  // changes what is not
	answer   func(kind string, b []byte) []byte           // changes the bytes
	stime    time.Time                                    // in errors

	mu     sync.Mutex // guards what follows
	keys   map[string]types.EncryptionKey
	seen   map[string]bool // authenticators
	asked  []string
	serial int
}

// newRealm is a realm whose keys are quickly made of passwords.
func newRealm(t testing.TB) *realm {
	const quick = 18 // aes256-cts-hmac-sha1-96, 4096 rounds
	return &realm{
		t: t, etype: quick, now: time.Now, info: types.ETypeInfo2Entry{EType: quick, Salt: testSalt},
		keys: make(map[string]types.EncryptionKey), seen: make(map[string]bool),
	}
}

// client is a client of the realm, by password.
func (r *realm) client(change ...func(*Options)) *Client {
	r.t.Helper()
	o := Options{
		User: testUser, Password: testPassword, Dial: r.dial, Now: r.now,
		Config: &Config{DefaultRealm: testRealm, Realms: map[string][]string{testRealm: {"kdc"}, "OTHER.TEST": {"kdc"}, "THIRD.TEST": {"kdc"}}, NoDNS: true},
	}
	for _, f := range change {
		f(&o)
	}
	c, err := NewClient(o)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// dial connects to the KDC, whichever address that has.
func (r *realm) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		var n [4]byte
		if _, err := io.ReadFull(theirs, n[:]); err != nil {
			return
		}
		b := make([]byte, binary.BigEndian.Uint32(n[:]))
		if _, err := io.ReadFull(theirs, b); err != nil {
			return
		}
		out := r.serve(b)
		_, _ = theirs.Write(out) // the client may have gone
	}()
	return ours, nil
}

// serve answers one request, framed.
func (r *realm) serve(b []byte) []byte {
	kind, out := "AS", []byte(nil)
	var as messages.ASReq
	var tgs messages.TGSReq
	if err := as.Unmarshal(b); err == nil {
		out = r.login(&as)
	} else if err := tgs.Unmarshal(b); err == nil {
		kind, out = "TGS", r.grant(&tgs)
	} else {
		r.t.Errorf("the KDC cannot read the request: %v", err)
	}
	framed := append(binary.BigEndian.AppendUint32(nil, uint32(len(out))), out...)
	if r.answer != nil {
		framed = r.answer(kind, framed)
	}
	return framed
}

func (r *realm) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, what)
}

// failed makes a KRB-ERROR.
func (r *realm) failed(code int32, data []byte) []byte {
	e := messages.NewKRBError(types.PrincipalName{NameType: 2, NameString: []string{"x"}}, testRealm, code, "said \x1b[31mso")
	e.EData = data
	if !r.stime.IsZero() {
		e.STime = r.stime
	}
	b, err := e.Marshal()
	if err != nil {
		r.t.Error(err)
	}
	return b
}

func (r *realm) userKey() types.EncryptionKey {
	et, err := etypeOf(r.etype)
	if err != nil {
		r.t.Fatal(err)
	}
	b, err := et.StringToKey(testPassword, testSalt, et.GetDefaultStringToKeyParams())
	if err != nil {
		r.t.Fatal(err)
	}
	return types.EncryptionKey{KeyType: r.etype, KeyValue: b}
}

func (r *realm) login(q *messages.ASReq) []byte {
	r.note("AS")
	if code := r.refuse["AS"]; code != 0 {
		return r.failed(code, nil)
	}
	key := r.userKey()
	for _, p := range q.PAData {
		if p.PADataType != patype.PA_ENC_TIMESTAMP {
			continue
		}
		var sealed types.EncryptedData
		if err := sealed.Unmarshal(p.PADataValue); err != nil {
			r.t.Error(err)
		}
		if _, err := decrypt(sealed, key, keyusage.AS_REQ_PA_ENC_TIMESTAMP); err != nil {
			return r.failed(errorcode.KDC_ERR_PREAUTH_FAILED, nil)
		}
		return r.ticket("AS", &q.KDCReqFields, key, keyusage.AS_REP_ENCPART, q.ReqBody.SName)
	}
	info, err := asn1.Marshal(types.ETypeInfo2{r.info})
	if err != nil {
		r.t.Error(err)
	}
	data, err := asn1.Marshal(types.PADataSequence{{PADataType: patype.PA_ETYPE_INFO2, PADataValue: info}})
	if err != nil {
		r.t.Error(err)
	}
	return r.failed(errorcode.KDC_ERR_PREAUTH_REQUIRED, data)
}

func (r *realm) grant(q *messages.TGSReq) []byte {
	service, in := q.ReqBody.SName.PrincipalNameString(), q.ReqBody.Realm
	r.note(service + "@" + in)
	if code := r.refuse[service]; code != 0 {
		return r.failed(code, nil)
	}
	var ap messages.APReq
	if len(q.PAData) != 1 {
		r.t.Fatalf("PA-DATA %v", q.PAData)
	}
	if err := ap.Unmarshal(q.PAData[0].PADataValue); err != nil {
		r.t.Error(err)
	}
	key := r.keyOf(ap.Ticket)
	if err := ap.DecryptAuthenticator(key); err != nil {
		r.t.Errorf("TGS-REQ: %v", err)
	}
	name := q.ReqBody.SName
	if to := r.referral[in]; to != "" {
		name = types.PrincipalName{NameType: 2, NameString: []string{"krbtgt", to}}
	}
	return r.ticket("TGS", &q.KDCReqFields, key, keyusage.TGS_REP_ENCPART_SESSION_KEY, name)
}

// ticket makes an answer to q that key opens.
func (r *realm) ticket(kind string, q *messages.KDCReqFields, key types.EncryptionKey, usage uint32, name types.PrincipalName) []byte {
	session, err := newKey(types.EncryptionKey{KeyType: r.etype})
	if err != nil {
		r.t.Error(err)
	}
	r.mu.Lock()
	r.serial++
	cipher := fmt.Sprintf("ticket %d", r.serial)
	r.keys[cipher] = session
	r.mu.Unlock()
	now := r.now().UTC().Truncate(time.Second)
	part := messages.EncKDCRepPart{
		Key: session, Nonce: q.ReqBody.Nonce, Flags: types.NewKrbFlags(), LastReqs: []messages.LastReq{{LRValue: now}},
		AuthTime: now, EndTime: now.Add(10 * time.Hour), SRealm: q.ReqBody.Realm, SName: name,
	}
	if r.part != nil {
		r.part(kind, &part)
	}
	plain, err := part.Marshal()
	if err != nil {
		r.t.Error(err)
	}
	sealed, err := crypto.GetEncryptedData(plain, key, usage, 1)
	if err != nil {
		r.t.Error(err)
	}
	rep := messages.KDCRepFields{
		PVNO: 5, MsgType: msgtype.KRB_AS_REP, CRealm: testRealm, CName: q.ReqBody.CName, EncPart: sealed,
		Ticket: messages.Ticket{TktVNO: 5, Realm: q.ReqBody.Realm, SName: name, EncPart: types.EncryptedData{EType: r.etype, KVNO: 1, Cipher: []byte(cipher)}},
	}
	if kind == "TGS" {
		rep.MsgType = msgtype.KRB_TGS_REP
	}
	if r.rep != nil {
		r.rep(kind, &rep)
	}
	var out []byte
	if kind == "TGS" {
		out, err = (&messages.TGSRep{KDCRepFields: rep}).Marshal()
	} else {
		out, err = (&messages.ASRep{KDCRepFields: rep}).Marshal()
	}
	if err != nil {
		r.t.Error(err)
	}
	return out
}

// keyOf is the session key in a ticket.
func (r *realm) keyOf(t messages.Ticket) types.EncryptionKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keys[string(t.EncPart.Cipher)]
}

// requests are what the KDC was asked for.
func (r *realm) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.asked)
}

// accepted is a service's side of a completed exchange.
type accepted struct {
	request messages.APReq
	key     types.EncryptionKey
	subkey  bool
}

// signing is how the service signs.
func (a *accepted) signing() signing {
	s := signing{key: a.key, flags: flagSentByAcceptor, seq: 77}
	if a.subkey {
		s.flags |= flagAcceptorSubkey
	}
	return s
}

// accept is a service: it takes an AP-REQ and answers. sealWith, if it is not
// nil, is used instead of the ticket's key; subkey tells whether it chooses one.
func (r *realm) accept(token []byte, subkey bool, sealWith *types.EncryptionKey) ([]byte, *accepted) {
	r.t.Helper()
	id, message, err := decodeToken(token)
	if err != nil || id != tokenAPReq {
		r.t.Fatalf("AP-REQ: %v, %v", id, err)
	}
	a := new(accepted)
	if err := a.request.Unmarshal(message); err != nil {
		r.t.Fatal(err)
	}
	key := r.keyOf(a.request.Ticket)
	if err := a.request.DecryptAuthenticator(key); err != nil {
		r.t.Fatalf("authenticator: %v", err)
	}
	r.mu.Lock()
	replay := r.seen[string(a.request.EncryptedAuthenticator.Cipher)]
	r.seen[string(a.request.EncryptedAuthenticator.Cipher)] = true
	r.mu.Unlock()
	if replay {
		return r.errorToken(errorcode.KRB_AP_ERR_REPEAT), nil
	}
	auth := &a.request.Authenticator
	part := messages.EncAPRepPart{CTime: auth.CTime, Cusec: auth.Cusec, SequenceNumber: 77}
	a.key = auth.SubKey
	if subkey {
		if part.Subkey, err = newKey(key); err != nil {
			r.t.Fatal(err)
		}
		a.key, a.subkey = part.Subkey, true
	}
	if sealWith == nil {
		sealWith = &key
	}
	return r.apRep(part, *sealWith), a
}

// apRep makes an AP-REP token.
func (r *realm) apRep(part messages.EncAPRepPart, key types.EncryptionKey) []byte {
	plain, err := asn1.Marshal(part)
	if err != nil {
		r.t.Fatal(err)
	}
	sealed, err := crypto.GetEncryptedData(asn1tools.AddASNAppTag(plain, asnAppTag.EncAPRepPart), key, keyusage.AP_REP_ENCPART, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	b, err := asn1.Marshal(messages.APRep{PVNO: 5, MsgType: msgtype.KRB_AP_REP, EncPart: sealed})
	if err != nil {
		r.t.Fatal(err)
	}
	token, err := encodeToken(tokenAPRep, asn1tools.AddASNAppTag(b, asnAppTag.APREP))
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// errorToken is a KRB-ERROR of a service.
func (r *realm) errorToken(code int32) []byte {
	token, err := encodeToken(tokenError, r.failed(code, nil))
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// begin makes an initiator and its AP-REQ.
func (r *realm) begin(c *Client) (*initiator, []byte) {
	r.t.Helper()
	i := c.Initiator(testService).(*initiator)
	token, done, err := i.Step(r.t.Context(), nil)
	if err != nil || done {
		r.t.Fatalf("AP-REQ: done %v, %v", done, err)
	}
	return i, token
}

// reasonOf is the reason in err; 0 if there is none.
func reasonOf(err error) Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return 0
}

// bytesOf repeats a byte.
func bytesOf(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }

// hasPrefix reports whether a text begins so, for tests that compare lists.
func hasPrefix(list []string, prefix string) int {
	n := 0
	for _, s := range list {
		if strings.HasPrefix(s, prefix) {
			n++
		}
	}
	return n
}
