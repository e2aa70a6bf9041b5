package transfer

import (
	"path"
	"strings"
)

// Patterns are names that a transfer leaves alone, of *, ? and [] as
// [path.Match] has them. One with a slash in it is compared with the path below
// the directory that is copied, any other with the last component; one that
// ends in a slash stands for directories only.
type Patterns []string

// Check returns the first pattern that is none.
func (p Patterns) Check() error {
	for _, pattern := range p {
		if _, err := path.Match(strings.Trim(pattern, "/"), ""); err != nil {
			return err
		}
	}
	return nil
}

// Match reports whether a file or directory is left alone.
func (p Patterns) Match(name string, dir bool) bool {
	for _, pattern := range p {
		rest, onlyDirs := strings.CutSuffix(pattern, "/")
		if onlyDirs && !dir {
			continue
		}
		against := name
		if !strings.Contains(rest, "/") {
			_, against = split(name)
		}
		if ok, _ := path.Match(strings.TrimPrefix(rest, "/"), against); ok {
			return true
		}
	}
	return false
}
