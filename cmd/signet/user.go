package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
)

func (a *app) userCommand() *cobra.Command {
	var passwordFile string
	takesPassword := func(cmd *cobra.Command) *cobra.Command {
		cmd.Flags().StringVar(&passwordFile, "password-file", "", "`file` that holds the password; - is standard input")
		return cmd
	}
	var unixUser string
	takesUnix := func(cmd *cobra.Command) *cobra.Command {
		cmd.Flags().StringVar(&unixUser, "unix", "", "system user `name` as whom the account uses files when signet serves as root; none for nobody (default: the one of its own name)")
		return cmd
	}
	var role string
	takesRole := func(cmd *cobra.Command) *cobra.Command {
		cmd.Flags().StringVar(&role, "role", "none", "what the account may do in the administration over TCP: viewer, operator, admin or none")
		return cmd
	}
	enabling := func(use, short string, enabled bool) *cobra.Command {
		return &cobra.Command{
			Use:   use,
			Short: short,
			Args:  oneName,
			RunE: withContext(func(ctx context.Context, args []string) error {
				return a.userUpdate(ctx, args[0], admin.UserChange{Enabled: &enabled})
			}),
		}
	}
	return group("user", "Add, change, list and remove the accounts that may sign in",
		takesRole(takesUnix(takesPassword(&cobra.Command{
			Use:   "add NAME",
			Short: "Add an account",
			Long: "Add an account. The password comes from --password-file, else from\n" +
				"$CREDENTIALS_DIRECTORY/password, $SIGNET_PASSWORD_FILE or $SIGNET_PASSWORD,\n" +
				"else it is asked for; an empty answer makes one up and shows it once.",
			Args: oneName,
			RunE: withContext(func(ctx context.Context, args []string) error {
				given, err := parseRole(role)
				if err != nil {
					return err
				}
				return a.userAdd(ctx, admin.NewUser{Name: args[0], UnixUser: unixUser, Role: given}, passwordFile)
			}),
		}))),
		&cobra.Command{
			Use:   "list",
			Short: "List the accounts",
			Args:  cobra.NoArgs,
			RunE:  withContext(func(ctx context.Context, _ []string) error { return a.userList(ctx) }),
		},
		takesRole(takesUnix(&cobra.Command{
			Use:   "set NAME [--unix NAME|none] [--role viewer|operator|admin|none]",
			Short: "Change what belongs to an account",
			Args:  oneName,
			RunE: func(cmd *cobra.Command, args []string) error {
				var change admin.UserChange
				if cmd.Flags().Changed("unix") {
					change.UnixUser = &unixUser
				}
				if cmd.Flags().Changed("role") {
					given, err := parseRole(role)
					if err != nil {
						return err
					}
					change.Role = &given
				}
				if change == (admin.UserChange{}) {
					return usagef("nothing to set: signet user set %s --unix NAME, or --role ROLE", args[0])
				}
				return a.userUpdate(cmd.Context(), args[0], change)
			},
		})),
		enabling("enable NAME", "Let an account sign in again", true),
		enabling("disable NAME", "Let an account sign in no more; sessions it has go on", false),
		takesPassword(&cobra.Command{
			Use:   "passwd NAME",
			Short: "Set the password of an account",
			Args:  oneName,
			RunE:  withContext(func(ctx context.Context, args []string) error { return a.userPasswd(ctx, args[0], passwordFile) }),
		}),
		a.userImportCommand(),
		&cobra.Command{
			Use:   "remove NAME",
			Short: "Remove an account",
			Args:  oneName,
			RunE:  withContext(func(ctx context.Context, args []string) error { return a.userRemove(ctx, args[0]) }),
		},
	)
}

// oneName refuses anything but the name of an account.
func oneName(cmd *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return usagef("%s NAME: which account?", cmd.CommandPath())
	case 1:
		return nil
	}
	return usagef("%s takes one NAME; a password never goes on the command line", cmd.CommandPath())
}

// parseRole reads --role.
func parseRole(word string) (admin.Role, error) {
	r, err := admin.ParseRole(word)
	if err != nil {
		return r, usagef("--role: %w", err)
	}
	return r, nil
}

func (a *app) userAdd(ctx context.Context, n admin.NewUser, passwordFile string) error {
	password, err := a.choosePassword(ctx, passwordRequest{
		file: passwordFile, prompt: "Password for " + n.Name, confirm: true, mayGenerate: true,
	})
	if err != nil {
		return err
	}
	n.Password = password.text
	return a.withClient(ctx, func(c *admin.Client) error {
		u, err := c.AddUser(ctx, n)
		if err != nil {
			return err
		}
		if a.json {
			err = a.printJSON(u)
		}
		if password.generated {
			fmt.Fprintf(a.stdout, "password %s   (shown this once; change it: signet user passwd %s)\n", password.text, escape(n.Name))
		}
		return err
	})
}

func (a *app) userPasswd(ctx context.Context, name, passwordFile string) error {
	password, err := a.choosePassword(ctx, passwordRequest{
		file: passwordFile, prompt: "New password for " + name, confirm: true,
	})
	if err != nil {
		return err
	}
	return a.withClient(ctx, func(c *admin.Client) error { return c.SetPassword(ctx, name, password.text) })
}

func (a *app) userUpdate(ctx context.Context, name string, change admin.UserChange) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		u, err := c.UpdateUser(ctx, name, change)
		if err == nil && u.NeedsPassword {
			a.log.WarnContext(ctx, "the role counts from the account's next password on: signet user passwd "+u.Name)
		}
		if err == nil && a.json {
			err = a.printJSON(u)
		}
		return err
	})
}

func (a *app) userRemove(ctx context.Context, name string) error {
	return a.withClient(ctx, func(c *admin.Client) error { return c.RemoveUser(ctx, name) })
}

func (a *app) userList(ctx context.Context) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		users, err := c.Users(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(users)
		}
		t := a.newTable("NAME", "ENABLED", "UNIX USER", "ROLE")
		for _, u := range users.Users {
			unixUser := u.UnixUser
			if unixUser == "" {
				unixUser = "same name"
			}
			t.row(u.Name, truth(u.Enabled), unixUser, u.Role.String())
		}
		return t.flush()
	})
}
