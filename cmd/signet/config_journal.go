package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
)

// parseRevision reads the number of a revision.
func parseRevision(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, usagef("%q is no revision: signet config history shows them", text)
	}
	return n, nil
}

func (a *app) configHistoryCommand() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "history",
		Short: "Show who changed what, when and why, the latest first",
		Args:  cobra.NoArgs,
		RunE:  withContext(func(ctx context.Context, _ []string) error { return a.configHistory(ctx, limit) }),
	}
	cmd.Flags().IntVar(&limit, "limit", 100, "how many revisions, up to 1000")
	return cmd
}

func (a *app) configHistory(ctx context.Context, limit int) error {
	if limit < 1 || limit > 1000 {
		return usagef("--limit %d: 1 to 1000", limit)
	}
	return a.withClient(ctx, func(c *admin.Client) error {
		history, err := c.ConfigHistory(ctx, 0, limit)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(history)
		}
		t := a.newTable("REVISION", "AT", "BY", "MEANS", "KIND", "PROPERTY", "OLD", "NEW", "REASON")
		for _, r := range history.Revisions {
			changes := r.Changes
			if len(changes) == 0 {
				changes = []admin.RevisionChange{{}}
			}
			for _, p := range changes {
				t.row(fmt.Sprint(r.Number), r.At.Format(time.RFC3339), r.By, r.Means, r.Kind, inLayer(p.Property, p.Layer), textOr(p.Old, ""), textOr(p.New, ""), r.Reason)
			}
		}
		return t.flush()
	})
}

// inLayer names a property, and the layer if it is not the store.
func inLayer(property, layer string) string {
	if layer == groupPolicyWord {
		return property + " (group policy)"
	}
	return property
}

func (a *app) configDiffCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "diff [REVISION [REVISION]]",
		Short: "Show what is not as the profile says, or what differs between revisions",
		Long: "Without a REVISION, show the properties in force whose values are not those of\n" +
			"the profile. With one, show what the store says now that it did not say then;\n" +
			"with two, what it said at the second that it did not say at the first.",
		Args: cobra.MaximumNArgs(2),
		RunE: withContext(func(ctx context.Context, args []string) error {
			return a.withClient(ctx, func(c *admin.Client) error {
				var lines []difference
				var err error
				if len(args) == 0 {
					lines, err = differencesToProfile(ctx, c)
				} else {
					lines, err = differencesOfRevisions(ctx, c, args)
				}
				if err != nil {
					return err
				}
				return a.printDifferences(lines)
			})
		}),
	}
}

// difference is a property that has two values.
type difference struct {
	Property string
	Old      string `json:",omitempty"`
	New      string `json:",omitempty"`
	Layer    string `json:",omitempty"` // that holds New; of values in force
}

func (a *app) printDifferences(lines []difference) error {
	if a.json {
		return a.printJSON(struct{ Differences []difference }{append([]difference{}, lines...)})
	}
	t := a.newTable("PROPERTY", "OLD", "NEW", "LAYER")
	for _, l := range lines {
		t.row(l.Property, l.Old, l.New, l.Layer)
	}
	return t.flush()
}

func differencesToProfile(ctx context.Context, c *admin.Client) ([]difference, error) {
	list, err := c.Config(ctx)
	if err != nil {
		return nil, err
	}
	var lines []difference
	for _, p := range list.Properties {
		if p.Layer == "Profile" {
			continue
		}
		e, err := c.ExplainConfig(ctx, p.Side+"."+p.Name)
		if err != nil {
			return nil, err
		}
		if profile := e.Layers[len(e.Layers)-1].Value; profile != p.Value {
			lines = append(lines, difference{p.Side + "." + p.Name, profile, p.Value, p.Layer})
		}
	}
	return lines, nil
}

func differencesOfRevisions(ctx context.Context, c *admin.Client, args []string) ([]difference, error) {
	values := make([]map[string]string, 2)
	for i, arg := range args {
		number, err := parseRevision(arg)
		if err != nil {
			return nil, err
		}
		revision, err := c.ConfigRevision(ctx, number)
		if err != nil {
			return nil, err
		}
		then := saidAt(*revision)
		values[i] = then.byLayer()
	}
	if len(args) == 1 {
		list, err := c.Config(ctx)
		if err != nil {
			return nil, err
		}
		revision, err := c.ConfigRevision(ctx, list.Revision)
		if err != nil {
			return nil, err
		}
		now := saidAt(*revision)
		values[1] = now.byLayer()
	}
	names := make(map[string]bool)
	for _, v := range values {
		for name := range v {
			names[name] = true
		}
	}
	var lines []difference
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before, after := values[0][name], values[1][name]; before != after {
			lines = append(lines, difference{Property: name, Old: before, New: after})
		}
	}
	return lines, nil
}

// saidAt is what the store said at a revision.
type saidAt admin.RevisionValues

// byLayer returns the values by property and layer, as inLayer names them.
func (s saidAt) byLayer() map[string]string {
	values := make(map[string]string)
	maps.Copy(values, s.Values)
	for _, g := range s.GroupPolicy {
		values[inLayer(g.Property, groupPolicyWord)] = g.Value
	}
	return values
}

func (a *app) configExportCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write what the store says, as a configuration file",
		Args:  cobra.NoArgs,
		RunE:  withContext(func(ctx context.Context, _ []string) error { return a.configExport(ctx, all) }),
	}
	cmd.Flags().BoolVar(&all, "all", false, "every property that is read, as it is in force")
	return cmd
}

// configExport prints YAML that serve --config and config validate take.
func (a *app) configExport(ctx context.Context, all bool) error {
	return a.withClient(ctx, func(c *admin.Client) error {
		list, err := c.Config(ctx)
		if err != nil {
			return err
		}
		stored, err := c.ConfigRevision(ctx, list.Revision)
		if err != nil {
			return err
		}
		values := stored.Values
		if all {
			for _, p := range list.Properties {
				if p.State == "Works" {
					values[p.Side+"."+p.Name] = p.Value
				}
			}
		}
		if a.json {
			return a.printJSON(admin.RevisionValues{Revision: list.Revision, Values: values})
		}
		text, err := exportYAML(values)
		if err != nil {
			return err
		}
		_, err = a.stdout.Write(text)
		return err
	})
}

// exportYAML is a configuration file that says values.
func exportYAML(values map[string]string) ([]byte, error) {
	document := yaml.MapSlice{{Key: "version", Value: 1}}
	if profile, ok := values[profileProperty]; ok {
		document = append(document, yaml.MapItem{Key: "profile", Value: profile})
	}
	for _, side := range sides {
		var properties yaml.MapSlice
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if of, property, _ := strings.Cut(name, "."); of == side {
				properties = append(properties, yaml.MapItem{Key: property, Value: values[name]})
			}
		}
		if properties != nil {
			document = append(document, yaml.MapItem{Key: side, Value: properties})
		}
	}
	if rules, err := exportRules(values); err != nil {
		return nil, err
	} else if rules != nil {
		document = append(document, yaml.MapItem{Key: "rules", Value: rules})
	}
	return yaml.Marshal(document)
}

func (a *app) configExplainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [server|client] NAME",
		Short: "Show why a property is as it is, and when a change of it takes effect",
		RunE: withContext(func(ctx context.Context, args []string) error {
			side, rest := takeSide(args)
			if len(rest) != 1 {
				return usagef("write signet config explain server|client NAME")
			}
			name := fullName(side, rest[0])
			if !strings.Contains(name, ".") {
				name = onSomeSide(name)
			}
			return a.withClient(ctx, func(c *admin.Client) error {
				e, err := c.ExplainConfig(ctx, name)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(e)
				}
				return a.printExplanation(e)
			})
		}),
	}
}

// onSomeSide returns the property called name of the first side that has it,
// or of the first.
func onSomeSide(name string) string {
	for _, side := range sides {
		if _, err := policy.Find(side + "." + name); err == nil {
			return side + "." + name
		}
	}
	return sides[0] + "." + name
}

func (a *app) printExplanation(e *admin.Explanation) error {
	lines := [][2]string{
		{"Name", e.Side + "." + e.Name},
		{"Value", e.Value},
		{"Held by", layerText(e.Layers[0])},
	}
	if c := e.Changed; c != nil {
		lines = append(lines, [2]string{"Changed", fmt.Sprintf("revision %d, %s, by %s (%s)", c.Number, c.At.Format(time.RFC3339), c.By, c.Means)})
		if c.Reason != "" {
			lines = append(lines, [2]string{"Reason", c.Reason})
		}
	}
	for _, l := range e.Layers[1:] {
		lines = append(lines, [2]string{"Below", fmt.Sprintf("%s: %s", layerText(l), l.Value)})
	}
	for _, r := range e.Rules {
		spec := ruleSpecOf(&r)
		lines = append(lines, [2]string{"Rule", fmt.Sprintf("%s (%s): %s", r.Name, ruleStateText(&r), spec.String())})
	}
	if d := e.Deadline; d != nil {
		back := textOr(d.Restore, "what is below")
		if d.Until != nil {
			lines = append(lines, [2]string{"Until", d.Until.Format(time.RFC3339) + ", then " + back})
		}
		if d.ConfirmBy != nil {
			lines = append(lines, [2]string{"Confirm by", d.ConfirmBy.Format(time.RFC3339) + ", else " + back})
		}
	}
	lines = append(lines,
		[2]string{"Takes effect", "from " + takesEffect(e.TakesEffect) + " on"},
		[2]string{"What it does", e.Doc},
		[2]string{"Allowed", strings.Join(e.Allowed, ", ")},
		[2]string{"Section", e.Section},
	)
	if e.Why != "" {
		lines = append(lines, [2]string{"State", e.State + ": " + e.Why})
	}
	if e.Caution != "" {
		lines = append(lines, [2]string{"Caution", e.Caution})
	}
	return a.printList(lines)
}

// layerText names a layer in words.
func layerText(l admin.LayerValue) string {
	words := map[string]string{
		"Profile": "profile", "Machine": "machine policy", "File": "file", "Store": "store", "GroupPolicy": "group policy",
		"CommandLine": "command line", "Floor": "the machine's floor:",
	}
	return words[l.Layer] + " " + l.Source
}
