package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
)

func (a *app) rmCommand() *cobra.Command {
	var recursive bool
	cmd := a.remoteCommand("rm [-r] PLACE ...", "Remove files on a server", cobra.MinimumNArgs(1), func(ctx context.Context, args []string, f *clientFlags) error {
		return a.eachPlace(ctx, args, f, func(sh *client.Share, l location) error {
			if !recursive {
				return sh.Remove(ctx, l.path)
			}
			return a.removeAll(ctx, sh, l.path, 0)
		})
	})
	cmd.Flags().BoolVarP(&recursive, "recursive", "r", false, "directories, too, with all that is in them")
	return cmd
}

// removeAll removes what path is. A link is removed itself, never what it
// leads to.
func (a *app) removeAll(ctx context.Context, sh *client.Share, path string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: more than %d directories in each other", path, maxDepth)
	}
	i, err := sh.Stat(ctx, path)
	if err != nil {
		return err
	}
	if !i.IsDir() {
		return sh.Remove(ctx, path)
	}
	entries, problems, err := readDirectory(ctx, sh, path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := a.removeAll(ctx, sh, joinPath(path, e.Name()), depth+1); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return a.leftOut(problems)
	}
	return sh.RemoveDir(ctx, path)
}
