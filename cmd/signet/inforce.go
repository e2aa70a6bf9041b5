package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
	"github.com/signet-smb/signet/server"
)

// policyInForce is the policy that the server works by: a profile, and above it
// what the layers say. Safe for concurrent use.
type policyInForce struct {
	snapshot atomic.Pointer[policy.Snapshot] // never nil

	// changing is held over a change of what a layer says, from the look at
	// the others to the publication of what comes of all.
	changing sync.Mutex
	layers   layers            // guarded by changing
	alert    func(event.Event) // guarded by changing; nil: nobody wants to know
}

// layers are what each origin says of some properties. The values in it never
// change.
type layers struct {
	machine machinePolicy
	file    []*policy.Values // of the configuration file
	store   []*policy.Values // one for each revision
	group   []*policy.Values // of group policy, one for each of its files
	above   []*policy.Values // of layers above these
}

// newPolicyInForce begins with profile signet.
func newPolicyInForce() *policyInForce {
	p := new(policyInForce)
	p.snapshot.Store(policy.Default())
	return p
}

// under puts the machine's policy for clients below all that layers say, and
// holds them to it. It is called before anything else is.
func (p *policyInForce) under(m machinePolicy) error {
	p.changing.Lock()
	defer p.changing.Unlock()
	return p.publishLocked(layers{machine: m})
}

// current returns the policy as it is now.
func (p *policyInForce) current() *policy.Snapshot { return p.snapshot.Load() }

// stack returns the policy that comes of all layers. The error is a
// *[policy.PropertyError]: they contradict each other.
func (l layers) stack() (*policy.Snapshot, error) {
	all := slices.Concat([]*policy.Values{l.machine.values}, l.file, l.store, l.group, l.above)
	s, err := policy.Stack(all...)
	if hold := l.machine.hold(s); err == nil && hold != nil {
		return policy.Stack(append(all, hold)...)
	}
	return s, err
}

// ours returns the policy that would come of the layers if those above the
// store said nothing.
func (l layers) ours() (*policy.Snapshot, error) {
	l.group, l.above = nil, nil
	return l.stack()
}

// takeStore takes into the layers what the store says. What has no meaning is
// left out, and named by the error.
func (l *layers) takeStore(d store.Decisions) error {
	var err, err2 error
	l.store, err = valuesOf(d)
	l.group, err2 = groupPolicyOf(d)
	return errors.Join(err, err2)
}

// publishLocked puts what l says in force: each property for whom its Reload
// class names. On failure nothing has changed. The caller holds changing.
func (p *policyInForce) publishLocked(l layers) error {
	s, err := l.stack()
	if err != nil {
		return err
	}
	p.layers = l
	was := p.snapshot.Swap(s)
	p.alertLocked(was)
	return nil
}

// setFile puts what a configuration file says in force, instead of what it
// said before. check is called when it is known that it can be; an error of it
// leaves all as it was.
func (p *policyInForce) setFile(file []*policy.Values, check func() error) error {
	p.changing.Lock()
	defer p.changing.Unlock()
	l := p.layers
	l.file = file
	if _, err := l.stack(); err != nil {
		return err
	}
	if check != nil {
		if err := check(); err != nil {
			return err
		}
	}
	return p.publishLocked(l)
}

// warn says in the log what lowers protection, and what somebody has set
// although nothing reads it.
func (p *policyInForce) warn(ctx context.Context, log *slog.Logger) {
	for _, r := range p.current().Rules() {
		switch {
		case r.Ended(time.Now()):
			log.WarnContext(ctx, "a rule is over, and does nothing", "rule", r.Name, "says", r.String(), "from", r.Origin.String())
		case r.Exempts():
			log.WarnContext(ctx, "a rule lowers protection", "rule", r.Name, "says", r.String(), "from", r.Origin.String(), "reason", r.Reason)
		}
	}
	for _, setting := range p.current().Settings() {
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
		Outbound:   "NotRequired",
		Guest:      "Off",
		Encryption: "Offered",
		Dialects:   server.Dialects(p),
	}
	if policy.Get(p, policy.RequireSecuritySignature) {
		s.Inbound = "Required"
	}
	if policy.Get(p, policy.ClientRequireSecuritySignature) {
		s.Outbound = "Required"
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
