package policy

import (
	"fmt"
	"strings"
)

// PropertyError is the refusal of a property or of its value.
type PropertyError struct {
	Property string   // "server.EncryptData", as it is spelled if there is one
	Problem  string   // what is wrong with it
	Allowed  []string // the values, or the properties, that there are; nil if that does not help
}

func (e *PropertyError) Error() string {
	text := e.Property + " " + e.Problem
	if len(e.Allowed) > 0 {
		text += "; there are " + strings.Join(e.Allowed, ", ")
	}
	return text
}

// Find returns the definition of the property called name, "server.Name" or
// "client.Name" without regard to case. The error is a *[PropertyError].
func Find(name string) (Definition, error) {
	for _, d := range definitions {
		if strings.EqualFold(d.Name, name) {
			return d, nil
		}
	}
	e := &PropertyError{Property: name, Problem: "is no property"}
	for _, d := range definitions {
		if isNear(strings.ToLower(d.Name), strings.ToLower(name)) {
			e.Allowed = append(e.Allowed, d.Name)
		}
	}
	return Definition{}, e
}

// farthest is how many letters may be wrong in a name for it to be near
// another.
const farthest = 3

// isNear reports whether a and b differ in few letters, or b is where a begins,
// or all of a's name but the side.
func isNear(a, b string) bool {
	if _, bare, _ := strings.Cut(a, "."); bare == b || b != "" && strings.HasPrefix(a, b) && !strings.HasSuffix(b, ".") {
		return true
	}
	if len(b) > 2*len(a) || len(a) > 2*len(b) {
		return false
	}
	// Levenshtein's distance, one row at a time.
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)] <= farthest
}

// Parse reads a value of the property. The error is a *[PropertyError].
func (d Definition) Parse(text string) (any, error) {
	if value, ok := d.parse(text); ok {
		return value, nil
	}
	return nil, &PropertyError{Property: d.Name, Problem: fmt.Sprintf("cannot be %q", text), Allowed: d.Allowed}
}
