package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/policy"
)

const (
	// peerPatience is how long a peer may take to answer everything.
	peerPatience = 20 * time.Second
	// maxPeersAtOnce is how many peers are asked at a time.
	maxPeersAtOnce = 2
	// maxPeers bounds the list of them.
	maxPeers = 1000
)

// peers are the servers whose settings this one may ask for. It implements
// admin.Peers.
//
// Only what the command line or the configuration file names is ever dialled:
// who administers by the page cannot have this server reach other hosts or
// ports. Sessions are signed or sealed, whatever the client's policy allows, and
// credentials live as long as the request.
//
// Missing: signing in by this machine's own identity, and by Kerberos.
type peers struct {
	names  []string // host, or host and port; immutable
	policy func() *policy.Snapshot
	log    *slog.Logger
	free   chan struct{} // one element for each that is being asked
}

func newPeers(names []string, inForce func() *policy.Snapshot, log *slog.Logger) *peers {
	return &peers{names: names, policy: inForce, log: log, free: make(chan struct{}, maxPeersAtOnce)}
}

// parsePeer reads the name of a peer: HOST or HOST:PORT.
func parsePeer(text string) (string, error) {
	host, _, err := net.SplitHostPort(text)
	if err != nil {
		host = text
	}
	l, err := parseLocation("smb://" + text)
	if err != nil || l.user != "" || l.share != "" || l.path != "" || host == "" || strings.ContainsAny(text, `/\@%`) {
		return "", usagef("%q is no peer: write HOST or HOST:PORT", text)
	}
	return text, nil
}

// parsePeers reads a list of them, each once.
func parsePeers(texts []string) (names []string, err error) {
	if len(texts) > maxPeers {
		return nil, usagef("%d peers are more than %d", len(texts), maxPeers)
	}
	for _, text := range texts {
		name, err := parsePeer(text)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			names = append(names, name)
		}
	}
	return names, nil
}

// Names implements admin.Peers.
func (p *peers) Names() []string { return slices.Clone(p.names) }

// Settings implements admin.Peers.
func (p *peers) Settings(ctx context.Context, name string, as admin.PeerCredentials) (admin.PeerSettings, error) {
	i := slices.IndexFunc(p.names, func(n string) bool { return strings.EqualFold(n, name) })
	if i < 0 {
		return admin.PeerSettings{}, fs.ErrNotExist
	}
	ctx, cancel := context.WithTimeout(ctx, peerPatience)
	defer cancel()
	select {
	case p.free <- struct{}{}:
		defer func() { <-p.free }()
	case <-ctx.Done():
		return admin.PeerSettings{}, &admin.Error{Code: "TooMany", Status: http.StatusTooManyRequests, Message: "other peers are being asked already"}
	}
	found, err := p.read(ctx, p.names[i], as)
	if err != nil {
		p.log.WarnContext(ctx, "a peer's settings were not read", "peer", p.names[i], "as", as.User, "err", err)
		return admin.PeerSettings{}, peerError(p.names[i], err)
	}
	return admin.PeerSettings{Peer: p.names[i], At: time.Now().UTC(), Properties: found}, nil
}

// read signs in at a peer and reads its registry.
func (p *peers) read(ctx context.Context, address string, as admin.PeerCredentials) ([]admin.PeerProperty, error) {
	origin := policy.Origin{Layer: policy.LayerCommandLine, Name: "peers"}
	d := client.Dialer{
		Credentials: credentials(as.User, as.Password), Events: warner{p.log}, Logger: p.log,
		Policy: policy.With(p.policy(), policy.ClientRequireSecuritySignature, true, origin),
	}
	s, err := d.Dial(ctx, address)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	r, err := s.Registry(ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	found, err := readTarget(ctx, r, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	var list []admin.PeerProperty
	for _, d := range policy.Definitions() {
		if says := found[d.Name]; len(says) > 0 {
			side, bare, _ := strings.Cut(d.Name, ".")
			last := says[len(says)-1]
			list = append(list, admin.PeerProperty{Side: side, Name: bare, Value: last.text, Source: last.entry.Key + `\` + last.entry.Name})
		}
	}
	return list, nil
}

// peerError tells an administrator what went wrong at a peer.
func peerError(name string, err error) error {
	e := &admin.Error{Code: "PeerFailed", Status: http.StatusBadGateway, Message: fmt.Sprintf("%s: %v", name, err), Hint: "signet doctor smb://" + name}
	if refusal, ok := peerRefusal(err); ok {
		e.Code, e.Hint = "PeerRefused", "nothing was asked: "+refusal.Rule
	}
	if errors.Is(err, context.DeadlineExceeded) {
		e.Message = fmt.Sprintf("%s does not answer within %v", name, peerPatience)
	}
	return e
}
