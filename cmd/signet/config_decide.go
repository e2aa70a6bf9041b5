package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

func (a *app) configDecideCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "decide",
		Short: "Show who is signed, sealed, left plain or refused by what is in force",
		Long: "Show who is signed, sealed, left plain or refused by what is in force: for a client that\n" +
			"requires signing and one that does not, a user, a guest and an anonymous one.",
		Args: cobra.NoArgs,
		RunE: withContext(func(ctx context.Context, _ []string) error { return a.decide(ctx, all) }),
	}
	cmd.Flags().BoolVar(&all, "all", false, "every dialect that is spoken, and clients that do not sign")
	return cmd
}

// decisionRow is a row of the truth table, as JSON.
type decisionRow struct {
	ClientRequire     bool   `json:"ClientRequire"`
	ServerRequire     bool   `json:"ServerRequire"`
	EncryptData       bool   `json:"EncryptData"`
	RejectUnencrypted bool   `json:"RejectUnencrypted"`
	Identity          string `json:"Identity"`
	Dialect           string `json:"Dialect"`
	CanSign           bool   `json:"CanSign"`
	Outcome           string `json:"Outcome"`
	Status            string `json:"Status"`
	Rule              string `json:"Rule"`
	Section           string `json:"Section"`
}

func (a *app) decide(ctx context.Context, all bool) error {
	s, err := a.snapshotInForce(ctx)
	if err != nil {
		return err
	}
	rows := decisionRows(s, all)
	if a.json {
		return a.printJSON(struct {
			Decisions []decisionRow `json:"Decisions"`
		}{rows})
	}
	t := a.newTable("CLIENT REQUIRES", "SERVER REQUIRES", "ENCRYPTDATA", "REJECTUNENCRYPTED", "IDENTITY", "DIALECT", "CLIENT SIGNS", "OUTCOME", "STATUS", "RULE", "SECTION")
	for _, r := range rows {
		t.row(truth(r.ClientRequire), truth(r.ServerRequire), truth(r.EncryptData), truth(r.RejectUnencrypted),
			r.Identity, r.Dialect, truth(r.CanSign), r.Outcome, r.Status, r.Rule, r.Section)
	}
	return t.flush()
}

// decisionRows asks for every client: with the best dialect that is spoken, or
// with all of them and without signing, too.
func decisionRows(s *policy.Snapshot, all bool) []decisionRow {
	spoken := server.Dialects(s)
	signs := []bool{true, false}
	if !all {
		spoken, signs = spoken[max(0, len(spoken)-1):], signs[:1]
	}
	rows := []decisionRow{}
	for _, dialect := range spoken {
		revision, ok := policy.ParseDialect("SMB" + strings.ReplaceAll(dialect, ".", ""))
		if !ok {
			continue
		}
		for _, identity := range []policy.Identity{policy.User, policy.Guest, policy.Anonymous} {
			for _, require := range []bool{true, false} {
				for _, canSign := range signs {
					in := policy.Situation{
						Client: policy.ClientDemands{
							RequireSigning:    require,
							RequireEncryption: policy.Get(s, policy.ClientRequireEncryption),
							AllowGuest:        policy.Get(s, policy.EnableInsecureGuestLogons),
						},
						Server: policy.ServerDemands{
							RequireSigning:    policy.Get(s, policy.RequireSecuritySignature),
							EncryptData:       policy.Get(s, policy.EncryptData),
							RejectUnencrypted: policy.Get(s, policy.RejectUnencryptedAccess),
							AllowGuest:        policy.Get(s, policy.EnableGuestAccess),
						},
						Identity: identity, Dialect: revision, CanSign: canSign, CanEncrypt: true,
					}
					d := policy.Decide(in)
					rows = append(rows, decisionRow{
						require, in.Server.RequireSigning, in.Server.EncryptData, in.Server.RejectUnencrypted,
						identity.String(), dialect, canSign, d.Outcome.String(), d.Status.String(), d.Rule, d.Section,
					})
				}
			}
		}
	}
	return rows
}
