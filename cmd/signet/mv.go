package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/vfs"
)

func (a *app) mvCommand() *cobra.Command {
	return a.remoteCommand("mv PLACE ... TARGET", "Rename or move files and directories within a share", cobra.MinimumNArgs(2), func(ctx context.Context, args []string, f *clientFlags) error {
		last := len(args) - 1
		target, to, err := a.shareOf(ctx, args[last], f)
		if err != nil {
			return err
		}
		i, err := target.Stat(ctx, to.path)
		if isConnectionLost(err) {
			return err
		}
		into := err == nil && i.IsDir()
		if last > 1 && !into {
			return usagef("%s is no directory, and several things are to be moved there", to)
		}
		failed := 0
		for _, arg := range args[:last] {
			err := a.move(ctx, arg, target, to, into, f)
			if err != nil && (last == 1 || ctx.Err() != nil || isConnectionLost(err) || a.exitCode(err) == exitUsage) {
				return err
			}
			if err != nil {
				failed++
				a.report(err)
			}
		}
		switch failed {
		case 0:
			return nil
		case last:
			return &exitError{code: exitFailed}
		}
		return &exitError{code: exitLook, err: fmt.Errorf("%d moved, %d not", last-failed, failed)}
	})
}

// move renames one thing: to the place to, or, if that is a directory, into it.
func (a *app) move(ctx context.Context, arg string, target *client.Share, to location, into bool, f *clientFlags) error {
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
	if into && vfs.Fold(to.path) != vfs.Fold(from.path) { // else it is the case that changes
		name = joinPath(to.path, from.base())
	}
	if isWithin(name, from.path) && vfs.Fold(name) != vfs.Fold(from.path) {
		return usagef("%s would be moved into itself", from)
	}
	return sh.Rename(ctx, from.path, name, true)
}
