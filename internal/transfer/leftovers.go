package transfer

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/signet-smb/signet/vfs"
)

// leftovers are the parts that a directory has, by TARGET.
type leftovers map[string][]Entry

// leftovers finds the parts in a directory of the target.
func (t *Transfer) leftovers(ctx context.Context, dir string) leftovers {
	left := leftovers{}
	entries, err := t.read(ctx, t.To, dir, true, func(error) {}) // no part of ours
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.fail(ctx, t.To.Show(dir), err)
	}
	for _, e := range entries {
		if isPart(e.Name) {
			left.add(e)
		}
	}
	return left
}

func (l leftovers) add(e Entry) {
	code := targetOf(e.Name)
	l[code] = append(l[code], e)
}

// take gives the parts of the target called base, and forgets them.
func (l leftovers) take(base string) []Entry {
	if len(l) == 0 {
		return nil
	}
	code := targetCode(base)
	parts := l[code]
	delete(l, code)
	return parts
}

// isAbandoned reports whether nobody will come back for a part.
func isAbandoned(p Entry) bool { return time.Since(p.Modified) > abandoned }

// foldAlways makes names the same that any system takes for one.
func foldAlways(name string) string { return vfs.Fold(name) }
