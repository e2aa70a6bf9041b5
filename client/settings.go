package client

import (
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/policy"
)

// settings is what the policy says to the client, read once when a connection
// is made: no setting changes in the middle of a handshake.
type settings struct {
	requireSigning    bool
	requireEncryption bool
	allowGuest        bool
	lowest, highest   smb2.Dialect // 0: no bound
	ciphers           []smb2.Cipher
	algorithms        []smb2.SigningAlgorithm
	largeMTU          bool
	blockNTLM         bool
	ntlmExceptions    []string
	sessionTimeout    time.Duration
	extendedTimeout   time.Duration
	maxCmds           int
	multiChannel      bool
	perInterface      int  // connections to an interface with several queues
	perServer         int  // connections of a session
	oplocks           bool // oplocks and leases are asked for
	auditGuest        bool
	auditEncryption   bool
	auditSigning      bool
	hardened          []policy.HardenedPath
}

// newSettings reads the policy; nil is the default.
func newSettings(p *policy.Snapshot) *settings {
	if p == nil {
		p = policy.Default()
	}
	s := &settings{
		requireSigning:    policy.Get(p, policy.ClientRequireSecuritySignature),
		requireEncryption: policy.Get(p, policy.ClientRequireEncryption),
		allowGuest:        policy.Get(p, policy.EnableInsecureGuestLogons),
		lowest:            smb2.Dialect(policy.Get(p, policy.ClientSmb2DialectMin)),
		highest:           smb2.Dialect(policy.Get(p, policy.ClientSmb2DialectMax)),
		largeMTU:          policy.Get(p, policy.EnableLargeMtu),
		blockNTLM:         policy.Get(p, policy.BlockNTLM),
		ntlmExceptions:    policy.Get(p, policy.BlockNTLMServerExceptionList),
		sessionTimeout:    time.Duration(policy.Get(p, policy.SessionTimeout)) * time.Second,
		extendedTimeout:   time.Duration(policy.Get(p, policy.ExtendedSessionTimeout)) * time.Second,
		maxCmds:           int(policy.Get(p, policy.MaxCmds)),
		multiChannel:      policy.Get(p, policy.ClientEnableMultiChannel),
		perInterface:      int(policy.Get(p, policy.ConnectionCountPerRssNetworkInterface)),
		perServer:         int(policy.Get(p, policy.MaximumConnectionCountPerServer)),
		oplocks:           policy.Get(p, policy.UseOpportunisticLocking) && !policy.Get(p, policy.OplocksDisabled),
		auditGuest:        policy.Get(p, policy.ClientAuditInsecureGuestLogon),
		auditEncryption:   policy.Get(p, policy.AuditServerDoesNotSupportEncryption),
		auditSigning:      policy.Get(p, policy.AuditServerDoesNotSupportSigning),
		hardened:          policy.Get(p, policy.HardenedPaths),
	}
	for _, c := range policy.Get(p, policy.ClientEncryptionCiphers) {
		s.ciphers = append(s.ciphers, smb2.Cipher(c))
	}
	for _, a := range transform.SigningAlgorithms {
		if s.multiChannel && a.ID == smb2.SigningAESGMAC {
			continue // servers prefer it, and no channel is bound by it
		}
		s.algorithms = append(s.algorithms, a.ID)
	}
	return s
}

// dialects are those between the bounds.
func (s *settings) dialects() []smb2.Dialect {
	return slices.DeleteFunc(slices.Clone(dialects), func(d smb2.Dialect) bool {
		return d < s.lowest || s.highest != 0 && d > s.highest
	})
}

// ntlmBlocked reports whether NTLM must not be spoken with server.
func (s *settings) ntlmBlocked(server string) bool {
	return s.blockNTLM && !slices.ContainsFunc(s.ntlmExceptions, func(name string) bool {
		return strings.EqualFold(name, server)
	})
}

// demands is what the client insists on, as the decision sees it.
func (s *settings) demands() policy.ClientDemands {
	return policy.ClientDemands{RequireSigning: s.requireSigning, RequireEncryption: s.requireEncryption, AllowGuest: s.allowGuest}
}

// policyName is the name of a property.
func policyName[T any](k *policy.Key[T]) string { return k.Name }
