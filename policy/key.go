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
)

// Key is one property: its name, its type, and all that flags, forms, REST
// and the manual are generated from.
type Key[T any] struct {
	Name    string // Windows' own property name behind "server." or "client."
	Default T      // the value in profile signet
	Scope   Scope
	Reload  Reload
	Doc     string // one sentence
	Section string // "[MS-SMB2] n.n" of what it governs, or "local"
	Range   Range  // of a number; the zero Range is no limit on it
	Limit   *Limit // of a property that bounds what clients may take; else nil

	index int // in Snapshot.values
}

// Range is the smallest and the largest value that a number may have.
type Range struct{ Min, Max uint32 }

// Contains reports whether v may be set. The zero Range contains everything.
func (r Range) Contains(v uint32) bool { return r == Range{} || r.Min <= v && v <= r.Max }

// Limit is what docs/limits.md says of a property that bounds what clients may
// take.
type Limit struct {
	AtLimit string // what the client that wants more meets
	Why     string // reason for the default
}

// Definition is what every key has in common, whatever its type.
type Definition struct {
	Name    string
	Default any
	Scope   Scope
	Reload  Reload
	Doc     string
	Section string
	Range   Range
	Limit   *Limit
}

// definitions is the table of all keys, in the order of their declaration. It
// is complete once the package is initialised and never changes.
var definitions []Definition

// Define enters k into the table. It is called by package variables only.
func Define[T any](k Key[T]) *Key[T] {
	k.index = len(definitions)
	definitions = append(definitions, Definition{k.Name, k.Default, k.Scope, k.Reload, k.Doc, k.Section, k.Range, k.Limit})
	return &k
}

// Definitions returns the table of all keys.
func Definitions() []Definition { return append([]Definition(nil), definitions...) }

// Origin says where a value comes from.
type Origin struct {
	Layer string // "profile", later: "file", "store", "group policy", "command line"
	Name  string // which one: "signet"
}

func (o Origin) String() string { return fmt.Sprintf("%s %s", o.Layer, o.Name) }

// Snapshot is the value of every key at one moment. Immutable; safe for
// concurrent use. A look-up takes no lock and allocates nothing.
type Snapshot struct {
	values  []any
	origins []Origin
}

// Default returns the snapshot of profile signet.
func Default() *Snapshot {
	s := &Snapshot{
		values:  make([]any, len(definitions)),
		origins: make([]Origin, len(definitions)),
	}
	for i, d := range definitions {
		s.values[i] = d.Default
		s.origins[i] = Origin{Layer: "profile", Name: "signet"}
	}
	return s
}

// Get returns the value of k in s.
func Get[T any](s *Snapshot, k *Key[T]) T { return s.values[k.index].(T) }

// OriginOf returns where the value of k in s comes from.
func OriginOf[T any](s *Snapshot, k *Key[T]) Origin { return s.origins[k.index] }

// With returns a copy of s in which k has the value v, held by from.
func With[T any](s *Snapshot, k *Key[T], v T, from Origin) *Snapshot {
	c := &Snapshot{
		values:  append([]any(nil), s.values...),
		origins: append([]Origin(nil), s.origins...),
	}
	c.values[k.index] = v
	c.origins[k.index] = from
	return c
}
