package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) cpCommand() *cobra.Command {
	var recursive bool
	cmd := remoteCommand("cp [-r] PLACE ... TARGET", "Copy files within a server, or from one to another", cobra.MinimumNArgs(2), func(ctx context.Context, args []string, f *clientFlags) error {
		last := len(args) - 1
		sh, dir, base, err := a.remoteTarget(ctx, args[last], last > 1, f)
		if err != nil {
			return err
		}
		for _, arg := range args[:last] {
			from, l, err := a.shareOf(ctx, arg, f)
			if err != nil {
				return err
			}
			to := base
			if to == "" {
				to = joinPath(dir, nameOf(l))
			}
			if from == sh && (to == l.path || len(to) > len(l.path) && (l.path == "" || to[:len(l.path)+1] == l.path+"/")) {
				return usagef("%s would be copied into itself", l)
			}
			if err := a.copyInto(ctx, treeOf(from), l.path, nameOf(l), treeOf(sh), to, recursive); err != nil {
				return err
			}
		}
		return nil
	})
	cmd.Flags().BoolVarP(&recursive, "recursive", "r", false, "directories, too, with all that is in them")
	return cmd
}
