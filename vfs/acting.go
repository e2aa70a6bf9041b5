package vfs

import "context"

// Acting is a context in which a back end may keep on, from one call to the
// next, an identity that is dear to take on. It serves one goroutine, and the
// calls Lookup, Create, Access, Open and SetAttr. Make one with [NewActing].
//
// Its owner calls End, in the same goroutine, before it waits for anything,
// before it makes any other call to a back end, and in any case at last. Attr
// and the Close methods of what was opened are allowed in between. All this is
// for speed: without an Acting every call takes its identity on and off.
type Acting struct {
	context.Context

	kept Kept
}

// Kept is what a back end keeps in an [Acting].
type Kept interface {
	// End gives up what was kept. It is called once.
	End() error
}

// NewActing returns an Acting that ends with ctx and keeps nothing yet.
func NewActing(ctx context.Context) *Acting { return &Acting{Context: ctx} }

// actingKey finds an Acting among the contexts made from it.
type actingKey struct{}

// Value implements [context.Context].
func (a *Acting) Value(key any) any {
	if key == (actingKey{}) {
		return a
	}
	return a.Context.Value(key)
}

// ActingIn returns the Acting that ctx was made from; nil if there is none.
func ActingIn(ctx context.Context) *Acting {
	a, _ := ctx.Value(actingKey{}).(*Acting)
	return a
}

// Kept returns what is kept now, or nil. A nil Acting keeps nothing.
func (a *Acting) Kept() Kept {
	if a == nil {
		return nil
	}
	return a.kept
}

// Keep keeps k, which takes the place of nothing. Only back ends call it.
func (a *Acting) Keep(k Kept) { a.kept = k }

// End gives up what is kept. It may be called at any time, on nil too.
func (a *Acting) End() error {
	if a == nil || a.kept == nil {
		return nil
	}
	k := a.kept
	a.kept = nil
	return k.End()
}
