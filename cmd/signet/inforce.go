package main

import (
	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// currentPolicy is the policy the server works by.
//
// Missing: layers above the profile.
func currentPolicy() *policy.Snapshot { return policy.Default() }

// inForce describes the policy in the words of GET /api/v1/status.
func inForce() admin.Status {
	p := currentPolicy()
	s := admin.Status{
		Inbound:    "NotRequired",
		Outbound:   "NoClient", // this build connects to no one
		Guest:      "Off",      // guests have no key to sign with, and no code lets them in
		Encryption: "Offered",
		Dialects:   server.Dialects(p),
	}
	if policy.Get(p, policy.RequireSecuritySignature) {
		s.Inbound = "Required"
	}
	switch {
	case policy.Get(p, policy.EncryptData):
		s.Encryption = "Required"
	case len(policy.Get(p, policy.EncryptionCiphers)) == 0:
		s.Encryption = "Off"
	}
	return s
}
