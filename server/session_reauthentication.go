package server

import (
	"cmp"
	"errors"
	"maps"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// reauthenticate gives x's session to whoever has authenticated anew. No key
// changes, on no channel. [MS-SMB2] 3.3.5.5.2, 3.3.5.5.3.
//
// Nobody becomes a user in the session of a guest or of an anonymous user:
// everybody knows its keys.
//
// A user may become anonymous, where nobody may sign in anonymously, too: such
// sign-ins are refused because they have no key to sign with. This session has a user's,
// was asked under it, and goes on with it, so all that was demanded of its
// messages still is. What is left of it is less: see treeConnect.admit.
func (a *authenticated) reauthenticate(x *exchange, _ *negotiated, _ *smb2.SessionSetupRequest) (smb2.SessionFlags, error) {
	ss, id := x.session, x.acceptor.Identity()
	keys := id.Kind
	if id.Kind == auth.Anonymous {
		keys = a.security.kind
	}
	flags, err := a.admitKind(ss, id, keys)
	if err != nil {
		return 0, err
	}
	if a.security.kind != auth.User && id.Kind != a.security.kind {
		return 0, ntstatus.AccessDenied
	}
	// The new user may be one of whom rules demand more: what was made of the
	// session can be raised to signing, and to no more.
	v := judgeKeys(ss.policy, ss.negotiated, a.conn.address, id, keys, 0)
	if v.decision.Outcome == policy.Sealed && !a.security.encryptData {
		return 0, refusal(id, ntstatus.AccessDenied, errSealedUser)
	}
	if !ss.changeIdentity(id, v) {
		return 0, ntstatus.UserSessionDeleted
	}
	if a.security.encryptData {
		flags |= smb2.SessionEncryptData
	}
	a.mustSign = true
	a.conn.log.Info("logon renewed", "session", ss.id.String(), "user", id.Account, "mechanism", id.Mechanism)
	return flags, nil
}

// errSealedUser is why a user is not let into a session.
var errSealedUser = errors.New("the session is not encrypted, and of this user's sessions that is required")

// changeIdentity makes id the session's user, of whom v was decided. What is open stays open, with
// the access that it was granted and as whom it was opened; whatever is opened
// from now on is opened as id, in tree connects that exist too, as in Windows
// and Samba. It reports false if the session was closed meanwhile.
func (ss *session) changeIdentity(id *auth.Identity, v verdict) bool {
	ss.renewing.Lock()
	defer ss.renewing.Unlock()
	ss.mu.Lock()
	if ss.closed {
		ss.mu.Unlock()
		return false
	}
	same := sameUser(ss.identity, id)
	if v.decision.Outcome == policy.Signed && !ss.primary.encryptData {
		ss.byServer = ss.byServer || !ss.demanded
		ss.demanded = true
	}
	ss.signFrom = ss.signFrom.earlier(v.signFrom)
	if v.sealFrom != 0 || v.laxity != nil {
		first := ss.primary
		ss.primary = first.raised(v)
		for c, sec := range ss.channels {
			if ss.channels[c] = ss.primary; sec != first {
				ss.channels[c] = sec.raised(v)
			}
		}
	}
	ss.identity = id // from now on addTree takes no tree connect of the user before
	trees := maps.Clone(ss.trees)
	ss.mu.Unlock()
	if same {
		return true
	}
	renewed := make(map[smb2.TreeID]*treeConnect, len(trees))
	for _, t := range trees {
		renewed[t.id] = t.as(id) // asks the share, which may block
	}
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for treeID, t := range renewed {
		if ss.trees[treeID] == trees[treeID] { // not disconnected meanwhile
			ss.trees[treeID] = t
		}
	}
	return !ss.closed
}

// raised returns a copy of sec of which v is demanded, too.
func (sec *sessionSecurity) raised(v verdict) *sessionSecurity {
	c := *sec
	c.sealFrom, c.laxity = sec.sealFrom.earlier(v.sealFrom), cmp.Or(v.laxity, sec.laxity)
	return &c
}
