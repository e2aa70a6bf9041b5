package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// children are the entries of a directory to copy.
type children struct {
	jobs     []Job
	left     map[string]bool // names in the target, folded, of what was left out
	complete bool            // everything was listed, and it is known what is called how
}

// walk goes through a directory. The goroutine of Run only, as for all that
// follows in this file.
func (t *Transfer) walk(ctx context.Context, j Job, depth int) {
	if ctx.Err() != nil {
		return
	}
	if depth > MaxDepth {
		t.fail(ctx, t.From.Show(j.From), fmt.Errorf("left out: more than %d directories in each other", MaxDepth))
		return
	}
	below := t.children(ctx, j)
	made, ok := t.makeDir(ctx, j)
	if !ok {
		return
	}
	var old existing
	left := leftovers{}
	if !made {
		if t.Sync {
			var err error
			if old, left, err = t.existing(ctx, j.To); err != nil {
				return // and nothing is overwritten blindly
			}
		} else if !t.DryRun {
			left = t.leftovers(ctx, j.To)
		}
	}
	for _, child := range below.jobs {
		_, base := split(child.To)
		there, found := old.take(t.To, base)
		child.parts = left.take(base)
		if found && t.Delete && there.Dir != child.Entry.Dir {
			t.prune(ctx, join(j.To, there.Name), child.path, there, depth)
			found = false
		}
		switch {
		case child.Entry.Dir:
			t.sweep(ctx, j.To, child.parts)
			t.walk(ctx, child, depth+1)
		case found && t.same(child.Entry, there):
			t.Stats.Unchanged.Add(1)
			t.sweep(ctx, j.To, child.parts)
		default:
			t.file(ctx, child)
		}
	}
	if ctx.Err() != nil {
		return
	}
	for _, parts := range left {
		for _, p := range parts {
			if isAbandoned(p) || t.Delete && below.complete {
				t.sweep(ctx, j.To, []Entry{p})
			}
		}
	}
	// What could not be listed is not known to be gone.
	if t.Delete && below.complete {
		for _, name := range slices.Sorted(maps.Keys(old.byName)) {
			e := old.byName[name]
			if !below.left[t.To.fold(name)] {
				t.prune(ctx, join(j.To, name), join(j.path, name), e, depth)
			}
		}
	}
}

// children lists a directory, sorted, without names that the target cannot
// have, twins and what cannot be copied.
func (t *Transfer) children(ctx context.Context, dir Job) children {
	c := children{left: map[string]bool{}, complete: true}
	shown := t.From.Show(dir.From)
	entries, err := t.read(ctx, t.From, dir.From, false, func(err error) {
		t.fail(ctx, "in "+shown, err)
	})
	if err != nil {
		t.fail(ctx, shown, err)
		c.complete = false
	}
	if errors.Is(err, errTooMany) {
		return c // nobody wants a million files of such a server
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Name, b.Name) })
	seen := make(map[string]bool, len(entries))
	for _, e := range entries {
		path := join(dir.path, e.Name)
		if isPart(e.Name) || t.Exclude.Match(path, e.Dir) {
			continue
		}
		name, err := t.From.portable(e.Name)
		if err == nil {
			name, err = t.To.Localize(name)
		}
		twin := foldAlways(name)
		switch {
		case err != nil:
			t.fail(ctx, "in "+shown, err)
			continue
		case seen[twin]:
			err = &NameError{e.Name, "another name differs from it in case only"}
		case e.Special != "":
			err = errors.New("left out: " + e.Special)
		}
		if err != nil {
			c.left[t.To.fold(name)] = true
			t.fail(ctx, t.From.Show(join(dir.From, e.Name)), err)
			continue
		}
		seen[twin] = true
		c.jobs = append(c.jobs, Job{Entry: e, From: join(dir.From, e.Name), To: join(dir.To, name), path: path})
	}
	return c
}

// read lists a directory, with bounds.
func (t *Transfer) read(ctx context.Context, tree Tree, dir string, onlyParts bool, bad func(error)) (entries []Entry, err error) {
	problems := 0
	err = tree.list(ctx, dir, onlyParts, func(e Entry) error {
		if len(entries) == MaxListed {
			return errTooMany
		}
		entries = append(entries, e)
		return nil
	}, func(err error) {
		if problems++; problems <= 1000 {
			bad(err)
		}
	})
	return entries, err
}

var errTooMany = fmt.Errorf("left out: the directory has more than %d entries", MaxListed)

// existing is what a directory of the target has.
type existing struct {
	byName map[string]Entry
	byFold map[string]string // names by folded names
}

// existing lists a directory of the target, which may not be there in a dry
// run.
func (t *Transfer) existing(ctx context.Context, dir string) (existing, leftovers, error) {
	old := existing{map[string]Entry{}, map[string]string{}}
	left := leftovers{}
	entries, err := t.read(ctx, t.To, dir, false, func(error) {}) // such a name stays as it is
	if errors.Is(err, fs.ErrNotExist) {
		return old, left, nil
	}
	if err != nil {
		t.fail(ctx, t.To.Show(dir), err)
		return old, left, err
	}
	for _, e := range entries {
		if isPart(e.Name) {
			left.add(e)
			continue
		}
		old.byName[e.Name] = e
		old.byFold[t.To.fold(e.Name)] = e.Name
	}
	return old, left, nil
}

// take finds what the target has by a name, and forgets it.
func (x *existing) take(to Tree, name string) (Entry, bool) {
	e, ok := x.byName[name]
	if !ok {
		e, ok = x.byName[x.byFold[to.fold(name)]]
	}
	if ok {
		delete(x.byName, e.Name)
	}
	return e, ok
}

// same reports whether the copy of a file is up to date: as long, and written
// to at the same time. Servers count time in steps of 100 ns.
func (t *Transfer) same(e, old Entry) bool {
	return old.Special == "" && !old.Dir && e.Size == old.Size && e.Modified.Sub(old.Modified).Abs() < max(t.Window, 100)
}
