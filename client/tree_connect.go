package client

import (
	"context"
	"strings"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// Share is a tree connect: a share of the server in a session. Safe for
// concurrent use.
//
// Names in it are relative to its root, with slashes or backslashes between
// components; "" and "." are the root itself. A component "..", and a NUL, are
// refused. What stands behind a colon in the last component is a stream.
type Share struct {
	session        *Session
	name           string
	treeID         smb2.TreeID
	kind           smb2.ShareType
	capabilities   smb2.ShareCapabilities
	encryptData    bool // the share, or client.HardenedPaths, wants its messages sealed
	requireSigning bool // client.HardenedPaths wants its messages signed
	maximalAccess  dtyp.AccessMask

	snapshot time.Time // of whose files this is a view; zero: as they are now
}

// Share connects to the share called name, without server and backslashes. The
// error wraps [ntstatus.BadNetworkName] if there is none of that name.
// [MS-SMB2] 3.2.4.2.4, 3.2.5.5.
func (s *Session) Share(ctx context.Context, name string) (*Share, error) {
	name = strings.Trim(name, `\/`)
	path := `\\` + s.conn.server + `\` + name
	share, err := s.treeConnect(ctx, name, path)
	if err != nil {
		return nil, fail("connect", path, err)
	}
	if err := s.validateNegotiate(ctx, share); err != nil {
		return nil, fail("connect", path, err)
	}
	return share, nil
}

func (s *Session) treeConnect(ctx context.Context, name, path string) (*Share, error) {
	if strings.ContainsAny(name, "\\/\x00") || name == "" || len(name) > 255 {
		return nil, ntstatus.BadNetworkName
	}
	share := &Share{session: s, name: name}
	demand := policy.Hardened(s.settings.hardened, s.conn.server, name)
	keys := s.keys.Load()
	if err := meets(demand, keys, s.mechanism); err != nil {
		return nil, err
	}
	share.encryptData, share.requireSigning = demand.Privacy && !s.encryptData, demand.Integrity
	protect := s.protect(nil)
	if s.conn.negotiated.dialect == smb2.Dialect311 {
		protect = s.protectAlways() // [MS-SMB2] 3.2.4.2.4: or the server hangs up
	}
	replies, err := s.conn.do(ctx, request{
		session: s, protect: protect, message: &smb2.TreeConnectRequest{Path: path},
		orphan: func(r reply) {
			if r.header.Status == ntstatus.Success {
				late := &Share{session: s, treeID: r.header.TreeID}
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
		return nil, r.header.Status
	}
	var res smb2.TreeConnectResponse
	if err := r.decode(&res); err != nil {
		return nil, s.conn.broken(err)
	}
	share.treeID = r.header.TreeID
	share.kind = res.ShareType
	share.capabilities = res.Capabilities
	share.maximalAccess = res.MaximalAccess
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
		share.encryptData = true
	}
	return share, nil
}

// Name is the share's name, without server and backslashes.
func (sh *Share) Name() string { return sh.name }

// Path is the share's UNC path.
func (sh *Share) Path() string { return `\\` + sh.session.conn.server + `\` + sh.name }

// Session is the session in which the share is connected.
func (sh *Share) Session() *Session { return sh.session }

// Sealed reports whether messages about the share are encrypted.
func (sh *Share) Sealed() bool { return sh.session.protect(sh).seal }

// MaximalAccess is the most that the server grants the user in the share.
func (sh *Share) MaximalAccess() dtyp.AccessMask { return sh.maximalAccess }

// request is one about the share.
func (sh *Share) request(m smb2.Message) request {
	return request{message: m, session: sh.session, tree: sh.treeID, protect: sh.session.protect(sh)}
}
