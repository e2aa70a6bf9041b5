package krb5

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/jcmturner/gokrb5/v8/iana"
	"github.com/jcmturner/gokrb5/v8/iana/flags"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/iana/msgtype"
	"github.com/jcmturner/gokrb5/v8/iana/patype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// maxHops bounds the realms that a service's ticket is looked for in.
const maxHops = 8

// walk gets a ticket for service, beginning with a ticket-granting ticket of
// the user's realm. A KDC that knows the service to be elsewhere answers with a
// ticket for the KDC there. RFC 6806 8.
func (c *Client) walk(ctx context.Context, tgt ticket, service principal) (ticket, error) {
	realm, seen := c.user.realm, make(map[string]bool)
	text := strings.Join(service.name, "/")
	for range maxHops {
		seen[realm] = true
		want := principal{realm, service.name}
		if service.realm != realm && !seen[service.realm] { // krb5.conf says where it is
			want = krbtgt(service.realm, realm)
		}
		t, err := c.exchange(ctx, realm, tgt, want, text)
		if err != nil {
			return ticket{}, err
		}
		if t.service.is(service.name...) {
			return t, nil
		}
		if len(t.service.name) != 2 || !strings.EqualFold(t.service.name[0], "krbtgt") || seen[t.service.name[1]] {
			return ticket{}, c.forged(realm, text, fmt.Errorf("a ticket for %q", t.service))
		}
		tgt, realm = t, t.service.name[1]
	}
	return ticket{}, c.forged(realm, text, errors.New("referred from realm to realm without end"))
}

// exchange asks a KDC of realm for a ticket for service: the TGS exchange. RFC
// 4120 3.3. text names the service that is meant in the end.
func (c *Client) exchange(ctx context.Context, realm string, tgt ticket, service principal, text string) (ticket, error) {
	request, err := c.newRequest(service, msgtype.KRB_TGS_REQ)
	if err != nil {
		return ticket{}, err
	}
	types.SetFlag(&request.ReqBody.KDCOptions, flags.Canonicalize) // refer us
	if err := c.prove(request, tgt); err != nil {
		return ticket{}, &Error{Reason: NoEncryptionType, Principal: c.Principal(), Service: text, Realm: realm, Err: err}
	}
	tgs := messages.TGSReq{KDCReqFields: *request}
	b, err := tgs.Marshal()
	if err != nil {
		return ticket{}, fmt.Errorf("krb5: TGS-REQ: %w", err)
	}
	answer, refused, err := c.ask(ctx, realm, b)
	if err != nil {
		return ticket{}, err
	}
	if refused != nil {
		return ticket{}, c.refusal(refused, realm, text)
	}
	var rep messages.TGSRep
	if err := parse("TGS-REP", answer, rep.Unmarshal); err != nil {
		return ticket{}, c.forged(realm, text, err)
	}
	plain, err := decrypt(rep.EncPart, tgt.key, keyusage.TGS_REP_ENCPART_SESSION_KEY)
	if err != nil {
		return ticket{}, c.forged(realm, text, err)
	}
	return c.accept(rep.KDCRepFields, plain, request, realm)
}

// prove adds to request the proof that we have tgt's key.
func (c *Client) prove(request *messages.KDCReqFields, tgt ticket) error {
	body, err := request.ReqBody.Marshal()
	if err != nil {
		return err
	}
	et, err := etypeOf(tgt.key.KeyType)
	if err != nil {
		return err
	}
	sum, err := et.GetChecksumHash(tgt.key.KeyValue, body, keyusage.TGS_REQ_PA_TGS_REQ_AP_REQ_AUTHENTICATOR_CHKSUM)
	if err != nil {
		return err
	}
	auth, err := c.authenticator(types.Checksum{CksumType: et.GetHashID(), Checksum: sum})
	if err != nil {
		return err
	}
	ap, err := messages.NewAPReq(tgt.ticket, tgt.key, auth)
	if err != nil {
		return err
	}
	b, err := ap.Marshal()
	if err != nil {
		return err
	}
	request.PAData = append(request.PAData, types.PAData{PADataType: patype.PA_TGS_REQ, PADataValue: b})
	return nil
}

// authenticator says, with the time, who we are. RFC 4120 5.5.1.
func (c *Client) authenticator(sum types.Checksum) (types.Authenticator, error) {
	seconds, micro := split(c.now())
	seq, err := random31()
	return types.Authenticator{
		AVNO:      iana.PVNO,
		CRealm:    c.user.realm,
		CName:     c.user.wire(nameUser),
		Cksum:     sum,
		CTime:     seconds,
		Cusec:     micro,
		SeqNumber: int64(seq),
	}, err
}

// accept checks what a KDC has answered to request, and makes a ticket of it.
// plain is its encrypted part, opened: only who has the key can have made it.
// The ticket is for the service of request, or for the KDC of another realm. RFC
// 4120 3.1.5, 3.3.4.
func (c *Client) accept(rep messages.KDCRepFields, plain []byte, request *messages.KDCReqFields, realm string) (ticket, error) {
	body := &request.ReqBody
	service := strings.Join(body.SName.NameString, "/")
	var part messages.EncKDCRepPart
	if err := parse("encrypted part", plain, part.Unmarshal); err != nil {
		return ticket{}, c.forged(realm, service, err)
	}
	t := ticket{
		client:  c.user,
		service: principal{part.SRealm, part.SName.NameString},
		ticket:  rep.Ticket,
		key:     part.Key,
		end:     part.EndTime,
	}
	referral := request.MsgType == msgtype.KRB_TGS_REQ && len(t.service.name) == 2 && t.service.name[0] == "krbtgt"
	var wrong string
	switch {
	case part.Nonce != body.Nonce:
		wrong = "it is the answer to another request"
	case rep.CRealm != c.user.realm || !rep.CName.Equal(body.CName):
		wrong = "the ticket is somebody else's"
	case part.SRealm != realm || len(rep.Ticket.SName.NameString) == 0:
		wrong = "it comes from another realm"
	case !t.service.is(body.SName.NameString...) && !referral:
		wrong = fmt.Sprintf("the ticket is for %q", t.service)
	}
	if wrong != "" {
		return ticket{}, c.forged(realm, service, errors.New(wrong))
	}
	now := c.now()
	if request.MsgType == msgtype.KRB_AS_REQ && now.Sub(part.AuthTime).Abs() > maxSkew {
		return ticket{}, &Error{Reason: ClockSkew, Principal: c.Principal(), Realm: realm, Ours: now, Theirs: part.AuthTime}
	}
	if !t.end.After(now) {
		return ticket{}, &Error{Reason: TicketExpired, Principal: c.Principal(), Service: service, Realm: realm, Ours: now, Theirs: t.end}
	}
	if err := checkKey(t.key); err != nil {
		return ticket{}, &Error{Reason: NoEncryptionType, Principal: c.Principal(), Service: service, Realm: realm, Err: err}
	}
	return t, nil
}

// random31 is a random number of 31 bits: some KDCs take larger ones for
// negative.
func random31() (int, error) {
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, fmt.Errorf("krb5: %w", err)
	}
	return int(binary.BigEndian.Uint32(b[:]) >> 1), nil
}
