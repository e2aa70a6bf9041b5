package client_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// tickets plays Kerberos with tickets of one word: the service's name.
type tickets struct {
	err  error // instead of a ticket
	only int   // after so many there are none; 0: there is no end

	mu    sync.Mutex
	asked []string // the services, in order
}

var errNoMore = errors.New("no more tickets")

func (k *tickets) Principal() string { return "ann@TEST" }

func (k *tickets) Initiator(service string) auth.Initiator {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = append(k.asked, service)
	i := &ticketInitiator{service: service, err: k.err}
	if k.only > 0 && len(k.asked) > k.only {
		i.err = errNoMore
	}
	return i
}

// ticketInitiator is one exchange: the ticket goes out, "proved" comes back.
type ticketInitiator struct {
	service string
	err     error
	legs    int
}

var errNotProved = errors.New("the server has not the ticket's key")

func (i *ticketInitiator) Step(_ context.Context, token []byte) ([]byte, bool, error) {
	if i.legs++; i.legs == 1 {
		return []byte(i.service), false, i.err
	}
	if string(token) != "proved" {
		return nil, false, errNotProved
	}
	return nil, true, nil
}

func (i *ticketInitiator) SessionKey() []byte { return []byte("0123456789abcdef0123456789abcdef") }

func (i *ticketInitiator) GetMIC([]byte) ([]byte, error) { return []byte("mic"), nil }
func (i *ticketInitiator) VerifyMIC(_, mic []byte) error { return nil }

// ticketAcceptor is a server's side of it.
type ticketAcceptor struct {
	ticketInitiator
	oid    spnego.OID
	answer string          // "" is "proved"
	status ntstatus.Status // instead
	got    string
}

func (a *ticketAcceptor) Accept(_ context.Context, token []byte) ([]byte, bool, error) {
	a.got = string(token)
	if a.status != ntstatus.Success {
		return nil, false, a.status
	}
	if a.answer != "" {
		return []byte(a.answer), true, nil
	}
	return []byte("proved"), true, nil
}

func (a *ticketAcceptor) Identity() *auth.Identity { return &auth.Identity{Kind: auth.User} }

// kerberosDialer signs in by k, and by the user's password where that is
// allowed.
func kerberosDialer(t *testing.T, k client.Kerberos, values ...string) (*client.Dialer, *recorder) {
	t.Helper()
	d, events := dialer(), new(recorder)
	d.Kerberos, d.Policy, d.Events = k, set(t, values...), events
	return d, events
}

// signIn signs in on s as HOST by d.
func signIn(t *testing.T, d *client.Dialer, s *rogue, host string) (client.SessionInfo, error) {
	t.Helper()
	session, err := d.DialConn(bounded(t), s.start(t), host)
	if err != nil {
		return client.SessionInfo{}, err
	}
	t.Cleanup(func() { session.Close() })
	return session.Info(), nil
}

func TestKerberosComesBeforeNTLM(t *testing.T) {
	for _, oid := range []spnego.OID{spnego.Kerberos, spnego.MSKerberos} {
		k := &tickets{}
		d, events := kerberosDialer(t, k)
		s := &rogue{kerberos: &ticketAcceptor{oid: oid}}
		i, err := signIn(t, d, s, "Fs1.Example.")
		if err != nil {
			t.Fatalf("%v: %v", oid, err)
		}
		if i.Mechanism != "Kerberos" || i.User != "ann@TEST" || i.NTLMReason != nil || !i.Signed || s.kerberos.got != "cifs/fs1.example" {
			t.Errorf("%v: %+v, ticket %q", oid, i, s.kerberos.got)
		}
		if len(events.seen()) != 0 {
			t.Errorf("%v: events %v", oid, events.seen())
		}
		if n := len(slices.DeleteFunc(s.commands(), func(c smb2.Command) bool { return c != smb2.CommandSessionSetup })); (n == 1) != (oid == spnego.MSKerberos) {
			t.Errorf("%v: %d legs", oid, n)
		}
	}
}

func TestKerberosNeedsNoPasswordAndNoNTLM(t *testing.T) {
	k := &tickets{}
	d, _ := kerberosDialer(t, k, "client.BlockNTLM", "True")
	d.Credentials = client.Credentials{}
	d.RefuseNTLM = true
	i, err := signIn(t, d, &rogue{kerberos: &ticketAcceptor{oid: spnego.MSKerberos}}, "fs1")
	if err != nil || i.Mechanism != "Kerberos" {
		t.Errorf("%+v, %v", i, err)
	}
}

// What fails before the server has been sent anything leads to NTLM, if that
// may be, and is told.
func TestNTLMInsteadOfKerberosIsTold(t *testing.T) {
	broken := errors.New("no ticket today")
	for name, c := range map[string]struct {
		tickets *tickets
		rogue   *rogue
		host    string
		reason  string
	}{
		"no ticket":         {&tickets{err: broken}, &rogue{}, "fs1", "no ticket today"},
		"an address":        {&tickets{}, &rogue{}, "192.0.2.7", "An address has no Kerberos ticket"},
		"an IPv6 address":   {&tickets{}, &rogue{}, "fe80::1%eth0", "An address has no Kerberos ticket"},
		"the server has no": {&tickets{}, &rogue{}, "fs1", "the server does not take Kerberos"},
	} {
		t.Run(name, func(t *testing.T) {
			d, events := kerberosDialer(t, c.tickets)
			i, err := signIn(t, d, c.rogue, c.host)
			if err != nil {
				t.Fatal(err)
			}
			if i.Mechanism != "NTLMv2" || i.User != d.Credentials.User || i.NTLMReason == nil || !strings.Contains(i.NTLMReason.Error(), c.reason) {
				t.Errorf("%+v", i)
			}
			if got := events.seen(); len(got) != 1 || got[0] != event.NTLMFallback.Name {
				t.Errorf("events %v", got)
			}
			if strings.Contains(c.host, ".") && len(c.tickets.asked) > 0 {
				t.Errorf("asked for %v", c.tickets.asked)
			}
		})
	}
}

func TestNTLMIsNotSpokenWhereItIsNotAllowed(t *testing.T) {
	broken := errors.New("no ticket today")
	for name, c := range map[string]struct {
		values  []string
		host    string
		tickets *tickets
		refuse  bool
		nobody  bool
		want    string
	}{
		"blocked, no ticket":     {[]string{"client.BlockNTLM", "True"}, "fs1", &tickets{err: broken}, false, false, "no ticket today"},
		"blocked, an address":    {[]string{"client.BlockNTLM", "True"}, "192.0.2.7", &tickets{}, false, false, "An address"},
		"blocked, NTLM only":     {[]string{"client.BlockNTLM", "True"}, "fs1", &tickets{}, false, false, "INVALID_PARAMETER"},
		"another's word":         {nil, "fs1", &tickets{err: broken}, true, false, "no ticket today"},
		"another's word, except": {[]string{"client.BlockNTLM", "True", "client.BlockNTLMServerExceptionList", "fs1"}, "fs1", &tickets{err: broken}, true, false, "no ticket today"},
		"nobody to sign in as":   {nil, "fs1", &tickets{err: broken}, false, true, "no ticket today"},
	} {
		t.Run(name, func(t *testing.T) {
			d, events := kerberosDialer(t, c.tickets, c.values...)
			d.RefuseNTLM = c.refuse
			if c.nobody {
				d.Credentials = client.Credentials{}
			}
			s := &rogue{}
			_, err := signIn(t, d, s, c.host)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if len(events.seen()) != 0 {
				t.Errorf("events %v", events.seen())
			}
			if c.want != "INVALID_PARAMETER" && slices.Contains(s.commands(), smb2.CommandSessionSetup) {
				t.Error("a token was sent all the same")
			}
		})
	}
}

func TestNTLMGoesNotToServersThatAnotherHasNamed(t *testing.T) {
	d := dialer()
	d.RefuseNTLM = true
	s := &rogue{}
	_, err := signIn(t, d, s, "fs1")
	if r, ok := errors.AsType[*client.Refusal](err); !ok || r.Rule != client.RuleNTLMToStranger {
		t.Errorf("got %v", err)
	}
	if slices.Contains(s.commands(), smb2.CommandSessionSetup) {
		t.Error("a token was sent all the same")
	}
}

// A server, or somebody in its place, that refuses the ticket is not shown an
// answer to its NTLM challenge.
func TestRefusedTicketDoesNotLeadToNTLM(t *testing.T) {
	d, events := kerberosDialer(t, &tickets{})
	s := &rogue{kerberos: &ticketAcceptor{oid: spnego.MSKerberos, status: ntstatus.LogonFailure}}
	_, err := signIn(t, d, s, "fs1")
	refused, ok := errors.AsType[*client.TicketError](err)
	if !ok || !errors.Is(err, ntstatus.LogonFailure) || refused.Service != "cifs/fs1" || refused.Principal != "ann@TEST" {
		t.Errorf("got %v", err)
	}
	if n := len(slices.DeleteFunc(s.commands(), func(c smb2.Command) bool { return c != smb2.CommandSessionSetup })); n != 1 {
		t.Errorf("%d legs, want 1", n)
	}
	if len(events.seen()) != 0 {
		t.Errorf("events %v", events.seen())
	}
}

func TestServerThatProvesNothingIsNotSignedInOn(t *testing.T) {
	for _, answer := range []string{"\x00", "proved?"} {
		d, _ := kerberosDialer(t, &tickets{})
		_, err := signIn(t, d, &rogue{kerberos: &ticketAcceptor{oid: spnego.MSKerberos, answer: answer}}, "fs1")
		if !errors.Is(err, errNotProved) {
			t.Errorf("%q: got %v", answer, err)
		}
	}
}

func TestServiceMayBeNamed(t *testing.T) {
	k := &tickets{}
	d, _ := kerberosDialer(t, k)
	d.Service = "cifs/fs1.example"
	s := &rogue{kerberos: &ticketAcceptor{oid: spnego.MSKerberos}}
	if _, err := signIn(t, d, s, "192.0.2.7"); err != nil || s.kerberos.got != "cifs/fs1.example" {
		t.Errorf("ticket %q, %v", s.kerberos.got, err)
	}
}

// Whoever cuts a connection and keeps the client from new tickets must not see
// an answer to an NTLM challenge for it.
func TestSessionByKerberosDoesNotGoOnByNTLM(t *testing.T) {
	for name, renew := range map[string]bool{"after a loss": false, "in the same session": true} {
		t.Run(name, func(t *testing.T) {
			first, second := &rogue{kerberos: &ticketAcceptor{oid: spnego.MSKerberos}}, &rogue{}
			l := rogues(t, first, second)
			d, _ := kerberosDialer(t, &tickets{only: 1})
			d.Connect, d.Reconnect = l.connect, again
			session, err := d.Dial(bounded(t), "fs1")
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			if renew {
				err = session.Reauthenticate(bounded(t))
			} else {
				l.cut()
				_, err = session.Share(bounded(t), "data")
			}
			if !errors.Is(err, errNoMore) {
				t.Errorf("got %v", err)
			}
			if slices.Contains(second.commands(), smb2.CommandSessionSetup) {
				t.Error("a token was sent all the same")
			}
		})
	}
}

func TestKerberosSignsInAgainAfterALoss(t *testing.T) {
	list := []*rogue{{kerberos: &ticketAcceptor{oid: spnego.MSKerberos}}, {kerberos: &ticketAcceptor{oid: spnego.MSKerberos}}}
	l := rogues(t, list...)
	d, _ := kerberosDialer(t, &tickets{})
	d.Connect, d.Reconnect = l.connect, again
	session, err := d.Dial(bounded(t), "fs1")
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	l.cut()
	if _, err := session.Share(bounded(t), "data"); err != nil || session.Info().Mechanism != "Kerberos" {
		t.Errorf("%+v, %v", session.Info(), err)
	}
}

// seen are the names of the events so far.
func (r *recorder) seen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.kinds)
}
