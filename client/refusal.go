package client

import (
	"fmt"
	"strings"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// Refusal is a policy that says no: this client's to a server, or a server's to
// this client. It names the settings that decided, on both ends. Programs tell
// it from other failures with [errors.AsType].
type Refusal struct {
	Server   string
	Rule     string // in a few words, the same for the same cause
	Reason   string // one sentence
	Status   ntstatus.Status
	Remedies []Remedy // any one of them would do, the best first
}

// Remedy is a setting with which the refusal would not have happened.
type Remedy struct {
	On      string // the server's name, or "this client"
	Setting string // "server.RequireSecuritySignature"
	Value   string
	Caution string // why that is not recommended; "" if it lowers no protection
}

// thisClient is the end that a Remedy names when it is ours.
const thisClient = "this client"

// Error gives the reason and the remedies.
func (e *Refusal) Error() string {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(e.Reason, "."))
	for i, r := range e.Remedies {
		if i == 0 {
			b.WriteString("; set ")
		} else {
			b.WriteString(", or ")
		}
		fmt.Fprintf(&b, "%s to %s on %s", r.Setting, r.Value, r.On)
		if r.Caution != "" {
			b.WriteString(" (not recommended)")
		}
	}
	return b.String()
}

// Unwrap gives the status, if there is one.
func (e *Refusal) Unwrap() error {
	if e.Status == ntstatus.Success {
		return nil
	}
	return e.Status
}

// remedy makes the Remedy that gives property k the value v on end on.
func remedy(on, property, value string) Remedy {
	r := Remedy{On: on, Setting: property, Value: value}
	v := policy.NewValues(policy.Origin{Layer: policy.LayerCommandLine, Name: "remedy"})
	if err := v.Set(property, value); err != nil {
		return r
	}
	if after, err := policy.Stack(v); err == nil {
		for _, w := range policy.Weakenings(policy.Default(), after) {
			if w.Name == property {
				r.Caution = w.Caution
			}
		}
	}
	return r
}

// Rules of refusals that package policy does not decide.
const (
	RuleUnsigned       = "server does not sign"
	RuleBlockNTLM      = "NTLM is blocked"
	RuleNTLMToStranger = "no NTLM to a server that another has named"
	RuleNoService      = "Kerberos knows no addresses"
	RuleDialect        = "no dialect in common"
	ruleSelf           = "this server is ourselves"
)

// selfRefused is the refusal to sign in on ourselves.
func selfRefused(server string) *Refusal {
	return &Refusal{
		Server: server, Rule: ruleSelf,
		Reason: "This server is this very program: somebody may be reflecting our own sign-in.",
	}
}

// refusedBy makes a *Refusal of a decision.
func refusedBy(server string, d policy.Decision) *Refusal {
	r := &Refusal{Server: server, Rule: d.Rule, Reason: d.Reason, Status: ntstatus.Status(d.Status)}
	switch d.Rule {
	case policy.RuleNoKey:
		r.Remedies = []Remedy{
			remedy(server, "server.EnableGuestAccess", "False"),
			remedy(thisClient, "client.RequireSecuritySignature", "False"),
		}
		r.Reason = "The server took the user for a guest, who cannot sign, and client.RequireSecuritySignature is True. Use an account that the server knows."
	case policy.RuleNoGuest:
		r.Remedies = []Remedy{
			remedy(server, "server.EnableGuestAccess", "False"),
			remedy(thisClient, "client.EnableInsecureGuestLogons", "True"),
		}
		r.Reason = "The server took the user for a guest, and client.EnableInsecureGuestLogons is False. Use an account that the server knows."
	case policy.RuleClientEncrypts:
		r.Remedies = []Remedy{
			remedy(server, "server.Smb2DialectMax", "None"),
			remedy(thisClient, "client.RequireEncryption", "False"),
		}
	}
	return r
}
