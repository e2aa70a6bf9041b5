package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/internal/transfer"
)

func (a *app) getCommand() *cobra.Command {
	cmd, c := a.copyingCommand("get [-r] PLACE ... [LOCAL]", "Copy files from a server to this machine", cobra.MinimumNArgs(1), func(ctx context.Context, c *copying, args []string, f *clientFlags) error {
		target := "."
		if last := len(args) - 1; last > 0 && !isRemote(args[last]) {
			target, args = args[last], args[:last]
		}
		tree, base, err := c.localTarget(target, len(args) > 1)
		if err != nil {
			return err
		}
		defer tree.Close()
		c.t.To = tree
		return c.each(ctx, args, func(arg string) error {
			sh, l, err := a.shareOf(ctx, arg, f)
			if err != nil {
				return err
			}
			c.t.From = transfer.NewShare(sh)
			return c.into(ctx, l.path, nameOf(l), "", base)
		})
	})
	c.recursiveFlag(cmd)
	return cmd
}

// nameOf is what the copy of l is called: a share's root has the share's name.
func nameOf(l location) string {
	if l.path == "" {
		return l.share
	}
	return l.base()
}

// localTarget opens the directory in which the copy will be, and tells its
// name there; "" if target is that directory.
func (c *copying) localTarget(target string, several bool) (tree *transfer.Local, base string, err error) {
	i, err := os.Stat(target)
	if err == nil && i.IsDir() {
		tree, err = c.openLocal(target)
		return tree, "", err
	}
	if several || strings.HasSuffix(target, "/") {
		return nil, "", usagef("%s is no directory", target)
	}
	tree, err = c.openLocal(filepath.Dir(target))
	return tree, filepath.Base(target), err
}
