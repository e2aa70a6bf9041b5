package server

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/signet-smb/signet/internal/rpc/srvsvc"
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
	uses := s.server.shareUses()
	list := s.server.shares.Load().list
	shares := make([]srvsvc.Share, 0, len(list))
	for _, m := range list {
		sh := srvsvc.Share{Name: m.Name, Type: srvsvc.TypeDiskTree, Remark: m.Comment, CurrentUses: uses[m]}
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

// shareUses counts the tree connects of each share.
func (s *Server) shareUses() map[*mountedShare]uint32 {
	s.mu.Lock()
	sessions := slices.Collect(maps.Values(s.sessions))
	s.mu.Unlock()
	uses := make(map[*mountedShare]uint32)
	for _, ss := range sessions {
		ss.mu.RLock()
		for _, t := range ss.trees {
			uses[t.share]++
		}
		ss.mu.RUnlock()
	}
	return uses
}
