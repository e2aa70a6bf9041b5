package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/signet-smb/signet/internal/statedir"
)

// refuseState refuses to serve the state directory or a folder in it. Folders
// are told apart by device and inode, so other spellings and symbolic links of
// a path do not help. A folder around it is served: what protectedPaths names
// does not exist there.
func refuseState(shares []shareSpec, state string) error {
	for _, share := range shares {
		inside, err := liesIn(share.path, state)
		if err != nil {
			return err
		}
		if inside {
			return usagef("%s is not served: clients would reach %s, which holds secrets; share another folder, or keep it elsewhere (--state)", share.path, state)
		}
	}
	return nil
}

// protectedPaths returns what no client may meet under any share: the state
// directory, the files in it (which may have other names elsewhere), where the
// socket is, what else holds secrets of ours, and others: a password file, the
// configuration. What is neither a file nor a directory, or not there, has
// nothing to be read.
func protectedPaths(dir *statedir.Dir, key statedir.KeyLocation, others ...string) ([]string, error) {
	entries, err := os.ReadDir(dir.Path())
	if err != nil {
		return nil, err
	}
	candidates := append([]string{
		dir.Path(), filepath.Dir(dir.SocketPath()), key.Path,
		os.Getenv("SIGNET_PASSWORD_FILE"), os.Getenv("CREDENTIALS_DIRECTORY"),
	}, others...)
	for _, e := range entries {
		candidates = append(candidates, dir.File(e.Name()))
	}
	var paths []string
	for _, path := range candidates {
		if path == "" || path == "-" {
			continue
		}
		if fi, err := os.Stat(path); err == nil && (fi.IsDir() || fi.Mode().IsRegular()) {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// liesIn reports whether path is dir or lies below it, symbolic links
// resolved. A path that does not exist yet lies where it would be made; below
// a dir that does not exist lies nothing.
func liesIn(path, dir string) (bool, error) {
	top, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if path, err = filepath.Abs(path); err != nil {
		return false, err
	}
	real, err := filepath.EvalSymlinks(path)
	for errors.Is(err, fs.ErrNotExist) && path != filepath.Dir(path) {
		path = filepath.Dir(path)
		real, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return false, err
	}
	for {
		fi, err := os.Lstat(real)
		if err != nil {
			return false, err
		}
		if os.SameFile(fi, top) {
			return true, nil
		}
		if real == filepath.Dir(real) {
			return false, nil
		}
		real = filepath.Dir(real)
	}
}
