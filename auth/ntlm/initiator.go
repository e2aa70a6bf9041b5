package ntlm

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// Credentials are what a client proves itself with. The zero value asks for an
// anonymous session. They print without the secret.
type Credentials struct {
	User        string
	Domain      string // may be empty
	Password    string
	Hash        *NTHash // instead of Password
	Workstation string  // our own name; may be empty
	TargetSPN   string  // the service meant, such as cifs/host.example; may be empty

	// Ask gives the password once it is needed, instead of Password; nil: it is
	// there already.
	Ask func(ctx context.Context) (string, error)

	// Challenged is told what the server says of its system; nil: nobody is.
	Challenged func(Version)

	// IsOwn reports whether a challenge is one that this program's own server
	// has given out, [Server.Issued]: then the exchange ends. nil: there is no
	// such server.
	IsOwn func(challenge [8]byte) bool
}

// Format prints the user only.
func (c Credentials) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "%s\\%s", c.Domain, c.User)
}

// MarshalText gives the user only, to JSON logs too.
func (c Credentials) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%v", c), nil }

func (c *Credentials) anonymous() bool {
	return c.User == "" && c.Password == "" && c.Hash == nil
}

// initiator is the client's side of one exchange. It implements
// [auth.Initiator].
type initiator struct {
	credentials Credentials
	stage       stage
	negotiate   []byte // as sent, for the MIC
	session     *session
	now         func() time.Time
	rand        io.Reader
}

// NewInitiator begins an exchange as a client. What it returns also has the
// methods GetMIC and VerifyMIC, which package spnego asks for.
func NewInitiator(c Credentials) auth.Initiator {
	return &initiator{credentials: c, now: time.Now, rand: rand.Reader}
}

// requested are the flags of NEGOTIATE.
const requested = flagUnicode | flagRequestTarget | flagSign | flagSeal | flagNTLM | flagAlwaysSign |
	flagExtendedSession | flagTargetInfo | flagVersion | flag128 | flagKeyExchange | flag56

// required are the flags without which CHALLENGE is refused: what is weaker is
// a server older than 1999, or somebody who took flags away.
const required = flagUnicode | flagSign | flagExtendedSession | flagTargetInfo | flag128 | flagKeyExchange

// errRefused is the start of every error on a server's CHALLENGE.
var errRefused = errors.New("ntlm: challenge refused")

// ErrTooOld is among the errors on a CHALLENGE to which NTLMv2, with
// signatures, cannot answer.
var ErrTooOld = errors.New("the server does not offer NTLMv2")

// Step sends NEGOTIATE and then, upon CHALLENGE, AUTHENTICATE.
func (i *initiator) Step(ctx context.Context, token []byte) (out []byte, done bool, err error) {
	if err := Available(); err != nil {
		return nil, false, err
	}
	switch i.stage {
	case wantFirst:
		f := requested
		if i.credentials.anonymous() {
			f |= flagAnonymous
		}
		i.negotiate = negotiate{Flags: f}.encode()
		i.stage = wantSecond
		return i.negotiate, false, nil
	case wantSecond:
		i.stage = finished
		if len(token) > maxMessage {
			return nil, false, fmt.Errorf("%w: %d bytes", errRefused, len(token))
		}
		if ask := i.credentials.Ask; ask != nil {
			if i.credentials.Password, err = ask(ctx); err != nil {
				return nil, false, err
			}
		}
		out, err = i.answer(token)
		return out, err == nil, err
	default:
		return nil, false, errors.New("ntlm: the exchange is over")
	}
}

// SessionKey is the ExportedSessionKey, 16 bytes, in a slice of its own; nil
// until done.
func (i *initiator) SessionKey() []byte {
	if i.session == nil {
		return nil
	}
	return bytes.Clone(i.session.key[:])
}

// GetMIC signs the one message that SPNEGO has signed.
func (i *initiator) GetMIC(message []byte) ([]byte, error) {
	if i.session == nil {
		return nil, errNoSigning
	}
	return i.session.sign(clientToServer, message)
}

// VerifyMIC tells why mic is not the server's signature of message, or nil.
func (i *initiator) VerifyMIC(message, mic []byte) error {
	if i.session == nil {
		return errNoSigning
	}
	return i.session.verify(serverToClient, message, mic)
}

// answer makes the AUTHENTICATE. [MS-NLMP] 3.1.5.1.2.
func (i *initiator) answer(token []byte) ([]byte, error) {
	c, err := decodeChallenge(token)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errRefused, err)
	}
	if missing := required &^ c.Flags; missing != 0 {
		return nil, fmt.Errorf("%w: %w: flags %#08x are missing", errRefused, ErrTooOld, uint32(missing))
	}
	if c.TargetInfo.find(avNbComputerName) == nil || c.TargetInfo.find(avNbDomainName) == nil {
		return nil, fmt.Errorf("%w: it does not name its server", errRefused)
	}
	if own := i.credentials.IsOwn; own != nil && own(c.ServerChallenge) {
		return nil, ErrReflected
	}
	if told := i.credentials.Challenged; told != nil {
		told(c.Version)
	}
	s := &session{flags: requested & c.Flags, anonymous: i.credentials.anonymous()}
	m := authenticate{
		User:        i.credentials.User,
		Domain:      i.credentials.Domain,
		Workstation: i.credentials.Workstation,
		Flags:       s.flags,
	}
	if max(wire.UTF16Len(m.User), wire.UTF16Len(m.Domain), wire.UTF16Len(m.Workstation),
		wire.UTF16Len(i.credentials.TargetSPN)) > maxName {
		return nil, errors.New("ntlm: name too long")
	}

	var base [16]byte // zeros for an anonymous session
	withMIC := false
	if i.credentials.anonymous() {
		m.Flags |= flagAnonymous
		m.LMResponse = []byte{0}
	} else {
		var clientChallenge [8]byte
		if _, err := io.ReadFull(i.rand, clientChallenge[:]); err != nil {
			return nil, fmt.Errorf("ntlm: client challenge: %w", err)
		}
		now := dtyp.FileTimeOf(i.now())
		if t := c.TargetInfo.find(avTimestamp); len(t) == 8 {
			now = dtyp.FileTime(wire.NewReader(t).U64())
			withMIC = true
		}
		blob := encodeBlob(now, clientChallenge, i.attributes(c.TargetInfo, withMIC))
		key := i.hash().responseKey(m.User, m.Domain)
		p := proof(key, c.ServerChallenge, blob)
		m.NTResponse = append(p[:], blob...)
		m.LMResponse = make([]byte, 24)
		base = sessionBaseKey(key, p)
	}
	// required: the key is always exchanged.
	if _, err := io.ReadFull(i.rand, s.key[:]); err != nil {
		return nil, fmt.Errorf("ntlm: session key: %w", err)
	}
	encrypted := exchangeKey(base, s.key)
	m.EncryptedSessionKey = encrypted[:]
	if len(m.NTResponse) > maxMessage/2 {
		return nil, fmt.Errorf("%w: attributes too long", errRefused)
	}

	out := m.encode()
	if withMIC {
		mic := messagesMIC(s.key, i.negotiate, token, out)
		m.MIC = mic[:]
		out = m.encode()
	}
	i.session = s
	return out, nil
}

// hash is the hash of the password, or the one given instead.
func (i *initiator) hash() NTHash {
	if i.credentials.Hash != nil {
		return *i.credentials.Hash
	}
	return HashPassword(i.credentials.Password)
}

// attributes are the server's, returned under the client's proof, with those
// that the client adds: the promise of a MIC, no channel bindings, and the
// service that is meant.
func (i *initiator) attributes(list avPairs, withMIC bool) avPairs {
	if withMIC {
		list = list.set(avFlags, binary.LittleEndian.AppendUint32(nil, list.flags()|avFlagMIC))
	}
	list = list.set(avChannelBindings, make([]byte, 16))
	return list.setText(avTargetName, i.credentials.TargetSPN)
}
