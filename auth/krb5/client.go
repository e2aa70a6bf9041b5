package krb5

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// maxSkew is the difference of clocks that Kerberos tolerates. [MS-KILE] 3.3.1.
const maxSkew = 5 * time.Minute

// Options are who a client is and where it finds what it needs. The zero value
// is the user whose tickets are in the system's credential cache. They print
// without the secret.
type Options struct {
	// User is "ann", "ann@REALM" or "DOMAIN\ann"; "" is whose the cache, or the
	// first key of the keytab, is.
	User string
	// Password gets tickets; "" does not.
	Password string
	// Keytab is a file whose keys get tickets; "" is none.
	Keytab string
	// Cache is the name of the credential cache, "FILE:/path" or a path; "" is
	// the system's. It is not read if there is a password or keytab.
	Cache string
	// Config is where realms are; nil is what krb5.conf says.
	Config *Config
	// Dial makes connections to KDCs; nil is TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Now is the clock; nil is the system's.
	Now func() time.Time
}

// Format prints the user only.
func (o Options) Format(s fmt.State, _ rune) { fmt.Fprint(s, o.User) }

// MarshalText gives the user only, to JSON logs too.
func (o Options) MarshalText() ([]byte, error) { return []byte(o.User), nil }

// Client is somebody with tickets, or with what gets them. Safe for concurrent
// use. Tickets are kept in memory only, as long as the Client.
type Client struct {
	config   *Config
	user     principal
	password string
	keytab   keytab
	dial     func(ctx context.Context, network, address string) (net.Conn, error)
	now      func() time.Time

	mu      sync.Mutex
	tickets []ticket // guarded by mu
}

// ticket is what proves a client to one service.
type ticket struct {
	client  principal
	service principal
	ticket  messages.Ticket
	key     types.EncryptionKey
	end     time.Time
}

// NewClient finds out who the client is, and reads the keytab or the cache. The
// network is not asked for anything yet. An error is an *[Error] with the
// reason NoTicket, or one about krb5.conf.
func NewClient(o Options) (*Client, error) {
	c := &Client{config: o.Config, password: o.Password, dial: o.Dial, now: o.Now}
	if c.config == nil {
		config, err := LoadConfig()
		if err != nil {
			return nil, err
		}
		c.config = config
	}
	if c.dial == nil {
		c.dial = new(net.Dialer).DialContext
	}
	if c.now == nil {
		c.now = time.Now
	}
	var err error
	if o.User != "" {
		if c.user, err = c.config.user(o.User); err != nil {
			return nil, &Error{Reason: NoTicket, Principal: o.User, Err: err}
		}
	}
	switch {
	case o.Keytab != "":
		err = c.useKeytab(o.Keytab)
	case o.Password == "":
		err = c.useCache(o.Cache)
	case o.User == "":
		err = errors.New("a password of nobody")
	}
	if err != nil {
		return nil, &Error{Reason: NoTicket, Principal: o.User, Err: err}
	}
	return c, nil
}

func (c *Client) useKeytab(name string) error {
	k, err := loadKeytab(name)
	if err != nil {
		return err
	}
	if len(k) == 0 {
		return fmt.Errorf("%s holds no key", name)
	}
	if c.keytab = k; c.user.name == nil {
		c.user = k[0].owner
	}
	return nil
}

func (c *Client) useCache(name string) error {
	explicit := name != ""
	if !explicit {
		name, explicit = c.config.cacheName()
	}
	loaded, err := loadCache(name, explicit)
	if err != nil {
		return err
	}
	if c.user.name != nil && !c.user.is(loaded.owner.name...) || c.user.name != nil && !strings.EqualFold(c.user.realm, loaded.owner.realm) {
		return fmt.Errorf("the tickets in %s are those of %q", name, loaded.owner)
	}
	c.user = loaded.owner
	for _, t := range loaded.tickets {
		if t.client.String() == loaded.owner.String() {
			c.tickets = append(c.tickets, t)
		}
	}
	return nil
}

// HasCache reports whether the system's credential cache is there and can be
// read: whether the user has ever signed in to Kerberos. The tickets may have
// expired.
func HasCache() bool {
	config, err := LoadConfig()
	if err != nil {
		return false
	}
	name, _ := config.cacheName()
	_, err = os.Stat(strings.TrimPrefix(name, "FILE:"))
	return err == nil
}

// Principal is who signs in: ann@REALM.
func (c *Client) Principal() string { return c.user.String() }

// cached returns an unexpired ticket for service, from whichever realm.
func (c *Client) cached(service principal) (t ticket, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.tickets) - 1; i >= 0; i-- { // the newest first
		t := c.tickets[i]
		if t.service.is(service.name...) && t.end.After(c.now()) && checkKey(t.key) == nil {
			return t, true
		}
	}
	return ticket{}, false
}

// keep stores t, in the place of those that have expired.
func (c *Client) keep(t ticket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := c.tickets[:0]
	for _, old := range c.tickets {
		if old.end.After(c.now()) || old.service.is("krbtgt", c.user.realm) {
			fresh = append(fresh, old)
		}
	}
	c.tickets = append(fresh, t)
}

// ticketFor gets a ticket for the service called text.
func (c *Client) ticketFor(ctx context.Context, text string) (ticket, error) {
	service, err := c.config.service(text, c.user.realm)
	if err != nil {
		return ticket{}, &Error{Reason: UnknownService, Principal: c.Principal(), Service: text, Err: err}
	}
	if t, ok := c.cached(service); ok {
		return t, nil
	}
	tgt, err := c.tgt(ctx)
	if err != nil {
		return ticket{}, err
	}
	t, err := c.walk(ctx, tgt, service)
	if err != nil {
		return ticket{}, err
	}
	c.keep(t)
	return t, nil
}

// tgt is the ticket-granting ticket of the user's realm: from the cache, or got
// with the password or a key.
func (c *Client) tgt(ctx context.Context) (ticket, error) {
	name := krbtgt(c.user.realm, c.user.realm)
	if t, ok := c.cached(name); ok {
		return t, nil
	}
	if c.password != "" || c.keytab != nil {
		t, err := c.login(ctx)
		if err == nil {
			c.keep(t)
		}
		return t, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	failure := &Error{Reason: NoTicket, Principal: c.Principal()}
	for _, t := range c.tickets {
		switch {
		case !t.service.is(name.name...):
		case checkKey(t.key) != nil:
			failure.Reason, failure.Err = NoEncryptionType, checkKey(t.key)
		default:
			failure.Reason, failure.Ours, failure.Theirs = TicketExpired, c.now(), t.end
		}
	}
	return ticket{}, failure
}
