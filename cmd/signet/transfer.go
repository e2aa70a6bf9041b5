package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/transfer"
)

// Bounds of what a server may claim to have.
const (
	maxListed = transfer.MaxListed
	maxDepth  = transfer.MaxDepth
)

// entryOf describes a file of a server.
func entryOf(i *client.FileInfo) transfer.Entry { return transfer.EntryOf(i) }

// copying is a command that copies: its flags, and what has become of it.
type copying struct {
	app       *app
	t         transfer.Transfer
	recursive bool
	devices   bool
	noStreams bool
	exclude   []string
	progress  *progress

	mu       sync.Mutex
	problems []transferProblem // guarded by mu
	first    error             // guarded by mu
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
	Resumed   int64
	Problems  []transferProblem
}

// copyingCommand makes a command that copies: run may call c.t.Run, any number
// of times.
func (a *app) copyingCommand(use, short string, args cobra.PositionalArgs, run func(ctx context.Context, c *copying, args []string, f *clientFlags) error) (*cobra.Command, *copying) {
	c := &copying{app: a}
	cmd := a.remoteCommand(use, short, args, func(ctx context.Context, args []string, f *clientFlags) error {
		c.t.Exclude = transfer.Patterns(c.exclude)
		if err := c.t.Exclude.Check(); err != nil {
			return usagef("--exclude: %w", err)
		}
		c.t.Keep.Streams = !c.noStreams
		c.t.Problem, c.t.Planned = c.problem, c.planned
		c.progress = a.newProgress(&c.t.Stats)
		err := run(ctx, c, args, f)
		c.progress.end()
		if err != nil {
			return err
		}
		return c.result()
	})
	flags := cmd.Flags()
	flags.StringArrayVar(&c.exclude, "exclude", nil, "leave alone what matches `pattern`: *.tmp, cache/, /only/here; may be repeated")
	flags.BoolVar(&c.devices, "device-names", false, "make files whose names are devices of Windows, too: aux.c, con")
	flags.BoolVar(&c.noStreams, "no-streams", false, "copy content only, without the streams that a file has beside it")
	flags.BoolVar(&c.t.Keep.EAs, "eas", false, "keep extended attributes, too")
	flags.BoolVar(&c.t.Keep.ACLs, "acls", false, "keep owner, group and access list, too")
	return cmd, c
}

// recursiveFlag gives cmd -r.
func (c *copying) recursiveFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&c.recursive, "recursive", "r", false, "directories, too, with all that is in them")
}

// openLocal opens a directory of this machine; close it.
func (c *copying) openLocal(dir string) (*transfer.Local, error) {
	tree, err := transfer.OpenLocal(dir)
	if err != nil {
		return nil, err
	}
	tree.Devices = c.devices
	return tree, nil
}

// each calls f for each of args. Of several, one that fails is told, and does
// not stop the others, unless nothing more can be asked of the server.
func (c *copying) each(ctx context.Context, args []string, f func(arg string) error) error {
	for _, arg := range args {
		err := f(arg)
		_, refused := peerRefusal(err)
		switch {
		case err == nil:
		case len(args) == 1 || ctx.Err() != nil || refused || isConnectionLost(err) || c.app.exitCode(err) == exitUsage:
			return err
		default:
			c.t.Stats.Problems.Add(1)
			c.problem(arg, err)
		}
	}
	return nil
}

// into copies the file or directory called from, to base, or to name if that is
// "", in the directory dir.
func (c *copying) into(ctx context.Context, from, name, dir, base string) error {
	e, err := c.t.From.Stat(ctx, from)
	if err != nil {
		return err
	}
	if e.Dir && !c.recursive {
		return usagef("%s is a directory: -r copies it with all that is in it", c.t.From.Show(from))
	}
	if base == "" {
		if name, err = c.t.To.Localize(name); err != nil {
			return err
		}
		base = joinPath(dir, name)
	}
	return c.t.Run(ctx, transfer.Job{Entry: e, From: from, To: base})
}

// problem tells what was not copied.
func (c *copying) problem(what string, err error) {
	c.mu.Lock()
	if c.first == nil {
		c.first = err
	}
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, transferProblem{what, err.Error()})
	}
	c.mu.Unlock()
	if !c.app.json {
		c.progress.print(fmt.Sprintf("signet: %s: %s\n", escape(what), escape(err.Error())))
	}
}

// maxProblems bounds what is kept for JSON.
const maxProblems = 100_000

// planned prints what would be done.
func (c *copying) planned(what, name string) {
	if !c.app.json {
		fmt.Fprintf(c.app.stdout, "%s\t%s\n", what, escape(name))
	}
}

// result is what the command ends with.
func (c *copying) result() error {
	s := &c.t.Stats
	if c.app.json {
		err := c.app.printJSON(transferResult{
			Copied: s.Copied.Load(), Unchanged: s.Unchanged.Load(), Deleted: s.Deleted.Load(), Bytes: s.Bytes.Load(), Resumed: s.Resumed.Load(),
			Problems: append([]transferProblem{}, c.problems...),
		})
		if err != nil {
			return err
		}
	}
	n, done := s.Problems.Load(), s.Copied.Load()+s.Unchanged.Load()+s.Deleted.Load()
	end := &exitError{code: exitLook, err: fmt.Errorf("%d done, %d left out", done, n)}
	switch {
	case n == 0:
		return nil
	case done == 0:
		end.code = c.app.exitCode(c.first)
	}
	if c.app.json || n == 1 && done == 0 {
		end.err = nil // it has been said
	}
	return end
}

// localPath is the directory that holds path, and its name there, with links
// followed.
func localPath(path string) (dir, base string, err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", "", err
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", "", err
	}
	return filepath.Dir(path), filepath.Base(path), nil
}

// windowFlag is how far times may be apart.
func (c *copying) windowFlag(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&c.t.Window, "modify-window", 0*time.Second, "take files for the same whose times differ by less than this `time`: 2s for FAT")
}
