package server

import (
	"errors"
	"slices"
	"strings"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/vfs"
)

// treeConnect is the ADM's TreeConnect. [MS-SMB2] 3.3.1.9. Immutable once it
// is in its session's table.
type treeConnect struct {
	id            smb2.TreeID
	share         *mountedShare
	policy        *policy.Snapshot // taken at TREE_CONNECT
	cred          *vfs.Cred        // who the session is on disk
	token         *fsa.Token       // who it is to security descriptors; nil for IPC$
	maximalAccess dtyp.AccessMask
	demands       verdict // of requests about it, beyond what the session demands
	party         policy.Party
	dialect       smb2.Dialect // of the connection by which it was made
	canSeal       bool         // the session has cipher keys
	refused       bool         // its session was given to a user who may not connect: nothing more is opened in it
}

// isPipe reports whether t is IPC$.
func (t *treeConnect) isPipe() bool { return t.share.volume == nil }

// connectTree handles TREE_CONNECT. [MS-SMB2] 3.3.5.7.
func connectTree(a *authenticated) (smb2.Message, error) {
	var req smb2.TreeConnectRequest
	n := a.conn.negotiated.Load()
	user := a.security.kind == auth.User
	if n.dialect == smb2.Dialect311 && user && !a.header.Is(smb2.FlagSigned) && a.chain.sealedBy == 0 {
		return nil, &Disconnect{"3.3.5.7", "TREE_CONNECT neither signed nor sealed"}
	}
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	host, name, err := shareOf(req.Path)
	if err != nil {
		return nil, err
	}
	snapshot := a.conn.server.policy()
	if policy.Get(snapshot, policy.EnableStrictNameChecking) && !a.conn.server.isOwnName(host, snapshot, a.conn.nc.LocalAddr()) {
		a.conn.server.count(RefusedName)
		a.conn.warn("tree connect refused", "server", host, "err", "the server has another name, and EnableStrictNameChecking is True")
		return nil, ntstatus.DuplicateName
	}
	share := a.conn.server.shares.Load().find(name)
	if share == nil {
		return nil, ntstatus.BadNetworkName
	}
	who := a.session.who()
	t := &treeConnect{share: share, policy: snapshot}
	if err := t.admit(who); err != nil {
		a.refusedAtShare(event.ShareAccessDenied, share.Name, err)
		return nil, ntstatus.AccessDenied
	}
	if reason, err := a.checkShareProtection(t, who); err != nil {
		a.refusedAtShare(kindOf(reason, event.ShareAccessDenied), share.Name, reason)
		return nil, err
	}
	done, err := a.session.reserveTree(int(policy.Get(a.conn.policy, policy.MaxTreeConnectPerSession)))
	if err != nil {
		a.conn.server.count(LimitTreeConnects)
		return nil, err
	}
	defer done()
	if err := a.session.addTree(t, who); err != nil {
		return nil, err
	}
	if !a.conn.server.shares.Load().serves(name, share.volume) {
		// Replaced meanwhile: endTrees may not have seen this one.
		a.session.removeTree(t)
		return nil, ntstatus.BadNetworkName
	}
	a.treeID = t.id
	a.sawTreeConnect(who, t)
	a.noteUnsealed(a.session, share.Name, t.demands.laxity)
	if a.proof() == noProof {
		a.noteUnsigned(a.session, share.Name, t.demands.laxity)
	}
	res := &smb2.TreeConnectResponse{
		ShareType:     smb2.ShareTypeDisk,
		ShareFlags:    t.flags(n.dialect),
		MaximalAccess: t.maximalAccess,
	}
	if t.isPipe() {
		res.ShareType = smb2.ShareTypePipe
		res.ShareFlags = smb2.ShareFlagNoCaching
	}
	return res, nil
}

// Why a tree connect is refused.
var (
	errAnonymous = errors.New("anonymous users reach IPC$ and NullSessionShares only")
	errGuest     = errors.New("the share's EnableGuestAccess is False")
	errNoAccess  = errors.New("no access to the share is granted")
)

// admit sets what who is in t's share. The error is why that is nobody.
func (t *treeConnect) admit(who *auth.Identity) (err error) {
	t.maximalAccess = t.share.maximalAccess(who)
	switch {
	case t.isPipe():
		return nil
	case who.Kind == auth.Anonymous && !t.admitsAnonymous():
		return errAnonymous
	case who.Kind == auth.Guest && t.share.RefuseGuests:
		return errGuest
	case t.maximalAccess == 0:
		return errNoAccess
	case t.share.Cred != nil:
		t.cred, err = t.share.Cred(who)
	}
	if err == nil {
		t.token = t.share.token(who, t.cred)
	}
	return err
}

// admitsAnonymous reports whether the share is one of NullSessionShares.
func (t *treeConnect) admitsAnonymous() bool {
	return slices.ContainsFunc(policy.Get(t.policy, policy.NullSessionShares), func(name string) bool {
		return vfs.Fold(name) == vfs.Fold(t.share.Name)
	})
}

// as returns what t is after its session was given to who.
func (t *treeConnect) as(who *auth.Identity) *treeConnect {
	renewed := *t
	renewed.cred, renewed.token = nil, nil
	renewed.party = partyOf(t.party.Address, who)
	// What was demanded of another user is not taken back.
	v := renewed.judge(identities[who.Kind])
	v.signFrom, v.sealFrom = v.signFrom.earlier(t.demands.signFrom), v.sealFrom.earlier(t.demands.sealFrom)
	if v.decision.Outcome < t.demands.decision.Outcome {
		v.decision = t.demands.decision
	}
	renewed.demands = v
	renewed.refused = renewed.admit(who) != nil || v.decision.Outcome == policy.Refused
	return &renewed
}

// shareOf returns the names in a path of the form \\server\share.
// [MS-SMB2] 2.2.9.
func shareOf(path string) (host, share string, err error) {
	rest, ok := strings.CutPrefix(path, `\\`)
	if !ok {
		return "", "", ntstatus.InvalidParameter
	}
	host, share, ok = strings.Cut(rest, `\`)
	if !ok || host == "" || share == "" || strings.Contains(share, `\`) {
		return "", "", ntstatus.InvalidParameter
	}
	return host, share, nil
}
