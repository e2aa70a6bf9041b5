package statedir

import (
	"fmt"
	"os"
	"path/filepath"
)

// systemDir is where root keeps its state unless told otherwise.
const systemDir = "/var/lib/signet"

// Default returns the absolute path of the state directory of the user running
// this process: /var/lib/signet for root, else $XDG_STATE_HOME/signet or
// ~/.local/state/signet. It does not touch the file system.
func Default() (string, error) {
	if os.Geteuid() == 0 {
		return systemDir, nil
	}
	// The base directory specification: a relative value is to be ignored.
	if base := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "signet"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		return "", fmt.Errorf("no home directory to keep state in: name one with --state")
	}
	return filepath.Join(home, ".local", "state", "signet"), nil
}
