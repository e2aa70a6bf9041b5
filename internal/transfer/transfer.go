package transfer

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
)

// Bounds of a transfer: a server may claim to have any number of files.
const (
	workers   = 32      // so many that small files wait for each other: they travel together then
	large     = 16      // of them, at most, copy large files: each has some MiB under way
	queued    = 64      // files that wait for a worker
	MaxListed = 1 << 20 // entries of a directory
	MaxDepth  = 128     // directories in each other
)

// Transfer copies files and trees of them. Set the fields before the first
// Run, of which there may be several, one after the other.
//
// What fails for one file is told and counted, and does not stop the others;
// the end of a connection, or of the context, does.
type Transfer struct {
	From, To Tree

	Sync    bool          // leave out what is the same already
	Delete  bool          // with Sync: remove what From does not have
	DryRun  bool          // only say what would be done
	Window  time.Duration // times of files that are the same differ by less
	Exclude Patterns      // what is left alone on both sides
	Keep    Keep          // what is copied besides content, times and attributes

	// Planned is told what DryRun would do, from one goroutine: "copy",
	// "mkdir", "delete" and a name as Show gives it.
	Planned func(what, name string)
	// Problem is told what was not copied, from any goroutine.
	Problem func(what string, err error)

	Stats Stats

	soft   context.Context // outlives the one of Run by cleanupTime
	jobs   chan Job
	large  chan struct{} // holds one for each large file that is being copied
	cancel context.CancelCauseFunc
	dirs   []Job // whose times are set last; of Run's goroutine
}

// Stats count what a transfer has done.
type Stats struct {
	Copied, Unchanged, Deleted, Problems atomic.Int64 // files; Deleted directories, too
	Bytes                                atomic.Int64 // that were copied
	Resumed                              atomic.Int64 // bytes that a broken transfer had copied
}

// Job is a file or directory to copy: From and To are its names in the two
// trees.
type Job struct {
	Entry    Entry
	From, To string

	path  string  // below what the transfer began with, for Patterns
	parts []Entry // of To that are there already
	fresh bool    // the directory of To was made by this transfer: hardly is there such a name
}

// Run copies each of jobs. The error is what has stopped it: the end of ctx or
// of a connection.
func (t *Transfer) Run(ctx context.Context, jobs ...Job) error {
	ctx, t.cancel = context.WithCancelCause(ctx)
	defer t.cancel(nil)
	var harden context.CancelFunc
	t.soft, harden = soften(ctx)
	defer harden()
	if !t.DryRun {
		t.From.prepare(ctx, t.Keep)
		t.To.prepare(ctx, t.Keep)
	}
	t.jobs, t.large, t.dirs = make(chan Job, queued), make(chan struct{}, large), nil
	var at sync.WaitGroup
	for range workers {
		at.Go(func() {
			buf := make([]byte, smallFile)
			for j := range t.jobs {
				t.copy(ctx, j, buf)
			}
		})
	}
	for _, j := range jobs {
		if j.Entry.Dir {
			t.walk(ctx, j, 0)
		} else {
			t.single(ctx, j)
		}
	}
	close(t.jobs)
	at.Wait()
	if !t.DryRun {
		// What is complete gets its name even if the transfer was interrupted.
		if err := t.To.flush(t.soft); err != nil {
			t.fail(ctx, t.To.Show(""), err)
		}
		t.finishDirs(ctx)
	}
	return context.Cause(ctx)
}

// cleanupTime is how long an interrupted transfer takes for what must not be
// broken off in the middle, or is not worth keeping.
const cleanupTime = 5 * time.Second

// soften makes a context that ends cleanupTime after ctx: a request that is
// broken off may still be done by the server, and leave a part.
func soften(ctx context.Context) (context.Context, context.CancelFunc) {
	soft, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	end := make(chan struct{})
	var at sync.WaitGroup
	at.Go(func() {
		select {
		case <-ctx.Done():
		case <-end:
			return
		}
		select {
		case <-time.After(cleanupTime):
			cancel(context.Cause(ctx))
		case <-end:
		}
	})
	return soft, func() {
		close(end)
		at.Wait()
		cancel(nil)
	}
}

// single copies a file that was named.
func (t *Transfer) single(ctx context.Context, j Job) {
	if j.Entry.Special != "" {
		t.fail(ctx, t.From.Show(j.From), errors.New("left out: "+j.Entry.Special))
		return
	}
	if !t.DryRun {
		dir, base := split(j.To)
		left := t.leftovers(ctx, dir)
		j.parts = left.take(base)
	}
	t.file(ctx, j)
}

// file hands a file to the workers.
func (t *Transfer) file(ctx context.Context, j Job) {
	if t.DryRun {
		t.plan("copy", t.To.Show(j.To))
		t.Stats.Copied.Add(1)
		return
	}
	select {
	case t.jobs <- j:
	case <-ctx.Done():
	}
}

// makeDir makes the directory that j leads to, and has its times set later.
func (t *Transfer) makeDir(ctx context.Context, j Job) (made, ok bool) {
	if t.DryRun {
		_, err := t.To.Stat(ctx, j.To)
		if errors.Is(err, fs.ErrNotExist) {
			t.plan("mkdir", t.To.Show(j.To))
		}
		return err != nil, true
	}
	made, err := t.To.mkdir(ctx, j.To)
	if err != nil {
		t.fail(ctx, t.To.Show(j.To), err)
		return false, false
	}
	if _, local := t.To.(*Local); local || j.To != "" { // a share's root is left as it is
		t.dirs = append(t.dirs, j)
	}
	return made, true
}

// finishDirs sets times and extras of directories, in which nothing changes any
// more, and then security descriptors, those of the innermost first: they may
// forbid all that comes later.
func (t *Transfer) finishDirs(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	protect := make([]*dtyp.SecurityDescriptor, len(t.dirs))
	jobs := make(chan int)
	var at sync.WaitGroup
	for range workers {
		at.Go(func() {
			for i := range jobs {
				j := t.dirs[i]
				var err error
				if t.Keep != (Keep{}) {
					protect[i], err = t.giveDir(ctx, j)
				}
				if err == nil {
					err = t.To.setMeta(ctx, j.To, j.Entry)
				}
				if err != nil {
					t.fail(ctx, t.To.Show(j.To), err)
				}
			}
		})
	}
	for i := range t.dirs {
		jobs <- i
	}
	close(jobs)
	at.Wait()
	for i, sd := range slices.Backward(protect) {
		if sd == nil {
			continue
		}
		if err := t.protectDir(ctx, t.dirs[i], sd); err != nil {
			t.fail(ctx, t.To.Show(t.dirs[i].To), err)
		}
	}
}

// fail tells what was not copied. The end of a connection ends all.
func (t *Transfer) fail(ctx context.Context, what string, err error) {
	if ctx.Err() != nil {
		return
	}
	if _, ok := errors.AsType[*client.ConnectionError](err); ok {
		t.cancel(err)
		return
	}
	t.Stats.Problems.Add(1)
	if t.Problem != nil {
		t.Problem(what, cause(err))
	}
}

func (t *Transfer) plan(what, name string) {
	if t.Planned != nil {
		t.Planned(what, name)
	}
}
