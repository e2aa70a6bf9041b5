package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/vfs"
)

// Bounds of a transfer: a server may claim to have any number of files.
const (
	transferWorkers = 8
	maxListed       = 1 << 20 // entries of a directory
	maxDepth        = 128     // directories in each other
)

// transfer copies files and trees of them from one fileTree to another.
//
// The directories are walked by one goroutine, the files copied by workers.
// What fails for one file is told, counted, and does not stop the others; the
// end of a connection, or of the context, does.
type transfer struct {
	app  *app
	from fileTree
	to   fileTree

	sync   bool // leave out what is the same already
	delete bool // remove what from does not have
	dryRun bool // only say what would be done

	jobs     chan copyJob
	cancel   context.CancelCauseFunc
	progress *progress

	copied, unchanged, deleted, bytes atomic.Int64

	mu       sync.Mutex
	problems []transferProblem // guarded by mu
	first    error             // guarded by mu
	dirs     []dirTimes        // of the walker: directories whose times are set last
}

// copyJob is a file to copy.
type copyJob struct {
	entry    fileEntry
	from, to string
}

// dirTimes are the times that a directory gets when nothing in it changes any
// more.
type dirTimes struct {
	name  string
	entry fileEntry
}

// transferProblem is what was not copied, in JSON.
type transferProblem struct {
	Path    string
	Message string
}

// transferResult is the result of a transfer in JSON.
type transferResult struct {
	Copied    int64
	Unchanged int64
	Deleted   int64
	Bytes     int64
	Problems  []transferProblem
}

// run copies the trees and files that pairs names, to the names there.
func (t *transfer) run(ctx context.Context, jobs []copyJob) error {
	ctx, t.cancel = context.WithCancelCause(ctx)
	defer t.cancel(nil)
	t.jobs = make(chan copyJob)
	t.progress = t.app.newProgress(t)
	var workers sync.WaitGroup
	for range transferWorkers {
		workers.Go(func() {
			for j := range t.jobs {
				t.copy(ctx, j)
			}
		})
	}
	for _, j := range jobs {
		if j.entry.dir {
			t.walk(ctx, j, 0)
		} else {
			t.file(ctx, j)
		}
	}
	close(t.jobs)
	workers.Wait()
	if ctx.Err() == nil && !t.dryRun {
		for _, d := range slices.Backward(t.dirs) {
			if err := t.to.setMeta(ctx, d.name, d.entry); err != nil {
				t.fail(ctx, t.to.show(d.name), err)
			}
		}
	}
	t.progress.end()
	return t.result(ctx)
}

// result is what the command ends with.
func (t *transfer) result(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if t.app.json {
		err := t.app.printJSON(transferResult{
			Copied: t.copied.Load(), Unchanged: t.unchanged.Load(), Deleted: t.deleted.Load(), Bytes: t.bytes.Load(),
			Problems: append([]transferProblem{}, t.problems...),
		})
		if err != nil {
			return err
		}
	}
	n := int64(len(t.problems))
	done := t.copied.Load() + t.unchanged.Load()
	switch {
	case n == 0:
		return nil
	case n == 1 && done == 0 && t.first != nil:
		return &exitError{code: t.app.exitCode(t.first)} // it has been said
	}
	return &exitError{code: exitLook, err: fmt.Errorf("%d done, %d left out", done, n)}
}

// walk goes through a directory. The walker's goroutine only.
func (t *transfer) walk(ctx context.Context, j copyJob, depth int) {
	if ctx.Err() != nil {
		return
	}
	if depth > maxDepth {
		t.fail(ctx, t.from.show(j.from), fmt.Errorf("more than %d directories in each other", maxDepth))
		return
	}
	entries, complete := t.children(ctx, t.from, j.from)
	existing := map[string]fileEntry{} // by folded name
	if t.sync {
		olds, _ := t.childrenIfAny(ctx, t.to, j.to)
		for _, e := range olds {
			existing[vfs.Fold(e.name)] = e
		}
	}
	if !t.makeDir(ctx, j) {
		return
	}
	for _, e := range entries {
		child := copyJob{e, joinPath(j.from, e.name), joinPath(j.to, e.name)}
		old, there := existing[vfs.Fold(e.name)]
		delete(existing, vfs.Fold(e.name))
		switch {
		case e.dir:
			t.walk(ctx, child, depth+1)
		case there && !old.dir && same(e, old):
			t.unchanged.Add(1)
		default:
			t.file(ctx, child)
		}
	}
	// What could not be listed is not known to be gone.
	if t.delete && complete && ctx.Err() == nil {
		for _, name := range slices.Sorted(names(existing)) {
			t.prune(ctx, joinPath(j.to, existing[name].name), existing[name], depth)
		}
	}
}

// makeDir makes the directory that j leads to, and has its times set later.
func (t *transfer) makeDir(ctx context.Context, j copyJob) bool {
	if t.dryRun {
		if _, err := t.to.stat(ctx, j.to); errors.Is(err, fs.ErrNotExist) {
			t.say("mkdir", t.to.show(j.to))
		}
		return true
	}
	if j.to != "" {
		if err := t.to.mkdir(ctx, j.to); err != nil {
			t.fail(ctx, t.to.show(j.to), err)
			return false
		}
		t.dirs = append(t.dirs, dirTimes{j.to, fileEntry{dir: true, modified: j.entry.modified, accessed: j.entry.accessed, created: j.entry.created}})
	}
	return true
}

// file hands a file to the workers.
func (t *transfer) file(ctx context.Context, j copyJob) {
	if t.dryRun {
		t.say("copy", t.to.show(j.to))
		t.copied.Add(1)
		return
	}
	select {
	case t.jobs <- j:
	case <-ctx.Done():
	}
}

// children lists a directory, sorted, without names that the other side cannot
// have, twins and what cannot be copied; complete is whether it could be
// listed to its end.
func (t *transfer) children(ctx context.Context, tree fileTree, dir string) (entries []fileEntry, complete bool) {
	entries, err := t.read(ctx, tree, dir, func(err error) { t.fail(ctx, tree.show(dir), err) })
	if err != nil {
		t.fail(ctx, tree.show(dir), err)
		return entries, false
	}
	slices.SortFunc(entries, func(a, b fileEntry) int { return cmp.Compare(a.name, b.name) })
	seen := make(map[string]bool, len(entries))
	kept := entries[:0]
	complete = true
	for _, e := range entries {
		shown := tree.show(joinPath(dir, e.name))
		folded := vfs.Fold(e.name)
		switch err := t.to.checkName(e.name); {
		case isPart(e.name):
		case err != nil:
			t.fail(ctx, tree.show(dir), err)
		case seen[folded]:
			t.fail(ctx, shown, &nameProblem{e.name, "another name differs from it in case only"})
		case e.special != "":
			complete = false // its namesake there is none of ours to remove
			t.fail(ctx, shown, errors.New("left out: "+e.special))
		default:
			seen[folded] = true
			kept = append(kept, e)
		}
	}
	return kept, complete
}

// childrenIfAny lists a directory of the target, which may not be there yet.
func (t *transfer) childrenIfAny(ctx context.Context, tree fileTree, dir string) ([]fileEntry, error) {
	entries, err := t.read(ctx, tree, dir, func(error) {})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.fail(ctx, tree.show(dir), err)
	}
	return entries, err
}

func (t *transfer) read(ctx context.Context, tree fileTree, dir string, bad func(error)) (entries []fileEntry, err error) {
	problems := 0
	err = tree.list(ctx, dir, func(e fileEntry) error {
		if len(entries) == maxListed {
			return fmt.Errorf("the directory has more than %d entries", maxListed)
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

// prune removes what the source does not have.
func (t *transfer) prune(ctx context.Context, name string, e fileEntry, depth int) {
	if t.to.checkName(e.name) != nil || depth > maxDepth || ctx.Err() != nil {
		return
	}
	if e.dir {
		entries, err := t.childrenIfAny(ctx, t.to, name)
		if err != nil {
			return
		}
		for _, child := range entries {
			t.prune(ctx, joinPath(name, child.name), child, depth+1)
		}
	}
	if t.dryRun {
		t.say("delete", t.to.show(name))
		return
	}
	if err := t.to.remove(ctx, name, e.dir); err != nil {
		t.fail(ctx, t.to.show(name), err)
		return
	}
	t.deleted.Add(1)
}

// same reports whether the copy of a file is up to date: as long, and written
// to at the same time, as exactly as the target's file system knows.
func same(e, old fileEntry) bool {
	if e.size != old.size || old.special != "" {
		return false
	}
	d := e.modified.Sub(old.modified).Abs()
	if old.modified.Nanosecond() == 0 && old.modified.Unix()%2 == 0 {
		return d < 2*time.Second // FAT
	}
	return d < 100*time.Nanosecond
}

// fail tells what was not copied. The end of the connection ends all.
func (t *transfer) fail(ctx context.Context, what string, err error) {
	if ctx.Err() != nil {
		return
	}
	if _, ok := errors.AsType[*client.ConnectionError](err); ok {
		t.cancel(err)
		return
	}
	if problem, ok := errors.AsType[*nameProblem](err); ok {
		what, err = "in "+what, fmt.Errorf("%q left out: %s", problem.name, problem.problem)
	}
	t.mu.Lock()
	if t.first == nil {
		t.first = err
	}
	t.problems = append(t.problems, transferProblem{what, err.Error()})
	t.mu.Unlock()
	if !t.app.json {
		t.progress.print(fmt.Sprintf("signet: %s: %s\n", escape(what), escape(err.Error())))
	}
}

// say prints what would be done.
func (t *transfer) say(what, name string) {
	if !t.app.json {
		fmt.Fprintf(t.app.stdout, "%s\t%s\n", what, escape(name))
	}
}

func names(m map[string]fileEntry) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range m {
			if !yield(name) {
				return
			}
		}
	}
}
