package statedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir is an open state directory whose owner, mode and place were found safe.
// All methods but Listen and Close are safe for concurrent use.
type Dir struct {
	path string   // absolute, clean
	f    *os.File // the directory itself: what the name means later does not matter to it
	run  *os.File // runDir, once Listen has put the socket there
}

// OperatorsGroup is the system group whose members may connect to a server of
// root's in the default place. What they may do then the server decides by
// their peer credentials.
const OperatorsGroup = "signet-operators"

// Open opens the state directory at path, creating it and its missing parents
// with mode 0700 if it is not there.
//
// It refuses a symbolic link, an owner other than the user running this
// process, a mode that grants anything to group or others, and a parent in
// which someone else could exchange it.
func Open(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	// Mkdir does not follow a symbolic link in the last place, nor does the
	// open below: a planted link is found, not used.
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	return OpenExisting(path)
}

// OpenExisting is Open for a directory that must exist; otherwise the error
// wraps fs.ErrNotExist.
func OpenExisting(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	f, err := openDirectory(path)
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	if err := checkDirectory(f, path); err != nil {
		f.Close()
		return nil, err
	}
	return &Dir{path: path, f: f}, nil
}

// Path returns the absolute path of the directory.
func (d *Dir) Path() string { return d.path }

// File returns the absolute path of the file of that name in the directory.
func (d *Dir) File(name string) string { return filepath.Join(d.path, name) }

// SecretsDB is the path of the store of accounts.
func (d *Dir) SecretsDB() string { return d.File("secrets.db") }

// Close closes the directory. A Lock taken on it lives on.
func (d *Dir) Close() error {
	if d.run != nil {
		d.run.Close()
	}
	return d.f.Close()
}
