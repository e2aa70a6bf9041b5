package admin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// registerConfig is the part of the table that is about the configuration.
func registerConfig(api huma.API, h *handlers) {
	const path = "/api/v1/config"
	huma.Register(api, operation(Viewer, "get-config", http.MethodGet, path, "The properties, as they are in force"), h.getConfig)
	huma.Register(api, operation(Administrator, "change-config", http.MethodPatch, path, "Change properties, all of them or none; what lowers protection needs a reason"), h.changeConfig)
	takeIn := operation(Administrator, "import-config", http.MethodPost, path+"/import", "Take in what files of another system say: values, group policy, shares; all of it or nothing")
	takeIn.MaxBodyBytes = maxImportBytes
	huma.Register(api, takeIn, h.importConfig)
	huma.Register(api, operation(Viewer, "explain-config", http.MethodGet, path+"/explain/{property}", "All that is known of one property"), h.explainConfig)
	huma.Register(api, operation(Viewer, "list-revisions", http.MethodGet, path+"/history", "Who changed what, when and why"), h.listRevisions)
	huma.Register(api, operation(Viewer, "get-revision", http.MethodGet, path+"/revisions/{number}", "What the store said at a revision"), h.getRevision)
	huma.Register(api, operation(Administrator, "roll-back-config", http.MethodPost, path+"/rollback", "Go back to an earlier revision, by a new one"), h.rollbackConfig)
	huma.Register(api, operation(Administrator, "confirm-config", http.MethodPost, path+"/confirm", "Keep what would go back unless it is confirmed"), h.confirmConfig)
}

// configOutput is what huma takes for the reply of GET /api/v1/config.
type configOutput struct{ Body PropertyList }

// explanationOutput is what huma takes for the reply about one property.
type explanationOutput struct{ Body Explanation }

// configResultOutput is what huma takes for the reply to a change.
type configResultOutput struct{ Body ConfigResult }

// revisionOutput is what huma takes for the reply to a confirmation.
type revisionOutput struct{ Body Revision }

// historyOutput is what huma takes for the reply of GET
// /api/v1/config/history.
type historyOutput struct{ Body History }

// revisionValuesOutput is what huma takes for the reply of GET
// /api/v1/config/revisions/{number}.
type revisionValuesOutput struct{ Body RevisionValues }

// changeConfigInput is the request of PATCH /api/v1/config.
type changeConfigInput struct{ Body ConfigChange }

// rollbackInput is the request of POST /api/v1/config/rollback.
type rollbackInput struct{ Body ConfigRollback }

// confirmInput is the request of POST /api/v1/config/confirm.
type confirmInput struct{ Body ConfigConfirmation }

// explainInput is a request about one property.
type explainInput struct {
	Property string `path:"property" minLength:"1" maxLength:"256" doc:"server.Name or client.Name"`
}

// historyInput is the request of GET /api/v1/config/history.
type historyInput struct {
	Before uint64 `query:"Before" doc:"only revisions below this number; 0: all"`
	Limit  int    `query:"Limit" minimum:"1" maximum:"1000" default:"100"`
}

// revisionInput is the request of GET /api/v1/config/revisions/{number}.
type revisionInput struct {
	Number uint64 `path:"number"`
}

func (h *handlers) getConfig(ctx context.Context, _ *struct{}) (*configOutput, error) {
	c, err := h.config.Properties(ctx)
	c.Properties = append([]Property{}, c.Properties...)
	return &configOutput{Body: c}, h.configError(ctx, err)
}

func (h *handlers) explainConfig(ctx context.Context, in *explainInput) (*explanationOutput, error) {
	e, err := h.config.Explain(ctx, in.Property)
	e.Allowed, e.Layers = append([]string{}, e.Allowed...), append([]LayerValue{}, e.Layers...)
	return &explanationOutput{Body: e}, h.configError(ctx, err)
}

func (h *handlers) changeConfig(ctx context.Context, in *changeConfigInput) (*configResultOutput, error) {
	res, err := h.config.Change(ctx, h.authorOf(ctx), in.Body)
	return h.configChanged(ctx, res, err)
}

func (h *handlers) rollbackConfig(ctx context.Context, in *rollbackInput) (*configResultOutput, error) {
	res, err := h.config.Rollback(ctx, h.authorOf(ctx), in.Body)
	return h.configChanged(ctx, res, err)
}

func (h *handlers) configChanged(ctx context.Context, res ConfigResult, err error) (*configResultOutput, error) {
	res.Effects, res.Sessions = append([]ConfigEffect{}, res.Effects...), append([]SessionID{}, res.Sessions...)
	return &configResultOutput{Body: res}, h.configError(ctx, err)
}

func (h *handlers) confirmConfig(ctx context.Context, in *confirmInput) (*revisionOutput, error) {
	r, err := h.config.Confirm(ctx, h.authorOf(ctx), in.Body)
	return &revisionOutput{Body: r.withoutNull()}, h.configError(ctx, err)
}

func (h *handlers) listRevisions(ctx context.Context, in *historyInput) (*historyOutput, error) {
	list, err := h.config.History(ctx, in.Before, in.Limit)
	out := History{Revisions: make([]Revision, len(list))}
	for i, r := range list {
		out.Revisions[i] = r.withoutNull()
	}
	return &historyOutput{Body: out}, h.configError(ctx, err)
}

func (h *handlers) getRevision(ctx context.Context, in *revisionInput) (*revisionValuesOutput, error) {
	v, err := h.config.ValuesAt(ctx, in.Number)
	return &revisionValuesOutput{Body: v}, h.configError(ctx, err)
}

// withoutNull makes the list of changes [] in JSON if it is empty.
func (r Revision) withoutNull() Revision {
	r.Changes = append([]RevisionChange{}, r.Changes...)
	return r
}

// authorOf returns who asks, and what that is.
func (h *handlers) authorOf(ctx context.Context) Author {
	caller, _ := callerOf(ctx)
	return Author{Caller: caller, Administrator: h.roleOf(caller) >= Administrator, Stale: caller.signIn != nil && !caller.signIn.fresh(time.Now())}
}

// configError makes the answer to an error of the configuration; nil for none.
func (h *handlers) configError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if refused, ok := errors.AsType[*Error](err); ok {
		if refused.Status == http.StatusForbidden {
			h.refused(ctx, "configuration", refused.Message)
		}
		return refused
	}
	return h.fail(ctx, "configuration", err)
}
