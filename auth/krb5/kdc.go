package krb5

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/messages"
)

// kdcPort is where KDCs listen, and kdcTimeout how long one of them may take.
const (
	kdcPort    = "88"
	kdcTimeout = 10 * time.Second
	maxKDCs    = 16
)

// kdcs are the addresses of the KDCs of realm: those of krb5.conf or, if it has
// none, those that DNS knows. RFC 4120 7.2.3.
func (c *Client) kdcs(ctx context.Context, realm string) ([]string, error) {
	list := c.config.Realms[realm]
	if len(list) == 0 && !c.config.NoDNS && validRealm(realm) {
		_, records, err := net.DefaultResolver.LookupSRV(ctx, "kerberos", "tcp", realm)
		if err != nil {
			return nil, &Error{Reason: UnknownRealm, Realm: realm, Err: err}
		}
		for _, r := range records[:min(len(records), maxKDCs)] {
			list = append(list, net.JoinHostPort(strings.TrimSuffix(r.Target, "."), fmt.Sprint(r.Port)))
		}
	}
	if len(list) == 0 {
		return nil, &Error{Reason: UnknownRealm, Realm: realm}
	}
	return list, nil
}

// validRealm reports whether realm can be a name of DNS; a server may have
// sent it.
func validRealm(realm string) bool {
	return len(realm) < 256 && !strings.ContainsFunc(realm, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '.' && r != '-' && r != '_'
	})
}

// ask sends request to the KDCs of realm, one after the other until one
// answers. A KRB-ERROR is an answer: it comes back as krbErr.
func (c *Client) ask(ctx context.Context, realm string, request []byte) (answer []byte, krbErr *messages.KRBError, err error) {
	list, err := c.kdcs(ctx, realm)
	if err != nil {
		return nil, nil, err
	}
	var failures []error
	for _, address := range list {
		answer, err := c.askOne(ctx, address, request)
		if err == nil {
			krbErr, err = krbError(answer)
			if krbErr != nil && krbErr.ErrorCode == errorcode.KDC_ERR_SVC_UNAVAILABLE {
				err = errors.New("it is out of service")
			} else if err == nil {
				return answer, krbErr, nil
			}
		}
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		failures = append(failures, fmt.Errorf("%s: %w", address, err))
	}
	return nil, nil, &Error{Reason: KDCUnreachable, Realm: realm, Err: errors.Join(failures...)}
}

// askOne asks one KDC, over TCP. RFC 4120 7.2.2.
func (c *Client) askOne(ctx context.Context, address string, request []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, kdcTimeout)
	defer cancel()
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), kdcPort)
	}
	nc, err := c.dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	// The end of ctx, which its time-out brings at the latest, ends the wait.
	stop := context.AfterFunc(ctx, func() { _ = nc.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	framed := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(request)), uint32(len(request)))
	if _, err := nc.Write(append(framed, request...)); err != nil {
		return nil, err
	}
	var length [4]byte
	if _, err := io.ReadFull(nc, length[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n == 0 || n > maxMessage {
		return nil, fmt.Errorf("an answer of %d bytes", n)
	}
	answer := make([]byte, n)
	_, err = io.ReadFull(nc, answer)
	return answer, err
}

// tagKRBError begins a KRB-ERROR: [APPLICATION 30].
const tagKRBError = 0x60 | 30

// krbError reads answer if it is a KRB-ERROR; nil if it is something else.
func krbError(answer []byte) (*messages.KRBError, error) {
	if len(answer) == 0 || answer[0] != tagKRBError {
		return nil, nil
	}
	var e messages.KRBError
	if err := parse("KRB-ERROR", answer, e.Unmarshal); err != nil {
		return nil, err
	}
	return &e, nil
}

// refusal makes an Error of what a KDC says. Nobody proves a KRB-ERROR: it
// never leads to anything but a failure, or a further try with the same secret.
func (c *Client) refusal(e *messages.KRBError, realm, service string) *Error {
	f := &Error{Reason: KDCRefused, Principal: c.Principal(), Service: service, Realm: realm, Code: e.ErrorCode, Text: clip(e.EText)}
	switch e.ErrorCode {
	case errorcode.KDC_ERR_C_PRINCIPAL_UNKNOWN:
		f.Reason = UnknownUser
	case errorcode.KDC_ERR_S_PRINCIPAL_UNKNOWN:
		f.Reason = UnknownService
	case errorcode.KDC_ERR_ETYPE_NOSUPP:
		f.Reason = NoEncryptionType
	case errorcode.KDC_ERR_CLIENT_REVOKED, errorcode.KDC_ERR_NAME_EXP:
		f.Reason = AccountDisabled
	case errorcode.KDC_ERR_KEY_EXPIRED:
		f.Reason = PasswordExpired
	case errorcode.KDC_ERR_PREAUTH_FAILED, errorcode.KRB_AP_ERR_BAD_INTEGRITY:
		f.Reason = WrongPassword
		if service != "" { // the ticket-granting ticket is wrong then, not the password
			f.Reason = KDCRefused
		}
	case errorcode.KRB_AP_ERR_TKT_EXPIRED:
		f.Reason, f.Ours, f.Theirs = TicketExpired, c.now(), e.STime
	case errorcode.KRB_AP_ERR_SKEW, errorcode.KDC_ERR_NEVER_VALID, errorcode.KRB_AP_ERR_TKT_NYV:
		f.Reason, f.Ours, f.Theirs = ClockSkew, c.now(), e.STime
	}
	return f
}

// clip bounds a text that a peer sent.
func clip(text string) string {
	const most = 256
	return text[:min(len(text), most)]
}
