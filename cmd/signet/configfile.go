package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/signet-smb/signet/policy/store"
	"github.com/signet-smb/signet/vfs"
)

// maxConfigBytes bounds what is read as a configuration file.
const maxConfigBytes = 1 << 20

// configFile is signet.yaml. A property that is not here is refused: one that
// was ignored might have been meant to protect something.
//
// Missing: admin, profile, server, client and rules; of shares EncryptData,
// RequireSecuritySignature and FolderEnumerationMode.
type configFile struct {
	Version int         `yaml:"version"`
	Listen  []string    `yaml:"listen"`
	Shares  []fileShare `yaml:"shares"`
}

// fileShare is a share in signet.yaml. As soon as one of the lists of accounts
// is there, only those named in them may use the share.
type fileShare struct {
	Name         string    `yaml:"Name"`
	Path         string    `yaml:"Path"` // from the folder of the file on
	ReadOnly     bool      `yaml:"ReadOnly"`
	RunAs        string    `yaml:"RunAs"`
	FullAccess   *[]string `yaml:"FullAccess"`
	ChangeAccess *[]string `yaml:"ChangeAccess"`
	ReadAccess   *[]string `yaml:"ReadAccess"`
	NoAccess     *[]string `yaml:"NoAccess"`
}

// configuration is what a configuration file asks for.
type configuration struct {
	listen []string
	shares []shareSpec
}

// readConfig reads a configuration file. Folders and users are not looked at.
func readConfig(path string) (*configuration, error) {
	c, err := decodeConfigFile(path)
	if err != nil {
		return nil, usagef("%s: %w", path, err)
	}
	return c, nil
}

func decodeConfigFile(path string) (*configuration, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfigBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxConfigBytes {
		return nil, fmt.Errorf("longer than %d bytes", maxConfigBytes)
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	return decodeConfig(data, dir)
}

// decodeYAML decodes the one document in data.
//
// The library panics on some texts that are no YAML, such as the fuzz corpus of
// this package. A server that reads its file again must live through that.
func decodeYAML(data []byte, into any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("this is no YAML")
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		// Below its first line the error shows the place in the file.
		text, _, _ := strings.Cut(err.Error(), "\n")
		return errors.New(text)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("there is a second document in it")
	}
	return nil
}

// decodeConfig decodes signet.yaml, whose paths begin in the folder dir.
func decodeConfig(data []byte, dir string) (*configuration, error) {
	var file configFile
	if err := decodeYAML(data, &file); err != nil {
		return nil, err
	}
	if file.Version != 1 {
		return nil, fmt.Errorf("version is %d, this Signet knows version: 1", file.Version)
	}
	c := &configuration{}
	for _, addr := range file.Listen {
		addr, err := parseListen(addr)
		if err != nil {
			return nil, err
		}
		c.listen = append(c.listen, addr)
	}
	seen := map[string]bool{}
	for i, sh := range file.Shares {
		spec, err := sh.spec(dir)
		if err == nil && seen[vfs.Fold(spec.name)] {
			err = errors.New("the name is taken")
		}
		if err != nil {
			return nil, fmt.Errorf("share %d, %q: %w", i+1, sh.Name, err)
		}
		seen[vfs.Fold(spec.name)] = true
		c.shares = append(c.shares, spec)
	}
	return c, nil
}

// spec makes of a share what is to be served.
func (sh *fileShare) spec(dir string) (shareSpec, error) {
	spec := shareSpec{name: sh.Name, path: sh.Path, readOnly: sh.ReadOnly, runAs: sh.RunAs, source: fromFile}
	if err := checkShareName(sh.Name); err != nil {
		return spec, err
	}
	if sh.Path == "" {
		return spec, errors.New("it has no Path")
	}
	if !filepath.IsAbs(spec.path) {
		spec.path = filepath.Join(dir, spec.path)
	}
	for _, list := range []struct {
		access   store.Access
		accounts *[]string
	}{{store.Full, sh.FullAccess}, {store.Change, sh.ChangeAccess}, {store.Read, sh.ReadAccess}, {store.None, sh.NoAccess}} {
		if list.accounts == nil {
			continue
		}
		spec.restricted = true
		for _, account := range *list.accounts {
			if account == "" {
				return spec, fmt.Errorf("%sAccess holds an account without a name", list.access)
			}
			spec.grants = append(spec.grants, store.Grant{Account: account, Access: list.access})
		}
	}
	return spec, nil
}
