package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/signet-smb/signet/policy/store"
	"github.com/signet-smb/signet/vfs"
)

// shareSpec is a share to be served.
type shareSpec struct {
	name       string
	path       string // absolute
	readOnly   bool
	runAs      string // "" for what serve was told
	restricted bool   // whether only those of grants may use it
	grants     []store.Grant
	source     string // fromCommandLine, fromFile or fromStore

	encryptData      bool
	requireSignature bool
	refuseGuests     bool
	enumeration      store.Enumeration // "" is Unrestricted
	leasing          store.Leasing     // "" is FullLeasing
	description      string
	userLimit        uint32 // 0: none
}

// parseEnumeration reads a FolderEnumerationMode.
func parseEnumeration(text string) (store.Enumeration, error) {
	for _, mode := range []store.Enumeration{store.AccessBased, store.Unrestricted} {
		if strings.EqualFold(string(mode), text) {
			return mode, nil
		}
	}
	return "", fmt.Errorf("%q is neither %s nor %s", text, store.AccessBased, store.Unrestricted)
}

// parseLeasing reads a LeasingMode.
func parseLeasing(text string) (store.Leasing, error) {
	for _, mode := range []store.Leasing{store.FullLeasing, store.SharedLeasing, store.NoLeasing} {
		if strings.EqualFold(string(mode), text) {
			return mode, nil
		}
	}
	return "", fmt.Errorf("%q is neither %s nor %s nor %s", text, store.FullLeasing, store.SharedLeasing, store.NoLeasing)
}

// checkDescription refuses what cannot be shown as one line of text. 256
// characters are what Samba's clients take.
func checkDescription(text string) error {
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%q is not one line of text", text)
	case utf8.RuneCountInString(text) > 256:
		return fmt.Errorf("it has at most 256 characters")
	}
	return nil
}

// reservedShares are names that clients use for something else. [MS-SRVS],
// [MS-SMB2] 3.3.1.6; in the form of vfs.Fold.
var reservedShares = map[string]bool{"IPC$": true, "ADMIN$": true, "PRINT$": true, "PIPE": true, "MAILSLOT": true, "GLOBAL": true}

// parseShares reads the arguments of serve: DIR or NAME=DIR[:ro] each. The
// folders are looked at, not opened.
func parseShares(args []string) ([]shareSpec, error) {
	specs := make([]shareSpec, 0, len(args))
	seen := map[string]string{} // folded name → argument
	for _, arg := range args {
		spec, err := parseShare(arg)
		if err != nil {
			return nil, err
		}
		folded := vfs.Fold(spec.name)
		if other, ok := seen[folded]; ok {
			return nil, usagef("%q and %q would both be shared as %s: give one another name, NAME=DIR", other, arg, spec.name)
		}
		seen[folded] = arg
		spec.source = fromCommandLine
		specs = append(specs, spec)
	}
	return specs, nil
}

func parseShare(arg string) (shareSpec, error) {
	var spec shareSpec
	dir := arg
	// An equals sign behind a slash belongs to a folder's name.
	if name, path, ok := strings.Cut(arg, "="); ok && !strings.Contains(name, "/") {
		spec.name = name
		dir, spec.readOnly = strings.CutSuffix(path, ":ro")
	}
	if dir == "" {
		return spec, usagef("%q names no folder", arg)
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return spec, fmt.Errorf("%s: %w", dir, err)
	}
	spec.path = path
	fi, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(arg, ":ro"):
		return spec, usagef("there is no folder %s (to share for reading only, write NAME=DIR:ro, or --read-only)", path)
	case errors.Is(err, fs.ErrNotExist):
		return spec, usagef("there is no folder %s", path)
	case err != nil:
		return spec, usagef("%w", err)
	case !fi.IsDir():
		return spec, usagef("%s is not a folder", path)
	}
	if spec.name == "" && !strings.Contains(arg, "=") {
		spec.name = filepath.Base(path)
	}
	if err := checkShareName(spec.name); err != nil {
		return spec, usagef("%q: %w: name the share yourself, NAME=DIR", arg, err)
	}
	return spec, nil
}

// checkShareName refuses names that a client could not ask for or would take
// for something else. [MS-SRVS] 2.2.4.23: at most 80 characters.
func checkShareName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("the share has no name")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%q cannot be a share's name", name)
	case utf8.RuneCountInString(name) > 80:
		return fmt.Errorf("a share's name has at most 80 characters")
	case strings.ContainsAny(name, `"/\[]:|<>+=;,*?`):
		return fmt.Errorf(`a share's name holds none of " / \ [ ] : | < > + = ; , * ?`)
	case name == "." || name == ".." || strings.TrimSpace(name) != name:
		return fmt.Errorf("%q cannot be a share's name", name)
	case reservedShares[vfs.Fold(name)]:
		return fmt.Errorf("the name %s is taken by the protocol", name)
	}
	return nil
}
