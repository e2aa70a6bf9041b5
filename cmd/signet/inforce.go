package main

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// policyInForce is the policy the server works by: a profile and above it the
// configuration file. Safe for concurrent use.
//
// Missing: values of the store, of group policy and of the command line, which
// go above the file.
type policyInForce struct {
	snapshot atomic.Pointer[policy.Snapshot] // never nil
}

// newPolicyInForce begins with profile signet.
func newPolicyInForce() *policyInForce {
	p := new(policyInForce)
	p.snapshot.Store(policy.Default())
	return p
}

// current returns the policy as it is now.
func (p *policyInForce) current() *policy.Snapshot { return p.snapshot.Load() }

// set puts another policy in force: each property for whom its Reload class
// names. What lowers protection, and what somebody set although nothing reads
// it, is said in the log, every time.
func (p *policyInForce) set(ctx context.Context, s *policy.Snapshot, log *slog.Logger) {
	p.snapshot.Store(s)
	for _, setting := range s.Settings() {
		if setting.Caution != "" {
			log.WarnContext(ctx, "a setting lowers protection", "property", setting.Name, "value", setting.Value,
				"from", setting.Origin.String(), "caution", setting.Caution)
		}
		if setting.State != policy.Works && setting.Origin.Layer != policy.LayerProfile {
			log.WarnContext(ctx, "a setting does nothing", "property", setting.Name, "value", setting.Value,
				"from", setting.Origin.String(), "state", setting.State.String(), "why", setting.Why)
		}
	}
}

// inForce describes a policy in the words of GET /api/v1/status.
func inForce(p *policy.Snapshot) admin.Status {
	s := admin.Status{
		Inbound:    "NotRequired",
		Outbound:   "NoClient", // this build connects to no one
		Guest:      "Off",
		Encryption: "Offered",
		Dialects:   server.Dialects(p),
		Profile:    p.ProfileOf(),
	}
	if policy.Get(p, policy.RequireSecuritySignature) {
		s.Inbound = "Required"
	}
	if policy.Get(p, policy.EnableGuestAccess) && s.Inbound != "Required" && !policy.Get(p, policy.EncryptData) {
		s.Guest = "On"
	}
	switch {
	case policy.Get(p, policy.EncryptData):
		s.Encryption = "Required"
	case len(policy.Get(p, policy.EncryptionCiphers)) == 0:
		s.Encryption = "Off"
	}
	for _, setting := range p.Settings() {
		if setting.Origin.Layer != policy.LayerProfile || setting.Caution != "" {
			s.Settings = append(s.Settings, admin.Setting{
				Name: setting.Name, Value: setting.Value, Origin: setting.Origin.String(), Weakens: setting.Caution != "",
			})
		}
	}
	return s
}
