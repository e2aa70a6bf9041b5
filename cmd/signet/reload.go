package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
)

func (a *app) reloadCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reload",
		Short: "Let the server that runs read its configuration file again",
		Long: "Let the server that runs read its configuration file again, and look again for\n" +
			"the folders of its shares; SIGHUP does the same. A file that has a mistake\n" +
			"changes nothing.",
		Args: cobra.NoArgs,
		RunE: withContext(func(ctx context.Context, _ []string) error {
			return a.withClient(ctx, func(c *admin.Client) error { return c.Reload(ctx) })
		}),
	}
}
