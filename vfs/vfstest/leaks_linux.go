package vfstest

import (
	"os"
	"slices"
	"strings"
)

// descriptors returns what the open descriptors of the process lead to, as far
// as it is files: the runtime opens and closes others as it likes.
func descriptors() []string {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	var open []string
	for _, e := range entries {
		target, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && strings.HasPrefix(target, "/") && !strings.HasPrefix(target, "/proc/") {
			open = append(open, target)
		}
	}
	slices.Sort(open)
	return open
}
