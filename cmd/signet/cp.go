package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/internal/transfer"
	"github.com/signet-smb/signet/vfs"
)

func (a *app) cpCommand() *cobra.Command {
	cmd, c := a.copyingCommand("cp [-r] PLACE ... TARGET", "Copy files within a server, or from one to another", cobra.MinimumNArgs(2), func(ctx context.Context, c *copying, args []string, f *clientFlags) error {
		last := len(args) - 1
		sh, dir, base, err := a.remoteTarget(ctx, args[last], last > 1, f)
		if err != nil {
			return err
		}
		target, err := a.remotePlace(args[last])
		if err != nil {
			return err
		}
		c.t.To = transfer.NewShare(sh)
		return c.each(ctx, args[:last], func(arg string) error {
			from, l, err := a.shareOf(ctx, arg, f)
			if err != nil {
				return err
			}
			to := base
			if to == "" {
				to = joinPath(dir, nameOf(l))
			}
			if sameShare(l, target) && isWithin(to, l.path) {
				return usagef("%s would be copied into itself", l)
			}
			c.t.From = transfer.NewShare(from)
			return c.into(ctx, l.path, nameOf(l), dir, base)
		})
	})
	c.recursiveFlag(cmd)
	return cmd
}

// sameShare reports whether two places are in one share.
func sameShare(a, b location) bool {
	return strings.EqualFold(a.address(), b.address()) && strings.EqualFold(a.share, b.share)
}

// isWithin reports whether a path is another one, or below it.
func isWithin(path, top string) bool {
	path, top = vfs.Fold(path), vfs.Fold(top)
	return top == "" || path == top || strings.HasPrefix(path, top+"/")
}
