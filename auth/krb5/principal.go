package krb5

import (
	"fmt"
	"strings"

	"github.com/jcmturner/gokrb5/v8/iana/nametype"
	"github.com/jcmturner/gokrb5/v8/types"
)

// maxName bounds a name, in bytes.
const maxName = 1024

// principal is somebody in a realm.
type principal struct {
	realm string
	name  []string
}

// String gives name@REALM.
func (p principal) String() string { return strings.Join(p.name, "/") + "@" + p.realm }

// is tells whether p is of this name, whatever the case.
func (p principal) is(name ...string) bool {
	if len(p.name) != len(name) {
		return false
	}
	for i := range name {
		if !strings.EqualFold(p.name[i], name[i]) {
			return false
		}
	}
	return true
}

// wire is the name as a message has it.
func (p principal) wire(kind int32) types.PrincipalName {
	return types.PrincipalName{NameType: kind, NameString: p.name}
}

// krbtgt is the ticket-granting service of realm for clients of realm in.
func krbtgt(realm, in string) principal { return principal{in, []string{"krbtgt", realm}} }

// user finds out who is meant by "ann", "ann@REALM", "REALM\ann" and
// "DOMAIN\ann", whose realm may be one that begins with that label.
func (c *Config) user(text string) (principal, error) {
	name, realm := text, c.DefaultRealm
	if domain, rest, ok := strings.Cut(text, `\`); ok {
		name = rest
		switch label, _, _ := strings.Cut(realm, "."); {
		case strings.EqualFold(domain, label) || domain == "." || domain == "":
		default:
			realm = domain
		}
	} else if i := strings.LastIndexByte(text, '@'); i >= 0 {
		name, realm = text[:i], text[i+1:]
	}
	switch {
	case name == "" || len(text) > maxName || strings.ContainsAny(name, "@\\\x00"):
		return principal{}, fmt.Errorf("%q is no Kerberos principal", text)
	case realm == "":
		return principal{}, fmt.Errorf("the realm of %q is not known: write name@REALM, or set default_realm in krb5.conf", text)
	}
	if _, ok := c.Realms[realm]; !ok {
		realm = strings.ToUpper(realm)
	}
	return principal{realm, strings.Split(name, "/")}, nil
}

// service takes "cifs/host" apart; the realm follows from the host.
func (c *Config) service(text, clientRealm string) (principal, error) {
	class, host, ok := strings.Cut(text, "/")
	if !ok || class == "" || host == "" || len(text) > maxName || strings.ContainsAny(text, "@\\\x00") {
		return principal{}, fmt.Errorf("%q is no service: it has the form class/host", text)
	}
	realm := c.realmOf(host)
	if realm == "" {
		realm = clientRealm // whose KDC knows further
	}
	return principal{realm, []string{class, host}}, nil
}

// nameService is the type of a service's name. RFC 4120 6.2.
const nameService = nametype.KRB_NT_SRV_INST

// nameUser is the type of a user's name.
const nameUser = nametype.KRB_NT_PRINCIPAL
