package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
)

func (a *app) syncCommand() *cobra.Command {
	t := &transfer{app: a, sync: true}
	cmd := remoteCommand("sync [--delete] [--dry-run] SOURCE TARGET", "Make a directory the same as another, one way; run again to go on", cobra.ExactArgs(2), func(ctx context.Context, args []string, f *clientFlags) error {
		if !isRemote(args[0]) && !isRemote(args[1]) {
			return usagef("neither %s nor %s is on a server", args[0], args[1])
		}
		from, source, done, err := a.syncSide(ctx, args[0], f, false)
		if err != nil {
			return err
		}
		defer done()
		e, err := from.stat(ctx, source)
		if err != nil {
			return err
		}
		if !e.dir {
			return usagef("%s is no directory: signet get or signet put copies a file", args[0])
		}
		to, target, done, err := a.syncSide(ctx, args[1], f, !t.dryRun)
		if err != nil {
			return err
		}
		defer done()
		t.from, t.to = from, to
		return t.run(ctx, []copyJob{{e, source, target}})
	})
	cmd.Flags().BoolVar(&t.delete, "delete", false, "remove from TARGET what SOURCE does not have")
	cmd.Flags().BoolVar(&t.dryRun, "dry-run", false, "print what would be done, and change nothing")
	return cmd
}

// syncSide opens one side of sync: tree and name in it. makeIt makes a
// directory of this machine that is not there.
func (a *app) syncSide(ctx context.Context, arg string, f *clientFlags, makeIt bool) (tree fileTree, name string, done func(), err error) {
	if isRemote(arg) {
		sh, l, err := a.shareOf(ctx, arg, f)
		if err != nil {
			return nil, "", nil, err
		}
		return treeOf(sh), l.path, func() {}, nil
	}
	if makeIt {
		if err := os.Mkdir(arg, 0o777); err != nil && !errors.Is(err, fs.ErrExist) { //nolint:gosec // as any program makes them: the umask decides
			return nil, "", nil, err
		}
	}
	local, err := openLocalTree(arg)
	if err != nil {
		return nil, "", nil, err
	}
	return local, "", local.close, nil
}
