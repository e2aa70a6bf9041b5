package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
)

func (a *app) mkdirCommand() *cobra.Command {
	var parents bool
	cmd := a.remoteCommand("mkdir PLACE ...", "Make directories on a server", cobra.MinimumNArgs(1), func(ctx context.Context, args []string, f *clientFlags) error {
		return a.eachPlace(ctx, args, f, func(sh *client.Share, l location) error {
			if parents {
				return sh.FS(ctx).MkdirAll(l.path, 0o777)
			}
			return sh.Mkdir(ctx, l.path)
		})
	})
	cmd.Flags().BoolVarP(&parents, "parents", "p", false, "make missing ones above, too; one that is there is no error")
	return cmd
}

func (a *app) rmdirCommand() *cobra.Command {
	return a.remoteCommand("rmdir PLACE ...", "Remove empty directories on a server", cobra.MinimumNArgs(1), func(ctx context.Context, args []string, f *clientFlags) error {
		return a.eachPlace(ctx, args, f, func(sh *client.Share, l location) error { return sh.RemoveDir(ctx, l.path) })
	})
}

// eachPlace reads all places before anything is done, and then does it to each
// of them.
func (a *app) eachPlace(ctx context.Context, args []string, f *clientFlags, do func(*client.Share, location) error) error {
	places := make([]location, len(args))
	for i, arg := range args {
		l, err := a.remotePlace(arg)
		if err == nil {
			err = needPath(l)
		}
		if err != nil {
			return err
		}
		places[i] = l
	}
	for _, l := range places {
		sh, err := a.share(ctx, l, f)
		if err == nil {
			err = do(sh, l)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
