package client

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/signet-smb/signet/event"
)

// aliasTimeout bounds the question whether a name is an alias. It is asked
// while the sign-in goes on, so mostly nobody waits for it.
const aliasTimeout = 2 * time.Second

// warning is what there is to say about the name by which a server is dialled.
type warning struct {
	kind   *event.Kind // nil: nothing
	reason string
}

// judgeTarget finds out whether host is a name for which the server has a
// Kerberos service, and sends what is wrong with it. Somebody must listen to the
// dialer for it to ask around.
func (d *Dialer) judgeTarget(ctx context.Context, host string) <-chan warning {
	found := make(chan warning, 1)
	switch address := net.ParseIP(host); {
	case d.Events == nil && d.Logger == nil || address != nil && address.IsLoopback():
		found <- warning{}
	case address != nil:
		found <- warning{event.TargetIsAddress, "an address has no service in Kerberos, and anybody may answer at it: use the server's name"}
	default:
		go func() { // ends within aliasTimeout, and is waited for by Dial
			ctx, cancel := context.WithTimeout(ctx, aliasTimeout)
			defer cancel()
			found <- d.judgeName(ctx, host)
		}()
	}
	return found
}

// judgeName is judgeTarget of a name.
func (d *Dialer) judgeName(ctx context.Context, host string) warning {
	lookup := d.LookupCNAME
	if lookup == nil {
		lookup = net.DefaultResolver.LookupCNAME
	}
	canonical, err := lookup(ctx, host)
	if err != nil || !isAlias(host, canonical) {
		return warning{}
	}
	return warning{event.TargetIsAlias, host + " is an alias of " + strings.TrimSuffix(canonical, ".") +
		": unless it was registered for that server (setspn, NETDOM computername /add), there is no Kerberos by it"}
}

// isAlias reports whether the name to which host leads is another one, and not
// the same with the domain behind it.
func isAlias(host, canonical string) bool {
	host, canonical = strings.ToLower(strings.TrimSuffix(host, ".")), strings.ToLower(strings.TrimSuffix(canonical, "."))
	return canonical != "" && canonical != host && !strings.HasPrefix(canonical, host+".")
}
