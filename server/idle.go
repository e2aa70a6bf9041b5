package server

import (
	"time"

	"github.com/signet-smb/signet/policy"
)

// watchIdle ends the session once it has had nothing open, and no request, for
// AutoDisconnectTimeoutInSecondsV2. Clients sign in again when they need to.
// The caller holds ss.mu.
func (ss *session) watchIdleLocked() {
	limit := time.Duration(policy.Get(ss.policy, policy.AutoDisconnectTimeoutInSecondsV2)) * time.Second
	if limit == 0 || ss.idle != nil {
		return
	}
	ss.idle = time.AfterFunc(limit, func() {
		left := limit - ss.idleFor()
		if ss.numOpens.Load() > 0 {
			left = limit // from when the last is closed, or a while longer
		}
		ss.mu.Lock()
		if ss.closed {
			ss.mu.Unlock()
			return
		}
		if left > 0 {
			ss.idle.Reset(left)
			ss.mu.Unlock()
			return
		}
		finish := ss.closeLocked()
		ss.mu.Unlock()
		ss.server.log.Info("idle session ended", "session", ss.id.String())
		finish()
	})
}

// idleFor is how long ago the session was used.
func (ss *session) idleFor() time.Duration {
	return time.Since(ss.created) - time.Duration(ss.lastUsed.Load())
}
