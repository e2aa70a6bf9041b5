package policy

import (
	"fmt"
	"slices"
	"strings"
)

// profile is the defaults of one edition of a server: what in them differs
// from those of signet, which the definitions hold.
type profile struct {
	name        string
	doc         string
	differences []difference // a later one counts
}

// difference is a property and its value, in Windows' words.
type difference struct{ name, value string }

// signet is the profile of the definitions' own defaults.
const signet = "signet"

// ProfileInfo describes a profile.
type ProfileInfo struct {
	Name string
	Doc  string // one sentence
}

// Profiles lists the profiles, signet first.
func Profiles() []ProfileInfo {
	list := make([]ProfileInfo, len(profiles))
	for i, p := range profiles {
		list[i] = ProfileInfo{p.name, p.doc}
	}
	return list
}

// Profile returns the values of the profile called name, without regard to
// case, for [Stack]: those by which it differs from signet. They belong to the
// caller. The error is a *[PropertyError].
func Profile(name string) (*Values, error) {
	i := slices.IndexFunc(profiles, func(p profile) bool { return strings.EqualFold(p.name, name) })
	if i < 0 {
		e := &PropertyError{Property: "profile", Problem: fmt.Sprintf("cannot be %q", name)}
		for _, p := range profiles {
			e.Allowed = append(e.Allowed, p.name)
		}
		return nil, e
	}
	p := profiles[i]
	v := NewValues(Origin{LayerProfile, p.name})
	for _, d := range p.differences {
		if err := v.Set(d.name, d.value); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// ProfileOf returns the name of the profile below s.
func (s *Snapshot) ProfileOf() string { return s.held[0][0].origin.Name }

// Difference is a property that two snapshots hold different values of.
type Difference struct {
	Name     string
	From, To string // the values, in Windows' words
	Caution  string // why To is not recommended; "" if it lowers no protection
	State    State
}

// Differences lists what is different in to, in the order of the definitions.
func Differences(from, to *Snapshot) []Difference {
	var list []Difference
	for i, d := range definitions {
		a, b := d.format(from.top(i).value), d.format(to.top(i).value)
		if a != b {
			list = append(list, Difference{d.Name, a, b, d.caution(to.top(i).value), d.State})
		}
	}
	return list
}
