package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Rules are what is demanded of some clients, accounts or shares instead of what
// the properties of the server say. They are part of the configuration: each
// change is a revision of its journal. It is safe for concurrent use.
//
// A refusal is an [*Error] with its Status, and nothing has changed then.
type Rules interface {
	// ListRules returns the rules of all layers, the most specific first.
	ListRules(ctx context.Context) (RuleList, error)
	AddRule(ctx context.Context, by Author, c RuleAddition) (ConfigResult, error)
	// SetRule replaces the stored rule of that name.
	SetRule(ctx context.Context, by Author, name string, c RuleChange) (ConfigResult, error)
	RemoveRule(ctx context.Context, by Author, name string, terms ChangeTerms) (ConfigResult, error)
}

// RuleWhomAndWhat is what a rule says, but for its name.
type RuleWhomAndWhat struct {
	Share                    string     `json:"Share,omitempty" maxLength:"256" doc:"about connections to this share; absent: about sessions"`
	Address                  string     `json:"Address,omitempty" maxLength:"64" doc:"about clients at this address, or in this network; absent: at any"`
	Account                  string     `json:"Account,omitempty" maxLength:"256" doc:"about this account; absent: about all"`
	RequireSecuritySignature *bool      `json:"RequireSecuritySignature,omitempty" doc:"false: an exception; absent: nothing is said of it"`
	EncryptData              *bool      `json:"EncryptData,omitempty" doc:"false: an exception; absent: nothing is said of it"`
	WarnUntil                *time.Time `json:"WarnUntil,omitempty" doc:"RFC 3339; before that nobody is refused for what the rule requires, but it is an event"`
	Until                    *time.Time `json:"Until,omitempty" doc:"RFC 3339; the end of the rule, which an exception must have"`
}

// Rule is a rule, and where it is from.
type Rule struct {
	Name string `json:"Name"`
	RuleWhomAndWhat
	Reason   string   `json:"Reason,omitempty"`
	State    string   `json:"State" enum:"InForce,Warning,Ended" doc:"Warning: nobody is refused for it yet"`
	Weakens  bool     `json:"Weakens" doc:"whether it lowers protection"`
	Layer    string   `json:"Layer" enum:"File,Store" doc:"only those of the store can be changed here"`
	Source   string   `json:"Source" doc:"which one of that layer"`
	Overlaps []string `json:"Overlaps" nullable:"false" doc:"where it meets other rules, and which one counts there; of rules of the store"`
}

// RuleList is the answer of GET /api/v1/rules.
type RuleList struct {
	Revision uint64 `json:"Revision" doc:"of the store"`
	Rules    []Rule `json:"Rules" nullable:"false"`
}

// RuleAddition is the body of POST /api/v1/rules.
type RuleAddition struct {
	Name string `json:"Name" minLength:"1" maxLength:"64" doc:"letters, digits, - _ ."`
	RuleChange
}

// RuleChange is the body of PUT /api/v1/rules/{name}: all that the rule is to
// say.
type RuleChange struct {
	RuleWhomAndWhat
	ChangeTerms
	ConfirmWithinSeconds int64 `json:"ConfirmWithinSeconds,omitempty" minimum:"0" maximum:"604800" doc:"all goes back then unless it is confirmed; 0: never"`
}

// ruleListOutput is what huma takes for the reply of GET /api/v1/rules.
type ruleListOutput struct{ Body RuleList }

// addRuleInput is the request of POST /api/v1/rules.
type addRuleInput struct{ Body RuleAddition }

// setRuleInput is the request of PUT /api/v1/rules/{name}.
type setRuleInput struct {
	Name string `path:"name" minLength:"1" maxLength:"64"`
	Body RuleChange
}

// removeRuleInput is the request of DELETE /api/v1/rules/{name}. It has no body:
// its terms are parameters.
type removeRuleInput struct {
	Name       string `path:"name" minLength:"1" maxLength:"64"`
	Reason     string `query:"Reason" maxLength:"1000" doc:"needed where protection is lowered"`
	IfRevision int64  `query:"IfRevision" minimum:"-1" default:"-1" doc:"refuse unless the store is at this revision; -1: any"`
	Now        bool   `query:"Now" doc:"also close the sessions that comply no more"`
	DryRun     bool   `query:"DryRun" doc:"change nothing, say what would follow"`
}

// terms are the terms of a removal.
func (in *removeRuleInput) terms() ChangeTerms {
	t := ChangeTerms{Reason: in.Reason, Now: in.Now, DryRun: in.DryRun}
	if in.IfRevision >= 0 {
		t.IfRevision = new(uint64(in.IfRevision))
	}
	return t
}

// registerRules is the part of the table of operations that is about rules.
func registerRules(api huma.API, h *handlers) {
	const path = "/api/v1/rules"
	huma.Register(api, operation(Viewer, "list-rules", http.MethodGet, path, "The rules by share, address and account, the most specific first"), h.listRules)
	huma.Register(api, created(operation(Administrator, "add-rule", http.MethodPost, path, "Add a rule; one that lowers protection needs an end and a reason")), h.addRule)
	huma.Register(api, operation(Administrator, "set-rule", http.MethodPut, path+"/{name}", "Replace a rule; what lowers protection needs a reason"), h.setRule)
	huma.Register(api, operation(Administrator, "remove-rule", http.MethodDelete, path+"/{name}", "Remove a rule; what lowers protection needs a reason"), h.removeRule)
}

func (h *handlers) listRules(ctx context.Context, _ *struct{}) (*ruleListOutput, error) {
	list, err := h.rules.ListRules(ctx)
	out := RuleList{Revision: list.Revision, Rules: make([]Rule, len(list.Rules))}
	for i, r := range list.Rules {
		r.Overlaps = append([]string{}, r.Overlaps...)
		out.Rules[i] = r
	}
	return &ruleListOutput{Body: out}, h.configError(ctx, err)
}

func (h *handlers) addRule(ctx context.Context, in *addRuleInput) (*configResultOutput, error) {
	res, err := h.rules.AddRule(ctx, h.authorOf(ctx), in.Body)
	return h.configChanged(ctx, res, err)
}

func (h *handlers) setRule(ctx context.Context, in *setRuleInput) (*configResultOutput, error) {
	res, err := h.rules.SetRule(ctx, h.authorOf(ctx), in.Name, in.Body)
	return h.configChanged(ctx, res, err)
}

func (h *handlers) removeRule(ctx context.Context, in *removeRuleInput) (*configResultOutput, error) {
	res, err := h.rules.RemoveRule(ctx, h.authorOf(ctx), in.Name, in.terms())
	return h.configChanged(ctx, res, err)
}

// noRules is a configuration without rules, which takes none.
type noRules struct{}

var errNoRules = &Error{Code: "NotFound", Status: http.StatusNotFound, Message: "there are no rules here"}

// ListRules implements Rules.
func (noRules) ListRules(context.Context) (RuleList, error) { return RuleList{}, nil }

// AddRule implements Rules.
func (noRules) AddRule(context.Context, Author, RuleAddition) (ConfigResult, error) {
	return ConfigResult{}, errNoRules
}

// SetRule implements Rules.
func (noRules) SetRule(context.Context, Author, string, RuleChange) (ConfigResult, error) {
	return ConfigResult{}, errNoRules
}

// RemoveRule implements Rules.
func (noRules) RemoveRule(context.Context, Author, string, ChangeTerms) (ConfigResult, error) {
	return ConfigResult{}, errNoRules
}
