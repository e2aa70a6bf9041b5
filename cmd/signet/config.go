package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
)

// configCommand is signet config: what the administrator decides, shown and
// changed. Each sub-command is in a file config_NAME.go of its own.
func (a *app) configCommand() *cobra.Command {
	return group("config", "Show what is decided, where that comes from, and change it",
		a.configGetCommand(),
		a.configSetCommand(),
		a.configResetCommand(),
		a.configConfirmCommand(),
		a.configRollbackCommand(),
		a.configHistoryCommand(),
		a.configDiffCommand(),
		a.configExportCommand(),
		a.configValidateCommand(),
		a.configExplainCommand(),
		a.configDecideCommand(),
		a.configProfileCommand(),
		a.configImportCommand(),
	)
}

// sides are what properties are of.
var sides = []string{"server", "client"}

// takeSide takes the side off the arguments that may begin with one; "" if they
// do not.
func takeSide(args []string) (side string, rest []string) {
	if len(args) > 0 && slices.Contains(sides, strings.ToLower(args[0])) {
		return strings.ToLower(args[0]), args[1:]
	}
	return "", args
}

// fullName is the property called name, of side unless it names one itself.
func fullName(side, name string) string {
	if before, _, ok := strings.Cut(name, "."); side == "" || ok && slices.Contains(sides, strings.ToLower(before)) {
		return name
	}
	return side + "." + name
}

func (a *app) configGetCommand() *cobra.Command {
	var all bool
	var target targetFlags
	cmd := &cobra.Command{
		Use:   "get [server|client] [NAME ...]",
		Short: "Show properties, as they are in force",
		Long: "Show properties as they are in force: of server or client, or of both, then with\n" +
			"the side before the name. A NAME may be of a property, or a pattern with *.\n" +
			"With --target, what the registry of another machine says, Windows' or Samba's:\n" +
			"client is what that machine insists on as a client.",
		RunE: withContext(func(ctx context.Context, args []string) error {
			if target.host != "" {
				defer a.pool.close()
				return a.configGetTarget(ctx, args, &target)
			}
			return a.configGet(ctx, args, all)
		}),
	}
	target.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "also those that Windows has and nothing here reads, and why")
	return cmd
}

func (a *app) configGet(ctx context.Context, args []string, all bool) error {
	side, names := takeSide(args)
	return a.withClient(ctx, func(c *admin.Client) error {
		list, err := c.Config(ctx)
		if err != nil {
			return err
		}
		if list.Properties, err = selectProperties(list.Properties, side, names, all); err != nil {
			return err
		}
		if a.json {
			return a.printJSON(list)
		}
		return a.printProperties(list.Properties, side == "")
	})
}

// selectProperties returns those of side, or of both, that names ask for; all
// adds those that do nothing. A property that is named is always shown.
func selectProperties(properties []admin.Property, side string, names []string, all bool) ([]admin.Property, error) {
	selected := []admin.Property{}
	met := make([]bool, len(names))
	for _, p := range properties {
		if side != "" && p.Side != side {
			continue
		}
		wanted := len(names) == 0 && (all || p.State == "Works")
		for i, name := range names {
			if likeName(name, p.Name) || likeName(name, p.Side+"."+p.Name) {
				wanted, met[i] = true, true
			}
		}
		if wanted {
			selected = append(selected, p)
		}
	}
	for i, name := range names {
		if !met[i] {
			_, err := policy.Find(fullName(side, name))
			if err == nil { // of the other side
				err = &policy.PropertyError{Property: name, Problem: "is no property of " + side}
			}
			return nil, &exitError{code: exitUsage, err: propertyRefusal("UnknownProperty", err)}
		}
	}
	return selected, nil
}

// likeName reports whether name, without regard to case, is what pattern says,
// in which * stands for anything.
func likeName(pattern, name string) bool {
	pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	name, ok := strings.CutPrefix(name, first)
	if !ok {
		return false
	}
	for i := range len(name) + 1 {
		if likeName(rest, name[i:]) {
			return true
		}
	}
	return false
}

// printProperties prints "Name : Value" as Format-List does.
func (a *app) printProperties(properties []admin.Property, sided bool) error {
	lines := make([][2]string, len(properties))
	for i, p := range properties {
		lines[i] = [2]string{p.Name, p.Value}
		if sided {
			lines[i][0] = p.Side + "." + p.Name
		}
		if p.Why != "" {
			lines[i][1] += "   (" + p.State + ": " + p.Why + ")"
		}
	}
	return a.printList(lines)
}

// printList prints names and values as Format-List does. Both are escaped.
func (a *app) printList(lines [][2]string) error {
	width := 0
	for _, l := range lines {
		width = max(width, len(l[0]))
	}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%-*s : %s\n", width, escape(l[0]), escape(l[1]))
	}
	_, err := a.stdout.WriteString(b.String())
	return err
}

func (a *app) configValidateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE",
		Short: "Find mistakes in a configuration file, without using it",
		Args:  named("FILE"),
		RunE:  withContext(func(_ context.Context, args []string) error { return a.configValidate(args[0]) }),
	}
}

// configValidate reads a file as serve --config would. What of it lowers
// protection is said: exit code 4.
func (a *app) configValidate(path string) error {
	config, err := readConfig(path)
	if err != nil {
		return err
	}
	snapshot, err := policy.Stack(config.layers()...)
	if err != nil {
		return err
	}
	var cautions []error
	for _, s := range snapshot.Settings() {
		if s.Caution != "" {
			cautions = append(cautions, errors.New(s.Name+" = "+s.Value+": "+s.Caution))
		}
	}
	for _, r := range snapshot.Rules() {
		if r.Exempts() && !r.Ended(time.Now()) {
			cautions = append(cautions, errors.New("rule "+r.Name+", "+r.String()+": it lowers protection"))
		}
	}
	if len(cautions) > 0 {
		return &exitError{code: exitLook, err: errors.Join(cautions...)}
	}
	return nil
}
