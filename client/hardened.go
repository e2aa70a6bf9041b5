package client

import (
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/policy"
)

// RuleHardened is the rule of refusals of shares of which client.HardenedPaths
// demands more than the session has.
const RuleHardened = "the share's path is hardened"

// meets tells why a session with those keys, made by that mechanism, is less
// than the demand on a share; nil if it is not. Nothing has been asked about
// the share then.
func meets(demand policy.HardenedPath, keys *transform.Side, mechanism string) error {
	var why string
	var remedies []Remedy
	switch {
	case demand.MutualAuthentication && mechanism != kerberosName:
		why = "demands that the server proves who it is, which only Kerberos does. Use the server's name, and a ticket"
	case demand.Privacy && (keys == nil || keys.Sealer == nil):
		why = "demands encryption, and nothing can be encrypted in this session"
		remedies = append(remedies, remedy(demand.Server, "server.Smb2DialectMax", "None"))
	case demand.Integrity && keys == nil:
		why = "demands signing, and this session has no key to sign with"
		remedies = append(remedies, remedy(demand.Server, "server.EnableGuestAccess", "False"))
	default:
		return nil
	}
	return &Refusal{
		Server: demand.Server, Rule: RuleHardened,
		Reason:   "client.HardenedPaths of this client, for " + `\\` + demand.Server + `\` + demand.Share + ", " + why + ".",
		Remedies: remedies,
	}
}
