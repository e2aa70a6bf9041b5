package gpo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/signet-smb/signet/policy"
)

// hardenedPath makes one pattern of client.HardenedPaths of a value: its name is
// the path, its data are the demands, "RequireIntegrity=1, RequirePrivacy=0".
var hardenedPath = &conversion{parseHardenedPath, formatText}

func parseHardenedPath(v *value) (string, error) {
	demands, err := v.sentence()
	if err != nil {
		return "", err
	}
	// A semicolon would begin a pattern that is not the value's.
	if strings.ContainsAny(v.name, ";=") || strings.Contains(demands, ";") {
		return "", fmt.Errorf("holds a semicolon or an equals sign where there can be none")
	}
	return v.name + "=" + demands, nil
}

// hardened makes one setting of all patterns of an object. They come to those of
// the default, as on Windows: one with the same path counts instead.
//
// Deviation: of several objects the paths of the last one count; Windows puts
// them together.
func hardened(values []*value) (Setting, error) {
	var texts, said []string
	for _, h := range policy.Get(policy.Default(), policy.HardenedPaths) {
		texts = append(texts, h.String())
	}
	for _, v := range values {
		s, err := rowOf(v).setting(v)
		if err != nil {
			return Setting{}, err
		}
		pattern, _, _ := strings.Cut(s.Text, "=")
		at := slices.IndexFunc(texts, func(other string) bool {
			path, _, _ := strings.Cut(other, "=")
			return strings.EqualFold(path, pattern)
		})
		if at >= 0 {
			texts[at] = s.Text
		} else {
			texts = append(texts, s.Text)
		}
		said = append(said, v.name+": "+v.show())
	}
	definition, err := policy.Find(policy.HardenedPaths.Name)
	if err != nil {
		return Setting{}, err
	}
	first, what := values[0], values[0].path()
	if len(values) > 1 {
		what = first.key + `\` + anyName
	}
	parsed, err := definition.Parse(strings.Join(texts, "; "))
	if err != nil { // there are too many
		return Setting{}, &ValueError{Value: what, Where: first.where(), Err: err}
	}
	return Setting{Property: definition.Name, Text: definition.Format(parsed), Value: what, Said: strings.Join(said, "; "), File: first.file}, nil
}
