package krb5

import (
	"fmt"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
)

// Reason is why a sign-in by Kerberos fails.
type Reason uint8

// Reasons. Those up to NoEncryptionType are found before anything is sent to
// the service.
const (
	NoTicket         Reason = iota + 1 // neither a ticket nor anything to get one with
	TicketExpired                      // the ticket has expired, and nothing renews it
	UnknownUser                        // the KDC does not know the user
	WrongPassword                      // or the wrong key in the keytab
	PasswordExpired                    // the password has to be changed first
	AccountDisabled                    // disabled, locked out or expired
	UnknownService                     // the KDC does not know the service by this name
	UnknownRealm                       // nobody says where the realm's KDCs are
	KDCUnreachable                     // no KDC of the realm answers
	KDCRefused                         // the KDC says no for another reason
	KDCForged                          // an answer that the KDC cannot have given
	ClockSkew                          // the clocks of the two ends differ too much
	NoEncryptionType                   // the two ends have none of AES in common
	TicketTooLarge                     // no message of the service's protocol holds it
	Refused                            // the service refuses the ticket
	NotProved                          // the service has not proved that it has the ticket's key
	Unavailable                        // the ciphers are switched off: FIPS 140 mode
)

// reasons says it in words.
var reasons = map[Reason]string{
	NoTicket:         "there is no Kerberos ticket: get one with kinit",
	TicketExpired:    "the Kerberos ticket has expired: get a new one with kinit",
	UnknownUser:      "Kerberos does not know the user",
	WrongPassword:    "wrong password, or an old key in the keytab",
	PasswordExpired:  "the password has expired: change it with kpasswd",
	AccountDisabled:  "the account is disabled, locked out or has expired",
	UnknownService:   "Kerberos does not know the server by this name: use its full name, or register the service for it (setspn -S, ktpass, kadmin addprinc)",
	UnknownRealm:     "nobody says where the Kerberos servers of the realm are: neither krb5.conf nor DNS",
	KDCUnreachable:   "no Kerberos server (KDC) answers",
	KDCRefused:       "the Kerberos server (KDC) refuses",
	KDCForged:        "the answer does not come from the Kerberos server (KDC): it may have been altered on the way",
	ClockSkew:        "the clocks differ by more than Kerberos allows: set them right",
	NoEncryptionType: "there is no encryption type in common: this client takes AES only, never RC4 or DES; give the account AES keys (set its password anew)",
	TicketTooLarge:   "the ticket is too large: the user may be in too many groups",
	Refused:          "the server refuses the Kerberos ticket",
	NotProved:        "the server has not proved who it is: it has not the key of its own ticket, or somebody is in the path",
	Unavailable:      "Kerberos is not available in FIPS 140 mode",
}

// Error is why a sign-in by Kerberos fails. Immutable.
type Error struct {
	Reason    Reason
	Principal string    // who signs in, ann@REALM; may be empty
	Service   string    // what for, cifs/host.example; may be empty
	Realm     string    // whose KDC; may be empty
	Code      int32     // of a KRB-ERROR; 0 if there was none
	Text      string    // what the peer said in it, unproved; escape it
	Ours      time.Time // of ClockSkew: our clock; of TicketExpired: now
	Theirs    time.Time // of ClockSkew: theirs; of TicketExpired: its end
	Err       error     // a cause of ours; or nil
}

// Error says what has failed, for whom, and what mends it.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("Kerberos: " + reasons[e.Reason])
	switch e.Reason {
	case ClockSkew:
		fmt.Fprintf(&b, " (ours %s, theirs %s)", e.Ours.UTC().Format(time.RFC3339), e.Theirs.UTC().Format(time.RFC3339))
	case TicketExpired:
		fmt.Fprintf(&b, " (it ended %s)", e.Theirs.UTC().Format(time.RFC3339))
	}
	sep := ": "
	for _, part := range []struct{ label, value string }{
		{"user ", e.Principal}, {"service ", e.Service}, {"realm ", e.Realm},
	} {
		if part.value != "" {
			fmt.Fprintf(&b, "%s%s%q", sep, part.label, part.value)
			sep = ", "
		}
	}
	if e.Code != 0 {
		b.WriteString(sep + errorcode.Lookup(e.Code))
		if e.Text != "" {
			fmt.Fprintf(&b, " %q", e.Text)
		}
		sep = ", "
	}
	if e.Err != nil {
		b.WriteString(sep + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause, if there is one of ours.
func (e *Error) Unwrap() error { return e.Err }

// String names the reason, the same for ever.
func (r Reason) String() string {
	names := [...]string{
		"", "NoTicket", "TicketExpired", "UnknownUser", "WrongPassword", "PasswordExpired", "AccountDisabled",
		"UnknownService", "UnknownRealm", "KDCUnreachable", "KDCRefused", "KDCForged", "ClockSkew", "NoEncryptionType",
		"TicketTooLarge", "Refused", "NotProved", "Unavailable",
	}
	if int(r) < len(names) && r > 0 {
		return names[r]
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}
