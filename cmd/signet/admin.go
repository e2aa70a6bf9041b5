package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
)

func (a *app) adminCommand() *cobra.Command {
	return group("admin", "Who administers the server over TCP",
		&cobra.Command{
			Use:   "link",
			Short: "Print a link that signs you in to the administration once",
			Long: "Print a link that signs you in to the administration of the running server,\n" +
				"with the rights that you have here. It is good once, and for five minutes.",
			Args: cobra.NoArgs,
			RunE: withContext(func(ctx context.Context, _ []string) error { return a.adminLink(ctx) }),
		},
		&cobra.Command{
			Use:   "list",
			Short: "List the administrators who are signed in",
			Args:  cobra.NoArgs,
			RunE:  withContext(func(ctx context.Context, _ []string) error { return a.adminList(ctx) }),
		},
		&cobra.Command{
			Use:   "sign-out ID",
			Short: "Sign an administrator out",
			Args:  oneID,
			RunE: withContext(func(ctx context.Context, args []string) error {
				return a.withClient(ctx, func(c *admin.Client) error { return c.EndSignIn(ctx, args[0]) })
			}),
		},
	)
}

// oneID refuses anything but one id.
func oneID(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s ID: which one? signet admin list shows them", cmd.CommandPath())
	}
	return nil
}

func (a *app) adminLink(ctx context.Context) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		l, err := c.SignInLink(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(l)
		}
		if _, err := fmt.Fprintln(a.stdout, l.URL); err != nil || a.quiet {
			return err
		}
		if l.Fingerprint != "" {
			fmt.Fprintf(a.stderr, "The certificate has to have this SHA-256 fingerprint: %s\n", l.Fingerprint)
		}
		_, err = fmt.Fprintf(a.stderr, "Good once, until %s.\n", l.Until.Local().Format(time.TimeOnly))
		return err
	})
}

func (a *app) adminList(ctx context.Context) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		list, err := c.SignIns(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(list)
		}
		t := a.newTable("ID", "ACCOUNT", "ROLE", "ADDRESS", "SINCE", "LAST USED", "ENDS")
		for _, s := range list.SignIns {
			t.row(s.ID, s.Account, s.Role.String(), s.Address, s.Began.Format(time.RFC3339), s.LastUsed.Format(time.RFC3339), s.Ends.Format(time.RFC3339))
		}
		return t.flush()
	})
}
