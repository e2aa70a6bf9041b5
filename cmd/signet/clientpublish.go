package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/signet-smb/signet/internal/statedir"
	"github.com/signet-smb/signet/policy"
)

// publishClientPolicy writes what the store says of the client's properties to
// where clients read it: into the state directory, and, if that is root's in
// the default place, for every user of the machine, 0644. Nothing in it is
// secret.
func publishClientPolicy(dir *statedir.Dir, store []*policy.Values) error {
	text, err := clientYAML(store)
	if err != nil {
		return err
	}
	if err := replaceFile(dir.File(ownPolicyFile), text, 0o600); err != nil {
		return err
	}
	system, err := statedir.Default()
	if err != nil || os.Geteuid() != 0 || dir.Path() != system {
		return nil //nolint:nilerr // without a home there is no default place either
	}
	if err := os.MkdirAll(filepath.Dir(machinePolicyFile), 0o755); err != nil { //nolint:gosec // every user reads what is in it
		return err
	}
	return replaceFile(machinePolicyFile, text, 0o644)
}

// clientYAML writes the client's properties that are not the default.
func clientYAML(store []*policy.Values) ([]byte, error) {
	s, err := policy.Stack(store...)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("# Written by signet config set client; users may only tighten what it says.\nversion: 1\nclient:\n")
	for _, d := range policy.Differences(policy.Default(), s) {
		if name, ok := strings.CutPrefix(d.Name, "client."); ok {
			fmt.Fprintf(&b, "  %s: %s\n", name, strconv.Quote(d.To))
		}
	}
	return b.Bytes(), nil
}

// replaceFile gives the file at path new content, so that whoever reads it
// finds the old or the new one.
func replaceFile(path string, data []byte, mode os.FileMode) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	for _, step := range []func() error{func() error { return f.Chmod(mode) }, f.Sync, f.Close} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		_ = f.Close() // of what failed
		return err
	}
	return os.Rename(f.Name(), path)
}
