package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
)

// Properties implements admin.Configuration.
func (c *configService) Properties(ctx context.Context) (admin.PropertyList, error) {
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.store.Decisions(ctx)
	if err != nil {
		return admin.PropertyList{}, err
	}
	list := admin.PropertyList{Revision: d.Revision}
	for _, s := range c.policy.current().Settings() {
		list.Properties = append(list.Properties, showProperty(s, d))
	}
	return list, nil
}

// Explain implements admin.Configuration.
func (c *configService) Explain(ctx context.Context, property string) (admin.Explanation, error) {
	definition, err := policy.Find(property)
	if err != nil {
		return admin.Explanation{}, propertyRefusal("UnknownProperty", err)
	}
	c.policy.changing.Lock()
	defer c.policy.changing.Unlock()
	d, err := c.store.Decisions(ctx)
	if err != nil {
		return admin.Explanation{}, err
	}
	setting := settingsByName(c.policy.current())[definition.Name]
	e := admin.Explanation{
		Property: showProperty(setting, d),
		Doc:      definition.Doc, Section: definition.Section, Allowed: definition.Allowed,
		Layers: []admin.LayerValue{showLayer(setting.Origin, setting.Value)},
	}
	e.Rules = c.rulesAbout(definition.Name, time.Now())
	for _, covered := range setting.Covered {
		e.Layers = append(e.Layers, showLayer(covered.Origin, covered.Value))
	}
	held, ok := d.Values[storedName(setting)]
	if !ok {
		held, ok = d.Values[definition.Name]
	}
	if ok {
		made, err := c.store.Revisions(ctx, held.Revision+1, 1)
		if err != nil {
			return admin.Explanation{}, err
		}
		for _, r := range made {
			head := showRevision(r).RevisionHead
			e.Changed = &head
		}
	}
	return e, nil
}

// History implements admin.Configuration.
func (c *configService) History(ctx context.Context, before uint64, limit int) ([]admin.Revision, error) {
	revisions, err := c.store.Revisions(ctx, before, limit)
	list := make([]admin.Revision, len(revisions))
	for i, r := range revisions {
		list[i] = showRevision(r)
	}
	return list, err
}

// ValuesAt implements admin.Configuration.
func (c *configService) ValuesAt(ctx context.Context, revision uint64) (admin.RevisionValues, error) {
	values, err := c.store.ValuesAt(ctx, revision)
	group := groupPolicySettings(values)
	return admin.RevisionValues{Revision: revision, Values: values, GroupPolicy: group}, configRefusal(err)
}

func showProperty(s policy.Setting, d store.Decisions) admin.Property {
	side, name, _ := strings.Cut(s.Name, ".")
	p := admin.Property{
		Side: side, Name: name, Value: s.Value, Layer: layerWord(s.Origin.Layer), Source: s.Origin.Name,
		TakesEffect: reloadWord(s.Reload), State: stateWord(s.State), Why: s.Why, Caution: s.Caution,
	}
	if l := d.Deadline(storedName(s)); l != nil {
		p.Deadline = showDeadline(l)
	}
	return p
}

func showLayer(from policy.Origin, value string) admin.LayerValue {
	return admin.LayerValue{Layer: layerWord(from.Layer), Source: from.Name, Value: value}
}

func showDeadline(l *store.Deadline) *admin.PropertyDeadline {
	restore, _ := cutSourceOf(l.Restore)
	return &admin.PropertyDeadline{Restore: restore, Until: timeOrNil(l.Until), ConfirmBy: timeOrNil(l.ConfirmBy)}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

func showRevision(r store.Revision) admin.Revision {
	shown := admin.Revision{RevisionHead: admin.RevisionHead{
		Number: r.Number, At: r.At, Kind: string(r.Kind), By: r.By.Account, Means: r.By.Means, Reason: r.By.Reason,
	}}
	for _, p := range r.Changes {
		change := admin.RevisionChange{Property: p.Property}
		if property, ok := cutGroupPolicy(p.Property); ok {
			change.Property, change.Layer = property, groupPolicyWord
		}
		var was, is string
		change.Old, was = cutSourceOf(p.Old)
		change.New, is = cutSourceOf(p.New)
		change.Source = cmp.Or(is, was)
		shown.Changes = append(shown.Changes, change)
	}
	return shown
}

// layerWord is the layer as the API says it.
func layerWord(l policy.Layer) string {
	words := map[policy.Layer]string{
		policy.LayerProfile: "Profile", policy.LayerMachine: "Machine", policy.LayerFile: "File", policy.LayerStore: "Store",
		policy.LayerGroupPolicy: "GroupPolicy", policy.LayerCommandLine: "CommandLine", policy.LayerFloor: "Floor",
	}
	return words[l]
}

// stateWord says as the API does whether anything reads a property.
func stateWord(s policy.State) string {
	words := map[policy.State]string{policy.Works: "Works", policy.Planned: "Planned", policy.NotApplicable: "NotApplicable"}
	return words[s]
}

// reloadWord says as the API does who sees a change.
func reloadWord(r policy.Reload) string {
	words := map[policy.Reload]string{
		policy.NextConnection: "NextConnection", policy.NextSession: "NextSession", policy.NextTreeConnect: "NextTreeConnect",
		policy.AtOnce: "AtOnce",
	}
	if word, ok := words[r]; ok {
		return word
	}
	return fmt.Sprintf("Reload%d", r)
}
