package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// kind is how the values of a key are written. What Windows prints is what
// format returns; parse takes it without regard to case.
type kind[T any] struct {
	parse   func(text string) (T, bool)
	format  func(T) string
	allowed []string // what to tell who wrote something else
}

// boolean is a kind of two words.
func boolean() kind[bool] {
	return kind[bool]{
		parse:   ParseBool,
		format:  formatBool,
		allowed: []string{"True", "False"},
	}
}

// ParseBool reads True and False as Windows' tools do: also as 1 and 0, and
// with PowerShell's dollar sign.
func ParseBool(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "$true", "1":
		return true, true
	case "false", "$false", "0":
		return false, true
	}
	return false, false
}

func formatBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// number is a kind of the numbers from lowest to highest.
func number(lowest, highest uint32) kind[uint32] {
	return kind[uint32]{
		parse: func(text string) (uint32, bool) {
			n, err := strconv.ParseUint(text, 10, 32)
			return uint32(n), err == nil && uint32(n) >= lowest && uint32(n) <= highest
		},
		format:  func(n uint32) string { return strconv.FormatUint(uint64(n), 10) },
		allowed: []string{fmt.Sprintf("%d to %d", lowest, highest)},
	}
}

// word is a value and how Windows calls it.
type word[T comparable] struct {
	value T
	name  string
}

// oneOf is a kind of a few values that have names.
func oneOf[T comparable](words []word[T]) kind[T] {
	return kind[T]{
		parse:   func(text string) (T, bool) { return parseWord(words, text) },
		format:  func(v T) string { return formatWord(words, v) },
		allowed: namesOf(words),
	}
}

// listOf is a kind of lists of such values, none of them twice, at least one.
func listOf[T comparable](words []word[T]) kind[[]T] {
	return kind[[]T]{
		parse: func(text string) (list []T, ok bool) {
			for name := range strings.SplitSeq(text, ",") {
				v, ok := parseWord(words, strings.TrimSpace(name))
				if !ok || slices.Contains(list, v) {
					return nil, false
				}
				list = append(list, v)
			}
			return list, true
		},
		format: func(list []T) string {
			names := make([]string, len(list))
			for i, v := range list {
				names[i] = formatWord(words, v)
			}
			return strings.Join(names, ", ")
		},
		allowed: namesOf(words),
	}
}

func parseWord[T comparable](words []word[T], text string) (value T, ok bool) {
	for _, w := range words {
		if strings.EqualFold(w.name, text) {
			return w.value, true
		}
	}
	return value, false
}

func formatWord[T comparable](words []word[T], v T) string {
	for _, w := range words {
		if w.value == v {
			return w.name
		}
	}
	return fmt.Sprint(v)
}

func namesOf[T comparable](words []word[T]) []string {
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = w.name
	}
	return names
}
