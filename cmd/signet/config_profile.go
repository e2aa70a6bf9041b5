package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
)

func (a *app) configProfileCommand() *cobra.Command {
	return group("profile", "Show what other systems do by default, and do as they do",
		a.configProfileApplyCommand(),
		&cobra.Command{
			Use:   "list",
			Short: "List the profiles",
			Args:  cobra.NoArgs,
			RunE:  withContext(func(ctx context.Context, _ []string) error { return a.profileList(ctx) }),
		},
		&cobra.Command{
			Use:   "show NAME",
			Short: "Show what a profile would change of what is in force",
			Args:  named("NAME"),
			RunE:  withContext(func(ctx context.Context, args []string) error { return a.profileShow(ctx, args[0]) }),
		},
	)
}

// profileRow is a profile, as JSON.
type profileRow struct {
	Name    string `json:"Name"`
	InForce bool   `json:"InForce"`
	Doc     string `json:"Doc"`
}

func (a *app) profileList(ctx context.Context) error {
	now, err := a.snapshotInForce(ctx)
	if err != nil {
		return err
	}
	var rows []profileRow
	for _, p := range policy.Profiles() {
		rows = append(rows, profileRow{p.Name, p.Name == now.ProfileOf(), p.Doc})
	}
	if a.json {
		return a.printJSON(struct {
			Profiles []profileRow `json:"Profiles"`
		}{rows})
	}
	t := a.newTable("PROFILE", "IN FORCE", "WHAT IT IS")
	for _, r := range rows {
		t.row(r.Name, truth(r.InForce), r.Doc)
	}
	return t.flush()
}

// differenceRow is a property that a profile has another value of, as JSON.
type differenceRow struct {
	Name    string `json:"Name"`
	InForce string `json:"InForce"`
	Profile string `json:"Profile"`
	State   string `json:"State"`
	Caution string `json:"Caution,omitempty"`
}

// profileShow compares a profile with the profile in force: what lies above
// either stays as it is.
func (a *app) profileShow(ctx context.Context, name string) error {
	values, err := policy.Profile(name)
	if err != nil {
		return usagef("%w", err)
	}
	there, err := policy.Stack(values)
	if err != nil {
		return err
	}
	now, err := a.snapshotInForce(ctx)
	if err != nil {
		return err
	}
	inForce, err := policy.Profile(now.ProfileOf())
	if err != nil {
		return err
	}
	here, err := policy.Stack(inForce)
	if err != nil {
		return err
	}
	rows := []differenceRow{}
	for _, d := range policy.Differences(here, there) {
		rows = append(rows, differenceRow{d.Name, d.From, d.To, d.State.String(), d.Caution})
	}
	if a.json {
		return a.printJSON(struct {
			Differences []differenceRow `json:"Differences"`
		}{rows})
	}
	t := a.newTable("PROPERTY", "IN FORCE", "PROFILE", "CAUTION")
	for _, r := range rows {
		t.row(r.Name, r.InForce, r.Profile, r.Caution)
	}
	return t.flush()
}

// snapshotInForce is the policy of the server that runs, or else of one that
// would.
func (a *app) snapshotInForce(ctx context.Context) (s *policy.Snapshot, err error) {
	err = a.withClient(ctx, func(c *admin.Client) error {
		config, err := c.Config(ctx)
		if err != nil {
			return err
		}
		name := policy.Profiles()[0].Name
		above := policy.NewValues(policy.Origin{Layer: policy.LayerStore, Name: "the server"})
		for _, p := range config.Properties {
			if p.Layer == "Profile" {
				name = p.Source
			} else if err := above.Set(p.Side+"."+p.Name, p.Value); err != nil {
				return fmt.Errorf("the server is of another version: %w", err)
			}
		}
		profile, err := policy.Profile(name)
		if err != nil {
			return fmt.Errorf("the server is of another version: %w", err)
		}
		rules, err := c.Rules(ctx)
		if err != nil {
			return err
		}
		fromFile := policy.NewValues(policy.Origin{Layer: policy.LayerFile, Name: "the server"})
		for _, r := range rules.Rules {
			holder := above
			if r.Layer == "File" {
				holder = fromFile
			}
			if err := holder.AddRule(ruleSpecOf(&r), ruleFolding); err != nil {
				return fmt.Errorf("the server is of another version: %w", err)
			}
		}
		s, err = policy.Stack(profile, fromFile, above)
		return err
	})
	return s, err
}
