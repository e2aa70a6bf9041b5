package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) statCommand() *cobra.Command {
	return remoteCommand("stat PLACE", "Describe a file or directory on a server", a.atMost(1), func(ctx context.Context, args []string, f *clientFlags) error {
		sh, l, err := a.shareOf(ctx, first(args), f)
		if err != nil {
			return err
		}
		i, err := sh.Stat(ctx, l.path)
		if err != nil {
			return err
		}
		d := describeFile(i)
		d.Path = l.String()
		if a.json {
			return a.printJSON(d)
		}
		for _, row := range [][2]string{
			{"Name", d.Name},
			{"Path", d.Path},
			{"Type", d.Type},
			{"Size", fmt.Sprint(d.Size)},
			{"LastWriteTime", d.LastWriteTime.Format(time.RFC3339Nano)},
			{"LastAccessTime", d.LastAccessTime.Format(time.RFC3339Nano)},
			{"CreationTime", d.CreationTime.Format(time.RFC3339Nano)},
			{"ChangeTime", d.ChangeTime.Format(time.RFC3339Nano)},
			{"Attributes", strings.Join(d.Attributes, ", ")},
		} {
			fmt.Fprintf(a.stdout, "%-14s : %s\n", row[0], escape(row[1]))
		}
		return nil
	})
}
