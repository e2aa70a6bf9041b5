package gpo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/signet-smb/signet/policy"
)

// Object is one group policy object, as its files say it.
type Object struct {
	Name     string    // as its author called it; the folder's name if that is not said
	GUID     string    // "{...}"; "" if it is not known
	Folder   string    // from the path that was named on; "." for that itself
	Settings []Setting // by property
	Notes    []Note    // in the order of the files
}

// Setting is one property that an object sets.
type Setting struct {
	Property string // "server.EncryptData"
	Text     string // its value, in Windows' words
	Value    string // the registry value that it comes from: `Key\Name`
	Said     string // what that says
	File     string // in which it stands
}

// Outcome is why something in the files is no setting.
type Outcome string

// Outcomes.
const (
	Ignored    Outcome = "Ignored"    // known, and not a property
	Overridden Outcome = "Overridden" // said again, and that counts
	Unknown    Outcome = "Unknown"    // not known here
	NotRead    Outcome = "NotRead"    // of a file or section that says other things
)

// Note is something in the files that is no setting, and why.
type Note struct {
	Outcome Outcome
	What    string // `Key\Name` of a registry value, "[Section]", or the name of a file
	Value   string // "" of a section or a file
	File    string
	Reason  string
}

// Origin names the object and the file of one of its settings.
func (o *Object) Origin(s Setting) string {
	return strings.Join(slices.DeleteFunc([]string{o.Name, o.GUID}, func(s string) bool { return s == "" }), " ") + ", " + s.File
}

// ValueError refuses a registry value of a property: it cannot be what it says.
type ValueError struct {
	Value string // `Key\Name`
	Where string // the file, and the line if it is known
	Err   error  // wraps a *[policy.PropertyError]
}

func (e *ValueError) Error() string { return fmt.Sprintf("%s: %s: %v", e.Where, e.Value, e.Err) }

func (e *ValueError) Unwrap() error { return e.Err }

// reading is an object on its way from values to settings.
type reading struct {
	object *Object
	state  map[string]*value // what is set so far, by the path in lower case
	order  []string          // of state, as first met

	removals int // how often something was taken away so far
}

// maxRemovals bounds how often one object takes something away: each looks at
// all that is set.
const maxRemovals = 4096

// apply does what a value of the files asks for: sets it, or, for the special
// names of [MS-GPREG] 3.2.5.1, takes others away.
func (r *reading) apply(v *value) error {
	lower := strings.ToLower(v.name)
	switch {
	case strings.HasPrefix(lower, "**del."):
		return r.forget(v, v.key+`\`+v.name[len("**del."):])
	case lower == "**deletevalues":
		list, _ := v.sentence()
		for name := range strings.SplitSeq(list, ";") {
			if err := r.forget(v, v.key+`\`+name); err != nil {
				return err
			}
		}
	case lower == "**delvals.":
		return r.forgetBelow(v, v.key, false)
	case lower == "**deletekeys":
		list, _ := v.sentence()
		for name := range strings.SplitSeq(list, ";") {
			if err := r.forgetBelow(v, v.key+`\`+name, true); err != nil {
				return err
			}
		}
	case strings.HasPrefix(lower, "**soft."):
		r.note(v, Ignored, "it counts only where nothing else is said, which the layers below always do")
	case strings.HasPrefix(lower, "**"):
		r.note(v, Ignored, "it is about who may change the registry")
	default:
		r.set(v)
	}
	return nil
}

// set makes v what counts.
func (r *reading) set(v *value) {
	path := strings.ToLower(v.path())
	if before, ok := r.state[path]; !ok {
		r.order = append(r.order, path)
	} else if before != nil && !before.same(v) {
		r.note(before, Overridden, "it is said again in "+v.where())
	}
	r.state[path] = v
}

// forget takes one value away.
func (r *reading) forget(by *value, path string) error {
	if err := r.remove(by); err != nil {
		return err
	}
	path = strings.ToLower(path)
	if before := r.state[path]; before != nil {
		r.note(before, Overridden, "it is taken away in "+by.where())
		r.state[path] = nil
	}
	if key, name, ok := cutLast(path); ok && rowOf(&value{key: key, name: name}) != nil {
		r.note(by, Ignored, "the value is taken away: what lower layers say counts")
	}
	return nil
}

// remove counts that by takes something away.
func (r *reading) remove(by *value) error {
	if r.removals++; r.removals > maxRemovals {
		return fmt.Errorf("%s takes values away more than %d times", by.file, maxRemovals)
	}
	return nil
}

// forgetBelow takes the values of a key away, and those of its sub-keys if deep.
func (r *reading) forgetBelow(by *value, key string, deep bool) error {
	if err := r.remove(by); err != nil {
		return err
	}
	prefix := strings.ToLower(key) + `\`
	for _, path := range r.order {
		rest, below := strings.CutPrefix(path, prefix)
		if below && r.state[path] != nil && (deep || !strings.Contains(rest, `\`)) {
			r.note(r.state[path], Overridden, "it is taken away in "+by.where())
			r.state[path] = nil
		}
	}
	return nil
}

// cutLast splits a path before its last part.
func cutLast(path string) (key, name string, ok bool) {
	i := strings.LastIndex(path, `\`)
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

func (r *reading) note(v *value, outcome Outcome, reason string) {
	r.object.Notes = append(r.object.Notes, Note{Outcome: outcome, What: v.path(), Value: v.show(), File: v.where(), Reason: reason})
}

// finish makes settings of what counts. The error is a *[ValueError].
func (r *reading) finish() error {
	settings := make(map[string]Setting)
	from := make(map[string]*value)
	var paths []*value
	for _, path := range r.order {
		v := r.state[path]
		if v == nil {
			continue
		}
		row := rowOf(v)
		switch {
		case row == nil:
			r.note(v, Unknown, "no property stands for it")
			continue
		case row.property == "":
			r.note(v, Ignored, row.why)
			continue
		case row.name == anyName:
			paths = append(paths, v)
			continue
		}
		s, err := row.setting(v)
		if err != nil {
			return err
		}
		if other := from[s.Property]; other != nil {
			loser := other
			if policyKeys[strings.ToLower(other.key)] && !policyKeys[strings.ToLower(v.key)] {
				loser = v
			}
			r.note(loser, Overridden, s.Property+" is said by another value, too, and that one counts")
			if loser == v {
				continue
			}
		}
		settings[s.Property], from[s.Property] = s, v
	}
	if len(paths) > 0 {
		s, err := hardened(paths)
		if err != nil {
			return err
		}
		settings[s.Property] = s
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		r.object.Settings = append(r.object.Settings, settings[name])
	}
	return nil
}

// setting makes a setting of a value of the row.
func (r *row) setting(v *value) (Setting, error) {
	refuse := func(err error) error { return &ValueError{Value: v.path(), Where: v.where(), Err: err} }
	definition, err := policy.Find(r.property)
	if err != nil {
		return Setting{}, refuse(err)
	}
	said, err := r.convert.parse(v)
	if err != nil {
		return Setting{}, refuse(&policy.PropertyError{Property: definition.Name, Problem: "cannot be taken from it: it " + err.Error(), Allowed: definition.Allowed})
	}
	parsed, err := definition.Parse(said)
	if err != nil {
		return Setting{}, refuse(err)
	}
	return Setting{Property: definition.Name, Text: definition.Format(parsed), Value: v.path(), Said: v.show(), File: v.file}, nil
}
