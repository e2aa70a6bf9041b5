package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
)

// configImportCommand is signet config import: what other systems' files say.
// Each form is in a file config_import_FORM.go of its own.
func (a *app) configImportCommand() *cobra.Command {
	return group("import", "Take in group policy, smb.conf, or a configuration file",
		a.importGPOCommand(),
		a.importSambaCommand(),
		a.importYAMLCommand(),
	)
}

// importFlags are the flags of an import.
type importFlags struct {
	changeFlags
	allowWeaken bool
}

func addImportFlags(cmd *cobra.Command, f *importFlags) {
	addChangeFlags(cmd, &f.changeFlags, true)
	cmd.Flags().BoolVar(&f.allowWeaken, "allow-weaken", false, "take what lowers protection, too; without it nothing is taken then")
}

// What became of something in the files, in the order in which it is shown.
const (
	outcomeWeakens = "Weakens" // taken, or asked for, and lowers protection
	outcomeLost    = "Lost"    // it protected there, and cannot here
	outcomeTaken   = "Taken"
	outcomeChanged = "Changed" // taken as something else than it said
	outcomeKept    = "Kept"    // what is there already stays
	outcomeIgnored = "Ignored"
)

var outcomeOrder = []string{outcomeWeakens, outcomeLost, outcomeTaken, outcomeChanged, outcomeKept, outcomeIgnored}

// importRow is one thing that the files say, and what became of it, as JSON.
type importRow struct {
	Outcome  string `json:"Outcome"`
	From     string `json:"From"`               // the file, or the object of group policy and its file
	What     string `json:"What"`               // as the file calls it
	Value    string `json:"Value"`              // as the file says it
	Property string `json:"Property,omitempty"` // that it is, or Share NAME
	Result   string `json:"Result,omitempty"`   // the property's value
	Reason   string `json:"Reason,omitempty"`
}

// importReport is what an import prints as JSON.
type importReport struct {
	Settings []importRow `json:"Settings"`
	*admin.ImportResult
}

// runImport makes an import, or tries it, and prints what became of what. At a
// terminal, what lowers protection is asked about.
func (a *app) runImport(ctx context.Context, c *admin.Client, in admin.ConfigImport, rows []importRow, f importFlags) (err error) {
	in.AllowWeaken = f.allowWeaken
	if in.Until, in.ConfirmWithinSeconds, err = f.ends(); err != nil {
		return err
	}
	in.ChangeTerms = f.terms()
	trial := in
	trial.DryRun = true
	result, err := c.ImportConfig(ctx, trial)
	if err != nil {
		return err
	}
	rows = markWeakening(rows, result.Effects)
	for _, sh := range result.Shares {
		for i := range rows {
			if r := &rows[i]; !sh.Added && r.Property == shareTarget(sh.Name) && r.Outcome != outcomeIgnored {
				r.Outcome, r.Reason = outcomeKept, "a share of that name is stored, and stays as it is"
			}
		}
	}
	slices.SortStableFunc(rows, func(x, y importRow) int { return cmp.Compare(outcomeRank(x), outcomeRank(y)) })
	if !a.json && (f.dryRun || !a.quiet) {
		if err := a.printImport(rows); err != nil {
			return err
		}
	}
	if !f.dryRun {
		if result.Weakens && f.allowWeaken && a.mayAsk(f.changeFlags) {
			if err := a.askToWeaken(&result.ConfigResult, &in.ChangeTerms); err != nil {
				return err
			}
			in.IfRevision = &result.Revision
		}
		if result, err = c.ImportConfig(ctx, in); err != nil {
			return err
		}
	}
	if a.json {
		if err := a.printJSON(importReport{append([]importRow{}, rows...), result}); err != nil {
			return err
		}
	} else if f.dryRun || !a.quiet {
		fmt.Fprint(a.stderr, describeImport(result, in.ChangeTerms))
	}
	if err := heldHigher(&result.ConfigResult); err != nil {
		return err
	}
	if slices.ContainsFunc(rows, func(r importRow) bool { return r.Outcome == outcomeKept || r.Outcome == outcomeLost }) {
		return &exitError{code: exitLook, err: &admin.Error{Code: "NotAllTaken", Message: "not all was taken: see Kept and Lost"}}
	}
	return nil
}

// markWeakening marks what lowers protection. What follows from something else,
// a profile say, gets a row of its own.
func markWeakening(rows []importRow, effects []admin.ConfigEffect) []importRow {
	for _, e := range effects {
		if e.Caution == "" {
			continue
		}
		said := false
		for i := range rows {
			if r := &rows[i]; r.Property == e.Property && (r.Outcome == outcomeTaken || r.Outcome == outcomeChanged) {
				r.Outcome, r.Reason, said = outcomeWeakens, e.Caution, true
			}
		}
		if !said {
			rows = append(rows, importRow{Outcome: outcomeWeakens, What: "what follows", Value: e.Before, Property: e.Property, Result: e.After, Reason: e.Caution})
		}
	}
	return rows
}

// describeImport says in words what an import did, or would do.
func describeImport(r *admin.ImportResult, terms admin.ChangeTerms) string {
	added := 0
	for _, sh := range r.Shares {
		if sh.Added {
			added++
		}
	}
	var b strings.Builder
	if added > 0 {
		word := "added"
		if terms.DryRun {
			word = "would be added"
		}
		fmt.Fprintf(&b, "Shares %s: %d.\n", word, added)
	}
	if !r.Changed && added > 0 && !terms.DryRun && len(r.Effects) == 0 {
		return b.String()
	}
	return b.String() + describeResult(&r.ConfigResult, terms)
}

// shareTarget is the Property of a row about a share.
func shareTarget(name string) string { return "Share " + name }

// outcomeRank is a row's place; outcomes of group policy of its own come last.
func outcomeRank(r importRow) int {
	if i := slices.Index(outcomeOrder, r.Outcome); i >= 0 {
		return i
	}
	return len(outcomeOrder)
}

func (a *app) printImport(rows []importRow) error {
	t := a.newTable("OUTCOME", "FROM", "WHAT", "SAYS", "IS", "VALUE", "WHY")
	for _, r := range rows {
		t.row(r.Outcome, r.From, r.What, r.Value, r.Property, r.Result, r.Reason)
	}
	return t.flush()
}
