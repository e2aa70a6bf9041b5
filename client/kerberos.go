package client

import (
	"net"
	"strings"

	"github.com/signet-smb/signet/auth"
)

// Kerberos is who signs in by Kerberos: *krb5.Client. It is an interface so that
// programs which do without Kerberos do without the library behind it.
type Kerberos interface {
	// Principal is who signs in: ann@REALM.
	Principal() string
	// Initiator begins an exchange with a service, "cifs/host.example". What it
	// returns also has the methods of spnego.Signer.
	Initiator(service string) auth.Initiator
}

// service is what Kerberos is asked for to reach server. An address has no
// service: whoever answers there could be anybody.
func (d *Dialer) service(server string) (string, error) {
	if d.Service != "" {
		return d.Service, nil
	}
	host := strings.ToLower(strings.TrimSuffix(server, "."))
	address, _, _ := strings.Cut(host, "%")
	if net.ParseIP(address) != nil {
		return "", &Refusal{
			Server: server, Rule: RuleNoService,
			Reason: "An address has no Kerberos ticket: use the server's name.",
		}
	}
	return "cifs/" + host, nil
}

// UsesKerberos reports whether Kerberos may be asked for a ticket for server: it
// is no address, or d.Service is set.
func (d *Dialer) UsesKerberos(server string) bool {
	_, err := d.service(server)
	return err == nil
}

// NTLMBlocked reports whether NTLM must not be spoken with server, so that no
// password is needed for it.
func (d *Dialer) NTLMBlocked(server string) bool {
	return d.ntlmRefused(newSettings(d.Policy), server) != nil
}
