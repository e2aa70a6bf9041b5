package main

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
)

// configPlan is what would follow from a change.
type configPlan struct {
	result  admin.ConfigResult // of the change, as long as it was not made
	weakest string             // the first property that protects less; "" if none does
	caution string             // why that is not recommended
}

// planLocked says what would follow from e. The error is a refusal: the values
// contradict each other. The caller holds policy.changing.
func (c *configService) planLocked(d store.Decisions, e store.Edit) (configPlan, error) {
	oursBefore, _ := c.policy.layers.ours() // what was published made sense
	before := c.policy.current()
	l := c.layersAfterLocked(d, e)
	inForce, err := l.stack()
	oursAfter, err2 := l.ours()
	if err := errors.Join(err, err2); err != nil {
		return configPlan{}, propertyRefusal("ConflictingValues", err)
	}

	p := configPlan{result: admin.ConfigResult{Revision: d.Revision, Deadline: deadlineOf(e)}}
	cautions := make(map[string]string)
	// What lies below group policy counts, too: it will be in force one day.
	for _, w := range append(policy.Weakenings(oursBefore, oursAfter), policy.Weakenings(before, inForce)...) {
		cautions[w.Name] = w.Caution
		if p.weakest == "" {
			p.weakest, p.caution = w.Name, w.Caution
		}
	}
	for _, w := range policy.RuleWeakenings(oursBefore, oursAfter, time.Now()) {
		cautions[w.Name] = w.Caution
		if p.weakest == "" {
			p.weakest, p.caution = w.Name, w.Caution
		}
	}
	p.result.Weakens = p.weakest != ""
	was, is := settingsByName(before), settingsByName(inForce)
	was[profileProperty], is[profileProperty] = profileSetting(before), profileSetting(inForce)
	addRuleSettings(was, e, before)
	addRuleSettings(is, e, inForce)
	p.result.Overlaps = overlapsOf(e, inForce)
	asked := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(e.Set)) {
		property, ofGroup := cutGroupPolicy(name)
		asked[property] = true
		if v, ok := d.Values[name]; ofGroup && ok && e.Set[name] != nil && *e.Set[name] == v.Text && d.Deadline(name) == nil && e.Until.IsZero() && e.ConfirmBy.IsZero() {
			continue // said again
		}
		p.result.Effects = append(p.result.Effects, effectOf(name, d, e, was[property], is[property], cautions[property]))
	}
	for _, s := range inForce.Settings() { // what comes of another profile
		if !asked[s.Name] && s.Value != was[s.Name].Value {
			effect := effectOf(s.Name, d, e, was[s.Name], s, cautions[s.Name])
			effect.New = effect.Old
			p.result.Effects = append(p.result.Effects, effect)
		}
	}
	if c.server != nil {
		p.result.Sessions = c.server.Noncomplying(inForce, time.Now())
	}
	return p, nil
}

// layersAfterLocked are the layers as e would leave them. The caller holds
// policy.changing.
func (c *configService) layersAfterLocked(d store.Decisions, e store.Edit) layers {
	after := store.Decisions{Revision: d.Revision + 1, Values: maps.Clone(d.Values)}
	for name, text := range e.Set {
		if delete(after.Values, name); text != nil {
			after.Values[name] = store.Value{Text: *text, Revision: after.Revision}
		}
	}
	l := c.policy.layers
	_ = l.takeStore(after) // what has no meaning says nothing
	return l
}

// profileSetting describes the profile below s as if it were a property.
func profileSetting(s *policy.Snapshot) policy.Setting {
	return policy.Setting{Name: profileProperty, Value: s.ProfileOf(), Reload: policy.NextConnection}
}

// settingsByName describes every property in s.
func settingsByName(s *policy.Snapshot) map[string]policy.Setting {
	byName := make(map[string]policy.Setting)
	for _, setting := range s.Settings() {
		byName[setting.Name] = setting
	}
	return byName
}

// effectOf says what e does to one property, which was as it was and will be
// as it is.
func effectOf(name string, d store.Decisions, e store.Edit, was, is policy.Setting, caution string) admin.ConfigEffect {
	effect := admin.ConfigEffect{
		Property: name, Before: was.Value, After: is.Value,
		TakesEffect: reloadWord(is.Reload), Caution: caution, Warning: is.Why,
	}
	layer := policy.LayerStore
	if property, ok := cutGroupPolicy(name); ok {
		effect.Property, effect.Layer, layer = property, groupPolicyWord, policy.LayerGroupPolicy
	}
	effect.New, effect.Source = cutSourceOf(e.Set[name])
	if v, ok := d.Values[name]; ok {
		effect.Old, _ = cutSourceOf(&v.Text)
	}
	if effect.New != nil && is.Origin.Layer > layer {
		effect.HeldBy = is.Origin.String()
	}
	return effect
}

// deadlineOf says when what e sets goes back; nil: never. To what differs from
// property to property.
func deadlineOf(e store.Edit) *admin.PropertyDeadline {
	if e.Until.IsZero() && e.ConfirmBy.IsZero() {
		return nil
	}
	return showDeadline(&store.Deadline{Until: e.Until, ConfirmBy: e.ConfirmBy})
}
