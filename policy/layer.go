package policy

import (
	"fmt"
	"slices"
)

// Layer is who may hold values, from low to high: what a higher one says of a
// property counts.
type Layer uint8

// Layers.
const (
	LayerProfile Layer = iota + 1
	LayerMachine       // what the machine's administrator has published for every client on it
	LayerFile
	LayerStore
	LayerGroupPolicy
	LayerCommandLine
	LayerFloor // what the layers below may only tighten, where they would loosen it
)

func (l Layer) String() string {
	names := []string{"", "profile", "machine policy", "file", "store", "group policy", "command line", "the machine's floor:"}
	if int(l) < len(names) && l > 0 {
		return names[l]
	}
	return fmt.Sprintf("layer %d", uint8(l))
}

// Origin says where a value comes from.
type Origin struct {
	Layer Layer
	Name  string // which one: "signet", the path of a file
}

func (o Origin) String() string { return fmt.Sprintf("%s %s", o.Layer, o.Name) }

// Values are what one origin says of some properties. Not safe for concurrent
// use while Set is called.
type Values struct {
	origin Origin
	set    map[int]any // by the key's index
	rules  []*Rule
}

// NewValues makes Values of an origin that says nothing yet.
func NewValues(from Origin) *Values { return &Values{origin: from, set: make(map[int]any)} }

// Origin returns who says them.
func (v *Values) Origin() Origin { return v.origin }

// Texts returns the values by property, in Windows' words.
func (v *Values) Texts() map[string]string {
	texts := make(map[string]string)
	for i, value := range v.set {
		texts[definitions[i].Name] = definitions[i].format(value)
	}
	return texts
}

// Set gives the property called name the value that text says. Both are read
// without regard to case. The error is a *[PropertyError], and nothing has
// changed.
func (v *Values) Set(name, text string) error {
	d, err := Find(name)
	if err != nil {
		return err
	}
	value, err := d.Parse(text)
	if err != nil {
		return err
	}
	v.set[d.index] = value
	return nil
}

// AddRule adds a rule. The error is a *[PropertyError], and nothing has changed.
func (v *Values) AddRule(spec RuleSpec, fold Folding) error {
	r, err := newRule(spec, fold, v.origin)
	if err != nil {
		return err
	}
	v.rules = append(v.rules, r)
	return nil
}

// Stack returns the snapshot of layers, each above those of a lower Layer; of
// two of one Layer the later. nil says nothing. Below them is the profile: the
// last layer that is one, or else signet. The rules of all layers are in force
// together.
//
// The error is a *[PropertyError]: what the layers say together makes no sense.
func Stack(layers ...*Values) (*Snapshot, error) {
	s := Default()
	layers = slices.DeleteFunc(slices.Clone(layers), func(v *Values) bool { return v == nil })
	slices.SortStableFunc(layers, func(a, b *Values) int { return int(a.origin.Layer) - int(b.origin.Layer) })
	var rules []*Rule
	for _, layer := range layers {
		rules = append(rules, layer.rules...)
		if layer.origin.Layer == LayerProfile {
			s = layer.alone()
			continue
		}
		for i, value := range layer.set {
			s.held[i] = append(s.held[i], held{value, layer.origin})
		}
	}
	if err := s.check(); err != nil {
		return s, err
	}
	var err error
	s.rules, err = newRuleSet(rules)
	return s, err
}

// alone returns the snapshot of a profile that differs from signet in v.
func (v *Values) alone() *Snapshot {
	s := Default()
	for i := range s.held {
		value, ok := v.set[i]
		if !ok {
			value = definitions[i].Default
		}
		s.held[i] = []held{{value, v.origin}}
	}
	return s
}

// check refuses values that contradict each other.
func (s *Snapshot) check() error {
	for _, side := range []struct{ lowest, highest *Key[Dialect] }{
		{Smb2DialectMin, Smb2DialectMax}, {ClientSmb2DialectMin, ClientSmb2DialectMax},
	} {
		lowest, highest := Get(s, side.lowest), Get(s, side.highest)
		if highest == DialectNone || lowest <= highest {
			continue
		}
		return &PropertyError{
			Property: side.lowest.Name,
			Problem:  fmt.Sprintf("%s is above Smb2DialectMax, %s: no dialect is left", formatWord(dialectWords, lowest), formatWord(dialectWords, highest)),
		}
	}
	return nil
}

// Setting is one property in a snapshot, in Windows' words.
type Setting struct {
	Name    string // "server.EncryptData"
	Value   string
	Origin  Origin
	Reload  Reload
	State   State
	Why     string      // why nothing reads it; "" of one that works
	Caution string      // why the value is not recommended; "" if it lowers no protection
	Covered []HeldValue // what lower layers say, the highest first
}

// HeldValue is what one origin says of a property.
type HeldValue struct {
	Value  string
	Origin Origin
}

// Settings describes every property in s, in the order of their definitions.
func (s *Snapshot) Settings() []Setting {
	settings := make([]Setting, len(definitions))
	for i, d := range definitions {
		top := s.top(i)
		setting := Setting{
			Name: d.Name, Value: d.format(top.value), Origin: top.origin, Reload: d.Reload,
			State: d.State, Why: d.Why, Caution: d.caution(top.value),
		}
		for _, h := range slices.Backward(s.held[i][:len(s.held[i])-1]) {
			setting.Covered = append(setting.Covered, HeldValue{d.format(h.value), h.origin})
		}
		settings[i] = setting
	}
	return settings
}
