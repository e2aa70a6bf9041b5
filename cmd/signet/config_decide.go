package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
	"github.com/signet-smb/signet/vfs"
)

// decideFlags are the flags of config decide.
type decideFlags struct {
	all                    bool
	client, account, share string
}

func (a *app) configDecideCommand() *cobra.Command {
	var f decideFlags
	cmd := &cobra.Command{
		Use:   "decide",
		Short: "Show who is signed, sealed, left plain or refused by what is in force",
		Long: "Show who is signed, sealed, left plain or refused by what is in force: for a client that\n" +
			"requires signing and one that does not, a user, a guest and an anonymous one. With\n" +
			"--client, --account or --share what rules say of it counts, and is named.",
		Args: cobra.NoArgs,
		RunE: withContext(func(ctx context.Context, _ []string) error { return a.decide(ctx, f) }),
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.all, "all", false, "every dialect that is spoken, and clients that do not sign")
	flags.StringVar(&f.client, "client", "", "of the client at this `address`")
	flags.StringVar(&f.account, "account", "", "of the account of this `name`")
	flags.StringVar(&f.share, "share", "", "at the share of this `name`")
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

func (a *app) decide(ctx context.Context, f decideFlags) error {
	q := question{party: policy.Party{Account: auth.Upcase(f.account)}, at: time.Now()}
	if f.client != "" {
		address, err := netip.ParseAddr(f.client)
		if err != nil {
			return usagef("--client %q is no address: 10.0.0.7, fd00::7", f.client)
		}
		q.party.Address = address.Unmap().WithZone("")
	}
	var err error
	if q.snapshot, err = a.snapshotInForce(ctx); err != nil {
		return err
	}
	if err := a.askOfShare(ctx, f.share, &q); err != nil {
		return err
	}
	rows, rules := decisionRows(&q, f.all), q.rules()
	if a.json {
		return a.printJSON(struct {
			Decisions []decisionRow `json:"Decisions"`
			Rules     []string      `json:"Rules,omitempty"`
		}{rows, rules})
	}
	for _, text := range rules {
		if !a.quiet {
			fmt.Fprintf(a.stderr, "%s.\n", escape(text))
		}
	}
	t := a.newTable("CLIENT REQUIRES", "SERVER REQUIRES", "ENCRYPTDATA", "REJECTUNENCRYPTED", "IDENTITY", "DIALECT", "CLIENT SIGNS", "OUTCOME", "STATUS", "RULE", "SECTION")
	for _, r := range rows {
		t.row(truth(r.ClientRequire), truth(r.ServerRequire), truth(r.EncryptData), truth(r.RejectUnencrypted),
			r.Identity, r.Dialect, truth(r.CanSign), r.Outcome, r.Status, r.Rule, r.Section)
	}
	return t.flush()
}

// question is what config decide is about.
type question struct {
	snapshot  *policy.Snapshot
	party     policy.Party
	at        time.Time
	share     policy.ShareDemands // of the share itself
	shareName string              // folded; "": none
}

// askOfShare makes q about the share called name; "" is none.
func (a *app) askOfShare(ctx context.Context, name string, q *question) error {
	if name == "" {
		return nil
	}
	q.shareName = vfs.Fold(name)
	return a.withClient(ctx, func(c *admin.Client) error {
		list, err := c.Shares(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list.Shares, func(s admin.Share) bool { return vfs.Fold(s.Name) == q.shareName && s.ShareState == "Online" })
		if i < 0 {
			i = slices.IndexFunc(list.Shares, func(s admin.Share) bool { return vfs.Fold(s.Name) == q.shareName })
		}
		if i < 0 {
			return usagef("there is no share %q: signet share list shows them", name)
		}
		q.share = policy.ShareDemands{RequireSigning: list.Shares[i].RequireSecuritySignature, EncryptData: list.Shares[i].EncryptData}
		return nil
	})
}

// judge is what rules say of q: of its session, or of its share.
func (q *question) judge(share string) policy.Judgement {
	return q.snapshot.Judge(q.party, share, q.at)
}

// words are what rules demand of q.
func (q *question) words() policy.RuleDemands {
	d := policy.RuleDemands{Session: q.judge("").Words()}
	if q.shareName != "" {
		d.Share = q.judge(q.shareName).Words()
	}
	return d
}

// rules says which rules count for q.
func (q *question) rules() (list []string) {
	about := func(where string, j policy.Judgement) {
		for _, s := range []struct {
			property string
			said     policy.Saying
		}{{"RequireSecuritySignature", j.Signing}, {"EncryptData", j.Encryption}} {
			if s.said.By != nil {
				list = append(list, fmt.Sprintf("%s of the %s: rule %s counts, %s", s.property, where, s.said.By.Name, s.said.Word))
			}
			if s.said.Asked != nil {
				list = append(list, fmt.Sprintf("%s of the %s: rule %s will count from %s on", s.property, where, s.said.Asked.Name, timeText(s.said.Asked.WarnUntil)))
			}
		}
	}
	about("session", q.judge(""))
	if q.shareName != "" {
		about("share", q.judge(q.shareName))
	}
	return list
}

// decisionRows asks for every client: with the best dialect that is spoken, or
// with all of them and without signing, too.
func decisionRows(q *question, all bool) []decisionRow {
	s := q.snapshot
	words, nobody := q.words(), *q
	nobody.party.Account = "" // a guest has none
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
						Share: q.share, Rules: words,
						Identity: identity, Dialect: revision, CanSign: canSign, CanEncrypt: true,
					}
					if identity != policy.User {
						in.Rules = nobody.words()
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
