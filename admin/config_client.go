package admin

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Config returns every property, as it is in force.
func (c *Client) Config(ctx context.Context) (*PropertyList, error) {
	var out PropertyList
	return &out, c.do(ctx, http.MethodGet, "config", nil, &out)
}

// ExplainConfig returns all that is known of a property, "server.Name".
func (c *Client) ExplainConfig(ctx context.Context, property string) (*Explanation, error) {
	var out Explanation
	return &out, c.do(ctx, http.MethodGet, "config/explain/"+url.PathEscape(property), nil, &out)
}

// ChangeConfig changes properties: all of them, or none.
func (c *Client) ChangeConfig(ctx context.Context, change ConfigChange) (*ConfigResult, error) {
	var out ConfigResult
	return &out, c.do(ctx, http.MethodPatch, "config", change, &out)
}

// WhatIf tells whom a change would shut out, from the sessions seen.
func (c *Client) WhatIf(ctx context.Context, trial Trial) (*WhatIf, error) {
	var out WhatIf
	return &out, c.do(ctx, http.MethodPost, "config/what-if", trial, &out)
}

// ImportConfig takes in what files of another system say.
func (c *Client) ImportConfig(ctx context.Context, in ConfigImport) (*ImportResult, error) {
	var out ImportResult
	return &out, c.do(ctx, http.MethodPost, "config/import", in, &out)
}

// RollbackConfig goes back to an earlier revision.
func (c *Client) RollbackConfig(ctx context.Context, to ConfigRollback) (*ConfigResult, error) {
	var out ConfigResult
	return &out, c.do(ctx, http.MethodPost, "config/rollback", to, &out)
}

// ConfirmConfig keeps what would go back unless it is confirmed.
func (c *Client) ConfirmConfig(ctx context.Context, confirmation ConfigConfirmation) (*Revision, error) {
	var out Revision
	return &out, c.do(ctx, http.MethodPost, "config/confirm", confirmation, &out)
}

// ConfigHistory returns up to limit revisions below the number before, the
// latest first; 0 is above all.
func (c *Client) ConfigHistory(ctx context.Context, before uint64, limit int) (*History, error) {
	var out History
	return &out, c.do(ctx, http.MethodGet, fmt.Sprintf("config/history?Before=%d&Limit=%d", before, limit), nil, &out)
}

// ConfigRevision returns what the store said at a revision.
func (c *Client) ConfigRevision(ctx context.Context, number uint64) (*RevisionValues, error) {
	var out RevisionValues
	return &out, c.do(ctx, http.MethodGet, fmt.Sprintf("config/revisions/%d", number), nil, &out)
}
