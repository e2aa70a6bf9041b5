package statedir

import (
	"os"
	"path/filepath"
)

// KeyLocation says where the key lies that seals the secrets, and how well it
// is kept apart from them.
type KeyLocation struct {
	Path string
	// Given is set if the administrator keeps the key: then it is there, and
	// is never made.
	Given bool
	// Beside is set if the key lies in the state directory itself: whoever
	// can read the one can read the other.
	Beside bool
}

// Protection is the sentence that status reports about the key.
func (k KeyLocation) Protection() string {
	if k.Beside {
		return "protected by file permissions only"
	}
	return "sealed under a key kept elsewhere"
}

// SecretsKey returns where the key of the secrets is to be found: keyFile if
// that is not empty, else $CREDENTIALS_DIRECTORY/secrets-key if systemd gave
// one, else secrets.key in the directory.
func (d *Dir) SecretsKey(keyFile string) (KeyLocation, error) {
	if keyFile != "" {
		abs, err := filepath.Abs(keyFile)
		return KeyLocation{Path: abs, Given: true, Beside: filepath.Dir(abs) == d.path}, err
	}
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); filepath.IsAbs(dir) {
		path := filepath.Join(dir, "secrets-key")
		if _, err := os.Stat(path); err == nil {
			return KeyLocation{Path: path, Given: true}, nil
		}
	}
	return KeyLocation{Path: d.File("secrets.key"), Beside: true}, nil
}
