package krb5

import (
	"bytes"
	"context"
	"crypto/fips140"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana"
	"github.com/jcmturner/gokrb5/v8/iana/chksumtype"
	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/iana/flags"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"

	"github.com/signet-smb/signet/auth"
)

// maxToken bounds a token in bytes, both ours and the service's.
const maxToken = 60 << 10

// What the AP-REQ asks the service for, in the checksum of its authenticator.
// RFC 4121 4.1.1.1.
//
// Deviation: [MS-SMB2] 3.2.4.2.3 asks for delegation, too. A server that gets
// the user's own ticket can be the user everywhere.
const contextFlags = gssMutual | gssReplay | gssSequence | gssConf | gssInteg

const (
	gssMutual   = 0x02
	gssReplay   = 0x04
	gssSequence = 0x08
	gssConf     = 0x10
	gssInteg    = 0x20
)

// stage says what an exchange waits for.
type stage uint8

const (
	wantFirst stage = iota // nothing: it begins
	wantReply              // the AP-REP
	finished               // nothing: done or failed
)

// initiator is the client's side of one exchange. It implements
// [auth.Initiator], and what package spnego calls a signer.
type initiator struct {
	client  *Client
	service string
	stage   stage

	ticket  ticket
	subkey  types.EncryptionKey // ours
	seconds time.Time           // of the authenticator
	micro   int
	seq     int64
	ours    signing
	theirs  signing
	key     []byte // the session key; nil until done
}

// Initiator begins an exchange with service, such as "cifs/host.example". Its
// first step gets the ticket, and nothing has been sent to the service if that
// fails. Its errors are *[Error]s, or the end of the context.
func (c *Client) Initiator(service string) auth.Initiator {
	return &initiator{client: c, service: service}
}

// Step makes the AP-REQ, and then takes the AP-REP.
func (i *initiator) Step(ctx context.Context, token []byte) (out []byte, done bool, err error) {
	now := i.stage
	i.stage = finished
	switch now {
	case wantFirst:
		if fips140.Enforced() {
			return nil, false, i.fail(Unavailable, nil)
		}
		if i.ticket, err = i.client.ticketFor(ctx, i.service); err != nil {
			return nil, false, err
		}
		if out, err = i.request(); err != nil {
			return nil, false, err
		}
		i.stage = wantReply
		return out, false, nil
	case wantReply:
		if err := i.reply(token); err != nil {
			return nil, false, err
		}
		return nil, true, nil
	}
	return nil, false, errors.New("krb5: the exchange is over")
}

// SessionKey is the key of the context in full length, in a slice of its own;
// nil until done. It is the key that the service has chosen in its AP-REP or,
// if it has not, the one that we have. [MS-KILE] 3.1.1.2, RFC 4121 2.
func (i *initiator) SessionKey() []byte { return bytes.Clone(i.key) }

// GetMIC signs the one message that SPNEGO has signed.
func (i *initiator) GetMIC(message []byte) ([]byte, error) {
	if i.key == nil {
		return nil, errMIC
	}
	return i.ours.sign(message)
}

// VerifyMIC tells why mic is not the service's signature of message, or nil.
func (i *initiator) VerifyMIC(message, mic []byte) error {
	if i.key == nil {
		return errMIC
	}
	return i.theirs.verify(message, mic)
}

// request makes the AP-REQ. RFC 4120 3.2.3, RFC 4121 4.1.
func (i *initiator) request() ([]byte, error) {
	var err error
	if i.subkey, err = newKey(i.ticket.key); err != nil {
		return nil, i.fail(NoEncryptionType, err)
	}
	// The length of the channel bindings, their hash, the flags.
	sum := binary.LittleEndian.AppendUint32(nil, 16)
	sum = append(sum, make([]byte, 16)...)
	sum = binary.LittleEndian.AppendUint32(sum, contextFlags)
	a, err := i.client.authenticator(types.Checksum{CksumType: chksumtype.GSSAPI, Checksum: sum})
	if err != nil {
		return nil, err
	}
	a.SubKey = i.subkey
	i.seconds, i.micro, i.seq = a.CTime, a.Cusec, a.SeqNumber
	ap, err := messages.NewAPReq(i.ticket.ticket, i.ticket.key, a)
	if err != nil {
		return nil, i.fail(NoEncryptionType, err)
	}
	types.SetFlag(&ap.APOptions, flags.APOptionMutualRequired)
	b, err := ap.Marshal()
	if err != nil {
		return nil, fmt.Errorf("krb5: AP-REQ: %w", err)
	}
	if len(b) > maxToken {
		return nil, i.fail(TicketTooLarge, fmt.Errorf("it takes %d bytes", len(b)))
	}
	return encodeToken(tokenAPReq, b)
}

// reply takes the service's token: an AP-REP, by which it proves that it could
// open the ticket, or a KRB-ERROR. RFC 4120 3.2.5.
func (i *initiator) reply(token []byte) error {
	if len(token) > maxToken {
		return i.fail(NotProved, fmt.Errorf("a token of %d bytes", len(token)))
	}
	id, message, err := decodeToken(token)
	if err != nil {
		return i.fail(NotProved, err)
	}
	switch id {
	case tokenAPRep:
	case tokenError:
		return i.refused(message)
	default:
		return i.fail(NotProved, errToken)
	}
	if !framed(message, tagAPRep) { // the library does not look
		return i.fail(NotProved, errToken)
	}
	var rep messages.APRep
	if err := parse("AP-REP", message, rep.Unmarshal); err != nil {
		return i.fail(NotProved, err)
	}
	if rep.PVNO != iana.PVNO {
		return i.fail(NotProved, fmt.Errorf("version %d of Kerberos", rep.PVNO))
	}
	plain, err := decrypt(rep.EncPart, i.ticket.key, keyusage.AP_REP_ENCPART)
	if err != nil {
		return i.fail(NotProved, err)
	}
	var part messages.EncAPRepPart
	if err := parse("encrypted part", plain, part.Unmarshal); err != nil {
		return i.fail(NotProved, err)
	}
	if !part.CTime.Equal(i.seconds) || part.Cusec != i.micro {
		return i.fail(NotProved, errors.New("it is the answer to another request"))
	}
	return i.conclude(&part)
}

// conclude settles the keys. RFC 4121 2: the acceptor's subkey, else ours.
func (i *initiator) conclude(part *messages.EncAPRepPart) error {
	key, chosen := i.subkey, uint8(0)
	if part.Subkey.KeyType != 0 || part.Subkey.KeyValue != nil {
		if err := checkKey(part.Subkey); err != nil {
			return i.fail(NoEncryptionType, err)
		}
		key, chosen = part.Subkey, flagAcceptorSubkey
	}
	i.ours = signing{key: key, flags: chosen, seq: uint64(i.seq)}
	i.theirs = signing{key: key, flags: chosen | flagSentByAcceptor}
	i.key = bytes.Clone(key.KeyValue)
	return nil
}

// refused makes an error of the service's KRB-ERROR, which nobody proves.
func (i *initiator) refused(message []byte) error {
	e, err := krbError(message)
	if err != nil || e == nil {
		return i.fail(NotProved, errors.Join(errToken, err))
	}
	f := &Error{Reason: Refused, Principal: i.client.Principal(), Service: i.service, Code: e.ErrorCode, Text: clip(e.EText)}
	switch e.ErrorCode {
	case errorcode.KRB_AP_ERR_SKEW, errorcode.KRB_AP_ERR_TKT_NYV:
		f.Reason, f.Ours, f.Theirs = ClockSkew, i.client.now(), e.STime
	case errorcode.KRB_AP_ERR_TKT_EXPIRED:
		f.Reason, f.Ours, f.Theirs = TicketExpired, i.client.now(), i.ticket.end
	}
	return f
}

func (i *initiator) fail(r Reason, err error) error {
	return &Error{Reason: r, Principal: i.client.Principal(), Service: i.service, Err: err}
}
