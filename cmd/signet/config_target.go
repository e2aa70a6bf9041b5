package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/gpo"
)

// targetFlags are what config get and config set take for another machine: its
// settings are read from, and written to, its registry, whatever server it
// runs.
type targetFlags struct {
	host   string
	client clientFlags
}

// add gives cmd the flags.
func (f *targetFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.host, "target", "", "`machine` whose settings are meant instead, in its registry: HOST, or smb://user@HOST:PORT")
	addClientFlags(cmd, &f.client)
}

// targetProperties is the answer of config get --target in JSON.
type targetProperties struct {
	Target     string
	Properties []targetProperty
}

// targetProperty is a property of another machine.
type targetProperty struct {
	Side   string
	Name   string
	Value  string
	Source string // the registry value that says so, below HKEY_LOCAL_MACHINE
}

// registryOf signs in at the host of f and opens its registry. The session is
// signed or sealed, or refused.
func (a *app) registryOf(ctx context.Context, f *targetFlags) (*client.Registry, error) {
	place := f.host
	if !isRemote(place) && !strings.HasPrefix(place, `\`) {
		place = "smb://" + place
	}
	l, err := parseLocation(place)
	if err != nil {
		return nil, err
	}
	if l.share != "" {
		return nil, usagef("--target %s names a share: name the machine", f.host)
	}
	for i := range f.client.policy {
		if p := &f.client.policy[i]; p.property == policy.ClientRequireSecuritySignature.Name {
			p.value, p.given = "True", func() bool { return true }
		}
	}
	s, err := a.session(ctx, l, &f.client)
	if err != nil {
		return nil, err
	}
	return s.Registry(ctx)
}

// held is what a registry says of a property.
type held struct {
	entry gpo.Entry
	text  string // as the property prints it
}

// readTarget reads what a registry says of properties, by their names; the value
// that counts last: on Windows a policy's key is above the service's own.
func readTarget(ctx context.Context, r *client.Registry, wanted func(property string) bool) (map[string][]held, error) {
	keys := make(map[string][]gpo.Entry)
	var order []string
	for _, e := range gpo.Entries() {
		if !wanted(e.Property) {
			continue
		}
		if keys[e.Key] == nil {
			order = append(order, e.Key)
		}
		keys[e.Key] = append(keys[e.Key], e)
	}
	found := make(map[string][]held)
	for _, key := range order {
		names := make([]string, len(keys[key]))
		for i, e := range keys[key] {
			names[i] = e.Name
		}
		values, err := r.Values(ctx, key, names...)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			e, ok := gpo.FindEntry(key, v.Name)
			if !ok {
				continue
			}
			h := held{e, ""}
			if h.text, err = printed(e, v.Type, v.Data); err != nil {
				h.text = fmt.Sprintf("(no value: %v)", err)
			}
			found[e.Property] = insertHeld(found[e.Property], h)
		}
	}
	return found, nil
}

// insertHeld keeps those of a policy's key behind the others.
func insertHeld(list []held, h held) []held {
	if !h.entry.Policy() && len(list) > 0 && list[len(list)-1].entry.Policy() {
		return append(list[:len(list)-1:len(list)-1], h, list[len(list)-1])
	}
	return append(list, h)
}

// printed is registry data as the property prints it.
func printed(e gpo.Entry, kind uint32, data []byte) (string, error) {
	text, err := e.Parse(kind, data)
	if err != nil {
		return "", err
	}
	d, err := policy.Find(e.Property)
	if err != nil {
		return "", err
	}
	value, err := d.Parse(text)
	if err != nil {
		return "", err
	}
	return d.Format(value), nil
}

// configGetTarget is config get --target.
func (a *app) configGetTarget(ctx context.Context, args []string, f *targetFlags) error {
	side, names := takeSide(args)
	wanted := func(property string) bool {
		of, bare, _ := strings.Cut(property, ".")
		if side != "" && of != side {
			return false
		}
		for _, name := range names {
			if likeName(name, bare) || likeName(name, property) {
				return true
			}
		}
		return len(names) == 0
	}
	for _, name := range names {
		if !strings.Contains(name, "*") && registryEntry(fullName(side, name)) == nil {
			return &exitError{code: exitUsage, err: noRegistryValue(side, name)}
		}
	}
	r, err := a.registryOf(ctx, f)
	if err != nil {
		return err
	}
	defer r.Close()
	found, err := readTarget(ctx, r, wanted)
	if err != nil {
		return err
	}
	out := targetProperties{Target: f.host, Properties: []targetProperty{}}
	var lines [][2]string
	for _, d := range policy.Definitions() {
		if !wanted(d.Name) || registryEntry(d.Name) == nil {
			continue
		}
		of, name, _ := strings.Cut(d.Name, ".")
		p := targetProperty{Side: of, Name: name}
		text := notSet
		if list := found[d.Name]; len(list) > 0 {
			last := list[len(list)-1]
			p.Value, p.Source = last.text, last.entry.Key+`\`+last.entry.Name
			text = p.Value
		} else if len(names) == 0 {
			continue // Windows' own default, which its registry does not say
		}
		out.Properties = append(out.Properties, p)
		if side == "" {
			name = d.Name
		}
		lines = append(lines, [2]string{name, text})
	}
	if a.json {
		return a.printJSON(out)
	}
	return a.printList(lines)
}

// registryEntry returns the registry value to write a property to: of the service's
// own key if it has one there. nil: it has none.
func registryEntry(property string) *gpo.Entry {
	var found *gpo.Entry
	for _, e := range gpo.Entries() {
		if strings.EqualFold(e.Property, property) && (found == nil || found.Policy() && !e.Policy()) {
			found = &e
		}
	}
	return found
}

// noRegistryValue refuses a property that no registry value is.
func noRegistryValue(side, name string) error {
	d, err := policy.Find(fullName(side, name))
	if err == nil {
		err = &policy.PropertyError{Property: d.Name, Problem: "is in no registry: it can be set on a machine that runs Signet only"}
	}
	return propertyRefusal("UnknownProperty", err)
}

// configSetTarget is config set --target. What lowers protection is asked about
// as it is here; the reason goes nowhere, for a registry keeps none.
func (a *app) configSetTarget(ctx context.Context, change admin.ConfigChange, f changeFlags, target *targetFlags) error {
	if f.until != "" || f.lasts != 0 || f.confirmWithin != 0 || f.now || f.ifRevision >= 0 {
		return usagef("--until, --for, --confirm-within, --now and --if-revision are not for --target: a registry keeps no times and no revisions")
	}
	writes, err := planWrites(change)
	if err != nil {
		return err
	}
	r, err := a.registryOf(ctx, target)
	if err != nil {
		return err
	}
	defer r.Close()
	found, err := readTarget(ctx, r, func(property string) bool { return writes[property] != nil })
	if err != nil {
		return err
	}
	return a.makeChange(f, func(terms admin.ChangeTerms) (*admin.ConfigResult, error) {
		result := effectsOf(writes, found)
		if terms.DryRun {
			return result, nil
		}
		if result.Weakens && strings.TrimSpace(terms.Reason) == "" {
			return nil, &admin.Error{
				Code: "ReasonRequired", Status: 422,
				Message: "this lowers protection, and needs a reason (--reason TEXT; --dry-run shows what would follow)",
			}
		}
		for _, e := range result.Effects {
			w := writes[e.Property]
			value := client.RegistryValue{Key: w.entry.Key, Name: w.entry.Name, Type: w.entry.Type, Data: w.entry.Format(w.text)}
			if err := r.Set(ctx, value); err != nil {
				return nil, err
			}
		}
		result.Changed = len(result.Effects) > 0
		now, err := readTarget(ctx, r, func(property string) bool { return writes[property] != nil })
		if err != nil {
			return nil, err
		}
		for i := range result.Effects {
			lookAgain(&result.Effects[i], now)
		}
		return result, nil
	})
}

// planWrites finds the registry values of what is to be set. The texts in it
// are as the properties print them.
func planWrites(change admin.ConfigChange) (map[string]*held, error) {
	writes := make(map[string]*held)
	for name, text := range change.Set {
		d, err := policy.Find(name)
		if err != nil {
			return nil, propertyRefusal("UnknownProperty", err)
		}
		e := registryEntry(d.Name)
		if e == nil {
			return nil, noRegistryValue("", d.Name)
		}
		value, err := d.Parse(text)
		if err != nil {
			return nil, propertyRefusal("InvalidValue", err)
		}
		writes[d.Name] = &held{*e, d.Format(value)}
	}
	return writes, nil
}

// notSet is what is shown of a property of which a registry says nothing.
const notSet = "(not set)"

// effectsOf says what would follow of writes where found is what there is.
func effectsOf(writes map[string]*held, found map[string][]held) *admin.ConfigResult {
	result := &admin.ConfigResult{Effects: []admin.ConfigEffect{}, Sessions: []admin.SessionID{}}
	for _, d := range policy.Definitions() {
		w := writes[d.Name]
		if w == nil {
			continue
		}
		e := admin.ConfigEffect{Property: d.Name, Before: notSet, After: w.text, New: &w.text, TakesEffect: "ServiceRestart"}
		local := notSet
		for _, h := range found[d.Name] {
			e.Before = h.text
			switch {
			case !h.entry.Policy():
				local = h.text
			case !w.entry.Policy() && h.text != w.text && h.text != local:
				e.HeldBy, e.After = heldByPolicy, h.text
			}
		}
		if e.Before != w.text {
			e.Caution = cautionOf(d.Name, w.text)
		}
		result.Weakens = result.Weakens || e.Caution != ""
		result.Effects = append(result.Effects, e)
	}
	return result
}

// heldByPolicy is who holds a value that a policy's key says.
const heldByPolicy = "group policy"

// lookAgain corrects what e says of the value that counts, by what is found
// after the write. A server may show one value under both keys, so that only
// then it is known whether one holds the other.
func lookAgain(e *admin.ConfigEffect, found map[string][]held) {
	e.HeldBy, e.After = "", *e.New
	if list := found[e.Property]; len(list) > 0 && list[len(list)-1].text != *e.New {
		e.HeldBy, e.After = heldByPolicy, list[len(list)-1].text
	}
}

// cautionOf is why a value is not recommended; "" of one that is.
func cautionOf(property, text string) string {
	v := policy.NewValues(policy.Origin{Layer: policy.LayerCommandLine, Name: "--target"})
	if err := v.Set(property, text); err != nil {
		return ""
	}
	s, err := policy.Stack(v)
	if err != nil {
		return ""
	}
	return settingsByName(s)[property].Caution
}
