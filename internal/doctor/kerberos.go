package doctor

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/auth/krb5"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/ntstatus"
)

// kerberosCauses are the causes behind package krb5's reasons.
var kerberosCauses = map[krb5.Reason]string{
	krb5.NoTicket:         "ticket-missing",
	krb5.TicketExpired:    "ticket-expired",
	krb5.UnknownUser:      "wrong-password",
	krb5.WrongPassword:    "wrong-password",
	krb5.PasswordExpired:  "password-expired",
	krb5.AccountDisabled:  "account-disabled",
	krb5.UnknownService:   "spn-missing",
	krb5.UnknownRealm:     "kdc-unreachable",
	krb5.KDCUnreachable:   "kdc-unreachable",
	krb5.KDCRefused:       "kdc-refused",
	krb5.KDCForged:        "server-not-proved",
	krb5.ClockSkew:        "clock-skew",
	krb5.NoEncryptionType: "kerberos-etype",
	krb5.TicketTooLarge:   "kerberos-refused",
	krb5.Refused:          "kerberos-refused",
	krb5.NotProved:        "server-not-proved",
	krb5.Unavailable:      "kdc-refused",
}

// kerberosCause is the cause of what Kerberos fails with; nil if err is
// something else.
func kerberosCause(err error) *Cause {
	e, ok := errors.AsType[*krb5.Error](err)
	if !ok {
		return nil
	}
	return cause(kerberosCauses[e.Reason])
}

// ticketRefused reports whether a server has refused a ticket.
func ticketRefused(err error) bool {
	_, ok := errors.AsType[*client.TicketError](err)
	return ok
}

// ticketCause is why a server answers status to a ticket.
func (e *examination) ticketCause(ctx context.Context, status ntstatus.Status, step string) *Cause {
	switch status {
	case ntstatus.LogonFailure, ntstatus.AccessDenied, ntstatus.InvalidParameter:
	default: // it says more
		if c := e.statusCause(ctx, status, step); c.ID != "unknown" {
			return c
		}
	}
	switch {
	case !e.hello.kerberos:
		return cause("kerberos-not-offered")
	case max(e.skew, -e.skew) > maxSkew:
		return cause("clock-skew")
	}
	return cause("kerberos-refused")
}
