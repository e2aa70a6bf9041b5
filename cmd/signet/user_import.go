package main

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth/localuser"
	"github.com/signet-smb/signet/auth/ntlm"
)

func (a *app) userImportCommand() *cobra.Command {
	var replace, dryRun bool
	cmd := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Add the accounts of a Samba server, with their passwords",
		Long: "Add the accounts of a Samba server, with their passwords: from what pdbedit -Lw\n" +
			"prints there, as root. The file holds hashes that are as good as the passwords:\n" +
			"use a pipe, or destroy it afterwards.",
		Args: named("FILE|-"),
		RunE: withContext(func(ctx context.Context, args []string) error { return a.userImport(ctx, args[0], replace, dryRun) }),
	}
	cmd.Flags().BoolVar(&replace, "replace", false, "give accounts that exist the password and the state of the file's")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would follow, and change nothing")
	return cmd
}

// userImportRow is what became of a line of the file, as JSON.
type userImportRow struct {
	Line    int    `json:"Line"`
	Name    string `json:"Name"`
	Outcome string `json:"Outcome"`
	Reason  string `json:"Reason,omitempty"`
}

// userImport adds accounts. Those that stay as they are, or are no accounts for
// here, are said: exit code 4.
func (a *app) userImport(ctx context.Context, file string, replace, dryRun bool) error {
	entries, err := a.readAccounts(file)
	if err != nil {
		return usagef("%s: %w", file, err)
	}
	in := admin.UserImport{Accounts: []admin.ImportedUser{}, Replace: replace, DryRun: dryRun}
	for _, e := range entries {
		if e.Skip == "" {
			in.Accounts = append(in.Accounts, admin.ImportedUser{Name: e.Name, NTHash: hex.EncodeToString(e.Hash[:]), Enabled: !e.Disabled})
		}
	}
	return a.withClient(ctx, func(c *admin.Client) error {
		result, err := c.ImportUsers(ctx, in)
		if err != nil {
			return err
		}
		if len(result.Accounts) != len(in.Accounts) {
			return errors.New("the server answered about other accounts than it was asked about")
		}
		return a.printAccounts(entries, result.Accounts)
	})
}

// readAccounts reads a file of Samba's accounts, or standard input.
func (a *app) readAccounts(file string) ([]localuser.SmbpasswdEntry, error) {
	in := a.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return localuser.ReadSmbpasswd(in)
}

// printAccounts prints what became of each line; outcomes are of those that are
// not skipped, in their order.
func (a *app) printAccounts(entries []localuser.SmbpasswdEntry, outcomes []admin.UserImportOutcome) error {
	rows := []userImportRow{}
	look := false
	for _, e := range entries {
		row := userImportRow{Line: e.Line, Name: e.Name, Outcome: "Skipped", Reason: e.Skip}
		if e.Skip == "" {
			switch {
			case !outcomes[0].Taken:
				row.Outcome, row.Reason = outcomeKept, "the account exists; --replace changes it"
			case e.Disabled:
				row.Outcome, row.Reason = outcomeTaken, "disabled, as there"
			default:
				row.Outcome = outcomeTaken
			}
			outcomes = outcomes[1:]
		}
		look = look || row.Outcome != outcomeTaken
		rows = append(rows, row)
	}
	if a.json {
		if err := a.printJSON(struct{ Accounts []userImportRow }{rows}); err != nil {
			return err
		}
	} else if !a.quiet {
		t := a.newTable("LINE", "NAME", "OUTCOME", "WHY")
		for _, r := range rows {
			t.row(strconv.Itoa(r.Line), r.Name, r.Outcome, r.Reason)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	if look {
		return &exitError{code: exitLook, err: &admin.Error{Code: "NotAllTaken", Message: "not every account was taken"}}
	}
	return nil
}

// Import implements admin.Accounts.
func (s *accountStore) Import(ctx context.Context, in admin.UserImport) (admin.UserImportResult, error) {
	accounts := make([]localuser.Imported, len(in.Accounts))
	for i, u := range in.Accounts {
		accounts[i] = localuser.Imported{Name: u.Name, Disabled: !u.Enabled}
		hash, err := hex.DecodeString(u.NTHash)
		if err != nil || len(hash) != len(ntlm.NTHash{}) {
			return admin.UserImportResult{}, &admin.Error{Code: "InvalidValue", Property: "NTHash", Message: "the NT hash of an account is no hexadecimal number of 32 digits"}
		}
		accounts[i].Hash = ntlm.NTHash(hash)
		clear(hash)
	}
	taken, err := s.store.Import(ctx, accounts, in.Replace, in.DryRun)
	if err != nil {
		return admin.UserImportResult{}, refusal(err)
	}
	var res admin.UserImportResult
	for i, a := range accounts {
		res.Accounts = append(res.Accounts, admin.UserImportOutcome{Name: a.Name, Taken: taken[i]})
	}
	return res, nil
}
