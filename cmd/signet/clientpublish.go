package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/signet-smb/signet/internal/statedir"
	"github.com/signet-smb/signet/policy"
)

// publishClientPolicy writes what was decided for the client to where clients
// read it: into the state directory, and, if that is root's in the default
// place, for every user of the machine, 0644. Nothing in it is secret. What
// would loosen the machine's policy is left out: it is stored, and does not
// count.
func publishClientPolicy(dir *statedir.Dir, machine machinePolicy, decided []*policy.Values) error {
	text, err := clientYAML(machine, decided)
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
	if err := os.MkdirAll(filepath.Dir(machinePolicyFile), 0o755); err != nil {
		return err
	}
	return replaceFile(machinePolicyFile, text, 0o644)
}

// clientYAML writes the client's properties that are not the default.
func clientYAML(machine machinePolicy, decided []*policy.Values) ([]byte, error) {
	s, err := policy.Stack(decided...)
	if err != nil {
		return nil, err
	}
	var loose []string
	if machine.floor != nil {
		loose = loosened(machine.floor, s)
	}
	var b bytes.Buffer
	b.WriteString("# Written by signet config set client; users may only tighten what it says.\nversion: 1\nclient:\n")
	for _, d := range policy.Differences(policy.Default(), s) {
		if name, ok := strings.CutPrefix(d.Name, "client."); ok && !slices.Contains(loose, d.Name) {
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
	defer func() { _ = os.Remove(f.Name()) }() // gone already, if all went well
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
