package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) getCommand() *cobra.Command {
	var recursive bool
	cmd := remoteCommand("get [-r] PLACE ... [LOCAL]", "Copy files from a server to this machine", cobra.MinimumNArgs(1), func(ctx context.Context, args []string, f *clientFlags) error {
		target := "."
		if last := len(args) - 1; last > 0 && !isRemote(args[last]) {
			target, args = args[last], args[:last]
		}
		tree, base, err := localTarget(target, len(args) > 1)
		if err != nil {
			return err
		}
		defer tree.close()
		for _, arg := range args {
			if err := a.fetch(ctx, arg, f, tree, base, recursive); err != nil {
				return err
			}
		}
		return nil
	})
	cmd.Flags().BoolVarP(&recursive, "recursive", "r", false, "directories, too, with all that is in them")
	return cmd
}

// fetch copies one place to base in tree; "" is a name of its own there.
func (a *app) fetch(ctx context.Context, arg string, f *clientFlags, tree *localTree, base string, recursive bool) error {
	sh, l, err := a.shareOf(ctx, arg, f)
	if err != nil {
		return err
	}
	return a.copyInto(ctx, treeOf(sh), l.path, nameOf(l), tree, base, recursive)
}

// nameOf is what the copy of l is called: a share's root has the share's name.
func nameOf(l location) string {
	if l.path == "" {
		return l.share
	}
	return l.base()
}

// copyInto copies the file or directory called from, to base, or to name if
// that is "".
func (a *app) copyInto(ctx context.Context, src fileTree, from, name string, dst fileTree, base string, recursive bool) error {
	e, err := src.stat(ctx, from)
	if err != nil {
		return err
	}
	if e.dir && !recursive {
		return usagef("%s is a directory: -r copies it with all that is in it", src.show(from))
	}
	if base == "" {
		if err := dst.checkName(name); err != nil {
			return err
		}
		base = name
	}
	return (&transfer{app: a, from: src, to: dst}).run(ctx, []copyJob{{e, from, base}})
}

// localTarget opens the directory in which the copy will be, and tells its
// name there; "" if target is that directory.
func localTarget(target string, several bool) (tree *localTree, base string, err error) {
	i, err := os.Stat(target)
	if err == nil && i.IsDir() {
		tree, err = openLocalTree(target)
		return tree, "", err
	}
	if several || strings.HasSuffix(target, "/") {
		return nil, "", usagef("%s is no directory", target)
	}
	tree, err = openLocalTree(filepath.Dir(target))
	return tree, filepath.Base(target), err
}
