package krb5

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/iana"
	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/iana/msgtype"
	"github.com/jcmturner/gokrb5/v8/iana/patype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// login gets a ticket-granting ticket with the user's key: the AS exchange.
// RFC 4120 3.1.
//
// The first request proves nothing, and the KDC's refusal says which key it
// wants. Nobody proves that refusal; all that follows from it is with which salt
// and how many rounds a key is made of the password, and both are bounded.
func (c *Client) login(ctx context.Context) (ticket, error) {
	realm := c.user.realm
	request, err := c.newRequest(krbtgt(realm, realm), msgtype.KRB_AS_REQ)
	if err != nil {
		return ticket{}, err
	}
	var key types.EncryptionKey
	answer, refused, err := c.sendAS(ctx, request)
	if err != nil {
		return ticket{}, err
	}
	if refused != nil && refused.ErrorCode == errorcode.KDC_ERR_PREAUTH_REQUIRED {
		if key, err = c.chooseKey(refused.EData); err != nil {
			return ticket{}, c.keyError(err)
		}
		stamp, err := c.timestamp(key)
		if err != nil {
			return ticket{}, c.keyError(err)
		}
		request.PAData = types.PADataSequence{stamp}
		if answer, refused, err = c.sendAS(ctx, request); err != nil {
			return ticket{}, err
		}
	}
	if refused != nil {
		return ticket{}, c.refusal(refused, realm, "")
	}
	var rep messages.ASRep
	if err := parse("AS-REP", answer, rep.Unmarshal); err != nil {
		return ticket{}, c.forged(realm, "", err)
	}
	if key.KeyType != rep.EncPart.EType {
		if key, err = c.keyOf(rep.EncPart.EType, infoIn(rep.PAData)); err != nil {
			return ticket{}, c.keyError(err)
		}
	}
	plain, err := decrypt(rep.EncPart, key, keyusage.AS_REP_ENCPART)
	if err != nil { // the KDC's key of the user is another one
		return ticket{}, &Error{Reason: WrongPassword, Principal: c.Principal(), Realm: realm}
	}
	return c.accept(rep.KDCRepFields, plain, request, realm)
}

// sendAS asks the user's realm.
func (c *Client) sendAS(ctx context.Context, request *messages.KDCReqFields) ([]byte, *messages.KRBError, error) {
	as := messages.ASReq{KDCReqFields: *request}
	b, err := as.Marshal()
	if err != nil {
		return nil, nil, fmt.Errorf("krb5: AS-REQ: %w", err)
	}
	return c.ask(ctx, c.user.realm, b)
}

// newRequest is a request for a ticket, for as long as the KDC gives one.
func (c *Client) newRequest(service principal, kind int) (*messages.KDCReqFields, error) {
	nonce, err := random31()
	if err != nil {
		return nil, err
	}
	return &messages.KDCReqFields{
		PVNO:    iana.PVNO,
		MsgType: kind,
		ReqBody: messages.KDCReqBody{
			KDCOptions: types.NewKrbFlags(),
			Realm:      service.realm,
			CName:      c.user.wire(nameUser),
			SName:      service.wire(nameService),
			Till:       time.Unix(0, 0).UTC(), // RFC 4120 5.4.1: as late as possible
			Nonce:      nonce,
			EType:      slices.Clone(etypes),
		},
	}, nil
}

// timestamp proves that the user has key. RFC 4120 5.2.7.2.
func (c *Client) timestamp(key types.EncryptionKey) (types.PAData, error) {
	seconds, micro := split(c.now())
	plain, err := asn1.Marshal(types.PAEncTSEnc{PATimestamp: seconds, PAUSec: micro})
	if err != nil {
		return types.PAData{}, err
	}
	sealed, err := crypto.GetEncryptedData(plain, key, keyusage.AS_REQ_PA_ENC_TIMESTAMP, 0)
	if err != nil {
		return types.PAData{}, err
	}
	b, err := sealed.Marshal()
	return types.PAData{PADataType: patype.PA_ENC_TIMESTAMP, PADataValue: b}, err
}

// split gives the whole seconds of t, and the microseconds.
func split(t time.Time) (seconds time.Time, micro int) {
	t = t.UTC()
	return t.Truncate(time.Second), t.Nanosecond() / 1000
}

// chooseKey makes the user's key of the first encryption type that the KDC
// names and that we have. eData is from the refusal. RFC 4120 5.2.7.5.
func (c *Client) chooseKey(eData []byte) (types.EncryptionKey, error) {
	var list types.PADataSequence
	if err := parse("METHOD-DATA", eData, list.Unmarshal); err != nil {
		return types.EncryptionKey{}, err
	}
	var last error
	for _, i := range infoIn(list) {
		key, err := c.keyOf(i.EType, types.ETypeInfo2{i})
		if err == nil {
			return key, nil
		}
		last = err
	}
	if last == nil {
		last = fmt.Errorf("%w: the KDC does not say which", errEtype)
	}
	return types.EncryptionKey{}, last
}

// infoIn finds what a KDC says about the user's keys.
func infoIn(list []types.PAData) (info types.ETypeInfo2) {
	for _, p := range list {
		if p.PADataType != patype.PA_ETYPE_INFO2 {
			continue
		}
		if err := parse("ETYPE-INFO2", p.PADataValue, info.Unmarshal); err != nil {
			return nil
		}
		const most = 16
		return info[:min(len(info), most)]
	}
	return nil
}

// Rounds that a KDC may ask for to make a key of a password: fewer make it
// easier to guess the password from what is sent, and more only keep us busy.
const (
	minRounds = 4096
	maxRounds = 1 << 20
)

// keyOf makes the user's key of the encryption type.
func (c *Client) keyOf(id int32, info types.ETypeInfo2) (key types.EncryptionKey, err error) {
	et, err := etypeOf(id)
	if err != nil {
		return key, err
	}
	if c.keytab != nil {
		key, ok := c.keytab.find(c.user, id)
		if !ok {
			return key, fmt.Errorf("%w %d: the keytab has no key of %q of that type", errEtype, id, c.user)
		}
		return key, checkKey(key)
	}
	salt, rounds := c.user.wire(nameUser).GetSalt(c.user.realm), et.GetDefaultStringToKeyParams()
	for _, i := range info {
		if i.EType != id {
			continue
		}
		if i.Salt != "" {
			salt = i.Salt
		}
		if len(i.S2KParams) == 4 {
			if n := binary.BigEndian.Uint32(i.S2KParams); n < minRounds || n > maxRounds {
				return key, fmt.Errorf("the KDC wants a key made in %d rounds", n)
			}
			rounds = hex.EncodeToString(i.S2KParams)
		}
		break
	}
	err = parse("password", []byte(c.password), func(p []byte) (err error) {
		key.KeyValue, err = et.StringToKey(string(p), salt, rounds)
		return err
	})
	key.KeyType = id
	return key, err
}

// keyError says why no key of the user's could be used.
func (c *Client) keyError(err error) error {
	reason := KDCRefused
	if errors.Is(err, errEtype) {
		reason = NoEncryptionType
	}
	return &Error{Reason: reason, Principal: c.Principal(), Realm: c.user.realm, Err: err}
}

// forged is the refusal of an answer that no KDC gives.
func (c *Client) forged(realm, service string, err error) error {
	return &Error{Reason: KDCForged, Principal: c.Principal(), Service: service, Realm: realm, Err: err}
}
