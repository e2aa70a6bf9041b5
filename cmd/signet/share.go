package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy/store"
)

func (a *app) shareCommand() *cobra.Command {
	return group("share", "Store shares, and say who may use them",
		a.shareAddCommand(),
		listCommand("List the shares, and who may use them", a.shareList),
		a.shareSetCommand(),
		&cobra.Command{
			Use:   "remove NAME",
			Short: "Share a folder no more; who uses it is cut off",
			Args:  named("NAME"),
			RunE: withContext(func(ctx context.Context, args []string) error {
				return a.withClient(ctx, func(c *admin.Client) error { return c.RemoveShare(ctx, args[0]) })
			}),
		},
		&cobra.Command{
			Use:   "grant NAME ACCOUNT read|change|full",
			Short: "Give an account, or Everyone, access to a share",
			Long: "Give an account, or Everyone, access to a share, instead of what was granted to\n" +
				"it before. A share is open to every account until the first grant; from then on\n" +
				"only those it was granted to may use it. What is granted to an account and to\n" +
				"Everyone adds up. It holds from the next connection to the share on.",
			Args: named("NAME", "ACCOUNT", "read|change|full"),
			RunE: withContext(func(ctx context.Context, args []string) error {
				access, ok := map[string]string{"read": "Read", "change": "Change", "full": "Full"}[strings.ToLower(args[2])]
				if !ok {
					return usagef("%q is no access: read, change or full", args[2])
				}
				return a.changeShare(ctx, func(c *admin.Client) (*admin.Share, error) {
					return c.GrantShare(ctx, args[0], args[1], access)
				})
			}),
		},
		&cobra.Command{
			Use:   "revoke NAME ACCOUNT",
			Short: "Take an account's access to a share away; the last one closes it to all",
			Args:  named("NAME", "ACCOUNT"),
			RunE: withContext(func(ctx context.Context, args []string) error {
				return a.changeShare(ctx, func(c *admin.Client) (*admin.Share, error) { return c.RevokeShare(ctx, args[0], args[1]) })
			}),
		},
	)
}

// named refuses anything but one argument for each name.
func named(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		return usagef("write %s %s", cmd.CommandPath(), strings.Join(names, " "))
	}
}

func (a *app) shareAddCommand() *cobra.Command {
	n := admin.NewShare{EnableGuestAccess: new(bool)}
	cmd := &cobra.Command{
		Use:   "add NAME PATH",
		Short: "Store a share, to be served by signet serve without folders",
		Args:  named("NAME", "PATH"),
		RunE: withContext(func(ctx context.Context, args []string) (err error) {
			n.Name = args[0]
			if n.Path, err = filepath.Abs(args[1]); err != nil {
				return err
			}
			return a.changeShare(ctx, func(c *admin.Client) (*admin.Share, error) { return c.AddShare(ctx, n) })
		}),
	}
	flags := cmd.Flags()
	flags.BoolVar(&n.ReadOnly, "read-only", false, "share it for reading only")
	flags.StringVar(&n.RunAs, "run-as", "", "system user `name` as whom it is used; needs root")
	flags.BoolVar(&n.EncryptData, "encrypt", false, "take encrypted messages only; who cannot encrypt is refused")
	flags.BoolVar(&n.RequireSecuritySignature, "require-signing", false, "take signed or encrypted messages only, whatever the server requires")
	flags.Var(enumerationFlag(&n.FolderEnumerationMode), "folder-enumeration-mode", "list to each user what that user may read: AccessBased, or Unrestricted")
	flags.BoolVar(n.EnableGuestAccess, "guests", true, "with =false guests may not use it, even where the server lets them in")
	flags.Var(leasingFlag(&n.LeasingMode), "leasing-mode", "let clients cache Full: what oplocks and leases allow, Shared: what they read, or None")
	flags.StringVar(&n.Description, "description", "", "`text` that tells people what it holds")
	flags.Uint32Var(&n.ConcurrentUserLimit, "user-limit", 0, "let so many be connected to it at a time; 0: as many as come")
	flags.StringArrayVar(&n.FullAccess, "full-access", nil, "`account` that may do everything; may be repeated, as the next two (default: Everyone)")
	flags.StringArrayVar(&n.ChangeAccess, "change-access", nil, "`account` that may read and write")
	flags.StringArrayVar(&n.ReadAccess, "read-access", nil, "`account` that may read")
	return cmd
}

func (a *app) shareSetCommand() *cobra.Command {
	var path, runAs, enumeration, leasing, description string
	var limit uint32
	var readOnly, encrypt, sign, guests bool
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change a stored share; it holds from the next connection to it on",
		Args:  named("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var change admin.ShareChange
			if cmd.Flags().Changed("path") {
				abs, err := filepath.Abs(path)
				if err != nil {
					return err
				}
				change.Path = &abs
			}
			if cmd.Flags().Changed("read-only") {
				change.ReadOnly = &readOnly
			}
			if cmd.Flags().Changed("run-as") {
				change.RunAs = &runAs
			}
			if cmd.Flags().Changed("encrypt") {
				change.EncryptData = &encrypt
			}
			if cmd.Flags().Changed("require-signing") {
				change.RequireSecuritySignature = &sign
			}
			if cmd.Flags().Changed("folder-enumeration-mode") {
				change.FolderEnumerationMode = &enumeration
			}
			if cmd.Flags().Changed("guests") {
				change.EnableGuestAccess = &guests
			}
			if cmd.Flags().Changed("leasing-mode") {
				change.LeasingMode = &leasing
			}
			if cmd.Flags().Changed("description") {
				change.Description = &description
			}
			if cmd.Flags().Changed("user-limit") {
				change.ConcurrentUserLimit = &limit
			}
			if change == (admin.ShareChange{}) {
				return usagef("nothing to set: %s --help shows what there is", cmd.CommandPath())
			}
			ctx := cmd.Context()
			return a.changeShare(ctx, func(c *admin.Client) (*admin.Share, error) { return c.UpdateShare(ctx, args[0], change) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&path, "path", "", "another `folder`")
	flags.BoolVar(&readOnly, "read-only", false, "share it for reading only, or with =false not any more")
	flags.StringVar(&runAs, "run-as", "", "system user `name` as whom it is used; empty: as serve was started")
	flags.BoolVar(&encrypt, "encrypt", false, "take encrypted messages only, or with =false others, too")
	flags.BoolVar(&sign, "require-signing", false, "take signed or encrypted messages only, or with =false what the server takes")
	flags.BoolVar(&guests, "guests", true, "with =false guests may not use it, even where the server lets them in")
	flags.StringVar(&description, "description", "", "`text` that tells people what it holds; empty: none")
	flags.Uint32Var(&limit, "user-limit", 0, "let so many be connected to it at a time; 0: as many as come")
	flags.Var(enumerationFlag(&enumeration), "folder-enumeration-mode", "list to each user what that user may read: AccessBased, or Unrestricted")
	flags.Var(leasingFlag(&leasing), "leasing-mode", "let clients cache Full: what oplocks and leases allow, Shared: what they read, or None")
	return cmd
}

// modeFlag is a word on the command line, one of those that parse takes.
type modeFlag[M ~string] struct {
	mode  *string
	parse func(text string) (M, error)
}

func enumerationFlag(mode *string) *modeFlag[store.Enumeration] {
	return &modeFlag[store.Enumeration]{mode, parseEnumeration}
}

func leasingFlag(mode *string) *modeFlag[store.Leasing] {
	return &modeFlag[store.Leasing]{mode, parseLeasing}
}

func (f *modeFlag[M]) String() string {
	if f.mode == nil { // asked of the zero value, for what the default looks like
		return ""
	}
	return *f.mode
}

func (f *modeFlag[M]) Type() string { return "mode" }

func (f *modeFlag[M]) Set(text string) error {
	mode, err := f.parse(text)
	*f.mode = string(mode)
	return err
}

// changeShare makes a change, and says so if a server runs that does not serve
// the share: exit code 4.
func (a *app) changeShare(ctx context.Context, change func(*admin.Client) (*admin.Share, error)) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		s, err := change(c)
		if err != nil {
			return err
		}
		if a.json {
			if err := a.printJSON(s); err != nil {
				return err
			}
		}
		if s.ShareState == "Online" {
			return nil
		}
		status, err := c.Status(ctx)
		if err != nil || !status.Running {
			return err
		}
		return &exitError{code: exitLook, err: &admin.Error{
			Code: "NotServed", Message: fmt.Sprintf("share %s is stored, but the server that runs does not serve it", s.Name),
			Hint: "it was started with folders on its command line, or its log says why",
		}}
	})
}

func (a *app) shareList(ctx context.Context) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		list, err := c.Shares(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(list)
		}
		t := a.newTable("NAME", "PATH", "STATE", "SOURCE", "READ ONLY", "RUN AS", "PROTECTION", "LISTING", "LEASING", "FULL", "CHANGE", "READ", "NONE", "USERS", "DESCRIPTION")
		for _, s := range list.Shares {
			t.row(s.Name, s.Path, s.ShareState, s.Source, truth(s.ReadOnly), s.RunAs, shareProtection(&s), s.FolderEnumerationMode, s.LeasingMode,
				strings.Join(s.FullAccess, ","), strings.Join(s.ChangeAccess, ","), strings.Join(s.ReadAccess, ","), strings.Join(s.NoAccess, ","),
				usersOf(&s), s.Description)
		}
		return t.flush()
	})
}

// usersOf says how many are connected to a share, and how many may be.
func usersOf(s *admin.Share) string {
	users := strconv.FormatUint(uint64(s.CurrentUsers), 10)
	if s.ConcurrentUserLimit != 0 {
		users += "/" + strconv.FormatUint(uint64(s.ConcurrentUserLimit), 10)
	}
	return users
}

// shareProtection says what a share demands beyond what the server does.
func shareProtection(s *admin.Share) string {
	switch {
	case s.EncryptData:
		return "encrypted"
	case s.RequireSecuritySignature:
		return "signed"
	}
	return ""
}
