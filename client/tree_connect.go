package client

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// Share is a share of the server in a session. Safe for concurrent use. It is a
// tree connect, and after a reconnect another one.
//
// Names in it are relative to its root, with slashes or backslashes between
// components; "" and "." are the root itself. A component "..", and a NUL, are
// refused. What stands behind a colon in the last component is a stream.
type Share struct {
	session *Session
	name    string
	trees   *trees

	snapshot time.Time // of whose files this is a view; zero: as they are now
}

// treeConnect is the ADM's TreeConnect. Immutable. [MS-SMB2] 3.2.1.4.
type treeConnect struct {
	session        *session
	name           string // of the share
	id             smb2.TreeID
	kind           smb2.ShareType
	capabilities   smb2.ShareCapabilities
	encryptData    bool // the share, or client.HardenedPaths, wants its messages sealed
	requireSigning bool // client.HardenedPaths wants its messages signed
	maximalAccess  dtyp.AccessMask
}

// trees are the tree connects of a Share, one after the other.
type trees struct {
	current atomic.Pointer[treeConnect]
	closed  atomic.Bool
	renew   gate
	lanes   lanes
}

// Share connects to the share called name, without server and backslashes. The
// error wraps [ntstatus.BadNetworkName] if there is none of that name.
// [MS-SMB2] 3.2.4.2.4, 3.2.5.5.
func (s *Session) Share(ctx context.Context, name string) (*Share, error) {
	share := &Share{session: s, name: strings.Trim(name, `\/`), trees: &trees{renew: newGate()}}
	err := s.repeat(ctx, true, func() error {
		on, err := s.alive(ctx)
		if err != nil {
			return err
		}
		t, err := on.treeConnect(ctx, share.name)
		share.trees.current.Store(t)
		return err
	})
	if err != nil {
		return nil, fail("connect", share.path(s.Server()), err)
	}
	return share, nil
}

// treeConnect connects to the share called name, and makes sure of the
// negotiation if that is still to be done.
func (s *session) treeConnect(ctx context.Context, name string) (*treeConnect, error) {
	if strings.ContainsAny(name, "\\/\x00") || name == "" || len(name) > 255 {
		return nil, ntstatus.BadNetworkName
	}
	t := &treeConnect{session: s, name: name}
	demand := policy.Hardened(s.settings.hardened, s.conn.server, name)
	keys := s.keys.Load()
	if err := meets(demand, keys, s.mechanism); err != nil {
		return nil, err
	}
	t.encryptData, t.requireSigning = demand.Privacy && !s.encryptData, demand.Integrity
	protect := s.protect(nil)
	if s.conn.negotiated.dialect == smb2.Dialect311 {
		protect = s.protectAlways() // [MS-SMB2] 3.2.4.2.4: or the server hangs up
	}
	replies, err := s.conn.do(ctx, request{
		session: s, protect: protect, message: &smb2.TreeConnectRequest{Path: `\\` + s.conn.server + `\` + name},
		orphan: func(r reply) {
			if r.header.Status == ntstatus.Success {
				late := &treeConnect{session: s, id: r.header.TreeID}
				s.conn.post(late.request(&smb2.TreeDisconnectRequest{}))
			}
		},
	})
	if err != nil {
		return nil, err
	}
	r := &replies[0]
	defer r.release()
	if r.header.Status != ntstatus.Success {
		return nil, r.failure()
	}
	var res smb2.TreeConnectResponse
	if err := r.decode(&res); err != nil {
		return nil, r.broken(err)
	}
	t.id = r.header.TreeID
	t.kind = res.ShareType
	t.capabilities = res.Capabilities
	t.maximalAccess = res.MaximalAccess
	if res.ShareFlags&smb2.ShareFlagEncryptData != 0 && !s.encryptData {
		if keys == nil || keys.Sealer == nil {
			return nil, &Refusal{
				Server: s.conn.server, Rule: policy.RuleShareEncrypts,
				Reason: "The share requires encryption, and nothing can be encrypted in this session.",
				Remedies: []Remedy{
					remedy(thisClient, "client.Smb2DialectMax", "None"),
					remedy(s.conn.server, "server.EncryptData", "False"),
				},
			}
		}
		t.encryptData = true
	}
	return t, s.validateNegotiate(ctx, t)
}

// tree is the share's tree connect on a living connection. It is made anew if
// the one before was lost, and then demands what that has demanded.
func (sh *Share) tree(ctx context.Context) (*treeConnect, error) {
	t := sh.trees.current.Load()
	if on := t.living(); on != nil {
		return on, nil
	}
	if sh.trees.closed.Load() || !sh.session.lasting {
		return t, nil // the request says why the connection has ended
	}
	if err := sh.trees.renew.enter(ctx); err != nil {
		return nil, err
	}
	defer sh.trees.renew.leave()
	t = sh.trees.current.Load()
	if on := t.living(); on != nil {
		return on, nil
	}
	on, err := sh.session.alive(ctx)
	if err != nil {
		return nil, err
	}
	next, err := on.treeConnect(ctx, sh.name)
	if err != nil {
		return nil, err
	}
	if t.encryptData && !on.encryptData && !next.encryptData || t.kind != next.kind {
		return nil, lessProved(on.conn.server, "The share does not ask for encryption any more.")
	}
	sh.trees.current.Store(next)
	return next, nil
}

// Name is the share's name, without server and backslashes.
func (sh *Share) Name() string { return sh.name }

// Path is the share's UNC path.
func (sh *Share) Path() string { return sh.path(sh.session.Server()) }

func (sh *Share) path(server string) string { return `\\` + server + `\` + sh.name }

// Session is the session in which the share is connected.
func (sh *Share) Session() *Session { return sh.session }

// Sealed reports whether messages about the share are encrypted.
func (sh *Share) Sealed() bool {
	t := sh.trees.current.Load()
	return t.session.protect(t).seal
}

// MaximalAccess is the most that the server grants the user in the share.
func (sh *Share) MaximalAccess() dtyp.AccessMask { return sh.trees.current.Load().maximalAccess }

// request is one about the share. In a DFS namespace a CREATE names the file by
// its whole path. [MS-SMB2] 3.2.4.3.
func (t *treeConnect) request(m smb2.Message) request {
	q := request{message: m, session: t.session, tree: t.id, protect: t.session.protect(t)}
	if create, ok := m.(*smb2.CreateRequest); ok && t.inDFS() {
		whole := *create
		whole.Name = strings.TrimRight(t.session.conn.server+`\`+t.name+`\`+create.Name, `\`)
		q.message, q.dfs = &whole, true
	}
	return q
}
