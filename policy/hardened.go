package policy

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// HardenedPath is what the client demands of shares whose UNC path matches a
// pattern: Windows' UNC hardening.
type HardenedPath struct {
	Server string // "*" is every server
	Share  string // "*" is every share

	MutualAuthentication bool // the server proves who it is: Kerberos
	Integrity            bool // messages are signed or encrypted
	Privacy              bool // messages are encrypted
}

// Matches reports whether the share of the server is meant. Names are compared
// without regard to case.
func (h HardenedPath) Matches(server, share string) bool {
	return matchesName(h.Server, server) && matchesName(h.Share, share)
}

func matchesName(pattern, name string) bool {
	return pattern == "*" || strings.EqualFold(pattern, name)
}

// Hardened is all that list demands of a share of a server.
func Hardened(list []HardenedPath, server, share string) HardenedPath {
	all := HardenedPath{Server: server, Share: share}
	for _, h := range list {
		if h.Matches(server, share) {
			all = all.and(h)
		}
	}
	return all
}

// and is what h and other demand together, of what h is about.
func (h HardenedPath) and(other HardenedPath) HardenedPath {
	h.MutualAuthentication = h.MutualAuthentication || other.MutualAuthentication
	h.Integrity = h.Integrity || other.Integrity
	h.Privacy = h.Privacy || other.Privacy
	return h
}

// HardensLess reports whether after does not demand of some pattern what before
// does.
func HardensLess(before, after []HardenedPath) bool {
	return slices.ContainsFunc(before, func(h HardenedPath) bool {
		all := HardenedPath{Server: h.Server, Share: h.Share}
		for _, other := range after {
			// A pattern that is wider demands it, too.
			if matchesName(other.Server, h.Server) && matchesName(other.Share, h.Share) {
				all = all.and(other)
			}
		}
		return all != all.and(h)
	})
}

// demand is what a pattern may demand, in the words of Windows' registry.
type demand struct {
	name string
	of   func(*HardenedPath) *bool
}

// demands is the table of all there are.
var demands = []demand{
	{"RequireMutualAuthentication", func(h *HardenedPath) *bool { return &h.MutualAuthentication }},
	{"RequireIntegrity", func(h *HardenedPath) *bool { return &h.Integrity }},
	{"RequirePrivacy", func(h *HardenedPath) *bool { return &h.Privacy }},
}

// hardenedPaths is a kind of lists of patterns with their demands, none twice.
func hardenedPaths() kind[[]HardenedPath] {
	return kind[[]HardenedPath]{
		parse: parseHardenedPaths,
		format: func(list []HardenedPath) string {
			texts := make([]string, len(list))
			for i, h := range list {
				texts[i] = h.String()
			}
			return strings.Join(texts, "; ")
		},
		allowed: []string{`\\SERVER\SHARE=RequireMutualAuthentication, RequireIntegrity, RequirePrivacy with semicolons between them; * is every server or share`},
	}
}

// String writes the pattern and its demands as Windows' registry has them, but
// for the "=1".
func (h HardenedPath) String() string {
	var words []string
	for _, d := range demands {
		if *d.of(&h) {
			words = append(words, d.name)
		}
	}
	return `\\` + h.Server + `\` + h.Share + "=" + strings.Join(words, ", ")
}

func parseHardenedPaths(text string) (list []HardenedPath, ok bool) {
	for entry := range strings.SplitSeq(text, ";") {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		h, ok := parseHardenedPath(strings.TrimSpace(entry))
		twice := slices.ContainsFunc(list, func(o HardenedPath) bool {
			return strings.EqualFold(o.Server, h.Server) && strings.EqualFold(o.Share, h.Share)
		})
		if !ok || twice || len(list) == maxNames {
			return nil, false
		}
		list = append(list, h)
	}
	return list, true
}

// parseHardenedPath reads one pattern. A demand may be followed by =1 or =0, as
// in Windows' registry.
func parseHardenedPath(text string) (h HardenedPath, ok bool) {
	path, rest, ok := strings.Cut(text, "=")
	path, unc := strings.CutPrefix(strings.TrimSpace(path), `\\`)
	h.Server, h.Share, _ = strings.Cut(path, `\`)
	if !ok || !unc || !patternName(h.Server) || !patternName(h.Share) {
		return h, false
	}
	if strings.TrimSpace(rest) == "" {
		return h, true // demands nothing, where another pattern of that path did
	}
	for word := range strings.SplitSeq(rest, ",") {
		name, value, given := strings.Cut(strings.TrimSpace(word), "=")
		on := true
		if given {
			if on, ok = ParseBool(strings.TrimSpace(value)); !ok {
				return h, false
			}
		}
		i := slices.IndexFunc(demands, func(d demand) bool { return strings.EqualFold(d.name, strings.TrimSpace(name)) })
		if i < 0 {
			return h, false
		}
		*demands[i].of(&h) = on
	}
	return h, true
}

// patternName reports whether s is * or can be the name of a server or share.
func patternName(s string) bool {
	return s != "" && len(s) <= maxNameBytes && utf8.ValidString(s) && (s == "*" || !strings.ContainsAny(s, `*\/,;=`)) && !strings.ContainsFunc(s, unicode.IsControl)
}
