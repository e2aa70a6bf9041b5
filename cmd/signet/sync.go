package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/internal/transfer"
)

func (a *app) syncCommand() *cobra.Command {
	cmd, c := a.copyingCommand("sync [--delete] [--dry-run] SOURCE TARGET", "Make a directory the same as another, one way; run again to go on", cobra.ExactArgs(2), func(ctx context.Context, c *copying, args []string, f *clientFlags) error {
		if !isRemote(args[0]) && !isRemote(args[1]) {
			return usagef("neither %s nor %s is on a server", args[0], args[1])
		}
		from, source, done, err := c.syncSide(ctx, args[0], f, false)
		if err != nil {
			return err
		}
		defer done()
		e, err := from.Stat(ctx, source)
		if err != nil {
			return err
		}
		if !e.Dir {
			return usagef("%s is no directory: signet get or signet put copies a file", args[0])
		}
		to, target, done, err := c.syncSide(ctx, args[1], f, true)
		if err != nil {
			return err
		}
		defer done()
		if isRemote(args[0]) && isRemote(args[1]) {
			if err := a.apart(args[0], args[1]); err != nil {
				return err
			}
		}
		c.t.From, c.t.To, c.t.Sync = from, to, true
		return c.t.Run(ctx, transfer.Job{Entry: e, From: source, To: target})
	})
	cmd.Flags().BoolVar(&c.t.Delete, "delete", false, "remove from TARGET what SOURCE does not have")
	cmd.Flags().BoolVar(&c.t.DryRun, "dry-run", false, "print what would be done, and change nothing")
	c.windowFlag(cmd)
	return cmd
}

// apart refuses two directories of which one is within the other.
func (a *app) apart(source, target string) error {
	from, err := a.remotePlace(source)
	if err != nil {
		return err
	}
	to, err := a.remotePlace(target)
	if err != nil {
		return err
	}
	if sameShare(from, to) && (isWithin(to.path, from.path) || isWithin(from.path, to.path)) {
		return usagef("one of %s and %s is within the other", source, target)
	}
	return nil
}

// syncSide opens one side of sync: tree and name in it. A target on this machine
// that is not there is made, or, in a dry run, taken for an empty directory.
func (c *copying) syncSide(ctx context.Context, arg string, f *clientFlags, target bool) (tree transfer.Tree, name string, done func(), err error) {
	if isRemote(arg) {
		sh, l, err := c.app.shareOf(ctx, arg, f)
		if err != nil {
			return nil, "", nil, err
		}
		return transfer.NewShare(sh), l.path, func() {}, nil
	}
	if target && c.t.DryRun {
		if _, err := os.Lstat(arg); errors.Is(err, fs.ErrNotExist) {
			tree, base, err := c.localTarget(arg, false)
			if err != nil {
				return nil, "", nil, err
			}
			return tree, base, tree.Close, nil
		}
	} else if target {
		if err := os.Mkdir(arg, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, "", nil, err
		}
	}
	local, err := c.openLocal(arg)
	if err != nil {
		return nil, "", nil, err
	}
	return local, "", local.Close, nil
}
