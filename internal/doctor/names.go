package doctor

import (
	"context"
	"net"
	"strings"
)

// NameReport is what signing in by one name of a server leads to.
type NameReport struct {
	Name      string
	Addresses []string // none: it is not found
	Canonical string   // "" unless the name is an alias
	Service   string   // that a client asks Kerberos for; "" if it does not
	Kerberos  bool     // it is possible
	Why       string
	Plan      string // what to do about it; "" if nothing
}

// Resolver is what finds names: *[net.Resolver].
type Resolver interface {
	LookupHost(ctx context.Context, host string) ([]string, error)
	LookupCNAME(ctx context.Context, host string) (string, error)
}

// Name examines a name by r; nil is the system's resolver.
func Name(ctx context.Context, r Resolver, name string) NameReport {
	if r == nil {
		r = net.DefaultResolver
	}
	n := NameReport{Name: name}
	if net.ParseIP(name) != nil {
		n.Addresses = []string{name}
		n.Why = "An address has no service name: clients use NTLM."
		n.Plan = "Let clients use a name."
		return n
	}
	addresses, err := r.LookupHost(ctx, name)
	if err != nil {
		n.Why = "The name is not found: " + err.Error()
		n.Plan = cause("name-not-resolved").Server
		return n
	}
	n.Addresses = addresses
	if strings.HasSuffix(strings.ToLower(strings.TrimSuffix(name, ".")), ".local") {
		n.Why = "Names of mDNS belong to no Kerberos realm: clients use NTLM."
		n.Plan = "In a domain, let clients use the name in DNS."
		return n
	}
	n.Kerberos, n.Service = true, "cifs/"+name
	canonical, err := r.LookupCNAME(ctx, name)
	canonical = strings.TrimSuffix(canonical, ".")
	switch {
	case err == nil && !sameHost(canonical, name):
		n.Canonical = canonical
		n.Why = "The name is an alias: without a service of its own Kerberos fails (1396), or clients use NTLM."
		n.Plan = "netdom computername " + canonical + " /add:" + name + ", or setspn -S cifs/" + name + " " + label(canonical)
	case !strings.Contains(name, "."):
		n.Why = "Clients in the domain complete a short name; others use NTLM."
	default:
		n.Why = "Kerberos works if the domain holds this service for the machine: setspn -Q " + n.Service
	}
	return n
}

// sameHost reports whether canonical is name, or name with its domain.
func sameHost(canonical, name string) bool {
	name = strings.TrimSuffix(name, ".")
	return strings.EqualFold(canonical, name) || !strings.Contains(name, ".") && strings.EqualFold(label(canonical), name)
}

// label is the first label of a name.
func label(name string) string {
	first, _, _ := strings.Cut(name, ".")
	return first
}
