package server

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// linkSpeed is the speed of the interface called name in bits per second. Linux
// tells; elsewhere there is no such file.
func linkSpeed(name string) uint64 { return readLinkSpeed("/sys/class/net", name) }

// readLinkSpeed reads the speed of an interface under dir. The kernel gives
// Mbit/s, and -1 or an error where it does not know, as for loopback.
func readLinkSpeed(dir, name string) uint64 {
	text, err := os.ReadFile(filepath.Join(dir, filepath.Base(name), "speed"))
	if err != nil {
		return defaultLinkSpeed
	}
	megabits, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 32)
	if err != nil || megabits == 0 || megabits >= 1<<31 {
		return defaultLinkSpeed
	}
	return megabits * 1_000_000
}
