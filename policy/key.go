package policy

import "fmt"

// Scope is where a key may have a value of its own. Bits, to be combined.
type Scope uint8

// Scopes.
const (
	PerServer Scope = 1 << iota
	PerShare
)

// Reload is who sees a changed value.
type Reload uint8

// Reload classes.
const (
	NextConnection Reload = iota + 1
	NextSession
	NextTreeConnect
	AtOnce // whoever asks next
)

func (r Reload) String() string {
	switch r {
	case NextConnection:
		return "next connection"
	case NextSession:
		return "next session"
	case NextTreeConnect:
		return "next tree connect"
	case AtOnce:
		return "at once"
	}
	return fmt.Sprintf("reload class %d", uint8(r))
}

// Key is one property: its name, its type, and all that flags, forms, REST
// and the manual are generated from.
type Key[T any] struct {
	Name    string // Windows' own property name behind "server." or "client."
	Default T      // the value in profile signet
	Kind    kind[T]
	Scope   Scope
	Reload  Reload
	Doc     string // one sentence
	Section string // "[MS-SMB2] n.n" of what it governs, or "local"
	Limit   *Limit // of a property that bounds what clients may take; else nil
	// Planned and NotApplicable say why nothing reads the property: what it
	// governs does not exist yet, or Signet does without it. Both "": it works.
	Planned       string
	NotApplicable string
	// Caution says why a value that lowers protection is not recommended, and
	// "" of one that does not. nil: none does.
	Caution func(T) string

	index int // in Snapshot.held
}

// Limit is what docs/limits.md says of a property that bounds what clients may
// take.
type Limit struct {
	AtLimit string // what the client that wants more meets
	Why     string // reason for the default
}

// State is whether a property does anything.
type State uint8

// States of a property.
const (
	Works         State = iota + 1 // the code that it governs reads it
	Planned                        // what it governs does not exist yet
	NotApplicable                  // what it governs Signet does without
)

func (s State) String() string {
	switch s {
	case Works:
		return "works"
	case Planned:
		return "planned"
	case NotApplicable:
		return "not applicable"
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// Definition is what every key has in common, whatever its type.
type Definition struct {
	Name    string
	Default any
	Allowed []string // its values, for people: words, or one range
	Scope   Scope
	Reload  Reload
	Doc     string
	Section string
	Limit   *Limit
	State   State
	Why     string // why nothing reads it; "" of one that works

	index   int
	parse   func(string) (any, bool)
	format  func(any) string
	caution func(any) string
}

// definitions is the table of all keys, in the order of their declaration. It
// is complete once the package is initialised and never changes.
var definitions []Definition

// Define enters k into the table. It is called by package variables only.
func Define[T any](k Key[T]) *Key[T] {
	k.index = len(definitions)
	state := Works
	switch {
	case k.NotApplicable != "":
		state = NotApplicable
	case k.Planned != "":
		state = Planned
	}
	definitions = append(definitions, Definition{
		Name: k.Name, Default: k.Default, Allowed: k.Kind.allowed, Scope: k.Scope, Reload: k.Reload, Doc: k.Doc, Section: k.Section, Limit: k.Limit,
		State: state, Why: k.NotApplicable + k.Planned,
		index:  k.index,
		parse:  func(text string) (any, bool) { return k.Kind.parse(text) },
		format: func(v any) string { return k.Kind.format(v.(T)) },
		caution: func(v any) string {
			if k.Caution == nil {
				return ""
			}
			return k.Caution(v.(T))
		},
	})
	return &k
}

// notApplicable defines a property of Windows' that governs something Signet
// does without: why says what. A value is kept and shown, and changes nothing.
func notApplicable[T any](name string, standard T, kind kind[T], doc, why string) *Key[T] {
	return Define(Key[T]{
		Name: name, Default: standard, Kind: kind, Scope: PerServer, Reload: NextConnection, Doc: doc, Section: "local", NotApplicable: why,
	})
}

// planned defines a property whose code does not exist yet: why says what is
// missing. A value is kept and shown, and changes nothing so far.
func planned[T any](name string, standard T, kind kind[T], doc, why string) *Key[T] {
	return Define(Key[T]{
		Name: name, Default: standard, Kind: kind, Scope: PerServer, Reload: NextConnection, Doc: doc, Section: "local", Planned: why,
	})
}

// Definitions returns the table of all keys.
func Definitions() []Definition { return append([]Definition(nil), definitions...) }

// held is a value and where it is from.
type held struct {
	value  any
	origin Origin
}

// Snapshot is the value of every key at one moment, and what the layers below
// say of it. Immutable; safe for concurrent use. A look-up takes no lock and
// allocates nothing.
type Snapshot struct {
	held  [][]held // by the key's index: never empty, the value in force last
	rules *ruleSet // nil: there are none
}

// Default returns the snapshot of profile signet.
func Default() *Snapshot {
	s := &Snapshot{held: make([][]held, len(definitions))}
	for i, d := range definitions {
		s.held[i] = []held{{d.Default, Origin{LayerProfile, "signet"}}}
	}
	return s
}

// top returns the value in force of the key at index i.
func (s *Snapshot) top(i int) held { return s.held[i][len(s.held[i])-1] }

// Get returns the value of k in s.
func Get[T any](s *Snapshot, k *Key[T]) T { return s.top(k.index).value.(T) }

// OriginOf returns where the value of k in s comes from.
func OriginOf[T any](s *Snapshot, k *Key[T]) Origin { return s.top(k.index).origin }

// With returns a copy of s in which k has the value v, held by from above all
// that s says of it.
func With[T any](s *Snapshot, k *Key[T], v T, from Origin) *Snapshot {
	c := &Snapshot{held: append([][]held(nil), s.held...), rules: s.rules}
	c.held[k.index] = append(append([]held(nil), s.held[k.index]...), held{v, from})
	return c
}
