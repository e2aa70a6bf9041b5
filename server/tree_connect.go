package server

import (
	"strings"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
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
	maximalAccess dtyp.AccessMask
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
	name, err := shareOf(req.Path)
	if err != nil {
		return nil, err
	}
	share := a.conn.server.shares.Load().find(name)
	if share == nil {
		return nil, ntstatus.BadNetworkName
	}
	t := &treeConnect{share: share, policy: a.conn.server.policy(), maximalAccess: share.maximalAccess(a.session.who())}
	if !t.isPipe() {
		if a.security.kind == auth.Anonymous {
			return nil, ntstatus.AccessDenied
		}
		if t.maximalAccess == 0 {
			a.conn.warn("tree connect refused", "share", share.Name, "user", a.session.who().Account, "err", "no access to the share is granted")
			return nil, ntstatus.AccessDenied
		}
		if share.Cred != nil {
			if t.cred, err = share.Cred(a.session.who()); err != nil {
				a.conn.warn("tree connect refused", "share", share.Name, "err", err)
				return nil, ntstatus.AccessDenied
			}
		}
	}
	done, err := a.session.reserveTree(int(policy.Get(a.conn.policy, policy.MaxTreeConnectPerSession)))
	if err != nil {
		return nil, err
	}
	defer done()
	if !a.session.addTree(t) {
		return nil, ntstatus.UserSessionDeleted
	}
	if !a.conn.server.shares.Load().serves(name, share.volume) {
		// Replaced meanwhile: endTrees may not have seen this one.
		a.session.removeTree(t)
		return nil, ntstatus.BadNetworkName
	}
	a.treeID = t.id
	res := &smb2.TreeConnectResponse{
		ShareType:     smb2.ShareTypeDisk,
		ShareFlags:    smb2.ShareFlagManualCaching,
		MaximalAccess: t.maximalAccess,
	}
	if t.isPipe() {
		res.ShareType = smb2.ShareTypePipe
		res.ShareFlags = smb2.ShareFlagNoCaching
	}
	return res, nil
}

// shareOf returns the share's name in a path of the form \\server\share.
// [MS-SMB2] 2.2.9.
func shareOf(path string) (string, error) {
	rest, ok := strings.CutPrefix(path, `\\`)
	if !ok {
		return "", ntstatus.InvalidParameter
	}
	host, share, ok := strings.Cut(rest, `\`)
	if !ok || host == "" || share == "" || strings.Contains(share, `\`) {
		return "", ntstatus.InvalidParameter
	}
	return share, nil
}
