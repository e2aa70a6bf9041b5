package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// DFS reaches shares by paths of DFS namespaces: it follows what servers say of
// where a part of their namespace is, and remembers it for as long as they say.
// Safe for concurrent use; one path is resolved at a time.
//
// A server that only a referral has named is not sent NTLM, with which it could
// pass for the user elsewhere, unless client.BlockNTLMServerExceptionList has
// its name. [MS-DFSC].
//
// A namespace of a domain, \\domain\namespace, is found by whoever answers to the
// domain's name, which DNS gives to its domain controllers.
//
// Missing: domain controllers by referral, which Kerberos needs for that: there
// are no tickets for the name of a domain. [MS-DFSC] 3.1.5.4.1.
type DFS struct {
	dialer Dialer
	turn   gate // guards what follows

	named    map[string]bool     // servers that the user has named; lower case
	sessions map[string]*Session // by server
	shares   map[string]*Share   // by \server\share
	cache    []dfsEntry          // the ADM's ReferralCache
}

// dfsEntry says where a part of a namespace is.
type dfsEntry struct {
	prefix  string // \server\share\link
	targets []string
	expires time.Time
}

// Limits of one DFS.
const (
	maxDFSDepth    = 8  // referrals that lead to referrals
	maxDFSSteps    = 32 // servers and shares tried for one path
	maxDFSTargets  = 16 // of one referral
	maxDFSEntries  = 256
	maxDFSSessions = 64
	maxDFSLifetime = time.Hour
)

// RuleReferred is why NTLM is not spoken with a server.
const RuleReferred = "no NTLM to a server that only a referral names"

// errDFSLoop ends what leads nowhere.
var errDFSLoop = errors.New("the referrals of the DFS namespace go round, or on for too long")

// NewDFS reaches namespaces as d signs in.
func NewDFS(d *Dialer) *DFS {
	return &DFS{
		dialer: *d, turn: newGate(),
		named: make(map[string]bool), sessions: make(map[string]*Session), shares: make(map[string]*Share),
	}
}

// Resolve finds the share in which path is, `\\server\namespace\folder\file`,
// and its name there. The server of path counts as named by the user. The share
// stays n's: it is not closed by the caller.
func (n *DFS) Resolve(ctx context.Context, path string) (*Share, string, error) {
	clean := `\` + strings.Trim(strings.ReplaceAll(path, "/", `\`), `\`)
	if err := n.turn.enter(ctx); err != nil {
		return nil, "", fail("resolve", path, err)
	}
	defer n.turn.leave()
	server, _, _, ok := splitUNC(clean)
	if !ok {
		return nil, "", fail("resolve", path, ntstatus.ObjectPathSyntaxBad)
	}
	n.named[strings.ToLower(server)] = true
	w := dfsWalk{DFS: n, steps: maxDFSSteps}
	share, name, err := w.walk(ctx, clean, 0)
	if err != nil {
		return nil, "", fail("resolve", path, err)
	}
	return share, name, nil
}

// Close ends all sessions of n.
func (n *DFS) Close() error {
	n.turn <- struct{}{}
	defer n.turn.leave()
	var err error
	for _, s := range n.sessions {
		err = errors.Join(err, s.Close())
	}
	clear(n.sessions)
	clear(n.shares)
	n.cache = nil
	return err
}

// dfsWalk is the way to one path.
type dfsWalk struct {
	*DFS
	steps int // that may still be taken
}

// walk resolves path, to which depth referrals have led. [MS-DFSC] 3.1.4.1.
func (w *dfsWalk) walk(ctx context.Context, path string, depth int) (*Share, string, error) {
	if e := w.lookup(path); e != nil {
		return w.first(ctx, *e, path, depth)
	}
	if w.steps--; w.steps < 0 {
		return nil, "", errDFSLoop
	}
	server, name, rest, ok := splitUNC(path)
	if !ok {
		return nil, "", ntstatus.ObjectPathSyntaxBad
	}
	share, err := w.connect(ctx, server, name)
	if errors.Is(err, ntstatus.BadNetworkName) {
		return w.root(ctx, server, name, path, depth, err)
	}
	if err != nil {
		return nil, "", err
	}
	if !share.inDFS() {
		return share, rest, nil
	}
	err = share.covers(ctx, rest)
	if !errors.Is(err, ntstatus.PathNotCovered) {
		return share, rest, err
	}
	list, err := share.session.referrals(ctx, path)
	if err != nil {
		return nil, "", err
	}
	return w.follow(ctx, list, path, path, depth)
}

// root resolves path where server has no share called name: it may be a domain
// controller that knows who has the domain's namespace of that name. What else
// it says is of no interest: missing is why the share is not there. [MS-DFSC]
// 3.1.5.4.3.
func (w *dfsWalk) root(ctx context.Context, server, name, path string, depth int, missing error) (*Share, string, error) {
	s, err := w.session(ctx, server)
	if err != nil {
		return nil, "", missing
	}
	root := `\` + server + `\` + name
	list, err := s.referrals(ctx, root)
	if _, refused := errors.AsType[ntstatus.Status](err); refused && !lostConnection(err) {
		return nil, "", missing
	}
	if err != nil {
		return nil, "", err
	}
	return w.follow(ctx, list, root, path, depth)
}

// follow resolves path by what a server has said of what, path or its beginning.
func (w *dfsWalk) follow(ctx context.Context, list []Referral, what, path string, depth int) (*Share, string, error) {
	e, err := newDFSEntry(what, list)
	if err != nil {
		return nil, "", err
	}
	w.remember(e)
	return w.first(ctx, e, path, depth)
}

// first is path in the first of e's targets that can be reached.
func (w *dfsWalk) first(ctx context.Context, e dfsEntry, path string, depth int) (*Share, string, error) {
	if depth == maxDFSDepth {
		return nil, "", errDFSLoop
	}
	last := error(ntstatus.PathNotCovered)
	for _, target := range e.targets {
		share, name, err := w.walk(ctx, target+path[len(e.prefix):], depth+1)
		if err == nil || ctx.Err() != nil || errors.Is(err, errDFSLoop) {
			return share, name, err
		}
		last = err
	}
	return nil, "", last
}

// newDFSEntry takes what a server has answered about path. It speaks for paths
// in its own share only, and for whole components.
func newDFSEntry(path string, list []Referral) (dfsEntry, error) {
	var e dfsEntry
	lifetime := maxDFSLifetime
	for _, r := range list {
		if len(e.targets) == maxDFSTargets {
			break
		}
		target := strings.TrimRight(r.Target, `\`)
		if _, _, rest, ok := splitUNC(target); !ok || wireNameBad(rest) {
			return e, &NameError{Name: r.Target, Problem: "it is no path of a DFS target"}
		}
		e.prefix = strings.TrimRight(r.Path, `\`)
		e.targets = append(e.targets, target)
		lifetime = min(lifetime, r.Lifetime)
	}
	_, _, _, ok := splitUNC(e.prefix)
	if _, whole := inside(path, e.prefix); !ok || !whole {
		return e, fmt.Errorf("a referral that says nothing of %q", path)
	}
	e.expires = time.Now().Add(lifetime)
	return e, nil
}

// wireNameBad reports whether name cannot be sent.
func wireNameBad(name string) bool {
	_, err := wireName(name)
	return err != nil
}

// lookup is the longest entry for path that has not expired; nil if there is
// none.
func (n *DFS) lookup(path string) (found *dfsEntry) {
	now := time.Now()
	n.cache = slices.DeleteFunc(n.cache, func(e dfsEntry) bool { return !now.Before(e.expires) })
	for i := range n.cache {
		e := &n.cache[i]
		if _, ok := inside(path, e.prefix); ok && (found == nil || len(e.prefix) > len(found.prefix)) {
			found = e
		}
	}
	return found
}

// remember enters e, instead of the oldest if there are too many.
func (n *DFS) remember(e dfsEntry) {
	n.cache = slices.DeleteFunc(n.cache, func(o dfsEntry) bool { return strings.EqualFold(o.prefix, e.prefix) })
	if len(n.cache) >= maxDFSEntries {
		n.cache = slices.Delete(n.cache, 0, 1)
	}
	n.cache = append(n.cache, e)
}

// connect connects to a share, or gives the one there is.
func (n *DFS) connect(ctx context.Context, server, name string) (*Share, error) {
	key := strings.ToLower(`\` + server + `\` + name)
	if sh := n.shares[key]; sh != nil && sh.session.Err() == nil {
		return sh, nil
	}
	s, err := n.session(ctx, server)
	if err != nil {
		return nil, err
	}
	sh, err := s.Share(ctx, name)
	if err == nil {
		n.shares[key] = sh
	}
	return sh, err
}

// session signs in on server, or gives the session there is.
func (n *DFS) session(ctx context.Context, server string) (*Session, error) {
	key := strings.ToLower(server)
	if s := n.sessions[key]; s != nil {
		if s.Err() == nil {
			return s, nil
		}
		s.Close()
		delete(n.sessions, key)
	}
	if len(n.sessions) >= maxDFSSessions {
		return nil, errDFSLoop
	}
	d := n.dialer
	stranger := !n.named[key]
	if stranger {
		d.Policy = withoutNTLM(d.Policy)
	}
	s, err := d.Dial(ctx, server)
	if r, ok := errors.AsType[*Refusal](err); ok && stranger && r.Rule == RuleBlockNTLM {
		return nil, &Refusal{
			Server: server, Rule: RuleReferred,
			Reason:   "Only a DFS referral has named this server, and NTLM goes to servers that the user has named.",
			Remedies: []Remedy{{On: thisClient, Setting: policyName(policy.BlockNTLMServerExceptionList), Value: server}},
		}
	}
	if err == nil {
		n.sessions[key] = s
	}
	return s, err
}

// withoutNTLM is p where NTLM is blocked, but for the servers that p excepts.
func withoutNTLM(p *policy.Snapshot) *policy.Snapshot {
	if p == nil {
		p = policy.Default()
	}
	return policy.With(p, policy.BlockNTLM, true, policy.Origin{Layer: policy.LayerCommandLine, Name: "DFS referral"})
}

// inDFS reports whether the share is in a namespace, so that names in it are
// paths of that. [MS-SMB2] 3.2.4.3.
func (sh *Share) inDFS() bool { return sh.trees.current.Load().inDFS() }

func (t *treeConnect) inDFS() bool { return t.capabilities&smb2.ShareCapDFS != 0 }

// covers asks whether name is in the share itself: the error wraps
// [ntstatus.PathNotCovered] if it is behind a link of the namespace. What else
// is wrong with the name is told by what is done with it.
func (sh *Share) covers(ctx context.Context, name string) error {
	req, err := sh.createRequest(name, OpenOptions{Access: dtyp.FileReadAttributes | dtyp.Synchronize})
	if err != nil {
		return err
	}
	replies, err := sh.compound(ctx, req)
	releaseAll(replies)
	if status, ok := errors.AsType[ntstatus.Status](err); ok && status != ntstatus.PathNotCovered && ctx.Err() == nil {
		if _, lost := errors.AsType[*ConnectionError](err); !lost {
			return nil
		}
	}
	return err
}

// splitUNC takes `\server\share\rest` apart; false if it is not one.
func splitUNC(path string) (server, share, rest string, ok bool) {
	path, found := strings.CutPrefix(path, `\`)
	parts := strings.SplitN(path, `\`, 3)
	if !found || len(parts) < 2 || strings.ContainsAny(path, "/\x00") {
		return "", "", "", false
	}
	if len(parts) == 3 {
		rest = parts[2]
	}
	return parts[0], parts[1], rest, parts[0] != "" && parts[1] != "" && !strings.Contains(parts[0], ":")
}
