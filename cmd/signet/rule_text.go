package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/vfs"
)

// ruleFolding compares names in rules as the server does.
var ruleFolding = policy.Folding{Share: vfs.Fold, Account: auth.Upcase}

// readRule adds the rule that the store holds as text to v.
func readRule(v *policy.Values, text string) error {
	spec, err := decodeRule(text)
	if err != nil {
		return err
	}
	return v.AddRule(spec, ruleFolding)
}

func decodeRule(text string) (spec policy.RuleSpec, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields() // it might have been meant to protect something
	return spec, d.Decode(&spec)
}

// encodeRule is the rule as the store holds it. The error is a
// *[policy.PropertyError]: it makes no sense.
func encodeRule(spec policy.RuleSpec) (string, error) {
	v := policy.NewValues(policy.Origin{Layer: policy.LayerStore})
	if err := v.AddRule(spec, ruleFolding); err != nil {
		return "", err
	}
	s, err := policy.WithRules(policy.Default(), v)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err = e.Encode(s.Rules()[0].RuleSpec)
	return strings.TrimSuffix(text.String(), "\n"), err
}

// ruleName is the name of a rule in the store's journal, without what marks it
// as one.
func ruleName(property string) string {
	return strings.TrimPrefix(property, policy.RuleProperty(""))
}

// readRules reads the rules of signet.yaml.
func readRules(c *configuration, n ast.Node) error {
	i := 0
	return eachItem(n, func(item ast.Node) error {
		i++
		var spec policy.RuleSpec
		err := readMapping(item, &spec, ruleProperties)
		if err == nil && spec.Share != "" {
			err = checkShareName(spec.Share)
		}
		if err == nil {
			err = c.properties.AddRule(spec, ruleFolding)
		}
		if err != nil {
			return within(fmt.Sprintf("rule %d, %q", i, spec.Name), err)
		}
		return nil
	})
}

// ruleProperties are what a rule in signet.yaml may have.
var ruleProperties = []property[policy.RuleSpec]{
	{"Name", ruleWord(func(s *policy.RuleSpec) *string { return &s.Name })},
	{"Share", ruleWord(func(s *policy.RuleSpec) *string { return &s.Share })},
	{"Address", ruleWord(func(s *policy.RuleSpec) *string { return &s.Address })},
	{"Account", ruleWord(func(s *policy.RuleSpec) *string { return &s.Account })},
	{"RequireSecuritySignature", ruleBoolean(func(s *policy.RuleSpec) **bool { return &s.RequireSecuritySignature })},
	{"EncryptData", ruleBoolean(func(s *policy.RuleSpec) **bool { return &s.EncryptData })},
	{"WarnUntil", ruleTime(func(s *policy.RuleSpec) **time.Time { return &s.WarnUntil })},
	{"Until", ruleTime(func(s *policy.RuleSpec) **time.Time { return &s.Until })},
	{"Reason", ruleWord(func(s *policy.RuleSpec) *string { return &s.Reason })},
}

func ruleWord(of func(*policy.RuleSpec) *string) func(*policy.RuleSpec, ast.Node) error {
	return func(s *policy.RuleSpec, n ast.Node) (err error) {
		if *of(s), err = scalar(n); err == nil && *of(s) == "" {
			err = errors.New("nothing is said here")
		}
		return err
	}
}

func ruleBoolean(of func(*policy.RuleSpec) **bool) func(*policy.RuleSpec, ast.Node) error {
	return func(s *policy.RuleSpec, n ast.Node) error {
		value, err := boolean(n)
		*of(s) = &value
		return err
	}
}

func ruleTime(of func(*policy.RuleSpec) **time.Time) func(*policy.RuleSpec, ast.Node) error {
	return func(s *policy.RuleSpec, n ast.Node) error {
		text, err := scalar(n)
		if err != nil {
			return err
		}
		t, err := parseMoment(text)
		*of(s) = &t
		return err
	}
}

// exportRules is what values hold of rules, for signet.yaml; nil: nothing.
func exportRules(values map[string]string) ([]yaml.MapSlice, error) {
	var list []yaml.MapSlice
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !policy.IsRuleProperty(name) {
			continue
		}
		spec, err := decodeRule(values[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		var rule yaml.MapSlice
		add := func(key, value string) {
			if value != "" {
				rule = append(rule, yaml.MapItem{Key: key, Value: value})
			}
		}
		add("Name", spec.Name)
		add("Share", spec.Share)
		add("Address", spec.Address)
		add("Account", spec.Account)
		add("RequireSecuritySignature", wordOf(spec.RequireSecuritySignature))
		add("EncryptData", wordOf(spec.EncryptData))
		add("WarnUntil", timeText(spec.WarnUntil))
		add("Until", timeText(spec.Until))
		add("Reason", spec.Reason)
		list = append(list, rule)
	}
	return list, nil
}

// wordOf is a boolean as Windows writes it; nil is "".
func wordOf(value *bool) string {
	switch {
	case value == nil:
		return ""
	case *value:
		return "True"
	}
	return "False"
}

// timeText is a time as RFC 3339 writes it, in UTC; nil is "".
func timeText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
