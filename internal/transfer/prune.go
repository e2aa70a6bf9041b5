package transfer

import (
	"context"
	"errors"
	"io/fs"

	"github.com/signet-smb/signet/ntstatus"
)

// prune removes e, which the source does not have: name in the target, path for
// the patterns. What is excluded stays, and with it the directories above.
func (t *Transfer) prune(ctx context.Context, name, path string, e Entry, depth int) (gone bool) {
	if ctx.Err() != nil || t.Exclude.Match(path, e.Dir) || depth > MaxDepth {
		return false
	}
	if e.Dir && !t.pruneBelow(ctx, name, path, depth) {
		return false
	}
	if t.DryRun {
		t.plan("delete", t.To.Show(name))
		t.Stats.Deleted.Add(1)
		return true
	}
	if err := t.To.remove(ctx, name, e); err != nil {
		t.fail(ctx, t.To.Show(name), err)
		return false
	}
	t.Stats.Deleted.Add(1)
	return true
}

// pruneBelow empties a directory, and reports whether it is empty.
func (t *Transfer) pruneBelow(ctx context.Context, name, path string, depth int) bool {
	empty := true
	entries, err := t.read(ctx, t.To, name, false, func(err error) {
		empty = false
		t.fail(ctx, "in "+t.To.Show(name), err)
	})
	if err != nil {
		t.fail(ctx, t.To.Show(name), err)
		return false
	}
	for _, child := range entries {
		if !t.prune(ctx, join(name, child.Name), join(path, child.Name), child, depth+1) {
			empty = false
		}
	}
	return empty
}

// sweep removes parts that nobody uses and nobody will go on with.
func (t *Transfer) sweep(ctx context.Context, dir string, parts []Entry) {
	for _, p := range parts {
		if t.DryRun || p.Dir || p.Special != "" || ctx.Err() != nil {
			continue
		}
		err := t.To.sweepPart(ctx, join(dir, p.Name))
		switch {
		case err == nil, errors.Is(err, errBusy), errors.Is(err, ntstatus.SharingViolation), errors.Is(err, fs.ErrNotExist):
		default:
			t.fail(ctx, t.To.Show(join(dir, p.Name)), err)
		}
	}
}
