package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/signet-smb/signet/admin"
)

// announcement is what serve tells at its start.
type announcement struct {
	plan      *servePlan
	account   firstAccount
	listeners []net.Listener
	instead   error // why it is not port 445, if that was wanted
	twinless  error // why account has no Unix twin, where it needs one
	policy    admin.Status
	admin     adminEnd
	place     place
}

// place is where clients find the server.
type place struct {
	host    string // a name, hopefully one that resolves
	address string // an IP address that does not need to; may be empty
	port    int
}

// announce prints how to reach the shares, and logs what must not be missed.
func (a *app) announce(ctx context.Context, n *announcement) {
	n.place = findPlace(n.listeners)
	if n.twinless != nil {
		a.log.WarnContext(ctx, "every share will refuse this account", "account", n.account.name, "err", n.twinless)
	}
	if n.instead != nil {
		a.log.WarnContext(ctx, fmt.Sprintf("not on port %d", smbPort), "err", n.instead, "port", n.place.port)
	}
	switch at := n.admin; {
	case at.instead != nil:
		a.log.WarnContext(ctx, "the administration is not served over TCP: --admin ADDR serves it elsewhere, --admin off says so", "err", at.instead)
	case at.listener != nil && at.fingerprint != "":
		a.log.InfoContext(ctx, "administration", "url", at.url, "sha256", at.fingerprint)
	case at.listener != nil:
		a.log.InfoContext(ctx, "administration", "url", at.url)
	}
	for _, s := range n.plan.shares {
		a.log.InfoContext(ctx, "serving", "share", s.name, "path", s.path, "read_only", s.readOnly, "listen", addresses(n.listeners))
	}
	if n.account.create {
		a.log.InfoContext(ctx, "account created", "account", n.account.name)
	}
	// The password is shown only here, and it was made up only if this is a
	// terminal.
	if n.account.password.generated || !a.quiet && !a.json {
		fmt.Fprint(a.stdout, n.text())
	}
}

// text is the first thing a user sees. It says only what is so.
func (n *announcement) text() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-9s%s\n", name, escape(fmt.Sprintf(format, args...)))
	}
	for _, s := range n.plan.shares {
		line("Serving", "%s   %s   %s   %s", s.name, s.path, accessText(s.readOnly), n.actorText(s))
	}
	line("Signing", "%s   Guest %s   Encryption %s   %s   SMB1 never", signingText(n.policy.Inbound),
		strings.ToLower(n.policy.Guest), strings.ToLower(n.policy.Encryption), dialectsText(n.policy.Dialects))
	line("Sign in", "%s", n.signInText())

	share, user := n.plan.shares[0].name, n.account.name
	p := n.place
	if p.port == smbPort {
		line("Windows", `\\%s\%s`, uncHost(p.host), share)
	} else {
		line("Windows", `net use Z: "\\%s\%s" /TCPPORT:%d   (only from Windows 11 24H2 or Server 2025: others reach port 445 only)`, uncHost(p.host), share, p.port)
	}
	line("macOS", "%s", p.url(user, share))
	line("Linux", "sudo mount -t cifs %s /mnt -o %s", shellWord("//"+p.host+"/"+share), shellWord(p.mountOptions(user)))
	if p.address != "" && p.address != p.host {
		line("If the name is not found:", ` \\%s\%s (an address: NTLM only, no Kerberos)`, uncHost(p.address), share)
	}
	if at := n.admin; at.listener != nil {
		line("Admin", "signet admin link   signs you in at %s", at.url)
		if at.fingerprint != "" {
			line("", "its certificate has the SHA-256 fingerprint %s", at.fingerprint)
		}
	}
	line("Stop", "Ctrl-C")
	return b.String()
}

// actorText says as whom a share is used.
func (n *announcement) actorText(s shareSpec) string {
	if s.runAs != "" {
		return "as " + s.runAs
	}
	return n.plan.actor.text()
}

func accessText(readOnly bool) string {
	if readOnly {
		return "read only"
	}
	return "read and write"
}

func (a actor) text() string {
	if a.twins {
		return "as each account's own system user"
	}
	return "as " + a.label
}

func signingText(inbound string) string {
	if inbound == "Required" {
		return "required"
	}
	return "not required"
}

func (n *announcement) signInText() string {
	acc := n.account
	switch {
	case acc.password.generated:
		return fmt.Sprintf("%s   password %s   (shown this once; change it: signet user passwd %s; it is not your system password)",
			acc.name, acc.password.text, acc.name)
	case acc.create:
		return acc.name + "   with the password given"
	}
	return acc.name + "   with its password (signet user passwd " + acc.name + " sets another)"
}

// url is the address for the Finder and for file managers.
func (p place) url(user, share string) string {
	host := p.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p.port != smbPort {
		host = fmt.Sprintf("%s:%d", host, p.port)
	}
	u := url.URL{Scheme: "smb", User: url.User(user), Host: host, Path: "/" + share}
	return u.String()
}

// mountOptions are those of mount.cifs. A comma in a value would end it, but
// account names hold none.
func (p place) mountOptions(user string) string {
	options := "username=" + user + ",vers=3.1.1,sign"
	if p.port != smbPort {
		options += fmt.Sprintf(",port=%d", p.port)
	}
	return options
}

// findPlace finds the name and the address to print for the first listener.
func findPlace(listeners []net.Listener) place {
	p := place{port: smbPort}
	addr, ok := listeners[0].Addr().(*net.TCPAddr)
	if !ok {
		return p
	}
	p.port = addr.Port
	if !addr.IP.IsUnspecified() {
		p.address = addr.IP.String()
	} else {
		p.address = firstAddress()
	}
	switch name, err := os.Hostname(); {
	case addr.IP.IsLoopback():
		p.host = "localhost"
	case err == nil && name != "":
		p.host = name
	default:
		p.host = p.address
	}
	return p
}

// firstAddress returns an address of this machine by which others reach it, or
// "" if there is none.
func firstAddress() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	return ""
}

// uncHost spells an address as a UNC path takes it: Windows' form of IPv6,
// because a colon may not stand in a host.
func uncHost(address string) string {
	ip := net.ParseIP(address)
	if ip == nil || ip.To4() != nil {
		return address
	}
	return strings.ReplaceAll(address, ":", "-") + ".ipv6-literal.net"
}

// shellWord quotes s for a POSIX shell if it needs that.
func shellWord(s string) string {
	plain := func(c rune) bool {
		return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.ContainsRune("/._-=,:@%+", c)
	}
	if !strings.ContainsFunc(s, func(c rune) bool { return !plain(c) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
