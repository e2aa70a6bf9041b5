package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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

// onlyFalse is a kind of booleans that cannot be True.
func onlyFalse() kind[bool] {
	return kind[bool]{
		parse:   func(text string) (value, ok bool) { value, ok = ParseBool(text); return value, ok && !value },
		format:  formatBool,
		allowed: []string{"False"},
	}
}

// number is a kind of the numbers from lowest to highest.
func number(lowest, highest uint32) kind[uint32] { return numbers[uint32](lowest, highest) }

// numbers is number for either size.
func numbers[T uint32 | uint64](lowest, highest T) kind[T] {
	return kind[T]{
		parse: func(text string) (T, bool) {
			n, err := strconv.ParseUint(text, 10, 64)
			return T(n), err == nil && n >= uint64(lowest) && n <= uint64(highest)
		},
		format:  func(n T) string { return strconv.FormatUint(uint64(n), 10) },
		allowed: []string{fmt.Sprintf("%d to %d", lowest, highest)},
	}
}

// steps is a kind of the multiples of step from 0 to highest.
func steps(highest, step uint32) kind[uint32] {
	k := number(0, highest)
	within := k.parse
	k.parse = func(text string) (uint32, bool) {
		n, ok := within(text)
		return n, ok && n%step == 0
	}
	k.allowed = []string{fmt.Sprintf("0 to %d in steps of %d", highest, step)}
	return k
}

// sentence is a kind of lines of text of at most the given number of bytes.
func sentence(longest int) kind[string] {
	return kind[string]{
		parse: func(text string) (string, bool) {
			return text, len(text) <= longest && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
		},
		format:  func(text string) string { return text },
		allowed: []string{fmt.Sprintf("a line of at most %d bytes", longest)},
	}
}

// Bounds of a property that lists names.
const (
	maxNames     = 256
	maxNameBytes = 255
)

// names is a kind of lists of names: none, or some with commas or blanks
// between them, none twice without regard to case.
func names() kind[[]string] {
	return kind[[]string]{
		parse: func(text string) (list []string, ok bool) {
			for name := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
				twice := slices.ContainsFunc(list, func(other string) bool { return strings.EqualFold(other, name) })
				if twice || len(list) == maxNames || len(name) > maxNameBytes || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
					return nil, false
				}
				list = append(list, name)
			}
			return list, true
		},
		format:  func(list []string) string { return strings.Join(list, ", ") },
		allowed: []string{"names with commas between them, none twice"},
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
