package main

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
)

// changeFlags are the flags of the commands that change the configuration.
type changeFlags struct {
	reason        string
	dryRun        bool
	yes           bool
	now           bool
	ifRevision    int64 // -1: any
	until         string
	lasts         time.Duration // --for
	confirmWithin time.Duration
}

// addChangeFlags gives cmd the flags that every change has; timed adds those
// of a change that may go back by itself.
func addChangeFlags(cmd *cobra.Command, f *changeFlags, timed bool) {
	flags := cmd.Flags()
	flags.StringVar(&f.reason, "reason", "", "why, for the journal; needed in a pipe where protection is lowered")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show what would follow, and change nothing")
	flags.BoolVar(&f.yes, "yes", false, "do not ask; then protection is lowered only with --reason")
	flags.BoolVar(&f.now, "now", false, "also close the sessions that comply no more")
	flags.Int64Var(&f.ifRevision, "if-revision", -1, "change nothing unless the configuration is at revision `N`")
	if timed {
		flags.StringVar(&f.until, "until", "", "`time` at which all goes back: 2026-12-31, or 2026-12-31T18:00:00Z")
		flags.DurationVar(&f.lasts, "for", 0, "`time` after which all goes back: 90m, 48h")
		flags.DurationVar(&f.confirmWithin, "confirm-within", 0, "`time` after which all goes back unless signet config confirm came: 10m")
		cmd.MarkFlagsMutuallyExclusive("until", "for")
	}
}

// terms are the terms of a change that the flags ask for.
func (f *changeFlags) terms() admin.ChangeTerms {
	t := admin.ChangeTerms{Reason: f.reason, Now: f.now, DryRun: f.dryRun}
	if f.ifRevision >= 0 {
		revision := uint64(f.ifRevision)
		t.IfRevision = &revision
	}
	return t
}

// timing enters into change when it goes back.
func (f *changeFlags) timing(change *admin.ConfigChange) (err error) {
	change.Until, change.ConfirmWithinSeconds, err = f.ends()
	return err
}

// ends says when a change goes back: at a time, or unless it is confirmed
// within some seconds.
func (f *changeFlags) ends() (until *time.Time, confirmWithin int64, err error) {
	switch {
	case f.lasts < 0 || f.confirmWithin < 0:
		return nil, 0, usagef("a time that is over: nothing was changed")
	case f.until != "":
		moment, err := parseUntil(f.until)
		if err != nil {
			return nil, 0, err
		}
		until = &moment
	case f.lasts > 0:
		until = new(time.Now().Add(f.lasts))
	}
	if f.confirmWithin > 0 {
		confirmWithin = int64(max(f.confirmWithin.Round(time.Second), time.Second) / time.Second)
	}
	return until, confirmWithin, nil
}

// parseUntil reads --until.
func parseUntil(text string) (time.Time, error) {
	t, err := parseMoment(text)
	if err != nil {
		return t, usagef("--until %w", err)
	}
	return t, nil
}

// parseMoment reads a date, whose end is meant, or a moment. Without a zone it
// is of this machine.
func parseMoment(text string) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, time.Local); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q: write 2026-12-31, 2026-12-31T18:00, or with a zone 2026-12-31T18:00:00Z", text)
}

func (a *app) configSetCommand() *cobra.Command {
	var f changeFlags
	var target targetFlags
	cmd := &cobra.Command{
		Use:   "set server|client NAME=VALUE ...",
		Short: "Change properties, all of them or none",
		Long: "Change properties, all of them or none. A running server works by them at once:\n" +
			"connections, sessions and share connections from the next one on, see explain.\n" +
			"What lowers protection is asked about at a terminal, and needs --reason else.\n" +
			"With --target, they are written to the registry of another machine.",
		RunE: withContext(func(ctx context.Context, args []string) error {
			change := admin.ConfigChange{Set: make(map[string]string)}
			side, rest := takeSide(args)
			if len(rest) == 0 {
				return usagef("write signet config set server|client NAME=VALUE ...")
			}
			for _, arg := range rest {
				name, value, ok := strings.Cut(arg, "=")
				name = fullName(side, strings.TrimSpace(name))
				if !ok || !strings.Contains(name, ".") {
					return usagef("%q: write signet config set server|client NAME=VALUE ...", arg)
				}
				if _, twice := change.Set[name]; twice {
					return usagef("%s is there twice", name)
				}
				change.Set[name] = strings.TrimSpace(value)
			}
			if target.host != "" {
				defer a.pool.close()
				return a.configSetTarget(ctx, change, f, &target)
			}
			return a.changeConfig(ctx, change, f)
		}),
	}
	addChangeFlags(cmd, &f, true)
	target.add(cmd)
	return cmd
}

func (a *app) configProfileApplyCommand() *cobra.Command {
	var f changeFlags
	cmd := &cobra.Command{
		Use:   "apply NAME",
		Short: "Put a profile below all that is set, instead of the one there is",
		Args:  named("NAME"),
		RunE: withContext(func(ctx context.Context, args []string) error {
			return a.changeConfig(ctx, admin.ConfigChange{Set: map[string]string{profileProperty: args[0]}}, f)
		}),
	}
	addChangeFlags(cmd, &f, true)
	return cmd
}

func (a *app) configResetCommand() *cobra.Command {
	var f changeFlags
	var groupPolicy bool
	cmd := &cobra.Command{
		Use:   "reset server|client NAME ... | --group-policy",
		Short: "Take properties back to what the configuration file or the profile says",
		RunE: withContext(func(ctx context.Context, args []string) error {
			if groupPolicy {
				return a.resetGroupPolicy(ctx, args, f)
			}
			var change admin.ConfigChange
			side, rest := takeSide(args)
			for _, name := range rest {
				if name = fullName(side, name); !strings.Contains(name, ".") {
					return usagef("%q: write signet config reset server|client NAME ...", name)
				}
				change.Reset = append(change.Reset, name)
			}
			if len(rest) == 0 {
				return usagef("write signet config reset server|client NAME ...")
			}
			return a.changeConfig(ctx, change, f)
		}),
	}
	addChangeFlags(cmd, &f, true)
	cmd.Flags().BoolVar(&groupPolicy, "group-policy", false, "take back all that signet config import gpo has brought")
	return cmd
}

// changeConfig makes the change that the command line asks for.
func (a *app) changeConfig(ctx context.Context, change admin.ConfigChange, f changeFlags) error {
	if err := f.timing(&change); err != nil {
		return err
	}
	return a.withClient(ctx, func(c *admin.Client) error {
		err := a.makeChange(f, func(terms admin.ChangeTerms) (*admin.ConfigResult, error) {
			change.ChangeTerms = terms
			return c.ChangeConfig(ctx, change)
		})
		if f.dryRun && !a.json {
			a.tellWhoBreaks(ctx, c, change)
		}
		return err
	})
}

// tellWhoBreaks says whom a change would shut out, if a server has seen anybody.
func (a *app) tellWhoBreaks(ctx context.Context, c *admin.Client, change admin.ConfigChange) {
	w, err := c.WhatIf(ctx, admin.Trial{Set: change.Set, Reset: change.Reset})
	if err != nil || w.DevicesSeen == 0 {
		return
	}
	for _, line := range whoBreaks(w) {
		fmt.Fprintln(a.stderr, line)
	}
}

// makeChange makes a change by send, which is what asks the API for it: at a
// terminal it is tried first, and asked about if it lowers protection. What a
// higher layer holds is stored all the same: exit code 4.
func (a *app) makeChange(f changeFlags, send func(admin.ChangeTerms) (*admin.ConfigResult, error)) error {
	terms := f.terms()
	if a.mayAsk(f) {
		trial := terms
		trial.DryRun = true
		result, err := send(trial)
		if err != nil {
			return err
		}
		if result.Weakens {
			if err := a.askToWeaken(result, &terms); err != nil {
				return err
			}
			// What was asked about, and nothing else, is agreed to.
			terms.IfRevision = &result.Revision
		}
	}
	result, err := send(terms)
	if err != nil {
		return err
	}
	if a.json {
		if err := a.printJSON(result); err != nil {
			return err
		}
	}
	if !a.json && (f.dryRun || !a.quiet) {
		fmt.Fprint(a.stderr, describeResult(result, terms))
	}
	return heldHigher(result)
}

// mayAsk reports whether somebody is there to be asked before a change.
func (a *app) mayAsk(f changeFlags) bool {
	return !f.dryRun && !f.yes && term.IsTerminal(int(a.stdin.Fd())) && term.IsTerminal(int(a.stderr.Fd()))
}

// heldHigher says that a value is stored and does not count: exit code 4.
func heldHigher(result *admin.ConfigResult) error {
	for _, e := range result.Effects {
		if e.HeldBy != "" {
			return &exitError{code: exitLook, err: &admin.Error{
				Code: "HeldHigher", Property: e.Property,
				Message: fmt.Sprintf("%s is stored, but %s holds %s, which counts", e.Property, e.HeldBy, e.After),
			}}
		}
	}
	return nil
}

// askToWeaken shows what lowers protection and what would follow, and asks
// whether that is meant, and why.
func (a *app) askToWeaken(result *admin.ConfigResult, terms *admin.ChangeTerms) error {
	fmt.Fprint(a.stderr, describeResult(result, admin.ChangeTerms{DryRun: true, Now: terms.Now}))
	in := bufio.NewReader(a.stdin)
	ask := func(question string) string {
		fmt.Fprint(a.stderr, question)
		answer, _ := in.ReadString('\n') // at its end: the empty answer
		return strings.TrimSpace(answer)
	}
	if terms.Reason == "" {
		if terms.Reason = ask("Why (for the journal; empty to leave it)? "); terms.Reason == "" {
			return &exitError{code: exitRefused, err: errNotAgreed}
		}
	}
	if answer := strings.ToLower(ask("Lower protection [y/N]? ")); answer != "y" && answer != "yes" {
		return &exitError{code: exitRefused, err: errNotAgreed}
	}
	return nil
}

// errNotAgreed tells that the answer was no.
var errNotAgreed = &admin.Error{Code: "NotAgreed", Message: "nothing was changed"}

// describeResult says in words what a change did, or would do.
func describeResult(r *admin.ConfigResult, terms admin.ChangeTerms) string {
	var b strings.Builder
	for _, e := range r.Effects {
		fmt.Fprintf(&b, "%s : %s -> %s   (from %s on)\n", escape(inLayer(e.Property, e.Layer)), escape(e.Before), escape(e.After), takesEffect(e.TakesEffect))
		if e.Caution != "" {
			fmt.Fprintf(&b, "  %s\n", e.Caution)
		}
		if e.Warning != "" {
			fmt.Fprintf(&b, "  It does nothing: %s.\n", e.Warning)
		}
	}
	for _, text := range r.Overlaps {
		fmt.Fprintf(&b, "  %s.\n", escape(text))
	}
	if r.Weakens && !slices.ContainsFunc(r.Effects, func(e admin.ConfigEffect) bool { return policy.IsRuleProperty(e.Property) }) {
		b.WriteString("  For one device, use an exception with an end date, or --for.\n")
	}
	if n := len(r.Sessions); n > 0 {
		what := "would go on as it is; --now closes it"
		switch {
		case terms.Now && terms.DryRun:
			what = "would be closed"
		case terms.Now:
			what = "closed"
		case !terms.DryRun:
			what = "goes on as it is; --now would have closed it"
		}
		fmt.Fprintf(&b, "Sessions that comply no more: %d, each %s.\n", n, what)
	}
	if d := r.Deadline; d != nil && d.Until != nil {
		fmt.Fprintf(&b, "All goes back at %s.\n", d.Until.Format(time.RFC3339))
	}
	if d := r.Deadline; d != nil && d.ConfirmBy != nil {
		fmt.Fprintf(&b, "All goes back at %s, unless signet config confirm comes before.\n", d.ConfirmBy.Format(time.RFC3339))
	}
	switch {
	case terms.DryRun:
		b.WriteString("Nothing was changed.\n")
	case r.Revision == 0 && r.Changed:
		b.WriteString("Written.\n")
	case !r.Changed:
		fmt.Fprintf(&b, "That is so already, since revision %d or before.\n", r.Revision)
	default:
		fmt.Fprintf(&b, "Revision %d.\n", r.Revision)
	}
	return b.String()
}

// takesEffect says in words who sees a change.
func takesEffect(word string) string {
	words := map[string]string{
		"NextConnection": "the next connection", "NextSession": "the next session", "NextTreeConnect": "the next connection to a share",
		"ServiceRestart": "the restart of its service, at the latest,",
	}
	if text, ok := words[word]; ok {
		return text
	}
	return "now"
}

func (a *app) configConfirmCommand() *cobra.Command {
	var f changeFlags
	cmd := &cobra.Command{
		Use:   "confirm",
		Short: "Keep what would go back because it was set with --confirm-within",
		Args:  cobra.NoArgs,
		RunE: withContext(func(ctx context.Context, _ []string) error {
			return a.withClient(ctx, func(c *admin.Client) error {
				terms := f.terms()
				revision, err := c.ConfirmConfig(ctx, admin.ConfigConfirmation{Reason: terms.Reason, IfRevision: terms.IfRevision})
				if err == nil && a.json {
					err = a.printJSON(revision)
				}
				return err
			})
		}),
	}
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for the journal")
	cmd.Flags().Int64Var(&f.ifRevision, "if-revision", -1, "do nothing unless the configuration is at revision `N`")
	return cmd
}

func (a *app) configRollbackCommand() *cobra.Command {
	var f changeFlags
	cmd := &cobra.Command{
		Use:   "rollback [REVISION]",
		Short: "Take the last change back, or all that came after a revision",
		Args:  cobra.MaximumNArgs(1),
		RunE: withContext(func(ctx context.Context, args []string) error {
			var to admin.ConfigRollback
			if len(args) == 1 {
				revision, err := parseRevision(args[0])
				if err != nil {
					return err
				}
				to.Revision = &revision
			}
			return a.withClient(ctx, func(c *admin.Client) error {
				return a.makeChange(f, func(terms admin.ChangeTerms) (*admin.ConfigResult, error) {
					to.ChangeTerms = terms
					return c.RollbackConfig(ctx, to)
				})
			})
		}),
	}
	addChangeFlags(cmd, &f, false)
	return cmd
}
