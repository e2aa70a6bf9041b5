package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/smbconf"
	"github.com/signet-smb/signet/policy/store"
)

func (a *app) importSambaCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "smb.conf FILE",
		Short: "Store what a Samba server's smb.conf says, and its shares",
		Long: "Store what a Samba server's smb.conf says, and its shares. Each parameter is\n" +
			"listed: taken, changed, ignored or lost, and why. Shares whose names are stored\n" +
			"already stay as they are; of accounts, those count that exist: signet user import\n" +
			"comes first.",
		Args: named("FILE"),
		RunE: withContext(func(ctx context.Context, args []string) error { return a.importSamba(ctx, args[0], f) }),
	}
	addImportFlags(cmd, &f)
	return cmd
}

func (a *app) importSamba(ctx context.Context, file string, f importFlags) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		users, err := c.Users(ctx)
		if err != nil {
			return err
		}
		exists := map[string]bool{auth.Upcase(store.Everyone): true}
		for _, u := range users.Users {
			exists[auth.Upcase(u.Name)] = true
		}
		result, err := smbconf.Read(file, func(name string) bool { return exists[auth.Upcase(name)] })
		if err != nil {
			return refusedSamba(file, err)
		}
		in, rows := sambaImport(result)
		if len(in.Set) == 0 && len(in.Shares) == 0 {
			if err := a.printImport(rows); err != nil {
				return err
			}
			return usagef("%s says nothing that is stored", file)
		}
		return a.runImport(ctx, c, in, rows, f)
	})
}

// sambaImport is what to ask for, and how to show it.
func sambaImport(result *smbconf.Result) (in admin.ConfigImport, rows []importRow) {
	in = admin.ConfigImport{Set: result.Values, Lost: result.Lost()}
	for _, r := range result.Rows {
		rows = append(rows, importRow{
			Outcome: string(r.Outcome), From: fmt.Sprintf("%s:%d", r.File, r.Line), What: "[" + r.Section + "] " + r.Parameter, Value: r.Value,
			Property: r.Target, Result: r.Result, Reason: r.Reason,
		})
	}
	for _, sh := range result.Shares {
		why := checkShareName(sh.Name)
		if why == nil {
			if fi, err := os.Stat(sh.Path); err != nil {
				why = err
			} else if !fi.IsDir() {
				why = fmt.Errorf("%s is not a folder", sh.Path)
			}
		}
		if why == nil {
			_, why = resolveActor(sh.RunAs)
		}
		if why != nil {
			for i := range rows {
				if rows[i].Property == shareTarget(sh.Name) {
					rows[i].Outcome, rows[i].Reason = outcomeKept, "the share is not stored: "+why.Error()
				}
			}
			continue
		}
		in.Shares = append(in.Shares, storedShare(sh))
	}
	return in, rows
}

func storedShare(sh smbconf.Share) admin.ImportShare {
	n := admin.ImportShare{
		NewShare: admin.NewShare{
			Name: sh.Name, Path: sh.Path, ReadOnly: sh.ReadOnly, RunAs: sh.RunAs, EncryptData: sh.EncryptData,
			EnableGuestAccess: new(sh.GuestsAllowed), FullAccess: sh.FullAccess, ReadAccess: sh.ReadAccess, NoAccess: sh.NoAccess,
			Description: sh.Description, ConcurrentUserLimit: sh.ConcurrentUserLimit,
		},
		Restricted: sh.Restricted,
	}
	if sh.AccessBased {
		n.FolderEnumerationMode = string(store.AccessBased)
	}
	return n
}

// refusedSamba makes a refusal, exit code 2, of what is wrong with the file.
func refusedSamba(file string, err error) error {
	p, ok := errors.AsType[*policy.PropertyError](err)
	if !ok {
		return usagef("%s: %w", file, err)
	}
	return &admin.Error{
		Code: "InvalidValue", Status: http.StatusUnprocessableEntity, Message: file + ": " + err.Error(),
		Property: p.Property, Allowed: p.Allowed, Hint: "nothing was changed",
	}
}
