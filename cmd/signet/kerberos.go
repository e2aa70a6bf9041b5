package main

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/krb5"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/policy"
)

// addKerberosFlag adds -k.
func addKerberosFlag(flags *pflag.FlagSet, to *bool) {
	flags.BoolVarP(to, "kerberos", "k", false, "sign in by Kerberos only: with the tickets of kinit, a keytab ($KRB5_CLIENT_KTNAME), or --user and the password")
}

// dial signs in on the server of l: by Kerberos alone with -k, else by Kerberos
// where there are tickets of the user's, or by NTLM. who is the user, or who
// runs the program if nobody is named; challenged is told of the server's
// system, where NTLM tells.
func (a *app) dial(ctx context.Context, l location, f *clientFlags, who string, snapshot *policy.Snapshot, challenged func(ntlm.Version)) (*client.Session, error) {
	named := cmp.Or(l.user, f.user)
	// Sessions sign in again after their connection was lost.
	ask := func(ctx context.Context) (string, error) {
		return a.pool.password(account{who, l.address()}, func() (string, error) {
			p, err := a.choosePassword(ctx, passwordRequest{file: f.passwordFile, prompt: "Password for " + who + " at " + l.host})
			return p.text, err
		})
	}
	d := client.Dialer{Policy: snapshot, Events: warner{a.log}}
	if f.kerberos {
		k, err := a.kerberos(ctx, named, f.passwordFile != "", ask)
		if err != nil {
			return nil, err
		}
		d.Kerberos = k
		return d.Dial(ctx, l.address())
	}
	d.Credentials = credentials(who, "")
	d.Credentials.Ask, d.Credentials.Challenged = ask, challenged
	if k := a.tickets(named); k != nil && d.UsesKerberos(l.host) {
		d.Kerberos = k
	} else if !d.NTLMBlocked(l.host) {
		password, err := ask(ctx) // before the server waits for it
		if err != nil {
			return nil, err
		}
		d.Credentials.Ask, d.Credentials.Password = nil, password
	}
	s, err := d.Dial(ctx, l.address())
	if err != nil {
		return nil, err
	}
	if reason := s.Info().NTLMReason; reason != nil {
		fmt.Fprintf(a.stderr, "signet: warning: signed in on %s by NTLM instead of Kerberos: %s\n", escape(l.host), escape(reason.Error()))
	}
	return s, nil
}

// kerberos is who signs in by Kerberos alone: named, or whose tickets there
// are. A password is used where one is given, and asked for where neither a
// keytab nor a ticket is there.
func (a *app) kerberos(ctx context.Context, named string, given bool, ask func(context.Context) (string, error)) (*krb5.Client, error) {
	o := krb5.Options{User: named}
	if !given {
		o.Keytab = os.Getenv("KRB5_CLIENT_KTNAME")
		k, err := krb5.NewClient(o)
		if err == nil || named == "" || o.Keytab != "" {
			return k, err
		}
	}
	if named == "" {
		return nil, usagef("whose password is that? --user NAME, or smb://NAME@host/share")
	}
	password, err := ask(ctx)
	if err != nil {
		return nil, err
	}
	o.Keytab, o.Password = "", password
	return krb5.NewClient(o)
}

// tickets are those that kinit has got for named, or for anybody if nobody is
// named; nil if there are none.
func (a *app) tickets(named string) *krb5.Client {
	if !krb5.HasCache() {
		return nil
	}
	k, err := krb5.NewClient(krb5.Options{User: named})
	if err != nil {
		return nil
	}
	return k
}

// noTickets is a Kerberos that fails, for whoever explains failures.
type noTickets struct{ err error }

// Principal is nobody.
func (noTickets) Principal() string { return "" }

// Initiator begins what fails at once.
func (n noTickets) Initiator(string) auth.Initiator { return n }

// Step fails.
func (n noTickets) Step(context.Context, []byte) ([]byte, bool, error) { return nil, false, n.err }

// SessionKey is none.
func (noTickets) SessionKey() []byte { return nil }
