package transfer

import (
	"context"
	"runtime"
	"sync"
)

// Bounds of a group of finished parts, which wait for one flush.
const (
	groupFiles = 128
	groupBytes = 64 << 20
)

// localGroup holds parts that are complete and not yet under their names. A
// power failure must not leave an empty or half-written file under its name, and
// a flush for each file would take longer than the file: so one flush is for
// all. Who fills the group commits it. Safe for concurrent use.
type localGroup struct {
	mu    sync.Mutex
	parts []finished // guarded by mu
	bytes int64      // guarded by mu
	any   bool       // something was added; guarded by mu
}

// finished is a part that is complete.
type finished struct {
	part *localPart
	to   string
	size int64
	done func(error)
}

func (g *localGroup) add(ctx context.Context, f finished) {
	g.mu.Lock()
	g.parts = append(g.parts, f)
	g.bytes += f.size
	g.any = true
	var full []finished
	if len(g.parts) >= groupFiles || g.bytes >= groupBytes {
		full = g.takeLocked()
	}
	g.mu.Unlock()
	if full != nil {
		commit(ctx, full)
	}
}

// takeLocked empties the group. The caller holds mu.
func (g *localGroup) takeLocked() []finished {
	parts := g.parts
	g.parts, g.bytes = nil, 0
	return parts
}

// commit makes the parts safe and gives them their names.
func commit(ctx context.Context, parts []finished) {
	err := flushParts(parts)
	for _, f := range parts {
		if err != nil {
			f.part.discard(ctx)
			f.done(err)
			continue
		}
		f.done(f.part.rename(ctx, f.to))
	}
}

// rename gives the part the name to, and closes it. The lock is held meanwhile:
// else somebody could take the target for a part.
func (p *localPart) rename(ctx context.Context, to string) error {
	if runtime.GOOS == "windows" { // where nothing that is open is renamed
		p.close(ctx)
	}
	err := p.tree.root.Rename(native(p.name), native(to))
	if err != nil {
		p.discard(ctx)
		return err
	}
	p.close(ctx)
	return nil
}

// flush implements [Tree].
func (t *Local) flush(ctx context.Context) error {
	g := &t.group
	g.mu.Lock()
	parts, any := g.takeLocked(), g.any
	g.any = false
	g.mu.Unlock()
	if len(parts) > 0 {
		commit(ctx, parts)
	}
	if !any {
		return nil
	}
	return flushNames(t.root)
}
