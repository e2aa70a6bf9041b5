package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// refuseOverlap refuses to serve a folder through which clients would reach
// what is protected (the state directory, the key), or that lies in it.
// Folders are told apart by device and inode, so other spellings and symbolic
// links of a path do not help.
//
// Missing: bind mounts below a served folder, and hard links to the key. The
// server is to refuse these by identity, file by file.
func refuseOverlap(shares []shareSpec, protected []string) error {
	for _, share := range shares {
		for _, p := range protected {
			inside, err := liesIn(p, share.path)
			if err == nil && !inside {
				inside, err = liesIn(share.path, p)
			}
			if err != nil {
				return err
			}
			if inside {
				return usagef("%s is not served: clients would reach %s, which holds secrets; share another folder, or keep it elsewhere (--state, --key-file)", share.path, p)
			}
		}
	}
	return nil
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
