package main

import (
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/policy"
)

// alerts are the events by which Windows tells that settings of its client lower
// protection, whoever has changed them.
var alerts = []struct {
	kind    *event.Kind
	setting string
	lowered func(*policy.Snapshot) bool
}{
	{event.SigningNotDefault, policy.ClientRequireSecuritySignature.Name, func(s *policy.Snapshot) bool {
		return !policy.Get(s, policy.ClientRequireSecuritySignature)
	}},
	{event.InsecureGuestLogonsEnabled, policy.EnableInsecureGuestLogons.Name, func(s *policy.Snapshot) bool {
		return policy.Get(s, policy.EnableInsecureGuestLogons)
	}},
}

// alertTo raises the alerts of the policy as it is, and from now on those of
// each change.
func (p *policyInForce) alertTo(raise func(event.Event)) {
	p.changing.Lock()
	defer p.changing.Unlock()
	p.alert = raise
	p.alertLocked(policy.Default())
}

// alertLocked raises the alerts of what is lowered now and was not. The caller
// holds changing.
func (p *policyInForce) alertLocked(was *policy.Snapshot) {
	if p.alert == nil {
		return
	}
	is := p.current()
	for _, a := range alerts {
		if !a.lowered(is) || a.lowered(was) {
			continue
		}
		e := event.Event{Kind: a.kind, Property: a.setting}
		for _, setting := range is.Settings() {
			if setting.Name == a.setting {
				e.New, e.Reason = &setting.Value, setting.Origin.String()
			}
		}
		p.alert(e)
	}
}
