package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/fscc"
)

func (a *app) watchCommand() *cobra.Command {
	var recursive bool
	cmd := a.remoteCommand("watch [-r] PLACE", "Print what changes in a directory on a server, until interrupted", a.atMost(1), func(ctx context.Context, args []string, f *clientFlags) error {
		sh, l, err := a.shareOf(ctx, first(args), f)
		if err != nil {
			return err
		}
		events := client.FileNames | client.DirNames | client.AttributesSet | client.SizeChanged | client.Written | client.Made
		for c, err := range sh.Watch(ctx, l.path, events, recursive) {
			if err != nil {
				return err
			}
			if err := a.printChange(c); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
	cmd.Flags().BoolVarP(&recursive, "recursive", "r", false, "in the directories below, too")
	return cmd
}

// changeWords say what has happened to a file.
var changeWords = map[fscc.NotifyAction]string{
	fscc.NotifyAdded: "Added", fscc.NotifyRemoved: "Removed", fscc.NotifyModified: "Modified",
	fscc.NotifyRenamedOldName: "RenamedFrom", fscc.NotifyRenamedNewName: "RenamedTo",
	fscc.NotifyAddedStream: "AddedStream", fscc.NotifyRemovedStream: "RemovedStream", fscc.NotifyModifiedStream: "ModifiedStream",
}

func (a *app) printChange(c client.Change) error {
	action, ok := changeWords[c.Action]
	if !ok {
		action = fmt.Sprintf("Action%d", uint32(c.Action))
	}
	if c.Missed {
		action = "Missed"
	}
	if a.json {
		return a.printJSON(struct {
			Time         time.Time
			Action, Name string
		}{time.Now().UTC(), action, c.Name})
	}
	_, err := fmt.Fprintf(a.stdout, "%s\t%s\n", action, escape(c.Name))
	return err
}
