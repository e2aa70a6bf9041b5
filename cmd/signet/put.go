package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
)

func (a *app) putCommand() *cobra.Command {
	var recursive bool
	cmd := remoteCommand("put [-r] LOCAL ... PLACE", "Copy files of this machine to a server", cobra.MinimumNArgs(1), func(ctx context.Context, args []string, f *clientFlags) error {
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
		for _, file := range files {
			if err := a.send(ctx, file, sh, dir, base, recursive); err != nil {
				return err
			}
		}
		return nil
	})
	cmd.Flags().BoolVarP(&recursive, "recursive", "r", false, "directories, too, with all that is in them")
	return cmd
}

// send copies one file or directory of this machine. A link that is named is
// followed; those in a directory are left out.
func (a *app) send(ctx context.Context, file string, sh *client.Share, dir, base string, recursive bool) error {
	path, err := filepath.EvalSymlinks(file)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return err
	}
	name := filepath.Base(file)
	if name == "." || name == ".." || name == string(filepath.Separator) {
		name = filepath.Base(path)
	}
	tree, err := openLocalTree(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer tree.close()
	to := treeOf(sh)
	if base == "" {
		if err := to.checkName(name); err != nil {
			return err
		}
		base = joinPath(dir, name)
	}
	return a.copyInto(ctx, tree, filepath.Base(path), name, to, base, recursive)
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
