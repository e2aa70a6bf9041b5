package gpo

import (
	"fmt"
	"strconv"
	"strings"
)

// conversion makes of a registry value the text that a property is set to, and
// back.
type conversion struct {
	// parse says with its error what is wrong with the value, without naming it.
	parse func(v *value) (string, error)
	// format takes what the property prints as its value.
	format func(text string) datum
}

// datum is what a registry value holds: which of it counts, its type says.
type datum struct {
	number uint32
	text   string
	list   []string
}

// The conversions.
var (
	boolean      = &conversion{parseBoolean, formatBoolean}
	inverse      = &conversion{parseInverse, formatInverse}
	decimal      = &conversion{parseDecimal, formatDecimal}
	dialect      = &conversion{parseDialect, formatDialect}
	idleMinutes  = &conversion{parseIdleMinutes, formatIdleMinutes}
	restrictNTLM = &conversion{parseRestrictNTLM, formatRestrictNTLM}
	names        = &conversion{parseNames, formatNames}
	text         = &conversion{parseText, formatText}
)

// parseBoolean takes 0 and 1, as Windows' own tools write them.
func parseBoolean(v *value) (string, error) {
	n, err := v.number()
	switch {
	case err != nil:
		return "", err
	case n > 1:
		return "", fmt.Errorf("is %d, 0 or 1 is wanted", n)
	}
	return strconv.FormatUint(uint64(n), 10), nil
}

// parseInverse is parseBoolean of a value that says "disable" where the property says
// "enable".
func parseInverse(v *value) (string, error) {
	on, err := parseBoolean(v)
	if err != nil {
		return "", err
	}
	if on == "1" {
		return "0", nil
	}
	return "1", nil
}

// parseDecimal takes a number as it is.
func parseDecimal(v *value) (string, error) {
	n, err := v.number()
	return strconv.FormatUint(uint64(n), 10), err
}

// dialectWords are the property's words for dialects.
var dialectWords = map[uint32]string{0: "None", 0x0202: "SMB202", 0x0210: "SMB210", 0x0300: "SMB300", 0x0302: "SMB302", 0x0311: "SMB311"}

// parseDialect takes the number of a dialect revision. [MS-SMB2] 2.2.3.
func parseDialect(v *value) (string, error) {
	n, err := v.number()
	if err != nil {
		return "", err
	}
	word, ok := dialectWords[n]
	if !ok {
		return "", fmt.Errorf("is %d, which is no dialect: 514, 528, 768, 770 or 785 is wanted", n)
	}
	return word, nil
}

// neverIdle is what Windows' own form writes for "never".
const neverIdle = 99999

// parseIdleMinutes makes seconds of minutes. Windows' "as soon as possible", 0, is
// one second: a property of 0 would mean never.
func parseIdleMinutes(v *value) (string, error) {
	n, err := v.number()
	switch {
	case err != nil:
		return "", err
	case n == 0:
		return "1", nil
	case n >= neverIdle:
		return "0", nil
	}
	return strconv.FormatUint(uint64(n)*60, 10), nil
}

// parseRestrictNTLM takes how much NTLM is restricted: 0 not at all, 1 watched, 2
// refused.
func parseRestrictNTLM(v *value) (string, error) {
	n, err := v.number()
	switch {
	case err != nil:
		return "", err
	case n > 2:
		return "", fmt.Errorf("is %d, 0 to 2 is wanted", n)
	case n == 2:
		return "True", nil
	}
	return "False", nil
}

// parseNames takes a list of words.
func parseNames(v *value) (string, error) {
	list, err := v.list()
	if err != nil {
		return "", err
	}
	for i, name := range list {
		list[i] = strings.TrimSpace(name)
		if strings.Contains(name, ",") {
			return "", fmt.Errorf("holds %q, a name with a comma", name)
		}
	}
	return strings.Join(list, ","), nil
}

// parseText takes a string as it is.
func parseText(v *value) (string, error) { return v.sentence() }

func formatBoolean(text string) datum {
	if text == "True" {
		return datum{number: 1}
	}
	return datum{}
}

func formatInverse(text string) datum { return datum{number: 1 - formatBoolean(text).number} }

func formatDecimal(text string) datum {
	n, _ := strconv.ParseUint(text, 10, 32) // what a property prints
	return datum{number: uint32(n)}
}

func formatDialect(text string) datum {
	for n, word := range dialectWords {
		if word == text {
			return datum{number: n}
		}
	}
	return datum{}
}

// formatIdleMinutes rounds up: a server that waits longer than it says is
// better than one that waits shorter.
func formatIdleMinutes(text string) datum {
	seconds := formatDecimal(text).number
	switch {
	case seconds == 0:
		return datum{number: neverIdle}
	case seconds < 60:
		return datum{}
	}
	return datum{number: (seconds + 59) / 60}
}

func formatRestrictNTLM(text string) datum { return datum{number: 2 * formatBoolean(text).number} }

func formatNames(text string) datum {
	return datum{list: strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })}
}

func formatText(text string) datum { return datum{text: text} }
