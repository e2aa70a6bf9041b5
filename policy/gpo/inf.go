package gpo

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// template is what a GptTmpl.inf says. [MS-GPSB] 2.2.
type template struct {
	values []*value       // of [Registry Values], in their order
	others map[string]int // how many lines the other sections have

	byPath map[string]*value // of values, by the path in lower case
}

// machineRoot is what the names of the machine's values begin with.
// [MS-GPSB] 2.2.5.
const machineRoot = `MACHINE\`

// preamble are the sections that say nothing of settings.
var preamble = map[string]bool{"unicode": true, "version": true}

// decodeInf reads a security template. Lines of sections that are not
// [Registry Values] are counted only.
func decodeInf(b []byte, file string) (*template, error) {
	text, err := decodeText(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	t := &template{others: make(map[string]int), byPath: make(map[string]*value)}
	section, signed, number := "", false, 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, ";") {
			continue
		}
		err := error(nil)
		switch {
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			section = strings.TrimSpace(line[1 : len(line)-1])
		case section == "":
			err = errors.New("it is in no section")
		case strings.EqualFold(section, "Registry Values"):
			err = t.add(line, file, number)
		case strings.EqualFold(section, "Version"):
			signed = signed || isSignature(line)
		case !preamble[strings.ToLower(section)]:
			if t.others[section]++; len(t.others) > maxValues {
				err = errors.New("there are too many sections")
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", file, number, err)
		}
	}
	if !signed {
		return nil, fmt.Errorf("%s: it is no security template: [Version] does not say signature=\"$CHICAGO$\"", file)
	}
	return t, nil
}

// notes says which sections were not read.
func (t *template) notes(file string) []Note {
	var list []Note
	for _, section := range slices.Sorted(maps.Keys(t.others)) {
		list = append(list, Note{
			Outcome: NotRead, What: "[" + section + "]", Value: fmt.Sprintf("%d lines", t.others[section]), File: file,
			Reason: "it is about Windows, not about SMB",
		})
	}
	return list
}

func isSignature(line string) bool {
	name, value, _ := strings.Cut(line, "=")
	return strings.EqualFold(strings.TrimSpace(name), "signature") && strings.EqualFold(unquote(value), "$CHICAGO$")
}

// add reads a line of [Registry Values]: MACHINE\Key\Name=Type,Value.
func (t *template) add(line, file string, number int) error {
	if len(t.values) == maxValues {
		return fmt.Errorf("there are more than %d values", maxValues)
	}
	path, said, ok := cutAssignment(line)
	if !ok || len(path) > maxNameUnits {
		return errors.New(`it is no MACHINE\Key\Name=Type,Value`)
	}
	kind, data, ok := strings.Cut(said, ",")
	n, err := strconv.ParseUint(strings.TrimSpace(kind), 10, 8)
	if !ok || err != nil {
		return errors.New("the type and the value are not there: Type,Value")
	}
	if len(data) > maxDataBytes {
		return fmt.Errorf("the value is longer than %d bytes", maxDataBytes)
	}
	v := &value{kind: valueType(n), text: strings.TrimSpace(data), inf: true, file: file, line: number}
	i := strings.LastIndex(path, `\`)
	if i < 0 {
		return errors.New(`it is no MACHINE\Key\Name=Type,Value`)
	}
	v.key, v.name = path[:i], path[i+1:]
	if len(v.key) >= len(machineRoot) && strings.EqualFold(v.key[:len(machineRoot)], machineRoot) {
		v.key = v.key[len(machineRoot):]
	}
	folded := strings.ToLower(v.path())
	if other := t.byPath[folded]; other != nil {
		if !other.same(v) {
			return fmt.Errorf("%s is there before, with another value, in line %d", v.path(), other.line)
		}
		return nil
	}
	t.byPath[folded] = v
	t.values = append(t.values, v)
	return nil
}

// cutAssignment splits a line at the equals sign behind the name, which may be
// quoted.
func cutAssignment(line string) (name, said string, ok bool) {
	if rest, quoted := strings.CutPrefix(line, `"`); quoted {
		name, said, ok = strings.Cut(rest, `"`)
		if !ok {
			return "", "", false
		}
		said, ok = strings.CutPrefix(strings.TrimSpace(said), "=")
		return name, said, ok
	}
	name, said, ok = strings.Cut(line, "=")
	return strings.TrimSpace(name), said, ok
}
