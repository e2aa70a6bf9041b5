package spnego

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"

	"github.com/signet-smb/signet/auth"
)

// Offer is a mechanism that a client is ready to use. One that has two
// identifiers, as Kerberos does, is two offers with one Initiator.
type Offer struct {
	OID       OID
	Initiator auth.Initiator // of one exchange
}

// initiator is the client's side of one exchange. It implements
// [auth.Initiator].
type initiator struct {
	offers   []Offer
	stage    stage
	legs     int
	mechList []byte
	first    []byte // the first mechanism's token, which went out with the offer

	chosen      int  // index in offers
	answered    bool // the server has said which mechanism it takes
	contextDone bool // the mechanism needs nothing more
	micRequired bool // ours and the server's
	micSent     bool
	micChecked  bool
	done        bool
}

// NewInitiator begins an exchange as a client that offers at least one
// mechanism, the preferred one first. The first one's token goes out with the
// offer.
func NewInitiator(offers ...Offer) auth.Initiator { return &initiator{offers: offers} }

// Errors of a client's exchange.
var (
	errRejected = errors.New("spnego: the server rejects the logon")
	errMIC      = errors.New("spnego: the list of mechanisms is not signed by the server")
)

// Step takes the server's token and makes ours. It is done when the server has
// accepted and, where that is required, has signed the list of mechanisms.
func (i *initiator) Step(ctx context.Context, token []byte) (out []byte, done bool, err error) {
	i.legs++
	switch {
	case len(i.offers) == 0:
		err = errors.New("spnego: no mechanism to offer")
	case len(token) > maxToken || i.legs > maxLegs:
		err = errMalformed
	case i.stage == wantFirst:
		out, err = i.open(ctx)
	case i.stage == wantResp:
		out, err = i.respond(ctx, token)
	default:
		err = errors.New("spnego: the exchange is over")
	}
	if err != nil {
		i.stage = finished
		return nil, false, err
	}
	return out, i.done, nil
}

// SessionKey is the mechanism's session key, once done.
func (i *initiator) SessionKey() []byte {
	if !i.done {
		return nil
	}
	return i.context().SessionKey()
}

// Protection implements [auth.Protector], if the mechanism does.
func (i *initiator) Protection(sealing bool) (auth.Protection, error) {
	if !i.done {
		return nil, errNoProtection
	}
	return protectionOf(i.context(), i.done, sealing)
}

// Chosen is the mechanism that an exchange of [NewInitiator] is in: the first
// offered, until the server takes another. "" if i is something else.
func Chosen(i auth.Initiator) OID {
	if i, ok := i.(*initiator); ok && i.chosen < len(i.offers) {
		return i.offers[i.chosen].OID
	}
	return ""
}

func (i *initiator) context() auth.Initiator { return i.offers[i.chosen].Initiator }

func (i *initiator) open(ctx context.Context) ([]byte, error) {
	var m negTokenInit
	for _, o := range i.offers {
		m.MechTypes = append(m.MechTypes, o.OID)
	}
	b := cryptobyte.NewBuilder(nil)
	addMechTypes(b, m.MechTypes)
	var err error
	if i.mechList, err = b.Bytes(); err != nil {
		return nil, fmt.Errorf("spnego: %w", err)
	}
	if m.MechToken, i.contextDone, err = i.context().Step(ctx, nil); err != nil {
		return nil, err
	}
	i.first = m.MechToken
	i.stage = wantResp
	return m.encode()
}

// respond takes a NegTokenResp.
func (i *initiator) respond(ctx context.Context, token []byte) ([]byte, error) {
	m := negTokenResp{State: acceptCompleted}
	if len(token) > 0 || !i.contextDone {
		// Old servers say by an empty token that nothing more is to be said.
		var err error
		if m, err = decodeResp(token); err != nil {
			return nil, err
		}
	}
	if m.State == rejected {
		return nil, errRejected
	}
	if m.State == requestMIC {
		i.micRequired = true
	}
	feed := m.ResponseToken
	if !i.answered { // later supportedMech fields are ignored: [MS-SPNG] 3.3.5
		i.answered = true
		if err := i.choose(m); err != nil {
			return nil, err
		}
		switch {
		case i.chosen == 0:
		case i.context() != i.offers[0].Initiator:
			feed = nil // the new mechanism starts
		case feed == nil && m.State != acceptCompleted:
			// The server has not looked at the token, which bore another name.
			return negTokenResp{State: stateAbsent, ResponseToken: i.first}.encode()
		}
	}

	var out negTokenResp
	out.State = stateAbsent
	if !i.contextDone {
		var err error
		if m.State == acceptCompleted && feed == nil {
			return nil, fmt.Errorf("%w: accepted before the mechanism was", errMalformed)
		}
		if out.ResponseToken, i.contextDone, err = i.context().Step(ctx, feed); err != nil {
			return nil, err
		}
	} else if m.ResponseToken != nil {
		return nil, fmt.Errorf("%w: the mechanism expects no token", errMalformed)
	}
	if !i.contextDone {
		return out.encode()
	}
	return i.conclude(m, out)
}

// choose notes which mechanism the server takes.
func (i *initiator) choose(m negTokenResp) error {
	if m.SupportedMech == "" || m.SupportedMech == i.offers[0].OID {
		return nil
	}
	for n, o := range i.offers {
		if o.OID == m.SupportedMech {
			i.chosen = n
			if o.Initiator == i.offers[0].Initiator {
				return nil // the same by its other name
			}
			i.contextDone = false
			i.micRequired = true
			return nil
		}
	}
	return fmt.Errorf("spnego: the server takes a mechanism that was not offered: %v", m.SupportedMech)
}

// conclude checks and makes the signatures of the list of mechanisms once the
// mechanism is done. RFC 4178 5. Ours is sent whenever the mechanism can sign.
func (i *initiator) conclude(m, out negTokenResp) ([]byte, error) {
	signer, _ := i.context().(Signer)
	if m.MechListMIC != nil {
		if signer == nil {
			return nil, errMIC
		}
		if err := signer.VerifyMIC(i.mechList, m.MechListMIC); err != nil {
			return nil, fmt.Errorf("%w: %w", errMIC, err)
		}
		i.micChecked = true
	}
	if !i.micSent && m.State != acceptCompleted {
		i.micSent = true
		mic, err := []byte(nil), errors.New("the mechanism cannot sign")
		if signer != nil {
			mic, err = signer.GetMIC(i.mechList)
		}
		if err != nil && i.micRequired {
			return nil, fmt.Errorf("%w: %w", errMIC, err)
		}
		out.MechListMIC = mic
	}
	if m.State == acceptCompleted && out.ResponseToken == nil {
		if i.micRequired && !i.micChecked {
			return nil, errMIC
		}
		i.stage = finished
		i.done = true
		return nil, nil
	}
	return out.encode()
}
