package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
)

func (a *app) ruleCommand() *cobra.Command {
	return group("rule", "Demand more, or for a time less, of a share, network, device or account",
		a.ruleAddCommand(),
		listCommand("List the rules, the most specific first", a.ruleList),
		a.ruleSetCommand(),
		a.ruleRemoveCommand(),
	)
}

// ruleFlags are the flags of the commands that write a rule.
type ruleFlags struct {
	changeFlags
	share, address, account string
	sign, encrypt           wordFlag
	warnUntil               string
}

// never is the time that takes an end away from a rule.
const never = "never"

func (f *ruleFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.share, "share", "", "about connections to the share of this `name`, instead of sessions")
	flags.StringVar(&f.address, "address", "", "about the device at this `address`, or a network: 10.0.0.7, 10.0.0.0/8")
	flags.StringVar(&f.account, "account", "", "about the account of this `name`")
	flags.Var(&f.sign, "require-signing", "require that requests are signed; =false: an exception")
	flags.Var(&f.encrypt, "encrypt", "require that all is encrypted; =false: an exception")
	flags.Lookup("require-signing").NoOptDefVal = "true"
	flags.Lookup("encrypt").NoOptDefVal = "true"
	flags.StringVar(&f.warnUntil, "warn-until", "", "refuse nobody before this `time`, as in --until, but make it an event")
	addChangeFlags(cmd, &f.changeFlags, true)
}

// wordFlag is a boolean that may also be unset.
type wordFlag struct{ value *bool }

func (f *wordFlag) String() string { return strings.ToLower(wordOf(f.value)) }

func (f *wordFlag) Type() string { return "true|false|unset" }

func (f *wordFlag) Set(text string) error {
	if strings.EqualFold(text, "unset") {
		f.value = nil
		return nil
	}
	value, ok := policy.ParseBool(text)
	if !ok {
		return fmt.Errorf("%q is none of true, false and unset", text)
	}
	f.value = &value
	return nil
}

// apply enters what was said on the command line of cmd into change.
func (f *ruleFlags) apply(cmd *cobra.Command, change *admin.RuleChange) error {
	said := cmd.Flags().Changed
	for _, text := range []struct {
		flag string
		from string
		to   *string
	}{{"share", f.share, &change.Share}, {"address", f.address, &change.Address}, {"account", f.account, &change.Account}} {
		if said(text.flag) {
			*text.to = text.from
		}
	}
	if said("require-signing") {
		change.RequireSecuritySignature = f.sign.value
	}
	if said("encrypt") {
		change.EncryptData = f.encrypt.value
	}
	switch {
	case f.warnUntil == never:
		change.WarnUntil = nil
	case f.warnUntil != "":
		t, err := parseMoment(f.warnUntil)
		if err != nil {
			return usagef("--warn-until %w", err)
		}
		change.WarnUntil = &t
	}
	var timing admin.ConfigChange
	if f.until == never {
		f.until, change.Until = "", nil
	}
	if err := f.timing(&timing); err != nil {
		return err
	}
	if timing.Until != nil {
		change.Until = timing.Until
	}
	change.ConfirmWithinSeconds = timing.ConfirmWithinSeconds
	return nil
}

func (a *app) ruleAddCommand() *cobra.Command {
	var f ruleFlags
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Store a rule; one that lowers protection needs --until or --for, and --reason",
		Long: "Store a rule by a name of its own. It is about whom it names: of a rule with\n" +
			"--account and --address both must fit. Where several fit, the most specific\n" +
			"counts; of a share, what the share itself and the session demand counts, too.\n" +
			"What lowers protection needs an end, and a reason.",
		Args: named("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n := admin.RuleAddition{Name: args[0]}
			if err := f.apply(cmd, &n.RuleChange); err != nil {
				return err
			}
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *admin.Client) error {
				return a.makeChange(f.changeFlags, func(terms admin.ChangeTerms) (*admin.ConfigResult, error) {
					n.ChangeTerms = terms
					return c.AddRule(ctx, n)
				})
			})
		},
	}
	f.add(cmd)
	return cmd
}

func (a *app) ruleSetCommand() *cobra.Command {
	var f ruleFlags
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change a stored rule; what is not said stays",
		Long:  "Change a stored rule. What is not said stays; \"\" takes a condition away, unset a\ndemand, never a time.",
		Args:  named("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *admin.Client) error {
				list, err := c.Rules(ctx)
				if err != nil {
					return err
				}
				var change admin.RuleChange
				i := slices.IndexFunc(list.Rules, func(r admin.Rule) bool { return r.Layer == "Store" && strings.EqualFold(r.Name, args[0]) })
				if i >= 0 { // else the API says what is wrong
					change.RuleWhomAndWhat = list.Rules[i].RuleWhomAndWhat
				}
				if err := f.apply(cmd, &change); err != nil {
					return err
				}
				return a.makeChange(f.changeFlags, func(terms admin.ChangeTerms) (*admin.ConfigResult, error) {
					if change.ChangeTerms = terms; terms.IfRevision == nil {
						change.IfRevision = &list.Revision // what stays, is what was seen
					}
					return c.SetRule(ctx, args[0], change)
				})
			})
		},
	}
	f.add(cmd)
	return cmd
}

func (a *app) ruleRemoveCommand() *cobra.Command {
	var f changeFlags
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a stored rule",
		Args:  named("NAME"),
		RunE: withContext(func(ctx context.Context, args []string) error {
			return a.withClient(ctx, func(c *admin.Client) error {
				return a.makeChange(f, func(terms admin.ChangeTerms) (*admin.ConfigResult, error) {
					return c.RemoveRule(ctx, args[0], terms)
				})
			})
		}),
	}
	addChangeFlags(cmd, &f, false)
	return cmd
}

func (a *app) ruleList(ctx context.Context) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		list, err := c.Rules(ctx)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(list)
		}
		t := a.newTable("NAME", "SHARE", "ACCOUNT", "ADDRESS", "SIGNING", "ENCRYPTION", "WARNS UNTIL", "UNTIL", "STATE", "SOURCE", "REASON")
		for _, r := range list.Rules {
			t.row(r.Name, r.Share, r.Account, r.Address, demandText(r.RequireSecuritySignature), demandText(r.EncryptData),
				timeText(r.WarnUntil), timeText(r.Until), ruleStateText(&r), strings.ToLower(r.Layer)+" "+r.Source, r.Reason)
		}
		if err := t.flush(); err != nil {
			return err
		}
		for _, r := range list.Rules {
			for _, text := range r.Overlaps {
				if !a.quiet {
					fmt.Fprintf(a.stderr, "%s: %s.\n", escape(r.Name), escape(text))
				}
			}
		}
		return nil
	})
}

// demandText says what a rule demands of one kind of protection.
func demandText(value *bool) string {
	switch {
	case value == nil:
		return ""
	case *value:
		return "required"
	}
	return "not required"
}

// ruleStateText says in words whether a rule does anything.
func ruleStateText(r *admin.Rule) string {
	return map[string]string{"InForce": "in force", "Warning": "warns only", "Ended": "over"}[r.State]
}

// ruleSpecOf is a rule as policy has it.
func ruleSpecOf(r *admin.Rule) policy.RuleSpec {
	utc := func(t *time.Time) *time.Time {
		if t == nil {
			return nil
		}
		return new(t.UTC())
	}
	return policy.RuleSpec{
		Name: r.Name, Share: r.Share, Address: r.Address, Account: r.Account,
		RequireSecuritySignature: r.RequireSecuritySignature, EncryptData: r.EncryptData,
		WarnUntil: utc(r.WarnUntil), Until: utc(r.Until), Reason: r.Reason,
	}
}
