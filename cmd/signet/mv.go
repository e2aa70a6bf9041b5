package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) mvCommand() *cobra.Command {
	return remoteCommand("mv PLACE ... TARGET", "Rename or move files and directories within a share", cobra.MinimumNArgs(2), func(ctx context.Context, args []string, f *clientFlags) error {
		target, to, err := a.shareOf(ctx, args[len(args)-1], f)
		if err != nil {
			return err
		}
		i, err := target.Stat(ctx, to.path)
		into := err == nil && i.IsDir()
		if len(args) > 2 && !into {
			return usagef("%s is no directory, and several things are to be moved there", to)
		}
		for _, arg := range args[:len(args)-1] {
			sh, from, err := a.shareOf(ctx, arg, f)
			if err == nil {
				err = needPath(from)
			}
			if err != nil {
				return err
			}
			if sh != target {
				return usagef("%s is on another share: signet cp, and then signet rm", from)
			}
			name := to.path
			if into {
				name = joinPath(to.path, from.base())
			}
			if err := sh.Rename(ctx, from.path, name, true); err != nil {
				return err
			}
		}
		return nil
	})
}
