package admin

import (
	"context"
	"time"

	"github.com/signet-smb/signet/event"
)

// maxImportBytes bounds the body of an import: some thousand shares.
const maxImportBytes = 4 << 20

// ConfigImport is the body of POST /api/v1/config/import: what files of another
// system were found to say.
type ConfigImport struct {
	Set         map[string]string `json:"Set,omitempty" doc:"values by property, server.Name or client.Name"`
	GroupPolicy *GroupPolicyLayer `json:"GroupPolicy,omitempty" doc:"what group policy is to say, and nothing else; absent: it stays as it is"`
	Rules       []ImportRule      `json:"Rules,omitempty" nullable:"false" maxItems:"1024" doc:"to be stored, instead of those of the same name"`
	Shares      []ImportShare     `json:"Shares,omitempty" nullable:"false" maxItems:"4096" doc:"to be stored; one whose name is taken stays as it is"`
	Lost        []string          `json:"Lost,omitempty" nullable:"false" maxItems:"4096" doc:"what protected there and cannot be taken: that lowers protection, too"`
	AllowWeaken bool              `json:"AllowWeaken,omitempty" doc:"take what lowers protection, too; without it all is refused then"`
	ChangeTerms
	Until                *time.Time `json:"Until,omitempty" doc:"RFC 3339; the values go back then"`
	ConfirmWithinSeconds int64      `json:"ConfirmWithinSeconds,omitempty" minimum:"0" maximum:"604800" doc:"the values go back then unless that is confirmed; 0: never"`
}

// GroupPolicyLayer is all that group policy says.
type GroupPolicyLayer struct {
	Settings []GroupPolicySetting `json:"Settings" nullable:"false" maxItems:"1000" doc:"none: there is no group policy any more"`
}

// GroupPolicySetting is what group policy says of one property.
type GroupPolicySetting struct {
	Property string `json:"Property" maxLength:"256" doc:"server.Name or client.Name"`
	Value    string `json:"Value" maxLength:"65536"`
	Source   string `json:"Source" maxLength:"2048" doc:"the group policy object and its file"`
}

// ImportRule is a rule to be stored.
type ImportRule struct {
	Name string `json:"Name" minLength:"1" maxLength:"64" doc:"letters, digits, - _ ."`
	RuleWhomAndWhat
	Reason string `json:"Reason,omitempty" maxLength:"1000" doc:"of the rule; an exception must have one"`
}

// ImportShare is a share to be stored.
type ImportShare struct {
	NewShare
	Restricted bool `json:"Restricted,omitempty" doc:"only those who are granted something may use it, even if that is nobody"`
}

// ImportResult is the answer to an import, made or only tried.
type ImportResult struct {
	ConfigResult
	Shares []ImportedShare `json:"Shares" nullable:"false"`
}

// ImportedShare is what became of a share of an import.
type ImportedShare struct {
	Name  string `json:"Name"`
	Added bool   `json:"Added" doc:"False: one of that name is stored, and stays as it is"`
}

// importInput is the request of POST /api/v1/config/import.
type importInput struct{ Body ConfigImport }

// importOutput is what huma takes for the reply to an import.
type importOutput struct{ Body ImportResult }

func (h *handlers) importConfig(ctx context.Context, in *importInput) (*importOutput, error) {
	res, err := h.config.Import(ctx, h.authorOf(ctx), in.Body)
	if err == nil && !in.Body.DryRun {
		caller, _ := callerOf(ctx)
		for _, sh := range res.Shares {
			if sh.Added {
				e := eventBy(caller, event.ShareChanged)
				e.Object = sh.Name
				h.tell(ctx, "share added", e)
			}
		}
	}
	res.Effects, res.Sessions = append([]ConfigEffect{}, res.Effects...), append([]SessionID{}, res.Sessions...)
	res.Shares = append([]ImportedShare{}, res.Shares...)
	return &importOutput{Body: res}, h.configError(ctx, err)
}
