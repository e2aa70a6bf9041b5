package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
)

// What group policy says lies in the store beside what administrators set
// there, under the property's name behind this prefix, so that the journal, its
// revisions and deadlines are the same for both. The text is the value, and
// behind a tab, which no value holds, where it comes from.
const (
	groupPolicyPrefix = "grouppolicy."
	sourceSeparator   = "\t"
)

// groupPolicyWord is the layer's name in the API.
const groupPolicyWord = "GroupPolicy"

// cutGroupPolicy takes the prefix off the stored name of a value; ok tells that
// it is of group policy.
func cutGroupPolicy(stored string) (property string, ok bool) {
	return strings.CutPrefix(stored, groupPolicyPrefix)
}

// storedName is the name under which the store holds the value in force of a
// property, if it does.
func storedName(s policy.Setting) string {
	if s.Origin.Layer == policy.LayerGroupPolicy {
		return groupPolicyPrefix + s.Name
	}
	return s.Name
}

// cutSource splits the text of a stored value.
func cutSource(text string) (value, source string) {
	value, source, _ = strings.Cut(text, sourceSeparator)
	return value, source
}

// cutSourceOf is cutSource of what may be nothing.
func cutSourceOf(text *string) (value *string, source string) {
	if text == nil {
		return nil, ""
	}
	cut, source := cutSource(*text)
	return &cut, source
}

// groupPolicyOf returns what group policy says, one for each source.
func groupPolicyOf(d store.Decisions) ([]*policy.Values, error) {
	values := make(map[string]*policy.Values)
	var bad []string
	for _, name := range slices.Sorted(maps.Keys(d.Values)) {
		property, ok := cutGroupPolicy(name)
		if !ok {
			continue
		}
		text, source := cutSource(d.Values[name].Text)
		v := values[source]
		if v == nil {
			v = policy.NewValues(policy.Origin{Layer: policy.LayerGroupPolicy, Name: source})
			values[source] = v
		}
		if err := v.Set(property, text); err != nil {
			bad = append(bad, err.Error())
		}
	}
	if len(bad) > 0 {
		return slices.Collect(maps.Values(values)), fmt.Errorf("%s: group policy: %s: signet config reset --group-policy", storeFile, strings.Join(bad, "; "))
	}
	return slices.Collect(maps.Values(values)), nil
}

// addGroupPolicy enters that group policy is to say this and nothing else.
func addGroupPolicy(set map[string]*string, layer *admin.GroupPolicyLayer, d store.Decisions) error {
	for name := range d.Values {
		if _, ok := cutGroupPolicy(name); ok {
			set[name] = nil
		}
	}
	seen := make(map[string]bool)
	for _, s := range layer.Settings {
		definition, err := policy.Find(s.Property)
		if err != nil {
			return propertyRefusal("UnknownProperty", err)
		}
		value, err := definition.Parse(s.Value)
		if err != nil {
			return propertyRefusal("InvalidValue", err)
		}
		source := strings.Join(strings.Fields(escape(s.Source)), " ")
		if source == "" {
			return invalid422(definition.Name, definition.Name+" comes from nowhere: Source is empty", "")
		}
		if seen[definition.Name] {
			return invalid422(definition.Name, definition.Name+" is there twice", "")
		}
		seen[definition.Name] = true
		text := definition.Format(value) + sourceSeparator + source
		set[groupPolicyPrefix+definition.Name] = &text
	}
	return nil
}

// groupPolicySettings lists what group policy said by values of a revision, and
// takes it out of them.
func groupPolicySettings(values map[string]string) []admin.GroupPolicySetting {
	var list []admin.GroupPolicySetting
	for _, name := range slices.Sorted(maps.Keys(values)) {
		property, ok := cutGroupPolicy(name)
		if !ok {
			continue
		}
		value, source := cutSource(values[name])
		list = append(list, admin.GroupPolicySetting{Property: property, Value: value, Source: source})
		delete(values, name)
	}
	return list
}
