package main

import (
	"context"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/internal/statedir"
)

// inspector answers GET /api/v1/status. Immutable.
type inspector struct {
	key    statedir.KeyLocation
	policy *policyInForce
	config *configService
	server smbServer // nil if none runs
	listen []string  // addresses it serves
	admin  string    // URL of the administration over TCP; "" if there is none
}

// Inspect implements admin.Inspector.
func (i *inspector) Inspect(ctx context.Context) (admin.Status, error) {
	s := inForce(i.policy.current())
	var err error
	if s.Exceptions, err = i.config.exceptions(ctx); err != nil {
		return s, err
	}
	s.Pending = i.config.pendingRules(time.Now())
	s.Version = version()
	s.SecretsKey = i.key.Protection()
	if i.server != nil {
		s.Running = true
		s.Listen = i.listen
		s.Administration = i.admin
		s.Sessions = i.server.Sessions()
	}
	return s, nil
}
