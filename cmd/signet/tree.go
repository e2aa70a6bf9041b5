package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
)

func (a *app) treeCommand() *cobra.Command {
	return a.remoteCommand("tree PLACE", "Show a directory on a server with all that is in it", a.atMost(1), func(ctx context.Context, args []string, f *clientFlags) error {
		sh, l, err := a.shareOf(ctx, first(args), f)
		if err == nil {
			_, err = sh.Stat(ctx, l.path)
		}
		if err != nil {
			return err
		}
		if !a.json {
			fmt.Fprintln(a.stdout, escape(l.String()))
		}
		problems, err := walkPlaces(ctx, sh, l, 0, func(at location, i *client.FileInfo, depth int) error {
			if a.json {
				return a.printPlace(at, i)
			}
			name := escape(i.Name())
			if i.IsDir() {
				name += "/"
			}
			_, err := fmt.Fprintf(a.stdout, "%s%s\n", strings.Repeat("  ", depth+1), name)
			return err
		})
		if err != nil {
			return err
		}
		return a.leftOut(problems)
	})
}

// printPlace prints a file as one line of JSON.
func (a *app) printPlace(at location, i *client.FileInfo) error {
	d := describeFile(i)
	d.Path = at.String()
	return a.printJSON(d)
}
