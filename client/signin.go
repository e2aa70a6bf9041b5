package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/policy"
)

// signIn is one exchange in which the user proves who it is.
type signIn struct {
	auth.Initiator
	server      string
	credentials Credentials
	kerberos    Kerberos // nil: it is not offered
	service     string   // that Kerberos is asked for
	why         error    // why Kerberos is not offered, though the Dialer has it
}

// begin starts the exchange, Kerberos first, and makes its first token. Getting
// a ticket may take other servers' answers; this one is sent nothing.
func (d *Dialer) begin(ctx context.Context, s *settings, server string) (i *signIn, token []byte, done bool, err error) {
	i = &signIn{server: server, credentials: d.Credentials, kerberos: d.Kerberos}
	refused := d.ntlmRefused(s, server)
	if d.Kerberos != nil {
		var offers []spnego.Offer
		if i.service, err = d.service(server); err == nil {
			offers = i.offers(d, refused == nil)
			i.Initiator = spnego.NewInitiator(offers...)
			token, done, err = i.Step(ctx, nil)
		}
		if err == nil || ctx.Err() != nil {
			return i, token, done, err
		}
		if refused != nil || anonymous(d.Credentials) {
			return nil, nil, false, err
		}
		i.kerberos, i.why = nil, err
	}
	if refused != nil {
		return nil, nil, false, refused
	}
	if err := ntlm.Available(); err != nil {
		return nil, nil, false, err
	}
	i.Initiator = spnego.NewInitiator(i.offerNTLM())
	token, done, err = i.Step(ctx, nil)
	return i, token, done, err
}

// offers are Kerberos under both its names and, where it may be, NTLM. A server
// that takes NTLM has to sign that the list came as it was sent.
func (i *signIn) offers(d *Dialer, ntlmAllowed bool) []spnego.Offer {
	k := d.Kerberos.Initiator(i.service)
	list := []spnego.Offer{{OID: spnego.MSKerberos, Initiator: k}, {OID: spnego.Kerberos, Initiator: k}}
	if ntlmAllowed && !anonymous(d.Credentials) && ntlm.Available() == nil {
		list = append(list, i.offerNTLM())
	}
	return list
}

// offerNTLM is NTLM with the service that is meant.
func (i *signIn) offerNTLM() spnego.Offer {
	c := i.credentials
	if c.TargetSPN == "" && !anonymous(c) {
		c.TargetSPN = "cifs/" + i.server
	}
	return spnego.Offer{OID: spnego.NTLMSSP, Initiator: ntlm.NewInitiator(c)}
}

// after is the Dialer that signs in again where old did before. A session by
// Kerberos does not go on by NTLM: whoever can cut connections, or keep us from
// the KDC, must not get the user's answer to a challenge for it.
func (d *Dialer) after(old *session) *Dialer {
	if old.mechanism != kerberosName {
		return d
	}
	strict := *d
	strict.RefuseNTLM = true
	return &strict
}

// ntlmRefused is why NTLM must not be spoken with server; nil if it may.
func (d *Dialer) ntlmRefused(s *settings, server string) error {
	switch {
	case d.RefuseNTLM:
		return &Refusal{
			Server: server, Rule: RuleNTLMToStranger,
			Reason: "Another server has named this one, and NTLM goes only to servers that the user has named; Kerberos is not possible. Use the server's own name.",
		}
	case s.ntlmBlocked(server):
		return &Refusal{
			Server: server, Rule: RuleBlockNTLM,
			Reason: "client.BlockNTLM is True, and there is no Kerberos ticket in use. Get one with kinit.",
			Remedies: []Remedy{
				{On: thisClient, Setting: policyName(policy.BlockNTLMServerExceptionList), Value: server},
				{On: thisClient, Setting: policyName(policy.BlockNTLM), Value: "False"},
			},
		}
	}
	return nil
}

// byKerberos reports whether the exchange is one of Kerberos, so far as is
// known.
func (i *signIn) byKerberos() bool {
	return i.kerberos != nil && spnego.Chosen(i.Initiator) != spnego.NTLMSSP
}

// kerberosName is what [SessionInfo.Mechanism] calls Kerberos.
const kerberosName = "Kerberos"

// mechanism names what the exchange has come to.
func (i *signIn) mechanism() string {
	if i.byKerberos() {
		return kerberosName
	}
	return "NTLMv2"
}

// user is who signs in.
func (i *signIn) user() string {
	if i.byKerberos() {
		return i.kerberos.Principal()
	}
	return i.credentials.User
}

// identity is as whom the user wants to be taken.
func (i *signIn) identity() policy.Identity {
	if !i.byKerberos() && anonymous(i.credentials) {
		return policy.Anonymous
	}
	return policy.User
}

// failure makes err, with which the server has ended the exchange, tell what was
// refused.
func (i *signIn) failure(err error) error {
	if i.byKerberos() {
		return &TicketError{Service: i.service, Principal: i.user(), Err: err}
	}
	return err
}

// fallback is why NTLM was spoken although there is Kerberos; nil if it was not.
func (i *signIn) fallback() error {
	switch {
	case i.why != nil:
		return i.why
	case i.kerberos != nil && !i.byKerberos():
		return errServerTookNTLM
	}
	return nil
}

// errServerTookNTLM is a reason of [SessionInfo.NTLMReason].
var errServerTookNTLM = errors.New("the server does not take Kerberos")

// auditNTLM tells of a sign-in by NTLM where Kerberos was to be used.
func (s *session) auditNTLM() {
	if s.ntlmReason == nil {
		return
	}
	s.conn.raise(event.NTLMFallback, s.ntlmReason.Error())
	s.conn.log.Warn("signed in by NTLM instead of Kerberos", slog.String("server", s.conn.server), slog.Any("err", s.ntlmReason))
}

// TicketError says that a server does not take the Kerberos ticket. It wraps
// the [ntstatus.Status] that the server answered.
type TicketError struct {
	Service   string // cifs/host.example
	Principal string // who signs in
	Err       error
}

// Error says who is refused where, and what may be wrong.
func (e *TicketError) Error() string {
	return fmt.Sprintf("the server refuses the Kerberos ticket of %q for %q: %v; it may not take Kerberos, its keytab may be older than the ticket, or it may not know the user",
		e.Principal, e.Service, e.Err)
}

// Unwrap gives what the server answered.
func (e *TicketError) Unwrap() error { return e.Err }
