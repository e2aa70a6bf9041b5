package server

import (
	"cmp"
	"slices"
	"time"

	"github.com/signet-smb/signet/internal/rpc/srvsvc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/policy"
)

// service shows the server to remote procedures. It implements srvsvc.Server.
type service struct{ server *Server }

// Name implements srvsvc.Server.
func (s service) Name() string { return s.server.name }

// Comment implements srvsvc.Server.
func (s service) Comment() string {
	return cmp.Or(policy.Get(s.server.policy(), policy.AnnounceComment), s.server.comment)
}

// Hidden implements srvsvc.Server.
func (s service) Hidden() bool { return policy.Get(s.server.policy(), policy.ServerHidden) }

// IdleMinutes implements srvsvc.Server.
func (s service) IdleMinutes() uint32 {
	return policy.Get(s.server.policy(), policy.AutoDisconnectTimeoutInSecondsV2) / 60
}

// Started implements srvsvc.Server.
func (s service) Started() time.Time { return s.server.started }

// Shares implements srvsvc.Server: the shares in the order in which they were
// configured, then IPC$.
func (s service) Shares() []srvsvc.Share {
	list := s.server.shares.Load().list
	shares := make([]srvsvc.Share, 0, len(list))
	for _, m := range list {
		sh := srvsvc.Share{Name: m.Name, Type: srvsvc.TypeDiskTree, Remark: m.Comment, MaxUses: m.MaxUses, CurrentUses: m.uses.Load()}
		if m.volume == nil {
			sh.Type, sh.Flags = srvsvc.TypeIPC|srvsvc.TypeSpecial, srvsvc.CacheNone
		}
		if m.AccessBasedEnumeration {
			sh.Flags |= srvsvc.AccessBasedEnumeration
		}
		if m.EncryptData {
			sh.Flags |= srvsvc.EncryptData
		}
		shares = append(shares, sh)
	}
	return shares
}

// TreeConnects implements srvsvc.Server.
func (s service) TreeConnects() []srvsvc.TreeConnect {
	var list []srvsvc.TreeConnect
	for _, ss := range s.server.signedIn() {
		list = ss.appendTreeConnects(list)
	}
	slices.SortFunc(list, func(a, b srvsvc.TreeConnect) int {
		return cmp.Or(cmp.Compare(a.Session, b.Session), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// appendTreeConnects appends the tree connects of a session that is signed in,
// in any order.
func (ss *session) appendTreeConnects(list []srvsvc.TreeConnect) []srvsvc.TreeConnect {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	opens := make(map[smb2.TreeID]uint32)
	for _, o := range ss.opens {
		opens[o.tree.id]++
	}
	for id, t := range ss.trees {
		kind := srvsvc.TypeDiskTree
		if t.isPipe() {
			kind = srvsvc.TypeIPC
		}
		list = append(list, srvsvc.TreeConnect{
			ID: uint32(id), Session: uint64(ss.id), Share: t.share.Name, Type: kind, User: ss.identity.Account, Client: ss.connection.remote,
			Opens: opens[id], Seconds: uint32(time.Since(t.created).Seconds()),
		})
	}
	return list
}
