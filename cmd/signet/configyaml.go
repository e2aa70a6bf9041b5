package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/signet-smb/signet/policy"
)

// parseYAML returns the one document in data; nil if it is empty.
//
// The library has been seen to panic on texts that are no YAML. A server that
// reads its file again must live through that.
func parseYAML(data []byte) (body ast.Node, err error) {
	defer survive(&err)
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, plain(err)
	}
	switch len(file.Docs) {
	case 0:
		return nil, nil
	case 1:
		return file.Docs[0].Body, nil
	}
	return nil, errors.New("there is a second document in it")
}

// survive turns a panic into an error.
func survive(err *error) {
	if p := recover(); p != nil {
		*err = errors.New("this is no YAML")
	}
}

// plain takes the place and the message out of an error of the library, which
// would draw the text around it.
func plain(err error) error {
	at, ok := errors.AsType[interface {
		error
		GetToken() *token.Token
		GetMessage() string
	}](err)
	if !ok {
		text, _, _ := strings.Cut(err.Error(), "\n")
		return errors.New(text)
	}
	text, _, _ := strings.Cut(at.GetMessage(), "\n")
	return atToken(at.GetToken(), errors.New(text))
}

// lineError is a mistake in a line of the file.
type lineError struct {
	line int // from 1
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }

func (e *lineError) Unwrap() error { return e.err }

// atToken says where in the file err is, unless err says so already.
func atToken(t *token.Token, err error) error {
	if _, ok := errors.AsType[*lineError](err); ok || t == nil || t.Position == nil {
		return err
	}
	return &lineError{t.Position.Line, err}
}

// within says what err is about; the line stays in front.
func within(what string, err error) error {
	if at, ok := errors.AsType[*lineError](err); ok {
		return &lineError{at.line, fmt.Errorf("%s: %w", what, at.err)}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// property is one that a mapping may have.
type property[T any] struct {
	name string
	read func(into *T, value ast.Node) error
}

// readMapping reads the properties of a mapping. One that is not among them is
// refused: it might have been meant to protect something.
func readMapping[T any](n ast.Node, into *T, properties []property[T]) error {
	return eachEntry(n, func(key string, value ast.Node) error {
		names := make([]string, len(properties))
		for i, p := range properties {
			if strings.EqualFold(p.name, key) {
				if err := p.read(into, value); err != nil {
					return within(p.name, err)
				}
				return nil
			}
			names[i] = p.name
		}
		return fmt.Errorf("%q is no property; there are %s", key, strings.Join(names, ", "))
	})
}

// eachEntry calls f for every entry of a mapping; null has none. Keys differ in
// more than case.
func eachEntry(n ast.Node, f func(key string, value ast.Node) error) error {
	if n == nil || n.Type() == ast.NullType {
		return nil
	}
	mapping, ok := n.(ast.MapNode)
	if !ok || n.Type() == ast.AnchorType || n.Type() == ast.AliasType || n.Type() == ast.TagType {
		return atToken(n.GetToken(), errors.New("properties are wanted here, Name: value"))
	}
	seen := make(map[string]bool)
	for entries := mapping.MapRange(); entries.Next(); {
		key, err := scalar(entries.Key())
		if err == nil && seen[strings.ToLower(key)] {
			err = fmt.Errorf("%q was there before", key)
		}
		if err == nil {
			err = f(key, entries.Value())
		}
		if err != nil {
			return atToken(entries.Key().GetToken(), err)
		}
		seen[strings.ToLower(key)] = true
	}
	return nil
}

// eachItem calls f for every item of a list; null has none.
func eachItem(n ast.Node, f func(item ast.Node) error) error {
	if n.Type() == ast.NullType {
		return nil
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		return atToken(n.GetToken(), errors.New("a list is wanted here, [a, b]"))
	}
	for _, item := range list.Values {
		if err := f(item); err != nil {
			return atToken(item.GetToken(), err)
		}
	}
	return nil
}

// scalar returns the text of a single value. Anchors, aliases and tags are not
// taken: they would make a file of few lines mean much.
func scalar(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, nil
	}
	return "", errors.New("a single value is wanted here")
}

// textsOf returns the texts of a list, which may be empty but not null: a list
// whose items were all commented out is a mistake to ask about.
func textsOf(n ast.Node) ([]string, error) {
	if n.Type() == ast.NullType {
		return nil, errors.New("nothing is said here: [] is an empty list")
	}
	all := []string{}
	err := eachItem(n, func(item ast.Node) error {
		text, err := scalar(item)
		all = append(all, text)
		return err
	})
	return all, err
}

// boolean returns True or False, in any spelling of Windows' tools.
func boolean(n ast.Node) (bool, error) {
	text, err := scalar(n)
	if err != nil {
		return false, err
	}
	value, ok := policy.ParseBool(text)
	if !ok {
		return false, fmt.Errorf("%q is neither True nor False", text)
	}
	return value, nil
}
