package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/internal/transfer"
)

func (a *app) putCommand() *cobra.Command {
	cmd, c := a.copyingCommand("put [-r] LOCAL ... PLACE", "Copy files of this machine to a server", cobra.MinimumNArgs(1), func(ctx context.Context, c *copying, args []string, f *clientFlags) error {
		place, files := args[len(args)-1], args[:len(args)-1]
		if a.here != nil && len(args) == 1 {
			place, files = ".", args
		}
		if len(files) == 0 {
			return usagef("signet put LOCAL ... PLACE: put it where?")
		}
		sh, dir, base, err := a.remoteTarget(ctx, place, len(files) > 1, f)
		if err != nil {
			return err
		}
		c.t.To = transfer.NewShare(sh)
		return c.each(ctx, files, func(file string) error { return c.send(ctx, file, dir, base) })
	})
	c.recursiveFlag(cmd)
	return cmd
}

// send copies one file or directory of this machine. A link that is named is
// followed; those in a directory are left out.
func (c *copying) send(ctx context.Context, file, dir, base string) error {
	parent, path, err := localPath(file)
	if err != nil {
		return err
	}
	name := filepath.Base(file)
	if name == "." || name == ".." || name == string(filepath.Separator) {
		name = path
	}
	tree, err := c.openLocal(parent)
	if err != nil {
		return err
	}
	defer tree.Close()
	c.t.From = tree
	return c.into(ctx, path, name, dir, base)
}

// remoteTarget finds the share in which copies will be: in the directory dir,
// under their own names, or, if base is not "", as base.
func (a *app) remoteTarget(ctx context.Context, place string, several bool, f *clientFlags) (sh *client.Share, dir, base string, err error) {
	sh, l, err := a.shareOf(ctx, place, f)
	if err != nil {
		return nil, "", "", err
	}
	i, err := sh.Stat(ctx, l.path)
	switch {
	case err == nil && i.IsDir():
		return sh, l.path, "", nil
	case isConnectionLost(err):
		return nil, "", "", err
	case several || place[len(place)-1] == '/' || place[len(place)-1] == '\\':
		return nil, "", "", usagef("%s is no directory", l)
	}
	return sh, "", l.path, nil
}
