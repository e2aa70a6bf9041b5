package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
)

func (a *app) importYAMLCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "yaml FILE",
		Short: "Store what a configuration file says, such as config export writes",
		Args:  named("FILE"),
		RunE:  withContext(func(ctx context.Context, args []string) error { return a.importYAML(ctx, args[0], f) }),
	}
	addImportFlags(cmd, &f)
	return cmd
}

func (a *app) importYAML(ctx context.Context, file string, f importFlags) error {
	config, err := readConfig(file)
	if err != nil {
		return err
	}
	in := admin.ConfigImport{Set: config.properties.Texts()}
	if config.profile != nil {
		in.Set[profileProperty] = config.profile.Origin().Name
	}
	var rows []importRow
	for _, name := range slices.Sorted(maps.Keys(in.Set)) {
		rows = append(rows, importRow{Outcome: outcomeTaken, From: file, What: name, Value: in.Set[name], Property: name, Result: in.Set[name]})
	}
	for _, spec := range config.shares {
		in.Shares = append(in.Shares, importedShare(spec))
		rows = append(rows, importRow{Outcome: outcomeTaken, From: file, What: "shares: " + spec.name, Value: spec.path, Property: shareTarget(spec.name), Result: spec.path})
	}
	snapshot, err := policy.Stack(config.layers()...)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, r := range snapshot.Rules() {
		row := importRow{Outcome: outcomeTaken, From: file, What: "rules: " + r.Name, Value: r.String(), Property: policy.RuleProperty(r.Name), Result: r.String()}
		if r.Ended(now) {
			row = importRow{Outcome: outcomeIgnored, From: file, What: row.What, Value: row.Value, Reason: "it is over"}
		} else {
			in.Rules = append(in.Rules, importedRule(r, now))
		}
		rows = append(rows, row)
	}
	if len(config.listen) > 0 {
		rows = append(rows, importRow{Outcome: outcomeIgnored, From: file, What: "listen", Value: strings.Join(config.listen, ", "), Reason: "addresses are not stored: signet serve --listen, or --config"})
	}
	if len(in.Set) == 0 && len(in.Rules) == 0 && len(in.Shares) == 0 {
		return usagef("%s says nothing that is stored", file)
	}
	return a.withClient(ctx, func(c *admin.Client) error { return a.runImport(ctx, c, in, rows, f) })
}

// importedRule makes of a rule of a file one to be stored. One that has warned
// long enough is one that refuses.
func importedRule(r *policy.Rule, now time.Time) admin.ImportRule {
	in := admin.ImportRule{Name: r.Name, Reason: r.Reason, RuleWhomAndWhat: admin.RuleWhomAndWhat{
		Share: r.Share, Address: r.Address, Account: r.Account,
		RequireSecuritySignature: r.RequireSecuritySignature, EncryptData: r.EncryptData, Until: r.Until,
	}}
	if r.Warns(now) {
		in.WarnUntil = r.WarnUntil
	}
	return in
}

// importedShare makes of a share of a file one to be stored.
func importedShare(spec shareSpec) admin.ImportShare {
	sh := admin.ImportShare{
		NewShare: admin.NewShare{
			Name: spec.name, Path: spec.path, ReadOnly: spec.readOnly, RunAs: spec.runAs, EncryptData: spec.encryptData,
			RequireSecuritySignature: spec.requireSignature, FolderEnumerationMode: string(spec.enumeration), LeasingMode: string(spec.leasing), EnableGuestAccess: new(!spec.refuseGuests),
			Description: spec.description, ConcurrentUserLimit: spec.userLimit,
		},
		Restricted: spec.restricted,
	}
	for _, g := range spec.grants {
		list := map[store.Access]*[]string{
			store.Full: &sh.FullAccess, store.Change: &sh.ChangeAccess, store.Read: &sh.ReadAccess, store.None: &sh.NoAccess,
		}[g.Access]
		*list = append(*list, g.Account)
	}
	return sh
}
