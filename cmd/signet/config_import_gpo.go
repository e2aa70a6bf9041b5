package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/gpo"
)

func (a *app) importGPOCommand() *cobra.Command {
	var f importFlags
	var only []string
	cmd := &cobra.Command{
		Use:   "gpo PATH ...",
		Short: "Take in group policy objects, as the layer above the store",
		Long: "Take in group policy objects, as a layer of their own above what config set says.\n" +
			"A PATH is a backup made by Windows, a policy's folder of SYSVOL, a folder that\n" +
			"holds some of these, or one Registry.pol or GptTmpl.inf. Where several PATHs say\n" +
			"different things, the later one counts; of several objects below one PATH none\n" +
			"does, and they are refused: name them one after the other, or choose with --only.\n" +
			"What an earlier import brought goes; signet config reset --group-policy takes all\n" +
			"of it back.",
		RunE: withContext(func(ctx context.Context, args []string) error {
			if len(args) == 0 {
				return usagef("write signet config import gpo PATH ...")
			}
			return a.importGPO(ctx, args, only, f)
		}),
	}
	addImportFlags(cmd, &f)
	cmd.Flags().StringArrayVar(&only, "only", nil, "take the object of this `name` or GUID only; may be repeated")
	return cmd
}

func (a *app) importGPO(ctx context.Context, paths, only []string, f importFlags) error {
	p := &gpoPlan{settings: make(map[string]heldSetting)}
	for _, path := range paths {
		result, err := gpo.Read(path)
		if err != nil {
			return refusedGPO(err)
		}
		if err := p.add(path, result, only); err != nil {
			return err
		}
	}
	if p.objects == 0 {
		return usagef("no group policy object is called %s; there are %s", strings.Join(only, ", "), strings.Join(p.names, ", "))
	}
	in := admin.ConfigImport{GroupPolicy: &admin.GroupPolicyLayer{Settings: []admin.GroupPolicySetting{}}}
	for _, property := range slices.Sorted(maps.Keys(p.settings)) {
		held := p.settings[property]
		in.GroupPolicy.Settings = append(in.GroupPolicy.Settings, admin.GroupPolicySetting{Property: property, Value: held.Text, Source: held.from})
	}
	return a.withClient(ctx, func(c *admin.Client) error { return a.runImport(ctx, c, in, p.rows, f) })
}

// resetGroupPolicy takes back all that group policy says.
func (a *app) resetGroupPolicy(ctx context.Context, args []string, f changeFlags) error {
	if len(args) > 0 {
		return usagef("--group-policy takes back all of it: name no property")
	}
	in := admin.ConfigImport{GroupPolicy: &admin.GroupPolicyLayer{Settings: []admin.GroupPolicySetting{}}, AllowWeaken: true}
	var err error
	if in.Until, in.ConfirmWithinSeconds, err = f.ends(); err != nil {
		return err
	}
	return a.withClient(ctx, func(c *admin.Client) error {
		return a.makeChange(f, func(terms admin.ChangeTerms) (*admin.ConfigResult, error) {
			in.ChangeTerms = terms
			result, err := c.ImportConfig(ctx, in)
			if err != nil {
				return nil, err
			}
			return &result.ConfigResult, nil
		})
	})
}

// refusedGPO makes a refusal, exit code 2, of what is wrong with the files.
func refusedGPO(err error) error {
	bad, ok := errors.AsType[*gpo.ValueError](err)
	if !ok {
		return usagef("%w", err)
	}
	e := &admin.Error{Code: "InvalidValue", Status: http.StatusUnprocessableEntity, Message: err.Error(), Hint: "nothing was changed"}
	if p, ok := errors.AsType[*policy.PropertyError](bad.Err); ok {
		e.Property, e.Allowed = p.Property, p.Allowed
	}
	return e
}

// heldSetting is what counts of a property so far.
type heldSetting struct {
	gpo.Setting
	from string // the object and its file
	path int    // which of the command line's
	row  int    // in rows
}

// gpoPlan is what some paths say together.
type gpoPlan struct {
	settings map[string]heldSetting // by property
	rows     []importRow
	names    []string // of all objects
	objects  int      // those taken
	paths    int      // added so far
}

// add takes in what one path says, above what those before it do.
func (p *gpoPlan) add(path string, result *gpo.Result, only []string) error {
	p.paths++
	for _, n := range result.Notes {
		p.rows = append(p.rows, importRow{Outcome: string(n.Outcome), From: path, What: n.What, Reason: n.Reason})
	}
	for i := range result.Objects {
		o := &result.Objects[i]
		p.names = append(p.names, strings.TrimSpace(o.Name+" "+o.GUID))
		if len(only) > 0 && !slices.ContainsFunc(only, func(s string) bool { return strings.EqualFold(s, o.Name) || strings.EqualFold(s, o.GUID) }) {
			continue
		}
		p.objects++
		if err := p.addObject(o); err != nil {
			return err
		}
	}
	return nil
}

func (p *gpoPlan) addObject(o *gpo.Object) error {
	for _, s := range o.Settings {
		from := o.Origin(s)
		if other, ok := p.settings[s.Property]; ok && other.Text != s.Text {
			if other.path == p.paths {
				return &admin.Error{
					Code: "ConflictingValues", Status: http.StatusUnprocessableEntity, Property: s.Property,
					Message: fmt.Sprintf("%s is %s by %s, and %s by %s", s.Property, other.Text, other.from, s.Text, from),
					Hint:    "nothing was changed; name the folders one after the other, the one that counts last, or choose with --only",
				}
			}
			r := &p.rows[other.row]
			r.Outcome, r.Reason = string(gpo.Overridden), "it is said again by "+from
		}
		p.settings[s.Property] = heldSetting{s, from, p.paths, len(p.rows)}
		p.rows = append(p.rows, importRow{Outcome: outcomeTaken, From: from, What: s.Value, Value: s.Said, Property: s.Property, Result: s.Text})
	}
	for _, n := range o.Notes {
		p.rows = append(p.rows, importRow{
			Outcome: string(n.Outcome), From: o.Origin(gpo.Setting{File: n.File}), What: n.What, Value: n.Value, Reason: n.Reason,
		})
	}
	return nil
}
