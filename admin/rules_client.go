package admin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// Rules returns the rules, the most specific first.
func (c *Client) Rules(ctx context.Context) (*RuleList, error) {
	var out RuleList
	return &out, c.do(ctx, http.MethodGet, "rules", nil, &out)
}

// AddRule adds a rule to the store.
func (c *Client) AddRule(ctx context.Context, rule RuleAddition) (*ConfigResult, error) {
	var out ConfigResult
	return &out, c.do(ctx, http.MethodPost, "rules", rule, &out)
}

// SetRule replaces a stored rule.
func (c *Client) SetRule(ctx context.Context, name string, rule RuleChange) (*ConfigResult, error) {
	var out ConfigResult
	return &out, c.do(ctx, http.MethodPut, "rules/"+url.PathEscape(name), rule, &out)
}

// RemoveRule removes a stored rule.
func (c *Client) RemoveRule(ctx context.Context, name string, terms ChangeTerms) (*ConfigResult, error) {
	query := url.Values{}
	if terms.Reason != "" {
		query.Set("Reason", terms.Reason)
	}
	if terms.IfRevision != nil {
		query.Set("IfRevision", strconv.FormatUint(*terms.IfRevision, 10))
	}
	if terms.Now {
		query.Set("Now", "true")
	}
	if terms.DryRun {
		query.Set("DryRun", "true")
	}
	var out ConfigResult
	return &out, c.do(ctx, http.MethodDelete, "rules/"+url.PathEscape(name)+"?"+query.Encode(), nil, &out)
}
