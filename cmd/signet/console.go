package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/signet-smb/signet/internal/private"
	"github.com/signet-smb/signet/internal/statedir"
)

// The port of the administration over TCP, and where it is served unless
// something else is said: then only if the port is free, for a server must not
// fail for a port that nobody asked for.
const (
	adminPort    = 8445
	defaultAdmin = "127.0.0.1:8445"
)

// maxPEMBytes bounds what is read as a certificate or a key.
const maxPEMBytes = 1 << 20

// adminFlags are the flags of the administration over TCP, or what the
// configuration file says of it.
type adminFlags struct {
	addr        string // "off"; "" is the default
	certificate string // files; "" for ours
	key         string
	// metricsToken is the file with the token for metrics; "": there is none.
	metricsToken string
}

// below are the flags, and what they do not say as other has it.
func (f adminFlags) below(other adminFlags) adminFlags {
	if f.certificate == "" && f.key == "" {
		f.certificate, f.key = other.certificate, other.key
	}
	f.addr = cmp.Or(f.addr, other.addr)
	f.metricsToken = cmp.Or(f.metricsToken, other.metricsToken)
	return f
}

// adminPlan is how the administration is to be served over TCP.
type adminPlan struct {
	addr  string           // "": not at all
	asked bool             // somebody said so: then it must succeed
	tls   bool             // always, unless it stays within this host
	given *tls.Certificate // nil: ours, if tls
	files []string         // that hold secrets
	token string           // that lets its bearer read the metrics; "": there is none
}

// parseAdmin reads the address that what says, or "" for off.
func parseAdmin(what, addr string) (string, error) {
	if strings.EqualFold(addr, "off") {
		return "", nil
	}
	return parseAddress(what, addr, adminPort)
}

// planAdmin finds out what the flags ask for. It changes nothing.
func planAdmin(f adminFlags) (adminPlan, error) {
	addr, err := parseAdmin("--admin", cmp.Or(f.addr, defaultAdmin))
	if err != nil {
		return adminPlan{}, err
	}
	plan := adminPlan{addr: addr, asked: f.addr != "", tls: addr != "" && !isLoopback(addr)}
	if plan.token, err = readMetricsToken(f.metricsToken); err != nil {
		return plan, err
	}
	if f.metricsToken != "" {
		plan.files = []string{f.metricsToken}
	}
	switch {
	case (f.certificate == "") != (f.key == ""):
		return plan, usagef("the certificate of the administration and its key go together: --admin-certificate FILE and --admin-key FILE")
	case f.certificate == "" || addr == "":
		return plan, nil
	}
	certificate, err := readPEM(f.certificate, os.Open)
	if err != nil {
		return plan, usagef("certificate of the administration: %w", err)
	}
	key, err := readPEM(f.key, func(path string) (*os.File, error) { return private.Open(path, private.Credential) })
	if err != nil {
		return plan, usagef("key of the administration: %w", err)
	}
	defer clear(key)
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return plan, usagef("certificate of the administration: %w", err)
	}
	plan.tls, plan.given, plan.files = true, &pair, append(plan.files, f.key)
	return plan, nil
}

// readPEM reads a file that holds a certificate or a key.
func readPEM(path string, open func(string) (*os.File, error)) ([]byte, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPEMBytes+1))
	if err == nil && len(data) > maxPEMBytes {
		err = fmt.Errorf("%s is longer than %d bytes", path, maxPEMBytes)
	}
	return data, err
}

// isLoopback reports whether an address is reached from this host only.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || strings.EqualFold(host, "localhost")
}

// adminEnd is where the administration is served over TCP. The zero value is
// nowhere.
type adminEnd struct {
	listener    net.Listener
	tls         *tls.Config // nil: without
	url         string
	fingerprint string   // of the certificate
	names       []string // by which the host may be asked for it
	instead     error    // why it is not served, though nobody turned it off
}

// listenAdmin takes the address. That it cannot be had is an error only if
// somebody asked for it.
func (p adminPlan) listenAdmin(ctx context.Context, dir *statedir.Dir) (adminEnd, error) {
	if p.addr == "" {
		return adminEnd{}, nil
	}
	listeners, err := bindAll(ctx, []string{p.addr})
	if err != nil && !p.asked {
		return adminEnd{instead: err}, nil
	}
	if err != nil {
		return adminEnd{}, fmt.Errorf("administration: %w", err)
	}
	end := adminEnd{listener: listeners[0], names: hostNames()}
	if host, _, err := net.SplitHostPort(p.addr); err == nil && host != "" && net.ParseIP(host) == nil {
		end.names = append([]string{host}, end.names...)
	}
	if p.tls {
		if err := end.secure(dir, p.given); err != nil {
			closeAll(listeners)
			return adminEnd{}, err
		}
	}
	end.url = end.address()
	return end, nil
}

// secure puts TLS on top: with the given certificate, or ours.
func (e *adminEnd) secure(dir *statedir.Dir, given *tls.Certificate) error {
	pair := given
	if pair == nil {
		ours, err := ownCertificate(dir, e.names)
		if err != nil {
			return fmt.Errorf("certificate of the administration: %w", err)
		}
		pair = ours
	}
	e.tls = &tls.Config{Certificates: []tls.Certificate{*pair}, MinVersion: tls.VersionTLS12}
	e.fingerprint = fingerprintOf(pair)
	if pair.Leaf != nil {
		e.names = append(e.names, pair.Leaf.DNSNames...)
	}
	return nil
}

// address is the URL by which a browser finds it.
func (e *adminEnd) address() string {
	scheme := "http"
	if e.tls != nil {
		scheme = "https"
	}
	at, ok := e.listener.Addr().(*net.TCPAddr)
	if !ok {
		return scheme + "://" + e.listener.Addr().String()
	}
	host := at.IP.String()
	if at.IP.IsUnspecified() {
		host = cmp.Or(append(e.names, firstAddress(), "localhost")...)
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(at.Port))
}

// hostNames are the names that this host calls itself.
func hostNames() []string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		return nil
	}
	short, _, _ := strings.Cut(host, ".")
	return []string{host, short, short + ".local"}
}
